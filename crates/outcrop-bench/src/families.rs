//! The families that are measured: one for each format of the workloads.

use anyhow::{Context, Result, bail};
use outcrop::converse::{ConverseRequest, ConverseResponse};
use outcrop::runtime::json::Arena;
use outcrop::runtime::{Call, Codec, Error, Output, Report};
use outcrop::stream::Decoder;
use outcrop::{anthropic_messages, meta_llama, qwen3};
use outcrop_lang::interp::Interp;
use outcrop_lang::{Sources, load_family};

/// Typed request to native body.
pub(crate) type Encode = fn(&ConverseRequest<'_>, &Call<'_>) -> Result<Output, Error>;
/// Native body to typed response.
pub(crate) type Decode = for<'a> fn(&'a [u8], &'a Arena, &Call<'a>) -> Result<(ConverseResponse<'a>, Report), Error>;

/// A typed decoder of streams.
pub(crate) type Stream = for<'c> fn(&Call<'c>) -> Decoder<'c>;

/// A family.
pub(crate) struct Family {
    /// The name of its format in the workloads.
    pub(crate) format: &'static str,
    pub(crate) codec: &'static dyn Codec,
    pub(crate) oracle: Interp,
    pub(crate) model: &'static str,
    pub(crate) encode: Encode,
    pub(crate) decode: Decode,
    pub(crate) stream: Stream,
}

/// All of them.
pub(crate) fn all() -> Result<Vec<Family>> {
    Ok(vec![
        Family {
            format: "claude",
            codec: &anthropic_messages::Family,
            oracle: interpreter("anthropic-messages")?,
            model: "anthropic.claude-3-7-sonnet-20250219-v1:0",
            encode: anthropic_messages::encode_request,
            decode: anthropic_messages::decode_response,
            stream: anthropic_messages::stream_decoder,
        },
        Family {
            format: "llama",
            codec: &meta_llama::Family,
            oracle: interpreter("meta-llama")?,
            model: "meta.llama3-8b-instruct-v1:0",
            encode: meta_llama::encode_request,
            decode: meta_llama::decode_response,
            stream: meta_llama::stream_decoder,
        },
        Family {
            format: "openai",
            codec: &qwen3::Family,
            oracle: interpreter("qwen3")?,
            model: "qwen.qwen3-vl-235b-a22b",
            encode: qwen3::encode_request,
            decode: qwen3::decode_response,
            stream: qwen3::stream_decoder,
        },
    ])
}

fn interpreter(name: &str) -> Result<Interp> {
    let sources: Sources = outcrop_specs::FILES.iter().copied().collect();
    let loaded = load_family(&sources, name);
    if !loaded.diagnostics.is_empty() {
        bail!("the spec of {name} has faults");
    }
    Ok(Interp::new(loaded.family.context("a family")?))
}
