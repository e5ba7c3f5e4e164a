//! Globs on base ids.

use std::cmp::Reverse;

/// A pattern in which `*` stands for any text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glob<'a>(pub &'a str);

impl Glob<'_> {
    /// Whether the whole id matches.
    #[must_use]
    pub fn matches(self, id: &str) -> bool {
        // Most patterns differ from an id long before their first star.
        let Some((head, tail)) = super::cut(self.0, b'*') else { return self.0 == id };
        let Some(mut rest) = id.strip_prefix(head) else { return false };
        if tail.is_empty() {
            return true;
        }
        let mut parts = tail.split('*').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return rest.ends_with(part);
            }
            match rest.find(part) {
                Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
                None => return false,
            }
        }
        true
    }

    /// How much a pattern says: its literal characters, then the fewer wildcards the better.
    #[must_use]
    pub fn specificity(self) -> (usize, Reverse<usize>) {
        let stars = self.0.matches('*').count();
        (self.0.len() - stars, Reverse(stars))
    }
}

/// The entry whose pattern matches and says most. Of equals, the first.
pub fn most_specific<'g, T>(entries: impl IntoIterator<Item = (Glob<'g>, T)>, id: &str) -> Option<T> {
    let mut best: Option<(Glob<'_>, T)> = None;
    for (glob, entry) in entries.into_iter().filter(|(glob, _)| glob.matches(id)) {
        if best.as_ref().is_none_or(|(b, _)| glob.specificity() > b.specificity()) {
            best = Some((glob, entry));
        }
    }
    best.map(|(_, entry)| entry)
}
