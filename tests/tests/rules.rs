//! Rules on single models: generated and interpreted codecs refuse the same bodies in both directions, and report the same.

#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use outcrop::registry;
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Code, Codec, Error, Kind, Output};
use outcrop_tests::{families, random::Random};

/// Body and report; or the two places of what a rule refuses, none of other refusals.
type Outcome = Result<(String, Vec<String>), Option<(String, String)>>;

/// What a translation came to, to be compared. Of several faults either codec may name another first; rules come last, so
/// that a body which breaks one has no other fault.
fn outcome(done: Result<Output, Error>) -> Outcome {
    let report = |out: &Output| out.report.losses.iter().map(|l| format!("{} {}", l.path, l.why)).collect();
    match done {
        Ok(out) => Ok((Tree::parse(&out.body).expect("JSON").to_string(), report(&out))),
        Err(e) => Err((e.code == Code::NotForModel).then_some((e.path, e.native_path))),
    }
}

#[test]
fn models_with_rules_are_judged_alike_by_both_codecs() {
    let mut refused = 0;
    for family in families::all().into_iter().filter(|family| !family.family.rules.is_empty()) {
        let entry = registry::by_name(&family.name).expect("it is compiled");
        let mut met = BTreeSet::new();
        for model in family.family.models.iter().filter(|model| met.insert(model.rules.clone())) {
            // A pattern without its stars is the shortest id that it is for.
            let id = model.pattern.replace('*', "");
            let call = Call { model: &id, ..Call::default() };
            let same = |kind: &str, wanted: Result<Output, Error>, got: Result<Output, Error>, on: &str| {
                let (wanted, got) = (outcome(wanted), outcome(got));
                assert_eq!(wanted, got, "{} {id} {kind}\n{on}", family.name);
                wanted
            };
            for seed in 0..400 {
                let request = Random::new(&family.family, seed).value("ConverseRequest").to_string();
                let (codec, text): (&dyn Codec, &[u8]) = (family.codec.as_ref(), request.as_bytes());
                let encoded = same(
                    "encode",
                    codec.encode(Kind::Request, &call, text),
                    entry.codec.encode(Kind::Request, &call, text),
                    &request,
                );
                refused += usize::from(matches!(encoded, Err(Some(_))));
                // Another model's bodies meet the rules of this one when they are read.
                let free = Call { model: &family.model, ..Call::default() };
                if let Ok(out) = codec.encode(Kind::Request, &free, text) {
                    let native = String::from_utf8(out.body).expect("UTF-8");
                    for way in ["decode", "check"] {
                        let run = |codec: &dyn Codec| match way {
                            "decode" => codec.decode(Kind::Request, &call, native.as_bytes()),
                            _ => codec.check(Kind::Request, &call, native.as_bytes()),
                        };
                        let read = same(way, run(codec), run(entry.codec), &native);
                        // Both directions know the same bodies.
                        if let (Err(Some((path, _))), Err(Some((other, _)))) = (&read, &encoded) {
                            assert_eq!(path, other, "{native}");
                        }
                    }
                }
            }
        }
    }
    assert!(refused > 100, "the rules are met: {refused}");
}

#[test]
fn every_model_with_rules_has_requests_left() {
    for family in families::all() {
        for model in family.family.models.iter().filter(|model| !model.rules.is_empty()) {
            let id = model.pattern.replace('*', "");
            let plain = br#"{"messages":[{"role":"user","content":[{"text":"Name a tide."}]}],"inferenceConfig":{"maxTokens":9}}"#;
            let out = family.codec.encode(Kind::Request, &Call { model: &id, strict: true, ..Call::default() }, plain);
            assert!(out.is_ok(), "{id}: {}", out.expect_err("checked"));
        }
    }
}
