//! What is translated: files of a folder, or small texts made here.

use std::path::Path;

use anyhow::{Context, Result};
use outcrop_runtime::event_stream::{self, Frame};

/// The kinds of input.
pub(crate) enum Input {
    /// A Converse request.
    Request(Vec<u8>),
    /// A native response.
    Response(Vec<u8>),
    /// The frames of a native stream.
    Stream(Vec<u8>),
}

/// A workload of a format.
pub(crate) struct Work {
    pub(crate) format: &'static str,
    pub(crate) size: &'static str,
    pub(crate) input: Input,
}

impl Work {
    /// Names of the cases it is used for.
    pub(crate) fn cases(&self) -> impl Iterator<Item = String> {
        let kinds: &[&str] = match self.input {
            Input::Request(_) => &["enc", "tenc"],
            Input::Response(_) => &["dec", "tdec"],
            Input::Stream(_) => &["stream", "tstream", "chunk"],
        };
        kinds.iter().map(|kind| self.case(kind))
    }
    /// The name of a case.
    pub(crate) fn case(&self, kind: &str) -> String {
        format!("{kind}/{}/{}", self.format, self.size)
    }
}

/// The workloads of a folder.
pub(crate) fn read(folder: &Path) -> Result<Vec<Work>> {
    let file = |name: String| std::fs::read(folder.join(&name)).with_context(|| name);
    let mut all = Vec::new();
    for (format, sizes) in [
        ("claude", &["small", "medium", "largetext", "image1m"][..]),
        ("llama", &["small", "plain", "largeplain"]),
        ("openai", &["small", "medium", "largetext", "image1m"]),
    ] {
        for size in sizes {
            all.push(Work { format, size, input: Input::Request(file(format!("req.{size}.json"))?) });
        }
        for size in ["small", "medium", "large"] {
            all.push(Work { format, size, input: Input::Response(file(format!("resp.{format}.{size}.json"))?) });
        }
    }
    for (format, size) in
        [("claude", "text"), ("claude", "tool"), ("llama", "text"), ("openai", "text"), ("openai", "tool")]
    {
        all.push(Work { format, size, input: Input::Stream(file(format!("stream.{format}.{size}.bin"))?) });
    }
    Ok(all)
}

const REQUEST: &str = r#"{"messages":[{"role":"user","content":[{"text":"Name a metal.\nAnd a \"noble\" gas."}]},
{"role":"assistant","content":[{"text":"Tin, argon."}]},{"role":"user","content":[{"text":"And a colour?"}]}],
"system":[{"text":"Be brief."}],"inferenceConfig":{"maxTokens":64,"temperature":0.5}}"#;

const RESPONSES: &[(&str, &str)] = &[
    (
        "claude",
        r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Blue,\nor green."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":20,"output_tokens":7}}"#,
    ),
    (
        "llama",
        r#"{"generation":"Blue,\nor green.","prompt_token_count":20,"generation_token_count":7,"stop_reason":"stop"}"#,
    ),
    (
        "openai",
        r#"{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Blue,\nor green."},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":7,"total_tokens":27}}"#,
    ),
];

/// First chunk, repeated chunk, last chunks.
const CHUNKS: &[(&str, &str, &str, &[&str])] = &[
    (
        "claude",
        r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":20,"output_tokens":1}}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word"}}"#,
        &[
            r#"{"type":"content_block_stop","index":0}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":500}}"#,
            r#"{"type":"message_stop"}"#,
        ],
    ),
    (
        "llama",
        r#"{"generation":"A","prompt_token_count":20,"generation_token_count":1,"stop_reason":null}"#,
        r#"{"generation":" word","prompt_token_count":null,"generation_token_count":2,"stop_reason":null}"#,
        &[r#"{"generation":"","prompt_token_count":null,"generation_token_count":500,"stop_reason":"stop"}"#],
    ),
    (
        "openai",
        r#"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
        r#"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}"#,
        &[
            r#"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            r#"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":20,"completion_tokens":500,"total_tokens":520}}"#,
        ],
    ),
];

/// Small workloads for every format.
pub(crate) fn made() -> Result<Vec<Work>> {
    let mut all = Vec::new();
    for (format, text) in RESPONSES {
        all.push(Work { format, size: "small", input: Input::Request(REQUEST.into()) });
        all.push(Work { format, size: "small", input: Input::Response((*text).into()) });
    }
    for (format, first, delta, last) in CHUNKS {
        let mut bytes = Vec::new();
        let deltas = std::iter::repeat_n(delta, 500);
        let opens = r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
        let open = (*format == "claude").then_some(&opens);
        for chunk in std::iter::once(first).chain(open).chain(deltas).chain(*last) {
            let payload = format!(r#"{{"bytes":"{}"}}"#, base64_simd::STANDARD.encode_to_string(chunk));
            event_stream::write(&mut bytes, &Frame { message: "event", event: "chunk", payload: payload.as_bytes() });
        }
        all.push(Work { format, size: "text", input: Input::Stream(bytes) });
    }
    anyhow::ensure!(!all.is_empty(), "no workloads");
    Ok(all)
}
