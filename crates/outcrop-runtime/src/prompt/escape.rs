//! The opt-in escape: a word joiner inside every marker look-alike. A bijection on texts.

use std::borrow::Cow;

use super::plan::Plan;
use super::spelling::{first, spells};

/// U+2060 WORD JOINER.
const JOINER: char = '\u{2060}';

/// Puts one more joiner after the first character of every marker that stands in `text`, joiners already there included.
/// Text without look-alikes is untouched.
#[must_use]
pub fn escape<'t>(text: &'t str, markers: &[&str]) -> Cow<'t, str> {
    let mut out = String::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let after = at + c.len_utf8();
        let mut tails = markers.iter().filter_map(|m| tail(m, c)).peekable();
        if tails.peek().is_none() {
            continue;
        }
        let rest = text.get(after..).unwrap_or_default().trim_start_matches(JOINER);
        if tails.any(|t| rest.starts_with(t)) {
            out.push_str(text.get(start..after).unwrap_or_default());
            out.push(JOINER);
            start = after;
        }
    }
    if start == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(start..).unwrap_or_default());
    Cow::Owned(out)
}

/// As [`escape`], for the end of `out` from `start` on, which is escaped as in a JSON string. What is there keeps its
/// spelling. Says whether anything changed; `spare` is room to work in.
pub(super) fn escape_raw(out: &mut Vec<u8>, start: usize, plan: &Plan<'_>, spare: &mut Vec<u8>) -> bool {
    let texts = plan.grammar.markers;
    let find = |raw: &[u8], from| plan.markers.walk(raw, from, raw.len(), |at| look_alike(raw, at, texts).is_some());
    let Some(at) = find(out, start) else { return false };
    if spare.capacity() == 0 {
        spare.reserve(out.capacity());
    }
    spare.clear();
    spare.extend_from_slice(out.get(at..).unwrap_or_default());
    out.truncate(at);
    let mut from = 0;
    while let Some(after) = find(spare, from).and_then(|at| look_alike(spare, at, texts)) {
        out.extend_from_slice(spare.get(from..after).unwrap_or_default());
        out.extend_from_slice(JOINER.encode_utf8(&mut [0; 4]).as_bytes());
        from = after;
    }
    out.extend_from_slice(spare.get(from..).unwrap_or_default());
    true
}

/// Where the first character of a look-alike ends, if one begins here.
fn look_alike(raw: &[u8], at: usize, markers: &[&str]) -> Option<usize> {
    let (c, length) = first(raw.get(at..)?)?;
    let mut rest = raw.get(at + length..)?;
    while let Some((_, length)) = first(rest).filter(|(c, _)| *c == JOINER) {
        rest = rest.get(length..)?;
    }
    markers.iter().any(|m| tail(m, c).is_some_and(|t| spells(rest, t).is_some())).then_some(at + length)
}

/// Takes what [`escape`] put in out again. Works from the end, so that each look-alike sees its right side restored,
/// as it was when the joiner went in.
#[must_use]
pub fn unescape<'t>(text: &'t str, markers: &[&str]) -> Cow<'t, str> {
    if !text.contains(JOINER) {
        return Cow::Borrowed(text);
    }
    // Restored characters, last first.
    let mut back: Vec<char> = Vec::with_capacity(text.len());
    let mut joiners = 0;
    for c in text.chars().rev() {
        let rest = back.len() - joiners;
        let stands = |t: &str| {
            let mut right = back.iter().take(rest).rev();
            t.chars().all(|c| right.next() == Some(&c))
        };
        if joiners > 0 && markers.iter().any(|m| tail(m, c).is_some_and(stands)) {
            back.pop();
        }
        back.push(c);
        joiners = if c == JOINER { joiners + 1 } else { 0 };
    }
    Cow::Owned(back.into_iter().rev().collect())
}

/// The rest of a marker that begins with `first`.
fn tail(marker: &str, first: char) -> Option<&str> {
    marker.strip_prefix(first).filter(|t| !t.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKERS: &[&str] = &["[[x", "[x", "\n\nHuman:", "<s>"];

    #[test]
    fn look_alikes_are_broken_and_restored() {
        assert_eq!(escape("a<s>b", MARKERS), "a<\u{2060}s>b");
        assert_eq!(unescape("a<\u{2060}s>b", MARKERS), "a<s>b");
        assert!(matches!(escape("a<b", MARKERS), Cow::Borrowed(_)));
    }

    #[test]
    fn escaping_is_a_bijection_on_hostile_texts() {
        let parts = ["[", "x", "\n", "Human:", "<", "s>", "\u{2060}", "[[x", "y"];
        let mut rng = fastrand::Rng::with_seed(7);
        for _ in 0..20_000 {
            let text: String = (0..rng.usize(0..9)).filter_map(|_| rng.choice(parts)).collect();
            let escaped = escape(&text, MARKERS);
            assert!(MARKERS.iter().all(|m| !escaped.contains(m)), "{text:?} became {escaped:?}");
            assert_eq!(unescape(&escaped, MARKERS), text, "through {escaped:?}");
        }
    }
}
