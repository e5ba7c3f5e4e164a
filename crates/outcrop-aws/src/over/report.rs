//! What did not go through unchanged is told, always: to the caller's observer, else to the log.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use outcrop::runtime::{Error, Fate, Kind, Report};

/// One translation that took place.
#[derive(Debug, Clone, Copy)]
pub struct Translated<'a> {
    /// The id that the caller used.
    pub model_id: &'a str,
    /// The family whose format it was.
    pub family: &'a str,
    /// What was translated: a request, an answer, or the chunks of a stream (once, at its end).
    pub kind: Kind,
    /// What did not go through unchanged, and who said the token counts of an answer.
    pub report: &'a Report,
}

/// Takes what is told.
pub(crate) type Observer = Arc<dyn Fn(&Translated<'_>) + Send + Sync>;

/// Tells the observer, or writes each loss to the log: what is gone or changed as a warning, the rest for those who look.
pub(crate) fn tell(observer: Option<&Observer>, told: &Translated<'_>) {
    if let Some(observer) = observer {
        return observer(told);
    }
    let Translated { model_id, family, kind, report } = *told;
    for loss in &report.losses {
        let (fate, path, why) = (loss.fate.as_str(), loss.path.as_str(), &*loss.why);
        match loss.fate {
            Fate::Dropped | Fate::Approximated => {
                tracing::warn!(target: "outcrop_aws::loss", fate, path, why, ?kind, family, model_id);
            }
            Fate::Renamed | Fate::Synthesised => {
                tracing::debug!(target: "outcrop_aws::loss", fate, path, why, ?kind, family, model_id);
            }
        }
    }
}

/// A body that could not be translated. It is in the chain of sources of the SDK's error, and has the core's own error as
/// its source: a stable code, the place in Converse and in the model's format, and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranslationError {
    /// The id that the caller used.
    pub model_id: String,
    /// The family; empty if none is known.
    pub family: String,
    /// What was to be translated.
    pub kind: Kind,
    /// What is wrong.
    pub error: Error,
}

impl fmt::Display for TranslationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model_id, family, kind, .. } = self;
        match kind {
            _ if family.is_empty() => write!(f, "the call to `{model_id}` cannot go over InvokeModel"),
            Kind::Request => write!(f, "the Converse request for `{model_id}` does not go into the format {family}"),
            Kind::Response => write!(f, "the answer of `{model_id}` cannot be read as one of the format {family}"),
            Kind::Stream => write!(f, "the stream of `{model_id}` cannot be read as one of the format {family}"),
        }
    }
}

impl StdError for TranslationError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.error)
    }
}
