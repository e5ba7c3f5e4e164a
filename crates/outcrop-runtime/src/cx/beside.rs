//! Values that read back otherwise beside the members that were written with them.

use super::{At, Encode};
use crate::tree::Object;
use crate::{Kind, Tree};

/// Native words and the façade words that they stand for.
pub type Words = &'static [(&'static str, &'static str)];

/// Rows of a value table that count beside a sibling.
#[derive(Debug)]
pub struct Beside {
    /// The sibling.
    pub field: &'static str,
    /// JSON of the value that it must have; none: it is there and not empty.
    pub is: Option<&'static str>,
    /// The rows.
    pub rows: Words,
}

impl Beside {
    fn holds(&self, members: &Tree) -> bool {
        match (members.get(self.field), self.is) {
            (None, _) => false,
            (Some(value), None) => !value.is_empty(),
            (Some(value), Some(text)) => Tree::parse_text(text).is_ok_and(|wanted| wanted == *value),
        }
    }
}

/// Reports the word `said`, written as the member `key`, if it reads back as another one. The members of its object stand
/// in `o` from `start` on; `path`: where additional fields still to come are added to them.
pub fn reads_back(
    (o, start): (&[u8], usize),
    key: &str,
    said: &str,
    (rows, whens): (Words, &'static [Beside]),
    path: Option<&[&str]>,
    cx: &mut Encode<'_>,
    at: &At<'_>,
) {
    let written = o.get(start..).unwrap_or_default();
    let written = written.strip_prefix(b",").unwrap_or(written);
    let Ok(Tree::Obj(mut members)) = Tree::parse(&[b"{", written, b"}"].concat()) else { return };
    let inner = |tree: &'_ Tree, name: &&str| tree.get(name).cloned();
    let given = path.and_then(|path| path.iter().try_fold(cx.extras.clone()?, |tree, name| inner(&tree, name)));
    for (name, value) in given.as_ref().and_then(Tree::as_object).map(Object::members).unwrap_or_default() {
        members.set(name.as_str(), value.clone());
    }
    if let (None, Some(Tree::Obj(all))) = (path, cx.extras.as_ref().filter(|_| cx.kind != Kind::Stream)) {
        // Inside a list they go by pointer.
        for (pointer, value) in all.members().iter().filter(|(name, _)| name.starts_with('/')) {
            if let Some((_, name)) = pointer.rsplit_once('/') {
                members.set(name, value.clone());
            }
        }
    }
    let members = Tree::Obj(members);
    let Some(native) = members.get(key).and_then(Tree::as_str) else { return };
    let word = |rows: Words| rows.iter().find(|(n, _)| *n == native).map(|(_, f)| *f);
    let read = whens.iter().filter(|when| when.holds(&members)).find_map(|when| word(when.rows));
    if read.or_else(|| word(rows)).is_some_and(|read| read != said) {
        cx.approximated(at, "beside the other members it reads back as another value");
    }
}
