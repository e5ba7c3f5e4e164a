//! What went wrong in a call, in the field's words.
//!
//! The service says little with its exceptions: a `ValidationException` may be a body that does not fit, a model of another
//! region, an id that needs a profile or a prompt that is too long. [`Error`] tells them apart by one table of codes and
//! texts, says what each means and what to do, and carries everything that the service said: code, message, HTTP status,
//! request id and body. In streams, where exceptions come without a code and after HTTP 200, it gives both back.
//!
//! ```
//! use outcrop_aws::error::{Advice, Class, Error, Scope};
//!
//! let body = br#"{"message":"Too many tokens per day, please wait before trying again."}"#;
//! let error = Error::answered(429, [("x-amzn-errortype", "ThrottlingException:http://internal.example/")], body);
//! assert_eq!(error.class(), Class::Throttled(Scope::TokensPerDay));
//! assert_eq!(error.advice(), Advice::DoNot, "another day, not another second");
//! ```

mod about;
mod class;
mod elsewhere;
mod facts;
mod patterns;
mod read;
mod retry_after;
mod sdk;
pub(crate) mod seen;
mod show;

use std::error::Error as StdError;
use std::time::Duration;

pub use class::{Advice, Barrier, Class, Credential, Scope, Wait};
pub use elsewhere::Elsewhere;
pub use read::{Denied, Violation};
pub use retry_after::retry_after;
pub use sdk::Raw;

pub(crate) use facts::Facts;
pub(crate) use read::class_of;

type BoxError = Box<dyn StdError + Send + Sync>;

/// What went wrong in a call: class, cause, remedy, and all that the service said.
pub struct Error(Box<Inner>);

struct Inner {
    class: Class,
    remedy: Option<&'static str>,
    message: String,
    facts: Facts,
    model: Option<String>,
    region: Option<String>,
    violations: Vec<Violation>,
    denied: Option<Denied>,
    elsewhere: Elsewhere,
    refusal: Option<outcrop::runtime::Error>,
    source: Option<BoxError>,
}

impl Error {
    /// An error of this side: its class and one sentence.
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            class,
            remedy: None,
            message: message.into(),
            facts: Facts::default(),
            model: None,
            region: None,
            violations: Vec::new(),
            denied: None,
            elsewhere: Elsewhere::default(),
            refusal: None,
            source: None,
        }))
    }

    /// The error of an HTTP answer that is none of success: status, headers (names in any case) and body.
    pub fn answered<'h>(status: u16, headers: impl IntoIterator<Item = (&'h str, &'h str)>, body: &[u8]) -> Self {
        let headers: Vec<(&str, &str)> = headers.into_iter().collect();
        let get = |name: &str| headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
        Self::of(Facts::of_answer(status, get, body))
    }

    /// Reads what a server said.
    pub(crate) fn of(facts: Facts) -> Self {
        let (class, remedy) = class_of(facts.code.as_deref(), facts.status, &facts.message);
        let mut error = Self::new(class, facts.message.clone());
        error.0.remedy = remedy;
        match class {
            Class::InvalidRequest | Class::ContextOverflow => {
                error.0.violations = read::violations_of(&facts.message);
            }
            Class::IamDenied => error.0.denied = read::denied_of(&facts.message),
            _ => {}
        }
        error.0.facts = facts;
        error
    }

    /// The same error with what caused it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error with the id of the request, where it is known from elsewhere, as in a stream.
    #[must_use]
    pub fn in_request(mut self, request_id: Option<&str>) -> Self {
        if self.0.facts.request_id.is_none() {
            self.0.facts.request_id = request_id.map(str::to_owned);
        }
        self
    }

    /// The same error, met in a call of this model id from this region. What the service calls an unknown model becomes
    /// [`Class::WrongRegion`] if the catalogue has it elsewhere, and [`Error::elsewhere`] is filled in.
    #[must_use]
    pub fn on(mut self, model_id: &str, region: Option<&str>) -> Self {
        let inner = &mut *self.0;
        inner.model = Some(model_id.to_owned());
        inner.region = region.map(str::to_owned);
        let vague = inner.class == Class::UnknownModel
            || (inner.class == Class::InvalidRequest && inner.violations.is_empty() && inner.remedy.is_none());
        let named = inner.class == Class::UnknownModel || mentions_id(&inner.message);
        if vague && named && region.is_some_and(|region| Elsewhere::is_wrong_region(model_id, region)) {
            (inner.class, inner.remedy) = (Class::WrongRegion, None);
        }
        if matches!(
            inner.class,
            Class::WrongRegion | Class::NeedsInferenceProfile | Class::UnknownModel | Class::ModelRetired
        ) {
            inner.elsewhere = Elsewhere::of(model_id, region);
        }
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// The exception's name: `ThrottlingException`. None if nobody named one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.facts.code.as_deref()
    }

    /// What was said, whole: the service's own words, or those of the failure on this side.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.0.remedy.unwrap_or_else(|| self.0.class.remedy())
    }

    /// The HTTP status: that of the answer; in a stream that of the exception's kind; else the one of the class.
    #[must_use]
    pub fn status(&self) -> u16 {
        let known = self.0.facts.status.filter(|status| *status >= 400);
        known.or_else(|| self.code().and_then(read::status_of)).unwrap_or_else(|| self.0.class.status())
    }

    /// The HTTP status that was received, if there was an answer: 200 where a stream had begun.
    #[must_use]
    pub fn received_status(&self) -> Option<u16> {
        self.0.facts.status
    }

    /// The id of the request, for AWS support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.facts.request_id.as_deref()
    }

    /// The body of the answer, or the payload of the exception in a stream; cut after 64 KiB. Empty if there was none.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.0.facts.body
    }

    /// The model id that was called.
    #[must_use]
    pub fn model_id(&self) -> Option<&str> {
        self.0.model.as_deref()
    }

    /// The region that was called.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.0.region.as_deref()
    }

    /// What in the body does not fit the model's schema; empty if the service does not say.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// The action and the resource that a policy denies ([`Class::IamDenied`]).
    #[must_use]
    pub fn denied(&self) -> Option<&Denied> {
        self.0.denied.as_ref()
    }

    /// Where and by which ids the model can be called instead, where that is the question.
    #[must_use]
    pub fn elsewhere(&self) -> &Elsewhere {
        &self.0.elsewhere
    }

    /// The refusal of the translation ([`Class::Refused`], [`Class::StreamBroken`]): code, both paths, remedy.
    #[must_use]
    pub fn refusal(&self) -> Option<&outcrop::runtime::Error> {
        self.0.refusal.as_ref()
    }

    /// Whether the same request may well succeed if it is sent again as it is.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.class.is_retryable()
    }

    /// How long the server asks to wait (`x-amz-retry-after`, `Retry-After`).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.facts.retry_after
    }

    /// What a program should do.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match (self.0.class.least_wait(), self.0.class) {
            (Some(least), _) => Advice::RetryAfter(self.retry_after().unwrap_or(least)),
            (None, Class::Auth(what)) => Advice::Refresh(what),
            (None, _) => Advice::DoNot,
        }
    }
}

/// Whether a text is about ids, models or regions, and not about what else a request holds.
fn mentions_id(text: &str) -> bool {
    let text = text.to_lowercase();
    ["model id", "arn", "region"].iter().any(|part| text.contains(part))
}

impl From<outcrop::runtime::Error> for Error {
    /// A refusal; an incomplete or disordered stream is [`Class::StreamBroken`].
    fn from(refusal: outcrop::runtime::Error) -> Self {
        use outcrop::runtime::Code;
        let class = match refusal.code {
            Code::StreamTruncated | Code::StreamOrder => Class::StreamBroken,
            _ => Class::Refused,
        };
        let mut error = Self::new(class, refusal.to_string());
        error.0.refusal = Some(refusal.clone());
        error.0.source = Some(refusal.into());
        error
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
