//! JSON inside a string. Text that is JSON stands for its value, other text for a JSON string of itself; a JSON string
//! whose text would be taken for something else travels as a JSON string literal. So every value reads back as it was.

use crate::Tree;
use std::borrow::Cow;

/// The text that carries a JSON string: its own, unless that would read back as another value.
#[must_use]
pub fn of_string(text: &str) -> Cow<'_, str> {
    if is_bare(text) { Cow::Borrowed(text) } else { Cow::Owned(Tree::str(text).to_string()) }
}

/// The value of a text; none if the text is empty.
#[must_use]
pub fn value(text: &str) -> Option<Tree> {
    match Tree::parse_text(text) {
        _ if text.is_empty() => None,
        // Only a string that cannot travel bare is quoted; other literals are text that looks like one.
        Ok(Tree::Str(inner)) if is_bare(&inner) => Some(Tree::str(text)),
        Ok(value) => Some(value),
        Err(_) => Some(Tree::str(text)),
    }
}

/// Why the input of a call reads back as another one.
pub const NO_JSON: &str = "the input is no JSON; it is written as a string";

/// The input of a call as JSON text, and whether it is that: nothing at all means an empty object, and what is no JSON,
/// such as an input that was cut short, becomes a string.
#[must_use]
pub fn input(text: &str) -> (Cow<'_, str>, bool) {
    match Tree::parse_text(text) {
        _ if text.is_empty() => (Cow::Borrowed("{}"), true),
        Ok(_) => (Cow::Borrowed(text), true),
        Err(_) => (Cow::Owned(Tree::str(text).to_string()), false),
    }
}

/// Whether a text reads back as itself.
fn is_bare(text: &str) -> bool {
    match Tree::parse_text(text) {
        Ok(Tree::Str(inner)) => is_bare(&inner),
        Ok(_) => false,
        Err(_) => !text.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: &[&str] =
        &["x", "", " ", "{}", " {\"a\":1} ", "null", "7", "\"x\"", "\"{}\"", "\"\\\"{}\\\"\"", "\"\"", "{", "\""];

    #[test]
    fn every_string_reads_back_as_it_was() {
        for text in TEXTS {
            let carried = of_string(text);
            assert_eq!(value(&carried), Some(Tree::str(*text)), "{text} as {carried}");
        }
    }

    #[test]
    fn text_that_is_no_json_comes_back_bare() {
        for text in ["x", "{ a:", "\"x\"", " \"x\" "] {
            let Some(Tree::Str(read)) = value(text) else { panic!("{text} is text") };
            assert_eq!(of_string(&read), text);
        }
    }
}
