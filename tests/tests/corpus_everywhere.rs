//! Recorded Converse requests, answers and event streams, where they are at hand, written for every family: what is native
//! reads back as the same up to what the reports say, leaf by leaf, or it is refused with a code and a place.

#![allow(clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};

use outcrop::registry;
use outcrop_runtime::{Call, Kind, Tree};
use outcrop_tests::compare::{Faults, Operation, difference};
use outcrop_tests::recordings::Exchange;
use outcrop_tests::there_and_back::{Outcome, stream, whole};
use outcrop_tests::{families, recordings};

/// Of so many pairs of body and family one goes through the interpreter as well, which takes its time.
const SAMPLE: usize = 8;

#[derive(Default)]
struct Row {
    same: usize,
    reported: usize,
    refused: BTreeMap<&'static str, usize>,
}

#[test]
fn recorded_requests_go_to_every_family_or_are_refused() {
    everywhere(Kind::Request, |exchange| exchange.body("request").cloned());
}

#[test]
fn recorded_answers_go_to_every_family_or_are_refused() {
    everywhere(Kind::Response, |exchange| exchange.body("response").cloned());
}

#[test]
fn recorded_events_go_to_every_family_or_are_refused() {
    everywhere(Kind::Stream, |exchange| {
        Some(Tree::list(exchange.events())).filter(|events| *events != Tree::list(vec![]))
    });
}

fn everywhere(kind: Kind, of: impl Fn(&Exchange) -> Option<Tree>) {
    let Some(recorded) = recordings::all() else { return };
    let loaded = families::all();
    let step = std::env::var("OUTCROP_SAMPLE").ok().and_then(|n| n.parse().ok()).unwrap_or(SAMPLE);
    // Many recordings differ in nothing that goes into the body. What the service refused may be no request at all.
    let converse =
        recorded.iter().filter(|e| e.api().starts_with("converse") && (e.answered() || kind == Kind::Request));
    let bodies: BTreeMap<String, (Tree, &Exchange)> =
        converse.filter_map(|e| of(e).map(|body| (body.to_string(), (body, e)))).collect();
    assert!(!bodies.is_empty(), "the recordings hold no Converse body");
    println!("{kind:?}: {} bodies", bodies.len());
    println!("{:<32} {:>5} {:>9} {:>8}", "family", "same", "reported", "refused");
    let mut faults = BTreeSet::new();
    for (at, entry) in registry::FAMILIES.iter().enumerate() {
        if kind == Kind::Stream && entry.streams.is_none() {
            continue;
        }
        let family = loaded.iter().find(|f| f.name == entry.codec.family()).expect("the spec is in the repository");
        let call = Call { model: &family.model, ..Call::default() };
        let mut row = Row::default();
        for (i, (body, exchange)) in bodies.values().enumerate() {
            let outcome = match kind {
                Kind::Stream => stream(family, entry.codec, &call, body.as_list().unwrap_or_default()),
                _ => whole(family, entry.codec, kind, &call, body),
            };
            match outcome {
                Ok(Outcome::Same) => row.same += 1,
                Ok(Outcome::Reported) => row.reported += 1,
                Ok(Outcome::Refused(code)) => *row.refused.entry(code.as_str()).or_default() += 1,
                Err(_) if !exchange.answered() => *row.refused.entry("as the service did").or_default() += 1,
                Err(why) => drop(faults.insert(format!("{} for {}: {why}", exchange.id(), family.name))),
            }
            if (i + at) % step == 0 {
                let (interpreted, compiled) = (&*family.codec, entry.codec);
                let other = difference(interpreted, compiled, kind, Operation::Encode, &call, body, Faults::Any);
                faults.extend(other.map(|why| format!("{} for {}: {why}", exchange.id(), family.name)));
            }
        }
        let refused: usize = row.refused.values().sum();
        println!("{:<32} {:>5} {:>9} {refused:>8} {:?}", family.name, row.same, row.reported, row.refused);
    }
    let shown: Vec<&str> = faults.iter().map(String::as_str).collect();
    assert!(faults.is_empty(), "{} unexplained:\n{}", faults.len(), shown.join("\n"));
}
