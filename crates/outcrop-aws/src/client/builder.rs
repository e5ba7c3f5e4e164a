//! Settings of a client.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_bedrockruntime::Client as Sdk;
use outcrop::registry::Entry;
use outcrop_runtime::model_id::ModelId;
use outcrop_runtime::resolve::{Resolve, Target, unresolved};
use outcrop_runtime::{Call, Error};

use super::Client;
use crate::guard::SpikeGuard;
use crate::idle;
use crate::observe::{Observer, Observers};
use crate::retry::{Policy, Streams};
use crate::select::{Format, Select};

/// Settings for a [`Client`].
#[derive(Debug, Clone, Default)]
pub struct Builder {
    settings: Settings,
}

/// What a client knows beside the SDK's.
#[derive(Clone)]
pub(super) struct Settings {
    select: Select,
    strict: bool,
    escape: bool,
    pass_through: bool,
    pub(super) observers: Observers,
    pub(super) guard: Option<SpikeGuard>,
    pub(super) streams: Streams,
    pub(super) idle: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            select: Select::default(),
            strict: false,
            escape: false,
            pass_through: false,
            observers: Observers::default(),
            guard: None,
            streams: Streams::new(Policy::default()),
            idle: Some(idle::DEFAULT),
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { strict, escape, pass_through, idle, .. } = self;
        f.debug_struct("Settings")
            .field("strict", strict)
            .field("escape", escape)
            .field("pass_through", pass_through)
            .field("idle", idle)
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

    /// Tells an observer of every call: usage, cost, latencies, failures. Several are told one after the other.
    #[must_use]
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.settings.observers = self.settings.observers.and(observer);
        self
    }

    /// Reports or refuses inputs far above the usual size of their model's, before they are sent.
    #[must_use]
    pub fn guard(mut self, guard: SpikeGuard) -> Self {
        // It learns tokens from what observers are told.
        self = self.observer(guard.clone());
        self.settings.guard = Some(guard);
        self
    }

    /// How often a stream is opened again that fails before its first event. Calls themselves are sent again as the SDK's
    /// client was told: [`Policy::apply`] tells it.
    #[must_use]
    pub fn retry(mut self, policy: Policy) -> Self {
        self.settings.streams = Streams::new(policy);
        self
    }

    /// How long a stream may be silent, [`idle::DEFAULT`] by default; none waits for ever.
    #[must_use]
    pub fn idle(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.settings.idle = limit.into();
        self
    }

    /// The client, over a client of the SDK. Keep it: what its first call finds out makes the others cheaper.
    #[must_use]
    pub fn build(self, sdk: Sdk) -> Client {
        Client { sdk, door: Arc::default(), settings: Arc::new(self.settings) }
    }

    /// The client, with region, credentials and all else as the environment and the profile say, and the retries and
    /// timeouts of [`crate::config`].
    pub async fn from_env(self) -> Client {
        let config = crate::config::load().await;
        self.build(Sdk::from_conf(crate::config::builder(&config).build()))
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
