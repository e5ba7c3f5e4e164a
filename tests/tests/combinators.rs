//! Combinators of the language by themselves, each in a small invented spec, on random conversations: what is encoded decodes to the same,
//! or is refused with a code, or is in the report; what was decoded encodes to the same body.

#![allow(clippy::expect_used, clippy::panic)]

use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Code, Kind};
use outcrop_tests::canon;
use outcrop_tests::families::Loaded;
use outcrop_tests::random::Random;
use outcrop_tests::snippets::{Snippet, decode, encode};

const RUNS: u64 = 1500;

fn tree(text: &str) -> Tree {
    Tree::parse(text.as_bytes()).expect("JSON")
}

/// Both directions of one request.
fn both(family: &Loaded, native: &str, converse: &str) {
    let (native, converse, call) = (tree(native), tree(converse), Call::default());
    let read = decode(family, Kind::Request, &call, &native).expect("decodes");
    assert_eq!(read.body.difference(&converse), None, "{native}\nreads as {}", read.body);
    let written = encode(family, Kind::Request, &call, &converse).expect("encodes");
    assert_eq!(written.body.difference(&native), None, "{converse}\nis written as {}", written.body);
    assert!(written.report.losses.is_empty() && read.report.losses.is_empty(), "{:?}", written.report);
}

/// What encoding a request is refused with.
fn refused(family: &Loaded, converse: &str) -> (Code, String) {
    let error = encode(family, Kind::Request, &Call::default(), &tree(converse)).map(|out| out.body.to_string());
    let error = error.expect_err("refused");
    (error.code, error.path)
}

/// The laws on random requests; how many came back as they were, or in canonical form.
fn laws(family: &Loaded) -> u64 {
    let call = Call::default();
    let mut same = 0;
    for seed in 0..RUNS {
        let converse = Random::new(&family.family, seed).value("ConverseRequest");
        let Ok(written) = encode(family, Kind::Request, &call, &converse) else { continue };
        let read = decode(family, Kind::Request, &Call { headers: &written.headers, ..call }, &written.body);
        let read = read.unwrap_or_else(|e| panic!("seed {seed}: its own body is refused: {e}\n{}", written.body));
        let again = encode(family, Kind::Request, &call, &read.body);
        let again = again.unwrap_or_else(|e| panic!("seed {seed}: what was decoded is refused: {e}\n{}", read.body));
        let at = written.body.difference(&again.body);
        assert_eq!(at, None, "seed {seed}: {converse}\nfirst  {}\nsecond {}", written.body, again.body);
        if written.report.losses.is_empty() && read.report.losses.is_empty() {
            let at = canon::conversation(&converse).difference(&canon::conversation(&read.body));
            assert_eq!(at, None, "seed {seed}: {converse}\n{}\n{}", written.body, read.body);
            same += 1;
        }
    }
    same
}

/// What the small formats below say nothing of.
const NOTHING_ELSE: &str = "
unsupported: [image, document, video, audio, toolUse, toolResult, guardContent, cachePoint, reasoningContent, citationsContent, searchResult, toolAddition, toolRemoval, toolConfig, outputConfig, inferenceConfig, guardrailConfig, performanceConfig, serviceTier, requestMetadata, promptVariables, additionalModelRequestFields]
";

#[test]
fn the_last_turn_stands_apart_from_those_before_it() {
    let family = Snippet {
        top: NOTHING_ELSE.to_owned(),
        request: "now: { type: string!, as: messages.last.user.content, take: [text] }
before: { type: list<Turn>(1..), as: messages.rest }
rules: { type: list<Rule>(1..), as: system }
"
        .to_owned(),
        types: "Turn:
  view: Turn
  tag: who
  unknown: refuse
  cases:
    user: { arm: user, fields: { say: { type: string!, take: [text] } } }
    model: { arm: assistant, fields: { say: { type: string!, take: [text] } } }
Rule: { view: SystemContentBlock, tag: shape, cases: { rule: { arm: text, type: string! } } }
"
        .to_owned(),
        ..Snippet::default()
    }
    .load();
    both(&family, r#"{"now":"a"}"#, r#"{"messages":[{"role":"user","content":[{"text":"a"}]}]}"#);
    both(
        &family,
        r#"{"now":"c","before":[{"who":"user","say":"a"},{"who":"model","say":"b"}]}"#,
        r#"{"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"text":"b"}]},{"role":"user","content":[{"text":"c"}]}]}"#,
    );
    let (code, path) = refused(
        &family,
        r#"{"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"text":"b"}]}]}"#,
    );
    assert_eq!((code, path.as_str()), (Code::TurnOrder, "messages[1]"));
    assert!(laws(&family) > 0);
}

fn calls_and_results() -> Loaded {
    let fates = NOTHING_ELSE.replace("toolUse, toolResult, ", "toolResult.status, toolUse.type, toolResult.type, ");
    Snippet {
        top: format!("tool_ids: positional\n{fates}"),
        request: "turns: { type: list<Turn>!, as: messages }\n".to_owned(),
        types: "Turn:
  view: Turn
  tag: who
  unknown: refuse
  cases:
    results: { arm: user, fields: { results: { type: list<Result>!, take: [toolResult] } } }
    user: { arm: user, fields: { say: { type: string!, take: [text] } } }
    model: { arm: assistant, fields: { say: { type: string, take: [text] }, calls: { type: list<Call>(1..), take: [toolUse] } } }
Call: { view: ToolUseBlock, fields: { name: { type: string!, as: name }, input: { type: json!, as: input } } }
Result: { view: ToolResultBlock, fields: { of: { type: Call!, as: call }, out: { type: list<Out>!, as: content } } }
Out: { view: ToolResultContentBlock, tag: shape, cases: { text: { arm: text, type: string! }, json: { arm: json, type: json! } } }
"
        .to_owned(),
        ..Snippet::default()
    }
    .load()
}

#[test]
fn a_result_repeats_its_call_and_is_found_by_it() {
    let family = calls_and_results();
    // The same call twice: results are paired with them in order.
    both(
        &family,
        r#"{"turns":[{"who":"model","calls":[{"name":"n","input":{}},{"name":"n","input":{}}]},
                     {"who":"results","results":[{"of":{"name":"n","input":{}},"out":["x"]},{"of":{"name":"n","input":{}},"out":[{"y":1}]}]}]}"#,
        r#"{"messages":[{"role":"assistant","content":[{"toolUse":{"toolUseId":"call_0","name":"n","input":{}}},{"toolUse":{"toolUseId":"call_1","name":"n","input":{}}}]},
                        {"role":"user","content":[{"toolResult":{"toolUseId":"call_0","content":[{"text":"x"}]}},{"toolResult":{"toolUseId":"call_1","content":[{"json":{"y":1}}]}}]}]}"#,
    );
    let lone = r#"{"messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"z","content":[]}}]}]}"#;
    assert_eq!(refused(&family, lone).0, Code::UnknownCall);
    assert!(laws(&family) > 0);
}

#[test]
fn elements_are_told_apart_by_one_key_or_by_their_shape() {
    for tag in ["external", "shape"] {
        let payload = if tag == "external" { "type: string!" } else { "fields: { say: { type: string!, as: . } }" };
        let family = Snippet {
            top: NOTHING_ELSE.replace("toolUse, ", "toolUse.type, ").replace("cachePoint, ", ""),
            request: "turns: { type: list<Turn>!, as: messages }\nrules: { type: list<Rule>(1..), as: system }\n".to_owned(),
            types: format!(
                "Turn:
  view: Message
  fields: {{ who: {{ type: string!, as: role }}, parts: {{ type: list<Part>!, as: content }} }}
Part:
  view: ContentBlock
  tag: {tag}
  cases:
    say: {{ arm: text, {payload} }}
    call: {{ arm: toolUse, fields: {{ id: {{ type: string!, as: toolUseId }}, name: {{ type: string!, as: name }}, input: {{ type: json!, as: input }} }} }}
    rest: {{ arm: cachePoint, fields: {{ life: {{ type: string, as: ttl }}, kind: {{ type: string!, as: type }} }} }}
Rule: {{ view: SystemContentBlock, tag: shape, cases: {{ rule: {{ arm: text, type: string! }}, rest: {{ arm: cachePoint, fields: {{ kind: {{ type: string!, as: type }}, life: {{ type: string, as: ttl }} }} }} }} }}
"
            ),
            ..Snippet::default()
        }
        .load();
        assert!(laws(&family) > 0, "{tag}");
        let unknown = r#"{"messages":[{"role":"user","content":[{"native":{"song":[1,2.50]}}]}]}"#;
        both(&family, r#"{"turns":[{"who":"user","parts":[{"song":[1,2.50]}]}]}"#, unknown);
    }
}

#[test]
fn joined_texts_are_reported_when_they_were_several() {
    let family = Snippet {
        top: NOTHING_ELSE.to_owned(),
        request: "turns: { type: list<Turn>!, as: messages }\nrules: { type: string, as: system, take: [text], join: \"; \" }\n".to_owned(),
        types: "Turn: { view: Message, fields: { who: { type: string!, as: role }, say: { type: string!, take: [text], join: \"\\n\" } } }\n".to_owned(),
        ..Snippet::default()
    }
    .load();
    let converse = tree(r#"{"messages":[],"system":[{"text":"a"},{"text":"b"}]}"#);
    let out = encode(&family, Kind::Request, &Call::default(), &converse).expect("encodes");
    assert_eq!(out.body.get("rules").and_then(Tree::as_str), Some("a; b"));
    assert_eq!(out.report.losses.iter().map(|l| l.path.as_str()).collect::<Vec<_>>(), ["system"]);
    let strict = Call { strict: true, ..Call::default() };
    assert_eq!(encode(&family, Kind::Request, &strict, &converse).expect_err("a loss").code, Code::Strict);
    assert!(laws(&family) > 0);
}

#[test]
fn a_prompt_over_the_messages_alone_leaves_the_instructions_to_their_own_member() {
    let family = Snippet {
        top: format!(
            "prompts:
  plain:
    turns: {{ user: {{ open: \"[u]\", close: \"[e]\" }}, assistant: {{ open: \"[a]\", close: \"[e]\" }} }}
    cue: assistant
    markers: [\"[u]\", \"[a]\", \"[e]\"]{NOTHING_ELSE}"
        ),
        request: "prompt: { type: prompt!, as: messages }\nrules: { type: string, as: \"system[only].text\" }\n"
            .to_owned(),
        ..Snippet::default()
    }
    .load();
    both(
        &family,
        r#"{"prompt":"[u]Hi[e][a]","rules":"Be brief."}"#,
        r#"{"system":[{"text":"Be brief."}],"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#,
    );
    assert!(laws(&family) > 0);
}

#[test]
fn headers_fill_only_what_the_body_left_empty() {
    let family = Snippet {
        types: "Response:
  view: ConverseResponse
  assume: { output.message.role: assistant }
  fields: { say: { type: string!, as: output.message.content, take: [text] }, read: { type: int, as: usage.inputTokens } }
"
        .to_owned(),
        ..Snippet::default()
    }
    .load();
    let headers = [("X-AMZN-Bedrock-Input-Token-Count".to_owned(), "5".to_owned())];
    let call = Call { headers: &headers, ..Call::default() };
    for (native, wanted) in [(r#"{"say":"a"}"#, 5), (r#"{"say":"a","read":7}"#, 7)] {
        let out = decode(&family, Kind::Response, &call, &tree(native)).expect("decodes");
        let got = out.body.get("usage").and_then(|u| u.get("inputTokens")).cloned();
        assert_eq!(got, Some(Tree::int(wanted)), "{native}");
    }
    let bad = [("x-amzn-bedrock-input-token-count".to_owned(), "many".to_owned())];
    let call = Call { headers: &bad, ..Call::default() };
    let out = decode(&family, Kind::Response, &call, &tree(r#"{"say":"a"}"#)).expect("the body is sound");
    assert_eq!(out.report.losses.first().map(|l| l.path.as_str()), Some("x-amzn-bedrock-input-token-count"));
}

/// A stream that sends several signals in a chunk and repeats the whole answer at the end.
fn repeating() -> Loaded {
    Snippet {
        types: "Chunk:
  view: Signal
  blocks: implicit
  join: [stop, usage]
  assume: { start.role: assistant }
  fields:
    news: { type: list<News>, as: parts }
    all: { fields: { say: { type: string, as: whole, take: [text], way: decode }, calls: { type: list<Call>, as: whole, take: [toolUse], way: decode } } }
    ended: { type: string, as: stop.reason }
News:
  view: Signal
  tag: shape
  unknown: refuse
  cases:
    say: { fields: { say: { type: string!, as: delta.value.text } } }
    call:
      fields:
        no: { type: int!, as: key }
        id: { type: string, as: open.block.toolUse.toolUseId }
        name: { type: string, as: open.block.toolUse.name }
        more: { type: string, as: delta.value.toolUse.input }
Call:
  view: ToolUseBlock
  fields: { id: { type: string!, as: toolUseId }, name: { type: string!, as: name }, input: { type: json!, as: input } }
"
        .to_owned(),
        ..Snippet::default()
    }
    .load()
}

fn events(native: &str) -> Tree {
    decode(&repeating(), Kind::Stream, &Call::default(), &tree(native)).expect("decodes").body
}

#[test]
fn how_parts_are_spread_over_chunks_makes_no_difference() {
    let one = r#"[{"news":[{"say":"a"},{"no":0,"id":"x","name":"n","more":"{\"a\""},{"no":0,"more":":1}"},{"no":1,"id":"y","name":"n","more":"{}"}],"ended":"tool_use"}]"#;
    let many = r#"[{"news":[{"say":"a"}]},{"news":[{"no":0,"id":"x","name":"n","more":"{\"a\""}]},{},{"news":[{"no":0,"more":":1}"}]},
                   {"news":[{"no":1,"id":"y","name":"n","more":"{}"}]},{"ended":"tool_use"}]"#;
    assert_eq!(events(one).difference(&events(many)), None);
}

#[test]
fn a_repeated_answer_says_only_what_was_not_streamed() {
    let streamed = r#"[{"news":[{"say":"ab"},{"no":0,"id":"x","name":"n","more":"{\"a\":1}"}]},{"ended":"tool_use"}]"#;
    let call = r#""calls":[{"id":"x","name":"n","input":{"a":1}}]"#;
    let repeated = format!(
        r#"[{{"news":[{{"say":"ab"}},{{"no":0,"id":"x","name":"n","more":"{{\"a\":1}}"}}]}},{{"all":{{"say":"ab",{call}}}}},{{"ended":"tool_use"}}]"#
    );
    let half = format!(r#"[{{"news":[{{"say":"ab"}}]}},{{"all":{{"say":"ab",{call}}}}},{{"ended":"tool_use"}}]"#);
    let late = format!(r#"[{{"all":{{"say":"ab",{call}}}}},{{"ended":"tool_use"}}]"#);
    for other in [repeated, half, late] {
        assert_eq!(events(streamed).difference(&events(&other)), None, "{other}");
    }
}
