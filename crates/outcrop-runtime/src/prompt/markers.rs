//! Looking for markers in text that is still escaped.
//!
//! Most text spells each character in the one way in which it is written by default. There, a marker is found by its
//! first bytes. Where `\u0041` or `\/` occurs, each character that begins a marker is looked for in all its spellings.

use memchr::memmem::Finder;

use super::spelling::{escaped, spells};
use super::unescape::one;

/// The strings that content must not contain.
pub(super) struct Markers<'g> {
    texts: Vec<&'g str>,
    /// What they begin with, as it is spelt by default; none if that would take too many passes over a text.
    heads: Vec<Finder<'static>>,
    /// First characters.
    firsts: Vec<char>,
    /// First bytes, and the backslash.
    bytes: Bytes,
    /// What spells a character in another way.
    respellings: Vec<Finder<'static>>,
}

/// So many passes over a text are quicker than one that stops at each escape.
const PASSES: usize = 3;

impl<'g> Markers<'g> {
    pub(super) fn new(texts: impl IntoIterator<Item = &'g str>) -> Self {
        let texts: Vec<&str> = texts.into_iter().filter(|t| !t.is_empty()).collect();
        let mut firsts: Vec<char> = texts.iter().filter_map(|t| t.chars().next()).collect();
        firsts.sort_unstable();
        firsts.dedup();
        let bytes = texts.iter().filter_map(|t| t.bytes().next()).chain([b'\\']);
        // These two have two short spellings.
        let is_odd = |t: &&str| t.contains(['\u{8}', '\u{c}']);
        let heads = if firsts.len() > PASSES || texts.iter().any(is_odd) {
            Vec::new()
        } else {
            firsts.iter().map(|first| head(&texts, *first)).collect()
        };
        let mut respellings = vec![Finder::new(b"\\u").into_owned()];
        if texts.iter().any(|t| t.contains('/')) {
            respellings.push(Finder::new(b"\\/").into_owned());
        }
        Self { bytes: Bytes::new(bytes), texts, heads, firsts, respellings }
    }

    /// Whether a text may spell a character in another way than by default.
    pub(super) fn is_respelt(&self, raw: &[u8]) -> bool {
        self.heads.is_empty() || self.respellings.iter().any(|f| f.find(raw).is_some())
    }

    /// Whether a marker begins in this part of a text. It may end behind it.
    pub(super) fn begins_in(&self, raw: &[u8], from: usize, to: usize, respelt: bool) -> bool {
        if respelt {
            return self.walk(raw, from, to, |at| self.stands(raw, at)).is_some();
        }
        self.heads.iter().any(|head| self.finds(head, raw, from, to))
    }

    /// Whether one that begins so does, where characters are spelt by default.
    fn finds(&self, head: &Finder<'_>, raw: &[u8], start: usize, to: usize) -> bool {
        let mut from = start;
        // Of a head that runs over the end, the rest is behind it.
        let end = raw.len().min(to + head.needle().len() - 1);
        while let Some(n) = raw.get(from..end).and_then(|rest| head.find(rest)) {
            let at = from + n;
            if self.stands(raw, at) && !is_escaped(raw, start, at) {
                return true;
            }
            from = at + 1;
        }
        false
    }

    /// Whether a marker begins at this place.
    fn stands(&self, raw: &[u8], at: usize) -> bool {
        let rest = raw.get(at..).unwrap_or_default();
        self.texts.iter().any(|t| spells(rest, t).is_some())
    }

    /// The first place in this part of a text where a marker's first character (or byte) stands and `stop` says so.
    pub(super) fn walk(&self, raw: &[u8], from: usize, to: usize, stop: impl Fn(usize) -> bool) -> Option<usize> {
        let mut from = from;
        loop {
            let at = from + self.bytes.find(raw.get(from..to)?)?;
            if raw.get(at) != Some(&b'\\') {
                if stop(at) {
                    return Some(at);
                }
                from = at + 1;
                continue;
            }
            let (c, length) = raw.get(at..to).and_then(one).unwrap_or(('\\', 1));
            if self.firsts.contains(&c) && stop(at) {
                return Some(at);
            }
            from = at + length;
        }
    }
}

/// What all markers of one first character begin with, as it is spelt by default.
fn head(texts: &[&str], first: char) -> Finder<'static> {
    let mut spelt = texts.iter().filter(|t| t.starts_with(first)).map(|t| escaped(t));
    let mut common = spelt.next().unwrap_or_default();
    for other in spelt {
        let same = common.iter().zip(&other).take_while(|(a, b)| a == b).count();
        common.truncate(same);
    }
    Finder::new(&common).into_owned()
}

/// Whether the byte at `at` belongs to an escape that begins before it, in a text that begins at `start`.
fn is_escaped(raw: &[u8], start: usize, at: usize) -> bool {
    let before = raw.get(start..at).unwrap_or_default();
    before.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

/// A few bytes to look for.
struct Bytes {
    few: Vec<u8>,
    is_one: [bool; 256],
}

impl Bytes {
    fn new(bytes: impl Iterator<Item = u8>) -> Self {
        let mut few: Vec<u8> = bytes.collect();
        few.sort_unstable();
        few.dedup();
        Self { is_one: std::array::from_fn(|b| few.iter().any(|f| usize::from(*f) == b)), few }
    }
    fn find(&self, text: &[u8]) -> Option<usize> {
        match *self.few.as_slice() {
            [a] => memchr::memchr(a, text),
            [a, b] => memchr::memchr2(a, b, text),
            [a, b, c] => memchr::memchr3(a, b, c, text),
            _ => text.iter().position(|b| self.is_one.get(usize::from(*b)).copied().unwrap_or(false)),
        }
    }
}
