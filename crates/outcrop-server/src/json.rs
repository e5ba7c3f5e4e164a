//! JSON that is made here: small objects with their members in the order of the alphabet, as the service prints them.

use std::fmt::Write as _;

use outcrop_runtime::Tree;
use outcrop_runtime::tree::write_str;

/// An object being written. Members are given in the order of their names.
#[derive(Debug, Default)]
pub(crate) struct Members(String);

impl Members {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        write_str(name, &mut self.0);
        self.0.push(':');
    }

    /// A member whose value is JSON already.
    pub(crate) fn raw(mut self, name: &str, json: &str) -> Self {
        self.name(name);
        self.0.push_str(json);
        self
    }

    pub(crate) fn text(mut self, name: &str, text: &str) -> Self {
        self.name(name);
        write_str(text, &mut self.0);
        self
    }

    pub(crate) fn number(mut self, name: &str, number: u64) -> Self {
        self.name(name);
        let _ = write!(self.0, "{number}");
        self
    }

    /// A member that may be missing.
    pub(crate) fn maybe(self, name: &str, json: Option<&str>) -> Self {
        match json {
            Some(json) => self.raw(name, json),
            None => self,
        }
    }

    pub(crate) fn finish(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }
}

/// A list of JSON values.
pub(crate) fn list<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> String {
    let mut out = String::from("[");
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(item.as_ref());
    }
    out.push(']');
    out
}

/// The members of an object, sorted, with one more.
pub(crate) fn with_member(object: &Tree, name: &str, value: &str) -> Option<String> {
    let object = object.as_object()?;
    let mut members: Vec<&(String, Tree)> = object.members().iter().filter(|(n, _)| n != name).collect();
    members.sort_by(|(a, _), (b, _)| a.cmp(b));
    let at = members.partition_point(|(n, _)| n.as_str() < name);
    let mut out = Members::new();
    for (i, (n, v)) in members.iter().enumerate() {
        if i == at {
            out = out.text(name, value);
        }
        out = out.raw(n, &v.to_string());
    }
    if at == members.len() {
        out = out.text(name, value);
    }
    Some(out.finish())
}

/// The string of a member, `""` if there is none.
pub(crate) fn text<'t>(tree: &'t Tree, name: &str) -> &'t str {
    tree.get(name).and_then(Tree::as_str).unwrap_or_default()
}

/// The elements of a list in a member, none if there is none.
pub(crate) fn items<'t>(tree: &'t Tree, name: &str) -> &'t [Tree] {
    tree.get(name).and_then(Tree::as_list).unwrap_or_default()
}

/// The one member of an object that has one.
pub(crate) fn arm(tree: &Tree) -> Option<(&str, &Tree)> {
    match tree.as_object()?.members() {
        [(name, value)] => Some((name, value)),
        _ => None,
    }
}
