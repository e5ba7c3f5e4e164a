//! Streams in the interpreter: what no single example shows.

#![allow(clippy::expect_used)]

use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Code, Error, Report};
use outcrop_tests::families::{self, Loaded};

/// Blocks are told by events of their own, calls have no ids, and unknown events are kept.
const TIDE: &str = r#"
spec: 1
family: tide
title: Tide tables (invented)
source: https://example.org/tide
operations: { chat: { request: Ask, stream: Wave } }
tool_ids: positional
types:
  Ask:
    view: ConverseRequest
    fields: { ask: { type: string!, as: "messages[only].content[only].text" } }
  Wave:
    view: Signal
    tag: is
    unknown: keep
    join: [stop, usage]
    cases:
      rise: { fields: { who: { type: string!, as: start.role }, log: { type: string, doc: Extra. } } }
      crest:
        fields:
          at: { type: int!, as: open.key }
          of: { type: Crest!, as: open.block }
      foam:
        fields:
          at: { type: int!, as: delta.key }
          of: { type: Foam!, as: delta.value }
      break: { fields: { at: { type: int!, as: close.key } } }
      ebb:
        fields:
          why: { type: string!, as: stop.reason }
          note: { type: string, doc: Extra. }
          drops: { type: Drops, as: usage }
      calm: { signal: end, fields: {} }
      lull: { signal: none, fields: {} }
      wreck: { fields: { said: { type: string!, as: fail.message } } }
  Crest:
    view: BlockStart
    tag: kind
    unknown: keep
    cases:
      text: { arm: text, fields: { text: { type: string!, as: ., else: "" } } }
      call: { arm: toolUse, fields: { tool: { type: string!, as: name } } }
      muse: { arm: reasoningContent, fields: { text: { type: string!, as: text, else: "" } } }
  Foam:
    view: ContentBlockDelta
    tag: kind
    unknown: keep
    cases:
      text: { arm: text, fields: { text: { type: string!, as: . } } }
      call: { arm: toolUse, fields: { json: { type: string!, as: input } } }
      muse: { arm: reasoningContent.text, fields: { text: { type: string!, as: . } } }
  Drops:
    view: TokenUsage
    fields: { in: { type: int, as: inputTokens }, out: { type: int, as: outputTokens } }
unsupported: [block.toolResult, block.image, value.toolResult, value.image, citation, signature]
dropped: { toolUse.type: there is one kind of call }
models:
  - { match: "tide.*", name: Tide, limits: {}, capabilities: [streaming] }
examples:
  - id: hello
    doc: One turn.
    model: tide.low
    request: { native: { ask: Hi }, converse: { messages: [{ role: user, content: [{ text: Hi }] }] } }
"#;

fn tide() -> Loaded {
    let mut sources = families::sources();
    sources.add("families/tide.yaml", TIDE);
    families::load(&sources, "tide")
}

fn items(json: &str) -> Vec<Vec<u8>> {
    let list = Tree::parse_text(json).expect("JSON");
    list.as_list().expect("a list").iter().map(|i| i.to_string().into_bytes()).collect()
}

fn run(decode: bool, json: &str) -> Result<(Vec<String>, Report), Error> {
    let (family, call) = (tide(), Call { model: "tide.low", ..Call::default() });
    let mut through = if decode { family.codec.stream_decoder(&call)? } else { family.codec.stream_encoder(&call)? };
    let mut out = Vec::new();
    let mut take = |item: &[u8]| out.push(String::from_utf8_lossy(item).into_owned());
    for item in items(json) {
        through.push(&item, &mut take)?;
    }
    let report = through.finish(&mut take)?;
    Ok((out, report))
}

fn code(decode: bool, json: &str) -> Code {
    run(decode, json).expect_err("this is refused").code
}

fn assert_same(got: &[String], wanted: &str) {
    let got = Tree::parse_text(&format!("[{}]", got.join(","))).expect("JSON");
    let wanted = Tree::parse_text(wanted).expect("JSON");
    assert_eq!(got.difference(&wanted), None, "got {got}");
}

const CHUNKS: &str = r#"[
    {"is":"rise","who":"assistant","log":"a"},
    {"is":"lull"},
    {"is":"crest","at":4,"of":{"kind":"text","text":"Hi"}},
    {"is":"foam","at":4,"of":{"kind":"text","text":"!"}},
    {"is":"break","at":4},
    {"is":"spray","wet":1.50},
    {"is":"crest","at":6,"of":{"kind":"call","tool":"look"}},
    {"is":"foam","at":6,"of":{"kind":"call","json":"{}"}},
    {"is":"break","at":6},
    {"is":"ebb","why":"tool_use","note":"n","drops":{"out":3}},
    {"is":"calm"},
    {"amazon-bedrock-invocationMetrics":{"inputTokenCount":2,"outputTokenCount":9,"invocationLatency":40,"firstByteLatency":4}},
    "[DONE]"
]"#;

const EVENTS: &str = r#"[
    {"messageStart":{"role":"assistant"}},
    {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Hi"}}},
    {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"!"}}},
    {"contentBlockStop":{"contentBlockIndex":0}},
    {"native":{"is":"spray","wet":1.50}},
    {"contentBlockStart":{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"call_0","name":"look"}}}},
    {"contentBlockDelta":{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}}},
    {"contentBlockStop":{"contentBlockIndex":1}},
    {"messageStop":{"stopReason":"tool_use","additionalModelResponseFields":{"log":"a","note":"n"}}},
    {"metadata":{"usage":{"inputTokens":2,"outputTokens":3,"totalTokens":5},"metrics":{"latencyMs":40}}}
]"#;

#[test]
fn chunks_become_events_and_what_is_unknown_is_kept() {
    let (events, report) = run(true, CHUNKS).expect("a good stream");
    assert_same(&events, EVENTS);
    assert!(events.iter().any(|e| e.contains("1.50")), "numbers stay as they are written");
    assert!(report.losses.is_empty());
}

#[test]
fn events_become_chunks_and_late_fields_that_no_chunk_says_are_reported() {
    let (chunks, report) = run(false, EVENTS).expect("good events");
    assert_same(
        &chunks,
        r#"[
            {"is":"rise","who":"assistant"},
            {"is":"crest","at":0,"of":{"kind":"text","text":""}},
            {"is":"foam","at":0,"of":{"kind":"text","text":"Hi"}},
            {"is":"foam","at":0,"of":{"kind":"text","text":"!"}},
            {"is":"break","at":0},
            {"is":"spray","wet":1.5},
            {"is":"crest","at":1,"of":{"kind":"call","tool":"look"}},
            {"is":"foam","at":1,"of":{"kind":"call","json":"{}"}},
            {"is":"break","at":1},
            {"is":"ebb","why":"tool_use","note":"n","drops":{"in":2,"out":3}},
            {"is":"calm","amazon-bedrock-invocationMetrics":{"inputTokenCount":2,"outputTokenCount":3,"invocationLatency":40}}
        ]"#,
    );
    let paths: Vec<&str> = report.losses.iter().map(|l| l.path.as_str()).collect();
    assert_eq!(paths, ["messageStop.additionalModelResponseFields.log"]);
}

#[test]
fn an_unknown_block_is_kept_whole() {
    let (events, _) = run(
        true,
        r#"[{"is":"rise","who":"assistant"},{"is":"crest","at":0,"of":{"kind":"shell","x":1}},
            {"is":"foam","at":0,"of":{"kind":"sand","y":2}},{"is":"break","at":0},{"is":"ebb","why":"end_turn"},{"is":"calm"}]"#,
    )
    .expect("a good stream");
    assert!(events[1].contains(r#""native":{"kind":"shell","x":1}"#), "{events:?}");
    assert!(events[2].contains(r#""native":{"kind":"sand","y":2}"#), "{events:?}");
    let (chunks, _) = run(false, &format!("[{}]", events.join(","))).expect("good events");
    assert!(chunks[1].contains(r#""of":{"kind":"shell","x":1}"#), "{chunks:?}");
    assert!(chunks[2].contains(r#""of":{"kind":"sand","y":2}"#), "{chunks:?}");
}

#[test]
fn chunks_that_are_skipped_are_reported_by_name() {
    let mut sources = families::sources();
    sources.add("families/tide.yaml", TIDE.replace("    unknown: keep\n    join", "    unknown: skip\n    join"));
    let family = families::load(&sources, "tide");
    let call = Call { model: "tide.low", ..Call::default() };
    let mut through = family.codec.stream_decoder(&call).expect("a stream");
    let chunks = r#"[{"is":"rise","who":"assistant"},{"is":"spray"},{"is":"mist"},{"is":"spray"},"foam",{"was":7},{"is":"ebb","why":"end_turn"},{"is":"calm"}]"#;
    for chunk in items(chunks) {
        through.push(&chunk, &mut |_| {}).expect("a good chunk");
    }
    let report = through.finish(&mut |_| {}).expect("a good stream");
    let paths: Vec<&str> = report.losses.iter().map(|l| l.path.as_str()).collect();
    // In the order of the paths; a chunk without a name is called one.
    assert_eq!(paths, ["chunk", "mist", "spray"]);
}

#[test]
fn the_verdict_of_a_guardrail_replaces_the_stop_reason() {
    let (events, _) = run(
        true,
        r#"[{"is":"rise","who":"assistant","amazon-bedrock-guardrailAction":"NONE"},
            {"is":"ebb","why":"end_turn","amazon-bedrock-guardrailAction":"INTERVENED"},{"is":"calm"}]"#,
    )
    .expect("a good stream");
    assert!(events[1].contains("guardrail_intervened"), "{events:?}");
}

#[test]
fn a_stream_that_breaks_off_says_so_and_ends() {
    let chunks = r#"[{"is":"rise","who":"assistant"},{"is":"wreck","said":"rocks"}]"#;
    let (events, _) = run(true, chunks).expect("the failure is an event");
    assert_same(
        &events,
        r#"[{"messageStart":{"role":"assistant"}},{"modelStreamErrorException":{"message":"rocks"}}]"#,
    );
    let (again, _) = run(false, &format!("[{}]", events.join(","))).expect("good events");
    assert_same(&again, chunks);
}

#[test]
fn padding_of_events_is_ignored() {
    let events = r#"[{"messageStart":{"role":"assistant","p":"abc"}},{"messageStop":{"stopReason":"end_turn","p":"a"}},
        {"metadata":{"usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2},"metrics":{"latencyMs":1},"p":"ab"}}]"#;
    let (chunks, report) = run(false, events).expect("good events");
    assert_eq!((chunks.len(), report.losses.len()), (3, 0), "{chunks:?} {report:?}");
}

#[test]
fn chunks_in_an_impossible_order_are_refused() {
    const RISE: &str = r#"{"is":"rise","who":"assistant"}"#;
    const EBB: &str = r#"{"is":"ebb","why":"end_turn"}"#;
    let foam = |at: u8| format!(r#"{{"is":"foam","at":{at},"of":{{"kind":"text","text":"x"}}}}"#);
    let crest = r#"{"is":"crest","at":0,"of":{"kind":"text","text":""}}"#;
    let cases = [
        (Code::StreamOrder, format!("[{}]", foam(0))),
        (Code::StreamOrder, format!("[{RISE},{RISE}]")),
        (Code::StreamOrder, format!(r#"[{RISE},{crest},{{"is":"break","at":0}},{}]"#, foam(0))),
        (Code::StreamOrder, format!("[{RISE},{EBB},{}]", foam(0))),
        (Code::StreamOrder, format!(r#"[{RISE},{EBB},{{"is":"ebb","why":"max_tokens"}}]"#)),
        (Code::StreamOrder, format!(r#"[{{"is":"wreck","said":"x"}},{RISE}]"#)),
        (Code::StreamTruncated, format!("[{RISE},{crest}]")),
        (Code::StreamTruncated, format!("[{RISE},{EBB}]")),
        (Code::StreamTruncated, "[]".to_owned()),
        (Code::WrongType, format!(r#"[{RISE},{{"is":"break","at":"first"}}]"#)),
        (Code::MissingMember, r#"[{"is":"rise"}]"#.to_owned()),
    ];
    for (wanted, chunks) in cases {
        assert_eq!(code(true, &chunks), wanted, "{chunks}");
    }
}

#[test]
fn events_in_an_impossible_order_are_refused() {
    const START: &str = r#"{"messageStart":{"role":"assistant"}}"#;
    const STOP: &str = r#"{"messageStop":{"stopReason":"end_turn"}}"#;
    const DELTA: &str = r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"x"}}}"#;
    const CLOSE: &str = r#"{"contentBlockStop":{"contentBlockIndex":0}}"#;
    let call = r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"toolUse":{"input":""}}}}"#;
    let metadata =
        r#"{"metadata":{"usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2},"metrics":{"latencyMs":1}}}"#;
    let cases = [
        (Code::StreamOrder, format!("[{DELTA}]")),
        (Code::StreamOrder, format!("[{START},{START}]")),
        (Code::StreamOrder, format!("[{START},{DELTA},{CLOSE},{DELTA}]")),
        (Code::StreamOrder, format!("[{START},{CLOSE}]")),
        (Code::StreamOrder, format!("[{START},{call}]")),
        (Code::StreamOrder, format!("[{START},{DELTA},{call}]")),
        (Code::StreamOrder, format!("[{START},{STOP},{DELTA}]")),
        (Code::StreamOrder, format!("[{START},{STOP},{STOP}]")),
        (Code::StreamOrder, format!("[{START},{metadata}]")),
        (Code::StreamOrder, format!("[{START},{STOP},{metadata},{metadata}]")),
        (Code::StreamTruncated, format!("[{START},{DELTA}]")),
        (Code::StreamTruncated, "[]".to_owned()),
    ];
    for (wanted, events) in cases {
        assert_eq!(code(false, &events), wanted, "{events}");
    }
}

#[test]
fn what_the_format_cannot_say_is_refused_with_its_path() {
    let events = r#"[{"messageStart":{"role":"assistant"}},
        {"contentBlockStart":{"contentBlockIndex":0,"start":{"image":{"format":"png"}}}}]"#;
    let error = run(false, events).expect_err("no images");
    assert_eq!((error.code, error.path.as_str()), (Code::Unsupported, "contentBlockStart.start.image"));
}

#[test]
fn hostile_chunks_and_events_never_panic() {
    let parts =
        [r#"{"is":"#, r#""foam""#, "{", "}", "[", "]", ",", r#""at""#, ":", "1", "null", r#""of""#, r#""kind""#];
    let whole: Vec<String> =
        items(CHUNKS).into_iter().chain(items(EVENTS)).map(|i| String::from_utf8_lossy(&i).into_owned()).collect();
    let (family, call) = (tide(), Call { model: "tide.low", ..Call::default() });
    let mut rng = fastrand::Rng::with_seed(1);
    for case in 0..4_000 {
        let mut through = if case % 2 == 0 {
            family.codec.stream_decoder(&call).expect("a stream")
        } else {
            family.codec.stream_encoder(&call).expect("a stream")
        };
        for _ in 0..rng.usize(0..8) {
            let item = if rng.bool() {
                whole[rng.usize(0..whole.len())].clone()
            } else {
                (0..rng.usize(0..9)).map(|_| parts[rng.usize(0..parts.len())]).collect()
            };
            if through.push(item.as_bytes(), &mut |_| {}).is_err() {
                break;
            }
        }
        let _ = through.finish(&mut |_| {});
    }
}

/// Fragments, or one chunk that is the whole answer.
const SPRING: &str = r#"
spec: 1
family: spring
title: Spring water (invented)
source: https://example.org/spring
operations: { chat: { request: Ask, response: Well, stream: Drop } }
types:
  Ask:
    view: ConverseRequest
    fields: { ask: { type: string!, as: "messages[only].content[only].text" } }
  Well:
    view: ConverseResponse
    assume: { output.message.role: assistant }
    fields:
      id: { type: string, doc: Extra. }
      jars: { doc: The answer., only: { water: { type: string, as: "output.message.content[only].text" }, end: { type: string!, as: stopReason } } }
  Drop:
    view: Signal
    tag: shape
    blocks: implicit
    unknown: refuse
    cases:
      drip: { fields: { drip: { type: string!, as: delta.value.text } } }
      dry: { fields: { dry: { type: string!, as: stop.reason } } }
      well:
        way: decode
        fields:
          id: { type: string, doc: Extra. }
          jars: { doc: The answer., only: { water: { type: string, as: whole, take: [text] }, end: { type: string!, as: stop.reason } } }
unsupported: [open, reasoningContent, toolUse, toolResult, image, citation]
dropped: { usage: counts are in headers }
models:
  - { match: "spring.*", name: Spring, limits: {}, capabilities: [streaming] }
examples:
  - id: hello
    doc: One turn.
    model: spring.cold
    request: { native: { ask: Hi }, converse: { messages: [{ role: user, content: [{ text: Hi }] }] } }
"#;

#[test]
fn one_chunk_may_be_the_whole_answer_and_headers_may_have_the_counts() {
    let mut sources = families::sources();
    sources.add("families/spring.yaml", SPRING);
    let family = families::load(&sources, "spring");
    let header = |name: &str, value: &str| (format!("X-Amzn-Bedrock-{name}"), value.to_owned());
    let headers = [header("Input-Token-Count", "3"), header("Output-Token-Count", "4")];
    let call = Call { model: "spring.cold", headers: &headers, ..Call::default() };
    let whole = r#"[{"id":"i","jars":[{"water":"Cold.","end":"end_turn"}]}]"#;
    let parts = r#"[{"drip":"Co"},{"drip":"ld."},{"dry":"end_turn"}]"#;
    for (chunks, deltas, extra) in [(whole, 1, true), (parts, 2, false)] {
        let events = family.stream_decode(&call, &items(chunks)).expect("a good stream");
        let text = String::from_utf8_lossy(&events.concat()).into_owned();
        assert_eq!(text.matches("contentBlockDelta").count(), deltas, "{text}");
        assert_eq!(text.contains(r#""additionalModelResponseFields":{"id":"i"}"#), extra, "{text}");
        assert!(text.contains(r#""usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7}"#), "{text}");
        assert!(text.contains(r#"{"messageStart":{"role":"assistant"}}"#), "{text}");
    }
}
