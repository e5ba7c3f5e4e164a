//! Recorded Converse traffic, where it is at hand, through the codec of the model's own family: requests, answers and event
//! streams go to the native form and come back the same up to what the reports say, leaf by leaf.

use std::collections::BTreeMap;

use outcrop::registry;
use outcrop_runtime::{Call, Kind};
use outcrop_tests::there_and_back::{Outcome, stream, whole};
use outcrop_tests::{families, recordings};

#[derive(Default)]
struct Row {
    same: usize,
    reported: usize,
    refused: usize,
    failed: Vec<String>,
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
                Ok(Outcome::Refused(_)) => row.refused += 1,
                Err(why) => row.failed.push(format!("{} {column}: {why}", exchange.id())),
            }
        };
        if let Some(body) = exchange.body("request") {
            note("request", whole(family, entry.codec, Kind::Request, &call, body));
        }
        if let Some(body) = exchange.body("response") {
            note("response", whole(family, entry.codec, Kind::Response, &call, body));
        }
        let events = exchange.events();
        if !events.is_empty() {
            note("stream", stream(family, entry.codec, &call, &events));
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
