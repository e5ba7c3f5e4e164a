//! YAML text to a spanned tree. The only file that names the YAML crate.
//!
//! Specs use the part of YAML that maps to JSON one to one: no anchors, aliases, merge keys, tags, directives or second
//! documents, no duplicate keys, and only JSON's spellings of numbers. What is left means the same to every YAML reader.

use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Literal, Span};
use crate::node::{Key, Node, NodeKind, plain_literal};
use serde_yaml::granit_parser::{self, Event, Parser, ScalarStyle};

/// Collections in collections; far above any sensible spec, far below any stack.
const MAX_DEPTH: usize = 64;
/// Bytes of one file; offsets are `u32`.
const MAX_BYTES: usize = 8 << 20;

/// Reads one document. `None` only when there is no usable tree; faults that leave one are reported beside it.
#[must_use]
pub fn parse(text: &str, file: u32) -> (Option<Node>, Vec<Diagnostic>) {
    let mut reader = Reader { text, file, faults: Vec::new() };
    if text.len() > MAX_BYTES {
        reader.fault(Code::TooDeep, reader.span(0, 0), "the file is too large");
        return (None, reader.faults);
    }
    let node = reader.read();
    (node, reader.faults)
}

/// A collection that is still open.
struct Open {
    start: usize,
    items: Items,
}

enum Items {
    Seq(Vec<Node>),
    Map { entries: Vec<(Key, Node)>, key: Option<Key> },
}

struct Reader<'a> {
    text: &'a str,
    file: u32,
    faults: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span { file: self.file, start: start as u32, end: end.max(start) as u32 }
    }

    fn fault(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.faults.push(Diagnostic::new(code, span, message));
    }

    fn read(&mut self) -> Option<Node> {
        // The scanner's own limits stand above ours, so that the message is ours.
        let options = granit_parser::options! {
            emit_comments: false,
            emit_unresolved_aliases: true,
            flow_nesting_limit: 2 * MAX_DEPTH,
            block_nesting_limit: 2 * MAX_DEPTH,
        };
        let mut stack: Vec<Open> = Vec::new();
        let mut root = None;
        let mut documents = 0;
        for event in Parser::new_from_str_with_options(self.text, options) {
            let (event, place) = match event {
                Ok(pair) => pair,
                Err(error) => {
                    let at = error.marker().byte_offset().unwrap_or(0).min(self.text.len());
                    let fault = Diagnostic::new(Code::NotYaml, self.span(at, at), error.info());
                    self.faults.push(fault.help("quote anything with `[`, `{`, `#` or `: ` in it"));
                    return None;
                }
            };
            let range = place.byte_range().unwrap_or(0..0);
            let span = self.span(range.start, range.end);
            let node = match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        self.fault(Code::NotYaml, span, "a spec is one document");
                        return root;
                    }
                    continue;
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.refuse_properties(anchor, tag.is_some(), span);
                    let quoted = style != ScalarStyle::Plain;
                    if let Some(Open { items: Items::Map { entries, key: key @ None }, .. }) = stack.last_mut() {
                        *key = Some(Key { text: text.into_owned(), quoted, span });
                        if let Some(key) = key {
                            check_key(key, entries, &mut self.faults);
                        }
                        continue;
                    }
                    self.scalar(&text, quoted, span)
                }
                Event::Alias(_) | Event::UnresolvedAlias(_) => {
                    self.fault(Code::NotYaml, span, "aliases are not part of the spec language");
                    Node { kind: NodeKind::Null, span }
                }
                Event::SequenceStart(_, anchor, tag) => {
                    self.refuse_properties(anchor, tag.is_some(), span);
                    stack.push(Open { start: range.start, items: Items::Seq(Vec::new()) });
                    if self.too_deep(&stack, span) {
                        return None;
                    }
                    continue;
                }
                Event::MappingStart(_, anchor, tag) => {
                    self.refuse_properties(anchor, tag.is_some(), span);
                    stack.push(Open { start: range.start, items: Items::Map { entries: Vec::new(), key: None } });
                    if self.too_deep(&stack, span) {
                        return None;
                    }
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => match stack.pop() {
                    Some(open) => self.close(open, range.end),
                    None => continue,
                },
                _ => continue,
            };
            match stack.last_mut().map(|open| &mut open.items) {
                None => root = Some(node),
                Some(Items::Seq(items)) => items.push(node),
                Some(Items::Map { entries, key }) => match key.take() {
                    Some(key) if entries.iter().any(|(k, _)| k.text == key.text) => {}
                    Some(key) => entries.push((key, node)),
                    // A collection where a key belongs; go on with a key that nothing asks for.
                    None => {
                        self.faults.push(Diagnostic::new(Code::NotYaml, node.span, "a key must be a scalar"));
                        *key = Some(Key { text: String::new(), quoted: true, span: node.span });
                    }
                },
            }
        }
        if root.is_none() {
            self.fault(Code::NotYaml, self.span(0, 0), "the file is empty");
        }
        root
    }

    fn too_deep(&mut self, stack: &[Open], span: Span) -> bool {
        let deep = stack.len() > MAX_DEPTH;
        if deep {
            self.fault(Code::TooDeep, span, format!("more than {MAX_DEPTH} levels of nesting"));
        }
        deep
    }

    fn refuse_properties(&mut self, anchor: usize, tagged: bool, span: Span) {
        if anchor != 0 {
            self.fault(Code::NotYaml, span, "anchors are not part of the spec language");
        }
        if tagged {
            self.fault(Code::NotYaml, span, "tags are not part of the spec language");
        }
    }

    fn scalar(&mut self, text: &str, quoted: bool, span: Span) -> Node {
        let literal = if quoted { Literal::Str(text.to_owned()) } else { plain_literal(text) };
        let kind = match literal {
            Literal::Null => NodeKind::Null,
            Literal::Bool(value) => NodeKind::Bool(value),
            Literal::Num(text) => NodeKind::Num(text),
            _ => {
                if !quoted && reads_differently(text) {
                    self.fault(
                        Code::NotYaml,
                        span,
                        format!("`{text}` means different things to different YAML readers; quote it if it is text"),
                    );
                }
                NodeKind::Str(text.to_owned())
            }
        };
        Node { kind, span }
    }

    fn close(&self, open: Open, event_end: usize) -> Node {
        // The end of a block collection is an empty event somewhere behind it; its last child says where it really ends.
        let (kind, last) = match open.items {
            Items::Seq(items) => {
                let last = items.last().map(|node| node.span.end);
                (NodeKind::Seq(items), last)
            }
            Items::Map { entries, .. } => {
                let last = entries.last().map(|(key, node)| node.span.end.max(key.span.end));
                (NodeKind::Map(entries), last)
            }
        };
        let is_flow = self.text.as_bytes().get(open.start).is_some_and(|b| matches!(b, b'{' | b'['));
        let end = if is_flow { event_end } else { last.map_or(open.start, |end| end as usize) };
        Node { kind, span: self.span(open.start, end) }
    }
}

fn check_key(key: &Key, entries: &[(Key, Node)], faults: &mut Vec<Diagnostic>) {
    if key.text == "<<" && !key.quoted {
        faults.push(
            Diagnostic::new(Code::NotYaml, key.span, "merge keys are not part of the spec language")
                .help("use `extends:` and `patch:`"),
        );
    }
    if let Some((first, _)) = entries.iter().find(|(k, _)| k.text == key.text) {
        faults.push(
            Diagnostic::new(Code::DuplicateKey, key.span, format!("the key `{}` is there twice", key.text))
                .label(first.span, "first here"),
        );
    }
}

/// Plain scalars that some YAML readers take for numbers, booleans or null and others for text.
pub(crate) fn reads_differently(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if matches!(
        lower.as_str(),
        "null" | "true" | "false" | "yes" | "no" | "on" | "off" | ".nan" | ".inf" | "-.inf" | "+.inf"
    ) {
        return true;
    }
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    let numeric = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.contains(|c: char| c.is_ascii_digit());
    numeric
        && (unsigned.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.'))
            && unsigned.bytes().filter(|b| *b == b'.').count() <= 1
            || ["0x", "0o", "0b"]
                .iter()
                .any(|p| unsigned.strip_prefix(p).is_some_and(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))))
}
