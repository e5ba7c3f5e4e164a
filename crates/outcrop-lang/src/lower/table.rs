//! Reading mappings whose keys are known: every key asked for is a key the form has, all others are faults.

use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::Span;
use crate::node::{Key, Node, NodeKind};

/// All faults found so far.
pub(crate) type Faults = Vec<Diagnostic>;

/// A mapping being read.
pub(crate) struct Table<'n> {
    entries: &'n [(Key, Node)],
    pub(crate) span: Span,
    what: &'static str,
    asked: Vec<&'static str>,
}

impl<'n> Table<'n> {
    /// Starts reading. `what` names the form in messages: "a field", "a case".
    pub(crate) fn new(node: &'n Node, what: &'static str, faults: &mut Faults) -> Option<Self> {
        let entries: &'n [(Key, Node)] = match &node.kind {
            NodeKind::Map(entries) => entries,
            NodeKind::Null => &[],
            _ => {
                faults.push(wrong_kind(node, &format!("{what} is a mapping")));
                return None;
            }
        };
        Some(Self { entries, span: node.span, what, asked: Vec::new() })
    }

    /// The value of a key.
    pub(crate) fn get(&mut self, key: &'static str) -> Option<&'n Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// A key with its value.
    pub(crate) fn entry(&mut self, key: &'static str) -> Option<(&'n Key, &'n Node)> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries.iter().find(|(k, _)| k.text == key).map(|(k, node)| (k, node))
    }

    /// The value of a key that must be there.
    pub(crate) fn need(&mut self, key: &'static str, faults: &mut Faults) -> Option<&'n Node> {
        let node = self.get(key);
        if node.is_none() {
            faults.push(Diagnostic::new(Code::MissingKey, self.head(), format!("{} needs `{key}:`", self.what)));
        }
        node
    }

    /// Text, or nothing.
    pub(crate) fn text(&mut self, key: &'static str, faults: &mut Faults) -> Option<String> {
        self.get(key).and_then(|node| text(node, key, faults))
    }

    /// Text, or the empty string.
    pub(crate) fn text_or_empty(&mut self, key: &'static str, faults: &mut Faults) -> String {
        self.text(key, faults).unwrap_or_default()
    }

    /// `true` or `false`; absent is false.
    pub(crate) fn flag(&mut self, key: &'static str, faults: &mut Faults) -> bool {
        match self.get(key) {
            None => false,
            Some(Node { kind: NodeKind::Bool(value), .. }) => *value,
            Some(node) => {
                faults.push(wrong_kind(node, &format!("`{key}:` is `true` or `false`")));
                false
            }
        }
    }

    /// A list of texts; absent is empty.
    pub(crate) fn texts(&mut self, key: &'static str, faults: &mut Faults) -> Vec<String> {
        self.list(key, faults).iter().filter_map(|node| text(node, key, faults)).collect()
    }

    /// A list; absent is empty.
    pub(crate) fn list(&mut self, key: &'static str, faults: &mut Faults) -> &'n [Node] {
        self.get(key).map_or(&[], |node| list(node, key, faults))
    }

    /// The entries of a mapping; absent is empty.
    pub(crate) fn map(&mut self, key: &'static str, faults: &mut Faults) -> &'n [(Key, Node)] {
        self.get(key).map_or(&[], |node| entries(node, key, faults))
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&'static str, T)],
        faults: &mut Faults,
    ) -> Option<T> {
        self.get(key).and_then(|node| word(node, key, words, faults))
    }

    /// Reports every key that nobody asked for.
    pub(crate) fn finish(self, faults: &mut Faults) {
        for (key, _) in self.entries {
            if !self.asked.contains(&key.text.as_str()) {
                faults.push(
                    Diagnostic::new(Code::UnknownKey, key.span, format!("{} has no key `{}`", self.what, key.text))
                        .suggest(&key.text, self.asked.iter().copied()),
                );
            }
        }
    }

    /// The keys that are there, for telling forms apart.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(k, _)| k.text == key)
    }

    /// A short place for faults about the whole: its first key.
    pub(crate) fn head(&self) -> Span {
        self.entries.first().map_or(self.span, |(key, _)| key.span)
    }
}

/// A value of another kind than the form has.
pub(crate) fn wrong_kind(node: &Node, expected: &str) -> Diagnostic {
    let fault = Diagnostic::new(Code::WrongKind, node.span, format!("{expected}, not {}", node.kind_name()));
    match node.kind {
        NodeKind::Num(_) | NodeKind::Bool(_) if expected.ends_with("text") => fault.help("quote it if text is meant"),
        _ => fault,
    }
}

/// The text of a scalar.
pub(crate) fn text(node: &Node, key: &str, faults: &mut Faults) -> Option<String> {
    let text = node.as_str();
    if text.is_none() {
        faults.push(wrong_kind(node, &format!("`{key}:` takes text")));
    }
    text.map(str::to_owned)
}

/// The elements of a list.
pub(crate) fn list<'n>(node: &'n Node, key: &str, faults: &mut Faults) -> &'n [Node] {
    match &node.kind {
        NodeKind::Seq(items) => items,
        _ => {
            faults.push(wrong_kind(node, &format!("`{key}:` takes a list")));
            &[]
        }
    }
}

/// The entries of a mapping.
pub(crate) fn entries<'n>(node: &'n Node, key: &str, faults: &mut Faults) -> &'n [(Key, Node)] {
    match &node.kind {
        NodeKind::Map(entries) => entries,
        NodeKind::Null => &[],
        _ => {
            faults.push(wrong_kind(node, &format!("`{key}:` takes a mapping")));
            &[]
        }
    }
}

/// One of a few words.
pub(crate) fn word<T: Copy>(
    node: &Node,
    key: &str,
    words: &[(&'static str, T)],
    faults: &mut Faults,
) -> Option<T> {
    let found = node.as_str().and_then(|text| words.iter().find(|(word, _)| *word == text));
    if found.is_none() {
        let all: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        let fault = Diagnostic::new(Code::BadWord, node.span, format!("`{key}:` takes {}", all.join(" or ")));
        faults.push(fault.suggest(node.as_str().unwrap_or(""), words.iter().map(|(word, _)| *word)));
    }
    found.map(|(_, value)| *value)
}
