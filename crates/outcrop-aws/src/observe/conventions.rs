//! Names of OpenTelemetry's semantic conventions for generative AI, in one table.
//!
//! Source: <https://github.com/open-telemetry/semantic-conventions-genai>, pages `gen-ai-spans.md`, `gen-ai-metrics.md` and
//! `aws-bedrock.md` (status: development, read in November 2026; before June 2026 they were part of
//! <https://opentelemetry.io/docs/specs/semconv/gen-ai/>). `cloud.region`, `error.type` and `aws.request_id` are of the
//! general conventions. What those have no name for begins with `outcrop.`.

use outcrop::catalogue::Mode;

/// `gen_ai.provider.name` of everything that Bedrock serves.
pub const PROVIDER: &str = "aws.bedrock";

/// `error.type` of calls that their callers dropped.
pub const ABANDONED: &str = "abandoned";

macro_rules! names {
    ($(#[doc = $doc:literal])* $list:ident: $($name:ident = $text:literal,)*) => {
        $(#[allow(missing_docs, reason = "the text says it")] pub const $name: &str = $text;)*
        $(#[doc = $doc])*
        pub const $list: &[&str] = &[$($name,)*];
    };
}

names! {
    /// Attributes of spans.
    ATTRIBUTES:
    OPERATION_NAME = "gen_ai.operation.name",
    PROVIDER_NAME = "gen_ai.provider.name",
    REQUEST_MODEL = "gen_ai.request.model",
    REQUEST_STREAM = "gen_ai.request.stream",
    REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens",
    REQUEST_TEMPERATURE = "gen_ai.request.temperature",
    REQUEST_TOP_P = "gen_ai.request.top_p",
    TIME_TO_FIRST_CHUNK = "gen_ai.response.time_to_first_chunk",
    FINISH_REASONS = "gen_ai.response.finish_reasons",
    INPUT_TOKENS = "gen_ai.usage.input_tokens",
    OUTPUT_TOKENS = "gen_ai.usage.output_tokens",
    CACHE_READ = "gen_ai.usage.cache_read.input_tokens",
    CACHE_CREATION = "gen_ai.usage.cache_creation.input_tokens",
    CLOUD_REGION = "cloud.region",
    REQUEST_ID = "aws.request_id",
    ERROR_TYPE = "error.type",
    FAMILY = "outcrop.family",
    COST_USD = "outcrop.cost_usd",
}

/// Attribute of [`TOKEN_USAGE`]: `input` or `output`.
pub const TOKEN_TYPE: &str = "gen_ai.token.type";

/// A histogram of the conventions.
#[derive(Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// What it measures.
    pub description: &'static str,
    /// The boundaries that the conventions ask for.
    pub boundaries: &'static [f64],
}

const SECONDS: &[f64] = &[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/// Tokens of calls, by [`TOKEN_TYPE`]; the input includes what caches held.
pub const TOKEN_USAGE: Metric = Metric {
    name: "gen_ai.client.token.usage",
    unit: "{token}",
    description: "Number of input and output tokens used.",
    boundaries: &[
        1.0,
        4.0,
        16.0,
        64.0,
        256.0,
        1024.0,
        4096.0,
        16384.0,
        65536.0,
        262_144.0,
        1_048_576.0,
        4_194_304.0,
        16_777_216.0,
        67_108_864.0,
    ],
};

/// How long calls took, failed ones with [`ERROR_TYPE`].
pub const OPERATION_DURATION: Metric = Metric {
    name: "gen_ai.client.operation.duration",
    unit: "s",
    description: "GenAI operation duration.",
    boundaries: SECONDS,
};

/// How long the first event of streams took.
pub const FIRST_CHUNK: Metric = Metric {
    name: "gen_ai.client.operation.time_to_first_chunk",
    unit: "s",
    description: "Time to receive the first chunk of a stream.",
    boundaries: SECONDS,
};

/// `gen_ai.operation.name` of a model id, as the catalogue has it.
pub(super) fn operation_name_of(model_id: &str) -> &'static str {
    operation_name(outcrop::catalogue::model(model_id).map(|model| model.mode))
}

/// `gen_ai.operation.name` of a model that is for this; of an unknown one as of a chat model.
#[must_use]
pub fn operation_name(mode: Option<Mode>) -> &'static str {
    match mode {
        Some(Mode::Embedding) => "embeddings",
        Some(Mode::Image) => "generate_content",
        Some(Mode::Rerank) => "rerank",
        _ => "chat",
    }
}
