//! Recorded traffic, where it is at hand: native bodies go to Converse and back, Converse bodies through the façade.
//!
//! The recordings are not part of the repository. `OUTCROP_CORPUS` names their directory (`../shared/corpus` beside the
//! repository otherwise); without it the test says so and passes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use outcrop_lang::interp::facade;
use outcrop_runtime::tree::Object;
use outcrop_runtime::{Call, Kind, Output, Tree};
use outcrop_tests::families::{self, Loaded};
use outcrop_tests::leaves;

/// Label of a recorded format and the family that reads it.
const FORMATS: &[(&str, &str)] = &[
    ("ai21-j2", "ai21-jurassic2"),
    ("anthropic-text", "anthropic-text-completion"),
    ("amazon-titan-text", "amazon-titan-text"),
    ("cohere-command", "cohere-command"),
    ("deepseek", "deepseek-r1"),
    ("mistral-text", "mistral-text"),
    ("anthropic-messages", "anthropic-messages"),
    ("meta-llama2", "meta-llama"),
    ("meta-llama3", "meta-llama"),
    ("meta-llama4", "meta-llama"),
    ("openai-chat", "openai-gpt-oss"),
    ("amazon-nova", "amazon-nova"),
    ("cohere-command-r", "cohere-command-r"),
    ("ai21-jamba", "ai21-jamba"),
    ("mistral-chat", "mistral-chat"),
    ("moonshot-kimi", "moonshot-kimi"),
    ("qwen", "qwen3"),
];

#[derive(Default)]
struct Row {
    same: usize,
    canonical: usize,
    failed: Vec<String>,
}

#[test]
fn recorded_bodies_survive_the_way_there_and_back() {
    let Some(path) = corpus() else {
        println!("no recordings at hand (set OUTCROP_CORPUS); nothing to compare");
        return;
    };
    let families = families::all();
    let mut table: BTreeMap<(String, &str), Row> = BTreeMap::new();
    let text = std::fs::read_to_string(&path).expect("the recordings are UTF-8");
    for line in text.lines() {
        let exchange = Tree::parse_text(line).expect("a recording is JSON");
        let get = |name: &str| exchange.get(name).and_then(Tree::as_str).unwrap_or_default().to_owned();
        let label = get("family_guess");
        let Some((_, name)) = FORMATS.iter().find(|(l, _)| *l == label) else { continue };
        let Some(family) = families.iter().find(|f| f.name == *name) else { continue };
        if exchange.get("status").and_then(Tree::as_int) != Some(200) {
            continue;
        }
        let native = get("api").starts_with("invoke");
        for (member, kind) in [("request", Kind::Request), ("response", Kind::Response)] {
            let Some(body @ Tree::Obj(_)) = exchange.get(member) else { continue };
            let headers = headers(exchange.get(&format!("{member}_headers")));
            let model = get("model_id");
            let call = Call { model: &model, headers: &headers, ..Call::default() };
            let column = match (native, kind) {
                (true, Kind::Request) => "native request",
                (true, _) => "native response",
                (false, Kind::Request) => "Converse request",
                (false, _) => "Converse response",
            };
            let row = table.entry((label.clone(), column)).or_default();
            let outcome = if native { there_and_back(family, kind, &call, body) } else { checked(family, kind, body) };
            match outcome {
                Ok(true) => row.same += 1,
                Ok(false) => row.canonical += 1,
                Err(why) => row.failed.push(format!("{} {column}: {why}", get("id"))),
            }
        }
    }
    println!("{:<20} {:<18} {:>5} {:>9} {:>6}", "format", "body", "same", "canonical", "failed");
    for ((label, column), row) in &table {
        println!("{label:<20} {column:<18} {:>5} {:>9} {:>6}", row.same, row.canonical, row.failed.len());
    }
    let failed: Vec<&String> = table.values().flat_map(|r| &r.failed).collect();
    assert!(!table.is_empty(), "the recordings hold nothing that is known");
    let lines: Vec<&str> = failed.iter().map(|f| f.as_str()).collect();
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), lines.join("\n"));
}

fn corpus() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let folder = std::env::var_os("OUTCROP_CORPUS").map_or_else(beside, PathBuf::from);
    Some(folder.join("recorded.jsonl")).filter(|path| path.is_file())
}

fn headers(tree: Option<&Tree>) -> Vec<(String, String)> {
    let members = tree.and_then(Tree::as_object).map(Object::members).unwrap_or_default();
    members.iter().map(|(name, v)| (name.clone(), v.as_str().map_or_else(|| v.to_string(), str::to_owned))).collect()
}

/// Whether a Converse body goes through the façade unchanged.
fn checked(family: &Loaded, kind: Kind, body: &Tree) -> Result<bool, String> {
    let got = facade::check(kind, body, &family.facade).map_err(|e| e.to_string())?;
    match got.difference(body) {
        None => Ok(true),
        Some(path) => Err(format!("differs at `{path}`")),
    }
}

/// Native to Converse and back: the same, or a canonical form that means the same and holds every value.
fn there_and_back(family: &Loaded, kind: Kind, call: &Call<'_>, body: &Tree) -> Result<bool, String> {
    let decode = |call: &Call<'_>, body: &Tree| {
        family.codec.decode(kind, call, body.to_string().as_bytes()).map_err(|e| format!("decode: {e}"))
    };
    decode(call, body)?;
    // Headers would add to the body what it does not say.
    let call = &Call { headers: &[], ..*call };
    let converse = decode(call, body)?;
    let native = family.codec.encode(kind, call, &converse.body).map_err(|e| format!("encode: {e}"))?;
    let got = Tree::parse(&native.body).map_err(|e| format!("encode printed: {e}"))?;
    if got.difference(body).is_none() {
        return Ok(true);
    }
    let again = decode(call, &got)?;
    let tree = |output: &Output| Tree::parse(&output.body).unwrap_or_default();
    if let Some(path) = tree(&again).difference(&tree(&converse)) {
        return Err(format!("reads back differently at `{path}`"));
    }
    let reported: Vec<&str> = converse.report.losses.iter().map(|l| l.path.as_str()).collect();
    match leaves::lost(&family.family, body, &got, &reported) {
        Some(leaf) => Err(format!("`{leaf}` is lost without a word")),
        None => Ok(false),
    }
}
