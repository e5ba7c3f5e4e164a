//! What happens to calls, told to whoever listens: usage, cost, latencies, failures. Never a word of prompts or answers.
//!
//! An [`Observer`] hears of every call: started, first event, finished, failed or abandoned. [`Observers`] holds any number of
//! them. The typed client takes one with [`Builder::observer`](crate::client::Builder::observer), a client of the SDK with
//! [`ConverseOverInvoke::call_observer`](crate::ConverseOverInvoke::call_observer).
//! Every call is a [`tracing`] span as well, with the field names of OpenTelemetry's conventions ([`conventions`]); with the
//! feature `opentelemetry`, [`Telemetry`](otel::Telemetry) makes spans and metrics of it without `tracing`.
//!
//! ```
//! use outcrop_aws::observe::{Finished, Info, Observer, Observers};
//! use std::sync::atomic::{AtomicU64, Ordering};
//!
//! #[derive(Default)]
//! struct Tokens(AtomicU64);
//! impl Observer for Tokens {
//!     fn finished(&self, _call: &Info, end: &Finished) {
//!         self.0.fetch_add(end.usage.total.map_or(0, |count| count.tokens), Ordering::Relaxed);
//!     }
//! }
//! let observers = Observers::default().and(Tokens::default());
//! # let _ = observers;
//! ```

mod asked;
mod call;
pub mod conventions;
#[cfg(feature = "opentelemetry")]
pub mod otel;
mod told;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub(crate) use asked::Asked;
pub(crate) use call::Begun;
pub use call::{Call, End};
pub(crate) use told::Told;

use crate::error::Error;
use crate::usage::{Cost, Tier, Usage};

/// What is asked of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// A conversation in one answer.
    Converse,
    /// A conversation as a stream.
    ConverseStream,
    /// A native body.
    Invoke,
    /// A native body, answered as a stream.
    InvokeStream,
}

impl Operation {
    /// Whether the answer is a stream.
    #[must_use]
    pub fn is_stream(self) -> bool {
        matches!(self, Self::ConverseStream | Self::InvokeStream)
    }
}

/// A call, as it is known when it starts.
#[derive(Debug, Clone)]
pub struct Info {
    /// A number of its own in this process.
    pub id: u64,
    /// What is asked.
    pub operation: Operation,
    /// Model id, profile or ARN.
    pub model_id: Arc<str>,
    /// The family whose format is spoken, if there is one.
    pub family: Option<Arc<str>>,
    /// AWS region.
    pub region: Option<Arc<str>>,
    /// `maxTokens` of the request.
    pub max_tokens: Option<i64>,
    /// `temperature` of the request.
    pub temperature: Option<f64>,
    /// `topP` of the request.
    pub top_p: Option<f64>,
    /// When it started.
    pub started: SystemTime,
}

impl Info {
    /// A call of this model, starting now.
    #[must_use]
    pub fn new(operation: Operation, model_id: &str) -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            operation,
            model_id: model_id.into(),
            family: None,
            region: None,
            max_tokens: None,
            temperature: None,
            top_p: None,
            started: SystemTime::now(),
        }
    }

    /// The same in this family's format.
    #[must_use]
    pub fn family(mut self, family: &str) -> Self {
        self.family = Some(family.into());
        self
    }

    /// The same in this region.
    #[must_use]
    pub fn region(mut self, region: Option<&str>) -> Self {
        self.region = region.map(Into::into);
        self
    }

    /// The word of the conventions for what the model does.
    #[must_use]
    pub fn operation_name(&self) -> &'static str {
        conventions::operation_name_of(&self.model_id)
    }
}

/// A call that was answered to the end.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Tokens and who counted them.
    pub usage: Usage,
    /// What it cost, where the catalogue has a price.
    pub cost: Option<Cost>,
    /// The tier in which it was answered.
    pub tier: Tier,
    /// From start to end, retries and waits included.
    pub latency: Duration,
    /// From start to the first event of a stream.
    pub first_event: Option<Duration>,
    /// The time that the service says it took (`metrics.latencyMs`).
    pub service_latency: Option<Duration>,
    /// Why the model stopped, in Converse's words.
    pub stop_reason: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
}

/// Hears of calls. The methods are called between two steps of a call: they must not block.
pub trait Observer: Send + Sync {
    /// A call starts.
    fn started(&self, call: &Info) {
        let _ = call;
    }
    /// The first event of a stream has come, so long after the start.
    fn first_event(&self, call: &Info, after: Duration) {
        let _ = (call, after);
    }
    /// A call was answered to the end.
    fn finished(&self, call: &Info, end: &Finished) {
        let _ = (call, end);
    }
    /// A call failed, so long after the start.
    fn failed(&self, call: &Info, error: &Error, after: Duration) {
        let _ = (call, error, after);
    }
    /// A call was dropped by its caller before its end, so long after the start.
    fn abandoned(&self, call: &Info, after: Duration) {
        let _ = (call, after);
    }
}

/// Any number of observers, told in the order in which they were added. Cheap to clone.
#[derive(Clone, Default)]
pub struct Observers(Arc<[Arc<dyn Observer>]>);

impl Observers {
    /// The same with one more, which is told last.
    #[must_use]
    pub fn and(&self, observer: impl Observer + 'static) -> Self {
        self.and_shared(Arc::new(observer))
    }

    /// The same with one more that the caller keeps, too.
    #[must_use]
    pub fn and_shared(&self, observer: Arc<dyn Observer>) -> Self {
        Self(self.0.iter().cloned().chain([observer]).collect())
    }

    /// Whether nobody listens.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Observer for Observers {
    fn started(&self, call: &Info) {
        self.0.iter().for_each(|one| one.started(call));
    }
    fn first_event(&self, call: &Info, after: Duration) {
        self.0.iter().for_each(|one| one.first_event(call, after));
    }
    fn finished(&self, call: &Info, end: &Finished) {
        self.0.iter().for_each(|one| one.finished(call, end));
    }
    fn failed(&self, call: &Info, error: &Error, after: Duration) {
        self.0.iter().for_each(|one| one.failed(call, error, after));
    }
    fn abandoned(&self, call: &Info, after: Duration) {
        self.0.iter().for_each(|one| one.abandoned(call, after));
    }
}

impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn started(&self, call: &Info) {
        (**self).started(call);
    }
    fn first_event(&self, call: &Info, after: Duration) {
        (**self).first_event(call, after);
    }
    fn finished(&self, call: &Info, end: &Finished) {
        (**self).finished(call, end);
    }
    fn failed(&self, call: &Info, error: &Error, after: Duration) {
        (**self).failed(call, error, after);
    }
    fn abandoned(&self, call: &Info, after: Duration) {
        (**self).abandoned(call, after);
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Observers({})", self.0.len())
    }
}
