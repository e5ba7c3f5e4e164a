//! The spec files on disk.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use outcrop_codegen::in_parallel;
use outcrop_lang::{Sources, diag, family_names, ir, load_family};

use crate::files::root;

/// Path below `specs/` and text of every spec file, in order.
pub(crate) fn texts() -> Result<Vec<(String, String)>> {
    let specs = root().join("specs");
    let mut found = Vec::new();
    for folder in ["facade", "dialects", "families"] {
        let at = specs.join(folder);
        let mut paths: Vec<PathBuf> = std::fs::read_dir(&at)
            .with_context(|| format!("reading {}", at.display()))?
            .filter_map(|e| e.ok().map(|e| e.path()))
            .filter(|p| p.extension().is_some_and(|e| e == "yaml"))
            .collect();
        paths.sort();
        for path in paths {
            let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            found.push((format!("{folder}/{name}"), text.replace("\r\n", "\n")));
        }
    }
    Ok(found)
}

/// The spec files as sources.
pub(crate) fn read() -> Result<Sources> {
    Ok(texts()?.into_iter().map(|(path, text)| (format!("specs/{path}"), text)).collect())
}

/// All families; faults of any are printed together and fail.
pub(crate) fn families(sources: &Sources) -> Result<Vec<ir::Family>> {
    let mut families = Vec::new();
    let mut faults = String::new();
    for loaded in in_parallel(&family_names(sources), |name| load_family(sources, name)) {
        faults += &diag::render(&loaded.diagnostics, &loaded.files_read, diag::Style::Plain);
        families.extend(loaded.family);
    }
    if !faults.is_empty() {
        bail!("the specs have faults; `cargo xtask check` shows them in full:\n{faults}");
    }
    Ok(families)
}
