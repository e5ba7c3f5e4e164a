//! Recorded Converse requests, where they are at hand, written for every family: the native body reads back as the same
//! conversation up to what the reports say, leaf by leaf, or the request is refused with a code and a place.

#![allow(clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};

use outcrop::registry::{self, Entry};
use outcrop_runtime::{Call, Code, Kind, Tree};
use outcrop_tests::explained::unexplained;
use outcrop_tests::families::{self, Loaded};
use outcrop_tests::{canon, recordings};

/// What a request that Converse took may meet in a format that knows less. Refusals of what is no Converse request at all
/// (`wrong-type`, `bad-encoding`, …) are not among them.
const REFUSALS: &[Code] = &[
    Code::Unsupported,
    Code::OutOfRange,
    Code::NotSingle,
    Code::ReservedMarker,
    Code::NothingToAttach,
    Code::TurnOrder,
    // A word that the format has none for, and what the format cannot do without.
    Code::UnknownValue,
    Code::MissingMember,
];

#[derive(Default)]
struct Row {
    same: usize,
    reported: usize,
    refused: BTreeMap<&'static str, usize>,
}

#[test]
fn recorded_requests_go_to_every_family_or_are_refused() {
    let Some(recorded) = recordings::all() else { return };
    let loaded = families::all();
    // Many recordings differ in nothing that goes into the body.
    let requests: BTreeMap<String, &str> = recorded
        .iter()
        .filter(|e| e.api().starts_with("converse") && e.answered())
        .filter_map(|e| Some((e.body("request")?.to_string(), e.id())))
        .collect();
    println!("{} requests", requests.len());
    println!("{:<32} {:>5} {:>9} {:>8}", "family", "same", "reported", "refused");
    let mut faults = Vec::new();
    for entry in registry::FAMILIES {
        let family = loaded.iter().find(|f| f.name == entry.codec.family()).expect("the spec is in the repository");
        let mut row = Row::default();
        for (text, id) in &requests {
            if let Err(why) = one(entry, family, text, &mut row) {
                faults.push(format!("{id} for {}: {why}", entry.codec.family()));
            }
        }
        let refused: usize = row.refused.values().sum();
        println!("{:<32} {:>5} {:>9} {refused:>8} {:?}", entry.codec.family(), row.same, row.reported, row.refused);
    }
    assert!(!requests.is_empty(), "the recordings hold no Converse request");
    let shown: BTreeSet<&String> = faults.iter().collect();
    let shown: Vec<&str> = shown.iter().map(|f| f.as_str()).collect();
    assert!(faults.is_empty(), "{} unexplained:\n{}", faults.len(), shown.join("\n"));
}

fn one(entry: &Entry, family: &Loaded, text: &str, row: &mut Row) -> Result<(), String> {
    let request = Tree::parse_text(text).expect("a recording is JSON");
    let call = Call { model: &family.model, ..Call::default() };
    let encoded = match entry.codec.encode(Kind::Request, &call, text.as_bytes()) {
        Ok(encoded) => encoded,
        Err(e) if REFUSALS.contains(&e.code) && !(e.path.is_empty() && e.native_path.is_empty()) => {
            *row.refused.entry(e.code.as_str()).or_default() += 1;
            return Ok(());
        }
        Err(e) => return Err(format!("refused as no request should be: {e}")),
    };
    let native = Tree::parse(&encoded.body).map_err(|e| format!("no JSON: {e}"))?;
    let call = Call { headers: &encoded.headers, ..call };
    let decoded =
        entry.codec.decode(Kind::Request, &call, &encoded.body).map_err(|e| format!("own body not read: {e}"))?;
    let back = Tree::parse(&decoded.body).map_err(|e| format!("no JSON: {e}"))?;
    if let Some(loss) = decoded.report.losses.first() {
        return Err(format!("own body reads with a loss: {} at {}", loss.fate.as_str(), loss.path));
    }
    let (wanted, got) = (canon::conversation(&request), canon::conversation(&back));
    let silent = encoded.report.losses.is_empty();
    if wanted.difference(&got).is_none() {
        row.same += usize::from(silent);
        row.reported += usize::from(!silent);
    } else {
        for member in ["system", "messages"] {
            let part = |tree: &Tree| tree.get(member).cloned().unwrap_or_default();
            if let Some(at) = part(&wanted).difference(&part(&got)).filter(|_| silent) {
                return Err(format!("{member} differs at `{at}` without a report: {native:.400}"));
            }
        }
        if let Some(fault) = unexplained(&family.family, &request, &native, &back, &encoded.report) {
            return Err(format!("{fault}; reported {:?}", encoded.report.losses));
        }
        row.reported += 1;
    }
    let again = entry.codec.encode(Kind::Request, &Call { headers: &[], ..call }, &decoded.body);
    let again = again.map_err(|e| format!("what was decoded is refused: {e}"))?;
    match native.difference(&Tree::parse(&again.body).map_err(|e| format!("no JSON: {e}"))?) {
        Some(at) => Err(format!("encodes differently again at {at}")),
        None => Ok(()),
    }
}
