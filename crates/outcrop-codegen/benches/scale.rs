//! How generation grows: `cargo bench -p outcrop-codegen --bench scale`.
//!
//! Generates a spec under 250, 500 and 1,000 names, whose time must grow with their number and no faster, and then every
//! spec of the repository.

#![allow(clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use outcrop_codegen::generate;
use outcrop_lang::ir::Family;
use outcrop_lang::{Sources, diag, family_names, load_family};

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
    let made = generate(&families, &facade);
    let generated = start.elapsed().saturating_sub(read);
    let files = [&made.converse, &made.dialects, &made.families, &made.outcrop].map(|output| output.files.values());
    (read, generated, files.into_iter().flatten().map(String::len).sum())
}

fn report(what: &str, (read, generated, bytes): (Duration, Duration, usize)) {
    println!("{what}: read in {read:.1?}, generated in {generated:.1?}, {} KB of Rust", bytes / 1024);
}

fn main() {
    // The shortest spec there is, by other names.
    let families = || outcrop_specs::FILES.iter().filter(|(path, _)| path.starts_with("families/"));
    let shared = outcrop_specs::FILES.iter().filter(|(path, _)| !path.starts_with("families/"));
    let (path, text) = families().min_by_key(|(_, text)| text.len()).expect("a spec");
    let own = path.trim_start_matches("families/").trim_end_matches(".yaml");
    let mut each = Vec::new();
    for count in [250_usize, 500, 1000] {
        let mut sources: Sources = shared.clone().copied().collect();
        let names: Vec<String> = (0..count).map(|i| format!("invented-{i}")).collect();
        for name in &names {
            sources.add(
                format!("families/{name}.yaml"),
                text.replace(&format!("family: {own}"), &format!("family: {name}")),
            );
        }
        let time = run(&sources, &names);
        report(&format!("{count} invented specs"), time);
        each.push((time.0 + time.1).as_secs_f64() * 1e3 / f64::from(u32::try_from(count).unwrap_or(1)));
    }
    println!("a spec takes {each:.2?} ms of them");
    let sources: Sources = outcrop_specs::FILES.iter().copied().collect();
    report("the specs of the repository", run(&sources, &family_names(&sources)));
}
