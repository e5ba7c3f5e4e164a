//! Scanning string contents: where a run of plain bytes ends, and whether escapes are well formed.

// These few functions are the inner loop of every parser; a call each would cost as much as the work.
#![allow(clippy::inline_always, clippy::needless_bitwise_bool)]

use super::blocks::{self, BLOCK, Passed, first_special};
use super::{Fault, JsonError, Result};

/// So many blocks of a string are looked at before it counts as long.
const SHORT: usize = 2;
/// So many bytes at a time compile to vector instructions.
const WIDE: usize = 64;

/// Whether a byte may not stand unescaped between quotes, or ends them.
#[inline(always)]
const fn is_special(b: u8) -> bool {
    b == b'"' || b == b'\\' || b < 0x20
}

#[inline(always)]
fn block_at(b: &[u8], i: usize) -> Option<&[u8; BLOCK]> {
    b.get(i..)?.first_chunk()
}

/// Whether a text needs no escapes between quotes.
pub(crate) fn is_plain(text: &str) -> bool {
    plain_end(text.as_bytes(), 0) == text.len()
}

/// The first index at or after `i` of a quote, a backslash or a control character; the length if there is none.
#[inline(always)]
pub(super) fn plain_end(b: &[u8], i: usize) -> usize {
    // Most strings are short.
    let Some(block) = block_at(b, i) else { return plain_end_slow(b, i) };
    match first_special(block) {
        BLOCK => plain_end_long(b, i + BLOCK),
        n => i + n,
    }
}

#[inline(never)]
fn plain_end_long(b: &[u8], mut i: usize) -> usize {
    while let Some(block) = b.get(i..i + WIDE) {
        // Without short circuits, or it would not become vector instructions.
        let any = block.iter().fold(false, |any, b| any | (*b == b'"') | (*b == b'\\') | (*b < 0x20));
        if any {
            break;
        }
        i += WIDE;
    }
    while let Some(block) = block_at(b, i) {
        match first_special(block) {
            BLOCK => i += BLOCK,
            n => return i + n,
        }
    }
    plain_end_slow(b, i)
}

fn plain_end_slow(b: &[u8], i: usize) -> usize {
    b.get(i..).and_then(|rest| rest.iter().position(|b| is_special(*b))).map_or(b.len(), |n| i + n)
}

/// The index of the quote that ends a short string without escapes whose contents begin at `i`: most are such.
#[inline(always)]
pub(crate) fn short_end(b: &[u8], i: usize) -> Option<usize> {
    let mut at = i;
    for _ in 0..SHORT {
        let end = match block_at(b, at) {
            Some(block) => at + first_special(block),
            None => plain_end_slow(b, at),
        };
        if end - at != BLOCK {
            return (b.get(end) == Some(&b'"')).then_some(end);
        }
        at = end;
    }
    None
}

/// The index of the quote that ends the string whose contents begin at `i`, and whether they have escapes, which are
/// checked on the way.
pub(crate) fn string_end(b: &[u8], from: usize) -> Result<(usize, bool)> {
    match blocks::pass(b, from) {
        Passed::Ended(end, escaped) => Ok((end, escaped)),
        Passed::So(at, escaped) => rest_end(b, at, escaped),
        // It is found again, with its name.
        Passed::Wrong => rest_end(b, from, false),
    }
}

/// As [`string_end`], from one quote or backslash to the next, then all of it at once for control characters.
fn rest_end(b: &[u8], from: usize, mut escaped: bool) -> Result<(usize, bool)> {
    let mut i = from;
    let (end, outcome) = loop {
        let Some(n) = b.get(i..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) else {
            break (b.len(), Err(JsonError::new(&const { Fault::malformed("the string has no end") }, b.len())));
        };
        i += n;
        if b.get(i) == Some(&b'"') {
            break (i, Ok((i, escaped)));
        }
        escaped = true;
        match escape(b, i) {
            Ok((_, length)) => i += length,
            Err(e) => break (i, Err(e)),
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
    let blocks = bytes.chunks_exact(WIDE);
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

    /// Strings in the pieces that matter, at random: escapes of every kind, halves of pairs, what is forbidden.
    #[test]
    fn the_end_of_a_string_is_the_same_in_blocks_and_by_bytes() {
        let pieces: [&[u8]; 16] = [
            b"a",
            b"plain text ",
            b"\\n",
            b"\\\\",
            b"\\\"",
            b"\\u0041",
            b"\\ud83d\\ude00",
            b"\xc3\xa9",
            b"xxxxxxxxxxxxxxxxxxxxxxxxx",
            b"\\\\\\\\\\\\\\\\",
            b"\\/",
            b"u",
            b"\"",
            b"\\ud83d",
            b"\\x",
            b"\n",
        ];
        let mut random = fastrand::Rng::with_seed(4);
        let (mut ended, mut wrong) = (0, 0);
        for _ in 0..40_000 {
            let mut text = Vec::new();
            // The last four end the string, or are wrong: seldom before the end.
            while text.len() < 200 {
                let kinds = if random.u8(..12) == 0 { pieces.len() } else { 12 };
                text.extend_from_slice(pieces[random.usize(..kinds)]);
            }
            text.extend_from_slice(&b"\",\"next\":\"\""[..random.usize(..12)]);
            let found = string_end(&text, 0);
            assert_eq!(found, rest_end(&text, 0, false), "{}", String::from_utf8_lossy(&text));
            *(if found.is_ok() { &mut ended } else { &mut wrong }) += 1;
        }
        assert!(ended > 1000 && wrong > 1000, "{ended} and {wrong}");
    }
}
