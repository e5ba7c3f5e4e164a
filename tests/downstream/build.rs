//! A family through a build script: read, check, generate, write. What `family!` does, for those who want to see the code.

use std::error::Error;
use std::path::Path;

use outcrop_codegen::{Options, family_source};
use outcrop_lang::{Sources, check_family, diag};

fn main() -> Result<(), Box<dyn Error>> {
    let spec = "../heldout/moth-script.yaml";
    println!("cargo::rerun-if-changed={spec}");
    let mut sources: Sources = outcrop_specs::FILES.iter().map(|(path, text)| (*path, *text)).collect();
    sources.add(spec, std::fs::read_to_string(spec)?);

    let loaded = check_family(&sources, spec);
    if !loaded.diagnostics.is_empty() {
        return Err(diag::render(&loaded.diagnostics, &loaded.files_read, diag::Style::Plain).into());
    }
    let family = loaded.family.ok_or("no family in the spec")?;
    let options = Options::for_crate("outcrop");
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join("moth_script.rs"), family_source(&family, &options))?;
    Ok(())
}
