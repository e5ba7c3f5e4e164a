//! One call as it goes: tells observers, and fills its span.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Span, info_span};

use super::{Finished, Info, Observer as _, Observers};
use crate::error::Error;
use crate::usage::{Cost, Tier, Usage};

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
        // Field names are those of the conventions, see there; a test compares.
        let span = info_span!(
            "bedrock",
            "otel.name" = %format_args!("{} {}", info.operation_name(), info.model_id),
            "otel.kind" = "client",
            "otel.status_code" = Empty,
            "gen_ai.operation.name" = info.operation_name(),
            "gen_ai.provider.name" = super::conventions::PROVIDER,
            "gen_ai.request.model" = &*info.model_id,
            "gen_ai.request.stream" = info.operation.is_stream(),
            "gen_ai.request.max_tokens" = info.max_tokens,
            "gen_ai.request.temperature" = info.temperature,
            "gen_ai.request.top_p" = info.top_p,
            "gen_ai.response.time_to_first_chunk" = Empty,
            "gen_ai.response.finish_reasons" = Empty,
            "gen_ai.usage.input_tokens" = Empty,
            "gen_ai.usage.output_tokens" = Empty,
            "gen_ai.usage.cache_read.input_tokens" = Empty,
            "gen_ai.usage.cache_creation.input_tokens" = Empty,
            "cloud.region" = info.region.as_deref(),
            "aws.request_id" = Empty,
            "error.type" = Empty,
            "outcrop.family" = info.family.as_deref(),
            "outcrop.cost_usd" = Empty,
        );
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
    pub fn finish(mut self, end: End) -> Finished {
        self.ended = true;
        let End { usage, tier, service_latency, stop_reason, request_id } = end;
        let finished = Finished {
            cost: Cost::of(&self.info.model_id, self.info.region.as_deref(), &usage, tier),
            usage,
            tier,
            latency: self.begin.elapsed(),
            first_event: self.first_event,
            service_latency,
            stop_reason,
            request_id,
        };
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
