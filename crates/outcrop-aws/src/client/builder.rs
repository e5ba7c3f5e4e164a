//! Settings of a client.

use aws_config::BehaviorVersion;
use aws_sdk_bedrockruntime::Client as Sdk;
use outcrop::registry::Entry;
use outcrop_runtime::model_id::ModelId;
use outcrop_runtime::resolve::{Resolve, Target, unresolved};
use outcrop_runtime::{Call, Error};
use std::sync::Arc;

use super::Client;
use crate::select::{Format, Select};

/// Settings for a [`Client`].
#[derive(Debug, Clone, Default)]
pub struct Builder {
    settings: Settings,
}

/// What a client knows beside the SDK's.
#[derive(Clone, Default)]
pub(super) struct Settings {
    select: Select,
    strict: bool,
    escape: bool,
    pass_through: bool,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { strict, escape, pass_through, .. } = self;
        f.debug_struct("Settings")
            .field("strict", strict)
            .field("escape", escape)
            .field("pass_through", pass_through)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Refuses what would otherwise be dropped or approximated, and reported.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.settings.strict = strict;
        self
    }

    /// Escapes markers of a prompt grammar in content instead of refusing them.
    #[must_use]
    pub fn escape(mut self, escape: bool) -> Self {
        self.settings.escape = escape;
        self
    }

    /// Says what an id stands for that does not say it itself: its base model, or its family. `*` in the id stands for
    /// any text; the most specific id wins.
    #[must_use]
    pub fn target(mut self, id: impl AsRef<str>, target: Target) -> Self {
        self.settings.select.target(id.as_ref(), target);
        self
    }

    /// Adds a family of your own; its models come before those of the families that are compiled in.
    #[must_use]
    pub fn family(mut self, entry: &'static Entry) -> Self {
        self.settings.select.family(entry);
        self
    }

    /// Asks a resolver of your own first.
    #[must_use]
    pub fn resolver(mut self, resolver: impl Resolve + Send + Sync + 'static) -> Self {
        self.settings.select.resolver(resolver);
        self
    }

    /// Lets calls of models that no family knows go to the service's own Converse, instead of refusing them. What the
    /// SDK's types cannot say is refused then.
    #[must_use]
    pub fn pass_through(mut self, pass_through: bool) -> Self {
        self.settings.pass_through = pass_through;
        self
    }

    /// The client, over a client of the SDK.
    #[must_use]
    pub fn build(self, sdk: Sdk) -> Client {
        Client { sdk, settings: Arc::new(self.settings) }
    }

    /// The client, with region, credentials and all else as the environment and the profile say.
    pub async fn from_env(self) -> Client {
        let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
        self.build(Sdk::new(&config))
    }
}

impl Settings {
    /// The codecs for an id; none if the call passes through.
    pub(super) fn format(&self, id: &str) -> Result<Option<Format>, Error> {
        match self.select.format(id)? {
            None if !self.pass_through => Err(unresolved(&ModelId::parse(id))),
            found => Ok(found),
        }
    }

    /// The circumstances of a call.
    pub(super) fn call<'c>(&self, format: &'c Format, headers: &'c [(String, String)]) -> Call<'c> {
        Call { model: &format.model, headers, strict: self.strict, escape: self.escape }
    }
}
