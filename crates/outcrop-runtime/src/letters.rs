//! Texts for members that allow few characters: names and ids of tools.
//!
//! What such a member may not hold is spelt with what it may: a foreign character as a mark, an `x` and the six
//! hexadecimal digits of its code point (`a.b` is `a_x00002eb`). Text that looks like that already gets one more `x`, so
//! that every text has one spelling and every spelling one text.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The ASCII characters that a member allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letters {
    bits: u128,
    mark: u8,
}

const DIGITS: usize = 6;

impl Letters {
    /// The characters with these code points, one bit each, of which one announces a spelling. Spellings need the mark, `x`,
    /// the digits and `a` to `f`; the mark is none of the others.
    #[must_use]
    pub const fn of(bits: u128, mark: u8) -> Self {
        Self { bits, mark }
    }

    fn allows(&self, c: char) -> bool {
        u8::try_from(c).is_ok_and(|b| b < 128 && self.bits >> b & 1 == 1)
    }

    /// A text as the member may hold it.
    #[must_use]
    pub fn spell<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.rewrite(text, |c, rest, out| match (self.allows(c), self.token(rest)) {
            (false, _) => {
                out.push(char::from(self.mark));
                out.push('x');
                let _ = write!(out, "{:0DIGITS$x}", u32::from(c));
                c.len_utf8()
            }
            (true, Some(_)) => {
                out.push(c);
                out.push_str("xx");
                2
            }
            (true, None) => 0,
        })
    }

    /// The text that a member's value spells.
    #[must_use]
    pub fn read<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.rewrite(text, |c, rest, out| match self.token(rest) {
            Some((1, foreign)) => {
                out.push(foreign);
                2 + DIGITS
            }
            Some(_) => {
                out.push(c);
                2
            }
            None => 0,
        })
    }

    /// Goes through a text; `f` writes something else for so many bytes of it, or nothing for none.
    fn rewrite<'t>(&self, text: &'t str, f: impl Fn(char, &str, &mut String) -> usize) -> Cow<'t, str> {
        // Nearly all texts stay as they are.
        let plain = |b: u8| b < 128 && self.bits >> b & 1 == 1;
        let next = |at: usize| text.as_bytes().get(at + 1).copied();
        let odd = |(at, b): (usize, u8)| !plain(b) || b == self.mark && next(at) == Some(b'x');
        let Some(first) = text.bytes().enumerate().position(odd) else { return Cow::Borrowed(text) };
        let (mut out, mut at) = (text.get(..first).unwrap_or_default().to_owned(), first);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let c = rest.chars().next().unwrap_or_default();
            let passed = f(c, rest, &mut out);
            if passed == 0 {
                out.push(c);
            }
            at += if passed == 0 { c.len_utf8() } else { passed };
        }
        if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
    }

    /// The spelling of a foreign character that a text begins with: how many `x` it has, and the character.
    fn token(&self, text: &str) -> Option<(usize, char)> {
        let rest = text.strip_prefix(char::from(self.mark))?;
        let digits = rest.trim_start_matches('x');
        let xs = rest.len() - digits.len();
        let digits = digits.get(..DIGITS).filter(|d| d.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))?;
        let foreign = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
        (xs > 0 && !self.allows(foreign)).then_some((xs, foreign))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(chars: impl Iterator<Item = u8>, mark: u8) -> Letters {
        Letters::of(chars.fold(0, |bits, b| bits | 1 << b), mark)
    }

    #[test]
    fn texts_and_spellings_are_a_bijection() {
        let alphanumeric = || (0..128).filter(u8::is_ascii_alphanumeric);
        let sets = [
            of(alphanumeric().chain(*b"_-"), b'_'),
            of(alphanumeric(), b'z'),
            of((b'a'..=b'z').chain(b'0'..=b'9').chain(*b"."), b'.'),
            of((b'a'..=b'f').chain(b'0'..=b'9').chain(*b"-x"), b'-'),
        ];
        for letters in sets {
            let mark = char::from(letters.mark);
            // Pieces that meet in every way: what is foreign, what looks like a spelling, halves of one.
            let token = format!("{mark}x00007e");
            let pieces =
                ["~", "é", "x", "0", "00007e", "7e", &mark.to_string(), &token, &token[..4], &token[2..], "\u{10ffff}"];
            let mut rng = fastrand::Rng::with_seed(17);
            for _ in 0..30_000 {
                let text: String = (0..rng.usize(..7)).map(|_| pieces[rng.usize(..pieces.len())]).collect();
                let spelt = letters.spell(&text);
                assert!(spelt.chars().all(|c| letters.allows(c)), "{text:?} is spelt {spelt:?}");
                assert_eq!(letters.read(&spelt), text, "{spelt:?}");
                let native: String = text.chars().filter(|c| letters.allows(*c)).collect();
                assert_eq!(letters.spell(&letters.read(&native)), native, "{native:?}");
            }
        }
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        let letters = of((0..128).filter(u8::is_ascii_alphanumeric).chain(*b"_-"), b'_');
        assert_eq!(letters.spell("functions.look_up:0"), "functions_x00002elook_up_x00003a0");
        assert!(matches!(letters.spell("look_up"), Cow::Borrowed(_)));
        assert_eq!(letters.read("look_up_x00003a0"), "look_up:0");
    }
}
