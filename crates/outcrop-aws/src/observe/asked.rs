//! A call before anybody is told of it: borrowed, so that it costs nothing if nobody listens.

use tracing::field::Empty;
use tracing::{Span, info_span};

use super::{Info, Operation, conventions};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) operation: Operation,
    pub(crate) model_id: &'a str,
    pub(crate) family: Option<&'a str>,
    pub(crate) region: Option<&'a str>,
    pub(crate) max_tokens: Option<i64>,
    pub(crate) temperature: Option<f64>,
    pub(crate) top_p: Option<f64>,
}

impl Asked<'_> {
    /// The same for observers, starting now.
    pub(crate) fn info(&self) -> Info {
        Info {
            family: self.family.map(Into::into),
            max_tokens: self.max_tokens,
            temperature: self.temperature,
            top_p: self.top_p,
            ..Info::new(self.operation, self.model_id).region(self.region)
        }
    }

    /// Its span, below another one, or below the current one if that is none.
    pub(crate) fn span(&self, parent: &Span) -> Span {
        let operation_name = || conventions::operation_name_of(self.model_id);
        // Field names are those of the conventions, see there; a test compares. A parent that is none would make a root
        // of it, also for what OpenTelemetry has as its current span.
        macro_rules! span {
            ($($parent:tt)*) => {
                info_span!(
                    $($parent)*
                    "bedrock",
                    "otel.name" = %format_args!("{} {}", operation_name(), self.model_id),
                    "otel.kind" = "client",
                    "otel.status_code" = Empty,
                    "gen_ai.operation.name" = operation_name(),
                    "gen_ai.provider.name" = conventions::PROVIDER,
                    "gen_ai.request.model" = self.model_id,
                    "gen_ai.request.stream" = self.operation.is_stream(),
                    "gen_ai.request.max_tokens" = self.max_tokens,
                    "gen_ai.request.temperature" = self.temperature,
                    "gen_ai.request.top_p" = self.top_p,
                    "gen_ai.response.time_to_first_chunk" = Empty,
                    "gen_ai.response.finish_reasons" = Empty,
                    "gen_ai.usage.input_tokens" = Empty,
                    "gen_ai.usage.output_tokens" = Empty,
                    "gen_ai.usage.cache_read.input_tokens" = Empty,
                    "gen_ai.usage.cache_creation.input_tokens" = Empty,
                    "cloud.region" = self.region,
                    "aws.request_id" = Empty,
                    "error.type" = Empty,
                    "outcrop.family" = self.family,
                    "outcrop.cost_usd" = Empty,
                )
            };
        }
        match parent.id() {
            Some(parent) => span!(parent: parent,),
            None => span!(),
        }
    }
}

impl Info {
    pub(super) fn asked(&self) -> Asked<'_> {
        Asked {
            operation: self.operation,
            model_id: &self.model_id,
            family: self.family.as_deref(),
            region: self.region.as_deref(),
            max_tokens: self.max_tokens,
            temperature: self.temperature,
            top_p: self.top_p,
        }
    }
}
