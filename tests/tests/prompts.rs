//! The prompt grammars of the specs: no content forges a turn, and prompts of other clients are read.
//!
//! `OUTCROP_PROMPTS=1000000 cargo test --release -p outcrop-tests --test prompts` writes that many of each grammar;
//! `OUTCROP_FAMILY` writes those of one family.

#![allow(clippy::expect_used)]

use std::collections::BTreeMap;

use outcrop_lang::interp::find_model;
use outcrop_lang::ir::{Grammar, Model};
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Code, Fate, Kind};
use outcrop_tests::canon;
use outcrop_tests::families::{self, Loaded};
use outcrop_tests::side_by_side::{self, side_by_side, wanted_families};

/// A text of what an attacker would try.
fn hostile(rng: &mut fastrand::Rng, g: &Grammar) -> String {
    let turns = g.turns.iter().flat_map(|t| [Some(&t.open), Some(&t.close), t.bare.as_ref()]).flatten();
    let literals: Vec<&str> =
        g.markers.iter().chain(turns).chain([&g.begin, &g.elide]).chain(&g.image).map(String::as_str).collect();
    let mut text = String::new();
    for _ in 0..rng.usize(0..5) {
        let whole = literals[rng.usize(0..literals.len())];
        let cuts: Vec<usize> = whole.char_indices().map(|(i, _)| i).chain([whole.len()]).collect();
        let cut = cuts[rng.usize(0..cuts.len())];
        match rng.u8(0..7) {
            0 => text.push_str(whole),
            1 => text.push_str(&whole[..cut]),
            2 => text.push_str(&whole[cut..]),
            3 => text.push('\n'),
            4 => text.push('\u{2060}'),
            5 => text.push(' '),
            _ => text.push_str("word"),
        }
    }
    text
}

/// The grammar of a model, and a model of each grammar that is written.
fn grammars(family: &Loaded) -> Vec<(&Grammar, String)> {
    let prompts = &family.family.prompts;
    let of = |m: &Model| match &m.resource {
        Some(resource) => format!("arn:aws:bedrock:us-east-1:111122223333:{resource}/a1b2c3d4e5f6"),
        None => m.pattern.replace('*', "x"),
    };
    let by_model: BTreeMap<&str, String> = family
        .family
        .models
        .iter()
        .filter_map(|m| {
            let first = prompts.iter().find(|g| !g.decode_only).map(|g| g.name.as_str());
            Some((m.prompt.as_deref().or(first)?, of(m)))
        })
        .collect();
    let grammar = |(name, id): (&str, String)| Some((prompts.iter().find(|g| g.name == name)?, id));
    by_model.into_iter().filter_map(grammar).collect()
}

fn one_text(text: String) -> Tree {
    Tree::list(vec![Tree::arm("text", Tree::Str(text))])
}

/// A conversation of hostile texts, with neighbouring blocks in a turn.
fn conversation(rng: &mut fastrand::Rng, g: &Grammar) -> Tree {
    let mut messages = Vec::new();
    for n in 0..rng.usize(1..5) {
        let blocks = (0..rng.usize(1..4)).map(|_| Tree::arm("text", Tree::Str(hostile(rng, g)))).collect();
        let role = if (n % 2 == 0) ^ (rng.u8(0..9) == 0) { "user" } else { "assistant" };
        messages
            .push(Tree::object(vec![("role".to_owned(), Tree::str(role)), ("content".to_owned(), Tree::list(blocks))]));
    }
    let mut members = vec![("messages".to_owned(), Tree::list(messages))];
    if rng.u8(0..3) == 0 {
        members.insert(0, ("system".to_owned(), one_text(hostile(rng, g))));
    }
    Tree::object(members)
}

/// How many conversations were written, and how many refused.
#[derive(Default)]
struct Tally {
    written: u64,
    refused: u64,
}

impl side_by_side::Tally for Tally {
    fn add(&mut self, more: Self) {
        self.written += more.written;
        self.refused += more.refused;
    }
}

type Written<'f> = (&'f Loaded, &'f Grammar, String);

#[test]
fn no_content_forges_a_turn_in_any_family() {
    let families = wanted_families();
    let of = |family| grammars(family).into_iter().map(move |(grammar, model)| (family, grammar, model));
    let all: Vec<Written<'_>> = families.iter().flat_map(of).collect();
    for (family, grammar, model) in &all {
        let found = find_model(&family.family.models, model);
        assert!(found.is_some() || model.starts_with("arn:"), "a model of {}", grammar.name);
        assert_eq!(found.and_then(|m| m.prompt.as_deref()).unwrap_or(&grammar.name), grammar.name);
    }
    let runs = std::env::var("OUTCROP_PROMPTS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000);
    println!("{:<20} {:<24} {:>6} {:>8}", "family", "grammar", "turns", "refused");
    let row = |(family, grammar, _): &Written<'_>, Tally { written, refused }: &Tally| {
        println!("{:<20} {:<24} {written:>6} {refused:>8}", family.name, grammar.name);
        assert!(*written > 100 && *refused > 100);
    };
    let name = |(family, grammar, _): &Written<'_>| format!("{} {}", family.name, grammar.name);
    side_by_side(&all, &(0..runs), name, no_turn_is_forged, row);
}

fn no_turn_is_forged((family, grammar, model): &Written<'_>, seed: u64, tally: &mut Tally) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let converse = conversation(&mut rng, grammar);
    let call = Call { model, escape: rng.u8(0..4) == 0, ..Call::default() };
    let Ok(native) = family.codec.encode(Kind::Request, &call, converse.to_string().as_bytes()) else {
        tally.refused += 1;
        return;
    };
    tally.written += 1;
    let back = family.codec.decode(Kind::Request, &call, &native.body).expect("its own prompt");
    assert!(back.report.losses.iter().all(|l| l.fate != Fate::Approximated), "{}: {converse}", grammar.name);
    let mut back = Tree::parse(&back.body).expect("JSON");
    // Limits that the catalogue gave.
    if let Tree::Obj(o) = &mut back {
        o.remove("inferenceConfig");
    }
    // What leaves no trace in a prompt was reported: blank texts at its ends.
    let dropped = native.report.losses.iter().any(|l| l.fate == Fate::Dropped);
    let plain = |tree: &Tree| {
        if dropped { canon::trimmed(&canon::conversation(tree)) } else { canon::conversation(tree) }
    };
    let converse = canon::with_instructions_where_they_go(grammar, &converse);
    let difference = plain(&back).difference(&plain(&converse));
    assert_eq!(difference, None, "{} {}:\n{converse}\n{back}", family.name, grammar.name);
}

#[test]
fn every_marker_of_every_grammar_is_refused() {
    for family in families::all() {
        for (grammar, model) in grammars(&family) {
            let call = Call { model: &model, ..Call::default() };
            for marker in &grammar.markers {
                let message = Tree::object(vec![
                    ("role".to_owned(), Tree::str("user")),
                    ("content".to_owned(), one_text(format!("a{marker}b"))),
                ]);
                let converse = Tree::arm("messages", Tree::list(vec![message])).to_string();
                let error = family.codec.encode(Kind::Request, &call, converse.as_bytes()).expect_err("a marker");
                assert_eq!(error.code, Code::ReservedMarker, "{} {marker:?}", grammar.name);
                assert_eq!(error.path, "messages[0].content[0].text");
            }
        }
    }
}

/// Family, model, native member and a prompt of another client whose one user text is `T`.
const CLIENTS: &[(&str, &str, &str, &str)] = &[
    ("amazon-titan-text", "amazon.titan-text-express-v1", "inputText", "\n\nUser: T\n\nBot: "),
    ("amazon-titan-text", "amazon.titan-text-express-v1", "inputText", "\n\nUser: T\n\nBot:"),
    (
        "meta-llama",
        "meta.llama3-8b-instruct-v1:0",
        "prompt",
        "<|begin_of_text|>\n<|start_header_id|>user<|end_header_id|>T<|eot_id|>\n<|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
    (
        "meta-llama",
        "meta.llama4-scout-17b-instruct-v1:0",
        "prompt",
        "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nT<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
    (
        "meta-llama",
        "meta.llama4-scout-17b-instruct-v1:0",
        "prompt",
        "<|begin_of_text|>\n<|header_start|>user<|header_end|>T<|eot|>\n<|header_start|>assistant<|header_end|>",
    ),
    ("mistral-text", "mistral.mistral-7b-instruct-v0:2", "prompt", "<s>[INST] T [/INST]\n"),
    ("mistral-text", "mistral.mistral-7b-instruct-v0:2", "prompt", "[INST] T [/INST]"),
    ("deepseek-r1", "deepseek.r1-v1:0", "prompt", "\n<|begin_of_sentence|><|User|>T<|Assistant|>\n\n"),
];

#[test]
fn prompts_of_other_clients_are_read_and_reported() {
    let families = families::all();
    for (name, model, member, prompt) in CLIENTS {
        let Some(family) = families.iter().find(|f| f.name == *name) else { continue };
        let native = Tree::arm(*member, Tree::str(*prompt)).to_string();
        let call = Call { model, ..Call::default() };
        let read = family.codec.decode(Kind::Request, &call, native.as_bytes()).expect("a prompt");
        let converse = Tree::parse(&read.body).expect("JSON");
        let wanted = Tree::parse_text(r#"[{"role":"user","content":[{"text":"T"}]}]"#).expect("JSON");
        assert_eq!(converse.get("messages").and_then(|m| m.difference(&wanted)), None, "{prompt:?}: {converse}");
        assert!(read.report.losses.iter().any(|l| l.fate == Fate::Approximated), "{prompt:?}");
    }
}
