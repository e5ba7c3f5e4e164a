//! Formats that nobody compiled into Outcrop: the codecs of the macro and of the build script do what the interpreter does, in every direction.

#![allow(clippy::expect_used, clippy::panic)]

use outcrop::runtime::tree::Tree;
use outcrop::runtime::{Call, Codec, Kind};
use outcrop_lang::ir::ExampleKind;
use outcrop_tests::compare::{Faults, Operation, difference};
use outcrop_tests::families;
use outcrop_tests::mutations::mutated;
use outcrop_tests::random::Random;

const MUTATIONS: usize = 12;
const RANDOM: u64 = 40;

/// The compiled families, with what they refuse.
const COMPILED: [(&str, &dyn Codec, &[&str]); 10] = [
    ("harbor-log", &outcrop_downstream::harbor_log::Family, outcrop_downstream::harbor_log::UNSUPPORTED),
    ("moth-script", &outcrop_downstream::moth_script::Family, outcrop_downstream::moth_script::UNSUPPORTED),
    ("clay-tablet", &outcrop_downstream::clay_tablet::Family, outcrop_downstream::clay_tablet::UNSUPPORTED),
    ("kite-roll", &outcrop_downstream::kite_roll::Family, outcrop_downstream::kite_roll::UNSUPPORTED),
    ("fern-post", &outcrop_downstream::fern_post::Family, outcrop_downstream::fern_post::UNSUPPORTED),
    ("reed-ledger", &outcrop_downstream::reed_ledger::Family, outcrop_downstream::reed_ledger::UNSUPPORTED),
    ("tern-echo", &outcrop_downstream::tern_echo::Family, outcrop_downstream::tern_echo::UNSUPPORTED),
    ("otter-desk", &outcrop_downstream::otter_desk::Family, outcrop_downstream::otter_desk::UNSUPPORTED),
    ("gull-slate", &outcrop_downstream::gull_slate::Family, outcrop_downstream::gull_slate::UNSUPPORTED),
    ("plover-chat", &outcrop_downstream::plover_chat::Family, outcrop_downstream::plover_chat::UNSUPPORTED),
];

#[test]
fn nothing_of_a_spec_is_left_out() {
    for (name, _, refused) in COMPILED {
        assert!(refused.is_empty(), "{name}: {refused:?}");
    }
}

#[test]
fn the_macro_and_the_build_script_keep_the_validator() {
    use outcrop::runtime::cx::Validator::{Dotted, Schema};
    let compiled = [
        outcrop_downstream::harbor_log::SPEC.validator,
        outcrop_downstream::moth_script::SPEC.validator,
        outcrop_downstream::clay_tablet::SPEC.validator,
        outcrop_downstream::kite_roll::SPEC.validator,
    ];
    assert_eq!(compiled, [Dotted, Dotted, Schema, Schema], "what is not said is the default");
}

#[test]
fn compiled_and_interpreted_codecs_agree() {
    let sources = families::sources();
    let mut failures = Vec::new();
    for (name, compiled, _) in COMPILED {
        let loaded = families::load(&sources, name);
        let (mut ran, mut rng) = (0, fastrand::Rng::with_seed(5));
        let mut compare = |kind, operation, call: &Call<'_>, input: &Tree, faults: Faults<'_>| {
            if let Some(d) = difference(&*loaded.codec, compiled, kind, operation, call, input, faults) {
                failures.push(format!("{name} {operation:?}: {d}\non {input}"));
            }
            ran += 1;
        };
        for example in &loaded.family.examples {
            let kind = match example.kind {
                ExampleKind::Request => Kind::Request,
                ExampleKind::Response => Kind::Response,
                ExampleKind::Stream => Kind::Stream,
            };
            let native = (&example.native, [Operation::Decode, Operation::Check].as_slice());
            for (text, operations) in [native, (&example.converse, [Operation::Encode].as_slice())] {
                let Some(tree) = text.as_deref().and_then(|text| Tree::parse_text(text).ok()) else { continue };
                for operation in operations {
                    let headers: &[_] = if *operation == Operation::Encode { &[] } else { &example.headers };
                    let call = Call { model: &example.model, headers, ..Call::default() };
                    for round in 0..=MUTATIONS {
                        let (input, parts) = mutated(&tree, if round == 0 { 0 } else { 1 + round % 2 }, &mut rng);
                        // The fault that an example is about stays where it is.
                        let all = example.error.is_none() || round == 0;
                        compare(kind, *operation, &call, &input, if all { Faults::Of(&parts) } else { Faults::Any });
                    }
                }
            }
        }
        let call = Call { model: &loaded.model, ..Call::default() };
        for seed in 0..RANDOM {
            for (kind, view) in [(Kind::Request, "ConverseRequest"), (Kind::Response, "ConverseResponse")] {
                let converse = Random::new(&loaded.family, seed).value(view);
                compare(kind, Operation::Encode, &call, &converse, Faults::Any);
            }
        }
        assert!(ran > 8, "{name}: only {ran} comparisons");
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n\n"));
}
