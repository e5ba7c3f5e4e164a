//! The laws of streams on random events, for every family.
//!
//! - `decode(encode(events))` adds up to what the events add up to, or encoding refuses with a code.
//! - Fold law: it also adds up to what the same answer, written as one response, reads as.
//! - How texts are cut into deltas makes no difference.
//!
//! `OUTCROP_LAWS=100000 cargo test -p outcrop-tests --test stream_laws` runs that many per family.

#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use outcrop_runtime::fold::fold;
use outcrop_runtime::tree::{Object, Tree};
use outcrop_runtime::{Call, Code, Kind};
use outcrop_tests::families::{self, Loaded};

/// Refusals that well-formed events may meet.
const REFUSALS: &[Code] = &[Code::Unsupported, Code::ReservedMarker, Code::UnknownValue, Code::NotSingle];

fn runs() -> u64 {
    std::env::var("OUTCROP_LAWS").ok().and_then(|n| n.parse().ok()).unwrap_or(60)
}

#[derive(Default)]
struct Tally {
    same: u64,
    folded: u64,
    refused: BTreeMap<&'static str, u64>,
}

#[test]
fn random_streams_come_back_and_add_up_to_the_response() {
    println!("{:<28} {:>7} {:>14} refused", "family", "same", "as response");
    for family in families::all().iter().filter(|f| f.family.chat.stream.is_some()) {
        let mut tally = Tally::default();
        for seed in 0..runs() {
            one(family, seed, &mut tally);
        }
        println!("{:<28} {:>7} {:>14} {:?}", family.name, tally.same, tally.folded, tally.refused);
        assert!(tally.same > runs() / 20, "{}: hardly any stream comes back", family.name);
    }
}

fn one(family: &Loaded, seed: u64, tally: &mut Tally) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let answer = answer(&mut rng);
    let call = Call { model: &family.model, ..Call::default() };
    let events = stream(&mut rng, &answer);
    let wanted = plain(&fold(&events).expect("the events are whole"));
    let show = || format!("{} seed {seed}: {}", family.name, Tree::list(events.clone()));
    let got = match again(family, &call, &events) {
        Ok(got) => got,
        Err(code) => {
            assert!(REFUSALS.contains(&code), "{} is refused as {}", show(), code.as_str());
            *tally.refused.entry(code.as_str()).or_default() += 1;
            return;
        }
    };
    if let Some(path) = plain(&got).difference(&wanted) {
        panic!("{}\nreads back differently at {path}: {got}", show());
    }
    tally.same += 1;

    let other = stream(&mut rng, &answer);
    let cut = again(family, &call, &other).map(|got| plain(&got));
    assert_eq!(
        cut.as_ref().map_err(|c| c.as_str()),
        Ok(&plain(&got)),
        "{}\ncut otherwise: {}",
        show(),
        Tree::list(other)
    );

    let response = fold(&events).expect("the events are whole").to_string();
    let Ok(native) = family.codec.encode(Kind::Response, &call, response.as_bytes()) else { return };
    let call = Call { headers: &native.headers, ..call };
    let Ok(read) = family.codec.decode(Kind::Response, &call, &native.body) else {
        panic!("{}\nthe response does not read back", show());
    };
    let read = Tree::parse(&read.body).expect("responses are JSON");
    if let Some(path) = plain(&read).difference(&plain(&got)) {
        panic!("{}\nas a response it differs at {path}: {read}", show());
    }
    tally.folded += 1;
}

/// Events to chunks to events, added up.
fn again(family: &Loaded, call: &Call<'_>, events: &[Tree]) -> Result<Tree, Code> {
    let bytes: Vec<Vec<u8>> = events.iter().map(|e| e.to_string().into_bytes()).collect();
    let chunks = family.stream_encode(call, &bytes).map_err(|e| e.code)?;
    let back = match family.stream_decode(call, &chunks) {
        Ok(back) => back,
        Err(e) => panic!("{}: its own chunks are refused: {e}", family.name),
    };
    let back: Vec<Tree> = back.iter().map(|e| Tree::parse(e).expect("events are JSON")).collect();
    Ok(fold(&back).expect("the events are whole"))
}

/// Content blocks and a stop reason.
fn answer(rng: &mut fastrand::Rng) -> (Vec<Tree>, &'static str) {
    let mut blocks = Vec::new();
    if rng.u8(0..3) == 0 {
        let reasoning = Tree::arm("reasoningText", Tree::arm("text", Tree::Str(text(rng))));
        blocks.push(Tree::arm("reasoningContent", reasoning));
    }
    if rng.u8(0..5) > 0 {
        blocks.push(Tree::arm("text", Tree::Str(text(rng))));
    }
    let calls = if rng.u8(0..3) == 0 { rng.usize(1..4) } else { 0 };
    for n in 0..calls {
        let input = Tree::arm("key", Tree::Str(text(rng)));
        let call = [("toolUseId", Tree::Str(format!("call_{n}"))), ("name", Tree::str("look")), ("input", input)];
        blocks.push(Tree::arm("toolUse", object(call)));
    }
    let stop = if calls > 0 { "tool_use" } else { ["end_turn", "max_tokens"][rng.usize(0..2)] };
    (blocks, stop)
}

fn text(rng: &mut fastrand::Rng) -> String {
    let words = ["salt", " ", "\n", "é", "\"", "\\", "<", ">", "reasoning", "</think>", "{", "🦀", "Human:"];
    let text: String = (0..rng.usize(1..6)).map(|_| words[rng.usize(0..words.len())]).collect();
    format!("a{text}")
}

/// The events of an answer, its texts cut at random.
fn stream(rng: &mut fastrand::Rng, (blocks, stop): &(Vec<Tree>, &str)) -> Vec<Tree> {
    let mut events = vec![event("messageStart", [("role", Tree::str("assistant"))])];
    for (n, block) in blocks.iter().enumerate() {
        let number = || ("contentBlockIndex", Tree::Num(n.to_string()));
        let mut delta = |rng: &mut fastrand::Rng, whole: &str, wrap: &dyn Fn(Tree) -> Tree| {
            for piece in cut(rng, whole) {
                events.push(event("contentBlockDelta", [("delta", wrap(Tree::Str(piece))), number()]));
            }
        };
        if let Some(whole) = block.get("text").and_then(Tree::as_str) {
            delta(rng, whole, &|t| Tree::arm("text", t));
        } else if let Some(reasoning) = block.get("reasoningContent").and_then(|r| r.get("reasoningText")) {
            let whole = reasoning.get("text").and_then(Tree::as_str).unwrap_or_default();
            delta(rng, whole, &|t| Tree::arm("reasoningContent", Tree::arm("text", t)));
        } else if let Some(Tree::Obj(call)) = block.get("toolUse") {
            let mut start = call.clone();
            let input = start.remove("input").unwrap_or_default().to_string();
            let start = Tree::arm("toolUse", Tree::Obj(start));
            events.push(event("contentBlockStart", [("start", start), number()]));
            for piece in cut(rng, &input) {
                let delta = Tree::arm("toolUse", Tree::arm("input", Tree::Str(piece)));
                events.push(event("contentBlockDelta", [("delta", delta), number()]));
            }
        }
        events.push(event("contentBlockStop", [number()]));
    }
    events.push(event("messageStop", [("stopReason", Tree::str(*stop))]));
    let usage = object([("inputTokens", Tree::int(7)), ("outputTokens", Tree::int(5)), ("totalTokens", Tree::int(12))]);
    events.push(event("metadata", [("usage", usage), ("metrics", Tree::arm("latencyMs", Tree::int(90)))]));
    events
}

fn cut(rng: &mut fastrand::Rng, text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in text.chars() {
        if rng.u8(0..3) == 0 {
            pieces.push(String::new());
        }
        if let Some(last) = pieces.last_mut() {
            last.push(c);
        }
    }
    pieces.retain(|p| !p.is_empty());
    pieces
}

fn object<const N: usize>(members: [(&str, Tree); N]) -> Tree {
    Tree::object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn event<const N: usize>(name: &str, members: [(&str, Tree); N]) -> Tree {
    Tree::arm(name, object(members))
}

/// Without what belongs to the delivery rather than to the answer.
fn plain(response: &Tree) -> Tree {
    let Tree::Obj(response) = response else { return Tree::Null };
    let mut response: Object = response.clone();
    response.remove("additionalModelResponseFields");
    response.remove("metrics");
    Tree::Obj(response)
}

/// Family, model, and how a string with regions stands in a response, in a chunk, and in the last chunk.
const TAGGED: &[(&str, &str, &str, &str, &str)] = &[
    (
        "openai-gpt-oss",
        "openai.gpt-oss-20b-1:0",
        r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":TEXT},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}"#,
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":TEXT},"finish_reason":null}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}"#,
    ),
    (
        "moth-script",
        "moth.script-1",
        r#"{"light":TEXT,"burnt":{"oil":7,"soot":5},"out":"dark"}"#,
        r#"{"lit":[{"light":TEXT}]}"#,
        r#"{"burnt":{"oil":7,"soot":5},"out":"dark"}"#,
    ),
    (
        "deepseek-r1",
        "us.deepseek.r1-v1:0",
        r#"{"choices":[{"text":TEXT,"stop_reason":"stop"}]}"#,
        r#"{"choices":[{"text":TEXT,"stop_reason":null}]}"#,
        r#"{"choices":[{"text":"","stop_reason":"stop"}]}"#,
    ),
];

#[test]
fn a_string_with_regions_reads_the_same_however_it_is_cut() {
    let families = families::all();
    let bits =
        ["<reasoning>", "</reasoning>", "{{muse}}", "{{/muse}}", "<think>", "</think>", "<", "{", "a", "é", "\n"];
    let mut rng = fastrand::Rng::with_seed(17);
    for (name, model, response, chunk, last) in TAGGED {
        let Some(family) = families.iter().find(|f| f.name == *name) else { continue };
        let call = Call { model, ..Call::default() };
        for _ in 0..300 {
            let text: String = (0..rng.usize(0..7)).map(|_| bits[rng.usize(0..bits.len())]).collect();
            let with = |template: &str, text: &str| template.replace("TEXT", &Tree::str(text).to_string()).into_bytes();
            let whole = family.codec.decode(Kind::Response, &call, &with(response, &text)).expect("a response");
            let whole = Tree::parse(&whole.body).expect("JSON");
            let mut chunks: Vec<Vec<u8>> = cut(&mut rng, &text).iter().map(|piece| with(chunk, piece)).collect();
            chunks.push(last.as_bytes().to_vec());
            let events = family.stream_decode(&call, &chunks).expect("a stream");
            let events: Vec<Tree> = events.iter().map(|e| Tree::parse(e).expect("JSON")).collect();
            let folded = fold(&events).expect("a whole stream");
            let content = |t: &Tree| t.get("output").and_then(|o| o.get("message")).cloned().unwrap_or_default();
            let difference = content(&folded).difference(&content(&whole));
            assert_eq!(difference, None, "{name} {text:?}: {folded} and {whole}");
        }
    }
}
