//! What counts as a token here: at most six characters of a word, with the blanks before it.

/// Most characters of a token.
const LONGEST: usize = 6;

/// The tokens of a text, which together are the text.
pub(crate) fn tokens(text: &str) -> Tokens<'_> {
    Tokens { rest: text }
}

/// How many tokens a text has.
pub(crate) fn count(text: &str) -> u64 {
    tokens(text).count() as u64
}

/// See [`tokens`].
#[derive(Debug, Clone)]
pub(crate) struct Tokens<'t> {
    rest: &'t str,
}

impl<'t> Iterator for Tokens<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let (mut word, mut end) = (false, self.rest.len());
        for (n, (at, c)) in self.rest.char_indices().enumerate() {
            if n == LONGEST || (word && c.is_whitespace()) {
                end = at;
                break;
            }
            word |= !c.is_whitespace();
        }
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(token).filter(|token| !token.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_the_text_in_pieces() {
        let of = |text| tokens(text).collect::<Vec<_>>();
        assert_eq!(of("Will it rain tomorrow?"), ["Will", " it", " rain", " tomor", "row?"]);
        assert_eq!(of("  \n a"), ["  \n a"]);
        assert_eq!(of("日本語日本語日"), ["日本語日本語", "日"]);
        assert_eq!(of(""), Vec::<&str>::new());
        let long = "x".repeat(1000) + &" ".repeat(1000);
        assert_eq!(of(&long).concat(), long);
    }
}
