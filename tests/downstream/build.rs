//! Families through a build script: read, check, generate, write. What `family!` does, for those who want to see the code.
//!
//! Beside an invented family, every small spec of the language reference and of `tests/small` is compiled.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use outcrop_codegen::{Options, family_source, faults};
use outcrop_lang::{Sources, check_family, diag, load_family};

#[path = "../src/pages.rs"]
#[allow(clippy::expect_used, clippy::panic, clippy::missing_panics_doc, dead_code, unreachable_pub)]
mod pages;

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::var("OUT_DIR")?;
    let out = Path::new(&out);
    let options = Options::for_crate("outcrop");

    let spec = "../heldout/moth-script.yaml";
    println!("cargo::rerun-if-changed={spec}");
    let mut sources = embedded();
    sources.add(spec, std::fs::read_to_string(spec)?);
    let loaded = check_family(&sources, spec);
    if !loaded.diagnostics.is_empty() {
        return Err(diag::render(&loaded.diagnostics, &loaded.files_read, diag::Style::Plain).into());
    }
    let family = loaded.family.ok_or("no family in the spec")?;
    let faults = faults(&family);
    if !faults.is_empty() {
        return Err(diag::render(&faults, &loaded.files_read, diag::Style::Plain).into());
    }
    std::fs::write(out.join("moth_script.rs"), family_source(&family, &options))?;
    // Sketches for the tests of streams: they say nothing about most of Converse, so they are read without the checks.
    for name in ["tide", "spring"] {
        let spec = format!("tests/invented/{name}.yaml");
        println!("cargo::rerun-if-changed={spec}");
        sources.add(spec.as_str(), std::fs::read_to_string(&spec)?);
        let family = load_family(&sources, &spec).family.ok_or("no family in the sketch")?;
        std::fs::write(out.join(format!("{name}.rs")), family_source(&family, &options))?;
    }

    std::fs::write(out.join("snippets.rs"), snippets(&options)?)?;
    Ok(())
}

/// The spec files that come with Outcrop.
fn embedded() -> Sources {
    outcrop_specs::FILES.iter().map(|(path, text)| (*path, *text)).collect()
}

/// A module per small spec, and a table of them.
fn snippets(options: &Options) -> Result<String, Box<dyn Error>> {
    let (mut modules, mut table) = (String::new(), String::new());
    for folder in ["../../docs/spec-language.md", "../../docs/spec-language", "../small", "../src/pages.rs"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    let tests = Path::new("..");
    for (page, text) in pages::reference(tests).into_iter().chain(pages::small(tests)) {
        for (n, example) in pages::examples(&page, &text).into_iter().enumerate() {
            let mut sources = embedded();
            sources.add("families/snippet.yaml", example.snippet.spec());
            if !example.snippet.dialect.is_empty() {
                sources.add("dialects/snippet.yaml", example.snippet.dialect);
            }
            let family = load_family(&sources, "snippet").family.ok_or_else(|| format!("no spec at {}", example.at))?;
            let name: String = page.chars().filter(char::is_ascii_alphanumeric).collect();
            write!(modules, "pub mod {name}{n} {{ {} }}", family_source(&family, options))?;
            write!(table, "({:?}, &{name}{n}::Family, {name}{n}::UNSUPPORTED),", example.at)?;
        }
    }
    Ok(format!(
        "{modules}
        /// Small specs by page and line: their codecs, and what these refuse.
        pub static ALL: &[(&str, &(dyn outcrop::runtime::Codec + Sync), &[&str])] = &[{table}];"
    ))
}
