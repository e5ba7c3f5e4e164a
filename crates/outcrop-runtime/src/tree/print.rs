//! Tree to text.

use std::fmt;

use super::Tree;

impl Tree {
    /// Appends the JSON text: exact source where there is one, compact elsewhere.
    pub fn write(&self, out: &mut String) {
        match self {
            Tree::Null => out.push_str("null"),
            Tree::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
            Tree::Num(n) => out.push_str(n),
            Tree::Str(s) => write_str(s, out),
            Tree::Arr(a) => match &a.raw {
                Some(raw) => out.push_str(raw.text()),
                None => separated(&a.items, '[', ']', out, Tree::write),
            },
            Tree::Obj(o) => match &o.raw {
                Some(raw) => out.push_str(raw.text()),
                None => separated(&o.members, '{', '}', out, |(name, value), out| {
                    write_str(name, out);
                    out.push(':');
                    value.write(out);
                }),
            },
        }
    }

    /// Forgets all source text, so that the whole prints compactly.
    pub fn forget_source(&mut self) {
        match self {
            Tree::Arr(a) => a.items_mut().iter_mut().for_each(Tree::forget_source),
            Tree::Obj(o) => o.members_mut().iter_mut().for_each(|(_, v)| v.forget_source()),
            _ => {}
        }
    }

    /// Forgets the source text of this container alone; what it holds keeps its own.
    pub fn forget_own_source(&mut self) {
        match self {
            Tree::Arr(a) => drop(a.items_mut()),
            Tree::Obj(o) => drop(o.members_mut()),
            _ => {}
        }
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write(&mut out);
        f.write_str(&out)
    }
}

fn separated<T>(items: &[T], open: char, close: char, out: &mut String, write: impl Fn(&T, &mut String)) {
    out.push(open);
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(close);
}

/// Appends a JSON string literal: only what must be escaped is.
pub fn write_str(text: &str, out: &mut String) {
    out.reserve(text.len() + 2);
    out.push('"');
    let mut start = 0;
    for (i, b) in text.bytes().enumerate() {
        let escape = match b {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(text.get(start..i).unwrap_or_default());
        if escape.is_empty() {
            out.push_str("\\u00");
            out.extend([b >> 4, b & 15].map(|d| char::from_digit(u32::from(d), 16).unwrap_or('0')));
        } else {
            out.push_str(escape);
        }
        start = i + 1;
    }
    out.push_str(text.get(start..).unwrap_or_default());
    out.push('"');
}
