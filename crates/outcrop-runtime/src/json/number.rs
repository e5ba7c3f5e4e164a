//! Numbers as they were written.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

use super::{Arena, Fault};

/// A JSON number, kept as its text, so that `1.50` stays `1.50` and no digit is lost.
#[derive(Clone, PartialEq, Eq)]
pub struct Num<'a>(Cow<'a, str>);

impl<'a> Num<'a> {
    pub(crate) const fn checked(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
    /// The number as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The nearest double.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        short(&self.0).unwrap_or_else(|| self.0.parse().unwrap_or(f64::NAN))
    }
    /// The nearest float.
    #[must_use]
    pub fn as_f32(&self) -> f32 {
        self.0.parse().unwrap_or(f32::NAN)
    }
    /// The value, if it is a whole number (`28.0` and `28e0` are) that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        whole(&self.0)
    }
    /// The value, if it is a whole number that fits.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok().or_else(|| self.as_i64()?.try_into().ok())
    }
    /// The shortest text that reads back as this very number, kept in an arena. What is not finite becomes 0.
    #[must_use]
    pub fn in_arena(n: f64, arena: &'a Arena) -> Self {
        let mut text = arena.text(24);
        // Writing to a text cannot fail.
        if n.is_finite() && write!(text, "{n:?}").is_ok() {
            Self::checked(text.into_bump_str())
        } else {
            Self::default()
        }
    }
    /// Another handle on the same number; copies it only if this one owns it.
    #[must_use]
    pub fn share(&'a self) -> Num<'a> {
        Num(Cow::Borrowed(&self.0))
    }
    pub(super) fn owned(self) -> Num<'static> {
        Num(Cow::Owned(self.0.into_owned()))
    }
}

/// How far the digits at `i` go.
#[inline]
fn digits(b: &[u8], mut i: usize) -> usize {
    while b.get(i).is_some_and(u8::is_ascii_digit) {
        i += 1;
    }
    i
}

/// The length of the number that a text begins with, or how far it is one and what is wrong there.
pub(super) fn length(b: &[u8]) -> (usize, Option<&'static Fault>) {
    const NO_VALUE: &Fault = &Fault::malformed("expected a value");
    const NO_DIGIT: &Fault = &Fault::malformed("expected a digit");
    let from = usize::from(b.first() == Some(&b'-'));
    let mut i = match b.get(from) {
        Some(b'0') => from + 1,
        Some(b'1'..=b'9') => digits(b, from + 1),
        _ if from == 1 => return (1, Some(NO_DIGIT)),
        _ => return (0, Some(NO_VALUE)),
    };
    if b.get(i) == Some(&b'.') {
        let end = digits(b, i + 1);
        if end == i + 1 {
            return (end, Some(NO_DIGIT));
        }
        i = end;
    }
    if matches!(b.get(i), Some(b'e' | b'E')) {
        i += 1 + usize::from(matches!(b.get(i + 1), Some(b'+' | b'-')));
        let end = digits(b, i);
        if end == i {
            return (end, Some(NO_DIGIT));
        }
        i = end;
    }
    (i, None)
}

/// The whole number of few digits that a text begins with, and its length. `None` is for the long way to decide.
#[inline]
pub(super) fn short_int(b: &[u8]) -> Option<(i64, usize)> {
    let (mut n, mut i) = (0, 0);
    // Up to 18 digits cannot overflow.
    while let Some(digit @ b'0'..=b'9') = b.get(i) {
        if i == 18 {
            return None;
        }
        n = n * 10 + i64::from(digit - b'0');
        i += 1;
    }
    // A leading zero is a number by itself.
    if i == 0 || (b.first() == Some(&b'0') && i > 1) || matches!(b.get(i), Some(b'.' | b'e' | b'E')) {
        return None;
    }
    Some((n, i))
}

/// The nearest double of a number of few digits without sign and exponent, which is what settings are: both operands
/// of the division are exact, so its result is the nearest.
fn short(text: &str) -> Option<f64> {
    const TENS: [f64; 8] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7];
    let (mut digits, mut behind, mut point) = (0u32, 0, false);
    if text.len() > 9 {
        return None;
    }
    for b in text.bytes() {
        match b {
            b'0'..=b'9' => {
                digits = digits * 10 + u32::from(b - b'0');
                behind += usize::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    Some(f64::from(digits) / TENS.get(behind)?)
}

/// The whole number that a JSON number's text stands for.
pub(super) fn whole(text: &str) -> Option<i64> {
    if let Ok(n) = text.parse() {
        return Some(n);
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (int, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent: i32 = exponent.parse().ok()?;
    let digits = format!("{int}{fraction}");
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() || digits == "-" {
        return Some(0);
    }
    // The value is digits × 10^zeros; a whole number has no digit behind the point.
    let cut = int.len() + fraction.len() - digits.len();
    let zeros = i64::from(exponent) + i64::try_from(cut).ok()? - i64::try_from(fraction.len()).ok()?;
    let zeros = usize::try_from(zeros).ok().filter(|z| *z < 20)?;
    format!("{digits}{}", "0".repeat(zeros)).parse().ok()
}

impl Default for Num<'_> {
    fn default() -> Self {
        Self(Cow::Borrowed("0"))
    }
}
macro_rules! from_int {
    ($($int:ty),*) => {$(
        impl From<$int> for Num<'_> {
            fn from(n: $int) -> Self {
                Self(Cow::Owned(itoa::Buffer::new().format(n).to_owned()))
            }
        }
    )*};
}
from_int!(i32, i64, u32, u64, usize);

// JSON has no NaN and no infinities; they become 0, which no service takes for a setting somebody chose.
macro_rules! from_float {
    ($($float:ty),*) => {$(
        /// The shortest text that reads back as this very float. What is not finite becomes 0.
        impl From<$float> for Num<'_> {
            fn from(n: $float) -> Self {
                if n.is_finite() { Self(Cow::Owned(format!("{n:?}"))) } else { Self::default() }
            }
        }
    )*};
}
from_float!(f32, f64);

impl fmt::Debug for Num<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Display for Num<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_keep_their_own_shortest_text() {
        assert_eq!(Num::from(0.9f32).as_str(), "0.9");
        assert_eq!(Num::from(0.9f64).as_str(), "0.9");
        assert_eq!(Num::from(1e300).as_str(), "1e300");
        assert_eq!(Num::from(f64::NAN).as_str(), "0");
    }

    #[test]
    fn a_number_in_an_arena_reads_as_one_of_its_own() {
        let arena = Arena::new();
        for n in [0.9, 1.0, -0.25, 1e300, f64::NAN, f64::INFINITY] {
            assert_eq!(Num::in_arena(n, &arena), Num::from(n));
        }
        assert_eq!(arena.base64(b"any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
    }

    #[test]
    fn whole_numbers_are_read_in_any_spelling() {
        for (text, n) in [("28", 28), ("28.0", 28), ("2.8e1", 28), ("-0.0", 0), ("2800e-2", 28), ("-1E3", -1000)] {
            assert_eq!(whole(text), Some(n), "{text}");
        }
        for text in ["28.5", "1e-1", "9223372036854775808", "1e99", "1e999999999999"] {
            assert_eq!(whole(text), None, "{text}");
        }
        assert_eq!(Num::checked("18446744073709551615").as_u64(), Some(u64::MAX));
        assert_eq!(Num::checked("-1").as_u64(), None);
    }

    #[test]
    fn a_number_ends_where_the_grammar_says() {
        for (text, end) in [("0", 1), ("-0", 2), ("12,", 2), ("-12.50]", 6), ("1e5}", 3), ("1.5E-07 ", 7), ("00", 1)] {
            assert_eq!(length(text.as_bytes()), (end, None), "{text}");
        }
        for (text, at) in
            [("", 0), ("x", 0), (".5", 0), ("-", 1), ("-x", 1), ("1.", 2), ("1.e", 2), ("1e", 2), ("1e+", 3)]
        {
            let (end, fault) = length(text.as_bytes());
            assert!(end == at && fault.is_some(), "{text}: {end}");
        }
        for (text, n) in [("0,", Some((0, 1))), ("123456789012345678}", Some((123_456_789_012_345_678, 18)))] {
            assert_eq!(short_int(text.as_bytes()), n);
        }
        for text in ["", "-1", "00", "01", "1.0", "1e3", "1E3", "1234567890123456789"] {
            assert_eq!(short_int(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn short_numbers_are_read_as_the_long_way_reads_them() {
        for text in ["0", "1", "0.9", "0.1", "1.0", "999999999", "0.0000001", "12345.678", "-0.5", "1e3", "0.30000001"]
        {
            let long: f64 = text.parse().unwrap();
            assert_eq!(Num::checked(text).as_f64().to_bits(), long.to_bits(), "{text}");
        }
        for n in 0..20_000 {
            let text = format!("{}.{:03}", n / 1000, n % 1000);
            let long: f64 = text.parse().unwrap();
            assert_eq!(Num::checked(&text).as_f64().to_bits(), long.to_bits(), "{text}");
        }
    }
}
