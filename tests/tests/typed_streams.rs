//! Typed events of generated decoders: printed, they are the events that the same decoder gives as JSON.

#![allow(clippy::expect_used)]

use std::path::PathBuf;

use outcrop::registry::{self, Entry};
use outcrop::runtime::json::Value;
use outcrop::runtime::{Call, Error, Report, StreamCodec};
use outcrop::stream::Decoder;
use outcrop_lang::ir::ExampleKind;
use outcrop_runtime::Tree;
use outcrop_tests::families;

type Events = (Vec<Vec<u8>>, Result<Report, Error>);

fn as_json(entry: &Entry, call: &Call<'_>, chunks: &[Vec<u8>]) -> Option<Events> {
    let mut decoder = Decoder::new(entry.streams?, call);
    let mut events = Vec::new();
    let mut run = || {
        for chunk in chunks {
            decoder.push(chunk, &mut |event| events.push(event.to_vec()))?;
        }
        decoder.finish(&mut |event| events.push(event.to_vec()))
    };
    let report = run();
    Some((events, report))
}

fn typed(entry: &Entry, call: &Call<'_>, chunks: &[Vec<u8>]) -> Option<Events> {
    let mut decoder = Decoder::new(entry.streams?, call);
    let mut events = Vec::new();
    let mut run = || {
        for chunk in chunks {
            decoder.push_typed(chunk, &mut |event| events.push(event.to_json()))?;
        }
        decoder.finish_typed(&mut |event| events.push(event.to_json()))
    };
    let report = run();
    Some((events, report))
}

fn check(entry: &Entry, call: &Call<'_>, chunks: &[Vec<u8>], what: &str) -> usize {
    let (Some(json), Some(typed)) = (as_json(entry, call, chunks), typed(entry, call, chunks)) else { return 0 };
    let texts = |events: &Events| events.0.iter().map(|e| String::from_utf8_lossy(e).into_owned()).collect::<Vec<_>>();
    assert_eq!(texts(&json), texts(&typed), "{what}");
    assert_eq!(json.1, typed.1, "{what}");
    json.0.len()
}

fn items(text: &str) -> Vec<Vec<u8>> {
    let tree = Tree::parse_text(text).expect("an example is JSON");
    tree.as_list().unwrap_or_default().iter().map(|chunk| chunk.to_string().into_bytes()).collect()
}

#[test]
fn typed_events_of_every_example_are_its_json_events() {
    let (mut ran, mut given) = (0, 0);
    for family in families::all() {
        let Some(entry) = registry::by_name(&family.name) else { continue };
        for example in family.family.examples.iter().filter(|e| e.kind == ExampleKind::Stream) {
            let Some(native) = &example.native else { continue };
            let call = Call { model: &example.model, headers: &example.headers, ..Call::default() };
            let chunks = items(native);
            given += check(entry, &call, &chunks, &example.id);
            // Cut off anywhere, too.
            for end in 0..chunks.len() {
                check(entry, &call, &chunks[..end], &example.id);
            }
            ran += 1;
        }
    }
    assert!(ran > 20 && given > 150, "only {ran} streams of {given} events");
}

#[test]
fn typed_events_of_recorded_streams_are_their_json_events() {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let folder = std::env::var_os("OUTCROP_CORPUS").map_or_else(beside, PathBuf::from);
    let Ok(text) = std::fs::read_to_string(folder.join("recorded.jsonl")) else {
        println!("no recordings at hand (set OUTCROP_CORPUS); nothing to compare");
        return;
    };
    let mut ran = 0;
    for line in text.lines() {
        let exchange = Tree::parse_text(line).expect("a recording is JSON");
        let model = exchange.get("model_id").and_then(Tree::as_str).unwrap_or_default().to_owned();
        let frames = exchange.get("stream_events").and_then(Tree::as_list).unwrap_or_default();
        let chunks: Vec<Vec<u8>> =
            frames.iter().filter_map(|f| f.get("chunk")).map(|c| c.to_string().into_bytes()).collect();
        let Some((entry, _)) = registry::by_model(&model) else { continue };
        if exchange.get("api").and_then(Tree::as_str) == Some("invoke_stream") && !chunks.is_empty() {
            check(entry, &Call { model: &model, ..Call::default() }, &chunks, &model);
            ran += 1;
        }
    }
    assert!(ran > 0, "the recordings hold no stream that is known");
}
