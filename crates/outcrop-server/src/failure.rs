//! Exceptions of the service: names, statuses, texts, and both of their forms on the wire.

use std::borrow::Cow;
use std::time::Duration;

use outcrop_runtime::Tree;
use outcrop_runtime::tree::Object;

macro_rules! kinds {
    ($($name:ident = $status:literal, $event:literal;)*) => {
        /// An exception of the service model.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Kind { $($name,)* }
        impl Kind {
            /// All of them.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// Its name.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$name => concat!(stringify!($name), "Exception"),)* }
            }
            /// Its HTTP status.
            pub(crate) fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
            /// Its name as an event of a stream.
            pub(crate) fn event(self) -> &'static str {
                match self { $(Self::$name => $event,)* }
            }
        }
    };
}

kinds! {
    Validation = 400, "validationException";
    ServiceQuotaExceeded = 400, "serviceQuotaExceededException";
    Conflict = 400, "conflictException";
    AccessDenied = 403, "accessDeniedException";
    UnrecognizedClient = 403, "unrecognizedClientException";
    ExpiredToken = 403, "expiredTokenException";
    MissingAuthenticationToken = 403, "missingAuthenticationTokenException";
    ResourceNotFound = 404, "resourceNotFoundException";
    UnknownOperation = 404, "unknownOperationException";
    ModelTimeout = 408, "modelTimeoutException";
    RequestEntityTooLarge = 413, "requestEntityTooLargeException";
    ModelError = 424, "modelErrorException";
    ModelStreamError = 424, "modelStreamErrorException";
    ModelNotReady = 429, "modelNotReadyException";
    Throttling = 429, "throttlingException";
    InternalServer = 500, "internalServerException";
    ServiceUnavailable = 503, "serviceUnavailableException";
}

/// An error of the service.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    /// Name with `Exception`.
    pub(crate) name: Cow<'static, str>,
    /// Name as an event.
    pub(crate) event: Cow<'static, str>,
    /// HTTP status.
    pub(crate) status: u16,
    /// What went wrong.
    pub(crate) message: String,
    /// Further members of the body, as JSON.
    pub(crate) members: Vec<(String, Tree)>,
    /// When to come again.
    pub(crate) retry_after: Option<Duration>,
    /// The answer has neither name nor JSON, as those of load balancers.
    pub(crate) bare: bool,
}

/// An error with what lies below it.
pub(crate) fn causes(e: &dyn std::error::Error) -> String {
    let mut told = e.to_string();
    let mut below = e.source();
    while let Some(cause) = below {
        told.push_str(": ");
        told.push_str(&cause.to_string());
        below = cause.source();
    }
    told
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            name: Cow::Borrowed(kind.name()),
            event: Cow::Borrowed(kind.event()),
            status: kind.status(),
            message: message.into(),
            members: match kind {
                Kind::ModelError | Kind::ModelStreamError => vec![("originalStatusCode".to_owned(), Tree::int(500))],
                _ => Vec::new(),
            },
            retry_after: None,
            bare: false,
        }
    }

    /// A 400 with a text.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Kind::Validation, message)
    }

    /// A native body that does not fit its format: what is wrong, each beginning with `#`.
    pub(crate) fn malformed(violations: &str) -> Self {
        let told = if violations.is_empty() { String::new() } else { format!(": {violations}") };
        Self::invalid(format!("Malformed input request{told}, please reformat your input and try again."))
    }

    /// What failed in another endpoint: the name that it gave, and the JSON that came with it.
    pub(crate) fn foreign(name: &str, status: u16, body: Option<&Tree>) -> Self {
        const TEXTS: [&str; 3] = ["message", "Message", "errorMessage"];
        let text = TEXTS.into_iter().find_map(|name| body?.get(name)?.as_str());
        let message = text.map_or_else(|| format!("the endpoint upstream answered with {status}"), str::to_owned);
        let others = body.and_then(Tree::as_object).map(Object::members).unwrap_or_default().iter();
        let members = others.filter(|(name, _)| !TEXTS.contains(&name.as_str()) && name != "p").cloned().collect();
        if let Some(kind) = Kind::ALL.iter().find(|kind| kind.name() == name || kind.event() == name) {
            return Self { status, members, ..Self::new(*kind, message) };
        }
        let mut event = name.to_owned();
        if let Some(first) = event.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        let (name, event) = (Cow::Owned(name.to_owned()), Cow::Owned(event));
        Self { name, event, status, message, members, retry_after: None, bare: false }
    }

    /// Its name as an event of a stream, `native` or of Converse. What streams have under another name comes under that:
    /// clients lose the text of an event that they do not know.
    pub(crate) fn event_of(&self, native: bool) -> &str {
        let event = self.event.as_ref();
        if event == Kind::ModelError.event() || (!native && event == Kind::ModelTimeout.event()) {
            return Kind::ModelStreamError.event();
        }
        event
    }

    /// The value of `x-amzn-ErrorType`.
    pub(crate) fn type_header(&self) -> String {
        // What stands before the service itself signs with another word.
        let front = matches!(self.name.as_ref(), n if [
            Kind::UnrecognizedClient, Kind::ExpiredToken, Kind::MissingAuthenticationToken, Kind::UnknownOperation,
        ].iter().any(|kind| kind.name() == n));
        let service = if front { "com.amazon.coral.service" } else { "com.amazon.bedrock" };
        format!("{}:http://internal.amazon.com/coral/{service}/", self.name)
    }

    /// The JSON body, of an answer or of a frame.
    pub(crate) fn body(&self) -> String {
        let mut members = vec![("message".to_owned(), Tree::str(&self.message))];
        members.extend(self.members.iter().cloned());
        Tree::object(members).to_string()
    }
}
