//! Recorded traffic, where it is at hand: native bodies go to Converse and back, Converse bodies through the façade.

use std::collections::BTreeMap;

use outcrop_lang::interp::facade;
use outcrop_runtime::{Call, Kind, Output, Tree};
use outcrop_tests::families::{self, Loaded};
use outcrop_tests::{leaves, recordings};

#[derive(Default)]
struct Row {
    same: usize,
    canonical: usize,
    failed: Vec<String>,
}

#[test]
fn recorded_bodies_survive_the_way_there_and_back() {
    let Some(recorded) = recordings::all() else { return };
    let families = families::all();
    let mut table: BTreeMap<(String, &str), Row> = BTreeMap::new();
    for exchange in recorded.iter().filter(|e| e.answered()) {
        let Some(name) = exchange.family() else { continue };
        let Some(family) = families.iter().find(|f| f.name == name) else { continue };
        let native = exchange.api().starts_with("invoke");
        for (member, kind) in [("request", Kind::Request), ("response", Kind::Response)] {
            let Some(body) = exchange.body(member) else { continue };
            let headers = exchange.headers(member);
            let call = Call { model: exchange.model(), headers: &headers, ..Call::default() };
            let column = match (native, kind) {
                (true, Kind::Request) => "native request",
                (true, _) => "native response",
                (false, Kind::Request) => "Converse request",
                (false, _) => "Converse response",
            };
            let row = table.entry((exchange.label().to_owned(), column)).or_default();
            let outcome = if native { there_and_back(family, kind, &call, body) } else { checked(family, kind, body) };
            match outcome {
                Ok(true) => row.same += 1,
                Ok(false) => row.canonical += 1,
                Err(why) => row.failed.push(format!("{} {column}: {why}", exchange.id())),
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
