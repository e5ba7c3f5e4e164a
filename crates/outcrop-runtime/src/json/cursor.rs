//! The pull cursor: one pass over checked UTF-8, no tree, values handed out as slices of the input.

use super::{Arena, Fault, JsonError, Result, Str, scan};

/// How deep objects and lists may nest.
pub const MAX_DEPTH: u32 = 128;

const END: &Fault = &Fault::malformed("the input ends in the middle of a value");

/// A position in a JSON text. What it passes over is checked: escapes, control characters, numbers, nesting.
/// Objects and lists are walked with `first_*` and `next_*`; between two of them exactly one value must be consumed.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    depth: u32,
    arena: &'a Arena,
    /// The last long string: readers that look ahead come by it again.
    long: Long,
}

/// Where a string was found to end, so that it need not be scanned twice.
#[derive(Debug, Clone, Copy)]
struct Long {
    from: usize,
    end: usize,
    escaped: bool,
}

/// A place of a [`Cursor`].
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    at: usize,
    depth: u32,
}

impl<'a> Cursor<'a> {
    /// At the start of an input, which is checked to be UTF-8 once and for all.
    pub fn new(input: &'a [u8], arena: &'a Arena) -> Result<Self> {
        if let Ok(text) = simdutf8::basic::from_utf8(input) {
            return Ok(Self::over(text, arena));
        }
        let at = simdutf8::compat::from_utf8(input).map_or_else(|e| e.valid_up_to(), |_| 0);
        Err(JsonError::new(&const { Fault::malformed("the input is not UTF-8") }, at))
    }
    /// At the start of a text.
    #[must_use]
    pub const fn over(text: &'a str, arena: &'a Arena) -> Self {
        Self { text, at: 0, depth: 0, arena, long: Long { from: 0, end: 0, escaped: false } }
    }
    /// Where parsed lists live.
    #[must_use]
    #[inline]
    pub const fn arena(&self) -> &'a Arena {
        self.arena
    }
    /// Byte offset, for errors.
    #[must_use]
    #[inline]
    pub const fn position(&self) -> usize {
        self.at
    }
    /// This place, to come back to.
    #[must_use]
    #[inline]
    pub const fn mark(&self) -> Mark {
        Mark { at: self.at, depth: self.depth }
    }
    /// Goes back, to read something another way.
    #[inline]
    pub const fn rewind(&mut self, mark: Mark) {
        self.at = mark.at;
        self.depth = mark.depth;
    }
    /// The input between two offsets.
    pub(crate) fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or("")
    }
    /// A problem at the cursor.
    #[cold]
    #[must_use]
    pub const fn error(&self, fault: &'static Fault) -> JsonError {
        JsonError::new(fault, self.at)
    }
    /// The next byte that is not white space, which stays unread. It tells the kind of the next value.
    #[inline]
    pub fn peek(&mut self) -> Result<u8> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.at += 1,
                Some(&b) => return Ok(b),
                None => return Err(self.error(END)),
            }
        }
    }
    /// Passes over a value that is spelt just like this one, which came from a checked text.
    #[inline]
    pub(crate) fn passes(&mut self, value: &str) -> bool {
        let rest = self.text.as_bytes().get(self.at..).and_then(|rest| rest.strip_prefix(value.as_bytes()));
        // A number would go on otherwise.
        let same = rest.is_some_and(|rest| matches!(rest.first(), Some(b',' | b'}' | b']')));
        if same {
            self.at += value.len();
        }
        same
    }
    /// Checks that nothing follows.
    pub fn end(&mut self) -> Result<()> {
        if self.peek().is_ok() {
            return Err(self.error(&const { Fault::malformed("something follows the value") }));
        }
        Ok(())
    }
    /// Enters an object: its first key, or `None` if it is empty and has been left again.
    pub fn first_key(&mut self) -> Result<Option<&'a str>> {
        if self.peek()? != b'{' {
            return Err(self.wrong_type(&const { Fault::wrong_type("an object") }));
        }
        self.enter()?;
        if self.peek()? == b'}' {
            self.leave();
            return Ok(None);
        }
        self.key().map(Some)
    }
    /// After a member's value: the next key, or `None` after leaving the object.
    pub fn next_key(&mut self) -> Result<Option<&'a str>> {
        match self.peek()? {
            b',' => {
                self.at += 1;
                self.key().map(Some)
            }
            b'}' => {
                self.leave();
                Ok(None)
            }
            _ => Err(self.error(&const { Fault::malformed("expected `,` or `}`") })),
        }
    }
    /// A name and its colon. In line: it is most of what an object costs, and there are only two callers.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn key(&mut self) -> Result<&'a str> {
        // No white space around names is the rule, and then one look each is enough.
        if self.text.as_bytes().get(self.at) != Some(&b'"') && self.peek()? != b'"' {
            return Err(self.error(&const { Fault::malformed("expected a member name") }));
        }
        let (raw, escaped) = self.string_contents()?;
        if self.text.as_bytes().get(self.at) != Some(&b':') && self.peek()? != b':' {
            return Err(self.error(&const { Fault::malformed("expected `:`") }));
        }
        self.at += 1;
        // A key with escapes is unheard of, and still a key.
        Ok(if escaped { self.unescaped(raw) } else { raw })
    }
    #[cold]
    fn unescaped(&self, raw: &str) -> &'a str {
        self.arena.str(&Str::escaped(raw).text())
    }
    /// Enters a list; whether it has a first element. An empty one has been left again.
    pub fn first_item(&mut self) -> Result<bool> {
        if self.peek()? != b'[' {
            return Err(self.wrong_type(&const { Fault::wrong_type("a list") }));
        }
        self.enter()?;
        if self.peek()? == b']' {
            self.leave();
            return Ok(false);
        }
        Ok(true)
    }
    /// After an element: whether another follows. If none does, the list has been left.
    pub fn next_item(&mut self) -> Result<bool> {
        match self.peek()? {
            b',' => {
                self.at += 1;
                Ok(true)
            }
            b']' => {
                self.leave();
                Ok(false)
            }
            _ => Err(self.error(&const { Fault::malformed("expected `,` or `]`") })),
        }
    }
    #[inline]
    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(&Fault::TOO_DEEP));
        }
        self.at += 1;
        Ok(())
    }
    #[inline]
    fn leave(&mut self) {
        self.at += 1;
        self.depth -= 1;
    }
    /// A string.
    pub fn str(&mut self) -> Result<Str<'a>> {
        if self.peek()? != b'"' {
            return Err(self.wrong_type(&const { Fault::wrong_type("a string") }));
        }
        let (raw, escaped) = self.string_contents()?;
        Ok(if escaped { Str::escaped(raw) } else { Str::clean(raw) })
    }
    /// A string as plain text; one with escapes is unescaped into the arena.
    pub fn plain_str(&mut self) -> Result<&'a str> {
        if self.peek()? != b'"' {
            return Err(self.wrong_type(&const { Fault::wrong_type("a string") }));
        }
        let (raw, escaped) = self.string_contents()?;
        Ok(if escaped { self.unescaped(raw) } else { raw })
    }
    /// The contents of the string whose opening quote is at the cursor, and whether they have escapes.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub(super) fn string_contents(&mut self) -> Result<(&'a str, bool)> {
        let from = self.at + 1;
        match scan::short_end(self.text.as_bytes(), from) {
            Some(end) => {
                self.at = end + 1;
                Ok((self.text.get(from..end).unwrap_or(""), false))
            }
            None => self.long_contents(from),
        }
    }
    #[inline(never)]
    fn long_contents(&mut self, from: usize) -> Result<(&'a str, bool)> {
        if self.long.from != from {
            let (end, escaped) = scan::string_end(self.text.as_bytes(), from)?;
            self.long = Long { from, end, escaped };
        }
        let Long { end, escaped, .. } = self.long;
        self.at = end + 1;
        Ok((self.text.get(from..end).unwrap_or(""), escaped))
    }
}
