//! Emitters: one file per kind of output.

pub mod codec;
mod constructors;
mod cycles;
mod doc;
pub mod facade;
mod items;
pub(crate) mod left;
mod merge;
mod native_unions;
pub mod owned;
mod reach;
pub mod registry;
pub mod shape;
pub(crate) mod split;
mod structs;
mod type_tests;
pub mod types;
mod unions;
pub(crate) mod views;
mod words;

pub use type_tests::type_tests;

use proc_macro2::TokenStream;

use crate::names::Scope;

/// Names that emitted modules import or rely on, so that no emitted type may shadow them.
fn reserved() -> Scope {
    Scope::with(&[
        "Arena",
        "Box",
        "Cursor",
        "Err",
        "Error",
        "Extra",
        "ExtraBuilder",
        "Fault",
        "IntoOwned",
        "Json",
        "JsonError",
        "List",
        "ListBuilder",
        "Map",
        "Mark",
        "None",
        "Num",
        "Ok",
        "One",
        "Option",
        "Result",
        "Self",
        "Some",
        "Str",
        "String",
        "Value",
        "Vec",
        "View",
    ])
}

/// Formatted source text.
#[must_use]
pub fn pretty(tokens: &TokenStream) -> String {
    match syn::parse2(tokens.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        // Cannot happen for what the emitters make; the compiler would then name the place.
        Err(_) => tokens.to_string(),
    }
}

/// Inner documentation of a family's module.
pub(crate) fn root_doc(family: &outcrop_lang::ir::Family) -> TokenStream {
    let text = format!("{}\n\n{}\n\nDocumented at <{}>.", family.title, family.doc.trim(), family.source);
    let lines = text.lines().map(|line| {
        let line = if line.is_empty() { String::new() } else { format!(" {line}") };
        quote::quote!(#![doc = #line])
    });
    quote::quote!(#(#lines)*)
}
