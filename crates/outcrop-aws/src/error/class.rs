//! What kind of failure a call met: the vocabulary of [`Error`](super::Error).

use std::fmt;
use std::time::Duration;

use super::about::{ABOUT, About};

/// What kind of failure a call met. The words of [`Class::as_str`] are stable: metrics and logs may use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Class {
    /// Too many calls or tokens in too short a time.
    Throttled(Scope),
    /// A fixed quota of the account is used up; waiting does not help.
    Quota,
    /// The model's own container failed.
    ModelError,
    /// The model took longer than the service lets it.
    ModelTimeout,
    /// An imported or provisioned model is being loaded.
    ModelNotReady,
    /// The region has no capacity now.
    Unavailable,
    /// The service failed.
    Internal,
    /// The service or the model does not take this request.
    InvalidRequest,
    /// Prompt, answer or both are longer than the model takes.
    ContextOverflow,
    /// The account may not use this model.
    NoAccess(Barrier),
    /// The caller's policies do not allow the action.
    IamDenied,
    /// The caller's credentials are not accepted.
    Auth(Credential),
    /// The model is not in this region.
    WrongRegion,
    /// The model is called through an inference profile, not by its plain id.
    NeedsInferenceProfile,
    /// No model has this id.
    UnknownModel,
    /// The model's time is over.
    ModelRetired,
    /// A stream was cut, damaged or ended too early.
    StreamBroken,
    /// Something took longer than the caller, the SDK or a gateway waits.
    Timeout(Wait),
    /// The endpoint could not be reached, or hung up before it answered.
    Connection,
    /// The translation refuses the request or cannot read the answer; nothing else is wrong.
    Refused,
    /// The input is far above the caller's usual size, and a guard stopped it.
    InputSpike,
    /// An answer that is nothing of the kind.
    Other,
}

/// What a throttled caller has too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// Requests in a minute.
    Requests,
    /// Tokens in a minute.
    Tokens,
    /// Tokens in a day.
    TokensPerDay,
    /// Nobody said, as with a 429 from a gateway.
    Unknown,
}

/// What stands between an account and a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Barrier {
    /// Model access is not granted.
    Grant,
    /// The vendor's form on the use case is not filled in.
    Form,
    /// The subscription in AWS Marketplace is missing, or not through yet.
    Marketplace,
    /// The account as a whole, or one of its settings.
    Account,
    /// The country that the call comes from.
    Location,
    /// Nobody said.
    Unknown,
}

/// What about a caller's identity is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Credential {
    /// AWS credentials: none, wrong or expired.
    Keys,
    /// A Bedrock API key (bearer token): wrong, expired or of another region.
    ApiKey,
    /// The clock: the signature's time is too far from the service's.
    Clock,
}

/// What took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Wait {
    /// A connection.
    Connect,
    /// An answer: the read, attempt or operation timeout of the SDK.
    Answer,
    /// The next event of a stream.
    Idle,
    /// A body that came too slowly: the SDK's protection against stalled streams.
    Stalled,
    /// A gateway's or proxy's patience.
    Gateway,
}

impl Class {
    /// Every class, with every addition.
    pub fn all() -> impl Iterator<Item = Self> {
        ABOUT.iter().map(|about| about.class)
    }

    pub(crate) fn about(self) -> &'static About {
        const OTHER: &About = &ABOUT[ABOUT.len() - 1];
        ABOUT.iter().find(|about| about.class == self).unwrap_or(OTHER)
    }

    /// The stable word: `throttled`, `wrong-region` …
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.about().word
    }

    /// What else the class says: the scope of throttling, the barrier, the credential, what was waited for. Empty if nothing.
    #[must_use]
    pub fn more(self) -> &'static str {
        self.about().more
    }

    /// What it means, in a sentence or two.
    #[must_use]
    pub fn means(self) -> &'static str {
        self.about().means
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        self.about().remedy
    }

    /// The HTTP status that says the same to the client of a gateway.
    #[must_use]
    pub fn status(self) -> u16 {
        self.about().status
    }

    /// Whether the same request may well succeed if it is sent again as it is.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        self.about().retry.is_some()
    }

    /// The shortest sensible wait before the same request is sent again; none if that is in vain.
    #[must_use]
    pub fn least_wait(self) -> Option<Duration> {
        self.about().retry.map(Duration::from_millis)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.about() {
            About { word, more: "", .. } => f.write_str(word),
            About { word, more, .. } => write!(f, "{word} ({more})"),
        }
    }
}

/// What a program should do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// Send the same request again, not sooner than this: what the server asked for, else what is sensible for the
    /// class. Double it with every attempt, and take a random part of it.
    RetryAfter(Duration),
    /// The same request will fail the same way.
    DoNot,
    /// The same request will do once this has been renewed.
    Refresh(Credential),
}
