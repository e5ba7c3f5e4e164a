//! Allocations of generated codecs: few for a body of any size, none for a chunk of text.

#![allow(clippy::expect_used)]

use std::fmt::Write as _;

use outcrop::converse::{ConverseRequest, ConverseStreamOutput};
use outcrop::registry::FAMILIES;
use outcrop::runtime::json::{Arena, Value};
use outcrop::runtime::prompt::{Grammar, Plan as PromptPlan, Renderer, TurnGrammar};
use outcrop::runtime::{Call, Codec, Kind, Report, StreamCodec};
use outcrop::stream::{Decoder, Plan};
use outcrop::{anthropic_messages, meta_llama, qwen3};

/// What a request says beside its texts.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Plain {
    Instructions,
    Turns,
    Question,
    Video,
}

/// A request of so many turns, each with so many words.
fn request(what: Plain, turns: usize, words: usize) -> String {
    let mut text = String::from(r#"{"inferenceConfig":{"maxTokens":64},"#);
    if what == Plain::Instructions {
        text.push_str(r#""system":[{"text":"Be brief."}],"#);
    }
    text.push_str(r#""messages":["#);
    let words = "tin and argon\\n".repeat(words);
    let video = r#"{"video":{"format":"mp4","source":{"s3Location":{"uri":"s3://b/v.mp4"}}}},"#;
    let video = if what == Plain::Video { video } else { "" };
    for i in 0..turns {
        let role = if i % 2 == 0 { "user" } else { "assistant" };
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(text, r#"{comma}{{"role":"{role}","content":[{video}{{"text":"{words}x"}}]}}"#);
    }
    text.push_str("]}");
    text
}

#[test]
fn a_request_of_any_size_is_encoded_in_at_most_8_allocations_by_every_family() {
    println!("{:<32} {:<14} allocations by size", "family", "says");
    for entry in FAMILIES {
        let model = entry.spec.models.first().expect("a model").pattern.replace('*', "1");
        let call = Call { model: &model, ..Call::default() };
        let counts = |what: Plain| {
            let turns = if matches!(what, Plain::Instructions | Plain::Turns) { 201 } else { 1 };
            [(1, 1), (turns, 30), (turns, 150)].map(|(turns, words)| {
                let text = request(what, turns, words);
                let encode = || entry.codec.encode(Kind::Request, &call, text.as_bytes()).ok();
                // What a format has no place for is refused or told, and a report is made of texts.
                encode().filter(|output| output.report.losses.is_empty())?;
                // A thread of its own: it has no arena left from a body before.
                let measured = || allocation_counter::measure(|| drop(encode())).count_total;
                Some(std::thread::scope(|s| s.spawn(measured).join()).expect("an encoded request"))
            })
        };
        let all = [Plain::Instructions, Plain::Turns, Plain::Question, Plain::Video];
        let said: Vec<_> = all.into_iter().map(|what| (what, counts(what))).collect();
        let mut sizes = 0;
        for (what, counts) in said {
            let Some(counts) = counts.into_iter().collect::<Option<Vec<_>>>() else { continue };
            sizes += counts.len();
            println!("{:<32} {:<14} {counts:?}", entry.codec.family(), format!("{what:?}"));
            assert!(counts.iter().all(|count| *count <= 8), "{} {what:?}: {counts:?}", entry.codec.family());
        }
        assert!(sizes > 0, "{} says none of them", entry.codec.family());
    }
}

/// A conversation of texts (and pictures) that a prompt can say.
fn conversation(turns: usize, words: &str, pictures: bool) -> String {
    let mut text = String::from(r#"{"system":[{"text":"Be brief."}],"messages":["#);
    let picture = if pictures { r#"{"image":{"format":"png","source":{"bytes":"iVBORw0KGgo="}}},"# } else { "" };
    for i in 0..turns {
        let (comma, role) = if i == 0 { ("", "user") } else { (",", if i % 2 == 0 { "user" } else { "assistant" }) };
        let _ = write!(text, r#"{comma}{{"role":"{role}","content":[{picture}{{"text":"{words}"}}]}}"#);
    }
    text.push_str("]}");
    text
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

#[test]
fn a_request_is_encoded_in_as_many_allocations_whatever_its_size() {
    let mut cases = 0;
    for entry in FAMILIES {
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
                // A thread of its own: it has no arena left from a body before.
                let measured = || allocation_counter::measure(|| drop(encode())).count_total;
                Some(std::thread::scope(|s| s.spawn(measured).join()).expect("an encoded request"))
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
fn a_prompt_of_any_size_is_written_and_read_in_a_few_allocations() {
    // Plain, with what JSON escapes, spelt needlessly, and all but a marker.
    let texts = ["tin", r#"tin\n\"argon\"\t"#, r"t\u0069n \ud83d\ude00 \/ \u003c", "<|eot_id| [INST <s <|eot"];
    let models = [
        ("meta.llama3-1-8b-instruct-v1:0", false),
        ("meta.llama3-2-90b-instruct-v1:0", true),
        ("us.meta.llama4-scout-17b-instruct-v1:0", true),
        ("meta.llama2-13b-chat-v1", false),
    ];
    for (model, pictures) in models {
        for words in texts {
            for (turns, repeats) in [(1, 1), (41, 30), (101, 150), (3, 1_000)] {
                let text = conversation(turns, &words.repeat(repeats), pictures);
                for escape in [false, true] {
                    let call = Call { model, escape, ..Call::default() };
                    let encode = || meta_llama::Family.encode(Kind::Request, &call, text.as_bytes()).expect("a body");
                    // What is made once for all calls is there now.
                    let body = encode().body;
                    let cost = allocation_counter::measure(|| drop(encode()));
                    assert!(cost.count_total <= 8, "{model}, {turns} turns: {} allocations", cost.count_total);
                    let arena = Arena::new();
                    let value = ConverseRequest::from_json(text.as_bytes(), &arena).expect("a request");
                    let cost = allocation_counter::measure(|| drop(meta_llama::encode_request(&value, &call)));
                    assert!(cost.count_total <= 8, "{model}, {turns} turns: {} from a value", cost.count_total);
                    let decode = || meta_llama::Family.decode(Kind::Request, &call, &body).expect("its own body");
                    assert!(decode().report.losses.is_empty(), "{model} reads its own prompt");
                    let cost = allocation_counter::measure(|| drop(decode()));
                    assert!(cost.count_total <= 16, "{model}, {turns} turns read: {} allocations", cost.count_total);
                }
            }
        }
    }
}

#[test]
fn escaping_a_prompt_costs_no_allocation_for_a_turn() {
    let (open, close) = ("\n\nUser: ", "");
    let turns = [
        TurnGrammar { role: "user", open, close, ..TurnGrammar::default() },
        TurnGrammar { role: "assistant", open: "\n\nBot: ", bare: Some("\n\nBot:"), close, ..TurnGrammar::default() },
    ];
    let grammar = Grammar {
        elide: "\n\n",
        turns: &turns,
        cue: "assistant",
        markers: &["\n\nUser:", "\n\nBot:"],
        escape: true,
        ..Grammar::default()
    };
    let plan = PromptPlan::new(&grammar);
    for count in [1, 40, 5_000] {
        let cost = allocation_counter::measure(|| {
            let mut out = Vec::new();
            let mut prompt = Renderer::new(&plan, false, &mut out);
            prompt.reserve(count, count, count * 40);
            for i in 0..count {
                prompt.turn(if i % 2 == 0 { "user" } else { "assistant" });
                prompt.raw_text(r"so\n\nBot: no, \u000a\nUser: yes");
            }
            prompt.finish(&mut Report::default(), &|_, _| String::new()).expect("a prompt");
        });
        assert!(cost.count_total <= 6, "{count} turns: {} allocations", cost.count_total);
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
