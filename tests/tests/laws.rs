//! The round-trip law on random requests, for every family: `decode(encode(c))` is `c` up to what the report says and the
//! canonical order of blocks, or encoding refuses with a code; and encoding what was decoded gives the same native body.
//!
//! `OUTCROP_LAWS=100000 cargo test --release -p outcrop-tests --test laws` runs that many per family; `OUTCROP_FAMILY` and `OUTCROP_SEED`
//! run one (`tests/src/side_by_side.rs`).

#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Code, Kind};
use outcrop_tests::side_by_side::{self, side_by_side, wanted_families, wanted_seeds};
use outcrop_tests::{canon, explained, families, random::Random};

/// Refusals that a well-formed Converse request may meet.
const REFUSALS: &[Code] = &[
    Code::Unsupported,
    Code::NotForModel,
    Code::OutOfRange,
    Code::NotSingle,
    Code::ReservedMarker,
    Code::NothingToAttach,
    Code::TurnOrder,
    Code::UnknownCall,
    Code::UnknownValue,
    Code::UnknownTag,
    Code::ConflictingField,
    Code::MissingMember,
    Code::WrongType,
    Code::BadEncoding,
];

#[derive(Default)]
struct Tally {
    exact: u64,
    canonical: u64,
    reported: u64,
    refused: BTreeMap<&'static str, u64>,
    unexplained: Vec<String>,
}

impl side_by_side::Tally for Tally {
    fn add(&mut self, more: Self) {
        self.exact += more.exact;
        self.canonical += more.canonical;
        self.reported += more.reported;
        more.refused.into_iter().for_each(|(code, count)| *self.refused.entry(code).or_default() += count);
        self.unexplained.extend(more.unexplained);
    }
}

#[test]
fn random_requests_come_back_or_are_refused_with_a_code() {
    println!(
        "{:<28} {:>8} {:>9} {:>8} {:>8} {:>11}",
        "family", "exact", "canonical", "reported", "refused", "unexplained"
    );
    let row = |family: &families::Loaded, tally: &Tally| {
        let Tally { exact, canonical, reported, refused, unexplained } = tally;
        let (sum, faults) = (refused.values().sum::<u64>(), unexplained.len());
        println!("{:<28} {exact:>8} {canonical:>9} {reported:>8} {sum:>8} {faults:>11}", family.name);
        println!("    refused: {refused:?}");
    };
    let name = |family: &families::Loaded| family.name.clone();
    let tallies = side_by_side(&wanted_families(), &wanted_seeds(1500), name, one, row);
    let failures: Vec<String> = tallies.into_iter().flat_map(|tally| tally.unexplained.into_iter().take(3)).collect();
    assert!(failures.is_empty(), "unexplained:\n{}", failures.join("\n"));
}

fn one(family: &families::Loaded, seed: u64, tally: &mut Tally) {
    let mut random = Random::new(&family.family, seed);
    let request = random.value("ConverseRequest");
    let call = Call { model: &family.model, ..Call::default() };
    let text = request.to_string();
    let encoded = match family.codec.encode(Kind::Request, &call, text.as_bytes()) {
        Ok(out) => out,
        Err(e) if REFUSALS.contains(&e.code) => {
            *tally.refused.entry(e.code.as_str()).or_default() += 1;
            return;
        }
        Err(e) => return tally.unexplained.push(format!("{} seed {seed}: {e}\n  {text}", family.name)),
    };
    let native = String::from_utf8_lossy(&encoded.body).into_owned();
    let headers: Vec<(String, String)> = encoded.headers.clone();
    let back_call = Call { headers: &headers, ..call };
    let decoded = match family.codec.decode(Kind::Request, &back_call, &encoded.body) {
        Ok(out) => out,
        Err(e) => {
            return tally
                .unexplained
                .push(format!("{} seed {seed}: own body not read: {e}\n  {text}\n  {native}", family.name));
        }
    };
    let back = Tree::parse(&decoded.body).expect("decoding writes JSON");
    if request.difference(&back).is_none() {
        tally.exact += 1;
    } else if !encoded.report.losses.is_empty() || !decoded.report.losses.is_empty() {
        let body = Tree::parse(&encoded.body).expect("JSON");
        if let Some(fault) = explained::unexplained(&family.family, &request, &body, &back, &encoded.report) {
            let losses: Vec<String> =
                encoded.report.losses.iter().map(|l| format!("{} {}", l.fate.as_str(), l.path)).collect();
            tally
                .unexplained
                .push(format!("{} seed {seed}: {fault}\n  {text}\n  {native}\n  {back}\n  {losses:?}", family.name));
            return;
        }
        tally.reported += 1;
    } else if let Some(at) = canon::conversation(&request).difference(&canon::conversation(&back)) {
        return tally
            .unexplained
            .push(format!("{} seed {seed}: differs at {at}\n  {text}\n  {native}\n  {back}", family.name));
    } else {
        tally.canonical += 1;
    }
    match family.codec.encode(Kind::Request, &call, &decoded.body) {
        Ok(again) => {
            let (a, b) = (Tree::parse(&encoded.body).expect("JSON"), Tree::parse(&again.body).expect("JSON"));
            if let Some(at) = a.difference(&b) {
                tally.unexplained.push(format!(
                    "{} seed {seed}: encodes differently again at {at}\n  {text}\n  {a}\n  {b}",
                    family.name
                ));
            }
        }
        Err(e) => tally
            .unexplained
            .push(format!("{} seed {seed}: what was decoded is refused: {e}\n  {text}\n  {back}", family.name)),
    }
}
