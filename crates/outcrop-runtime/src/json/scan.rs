//! Scanning string contents: where a run of plain bytes ends, and whether escapes are well formed.

// These few functions are the inner loop of every parser; a call each would cost as much as the work.
#![allow(clippy::inline_always, clippy::needless_bitwise_bool)]

use super::{Fault, JsonError, Result};

const BLOCK: usize = 64;
/// So many words of a string are looked at before it counts as long.
const SHORT: usize = 3;
const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);

/// Whether a byte may not stand unescaped between quotes, or ends them.
#[inline(always)]
const fn is_special(b: u8) -> bool {
    b == b'"' || b == b'\\' || b < 0x20
}

/// A word whose byte with the lowest address that is special has its high bit set; 0 if none is. Higher bytes may
/// be marked wrongly, the lowest never is.
#[inline(always)]
fn specials(word: u64) -> u64 {
    let quote = word ^ (ONES * u64::from(b'"'));
    let slash = word ^ (ONES * u64::from(b'\\'));
    let marks = (quote.wrapping_sub(ONES) & !quote) | (slash.wrapping_sub(ONES) & !slash);
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (marks | control) & HIGH
}

#[inline(always)]
fn word_at(b: &[u8], i: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*b.get(i..)?.first_chunk::<8>()?))
}

/// Whether a text needs no escapes between quotes.
pub(crate) fn is_plain(text: &str) -> bool {
    plain_end(text.as_bytes(), 0) == text.len()
}

/// The first index at or after `i` of a quote, a backslash or a control character; the length if there is none.
#[inline(always)]
pub(super) fn plain_end(b: &[u8], mut i: usize) -> usize {
    // Most strings are short: two words, then blocks that compile to vector instructions.
    for _ in 0..2 {
        let Some(word) = word_at(b, i) else { return plain_end_slow(b, i) };
        let hit = specials(word);
        if hit != 0 {
            return i + (hit.trailing_zeros() / 8) as usize;
        }
        i += 8;
    }
    plain_end_long(b, i)
}

#[inline(never)]
fn plain_end_long(b: &[u8], mut i: usize) -> usize {
    while let Some(block) = b.get(i..i + BLOCK) {
        // Without short circuits, or it would not become vector instructions.
        let any = block.iter().fold(false, |any, b| any | (*b == b'"') | (*b == b'\\') | (*b < 0x20));
        if any {
            break;
        }
        i += BLOCK;
    }
    while let Some(word) = word_at(b, i) {
        let hit = specials(word);
        if hit != 0 {
            return i + (hit.trailing_zeros() / 8) as usize;
        }
        i += 8;
    }
    plain_end_slow(b, i)
}

fn plain_end_slow(b: &[u8], i: usize) -> usize {
    b.get(i..).and_then(|rest| rest.iter().position(|b| is_special(*b))).map_or(b.len(), |n| i + n)
}

/// The index of the quote that ends a short string without escapes whose contents begin at `i`: most are such.
#[inline(always)]
pub(super) fn short_end(b: &[u8], i: usize) -> Option<usize> {
    let mut at = i;
    for _ in 0..SHORT {
        let hit = specials(word_at(b, at)?);
        if hit != 0 {
            let end = at + (hit.trailing_zeros() / 8) as usize;
            return (b.get(end) == Some(&b'"')).then_some(end);
        }
        at += 8;
    }
    None
}

/// The index of the quote that ends the string whose contents begin at `i`, and whether they have escapes, which are
/// checked on the way: from one quote or backslash to the next, then all of it at once for control characters.
pub(crate) fn string_end(b: &[u8], from: usize) -> Result<(usize, bool)> {
    let (mut i, mut escaped) = (from, false);
    let (end, outcome) = loop {
        let Some(n) = b.get(i..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) else {
            break (b.len(), Err(JsonError::new(&const { Fault::malformed("the string has no end") }, b.len())));
        };
        i += n;
        if b.get(i) == Some(&b'"') {
            break (i, Ok((i, escaped)));
        }
        escaped = true;
        match b.get(i + 1) {
            Some(b'n' | b'"' | b'\\' | b'/' | b't' | b'r' | b'b' | b'f') => i += 2,
            _ => match unicode_escape(b, i) {
                Ok((_, length)) => i += length,
                Err(e) => break (i, Err(e)),
            },
        }
    };
    let contents = b.get(from..end).unwrap_or_default();
    if has_control(contents) {
        let at = contents.iter().position(|b| *b < 0x20).map_or(end, |n| from + n);
        return Err(JsonError::new(&const { Fault::malformed("a control character in a string") }, at));
    }
    outcome
}

/// Whether there is a control character.
fn has_control(bytes: &[u8]) -> bool {
    // Without short circuits in a block, or it would not become vector instructions.
    let any = |block: &[u8]| block.iter().fold(false, |any, b| any | (*b < 0x20));
    let blocks = bytes.chunks_exact(BLOCK);
    let rest = blocks.remainder();
    let mut blocks = blocks;
    blocks.any(any) || any(rest)
}

/// The escape at `i`: the character and how many bytes it takes.
#[inline(always)]
pub(super) fn escape(b: &[u8], i: usize) -> Result<(char, usize)> {
    let c = match b.get(i + 1) {
        Some(b'n') => '\n',
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        _ => return unicode_escape(b, i),
    };
    Ok((c, 2))
}

#[inline(never)]
fn unicode_escape(b: &[u8], i: usize) -> Result<(char, usize)> {
    let bad = JsonError::new(&const { Fault::malformed("a bad escape") }, i);
    let unit = |i: usize| match b.get(i..i + 6) {
        Some([b'\\', b'u', hex @ ..]) => hex.iter().try_fold(0, |n, h| Some(n << 4 | char::from(*h).to_digit(16)?)),
        _ => None,
    };
    let first = unit(i).ok_or(bad)?;
    if let Some(c) = char::from_u32(first) {
        return Ok((c, 6));
    }
    let lone = JsonError::new(&const { Fault::malformed("half a surrogate pair") }, i);
    let second = unit(i + 6).filter(|low| (0xdc00..0xe000).contains(low)).ok_or(lone)?;
    if first >= 0xdc00 {
        return Err(lone);
    }
    let c = char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(lone)?;
    Ok((c, 12))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_plain_run_is_found_at_every_distance() {
        for special in [b'"', b'\\', 0, 0x1f, b'\n'] {
            for n in 0..200 {
                let mut text = vec![b'a'; n];
                text.extend_from_slice(&[special, 0x80, b'"', b'\\', 0x10, 0xff]);
                text.extend_from_slice(&[b'b'; 90]);
                for from in 0..=n {
                    assert_eq!(plain_end(&text, from), n, "{special} at {n} from {from}");
                }
            }
        }
        for high in [0x20, 0x21, 0x7f, 0x80, 0x9f, 0xa0, 0xdc, 0xff] {
            assert_eq!(plain_end(&[high; 150], 3), 150);
        }
    }
}
