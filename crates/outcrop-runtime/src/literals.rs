//! Searching for the first of several literals.

use memchr::{memchr, memchr2, memchr3};

/// A set of literals to look for. Empty ones are never found.
pub(crate) struct Literals<'a> {
    texts: Vec<&'a str>,
    firsts: Vec<u8>,
}

impl<'a> Literals<'a> {
    pub(crate) fn new(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let texts: Vec<&str> = texts.into_iter().filter(|t| !t.is_empty()).collect();
        let mut firsts: Vec<u8> = texts.iter().filter_map(|t| t.bytes().next()).collect();
        firsts.sort_unstable();
        firsts.dedup();
        Self { texts, firsts }
    }

    /// The longest literal that stands at `at`.
    pub(crate) fn longest_at(&self, text: &str, at: usize) -> Option<&'a str> {
        let rest = text.as_bytes().get(at..)?;
        self.texts.iter().copied().filter(|t| rest.starts_with(t.as_bytes())).max_by_key(|t| t.len())
    }

    /// The first place at or after `from` where a literal stands, and the longest one there.
    pub(crate) fn find(&self, text: &str, mut from: usize) -> Option<(usize, &'a str)> {
        loop {
            let at = from + self.first_byte(text.as_bytes().get(from..)?)?;
            if let Some(hit) = self.longest_at(text, at) {
                return Some((at, hit));
            }
            from = at + 1;
        }
    }

    fn first_byte(&self, text: &[u8]) -> Option<usize> {
        match *self.firsts.as_slice() {
            [] => None,
            [a] => memchr(a, text),
            [a, b] => memchr2(a, b, text),
            [a, b, c] => memchr3(a, b, c, text),
            _ => text.iter().position(|b| self.firsts.contains(b)),
        }
    }
}
