//! Who answers.

mod convert;
mod echo;
mod metrics;
mod replay;
mod script;
mod speak;
mod upstream;

use std::sync::Arc;

use crate::ask::Ask;
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::fault::Plan;
use crate::models::Models;
use crate::reply::Answer;
use crate::server::StartError;
use crate::telemetry::Telemetry;
use echo::Echo;
use replay::Replay;
use script::Script;
use upstream::Gateway;

/// What answers requests that nothing is wrong with.
pub(crate) enum Backend {
    Echo(Echo),
    Script(Box<Script>),
    Replay(Replay),
    Upstream(Box<Gateway>),
}

impl Backend {
    pub(crate) fn new(config: &Config, models: &Arc<Models>, telemetry: &Arc<Telemetry>) -> Result<Self, StartError> {
        let echo = |pace| Echo::new(config, pace, telemetry);
        Ok(match &config.backend {
            config::Backend::Echo { pace } => Self::Echo(echo(*pace)),
            config::Backend::Script(text) => {
                Self::Script(Box::new(Script::read(text, models, echo(std::time::Duration::ZERO))?))
            }
            config::Backend::Replay(path) => Self::Replay(Replay::read(path)?),
            config::Backend::Upstream(upstream) => {
                Self::Upstream(Box::new(Gateway::new(upstream, Arc::clone(telemetry))?))
            }
        })
    }

    /// Answers, and says what else is to go wrong.
    pub(crate) async fn answer(&self, models: &Arc<Models>, ask: &Ask, seed: u64) -> Result<(Answer, Plan), Failure> {
        match self {
            Self::Echo(echo) => echo.answer(models, ask, seed).await.map(|answer| (answer, Plan::default())),
            Self::Script(script) => script.answer(models, ask, seed).await,
            Self::Replay(replay) => replay.answer(ask).map(|answer| (answer, Plan::default())),
            Self::Upstream(gateway) => gateway.answer(models, ask).await.map(|answer| (answer, Plan::default())),
        }
    }
}
