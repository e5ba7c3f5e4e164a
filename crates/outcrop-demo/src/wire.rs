//! The client: the AWS SDK's own, but for one line.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Config, Credentials, Region};
use outcrop::runtime::Kind;
use outcrop::runtime::resolve::Target;
use outcrop_aws::{ConverseOverInvoke, Translated};

use crate::models::Model;
use crate::tap::{Side, Tap};

/// A client, and what is heard on both sides of the interceptor.
pub(crate) struct Wire {
    pub(crate) client: Client,
    pub(crate) converse: Tap,
    pub(crate) native: Tap,
    reported: Arc<Mutex<Reported>>,
}

/// What the interceptor reports.
#[derive(Debug, Default)]
pub(crate) struct Reported {
    /// Fate, place and why.
    pub(crate) losses: Vec<[String; 3]>,
    /// Who said the token counts of the last answer.
    pub(crate) source: &'static str,
}

impl Wire {
    pub(crate) fn open(endpoint: &str, model: &Model) -> Self {
        let (converse, native) = (Tap::new(Side::Converse), Tap::new(Side::Native));
        let reported = Arc::<Mutex<Reported>>::default();
        let mut over_invoke = ConverseOverInvoke::new().observer({
            let reported = Arc::clone(&reported);
            move |told| note(&mut reported.lock().unwrap_or_else(PoisonError::into_inner), told)
        });
        if model.is_told {
            over_invoke = over_invoke.target(&model.id, Target::family(model.family, None));
        }
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("demo", "demo", None, None, "demo"))
            .endpoint_url(endpoint)
            .interceptor(native.clone())
            // The one line.
            .interceptor(over_invoke)
            .interceptor(converse.clone())
            .build();
        Self { client: Client::from_conf(config), converse, native, reported }
    }

    /// What was reported so far.
    pub(crate) fn reported(&self) -> Reported {
        std::mem::take(&mut *self.reported.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn note(reported: &mut Reported, told: &Translated<'_>) {
    for loss in &told.report.losses {
        let loss = [loss.fate.as_str().to_owned(), loss.path.as_str().to_owned(), loss.why.to_string()];
        if !reported.losses.contains(&loss) {
            reported.losses.push(loss);
        }
    }
    if told.kind != Kind::Request {
        reported.source = told.report.usage.source("outputTokens").map_or("nobody", |source| source.as_str());
    }
}
