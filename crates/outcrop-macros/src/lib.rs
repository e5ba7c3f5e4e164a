//! [`family!`] turns an Outcrop spec into codecs at compile time, for formats that are a program's own.

mod expand;
mod input;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Codecs for a family spec, as a module.
///
/// ```text
/// outcrop::family!("specs/acme-chat.yaml");                    // module `acme_chat`
/// outcrop::family! { spec = "specs/acme-chat.yaml", vis = pub(crate), name = acme }
/// outcrop::family! { text = r#"spec: 1 …"#, name = acme }      // the YAML itself
/// ```
///
/// `spec` is relative to the crate's manifest. Dialects are looked for among the built-in ones and beside the file. The crate
/// is rebuilt when a file that was read changes, and every fault of the spec is a compile error with its YAML line. The module
/// holds the typed native bodies (`types`) and the codec `Family`, as each built-in family's does; `runtime` and `converse`
/// say where the support crate and the Converse types are, by default `::outcrop::runtime` and `::outcrop::converse`.
#[proc_macro]
pub fn family(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as input::Input);
    expand::expand(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}
