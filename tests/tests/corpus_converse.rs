//! Recorded Converse traffic, where it is at hand, through the codec of the model's own family: requests, answers and event
//! streams go to the native form and come back the same up to what the reports say, leaf by leaf.

#![allow(clippy::expect_used)]

use std::collections::BTreeMap;

use outcrop::registry::{self, Entry};
use outcrop_runtime::fold::fold;
use outcrop_runtime::{Call, Error, Kind, Report, StreamCodec, Tree};
use outcrop_tests::explained::{of_events, unexplained};
use outcrop_tests::families::{self, Loaded};
use outcrop_tests::{canon, recordings};

#[derive(Default)]
struct Row {
    same: usize,
    reported: usize,
    refused: usize,
    failed: Vec<String>,
}

/// What became of one body.
enum Outcome {
    Same,
    Reported,
    Refused,
}

#[test]
fn recorded_converse_traffic_survives_its_own_format() {
    let Some(recorded) = recordings::all() else { return };
    let loaded = families::all();
    let mut table: BTreeMap<(&str, &str), Row> = BTreeMap::new();
    for exchange in recorded.iter().filter(|e| e.answered() && e.api().starts_with("converse")) {
        let Some(entry) = exchange.family().and_then(registry::by_name) else { continue };
        let Some(family) = loaded.iter().find(|f| f.name == entry.codec.family()) else { continue };
        let call = Call { model: exchange.model(), ..Call::default() };
        let mut note = |column: &'static str, outcome: Result<Outcome, String>| {
            let row = table.entry((exchange.label(), column)).or_default();
            match outcome {
                Ok(Outcome::Same) => row.same += 1,
                Ok(Outcome::Reported) => row.reported += 1,
                Ok(Outcome::Refused) => row.refused += 1,
                Err(why) => row.failed.push(format!("{} {column}: {why}", exchange.id())),
            }
        };
        if let Some(body) = exchange.body("request") {
            note("request", whole(entry, family, Kind::Request, &call, body));
        }
        if let Some(body) = exchange.body("response") {
            note("response", whole(entry, family, Kind::Response, &call, body));
        }
        let events = exchange.events();
        if !events.is_empty() {
            note("stream", stream(entry, family, &call, &events));
        }
    }
    println!("{:<20} {:<10} {:>5} {:>9} {:>8} {:>7}", "format", "body", "same", "reported", "refused", "failed");
    for ((label, column), row) in &table {
        let failed = row.failed.len();
        println!("{label:<20} {column:<10} {:>5} {:>9} {:>8} {failed:>7}", row.same, row.reported, row.refused);
    }
    let failed: Vec<&str> = table.values().flat_map(|r| &r.failed).map(String::as_str).collect();
    assert!(!table.is_empty(), "the recordings hold no Converse traffic that is known");
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

fn whole(entry: &Entry, family: &Loaded, kind: Kind, call: &Call<'_>, body: &Tree) -> Result<Outcome, String> {
    let native = match entry.codec.encode(kind, call, body.to_string().as_bytes()) {
        Ok(native) => native,
        Err(e) => return refused(&e),
    };
    let headers = Call { headers: &native.headers, ..*call };
    let back = entry.codec.decode(kind, &headers, &native.body).map_err(|e| format!("own body not read: {e}"))?;
    let tree = |bytes: &[u8]| Tree::parse(bytes).map_err(|e| format!("no JSON: {e}"));
    judged(family, body, &tree(&native.body)?, &tree(&back.body)?, &native.report)
}

fn stream(entry: &Entry, family: &Loaded, call: &Call<'_>, events: &[Tree]) -> Result<Outcome, String> {
    let encoder = entry.codec.stream_encoder(call).map_err(|e| format!("no stream: {e}"))?;
    let (chunks, report) = match through(encoder, events) {
        Ok(done) => done,
        Err(e) => return refused(&e),
    };
    let decoder = entry.codec.stream_decoder(call).map_err(|e| format!("no stream: {e}"))?;
    let (back, _) = through(decoder, &chunks).map_err(|e| format!("own chunks not read: {e}"))?;
    let sum = |events: &[Tree]| fold(events).map_err(|e| format!("fold: {e}"));
    judged(family, &sum(events)?, &Tree::list(chunks), &sum(&back)?, &of_events(&report))
}

fn through(mut stream: Box<dyn StreamCodec + '_>, items: &[Tree]) -> Result<(Vec<Tree>, Report), Error> {
    let mut out = Vec::new();
    let mut take = |item: &[u8]| out.push(Tree::parse(item).expect("what streams say is JSON"));
    for item in items {
        stream.push(item.to_string().as_bytes(), &mut take)?;
    }
    let report = stream.finish(&mut take)?;
    Ok((out, report))
}

/// A refusal names a code and a place.
fn refused(e: &Error) -> Result<Outcome, String> {
    if e.path.is_empty() { Err(format!("refused without a place: {e}")) } else { Ok(Outcome::Refused) }
}

fn judged(family: &Loaded, before: &Tree, native: &Tree, after: &Tree, report: &Report) -> Result<Outcome, String> {
    let silent = report.losses.is_empty();
    if canon::conversation(before).difference(&canon::conversation(after)).is_none() {
        return Ok(if silent { Outcome::Same } else { Outcome::Reported });
    }
    match unexplained(&family.family, before, native, after, report) {
        Some(fault) => Err(format!("{fault}; reported {:?}", report.losses)),
        None => Ok(Outcome::Reported),
    }
}
