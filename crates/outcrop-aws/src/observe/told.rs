//! What an answer says of its call: counts, latency, tier and why it stopped.

use std::sync::LazyLock;
use std::time::Duration;

use memchr::memmem::Finder;
use outcrop_runtime::usage::{Source, Sources};
use serde::Deserialize;

use super::End;
use crate::headers;
use crate::types::{ConverseMetrics, ConverseResponse, ConverseStreamOutput, ServiceTier, StopReason, TokenUsage, Ttl};
use crate::usage::{Count, Tier, Usage};

/// What was said so far.
#[derive(Debug, Default)]
pub(crate) struct Told {
    usage: Usage,
    latency: Option<Duration>,
    tier: Tier,
    stop_reason: Option<String>,
}

/// The members that tell of a call in Converse's JSON, of which an answer has all and the last two events of a stream
/// have some each.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Members {
    usage: Option<TokenUsage>,
    metrics: Option<ConverseMetrics>,
    service_tier: Option<ServiceTier>,
    stop_reason: Option<String>,
}

const NAME: &str = "amazon-bedrock-invocationMetrics";

/// What the service adds to the last chunk of a stream, of whatever family.
#[derive(Deserialize)]
struct Chunk {
    #[serde(rename = "amazon-bedrock-invocationMetrics")]
    metrics: Option<Metrics>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    input_token_count: Option<u64>,
    output_token_count: Option<u64>,
    cache_read_input_token_count: Option<u64>,
    cache_write_input_token_count: Option<u64>,
    invocation_latency: Option<u64>,
}

impl Told {
    /// By a whole answer.
    pub(crate) fn of(response: &ConverseResponse, sources: Sources) -> Self {
        let ConverseResponse { usage, metrics, service_tier, stop_reason, .. } = response;
        let mut told = Self::default();
        told.counts(usage.as_ref(), sources);
        told.latency = milliseconds(metrics.as_ref());
        told.tier(service_tier.as_ref());
        told.stop(stop_reason.as_ref());
        told
    }

    /// By the headers of a native answer, which nobody has translated.
    pub(crate) fn by_headers(headers: &[(String, String)]) -> Self {
        let number = |name: &str| headers::find(headers, name)?.parse::<u64>().ok();
        let count = |name: &str| number(name).map(|tokens| Count { tokens, source: Source::Header });
        let usage = Usage {
            input: count("input-token-count"),
            output: count("output-token-count"),
            cache_read: count("cache-read-input-token-count"),
            cache_write: count("cache-write-input-token-count"),
            ..Usage::default()
        };
        let latency = number("invocation-latency").map(Duration::from_millis);
        let tier = headers::find(headers, "service-tier").map(Tier::of).unwrap_or_default();
        Self { usage, latency, tier, stop_reason: None }
    }

    /// By a chunk of a native stream, which nobody has translated: the service adds what it counted to the last one.
    pub(crate) fn by_chunk(&mut self, chunk: &[u8]) {
        static METRICS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(NAME));
        if METRICS.find(chunk).is_none() {
            return;
        }
        // What cannot be read says nothing: whoever gets the chunk reads it.
        let Ok(Chunk { metrics: Some(said) }) = serde_json::from_slice(chunk) else { return };
        let count = |tokens: Option<u64>| tokens.map(|tokens| Count { tokens, source: Source::Metrics });
        self.usage = Usage {
            input: count(said.input_token_count),
            output: count(said.output_token_count),
            cache_read: count(said.cache_read_input_token_count),
            cache_write: count(said.cache_write_input_token_count),
            ..std::mem::take(&mut self.usage)
        };
        self.latency = said.invocation_latency.map(Duration::from_millis).or(self.latency);
    }

    /// By an event. Sources are known at the end of a stream alone.
    pub(crate) fn hear(&mut self, event: &ConverseStreamOutput, sources: Sources) {
        match event {
            ConverseStreamOutput::MessageStop(stop) => self.stop(Some(&stop.stop_reason)),
            ConverseStreamOutput::Metadata(metadata) => {
                self.counts(metadata.usage.as_ref(), sources);
                self.latency =
                    metadata.metrics.as_ref().and_then(|m| u64::try_from(m.latency_ms).ok()).map(Duration::from_millis);
                self.tier(metadata.service_tier.as_ref());
            }
            _ => {}
        }
    }

    /// By the JSON of a whole answer, or of the payload of a `messageStop` or `metadata` event. What cannot be read says
    /// nothing: whoever waits for the answer refuses it.
    pub(crate) fn read(&mut self, json: &[u8], sources: Sources) {
        let Members { usage, metrics, service_tier, stop_reason } = serde_json::from_slice(json).unwrap_or_default();
        self.counts(usage.as_ref(), sources);
        self.latency = milliseconds(metrics.as_ref()).or(self.latency);
        if service_tier.is_some() {
            self.tier(service_tier.as_ref());
        }
        self.stop_reason = stop_reason.or(self.stop_reason.take());
    }

    /// Whether it is said why the model stopped, which every whole answer says.
    pub(crate) fn has_stopped(&self) -> bool {
        self.stop_reason.is_some()
    }

    /// The end of the call.
    pub(crate) fn end(self, request_id: Option<String>) -> End {
        let Self { usage, latency, tier, stop_reason } = self;
        End { usage, tier, service_latency: latency, stop_reason, request_id }
    }

    fn counts(&mut self, usage: Option<&TokenUsage>, sources: Sources) {
        let Some(usage) = usage else { return };
        let counts = [
            usage.input_tokens,
            usage.output_tokens,
            usage.total_tokens,
            usage.cache_read_input_tokens,
            usage.cache_write_input_tokens,
        ];
        self.usage = Usage::new(counts, &sources);
        let hours = usage.cache_details.iter().flatten().filter(|detail| detail.ttl == Ttl::V1h);
        let hours = hours.map(|detail| u64::try_from(detail.input_tokens).unwrap_or(0));
        self.usage.cache_write_hour = hours.reduce(u64::saturating_add);
    }

    fn tier(&mut self, tier: Option<&ServiceTier>) {
        self.tier = tier.map(|tier| Tier::of(tier.r#type.as_str())).unwrap_or_default();
    }

    fn stop(&mut self, reason: Option<&StopReason>) {
        self.stop_reason = reason.map(|reason| reason.as_str().to_owned());
    }
}

fn milliseconds(metrics: Option<&ConverseMetrics>) -> Option<Duration> {
    metrics.and_then(|metrics| u64::try_from(metrics.latency_ms).ok()).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_and_the_last_two_events_of_a_stream_say_the_same() {
        let whole = br#"  {"output":{"message":{"role":"assistant","content":[]}},"stopReason":"end_turn",
            "usage":{"inputTokens":3,"outputTokens":5,"totalTokens":8},"metrics":{"latencyMs":40},"serviceTier":{"type":"flex"}}"#;
        let stop = br#"{"stopReason":"end_turn","p":"abc"}"#;
        let metadata = br#"{"usage":{"inputTokens":3,"outputTokens":5,"totalTokens":8},"metrics":{"latencyMs":40},
            "serviceTier":{"type":"flex"},"p":"ab"}"#;
        let read = |parts: &[&[u8]]| {
            let mut told = Told::default();
            for part in parts {
                told.read(part, Sources::default());
            }
            told.end(None)
        };
        let (one, two) = (read(&[whole]), read(&[stop, metadata]));
        assert_eq!(format!("{one:?}"), format!("{two:?}"));
        assert_eq!((one.tier, one.service_latency), (Tier::Flex, Some(Duration::from_millis(40))));
        assert_eq!(
            (one.usage.total.map(|count| count.tokens), one.stop_reason.as_deref()),
            (Some(8), Some("end_turn"))
        );
        assert_eq!(read(&[b"{", b"7"]).usage, Usage::default());
    }

    /// The names of the service's metrics stand in the façade's spec as well; codecs are generated from it.
    #[test]
    fn the_metrics_are_those_that_codecs_write() {
        use outcrop_runtime::Call;
        let events = [
            r#"{"messageStart":{"role":"assistant"}}"#,
            r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Tin."}}}"#,
            r#"{"contentBlockStop":{"contentBlockIndex":0}}"#,
            r#"{"messageStop":{"stopReason":"end_turn"}}"#,
            r#"{"metadata":{"usage":{"inputTokens":3,"outputTokens":5,"totalTokens":24,"cacheReadInputTokens":7,
                "cacheWriteInputTokens":9},"metrics":{"latencyMs":40}}}"#,
        ];
        let streaming = outcrop::registry::FAMILIES.iter().filter(|entry| entry.streams.is_some());
        let mut heard = 0;
        for entry in streaming {
            let mut told = Told::default();
            let mut hear = |chunk: &[u8]| told.by_chunk(chunk);
            let mut encoder = entry.codec.stream_encoder(&Call::default()).unwrap();
            for event in events {
                encoder.push(event.as_bytes(), &mut hear).unwrap();
            }
            encoder.finish(&mut hear).unwrap();
            let End { usage, service_latency, .. } = told.end(None);
            let counts = [usage.input, usage.output, usage.cache_read, usage.cache_write];
            let wanted = [3, 5, 7, 9].map(|tokens| Some(Count { tokens, source: Source::Metrics }));
            assert_eq!(counts, wanted, "{}", entry.codec.family());
            assert_eq!(service_latency, Some(Duration::from_millis(40)), "{}", entry.codec.family());
            heard += 1;
        }
        assert!(heard > 0, "no family streams");
    }
}
