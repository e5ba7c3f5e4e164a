//! What is known of a call that is translated, for both of its ways.

use std::fmt;
use std::sync::Arc;

use outcrop::runtime::{Call, Error, Kind, Report};

use super::Settings;
use super::report::{self, Translated, TranslationError};
use super::watch::Watched;
use crate::select::Format;

/// A call that goes over InvokeModel.
pub(super) struct Going {
    pub(super) settings: Arc<Settings>,
    /// The id that the caller used.
    pub(super) id: Arc<str>,
    pub(super) format: Format,
    pub(super) streams: bool,
    /// None if nobody listens.
    pub(super) watched: Option<Watched>,
}

impl Going {
    /// The circumstances of a body that comes or goes.
    pub(super) fn call<'a>(&'a self, headers: &'a [(String, String)]) -> Call<'a> {
        let Settings { strict, escape, .. } = *self.settings;
        Call { model: &self.format.model, headers, strict, escape }
    }

    pub(super) fn family(&self) -> &'static str {
        self.format.entry.spec.family
    }

    pub(super) fn tell(&self, kind: Kind, report: &Report) {
        let told = Translated { model_id: &self.id, family: self.family(), kind, report };
        let _span = self.watched.as_ref().map(|watched| watched.span().entered());
        report::tell(self.settings.observer.as_ref(), &told);
    }

    pub(super) fn error(&self, kind: Kind, error: Error) -> TranslationError {
        TranslationError { model_id: self.id.to_string(), family: self.family().to_owned(), kind, error }
    }
}

impl fmt::Debug for Going {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Going").field("format", &self.format).field("streams", &self.streams).finish_non_exhaustive()
    }
}
