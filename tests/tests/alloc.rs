//! Allocations of generated codecs: few for a body of any size, none for a chunk of text.

#![allow(clippy::expect_used)]

use std::fmt::Write as _;

use outcrop::registry::FAMILIES;
use outcrop::runtime::{Call, Codec, Kind};
use outcrop::{anthropic_messages, qwen3};

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

/// What a request holds beside text, and the members that say so.
#[derive(Clone, Copy, PartialEq, Debug)]
enum With {
    Tools,
    Image,
    Document,
}

/// A conversation of so many pairs of turns, each pair with what `with` says.
fn rich(pairs: usize, with: With) -> String {
    let mut text = String::from(r#"{"inferenceConfig":{"maxTokens":64,"temperature":0.5},"#);
    if with == With::Tools {
        text.push_str(r#""toolConfig":{"tools":["#);
        for i in 0..pairs {
            let comma = if i == 0 { "" } else { "," };
            let schema = r#"{"type":"object","properties":{"of":{"type":"string"}}}"#;
            let _ = write!(
                text,
                r#"{comma}{{"toolSpec":{{"name":"weigh{i}","description":"Weighs \"it\".","inputSchema":{{"json":{schema}}}}}}}"#
            );
        }
        text.push_str("]},");
    }
    text.push_str(r#""messages":["#);
    for i in 0..pairs {
        let user = match with {
            With::Tools if i == 0 => r#"{"text":"How heavy\nis tin?"}"#.to_owned(),
            With::Tools => {
                let n = i - 1;
                format!(r#"{{"toolResult":{{"toolUseId":"t{n}","content":[{{"text":"{n} \"kg\""}}]}}}}"#)
            }
            With::Image => {
                r#"{"text":"Look."},{"image":{"format":"png","source":{"bytes":"iVBORw0KGgo="}}}"#.to_owned()
            }
            With::Document => format!(
                r#"{{"text":"Read."}},{{"document":{{"format":"pdf","name":"n{i}","source":{{"bytes":"JVBERi0x"}}}}}}"#
            ),
        };
        let assistant = match with {
            With::Tools if i + 1 < pairs => {
                format!(r#"{{"toolUse":{{"toolUseId":"t{i}","name":"weigh{i}","input":{{"of":"tin\n{i}"}}}}}}"#)
            }
            _ => r#"{"text":"It is heavy."}"#.to_owned(),
        };
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"role":"user","content":[{user}]}},{{"role":"assistant","content":[{assistant}]}}"#
        );
    }
    text.push_str(r#",{"role":"user","content":[{"text":"Thanks."}]}]}"#);
    text
}

/// Those whose requests are a prompt or repeat calls: they build texts of their own.
const OTHERS: [&str; 2] = ["meta-llama", "cohere-command-r"];

#[test]
fn a_request_is_encoded_in_as_many_allocations_whatever_its_size() {
    let mut cases = 0;
    for entry in FAMILIES.iter().filter(|e| !OTHERS.contains(&e.codec.family())) {
        let model = entry.spec.models.first().expect("a model").pattern.replace('*', "1");
        let call = Call { model: &model, ..Call::default() };
        for with in [With::Tools, With::Image, With::Document] {
            let count = |pairs: usize| {
                let text = rich(pairs, with);
                let output = entry.codec.encode(Kind::Request, &call, text.as_bytes()).ok()?;
                // A report says in words what became of each value.
                if !output.report.losses.is_empty() {
                    return None;
                }
                drop(output);
                let encode = || entry.codec.encode(Kind::Request, &call, text.as_bytes());
                Some(allocation_counter::measure(|| drop(encode())).count_total)
            };
            // What a format has no place for is refused.
            let (Some(few), Some(many)) = (count(100), count(400)) else { continue };
            cases += 1;
            assert!(many <= 8, "{} with {with:?}: {many} allocations", entry.codec.family());
            assert_eq!(few, many, "{} with {with:?}: more allocations for more", entry.codec.family());
        }
    }
    assert!(cases >= 20, "{cases} cases");
}

#[test]
fn a_chunk_of_text_is_decoded_without_an_allocation() {
    let claude = [
        r#"{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"usage":{"input_tokens":2,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"tin\n"}}"#,
    ];
    let chat = [
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{"content":"tin\n"}}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{"content":"tin\n"}}]}"#,
    ];
    for ((codec, model), chunks) in families().into_iter().zip([claude, chat]) {
        let call = Call { model, ..Call::default() };
        let mut stream = codec.stream_decoder(&call).expect("a decoder");
        let mut bytes = 0;
        let mut push = |chunk: &str| {
            stream.push(chunk.as_bytes(), &mut |event| bytes += event.len()).expect("a good chunk");
        };
        chunks.iter().for_each(|chunk| push(chunk));
        // Buffers have their size now.
        push(chunks[2]);
        let cost = allocation_counter::measure(|| (0..100).for_each(|_| push(chunks[2])));
        assert!(bytes > 0);
        assert_eq!(cost.count_total, 0, "{}: allocations in 100 chunks", codec.family());
    }
}
