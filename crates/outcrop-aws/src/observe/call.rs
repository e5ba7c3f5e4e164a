//! One call as it goes: tells observers, and fills its span.

use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use tokio::time::Instant;
use tracing::Span;

use super::{Asked, Finished, Info, Observer as _, Observers};
use crate::error::Error;
use crate::usage::{Cost, Rates, Tier, Usage};

/// What the end of an answer says.
#[derive(Debug, Clone, Default)]
pub struct End {
    /// Tokens and who counted them.
    pub usage: Usage,
    /// The tier in which it was answered.
    pub tier: Tier,
    /// The time that the service says it took (`metrics.latencyMs`).
    pub service_latency: Option<Duration>,
    /// Why the model stopped, in Converse's words.
    pub stop_reason: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
}

impl End {
    fn finished(self, rates: Option<Rates>, begin: Instant, first_event: Option<Duration>) -> Finished {
        let Self { usage, tier, service_latency, stop_reason, request_id } = self;
        Finished {
            cost: rates.and_then(|rates| rates.cost(&usage, tier)),
            usage,
            tier,
            latency: begin.elapsed(),
            first_event,
            service_latency,
            stop_reason,
            request_id,
        }
    }
}

/// A call to which perhaps nobody listens: then it is its time alone.
pub(crate) enum Begun {
    Heard(Box<Call>),
    Unheard(Instant),
}

impl Begun {
    /// Starts: tells the observers and opens the span, if there are any.
    pub(crate) fn start(asked: &Asked<'_>, observers: &Observers) -> Self {
        let call = Call::start_if_heard(asked, observers, &Span::none());
        call.map_or_else(|| Self::Unheard(Instant::now()), |call| Self::Heard(Box::new(call)))
    }

    /// Its span.
    pub(crate) fn span(&self) -> &Span {
        static NONE: LazyLock<Span> = LazyLock::new(Span::none);
        match self {
            Self::Heard(call) => call.span(),
            Self::Unheard(_) => &NONE,
        }
    }

    /// It was answered to the end, and costs this.
    pub(crate) fn finish(self, rates: Option<Rates>, end: End) -> Finished {
        match self {
            Self::Heard(call) => call.finish_at(rates, end),
            Self::Unheard(begin) => end.finished(rates, begin, None),
        }
    }

    /// It failed.
    pub(crate) fn fail(self, error: &Error) {
        if let Self::Heard(call) = self {
            call.fail(error);
        }
    }
}

/// A call between its start and its end. Exactly one of finished, failed and abandoned is told: the last if it is dropped.
pub struct Call {
    info: Info,
    observers: Observers,
    span: Span,
    begin: Instant,
    first_event: Option<Duration>,
    ended: bool,
}

impl Call {
    /// Starts: tells the observers and opens the span.
    #[must_use]
    pub fn start(info: Info, observers: &Observers) -> Self {
        let span = info.asked().span(&Span::none());
        Self::begin(info, observers, span)
    }

    /// The same, if anybody listens or the span is wanted.
    pub(crate) fn start_if_heard(asked: &Asked<'_>, observers: &Observers, parent: &Span) -> Option<Self> {
        let span = asked.span(parent);
        let heard = !observers.is_empty() || !span.is_disabled();
        heard.then(|| Self::begin(asked.info(), observers, span))
    }

    fn begin(info: Info, observers: &Observers, span: Span) -> Self {
        observers.started(&info);
        Self { info, observers: observers.clone(), span, begin: Instant::now(), first_event: None, ended: false }
    }

    /// The call as it started.
    #[must_use]
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Its span, to run the call in.
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// An event of the stream has come; the first one is told.
    pub fn event(&mut self) {
        if self.first_event.is_none() && !self.ended {
            let after = self.begin.elapsed();
            self.first_event = Some(after);
            self.span.record("gen_ai.response.time_to_first_chunk", after.as_secs_f64());
            self.observers.first_event(&self.info, after);
        }
    }

    /// It was answered to the end: works out the cost and tells it.
    // Observers have it, who gets it may drop it.
    #[allow(clippy::must_use_candidate)]
    pub fn finish(self, end: End) -> Finished {
        let rates = Rates::of(&self.info.model_id, self.info.region.as_deref());
        self.finish_at(rates, end)
    }

    /// The same at these prices.
    pub(crate) fn finish_at(mut self, rates: Option<Rates>, end: End) -> Finished {
        self.ended = true;
        let finished = end.finished(rates, self.begin, self.first_event);
        let span = &self.span;
        span.record("gen_ai.usage.input_tokens", finished.usage.prompt());
        span.record("gen_ai.usage.output_tokens", finished.usage.output.map(|count| count.tokens));
        span.record("gen_ai.usage.cache_read.input_tokens", finished.usage.cache_read.map(|count| count.tokens));
        span.record("gen_ai.usage.cache_creation.input_tokens", finished.usage.cache_write.map(|count| count.tokens));
        span.record("gen_ai.response.finish_reasons", finished.stop_reason.as_deref());
        span.record("aws.request_id", finished.request_id.as_deref());
        span.record("outcrop.cost_usd", finished.cost.map(Cost::usd));
        self.observers.finished(&self.info, &finished);
        finished
    }

    /// It failed.
    pub fn fail(mut self, error: &Error) {
        self.ended = true;
        let after = self.begin.elapsed();
        self.span.record("error.type", error.class().as_str());
        self.span.record("otel.status_code", "ERROR");
        self.span.record("aws.request_id", error.request_id());
        self.observers.failed(&self.info, error, after);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.ended {
            self.span.record("error.type", super::conventions::ABANDONED);
            self.observers.abandoned(&self.info, self.begin.elapsed());
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("info", &self.info).field("first_event", &self.first_event).finish_non_exhaustive()
    }
}
