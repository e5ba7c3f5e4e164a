//! Recorded traffic, where it is at hand, through the interpreter and through compiled code: the same bodies, events, headers and reports.
//!
//! The recordings are not part of the repository. `OUTCROP_CORPUS` names their directory (`../shared/corpus` beside the
//! repository otherwise); without it the test says so and passes.

#![allow(clippy::expect_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use outcrop::registry;
use outcrop_runtime::tree::{Object, Tree};
use outcrop_runtime::{Call, Codec, Kind};
use outcrop_tests::compare::{Faults, Operation, difference};
use outcrop_tests::families;

/// Label of a recorded format and the family that reads it, where the two differ.
const FORMATS: &[(&str, &str)] = &[
    ("ai21-j2", "ai21-jurassic2"),
    ("anthropic-text", "anthropic-text-completion"),
    ("deepseek", "deepseek-r1"),
    ("meta-llama2", "meta-llama"),
    ("meta-llama3", "meta-llama"),
    ("meta-llama4", "meta-llama"),
    ("openai-chat", "openai-gpt-oss"),
    ("qwen", "qwen3"),
];

#[test]
fn recorded_traffic_goes_through_both_codecs_alike() {
    let Some(path) = corpus() else {
        println!("no recordings at hand (set OUTCROP_CORPUS); nothing to compare");
        return;
    };
    let families = families::all();
    let mut ran: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    let text = std::fs::read_to_string(&path).expect("the recordings are UTF-8");
    for line in text.lines() {
        let exchange = Tree::parse_text(line).expect("a recording is JSON");
        let get = |name: &str| exchange.get(name).and_then(Tree::as_str).unwrap_or_default().to_owned();
        let (label, model, api) = (get("family_guess"), get("model_id"), get("api"));
        let name = FORMATS.iter().find(|(l, _)| *l == label).map_or(label.as_str(), |(_, name)| name);
        let (Some(entry), Some(family)) = (registry::by_name(name), families.iter().find(|f| f.name == name)) else {
            continue;
        };
        let mut compare = |kind: Kind, operation: Operation, call: &Call<'_>, input: &Tree| {
            let stream = if operation == Operation::Encode { "encode_stream" } else { "decode_stream" };
            if kind == Kind::Stream && entry.unsupported.iter().any(|u| u.starts_with(stream)) {
                return;
            }
            if let Some(d) = difference(&*family.codec, entry.codec, kind, operation, call, input, Faults::Several) {
                failures.push(format!("{} {kind:?} {operation:?}: {d}", get("id")));
            }
            *ran.entry(name.to_owned()).or_default() += 1;
        };
        for (member, kind) in [("request", Kind::Request), ("response", Kind::Response)] {
            let Some(body @ Tree::Obj(_)) = exchange.get(member) else { continue };
            let headers = headers(exchange.get(&format!("{member}_headers")));
            let call = Call { model: &model, headers: &headers, ..Call::default() };
            if api.starts_with("invoke") {
                compare(kind, Operation::Decode, &call, body);
                compare(kind, Operation::Check, &call, body);
                let decoded = family.codec.decode(kind, &call, body.to_string().as_bytes());
                if let Some(converse) = decoded.ok().and_then(|out| Tree::parse(&out.body).ok()) {
                    compare(kind, Operation::Encode, &Call { headers: &[], ..call }, &converse);
                }
            } else {
                compare(kind, Operation::Encode, &Call { headers: &[], ..call }, body);
            }
        }
        let frames = exchange.get("stream_events").and_then(Tree::as_list).unwrap_or_default();
        let chunks: Vec<Tree> = frames.iter().filter_map(|f| f.get("chunk").cloned()).collect();
        if api == "invoke_stream" && !chunks.is_empty() {
            let call = Call { model: &model, ..Call::default() };
            let chunks = Tree::list(chunks);
            compare(Kind::Stream, Operation::Decode, &call, &chunks);
            if let Some(events) = events(&*family.codec, &call, &chunks) {
                compare(Kind::Stream, Operation::Encode, &call, &events);
            }
        }
    }
    for (name, count) in &ran {
        println!("{name:<24} {count:>6}");
    }
    assert!(!ran.is_empty(), "the recordings hold nothing that is known");
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n\n"));
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

/// The events of a stream, if it is one.
fn events(codec: &dyn Codec, call: &Call<'_>, chunks: &Tree) -> Option<Tree> {
    let mut events = Vec::new();
    let mut take = |event: &[u8]| events.push(Tree::parse(event).unwrap_or_default());
    let mut stream = codec.stream_decoder(call).ok()?;
    for chunk in chunks.as_list()? {
        stream.push(chunk.to_string().as_bytes(), &mut take).ok()?;
    }
    stream.finish(&mut take).ok()?;
    Some(Tree::list(events))
}
