//! A tree back to YAML: block style, with what fits on a line in flow style.

use crate::ir::Literal;
use crate::node::{Key, Node, NodeKind, plain_literal, write_json_string};

const WIDTH: usize = 120;

/// Prints a document.
pub(crate) fn to_yaml(node: &Node) -> String {
    let mut out = String::new();
    block(node, 0, true, &mut out);
    out
}

/// Prints a value at an indentation. `root` values never stand on one line.
fn block(node: &Node, indent: usize, root: bool, out: &mut String) {
    match &node.kind {
        NodeKind::Map(entries) if !entries.is_empty() => {
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    out.extend(std::iter::repeat_n(' ', indent));
                }
                out.push_str(&key_text(key));
                out.push(':');
                value_after(value, indent, root, out);
            }
        }
        NodeKind::Seq(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.extend(std::iter::repeat_n(' ', indent));
                }
                out.push('-');
                let line = flow(item);
                if indent + 2 + line.len() <= WIDTH || !is_collection(item) {
                    out.push(' ');
                    out.push_str(&line);
                    out.push('\n');
                } else {
                    out.push(' ');
                    block(item, indent + 2, false, out);
                }
            }
        }
        _ => {
            out.push_str(&flow(node));
            out.push('\n');
        }
    }
}

fn value_after(value: &Node, indent: usize, root: bool, out: &mut String) {
    let line = flow(value);
    let column = out.len() - out.rfind('\n').map_or(0, |at| at + 1);
    if !is_collection(value) || (!root && column + 1 + line.len() <= WIDTH) {
        out.push(' ');
        out.push_str(&line);
        out.push('\n');
        return;
    }
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent + 2));
    block(value, indent + 2, false, out);
}

fn is_collection(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Map(entries) => !entries.is_empty(),
        NodeKind::Seq(items) => !items.is_empty(),
        _ => false,
    }
}

fn flow(node: &Node) -> String {
    match &node.kind {
        NodeKind::Null => "null".to_owned(),
        NodeKind::Bool(value) => value.to_string(),
        NodeKind::Num(text) => text.clone(),
        NodeKind::Str(text) => scalar(text),
        NodeKind::Seq(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        NodeKind::Map(entries) if entries.is_empty() => "{}".to_owned(),
        NodeKind::Map(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}: {}", key_text(key), flow(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

fn key_text(key: &Key) -> String {
    if key.quoted { scalar(&key.text) } else { key.text.clone() }
}

/// Plain where every YAML reader agrees that it is text, else double-quoted.
fn scalar(text: &str) -> String {
    let safe_start = text.starts_with(|c: char| c.is_alphabetic() || c == '.' || c == '$' || c == '/' || c == '_');
    let safe = text.chars().all(|c| c.is_alphanumeric() || "_-./$<>()!|;=+' ".contains(c) || c == ':')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([' ', ':'])
        && !crate::yaml::reads_differently(text)
        && matches!(plain_literal(text), Literal::Str(_));
    if safe_start && safe {
        return text.to_owned();
    }
    let mut out = String::new();
    write_json_string(text, &mut out);
    out
}
