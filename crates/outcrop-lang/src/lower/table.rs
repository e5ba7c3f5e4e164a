//! Reading mappings whose keys are known: every key asked for is a key the form has, all others are faults.

use crate::codes::Code;
use crate::diag::{Diagnostic, did_you_mean};
use crate::ir::Span;
use crate::keys::Form;
use crate::node::{Key, Node, NodeKind};

/// All faults found so far.
pub(crate) type Faults = Vec<Diagnostic>;

/// A mapping being read.
pub(crate) struct Table<'n> {
    entries: &'n [(Key, Node)],
    pub(crate) span: Span,
    form: &'static Form,
}

impl<'n> Table<'n> {
    /// Starts reading, and reports every key that the form does not have.
    pub(crate) fn new(node: &'n Node, form: &'static Form, faults: &mut Faults) -> Option<Self> {
        let entries: &'n [(Key, Node)] = match &node.kind {
            NodeKind::Map(entries) => entries,
            NodeKind::Null => &[],
            _ => {
                faults.push(wrong_kind(node, &format!("{} is a mapping", with_article(form.name))));
                return None;
            }
        };
        for (key, _) in entries.iter().filter(|(key, _)| form.key(&key.text).is_none()) {
            let message = format!("{} has no key `{}`", with_article(form.name), key.text);
            faults.push(
                Diagnostic::new(Code::UnknownKey, key.span, message)
                    .suggest(&key.text, form.keys.iter().map(|key| key.name)),
            );
        }
        Some(Self { entries, span: node.span, form })
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &'static str) -> Option<&'n Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// A key with its value.
    pub(crate) fn entry(&self, key: &'static str) -> Option<(&'n Key, &'n Node)> {
        debug_assert!(self.form.key(key).is_some(), "{} is not registered for {}", key, self.form.name);
        self.entries.iter().find(|(k, _)| k.text == key).map(|(k, node)| (k, node))
    }

    /// The value of a key that must be there.
    pub(crate) fn need(&self, key: &'static str, faults: &mut Faults) -> Option<&'n Node> {
        let node = self.get(key);
        if node.is_none() && !self.misspelt(key) {
            faults.push(Diagnostic::new(
                Code::MissingKey,
                self.head(),
                format!("{} needs `{key}:`", with_article(self.form.name)),
            ));
        }
        node
    }

    /// Text, or nothing.
    pub(crate) fn text(&self, key: &'static str, faults: &mut Faults) -> Option<String> {
        self.get(key).and_then(|node| text(node, key, faults))
    }

    /// Text, or the empty string.
    pub(crate) fn text_or_empty(&self, key: &'static str, faults: &mut Faults) -> String {
        self.text(key, faults).unwrap_or_default()
    }

    /// `true` or `false`; absent is false.
    pub(crate) fn flag(&self, key: &'static str, faults: &mut Faults) -> bool {
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
    pub(crate) fn texts(&self, key: &'static str, faults: &mut Faults) -> Vec<String> {
        self.list(key, faults).iter().filter_map(|node| text(node, key, faults)).collect()
    }

    /// A list; absent is empty.
    pub(crate) fn list(&self, key: &'static str, faults: &mut Faults) -> &'n [Node] {
        self.get(key).map_or(&[], |node| list(node, key, faults))
    }

    /// The entries of a mapping; absent is empty.
    pub(crate) fn map(&self, key: &'static str, faults: &mut Faults) -> &'n [(Key, Node)] {
        self.get(key).map_or(&[], |node| entries(node, key, faults))
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(
        &self,
        key: &'static str,
        words: &[(&'static str, T)],
        faults: &mut Faults,
    ) -> Option<T> {
        self.get(key).and_then(|node| word(node, key, words, faults))
    }

    /// Whether the key is there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(k, _)| k.text == key)
    }

    /// Whether a key that the form does not have looks like this one; then that fault is enough.
    pub(crate) fn misspelt(&self, key: &str) -> bool {
        let known = || self.form.keys.iter().map(|key| key.name);
        self.entries
            .iter()
            .any(|(other, _)| !self.knows(&other.text) && did_you_mean(&other.text, known()) == Some(key))
    }

    /// Whether the form has such a key at all.
    pub(crate) fn knows(&self, key: &str) -> bool {
        self.form.key(key).is_some()
    }

    /// A short place for faults about the whole: its first key.
    pub(crate) fn head(&self) -> Span {
        self.entries.first().map_or(self.span, |(key, _)| key.span)
    }
}

/// A value of another kind than the form has.
pub(crate) fn wrong_kind(node: &Node, expected: &str) -> Diagnostic {
    Diagnostic::new(Code::WrongKind, node.span, format!("{expected}, not {}", node.kind_name()))
}

/// The text of a scalar. Where text belongs, `7` and `true` are text too, as written.
pub(crate) fn text(node: &Node, key: &str, faults: &mut Faults) -> Option<String> {
    match &node.kind {
        NodeKind::Str(text) | NodeKind::Num(text) => Some(text.clone()),
        NodeKind::Bool(value) => Some(value.to_string()),
        _ => {
            faults.push(wrong_kind(node, &format!("`{key}:` takes text")));
            None
        }
    }
}

/// The elements of a list.
pub(crate) fn list<'n>(node: &'n Node, key: &str, faults: &mut Faults) -> &'n [Node] {
    if let NodeKind::Seq(items) = &node.kind {
        return items;
    }
    faults.push(wrong_kind(node, &format!("`{key}:` takes a list")));
    &[]
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
pub(crate) fn word<T: Copy>(node: &Node, key: &str, words: &[(&'static str, T)], faults: &mut Faults) -> Option<T> {
    let found = node.as_str().and_then(|text| words.iter().find(|(word, _)| *word == text));
    if found.is_none() {
        let all: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        let fault = Diagnostic::new(Code::BadWord, node.span, format!("`{key}:` takes {}", all.join(" or ")));
        faults.push(fault.suggest(node.as_str().unwrap_or(""), words.iter().map(|(word, _)| *word)));
    }
    found.map(|(_, value)| *value)
}

fn with_article(name: &str) -> String {
    let article = if name.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {name}")
}
