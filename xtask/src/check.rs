//! `cargo xtask check`: every spec read, proved and run on its examples, before any of it is compiled.

use std::io::IsTerminal as _;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use outcrop_codegen::{faults as not_generated, in_parallel};
use outcrop_lang::diag::{self, Diagnostic};
use outcrop_lang::ir::Family;
use outcrop_lang::{Loaded, check, check_family, family_names};

use crate::specs;

/// Checks the named families, those in files elsewhere, or all.
pub(crate) fn run(only: &[String]) -> Result<()> {
    let start = Instant::now();
    let mut sources = specs::read()?;
    for file in only.iter().filter(|name| std::path::Path::new(name).extension().is_some()) {
        sources.add(file.as_str(), std::fs::read_to_string(file).with_context(|| format!("reading {file}"))?);
    }
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let style = if colour { diag::Style::Coloured } else { diag::Style::Plain };
    let names = if only.is_empty() { family_names(&sources) } else { only.to_vec() };
    let all: Vec<Loaded> = in_parallel(&names, |name| check_family(&sources, name));
    let (mut faults, mut examples) = (0, 0);
    let mut show = |loaded: &Loaded, diagnostics: &[Diagnostic]| {
        if !diagnostics.is_empty() {
            eprintln!("{}\n", diag::render(diagnostics, &loaded.files_read, style).trim_end());
        }
        faults += diagnostics.len();
    };
    let emitted: Vec<Vec<Diagnostic>> = in_parallel(&all, |loaded| {
        let sound = loaded.family.as_ref().filter(|_| loaded.diagnostics.is_empty());
        sound.map(not_generated).unwrap_or_default()
    });
    for (loaded, emitted) in all.iter().zip(&emitted) {
        show(loaded, &loaded.diagnostics);
        show(loaded, emitted);
        examples += loaded.family.as_ref().map_or(0, |family| family.examples.len());
    }
    if only.is_empty() {
        // What only all families together can tell.
        for (index, fault) in check::examples::unused_in_dialects(&all) {
            all.get(index).into_iter().for_each(|loaded| show(loaded, std::slice::from_ref(&fault)));
        }
        let families: Vec<&Family> = all.iter().filter_map(|loaded| loaded.family.as_ref()).collect();
        for (code, message) in check::catalogue::ties_between(&families) {
            eprintln!("error[{code}]: {message}\n   = help: {}\n", code.cure());
            faults += 1;
        }
    }
    if faults > 0 {
        bail!("{faults} faults in {} families; each says its cure, docs/spec-language.md says more", names.len());
    }
    println!("{} families and {examples} examples checked in {} ms", names.len(), start.elapsed().as_millis());
    Ok(())
}
