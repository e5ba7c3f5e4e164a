//! An observer that makes spans and metrics of OpenTelemetry, by its conventions for generative AI.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::global::{BoxedSpan, BoxedTracer};
use opentelemetry::metrics::{Histogram, Meter};
use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer as _};
use opentelemetry::{Array, KeyValue, StringValue, Value, global};

use super::conventions::{self as names, Metric};
use super::{Finished, Info, Observer};
use crate::error::Error;

/// Spans and metrics of calls, by the providers that the program has set.
///
/// Metrics: `gen_ai.client.token.usage`, `gen_ai.client.operation.duration` and, for streams,
/// `gen_ai.client.operation.time_to_first_chunk`. Spans: one of kind client per call, a child of the span that is current
/// where the call starts.
pub struct Telemetry {
    tracer: BoxedTracer,
    tokens: Histogram<u64>,
    duration: Histogram<f64>,
    first_chunk: Histogram<f64>,
    // Every call ends or is dropped, so that nothing stays in here.
    open: Mutex<BTreeMap<u64, BoxedSpan>>,
}

/// Name of the instrumentation.
const SCOPE: &str = "outcrop-aws";

impl Telemetry {
    /// With the global providers, as they are now.
    #[must_use]
    pub fn global() -> Self {
        Self::new(global::tracer(SCOPE), &global::meter(SCOPE))
    }

    /// With a tracer and a meter of the caller's.
    #[must_use]
    pub fn new(tracer: BoxedTracer, meter: &Meter) -> Self {
        let seconds = |of: &Metric| {
            let builder = meter.f64_histogram(of.name).with_unit(of.unit).with_description(of.description);
            builder.with_boundaries(of.boundaries.to_vec()).build()
        };
        let of = &names::TOKEN_USAGE;
        let tokens = meter.u64_histogram(of.name).with_unit(of.unit).with_description(of.description);
        Self {
            tracer,
            tokens: tokens.with_boundaries(of.boundaries.to_vec()).build(),
            duration: seconds(&names::OPERATION_DURATION),
            first_chunk: seconds(&names::FIRST_CHUNK),
            open: Mutex::new(BTreeMap::new()),
        }
    }

    fn end(&self, call: &Info, fill: impl FnOnce(&mut BoxedSpan)) {
        let span = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&call.id);
        if let Some(mut span) = span {
            fill(&mut span);
            span.end();
        }
    }

    fn fail(&self, call: &Info, kind: &'static str, message: String, request_id: Option<&str>, after: Duration) {
        let mut attributes = of_metrics(call);
        attributes.push(KeyValue::new(names::ERROR_TYPE, kind));
        self.duration.record(after.as_secs_f64(), &attributes);
        self.end(call, |span| {
            span.set_attribute(KeyValue::new(names::ERROR_TYPE, kind));
            if let Some(id) = request_id {
                span.set_attribute(KeyValue::new(names::REQUEST_ID, id.to_owned()));
            }
            span.set_status(Status::error(message));
        });
    }
}

/// What metrics are told apart by: few values.
fn of_metrics(call: &Info) -> Vec<KeyValue> {
    vec![
        KeyValue::new(names::OPERATION_NAME, call.operation_name()),
        KeyValue::new(names::PROVIDER_NAME, names::PROVIDER),
        KeyValue::new(names::REQUEST_MODEL, call.model_id.clone()),
    ]
}

fn of_span(call: &Info) -> Vec<KeyValue> {
    let mut all = of_metrics(call);
    all.push(KeyValue::new(names::REQUEST_STREAM, call.operation.is_stream()));
    let text = |key: &'static str, value: &Option<std::sync::Arc<str>>| {
        value.as_ref().map(|value| KeyValue::new(key, value.clone()))
    };
    all.extend(text(names::CLOUD_REGION, &call.region));
    all.extend(text(names::FAMILY, &call.family));
    all.extend(call.max_tokens.map(|n| KeyValue::new(names::REQUEST_MAX_TOKENS, n)));
    all.extend(call.temperature.map(|n| KeyValue::new(names::REQUEST_TEMPERATURE, n)));
    all.extend(call.top_p.map(|n| KeyValue::new(names::REQUEST_TOP_P, n)));
    all
}

impl Observer for Telemetry {
    fn started(&self, call: &Info) {
        let builder = self
            .tracer
            .span_builder(format!("{} {}", call.operation_name(), call.model_id))
            .with_kind(SpanKind::Client)
            .with_start_time(call.started)
            .with_attributes(of_span(call));
        let span = builder.start(&self.tracer);
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(call.id, span);
    }

    fn first_event(&self, call: &Info, after: Duration) {
        self.first_chunk.record(after.as_secs_f64(), &of_metrics(call));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(span) = open.get_mut(&call.id) {
            span.set_attribute(KeyValue::new(names::TIME_TO_FIRST_CHUNK, after.as_secs_f64()));
        }
    }

    fn finished(&self, call: &Info, end: &Finished) {
        let mut attributes = of_metrics(call);
        self.duration.record(end.latency.as_secs_f64(), &attributes);
        let usage = &end.usage;
        let (input, output) = (usage.prompt(), usage.output.map(|count| count.tokens));
        for (kind, tokens) in [("input", input), ("output", output)] {
            if let Some(tokens) = tokens {
                attributes.push(KeyValue::new(names::TOKEN_TYPE, kind));
                self.tokens.record(tokens, &attributes);
                attributes.pop();
            }
        }
        self.end(call, |span| {
            let count = |key, tokens: Option<u64>| Some(KeyValue::new(key, i64::try_from(tokens?).ok()?));
            let text = |key, text: &Option<String>| Some(KeyValue::new(key, text.clone()?));
            span.set_attributes(count(names::INPUT_TOKENS, input));
            span.set_attributes(count(names::OUTPUT_TOKENS, output));
            span.set_attributes(count(names::CACHE_READ, usage.cache_read.map(|count| count.tokens)));
            span.set_attributes(count(names::CACHE_CREATION, usage.cache_write.map(|count| count.tokens)));
            span.set_attributes(text(names::REQUEST_ID, &end.request_id));
            span.set_attributes(end.stop_reason.clone().map(|reason| {
                let reasons = vec![StringValue::from(reason)];
                KeyValue::new(names::FINISH_REASONS, Value::Array(Array::String(reasons)))
            }));
            span.set_attributes(end.cost.map(|cost| KeyValue::new(names::COST_USD, cost.usd())));
        });
    }

    fn failed(&self, call: &Info, error: &Error, after: Duration) {
        // The class alone: a message may quote the request.
        let class = error.class();
        self.fail(call, class.as_str(), class.to_string(), error.request_id(), after);
    }

    fn abandoned(&self, call: &Info, after: Duration) {
        self.fail(call, names::ABANDONED, "the caller dropped the call".to_owned(), None, after);
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").finish_non_exhaustive()
    }
}
