//! The tables of keys in the reference.

use std::fmt::Write as _;

use super::{Form, Kind};

/// What a form is, and its keys as a Markdown table; `*` marks what the form cannot do without.
#[must_use]
pub fn form_markdown(form: &Form) -> String {
    let mut out = format!("*{}*: {}\n\n| key | takes | meaning |\n|---|---|---|\n", form.name, form.doc);
    for key in form.keys {
        let star = if key.required { " *" } else { "" };
        let (kind, doc) = (takes(&key.kind).replace('|', "\\|"), key.doc.replace('|', "\\|"));
        // Writing to a String cannot fail.
        let _ = writeln!(out, "| `{}`{star} | {kind} | {doc} |", key.name);
    }
    out
}

/// What a key takes, in words.
fn takes(kind: &Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Int => "whole number".to_owned(),
        Kind::Bool => "`true` or `false`".to_owned(),
        Kind::Any => "any value".to_owned(),
        Kind::Word(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Kind::Type => "type expression".to_owned(),
        Kind::AnyType => "type expression, or a type written in place".to_owned(),
        Kind::Path => "façade path".to_owned(),
        Kind::List(item) => format!("list of: {}", takes(item)),
        Kind::Map(value) => format!("mapping to: {}", takes(value)),
        Kind::Form(form) => form.name.to_owned(),
        Kind::Either(kinds) => kinds.iter().map(takes).collect::<Vec<_>>().join("; or "),
    }
}
