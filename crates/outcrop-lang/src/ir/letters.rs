//! Sets of ASCII characters.

/// The characters that a member allows, and the one that announces a spelling of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letters {
    /// A bit for each allowed code point.
    pub bits: u128,
    /// The character that announces a spelling.
    pub mark: u8,
}

/// What may announce a spelling, the first that is allowed. None is a digit of it.
const MARKS: &[u8] = b"_-.:zZ";

impl Letters {
    /// The set that a text such as `A-Za-z0-9_-` says: characters and ranges; a hyphen stands for itself at either end.
    /// The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut bits, mut rest) = (0_u128, text.as_bytes());
        while let Some((first, after)) = rest.split_first() {
            let (last, after) = match after {
                [b'-', last, after @ ..] => (last, after),
                _ => (first, after),
            };
            if !(first.is_ascii_graphic() && last.is_ascii_graphic() && first <= last) {
                let (first, last) = (char::from(*first), char::from(*last));
                return Err(format!("`{first}` to `{last}` are no visible ASCII characters in order"));
            }
            bits |= (*first..=*last).fold(0, |bits, b| bits | 1 << b);
            rest = after;
        }
        let has = |b: &u8| bits >> b & 1 == 1;
        match MARKS.iter().find(|b| has(b)) {
            Some(&mark) if b"x0123456789abcdef".iter().all(has) => Ok(Self { bits, mark }),
            _ => Err("without `x`, the digits, `a` to `f` and one of `_-.:zZ` nothing else could be spelt".to_owned()),
        }
    }

    /// The characters, in order.
    #[must_use]
    pub fn chars(&self) -> String {
        (0..128_u8).filter(|b| self.bits >> b & 1 == 1).map(char::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Letters;

    #[test]
    fn a_set_must_be_able_to_spell() {
        for bad in ["a-z", "0-9a-f", "z-a", "A-Za-z0-9 ", "é"] {
            assert!(Letters::parse(bad).is_err(), "{bad}");
        }
        let letters = Letters::parse("-0-9a-fx").unwrap();
        assert_eq!((letters.chars().as_str(), letters.mark), ("-0123456789abcdefx", b'-'));
    }
}
