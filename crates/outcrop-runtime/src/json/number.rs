//! Numbers as they were written.

use std::borrow::Cow;
use std::fmt;

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
    /// Another handle on the same number; copies it only if this one owns it.
    #[must_use]
    pub fn share(&'a self) -> Num<'a> {
        Num(Cow::Borrowed(&self.0))
    }
    pub(super) fn owned(self) -> Num<'static> {
        Num(Cow::Owned(self.0.into_owned()))
    }
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
