//! The JSON Schema that editors use for completion and hover text in spec files, made from the registry of keys.
//!
//! It describes one key at a time; what only the checker knows (paths, coverage, examples) is not in it.

use crate::keys::{DIALECT, FACADE, FAMILY, FORMS, Form, Key, Kind, TYPE_FORMS};
use std::fmt::Write as _;

/// What a type expression looks like from outside.
const TYPE_PATTERN: &str = r"^[A-Za-z][A-Za-z0-9_]*(<.+>)?(\([^)]*\))?!?(\|null)?$";

/// The schema of spec files, as pretty-printed JSON with a final newline.
#[must_use]
pub fn schema_json() -> String {
    let definitions = FORMS.iter().map(|form| (definition_name(form), form_schema(form))).collect();
    let root = Json::object([
        ("$schema", Json::text("http://json-schema.org/draft-07/schema#")),
        ("title", Json::text("Outcrop spec")),
        ("if", required(&["dialect"])),
        ("then", reference(&DIALECT)),
        (
            "else",
            Json::object([("if", required(&["facade"])), ("then", reference(&FACADE)), ("else", reference(&FAMILY))]),
        ),
        ("definitions", Json::Object(definitions)),
    ]);
    let mut out = String::new();
    root.write(&mut out, 0);
    out.push('\n');
    out
}

fn form_schema(form: &Form) -> Json {
    let properties = form.keys.iter().map(|key| (key.name.to_owned(), key_schema(key))).collect();
    let needed: Vec<Json> = form.keys.iter().filter(|key| key.required).map(|key| Json::text(key.name)).collect();
    let mut members = vec![
        ("description".to_owned(), Json::text(form.doc)),
        ("type".to_owned(), Json::text("object")),
        ("additionalProperties".to_owned(), Json::Bool(false)),
        ("properties".to_owned(), Json::Object(properties)),
    ];
    if !needed.is_empty() {
        members.push(("required".to_owned(), Json::List(needed)));
    }
    Json::Object(members)
}

/// A draft-07 reference hides its siblings, so the description goes around it.
fn key_schema(key: &Key) -> Json {
    Json::object([("description", Json::text(key.doc)), ("allOf", Json::List(vec![kind_schema(&key.kind)]))])
}

fn kind_schema(kind: &Kind) -> Json {
    let of_type = |name: &str| Json::object([("type", Json::text(name))]);
    match kind {
        // A word such as `no` or `1` in a place for text is text to the parser, whatever YAML says.
        Kind::Text => {
            Json::object([("type", Json::List(["string", "number", "boolean"].into_iter().map(Json::text).collect()))])
        }
        Kind::Path => of_type("string"),
        Kind::Int => of_type("integer"),
        Kind::Bool => of_type("boolean"),
        Kind::Any => Json::Object(Vec::new()),
        Kind::Word(words) => Json::object([("enum", Json::List(words.iter().map(|word| Json::text(word)).collect()))]),
        Kind::Type => Json::object([("type", Json::text("string")), ("pattern", Json::text(TYPE_PATTERN))]),
        Kind::List(item) => Json::object([("type", Json::text("array")), ("items", kind_schema(item))]),
        Kind::Map(value) => {
            Json::object([("type", Json::text("object")), ("additionalProperties", kind_schema(value))])
        }
        Kind::Form(form) => reference(form),
        Kind::Either(kinds) => Json::object([("anyOf", Json::List(kinds.iter().map(kind_schema).collect()))]),
        Kind::AnyType => Json::object([
            ("if", of_type("object")),
            ("then", type_forms(TYPE_FORMS)),
            ("else", kind_schema(&Kind::Type)),
        ]),
    }
}

/// The form whose own key is there; a chain of conditions gives editors one clear fault instead of five vague ones.
fn type_forms(forms: &[(&str, &Form)]) -> Json {
    match forms {
        [] => Json::Bool(false),
        [(_, last)] => reference(last),
        [(key, form), rest @ ..] => {
            Json::object([("if", required(&[key])), ("then", reference(form)), ("else", type_forms(rest))])
        }
    }
}

fn required(keys: &[&str]) -> Json {
    Json::object([("required", Json::List(keys.iter().map(|key| Json::text(key)).collect()))])
}

fn reference(form: &Form) -> Json {
    Json::object([("$ref", Json::text(&format!("#/definitions/{}", definition_name(form))))])
}

/// References are URIs, so names are ASCII.
fn definition_name(form: &Form) -> String {
    form.name.replace(' ', "_").replace('ç', "c")
}

/// Just enough JSON to write a schema in a fixed order.
enum Json {
    Bool(bool),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    fn text(text: &str) -> Self {
        Json::Text(text.to_owned())
    }

    fn object<const N: usize>(members: [(&str, Json); N]) -> Self {
        Json::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    fn write(&self, out: &mut String, depth: usize) {
        match self {
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Text(text) => write_text(text, out),
            Json::List(items) if items.iter().all(|item| matches!(item, Json::Text(_))) => {
                out.push('[');
                for (position, item) in items.iter().enumerate() {
                    out.push_str(if position == 0 { "" } else { ", " });
                    item.write(out, depth);
                }
                out.push(']');
            }
            Json::List(items) => write_lines(out, depth, '[', ']', items, |item, out| item.write(out, depth + 1)),
            Json::Object(members) => write_lines(out, depth, '{', '}', members, |(key, value), out| {
                write_text(key, out);
                out.push_str(": ");
                value.write(out, depth + 1);
            }),
        }
    }
}

fn write_lines<T>(
    out: &mut String,
    depth: usize,
    open: char,
    close: char,
    items: &[T],
    each: impl Fn(&T, &mut String),
) {
    out.push(open);
    for (position, item) in items.iter().enumerate() {
        out.push_str(if position == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        each(item, out);
    }
    if !items.is_empty() {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
    out.push(close);
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // Writing to a String cannot fail.
            c if c < ' ' => drop(write!(out, "\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
#[allow(clippy::disallowed_types, reason = "a test reads the schema back with an independent reader")]
mod tests {
    use super::*;
    use serde_json::Value;

    fn schema() -> Value {
        serde_json::from_str(&schema_json()).expect("the schema is JSON")
    }

    #[test]
    fn every_form_is_a_definition_with_its_keys() {
        let schema = schema();
        for form in FORMS {
            let definition = &schema["definitions"][definition_name(form)];
            for key in form.keys {
                assert!(definition["properties"][key.name]["description"].is_string(), "{}.{}", form.name, key.name);
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn walk(value: &Value, root: &Value) {
            if let Some(target) = value["$ref"].as_str() {
                assert!(root.pointer(target.trim_start_matches('#')).is_some(), "{target}");
            }
            match value {
                Value::Object(members) => members.values().for_each(|member| walk(member, root)),
                Value::Array(items) => items.iter().for_each(|item| walk(item, root)),
                _ => {}
            }
        }
        walk(&schema(), &schema());
    }
}
