//! Opaque JSON.

use std::borrow::Cow;
use std::fmt;

use super::{Arena, Cursor, Value};
use crate::Error;

/// One JSON value, kept byte for byte: member order, number spelling and white space included.
#[derive(Clone, PartialEq, Eq)]
pub struct Json<'a>(Cow<'a, str>);

impl<'a> Json<'a> {
    /// `null`.
    pub const NULL: Json<'static> = Json(Cow::Borrowed("null"));

    pub(crate) const fn checked(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
    /// Checks that a text is one JSON value, and takes it.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, Error> {
        let text = text.into();
        let arena = Arena::new();
        let trimmed = text.trim_matches([' ', '\n', '\r', '\t']);
        Cursor::new(trimmed.as_bytes(), &arena)
            .and_then(|mut c| {
                c.skip()?;
                c.end()
            })
            .map_err(|e| e.in_facade(text.as_bytes()))?;
        Ok(Self(match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches([' ', '\n', '\r', '\t'])),
            Cow::Owned(_) => Cow::Owned(trimmed.to_owned()),
        }))
    }
    /// The value of something that can be written.
    #[must_use]
    pub fn of<'v>(value: &impl Value<'v>) -> Json<'static> {
        // What `Value` writes is UTF-8: pieces of `str` and ASCII.
        Json(Cow::Owned(String::from_utf8(value.to_json()).unwrap_or_default()))
    }
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Another handle on the same value; copies it only if this one owns it.
    #[must_use]
    pub fn share(&'a self) -> Json<'a> {
        Json(Cow::Borrowed(&self.0))
    }
    /// A cursor over the value.
    #[must_use]
    pub fn cursor<'c>(&'c self, arena: &'c Arena) -> Cursor<'c> {
        Cursor::over(&self.0, arena)
    }
    pub(super) fn owned(self) -> Json<'static> {
        Json(Cow::Owned(self.0.into_owned()))
    }
}

impl Default for Json<'_> {
    fn default() -> Self {
        Json::NULL
    }
}
impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
