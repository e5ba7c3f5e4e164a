//! The spanned tree that YAML text becomes. Everything behind it neither knows nor names the YAML crate.

use crate::ir::{Literal, Span};

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands. A block collection spans from its first entry to the end of its last.
    pub span: Span,
}

/// The kinds of values that specs are made of.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// `null`, `~` or nothing.
    Null,
    /// A plain `true` or `false`.
    Bool(bool),
    /// A plain JSON number, as written.
    Num(String),
    /// Any other scalar, and everything quoted.
    Str(String),
    /// A list.
    Seq(Vec<Node>),
    /// A mapping, in order, without duplicate keys.
    Map(Vec<(Key, Node)>),
}

/// The key of a mapping entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Its text.
    pub text: String,
    /// Whether it was quoted; a plain `true` or `7` can stand for more than its text.
    pub quoted: bool,
    /// Where it stands.
    pub span: Span,
}

impl Key {
    /// The value that the key would be as a scalar.
    #[must_use]
    pub fn literal(&self) -> Literal {
        if self.quoted { Literal::Str(self.text.clone()) } else { plain_literal(&self.text) }
    }
}

impl Node {
    /// A word for messages: what kind of value this is.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            NodeKind::Null => "nothing",
            NodeKind::Bool(_) => "a boolean",
            NodeKind::Num(_) => "a number",
            NodeKind::Str(_) => "text",
            NodeKind::Seq(_) => "a list",
            NodeKind::Map(_) => "a mapping",
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The entries of a mapping.
    #[must_use]
    pub fn as_map(&self) -> Option<&[(Key, Node)]> {
        match &self.kind {
            NodeKind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The elements of a list; none if it is no list.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            NodeKind::Seq(items) => items,
            _ => &[],
        }
    }

    /// The value of a key of a mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.iter().find(|(k, _)| k.text == key).map(|(_, node)| node)
    }

    /// The value as a constant.
    #[must_use]
    pub fn literal(&self) -> Literal {
        match &self.kind {
            NodeKind::Null => Literal::Null,
            NodeKind::Bool(value) => Literal::Bool(*value),
            NodeKind::Num(text) => Literal::Num(text.clone()),
            NodeKind::Str(text) => Literal::Str(text.clone()),
            NodeKind::Seq(items) => Literal::List(items.iter().map(Node::literal).collect()),
            NodeKind::Map(entries) => {
                Literal::Object(entries.iter().map(|(key, node)| (key.text.clone(), node.literal())).collect())
            }
        }
    }

    /// The value as compact JSON text: order kept, numbers as written.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        write_json(&self.literal(), &mut out);
        out
    }
}

/// What a plain scalar is. Only JSON's own spellings of null, booleans and numbers count as such.
pub(crate) fn plain_literal(text: &str) -> Literal {
    match text {
        "" | "~" | "null" => Literal::Null,
        "true" => Literal::Bool(true),
        "false" => Literal::Bool(false),
        _ if is_json_number(text) => Literal::Num(text.to_owned()),
        _ => Literal::Str(text.to_owned()),
    }
}

/// Whether the text is a number in JSON's grammar.
pub(crate) fn is_json_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

fn write_json(value: &Literal, out: &mut String) {
    match value {
        Literal::Null => out.push_str("null"),
        Literal::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Literal::Num(text) => out.push_str(text),
        Literal::Str(text) => write_json_string(text, out),
        Literal::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(item, out);
            }
            out.push(']');
        }
        Literal::Object(members) => {
            out.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json_string(key, out);
                out.push(':');
                write_json(value, out);
            }
            out.push('}');
        }
    }
}

/// Writes a JSON string; also a YAML double-quoted scalar, for the escapes used here are common to both.
pub(crate) fn write_json_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // DEL, the C1 controls, the line separators and the byte-order mark are legal in JSON and not in YAML.
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                out.push_str("\\u");
                for shift in [12, 8, 4, 0] {
                    out.push(char::from_digit((u32::from(c) >> shift) & 0xf, 16).unwrap_or('0'));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
