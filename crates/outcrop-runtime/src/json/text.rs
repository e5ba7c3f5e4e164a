//! Text that crosses from one JSON string to another without being unescaped.

use std::borrow::Cow;
use std::fmt;

use super::{Arena, scan, write};

/// A text: still escaped as it stood between quotes, or plain. Compares by what it says.
#[derive(Clone)]
pub struct Str<'a>(Form<'a>);

#[derive(Clone)]
enum Form<'a> {
    /// Contents of a checked JSON string; has escapes.
    Escaped(&'a str),
    /// The text itself, which may need escapes.
    Plain(Cow<'a, str>),
    /// The text itself, known to need no escapes.
    Clean(&'a str),
}

impl<'a> Str<'a> {
    /// What stood between the quotes of a JSON string that a [`super::Cursor`] has checked.
    #[must_use]
    pub fn raw(contents: &'a str) -> Self {
        Self(Form::Clean(contents)).or_escaped(contents)
    }
    fn or_escaped(self, contents: &'a str) -> Self {
        if memchr::memchr(b'\\', contents.as_bytes()).is_some() { Self(Form::Escaped(contents)) } else { self }
    }
    /// The first `end` bytes of `rest`, if they are the contents of a JSON string whose closing quote comes next.
    #[inline]
    #[must_use]
    pub fn between_quotes(rest: &'a [u8], end: usize) -> Option<Self> {
        let (found, escaped) = scan::string_end(rest.get(..=end)?, 0).ok()?;
        let text = simdutf8::basic::from_utf8(rest.get(..end)?).ok().filter(|_| found == end)?;
        Some(if escaped { Self::escaped(text) } else { Self::clean(text) })
    }
    /// A plain text.
    #[must_use]
    pub const fn plain(text: &'a str) -> Self {
        Self(Form::Plain(Cow::Borrowed(text)))
    }
    /// The contents of a checked string without escapes.
    #[inline]
    pub(super) const fn clean(contents: &'a str) -> Self {
        Self(Form::Clean(contents))
    }
    /// The contents of a checked string with escapes.
    #[inline]
    pub(super) const fn escaped(contents: &'a str) -> Self {
        Self(Form::Escaped(contents))
    }
    /// The text. Allocates only if it has escapes.
    #[must_use]
    #[inline]
    pub fn text(&self) -> Cow<'_, str> {
        match &self.0 {
            Form::Escaped(raw) => Cow::Owned(unescaped(raw)),
            Form::Plain(text) => Cow::Borrowed(text),
            Form::Clean(text) => Cow::Borrowed(text),
        }
    }
    /// The text, unescaped into an arena if it has escapes.
    pub(crate) fn plain_in(&self, arena: &'a Arena) -> &'a str {
        match &self.0 {
            Form::Clean(text) => text,
            Form::Plain(text) => arena.str(text),
            Form::Escaped(raw) => {
                let mut text = arena.text(raw.len());
                unescape(raw, &mut |part| text.push_str(part));
                text.into_bump_str()
            }
        }
    }
    /// The text, if it is at hand without unescaping.
    #[must_use]
    #[inline]
    pub fn as_plain(&self) -> Option<&str> {
        match &self.0 {
            Form::Escaped(_) => None,
            Form::Plain(text) => Some(text),
            Form::Clean(text) => Some(text),
        }
    }
    /// What would stand between quotes, if it is at hand without escaping.
    #[must_use]
    #[inline]
    pub fn as_raw(&self) -> Option<&'a str> {
        match self.0 {
            Form::Escaped(raw) | Form::Clean(raw) => Some(raw),
            Form::Plain(_) => None,
        }
    }
    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Form::Escaped(raw) => raw.is_empty(),
            Form::Plain(text) => text.is_empty(),
            Form::Clean(text) => text.is_empty(),
        }
    }
    /// Another handle on the same text; copies it only if this one owns it.
    #[must_use]
    #[inline]
    pub fn share(&'a self) -> Str<'a> {
        Str(match &self.0 {
            Form::Escaped(raw) => Form::Escaped(raw),
            Form::Plain(text) => Form::Plain(Cow::Borrowed(text)),
            Form::Clean(text) => Form::Clean(text),
        })
    }
    /// Appends the text itself.
    pub fn write_plain(&self, out: &mut String) {
        match &self.0 {
            Form::Escaped(raw) => unescape(raw, &mut |part| out.push_str(part)),
            Form::Plain(text) => out.push_str(text),
            Form::Clean(text) => out.push_str(text),
        }
    }
    /// Appends the JSON string, quotes included.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Form::Escaped(raw) | Form::Clean(raw) => write::quoted(out, raw),
            Form::Plain(text) => write::string(out, text),
        }
    }
    /// Appends what stands between the quotes, escaped.
    pub fn write_contents(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Form::Escaped(raw) | Form::Clean(raw) => write::raw(out, raw),
            Form::Plain(text) => write::escape(out, text),
        }
    }
}

#[cold]
fn unescaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    unescape(raw, &mut |part| text.push_str(part));
    text
}

/// Gives the text of the contents of a checked JSON string, in parts.
fn unescape(raw: &str, out: &mut impl FnMut(&str)) {
    let bytes = raw.as_bytes();
    let mut from = 0;
    while let Some(n) = bytes.get(from..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        let at = from + n;
        out(raw.get(from..at).unwrap_or(""));
        // Contents come from a cursor and are well formed; what is not would stay as it is.
        let (c, len) = scan::escape(bytes, at).unwrap_or(('\\', 1));
        out(c.encode_utf8(&mut [0; 4]));
        from = at + len;
    }
    out(raw.get(from..).unwrap_or(""));
}

impl Default for Str<'_> {
    fn default() -> Self {
        Self::clean("")
    }
}
impl<'a> From<&'a str> for Str<'a> {
    fn from(text: &'a str) -> Self {
        Self::plain(text)
    }
}
impl From<String> for Str<'_> {
    fn from(text: String) -> Self {
        Self(Form::Plain(Cow::Owned(text)))
    }
}
impl<'a> From<Cow<'a, str>> for Str<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self(Form::Plain(text))
    }
}
impl PartialEq for Str<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.as_plain(), other.as_plain()) {
            (Some(a), Some(b)) => a == b,
            _ => self.text() == other.text(),
        }
    }
}
impl Eq for Str<'_> {}
impl PartialEq<str> for Str<'_> {
    fn eq(&self, other: &str) -> bool {
        match self.as_plain() {
            Some(text) => text == other,
            None => self.text() == other,
        }
    }
}
impl PartialEq<&str> for Str<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}
impl fmt::Debug for Str<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text(), f)
    }
}
impl fmt::Display for Str<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}
