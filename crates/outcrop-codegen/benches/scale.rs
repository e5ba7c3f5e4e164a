//! How generation grows: `cargo bench -p outcrop-codegen --bench scale`.
//!
//! Generates 250, 500 and 1,000 invented formats, whose time must grow with their number and no faster, and then every
//! spec of the repository.

#![allow(clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use outcrop_codegen::{Options, generate};
use outcrop_lang::ir::Family;
use outcrop_lang::{Sources, diag, family_names, load_family};

const SPEC: &str = r#"spec: 1
family: NAME
title: Invented
source: https://example.org
doc: A small format.
models: [{ match: "NAME.*", name: Invented }]
operations: { chat: { request: Ask, response: Answer } }
types:
  Ask:
    view: ConverseRequest
    fields:
      turns: { type: "[Turn]!", as: messages }
      limit: { type: int, as: inferenceConfig.maxTokens }
  Turn:
    view: Message
    fields:
      who: { type: string!, as: role }
      parts: { type: "[Part]!", as: content }
  Part: { view: ContentBlock, fields: { text: { type: string!, as: text } } }
  Answer:
    view: ConverseResponse
    fields:
      parts: { type: "[Part]!", as: output.message.content }
      why: { type: string!, as: stopReason }
"#;

fn loaded(sources: &Sources, names: &[String]) -> Vec<Family> {
    let load = |name: &String| {
        let loaded = load_family(sources, name);
        let faults = diag::render(&loaded.diagnostics, &loaded.files_read, diag::Style::Plain);
        loaded.family.filter(|_| faults.is_empty()).unwrap_or_else(|| panic!("{name}: {faults}"))
    };
    names.iter().map(load).collect()
}

/// Reads and generates; the time of both, and how much text came out.
fn run(sources: &Sources, names: &[String]) -> (Duration, Duration, usize) {
    let start = Instant::now();
    let families = loaded(sources, names);
    let read = start.elapsed();
    let facade = families.first().map(|f| f.facade.clone()).expect("a family");
    let output = generate(&families, &facade, &Options::default());
    (read, start.elapsed() - read, output.files.values().map(String::len).sum())
}

fn report(what: &str, (read, generated, bytes): (Duration, Duration, usize)) {
    println!("{what}: read in {read:.1?}, generated in {generated:.1?}, {} KB of Rust", bytes / 1024);
}

fn main() {
    let facade = outcrop_specs::FILES.iter().filter(|(path, _)| path.starts_with("facade/"));
    let mut each = Vec::new();
    for count in [250_usize, 500, 1000] {
        let mut sources: Sources = facade.clone().copied().collect();
        let names: Vec<String> = (0..count).map(|i| format!("invented-{i}")).collect();
        for name in &names {
            sources.add(format!("families/{name}.yaml"), SPEC.replace("NAME", name));
        }
        let time = run(&sources, &names);
        report(&format!("{count} invented specs"), time);
        each.push((time.0 + time.1).as_secs_f64() * 1e3 / f64::from(u32::try_from(count).unwrap_or(1)));
    }
    println!("a spec takes {each:.2?} ms of them");
    let sources: Sources = outcrop_specs::FILES.iter().copied().collect();
    report("the specs of the repository", run(&sources, &family_names(&sources)));
}
