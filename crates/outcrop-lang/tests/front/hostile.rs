//! Broken and hostile specs: diagnostics with places inside the files, never a panic.

use crate::common::FACADE;
use outcrop_lang::diag::{Style, render};
use outcrop_lang::{Sources, family_names, flatten, load_family};

const SPEC: &str = r#"spec: 1
family: t
extends: d
patch:
  - { rename: types.Ask.fields.a, to: b }
  - { add: unsupported, value: [call] }
operations: { chat: { request: Ask, response: Ask, stream: Chunk } }
types:
  Ask: { view: Ask, fields: { c: { type: list<Block>(1..)!|null, as: "blocks[only].text", else: $model.id } } }
  Block:
    view: Block
    tag: { key: type, absent: text }
    trailing: { m: { type: string, arm: call, after: [text] } }
    cases: { text: { arm: text, type: string! }, "größe": { where: { a: 1.0 }, fields: { d: { const: é } } } }
  Chunk: { view: Ask, blocks: implicit, fields: { r: { as: text, map: { true: x }, reads: { y: null } } } }
  R: { regions: [ { arm: text, open: "<é>", close: "</é>" } ] }
prompts: { p: { begin: "\u00e9", turns: { user: { open: "U" } } }, q: { like: p } }
models: [ { match: a.*, name: A, limits: { x: 1 } } ]
examples: [ { id: e, request: { native: { a: [1e3, "ü"] }, converse: {} } } ]
"#;

const DIALECT: &str = "spec: 1\ndialect: d\ntypes: { Ask: { fields: { a: { type: string, take: [text], join: \"\\n\" } } } }\nunsupported: [deep]\n";

/// Text with a few random edits: removed, doubled, replaced and inserted pieces.
fn mutated(text: &str, random: &mut fastrand::Rng) -> String {
    const PIECES: &[&str] = &[
        "{", "}", "[", "]", ":", ": ", "\n", "  ", "- ", "\"", "'", "&a ", "*a", "!x ", "|", "<", ">", "(", ")", "é",
        "\u{0}", "\t", "#", "..", "1e999", "null", "as: .", "\r\n", "%", "? ", "---\n", "\u{feff}",
    ];
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..random.usize(1..5) {
        let from = random.usize(0..chars.len());
        let to = (from + random.usize(0..12)).min(chars.len());
        match random.usize(0..4) {
            0 => drop(chars.drain(from..to)),
            1 => {
                let piece: Vec<char> = chars[from..to].to_vec();
                let at = random.usize(0..=chars.len());
                chars.splice(at..at, piece);
            }
            2 => drop(chars.splice(from..to, random.choice(PIECES).unwrap().chars())),
            _ => drop(chars.splice(from..from, random.choice(PIECES).unwrap().chars())),
        }
        if chars.is_empty() {
            chars.push(' ');
        }
    }
    chars.into_iter().collect()
}

fn survives(spec: &str, dialect: &str, facade: &str) {
    let mut sources = Sources::new();
    sources.add("f.yaml", facade);
    sources.add("d.yaml", dialect);
    sources.add("t.yaml", spec);
    let loaded = load_family(&sources, "t.yaml");
    for fault in &loaded.diagnostics {
        for span in std::iter::once(&fault.span).chain(fault.labels.iter().map(|(span, _)| span)) {
            let file = &loaded.files_read[span.file as usize];
            let range = span.start as usize..span.end as usize;
            assert!(file.text.get(range.clone()).is_some(), "{range:?} of {:?} for {fault:?}", file.text);
        }
    }
    let _ = render(&loaded.diagnostics, &loaded.files_read, Style::Plain);
    if let Some(family) = &loaded.family {
        let _ = outcrop_lang::check::all(family);
    }
    let _ = flatten(&sources, "t.yaml");
    let _ = family_names(&sources);
}

#[test]
fn edited_specs_give_diagnostics_inside_their_files() {
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..300 {
        survives(&mutated(SPEC, &mut random), DIALECT, FACADE);
        survives(SPEC, &mutated(DIALECT, &mut random), FACADE);
        survives(SPEC, DIALECT, &mutated(FACADE, &mut random));
    }
}

#[test]
fn the_spec_that_is_edited_is_sound_itself() {
    let sources: Sources = [("f.yaml", FACADE), ("d.yaml", DIALECT), ("t.yaml", SPEC)].into_iter().collect();
    let loaded = load_family(&sources, "t");
    assert_eq!(render(&loaded.diagnostics, &loaded.files_read, Style::Plain), "");
}

#[test]
fn flattening_what_was_edited_reads_back_the_same() {
    let mut random = fastrand::Rng::with_seed(8);
    for _ in 0..300 {
        let sources: Sources =
            [("d.yaml", DIALECT.to_owned()), ("t.yaml", mutated(SPEC, &mut random))].into_iter().collect();
        let Ok(flat) = flatten(&sources, "t.yaml") else { continue };
        let sources: Sources = [("t.yaml", flat.clone())].into_iter().collect();
        assert_eq!(flatten(&sources, "t.yaml").as_deref().ok(), Some(flat.as_str()));
    }
}
