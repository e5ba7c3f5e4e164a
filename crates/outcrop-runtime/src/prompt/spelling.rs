//! Text still escaped as it stands between the quotes of a JSON string, seen as what it says, without unescaping it.

use super::unescape::one;
use crate::{Error, json::write};

/// Bytes that spell one byte of text at most: `\u0041`.
const WIDEST: usize = 6;

/// How many bytes at the start of `raw` spell this text; none if something else stands there.
pub(super) fn spells(raw: &[u8], text: &str) -> Option<usize> {
    let (mut at, mut told) = (0, 0);
    while let Some(&wanted) = text.as_bytes().get(told) {
        match *raw.get(at)? {
            b'\\' => {
                let (c, length) = one(raw.get(at..)?)?;
                let mut bytes = [0; 4];
                let bytes = c.encode_utf8(&mut bytes).as_bytes();
                if !text.as_bytes().get(told..)?.starts_with(bytes) {
                    return None;
                }
                at += length;
                told += bytes.len();
            }
            b if b == wanted => {
                at += 1;
                told += 1;
            }
            _ => return None,
        }
    }
    Some(at)
}

/// Whether all of `raw` spells this text.
pub(super) fn is_spelt(raw: &[u8], text: &str) -> bool {
    raw.len() / WIDEST <= text.len() && spells(raw, text) == Some(raw.len())
}

/// The character at the start of `raw` and how many bytes spell it.
pub(super) fn first(raw: &[u8]) -> Option<(char, usize)> {
    match raw.first()? {
        b'\\' => one(raw),
        b if b.is_ascii() => Some((char::from(*b), 1)),
        _ => {
            let bytes = raw.get(..raw.len().min(4))?;
            let valid = match std::str::from_utf8(bytes) {
                Ok(text) => text,
                Err(e) => std::str::from_utf8(bytes.get(..e.valid_up_to())?).ok()?,
            };
            valid.chars().next().map(|c| (c, c.len_utf8()))
        }
    }
}

/// Whether `raw` spells nothing but white space.
pub(super) fn is_blank(mut raw: &[u8]) -> bool {
    while let Some((_, length)) = first(raw).filter(|(c, _)| c.is_whitespace()) {
        raw = raw.get(length..).unwrap_or_default();
    }
    raw.is_empty()
}

/// How long the text is that `raw` spells, in bytes.
pub(super) fn plain_len(raw: &[u8]) -> usize {
    let (mut rest, mut length) = (raw, 0);
    while let Some(n) = memchr::memchr(b'\\', rest) {
        let escape = rest.get(n..).unwrap_or_default();
        let (c, spelt) = one(escape).unwrap_or(('\\', 1));
        length += n + c.len_utf8();
        rest = escape.get(spelt..).unwrap_or_default();
    }
    length + rest.len()
}

/// That every escape is one that JSON knows.
pub(super) fn check(raw: &str) -> Result<(), Error> {
    let mut at = 0;
    while let Some(n) = raw.as_bytes().get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        let escape = raw.as_bytes().get(at + n..).unwrap_or_default();
        let (_, length) = one(escape).ok_or_else(|| super::unescape::bad(at + n))?;
        at += n + length;
    }
    Ok(())
}

/// How a text is spelt by default.
pub(super) fn escaped(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    write::escape(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_recognised_in_every_spelling() {
        for raw in ["a</\n", r"a<\/\n", r"\u0061\u003C/\u000a", r"a\u003c/\u000A"] {
            assert_eq!(spells(raw.as_bytes(), "a</\n"), Some(raw.len()), "{raw}");
            assert!(is_spelt(raw.as_bytes(), "a</\n"));
        }
        assert_eq!(spells(r"\ud83d\ude00z".as_bytes(), "\u{1f600}"), Some(12));
        for raw in ["", "a", r"a\u003", r"a\\u003c/\n", r"a\", r"\ud83d"] {
            assert_eq!(spells(raw.as_bytes(), "a</\n"), None, "{raw}");
        }
    }

    #[test]
    fn lengths_and_blanks_are_those_of_the_text() {
        assert_eq!(plain_len(r"a\n\u00e9\ud83d\ude00é".as_bytes()), 10);
        assert!(is_blank(r" \n\u2003\u0020".as_bytes()) && is_blank("\u{3000}".as_bytes()) && is_blank(b""));
        assert!(!is_blank(r"\u2060".as_bytes()) && !is_blank("é".as_bytes()) && !is_blank(b"\\"));
        assert!(check(r"\u00e9\/").is_ok() && check(r"a\x").is_err() && check("\\").is_err());
    }
}
