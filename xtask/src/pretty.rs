//! JSON for reading in a terminal: short containers on one line, long texts cut in the middle.

use outcrop_runtime::tree::Tree;

/// Columns that a line should not pass.
const WIDTH: usize = 110;
/// Characters of a string that are shown.
const TEXT: usize = 300;

/// Renders JSON text, indented; text that is no JSON is given back as it is.
pub(crate) fn json(text: &[u8], indent: usize) -> String {
    let text = String::from_utf8_lossy(text);
    match Tree::parse(text.as_bytes()) {
        Ok(tree) => {
            let mut out = String::new();
            value(&tree, indent, indent, &mut out);
            out
        }
        Err(_) => text.into_owned(),
    }
}

fn value(tree: &Tree, indent: usize, column: usize, out: &mut String) {
    let mut flat = String::new();
    compact(tree, &mut flat);
    if column + flat.chars().count() <= WIDTH {
        out.push_str(&flat);
        return;
    }
    let inner = indent + 2;
    let newline = |out: &mut String, n: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', n));
    };
    match tree {
        Tree::Arr(a) => {
            out.push('[');
            for (i, item) in a.items().iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                newline(out, inner);
                value(item, inner, inner, out);
            }
            newline(out, indent);
            out.push(']');
        }
        Tree::Obj(o) => {
            out.push('{');
            for (i, (name, item)) in o.members().iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                newline(out, inner);
                let mut key = String::new();
                compact(&Tree::str(name.as_str()), &mut key);
                out.push_str(&key);
                out.push_str(": ");
                value(item, inner, inner + key.chars().count() + 2, out);
            }
            newline(out, indent);
            out.push('}');
        }
        _ => out.push_str(&flat),
    }
}

fn compact(tree: &Tree, out: &mut String) {
    match tree {
        Tree::Arr(a) => {
            out.push('[');
            for (i, item) in a.items().iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                compact(item, out);
            }
            out.push(']');
        }
        Tree::Obj(o) => {
            out.push('{');
            for (i, (name, item)) in o.members().iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                compact(&Tree::str(name.as_str()), out);
                out.push_str(": ");
                compact(item, out);
            }
            out.push('}');
        }
        // What stands for a long text is shorter than what counts as long.
        Tree::Str(s) if s.chars().count() > TEXT + 3 => {
            let start: String = s.chars().take(TEXT / 2).collect();
            let end: String = s.chars().skip(s.chars().count() - TEXT / 2).collect();
            compact(&Tree::str(format!("{start} … {end}")), out);
        }
        leaf => out.push_str(&leaf.to_string()),
    }
}
