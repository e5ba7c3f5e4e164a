//! Every small spec of the language reference and of `tests/small`, compiled: its codecs do what the interpreter does, on the examples of
//! its page, on mutations of them and on random values.

#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;

use outcrop::runtime::tree::Tree;
use outcrop::runtime::{Call, Kind};
use outcrop_downstream::snippets::ALL;
use outcrop_tests::compare::{Faults, Operation, difference};
use outcrop_tests::families::Loaded;
use outcrop_tests::mutations::mutated;
use outcrop_tests::pages::{self, Example};
use outcrop_tests::random::Random;

const MUTATIONS: usize = 12;
const RANDOM: u64 = 40;

fn examples() -> Vec<Example> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let all = pages::reference(&tests).into_iter().chain(pages::small(&tests));
    all.flat_map(|(page, text)| pages::examples(&page, &text)).collect()
}

/// A body that a page shows, the headers of it, and whether it is refused.
type Shown = (Operation, Vec<(String, String)>, Tree, bool);

/// The bodies that a page shows.
fn shown(example: &Example) -> Vec<Shown> {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut out = Vec::new();
    for (word, rest) in &example.lines {
        let operations: &[Operation] = match word.as_str() {
            "native" | "from-native" | "reads" | "rejects" => &[Operation::Decode, Operation::Check],
            "converse" | "from-converse" | "writes" | "refuses" => &[Operation::Encode],
            "headers" => {
                let tree = Tree::parse(rest.as_bytes()).expect("JSON");
                let members = tree.as_object().expect("headers").members();
                headers = members.iter().map(|(n, v)| (n.clone(), v.as_str().expect("a text").to_owned())).collect();
                continue;
            }
            _ => continue,
        };
        let tree = Tree::parse(rest.as_bytes()).expect("JSON");
        let refused = matches!(word.as_str(), "refuses" | "rejects");
        out.extend(operations.iter().map(|o| (*o, headers.clone(), tree.clone(), refused)));
    }
    out
}

#[test]
fn every_small_spec_is_compiled_whole() {
    let refused: Vec<String> =
        ALL.iter().flat_map(|(at, _, refused)| refused.iter().map(move |r| format!("{at} {r}"))).collect();
    assert!(ALL.len() > 40, "only {} are there", ALL.len());
    assert!(refused.is_empty(), "{} are refused:\n{}", refused.len(), refused.join("\n"));
}

#[test]
fn compiled_small_specs_do_what_the_interpreter_does() {
    let mut failures: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut ran = 0;
    for (example, (at, compiled, _)) in examples().iter().zip(ALL) {
        assert_eq!(example.at, *at, "the build script saw other pages");
        let family: Loaded = example.snippet.load();
        let kind = example.snippet.kind();
        let mut compare = |operation: Operation, headers: &[(String, String)], input: &Tree, faults: Faults<'_>| {
            let headers = if operation == Operation::Encode { &[] } else { headers };
            let call = Call { model: &family.model, headers, ..Call::default() };
            if let Some(difference) = difference(&*family.codec, *compiled, kind, operation, &call, input, faults) {
                failures.entry(at).or_default().push(format!("{operation:?}: {difference}\non {input}"));
            }
            ran += 1;
        };
        let mut rng = fastrand::Rng::with_seed(11);
        for (operation, headers, tree, refused) in shown(example) {
            for round in 0..=MUTATIONS {
                let (input, parts) = mutated(&tree, if round == 0 { 0 } else { 1 + round % 2 }, &mut rng);
                // The fault that an example is about stays where it is.
                let all = !refused || round == 0;
                compare(operation, &headers, &input, if all { Faults::Of(&parts) } else { Faults::Any });
            }
        }
        let view = match kind {
            Kind::Request => "ConverseRequest",
            Kind::Response => "ConverseResponse",
            Kind::Stream => continue,
        };
        for seed in 0..RANDOM {
            let converse = Random::new(&family.family, seed).value(view);
            compare(Operation::Encode, &[], &converse, Faults::Any);
        }
    }
    let count: usize = failures.values().map(Vec::len).sum();
    let text: Vec<String> =
        failures.iter().flat_map(|(at, all)| all.iter().map(move |f| format!("{at} {f}"))).collect();
    assert!(failures.is_empty(), "{count} of {ran} differ, in {} specs:\n{}", failures.len(), text.join("\n\n"));
    assert!(ran > 100, "only {ran} ran");
}
