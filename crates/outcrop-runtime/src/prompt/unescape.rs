//! Text as it stands between the quotes of a JSON string.

use std::borrow::Cow;

use crate::{Code, Error};

/// The text that the inside of a JSON string literal stands for. Borrowed when nothing is escaped.
pub fn json_text(raw: &str) -> Result<Cow<'_, str>, Error> {
    let Some(mut at) = memchr::memchr(b'\\', raw.as_bytes()) else { return Ok(Cow::Borrowed(raw)) };
    let mut out = String::with_capacity(raw.len());
    let mut start = 0;
    loop {
        out.push_str(raw.get(start..at).unwrap_or_default());
        let (c, length) = one(raw.as_bytes().get(at..).unwrap_or_default()).ok_or_else(|| bad(at))?;
        out.push(c);
        start = at + length;
        let rest = raw.as_bytes().get(start..).unwrap_or_default();
        match memchr::memchr(b'\\', rest) {
            Some(next) => at = start + next,
            None => break,
        }
    }
    out.push_str(raw.get(start..).unwrap_or_default());
    Ok(Cow::Owned(out))
}

/// One escape: the character and how many bytes spell it.
pub(super) fn one(raw: &[u8]) -> Option<(char, usize)> {
    let simple = |c| Some((c, 2));
    match raw.get(1)? {
        b'"' => simple('"'),
        b'\\' => simple('\\'),
        b'/' => simple('/'),
        b'b' => simple('\u{8}'),
        b'f' => simple('\u{c}'),
        b'n' => simple('\n'),
        b'r' => simple('\r'),
        b't' => simple('\t'),
        b'u' => {
            let high = hex(raw.get(2..6)?)?;
            if !(0xD800..0xDC00).contains(&high) {
                return Some((char::from_u32(high)?, 6));
            }
            let low = raw.get(6..12).filter(|r| r.starts_with(b"\\u")).and_then(|r| hex(r.get(2..)?))?;
            let low = low.checked_sub(0xDC00).filter(|l| *l < 0x400)?;
            Some((char::from_u32(0x10000 + ((high - 0xD800) << 10) + low)?, 12))
        }
        _ => None,
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |n, d| char::from(*d).to_digit(16).map(|d| n * 16 + d))
}

#[cold]
pub(super) fn bad(at: usize) -> Error {
    Error::new(Code::MalformedJson, format!("a bad escape at byte {at} of a string; send valid JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_character_is_read() {
        assert_eq!(json_text(r"a\u003c\/\n\ud83d\ude00z").unwrap(), "a</\n\u{1f600}z");
        assert!(matches!(json_text("plain"), Ok(Cow::Borrowed("plain"))));
    }

    #[test]
    fn bad_escapes_are_refused() {
        for raw in [r"\x", r"\u12", r"\ud800", r"\ud800\u0041", r"\udc00", "\\"] {
            assert!(json_text(raw).is_err(), "{raw}");
        }
    }
}
