//! Documentation of emitted items.

use proc_macro2::TokenStream;
use quote::quote;

/// Doc attributes, a line each.
pub(super) fn attrs(doc: &str) -> TokenStream {
    let lines = doc.trim().lines().map(|line| {
        let line = format!(" {}", escaped(line.trim_end()));
        quote!(#[doc = #line])
    });
    quote!(#(#lines)*)
}

/// Prose of a spec is no Markdown: brackets would be links, and angles tags. Code in backticks stays as it is.
fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut code = false;
    for c in line.chars() {
        code ^= c == '`';
        if !code && matches!(c, '[' | ']' | '<' | '>') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The text, or another if it is empty.
pub(super) fn or(doc: &str, other: impl FnOnce() -> String) -> String {
    if doc.trim().is_empty() { other() } else { doc.to_owned() }
}
