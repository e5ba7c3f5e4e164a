//! An observer that writes down what it hears.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::Builder;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use outcrop_aws::observe::{Finished, Info, Observer};
use outcrop_aws::usage::Count;
use outcrop_aws::{ConverseOverInvoke, Error};

/// Lines of what was heard, and what failures said.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<(Vec<String>, Vec<Told>)>>);

/// What tells failures apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub class: String,
    pub code: Option<String>,
    pub message: String,
    pub refusal: Option<String>,
}

/// What an error says.
pub fn told(error: &Error) -> Told {
    Told {
        class: error.class().to_string(),
        code: error.code().map(str::to_owned),
        message: error.message().to_owned(),
        refusal: error.refusal().map(|refusal| refusal.code.as_str().to_owned()),
    }
}

impl Heard {
    /// A client whose calls are heard.
    pub fn client(&self, config: Builder) -> Client {
        self.client_with(config, ConverseOverInvoke::new())
    }

    /// The same with settings.
    pub fn client_with(&self, config: Builder, interceptor: ConverseOverInvoke) -> Client {
        Client::from_conf(config.interceptor(interceptor.call_observer(self.clone())).build())
    }

    fn add(&self, line: impl Into<String>) {
        self.0.lock().unwrap().0.push(line.into());
    }

    /// All since the last time.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().0)
    }

    /// The only failure since the last time.
    pub fn failure(&self) -> Told {
        let mut failures = std::mem::take(&mut self.0.lock().unwrap().1);
        assert_eq!(failures.len(), 1, "{failures:?}");
        failures.pop().unwrap()
    }
}

fn count(count: Option<Count>) -> String {
    count.map_or_else(|| "?".to_owned(), |count| format!("{} by {}", count.tokens, count.source.as_str()))
}

impl Observer for Heard {
    fn started(&self, call: &Info) {
        let Info { operation, model_id, family, region, max_tokens, temperature, top_p, .. } = call;
        let family = family.as_deref().unwrap_or("no family");
        self.add(format!("{operation:?} of {model_id}, {family}, {}", region.as_deref().unwrap_or("nowhere")));
        if let (Some(max_tokens), temperature, top_p) = (max_tokens, temperature, top_p) {
            self.add(format!("{max_tokens} {temperature:?} {top_p:?}"));
        }
    }
    fn first_event(&self, _: &Info, _: Duration) {
        self.add("first");
    }
    fn finished(&self, _: &Info, end: &Finished) {
        let usage = &end.usage;
        self.add(format!(
            "finished: {}, {}, {}, {}, {}, {}",
            count(usage.input),
            count(usage.output),
            count(usage.total),
            end.stop_reason.as_deref().unwrap_or("?"),
            end.cost.map_or_else(|| "no price".to_owned(), |cost| cost.to_string()),
            end.request_id.as_deref().unwrap_or("no id"),
        ));
    }
    fn failed(&self, call: &Info, error: &Error, _: Duration) {
        assert_eq!(error.model_id(), Some(&*call.model_id));
        self.0.lock().unwrap().1.push(told(error));
        self.add(format!("failed: {}, {}", error.class(), error.request_id().unwrap_or("no id")));
    }
    fn abandoned(&self, _: &Info, _: Duration) {
        self.add("abandoned");
    }
}

/// Three attempts without waits.
pub fn quick() -> RetryConfig {
    RetryConfig::standard().with_initial_backoff(Duration::ZERO)
}
