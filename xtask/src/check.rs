//! `cargo xtask check`: every spec read, proved and run on its examples, before any of it is compiled.

use std::io::IsTerminal as _;
use std::time::Instant;

use anyhow::{Result, bail};
use outcrop_lang::{check, diag, family_names, load_family};

use crate::specs;

/// Checks the named families, or all.
pub(crate) fn run(only: &[String]) -> Result<()> {
    let start = Instant::now();
    let sources = specs::read()?;
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let style = if colour { diag::Style::Coloured } else { diag::Style::Plain };
    let names = if only.is_empty() { family_names(&sources) } else { only.to_vec() };
    let (mut faults, mut examples) = (0, 0);
    for name in &names {
        let loaded = load_family(&sources, name);
        let mut diagnostics = loaded.diagnostics;
        if let (true, Some(family)) = (diagnostics.is_empty(), &loaded.family) {
            diagnostics = check::all(family);
            examples += family.examples.len();
        }
        if !diagnostics.is_empty() {
            eprintln!("{}\n", diag::render(&diagnostics, &loaded.files_read, style).trim_end());
        }
        faults += diagnostics.len();
    }
    if faults > 0 {
        bail!("{faults} faults in {} families; each says its cure, docs/spec-language.md says more", names.len());
    }
    println!("{} families and {examples} examples checked in {} ms", names.len(), start.elapsed().as_millis());
    Ok(())
}
