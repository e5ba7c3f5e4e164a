//! Recorded streams, where they are at hand: chunks become events, the events add up to a response, and chunks written
//! from the events say the same again.

#![allow(clippy::expect_used)]

use std::collections::BTreeMap;

use outcrop_runtime::fold::fold;
use outcrop_runtime::{Call, Tree};
use outcrop_tests::families::{self, Loaded};
use outcrop_tests::recordings;

#[derive(Default)]
struct Row {
    same: usize,
    /// The same but for additional fields that only a chunk before the end could say.
    canonical: usize,
    chunks: usize,
    events: usize,
    failed: Vec<String>,
}

#[test]
fn recorded_streams_add_up_and_survive_the_way_there_and_back() {
    let Some(recorded) = recordings::all() else { return };
    let families = families::all();
    let mut table: BTreeMap<String, Row> = BTreeMap::new();
    for exchange in &recorded {
        let chunks = exchange.chunks();
        if exchange.api() != "invoke_stream" || chunks.is_empty() {
            continue;
        }
        let Some(name) = exchange.family() else { continue };
        let Some(family) = families.iter().find(|f| f.name == name) else { continue };
        let row = table.entry(exchange.label().to_owned()).or_default();
        row.chunks += chunks.len();
        match there_and_back(family, exchange.model(), &chunks) {
            Ok((events, true)) => (row.same, row.events) = (row.same + 1, row.events + events),
            Ok((events, false)) => (row.canonical, row.events) = (row.canonical + 1, row.events + events),
            Err(why) => row.failed.push(format!("{}: {why}", exchange.id())),
        }
    }
    println!("{:<24} {:>7} {:>7} {:>5} {:>9} {:>6}", "format", "chunks", "events", "same", "canonical", "failed");
    for (label, row) in &table {
        let Row { same, canonical, chunks, events, failed } = row;
        println!("{label:<24} {chunks:>7} {events:>7} {same:>5} {canonical:>9} {:>6}", failed.len());
    }
    let failed: Vec<&String> = table.values().flat_map(|r| &r.failed).collect();
    assert!(!table.is_empty(), "the recordings hold no stream that is known");
    assert!(failed.is_empty(), "{} failed:\n{failed:#?}", failed.len());
}

/// The number of events, and whether the second reading is the same to the letter.
fn there_and_back(family: &Loaded, model: &str, chunks: &[Tree]) -> Result<(usize, bool), String> {
    let call = Call { model, ..Call::default() };
    let chunks: Vec<Vec<u8>> = chunks.iter().map(|c| c.to_string().into_bytes()).collect();
    let events = family.stream_decode(&call, &chunks).map_err(|e| format!("decode: {e}"))?;
    let first = trees(&events);
    fold(&first).map_err(|e| format!("fold: {e}"))?;
    let written = family.stream_encode(&call, &events).map_err(|e| format!("encode: {e}"))?;
    let again = family.stream_decode(&call, &written).map_err(|e| format!("decode again: {e}"))?;
    let second = trees(&again);
    let (first, second) = (Tree::list(first), Tree::list(second));
    if first.difference(&second).is_none() {
        return Ok((events.len(), true));
    }
    match plain(&first).difference(&plain(&second)) {
        None => Ok((events.len(), false)),
        Some(path) => Err(format!("reads back differently at `{path}`: {second}, not {first}")),
    }
}

fn trees(items: &[Vec<u8>]) -> Vec<Tree> {
    items.iter().map(|i| Tree::parse(i).expect("events are JSON")).collect()
}

/// Events without additional fields.
fn plain(events: &Tree) -> Tree {
    let event = |event: &Tree| {
        let mut event = event.clone();
        if let Tree::Obj(o) = &mut event
            && let Some(Tree::Obj(stop)) = o.get_mut("messageStop")
        {
            stop.remove("additionalModelResponseFields");
        }
        event
    };
    Tree::list(events.as_list().unwrap_or_default().iter().map(event).collect())
}
