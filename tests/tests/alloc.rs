//! Allocations of generated codecs: few for a body of any size, none for a chunk of text.

#![allow(clippy::expect_used)]

use std::fmt::Write as _;

use outcrop::converse::ConverseStreamOutput;
use outcrop::runtime::{Call, Codec, Kind, StreamCodec};
use outcrop::stream::{Decoder, Plan};
use outcrop::{anthropic_messages, meta_llama, qwen3};

fn request(turns: usize) -> String {
    let mut text = String::from(r#"{"system":[{"text":"Be brief."}],"inferenceConfig":{"maxTokens":64},"messages":["#);
    for i in 0..turns {
        let role = if i % 2 == 0 { "user" } else { "assistant" };
        let comma = if i == 0 { "" } else { "," };
        let words = "tin and argon\\n".repeat(30);
        let _ = write!(text, r#"{comma}{{"role":"{role}","content":[{{"text":"{words}"}}]}}"#);
    }
    text.push_str("]}");
    text
}

fn families() -> [(&'static dyn Codec, &'static str); 2] {
    [
        (&anthropic_messages::Family, "anthropic.claude-3-7-sonnet-20250219-v1:0"),
        (&qwen3::Family, "qwen.qwen3-vl-235b-a22b"),
    ]
}

#[test]
fn a_request_of_200_turns_is_encoded_in_at_most_8_allocations() {
    for (codec, model) in families() {
        let text = request(201);
        let call = Call { model, ..Call::default() };
        let encode = || codec.encode(Kind::Request, &call, text.as_bytes()).expect("a body");
        let cost = allocation_counter::measure(|| drop(encode()));
        assert!(encode().report.losses.is_empty(), "the request goes through unchanged");
        assert!(cost.count_total <= 8, "{}: {} allocations", codec.family(), cost.count_total);
    }
}

/// A stream's first chunks, and two that are repeated in turns.
struct Chunks {
    plan: &'static Plan,
    model: &'static str,
    first: &'static [&'static str],
    repeated: [&'static str; 2],
}

/// Two formats whose chunks differ in their text alone, and one that counts in every chunk, so that each is read anew.
fn streams() -> [Chunks; 4] {
    let chunk = r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{"content":"tin\n"}}]}"#;
    let start = r#"{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"usage":{"input_tokens":2,"output_tokens":1}}}"#;
    let text = r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
    let delta = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"tin\n"}}"#;
    let last = |plan: Option<&'static Plan>| plan.expect("streams");
    [
        Chunks {
            plan: last(anthropic_messages::STREAMS),
            model: "anthropic.claude-3-7-sonnet-20250219-v1:0",
            first: Vec::leak(vec![start, text, delta]),
            repeated: [delta, delta],
        },
        // The order of members differs: nothing can be guessed.
        Chunks {
            plan: last(anthropic_messages::STREAMS),
            model: "anthropic.claude-3-7-sonnet-20250219-v1:0",
            first: Vec::leak(vec![start, text, delta]),
            repeated: [delta, r#"{"index":0,"delta":{"text":"tin","type":"text_delta"},"type":"content_block_delta"}"#],
        },
        Chunks {
            plan: last(qwen3::STREAMS),
            model: "qwen.qwen3-vl-235b-a22b",
            first: Vec::leak(vec![chunk]),
            repeated: [chunk, chunk],
        },
        Chunks {
            plan: last(meta_llama::STREAMS),
            model: "meta.llama3-8b-instruct-v1:0",
            first: &[r#"{"generation":"tin","prompt_token_count":5,"generation_token_count":1,"stop_reason":null}"#],
            repeated: [
                r#"{"generation":"tin\n","prompt_token_count":null,"generation_token_count":2,"stop_reason":null}"#,
                r#"{"generation":"argon","prompt_token_count":null,"generation_token_count":3,"stop_reason":null}"#,
            ],
        },
    ]
}

/// Allocations in 100 chunks, once buffers have their size.
fn cost(chunks: &Chunks, mut push: impl FnMut(&[u8])) -> u64 {
    let repeated = chunks.repeated.iter().cycle();
    chunks.first.iter().chain(repeated.clone().take(10)).for_each(|chunk| push(chunk.as_bytes()));
    allocation_counter::measure(|| repeated.take(100).for_each(|chunk| push(chunk.as_bytes()))).count_total
}

#[test]
fn a_chunk_of_text_is_decoded_without_an_allocation() {
    for chunks in streams() {
        let call = Call { model: chunks.model, ..Call::default() };
        let (mut bytes, mut stream) = (0, Decoder::new(chunks.plan, &call));
        let made = cost(&chunks, |chunk| stream.push(chunk, &mut |event| bytes += event.len()).expect("a good chunk"));
        assert!(bytes > 100);
        assert_eq!(made, 0, "{}: allocations in 100 chunks", chunks.model);
    }
}

#[test]
fn a_typed_chunk_of_text_is_decoded_without_an_allocation() {
    for chunks in streams() {
        let call = Call { model: chunks.model, ..Call::default() };
        let (mut deltas, mut stream) = (0, Decoder::new(chunks.plan, &call));
        let made = cost(&chunks, |chunk| {
            let mut count = |event: ConverseStreamOutput<'_>| {
                deltas += usize::from(matches!(event, ConverseStreamOutput::ContentBlockDelta(_)));
            };
            stream.push_typed(chunk, &mut count).expect("a good chunk");
        });
        assert!(deltas >= 110, "{}: {deltas} deltas", chunks.model);
        assert_eq!(made, 0, "{}: allocations in 100 typed chunks", chunks.model);
    }
}
