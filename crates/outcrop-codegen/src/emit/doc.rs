//! Documentation of emitted items.

use proc_macro2::TokenStream;
use quote::quote;

/// Doc attributes, a line each.
pub(super) fn attrs(doc: &str) -> TokenStream {
    let lines = doc.trim().lines().map(|line| {
        let line = format!(" {}", line.trim_end());
        quote!(#[doc = #line])
    });
    quote!(#(#lines)*)
}

/// The text, or another if it is empty.
pub(super) fn or(doc: &str, other: impl FnOnce() -> String) -> String {
    if doc.trim().is_empty() { other() } else { doc.to_owned() }
}
