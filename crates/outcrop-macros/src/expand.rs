//! From the input to the module: read, check, generate.

use std::path::{Path, PathBuf};

use outcrop_codegen::{Options, family_module, faults, names};
use outcrop_lang::{Sources, check_family, diag};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Error, LitStr, Result};

use crate::input::{Input, Spec};

/// The path that a spec without a file is known by in diagnostics.
const INLINE: &str = "(the text of family!)";

/// The module.
pub(crate) fn expand(input: &Input) -> Result<TokenStream> {
    let mut sources: Sources = outcrop_specs::FILES.iter().map(|(path, text)| (*path, *text)).collect();
    let (path, span) = match &input.spec {
        Spec::File(path) => (file(path, &mut sources)?, path.span()),
        Spec::Text(text) => {
            sources.add(INLINE, text.value());
            (INLINE.to_owned(), text.span())
        }
    };
    let loaded = check_family(&sources, &path);
    let has = |faults: &[diag::Diagnostic]| {
        let text = diag::render(faults, &loaded.files_read, diag::Style::Plain);
        Err(Error::new(span, format!("the spec has faults\n\n{}", text.trim_end())))
    };
    if !loaded.diagnostics.is_empty() {
        return has(&loaded.diagnostics);
    }
    let Some(family) = &loaded.family else { return Err(Error::new(span, "this is no family spec")) };
    let faults = faults(family);
    if !faults.is_empty() {
        return has(&faults);
    }

    let name = input.name.clone().unwrap_or_else(|| module(&path, &family.name, span));
    let (runtime, converse, vis) = (input.runtime.clone(), input.converse.clone(), &input.vis);
    let body = family_module(family, &Options { runtime, converse, ..Options::default() });
    let doc = format!("{} (`{}`), generated from its spec by `family!`.", family.title, family.name);
    // Cargo rebuilds a crate when a file that it includes changes; a macro has no other way to say so.
    let read = loaded.files_read.iter().filter(|f| is_on_disk(&f.path)).map(|f| &f.path);
    Ok(quote! {
        #[doc = #doc]
        #[allow(clippy::pedantic, missing_docs, unreachable_pub, dead_code)]
        #vis mod #name {
            #(const _: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", #read));)*
            #body
        }
    })
}

/// Reads the file and the dialects beside it; all are known by their path from the manifest.
fn file(path: &LitStr, sources: &mut Sources) -> Result<String> {
    let shown = path.value();
    let full = root().join(&shown);
    let text = std::fs::read_to_string(&full)
        .map_err(|e| Error::new(path.span(), format!("reading `{shown}`, relative to Cargo.toml: {e}")))?;
    let folder = Path::new(&shown).parent().unwrap_or(Path::new(""));
    let mut dialects = Vec::new();
    if let Ok(entries) = std::fs::read_dir(root().join(folder)) {
        for name in entries.filter_map(|e| e.ok()?.file_name().into_string().ok()) {
            let below = folder.join(&name);
            if below.extension().is_some_and(|e| e == "yaml" || e == "yml")
                && let Ok(text) = std::fs::read_to_string(root().join(&below))
                && text.lines().any(|l| l.starts_with("dialect:"))
            {
                dialects.push((below.display().to_string(), text));
            }
        }
    }
    dialects.sort();
    for (path, text) in dialects {
        sources.add(path, text);
    }
    sources.add(shown.clone(), text);
    Ok(shown)
}

/// The folder of the manifest of the crate that is compiled.
fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default()
}

/// Whether a source came from the user's disk rather than from the embedded specs.
fn is_on_disk(path: &str) -> bool {
    path != INLINE && outcrop_specs::FILES.iter().all(|(p, _)| *p != path)
}

fn module(path: &str, family: &str, span: Span) -> syn::Ident {
    let stem = Path::new(path).file_stem().and_then(|s| s.to_str()).filter(|_| path != INLINE).unwrap_or(family);
    let mut ident = names::ident(&names::module_name(stem));
    ident.set_span(span);
    ident
}
