//! The laws of streams on random events, for every family.
//!
//! - `decode(encode(events))` adds up to what the events add up to, or encoding refuses with a code.
//! - Fold law: it also adds up to what the same answer, written as one response, reads as.
//! - How texts are cut into deltas makes no difference.
//!
//! `OUTCROP_LAWS=100000 cargo test --release -p outcrop-tests --test stream_laws` runs that many per family; `OUTCROP_FAMILY` and
//! `OUTCROP_SEED` run one (`tests/src/side_by_side.rs`).

#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};

use outcrop_runtime::fold::fold;
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Code, Error, Kind};
use outcrop_tests::families::{self, Loaded};
use outcrop_tests::side_by_side::{self, side_by_side, wanted_families, wanted_seeds};

/// Refusals that well-formed events may meet.
const REFUSALS: &[Code] = &[Code::Unsupported, Code::ReservedMarker, Code::UnknownValue, Code::NotSingle];

#[derive(Default)]
struct Tally {
    same: u64,
    folded: u64,
    refused: BTreeMap<&'static str, u64>,
    faults: Vec<String>,
}

impl side_by_side::Tally for Tally {
    fn add(&mut self, more: Self) {
        self.same += more.same;
        self.folded += more.folded;
        more.refused.into_iter().for_each(|(code, count)| *self.refused.entry(code).or_default() += count);
        self.faults.extend(more.faults);
    }
}

#[test]
fn random_streams_come_back_and_add_up_to_the_response() {
    println!("{:<28} {:>7} {:>14} {:>6} refused", "family", "same", "as response", "faults");
    let row = |family: &Loaded, tally: &Tally| {
        let Tally { same, folded, refused, faults } = tally;
        println!("{:<28} {same:>7} {folded:>14} {:>6} {refused:?}", family.name, faults.len());
    };
    let try_one = |family: &Loaded, seed, tally: &mut Tally| {
        if let Err((events, why)) = one(family, seed, tally) {
            tally.faults.push(format!("{} seed {seed}: {}\n  {why}", family.name, Tree::list(events)));
        }
    };
    let streaming: Vec<Loaded> =
        wanted_families().into_iter().filter(|family| family.family.chat.stream.is_some()).collect();
    let seeds = wanted_seeds(60);
    let tallies = side_by_side(&streaming, &seeds, |family| family.name.clone(), try_one, row);
    let faults: Vec<&String> = tallies.iter().flat_map(|tally| tally.faults.iter().take(3)).collect();
    assert!(faults.is_empty(), "{}", faults.into_iter().cloned().collect::<Vec<_>>().join("\n"));
    for (family, tally) in streaming.iter().zip(&tallies).filter(|_| seeds.end - seeds.start > 20) {
        assert!(tally.same > seeds.end / 20, "{}: hardly any stream comes back", family.name);
    }
}

/// Events and what is wrong with them.
type Fault = (Vec<Tree>, String);

fn one(family: &Loaded, seed: u64, tally: &mut Tally) -> Result<(), Fault> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let answer = answer(&mut rng);
    let call = Call { model: &family.model, ..Call::default() };
    let events = stream(&mut rng, &answer);
    let whole = fold(&events).expect("the events are whole");
    let got = match again(family, &call, &events) {
        Ok(got) => plain(got),
        Err(Refusal::Encoded(code)) if REFUSALS.contains(&code) => {
            *tally.refused.entry(code.as_str()).or_default() += 1;
            return Ok(());
        }
        Err(refusal) => return Err((events, refusal.to_string())),
    };
    if let Some(path) = got.difference(&plain(whole.clone())) {
        return Err((events, format!("reads back differently at {path}: {got}")));
    }
    tally.same += 1;

    let other = stream(&mut rng, &answer);
    match again(family, &call, &other).map(plain) {
        Ok(cut) if cut == got => {}
        Ok(cut) => {
            return Err((events, format!("reads back differently if cut otherwise: {cut}\n  {}", Tree::list(other))));
        }
        Err(refusal) => return Err((other, format!("cut otherwise it is not refused, and so {refusal}"))),
    }

    let Ok(native) = family.codec.encode(Kind::Response, &call, whole.to_string().as_bytes()) else { return Ok(()) };
    let call = Call { headers: &native.headers, ..call };
    let read = match family.codec.decode(Kind::Response, &call, &native.body) {
        Ok(read) => Tree::parse(&read.body).expect("responses are JSON"),
        Err(e) => return Err((events, format!("the response does not read back: {e}"))),
    };
    if let Some(path) = plain(read.clone()).difference(&got) {
        return Err((events, format!("as a response it differs at {path}: {read}")));
    }
    tally.folded += 1;
    Ok(())
}

/// Which way a stream was refused.
enum Refusal {
    Encoded(Code),
    /// Its own chunks.
    Decoded(Error),
}

impl Display for Refusal {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Refusal::Encoded(code) => write!(f, "it is refused as {}", code.as_str()),
            Refusal::Decoded(e) => write!(f, "its own chunks are refused: {e}"),
        }
    }
}

/// Events to chunks to events, added up.
fn again(family: &Loaded, call: &Call<'_>, events: &[Tree]) -> Result<Tree, Refusal> {
    let bytes: Vec<Vec<u8>> = events.iter().map(|e| e.to_string().into_bytes()).collect();
    let chunks = family.stream_encode(call, &bytes).map_err(|e| Refusal::Encoded(e.code))?;
    let back = family.stream_decode(call, &chunks).map_err(Refusal::Decoded)?;
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
fn plain(response: Tree) -> Tree {
    let Tree::Obj(mut response) = response else { return Tree::Null };
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
