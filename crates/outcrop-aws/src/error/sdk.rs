//! From the SDK's errors to [`Error`]: of every operation, and of every stream.

use std::error::Error as StdError;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::event_stream::{Message, RawMessage};

use super::facts::Facts;
use super::{Class, Error, Wait, read};

/// What the SDK keeps of an answer: an HTTP response, or a message of a stream.
pub trait Raw: fmt::Debug + Send + Sync + 'static + sealed::Sealed {
    #[doc(hidden)]
    fn facts(&self) -> Facts;
    #[doc(hidden)]
    const IN_STREAM: bool;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::HttpResponse {}
    impl Sealed for super::RawMessage {}
}

impl Raw for HttpResponse {
    fn facts(&self) -> Facts {
        let get = |name: &str| self.headers().get(name);
        Facts::of_answer(self.status().as_u16(), get, self.body().bytes().unwrap_or_default())
    }
    const IN_STREAM: bool = false;
}

impl Raw for RawMessage {
    fn facts(&self) -> Facts {
        let Self::Decoded(message) = self else {
            return Facts { status: Some(200), in_stream: true, ..Facts::default() };
        };
        Facts::of_message(message)
    }
    const IN_STREAM: bool = true;
}

impl Facts {
    /// From a message of a stream that is an exception or an error.
    pub(crate) fn of_message(message: &Message) -> Self {
        let name = header(message, ":exception-type").or_else(|| header(message, ":error-code"));
        Self::of_frame(name, header(message, ":error-message"), message.payload())
    }
}

fn header<'m>(message: &'m Message, name: &str) -> Option<&'m str> {
    let header = message.headers().iter().find(|header| header.name().as_str() == name)?;
    Some(header.value().as_string().ok()?.as_str())
}

impl<E, R> From<SdkError<E, R>> for Error
where
    E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
    R: Raw,
{
    fn from(error: SdkError<E, R>) -> Self {
        let mut own = match &error {
            SdkError::ServiceError(of) => answered(of.raw(), of.err().code(), of.err().message()),
            SdkError::ResponseError(of) => unreadable(&error, of.raw()),
            SdkError::TimeoutError(_) => Error::new(Class::Timeout(Wait::Answer), chain(&error)),
            SdkError::ConstructionFailure(_) => Error::new(Class::InvalidRequest, chain(&error)),
            SdkError::DispatchFailure(of) if R::IN_STREAM => {
                let class = if of.is_timeout() { Class::Timeout(Wait::Idle) } else { Class::StreamBroken };
                Error::new(class, chain(&error))
            }
            SdkError::DispatchFailure(of) => unsent(&error, of.as_connector_error()),
            _ => Error::new(Class::Other, chain(&error)),
        };
        if !matches!(error, SdkError::ServiceError(_)) {
            own.take_ours(&error);
        }
        match error.into_source() {
            Ok(source) => own.caused_by(source),
            Err(error) => own.caused_by(error),
        }
    }
}

/// What did not go out, or was not answered.
pub(super) fn unsent(error: &(dyn StdError + 'static), of: Option<&ConnectorError>) -> Error {
    let connecting = of.is_some_and(|of| of.connection_metadata().is_none());
    let is_timeout = of.is_some_and(ConnectorError::is_timeout);
    let class = match () {
        () if is_timeout && connecting && says(error, "connect") => Class::Timeout(Wait::Connect),
        () if is_timeout => Class::Timeout(Wait::Answer),
        () if of.is_some_and(ConnectorError::is_user) => Class::InvalidRequest,
        () => Class::Connection,
    };
    Error::new(class, chain(error))
}

/// What the service said, in an answer or in a stream.
pub(super) fn answered(raw: &impl Raw, code: Option<&str>, message: Option<&str>) -> Error {
    let mut facts = raw.facts();
    if facts.code.is_none() {
        facts.code = code.map(str::to_owned);
    }
    if let Some(message) = message.filter(|message| !facts.message.contains(message)) {
        message.clone_into(&mut facts.message);
    }
    Error::of(facts)
}

/// An answer that the SDK could not read to its end, or not at all.
pub(super) fn unreadable<R: Raw>(error: &(dyn StdError + 'static), raw: &R) -> Error {
    let facts = raw.facts();
    if facts.in_stream && facts.code.is_some() {
        // An error of the transport, which the SDK does not know how to read.
        return Error::of(facts);
    }
    let mut own = Error::new(Class::StreamBroken, chain(error));
    own.0.facts = Facts { message: String::new(), ..facts };
    own
}

impl Error {
    /// Looks in the causes for what this crate or the translation said, and for texts of the SDK that tell more.
    pub(super) fn take_ours(&mut self, error: &(dyn StdError + 'static)) {
        let mut next = error.source();
        while let Some(cause) = next {
            if let Some(refusal) = cause.downcast_ref::<outcrop::runtime::Error>() {
                let of = Self::from(refusal.clone());
                (self.0.class, self.0.message, self.0.refusal) = (of.0.class, of.0.message, of.0.refusal);
                return;
            }
            if let Some(own) = cause.downcast_ref::<Self>() {
                (self.0.class, self.0.message) = (own.0.class, own.0.message.clone());
                (self.0.remedy, self.0.refusal) = (own.0.remedy, own.0.refusal.clone());
                return;
            }
            next = cause.source();
        }
        if let Some((class, remedy)) = read::local_class_of(&self.0.message) {
            (self.0.class, self.0.remedy) = (class, remedy);
        }
    }
}

/// The texts of an error's causes, each once. The outermost says only that something failed, and is left out.
pub(super) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.contains(&said) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&said);
        }
        next = cause.source();
    }
    if text.is_empty() { error.to_string() } else { text }
}

fn says(error: &(dyn StdError + 'static), word: &str) -> bool {
    chain(error).to_lowercase().contains(word)
}
