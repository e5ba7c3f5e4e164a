//! Additional fields that chunks repeat.

use super::{At, Decode};
use crate::json::Cursor;

/// The additional fields as chunks said them last. Most chunks of a stream say the same ones again, and that is no news.
#[derive(Debug, Default)]
pub struct Memo {
    entries: Vec<Entry>,
    /// Where the next one is expected: chunks keep their order.
    next: usize,
}

#[derive(Debug)]
struct Entry {
    name: String,
    /// As it was spelt; empty if it is not known any more.
    value: String,
}

impl Memo {
    fn find(&self, name: &str) -> Option<usize> {
        if self.entries.get(self.next).is_some_and(|e| e.name == name) {
            return Some(self.next);
        }
        self.entries.iter().position(|e| e.name == name)
    }

    /// Notes the value of a member.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        match self.find(name).and_then(|at| self.entries.get_mut(at)) {
            Some(entry) => {
                entry.value.clear();
                entry.value.push_str(value);
            }
            None => self.entries.push(Entry { name: name.to_owned(), value: value.to_owned() }),
        }
    }

    /// What is below a member changes.
    pub(super) fn forget(&mut self, name: &str) {
        if let Some(entry) = self.find(name).and_then(|at| self.entries.get_mut(at)) {
            entry.value.clear();
        }
    }

    fn says(&mut self, name: &str, c: &mut Cursor<'_>) -> bool {
        let Some((at, entry)) = self.find(name).and_then(|at| Some((at, self.entries.get(at)?))) else { return false };
        let same = !entry.value.is_empty() && c.passes(&entry.value);
        if same {
            self.next = at + 1;
        }
        same
    }

    /// A chunk begins.
    pub(super) fn rewound(mut self) -> Self {
        self.next = 0;
        self
    }
}

impl<'a> Decode<'a> {
    /// Passes over the value at the cursor, which is at `at`, if it is an additional field that is no news.
    #[inline]
    pub fn again(&mut self, c: &mut Cursor<'a>, at: &At<'_>) -> bool {
        match (&mut self.memo, at.only_key()) {
            (Some(memo), Some(name)) => memo.says(name, c),
            _ => false,
        }
    }
}
