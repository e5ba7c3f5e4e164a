//! The path of a value in a report.

use std::fmt;
use std::ops::Deref;

use arrayvec::ArrayString;

/// A path such as `messages[0].content[2].text`. Those of usual length need no memory of their own, so that a report of
/// many losses costs few allocations.
#[derive(Clone)]
pub struct Place(Text);

#[derive(Clone)]
enum Text {
    Short(ArrayString<62>),
    Long(String),
}

impl Place {
    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Short(text) => text,
            Text::Long(text) => text,
        }
    }

    /// Appends a character to the path.
    pub fn push(&mut self, more: char) {
        let full = match &mut self.0 {
            Text::Short(text) => text.try_push(more).is_err(),
            Text::Long(text) => {
                text.push(more);
                false
            }
        };
        if full {
            self.push_str(more.encode_utf8(&mut [0; 4]));
        }
    }

    /// Appends to the path.
    pub fn push_str(&mut self, more: &str) {
        match &mut self.0 {
            Text::Short(text) => {
                if text.try_push_str(more).is_err() {
                    let mut long = String::with_capacity(text.len() + more.len() + 64);
                    long.push_str(text);
                    long.push_str(more);
                    self.0 = Text::Long(long);
                }
            }
            Text::Long(text) => text.push_str(more),
        }
    }

    /// Cuts the path at a byte where a character begins; elsewhere it stays as it is.
    pub fn truncate(&mut self, len: usize) {
        if !self.as_str().is_char_boundary(len) {
            return;
        }
        match &mut self.0 {
            Text::Short(text) => text.truncate(len),
            Text::Long(text) => text.truncate(len),
        }
    }
}

impl Default for Place {
    fn default() -> Self {
        Self(Text::Short(ArrayString::new()))
    }
}

impl Deref for Place {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Place {}

impl PartialEq<str> for Place {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Place {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Place {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl From<&str> for Place {
    fn from(text: &str) -> Self {
        let mut place = Self::default();
        place.push_str(text);
        place
    }
}

impl From<String> for Place {
    fn from(text: String) -> Self {
        match ArrayString::from(&text) {
            Ok(short) => Self(Text::Short(short)),
            Err(_) => Self(Text::Long(text)),
        }
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        match place.0 {
            Text::Short(text) => text.as_str().to_owned(),
            Text::Long(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_place_grows_and_shrinks_as_text_does() {
        let (mut place, mut text) = (Place::default(), String::new());
        for part in [
            "messages",
            "[0]",
            ".content",
            "[12]",
            ".toolResult.status",
            ".\u{e9}\u{e9}",
            ".a.very.long.tail.of.a.path",
            "!",
        ] {
            place.push_str(part);
            text.push_str(part);
            assert_eq!(place, text);
            assert_eq!(Place::from(text.clone()), place);
        }
        let mut grown = Place::default();
        text.chars().for_each(|c| grown.push(c));
        assert_eq!(grown, place);
        for len in (0..text.len()).rev() {
            place.truncate(len);
            if text.is_char_boundary(len) {
                text.truncate(len);
            }
            assert_eq!(place, text);
        }
    }
}
