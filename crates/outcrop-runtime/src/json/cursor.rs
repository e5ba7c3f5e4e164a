//! The pull cursor: one pass over checked UTF-8, no tree, values handed out as slices of the input.

use super::{Arena, Fault, Json, JsonError, Num, Result, Str, number, scan};

/// How deep objects and lists may nest.
pub const MAX_DEPTH: u32 = 128;

const END: &Fault = &Fault::malformed("the input ends in the middle of a value");

/// A position in a JSON text. What it passes over is checked: escapes, control characters, numbers, nesting.
/// Objects and lists are walked with `first_*` and `next_*`; between two of them exactly one value must be consumed.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    arena: &'a Arena,
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
        Self { text, at: 0, depth: 0, arena }
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
    /// Checks that nothing follows.
    pub fn end(&mut self) -> Result<()> {
        if self.peek().is_ok() {
            return Err(self.error(&const { Fault::malformed("something follows the value") }));
        }
        Ok(())
    }
    /// Enters an object: its first key, or `None` if it is empty and has been left again.
    #[inline]
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
    #[inline]
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
    #[inline]
    fn key(&mut self) -> Result<&'a str> {
        if self.peek()? != b'"' {
            return Err(self.error(&const { Fault::malformed("expected a member name") }));
        }
        let (raw, escaped) = self.string_contents()?;
        if self.peek()? != b':' {
            return Err(self.error(&const { Fault::malformed("expected `:`") }));
        }
        self.at += 1;
        // A key with escapes is unheard of, and still a key.
        Ok(if escaped { self.arena.str(&Str::escaped(raw).text()) } else { raw })
    }
    /// Enters a list; whether it has a first element. An empty one has been left again.
    #[inline]
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
    #[inline]
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
    #[inline]
    pub fn str(&mut self) -> Result<Str<'a>> {
        if self.peek()? != b'"' {
            return Err(self.wrong_type(&const { Fault::wrong_type("a string") }));
        }
        let (raw, escaped) = self.string_contents()?;
        Ok(if escaped { Str::escaped(raw) } else { Str::clean(raw) })
    }
    /// A string as plain text; one with escapes is unescaped into the arena.
    #[inline]
    pub fn plain_str(&mut self) -> Result<&'a str> {
        if self.peek()? != b'"' {
            return Err(self.wrong_type(&const { Fault::wrong_type("a string") }));
        }
        let (raw, escaped) = self.string_contents()?;
        Ok(if escaped { self.arena.str(&Str::escaped(raw).text()) } else { raw })
    }
    /// The contents of the string whose opening quote is at the cursor, and whether they have escapes.
    #[inline]
    fn string_contents(&mut self) -> Result<(&'a str, bool)> {
        let from = self.at + 1;
        let bytes = self.text.as_bytes();
        let plain = scan::plain_end(bytes, from);
        let escaped = bytes.get(plain) != Some(&b'"');
        let end = if escaped { scan::string_end(bytes, plain)? } else { plain };
        self.at = end + 1;
        Ok((self.text.get(from..end).unwrap_or(""), escaped))
    }
    /// A number as written.
    pub fn num(&mut self) -> Result<Num<'a>> {
        if !matches!(self.peek()?, b'-' | b'0'..=b'9') {
            return Err(self.wrong_type(&const { Fault::wrong_type("a number") }));
        }
        self.number().map(Num::checked)
    }
    /// A whole number, also one written as `28.0`.
    #[inline]
    pub fn int(&mut self) -> Result<i64> {
        let from = self.at;
        let text = match self.peek()? {
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return Err(self.wrong_type(&const { Fault::wrong_type("a whole number") })),
        };
        // Up to 18 digits cannot overflow.
        if text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(text.bytes().fold(0, |n, b| n * 10 + i64::from(b - b'0')));
        }
        number::whole(text)
            .ok_or(JsonError::new(&const { Fault::wrong_type("a whole number of at most 64 bits") }, from))
    }
    /// `true` or `false`.
    pub fn bool(&mut self) -> Result<bool> {
        match self.peek()? {
            b't' => self.word("true").map(|()| true),
            b'f' => self.word("false").map(|()| false),
            _ => Err(self.wrong_type(&const { Fault::wrong_type("true or false") })),
        }
    }
    /// Passes over `null` if it is next, and says whether it was.
    #[inline]
    pub fn null(&mut self) -> Result<bool> {
        if self.peek()? != b'n' {
            return Ok(false);
        }
        self.word("null").map(|()| true)
    }
    /// Any value, byte for byte.
    #[inline]
    pub fn json(&mut self) -> Result<Json<'a>> {
        self.peek()?;
        let from = self.at;
        self.skip()?;
        Ok(Json::checked(self.text.get(from..self.at).unwrap_or("null")))
    }
    /// Passes over any value, checking it.
    pub fn skip(&mut self) -> Result<()> {
        match self.peek()? {
            b'"' => self.string_contents().map(drop),
            b'{' => self.skip_object(),
            b'[' => self.skip_list(),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.number().map(drop),
        }
    }
    fn skip_object(&mut self) -> Result<()> {
        let mut next = self.first_key()?;
        while next.is_some() {
            self.skip()?;
            next = self.next_key()?;
        }
        Ok(())
    }
    fn skip_list(&mut self) -> Result<()> {
        let mut more = self.first_item()?;
        while more {
            self.skip()?;
            more = self.next_item()?;
        }
        Ok(())
    }
    fn word(&mut self, word: &str) -> Result<()> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(self.error(&const { Fault::malformed("expected a value") }));
        }
        self.at += word.len();
        Ok(())
    }
    fn digits(&mut self) -> Result<()> {
        let from = self.at;
        while self.text.as_bytes().get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == from {
            return Err(self.error(&const { Fault::malformed("expected a digit") }));
        }
        Ok(())
    }
    fn number(&mut self) -> Result<&'a str> {
        let from = self.at;
        let byte = |c: &Self| c.text.as_bytes().get(c.at).copied();
        match byte(self) {
            Some(b'-' | b'0'..=b'9') => {}
            _ => return Err(self.error(&const { Fault::malformed("expected a value") })),
        }
        if byte(self) == Some(b'-') {
            self.at += 1;
        }
        if byte(self) == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if byte(self) == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(byte(self), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(byte(self), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(self.text.get(from..self.at).unwrap_or("0"))
    }
    /// A wrong type, unless what is there is no value at all.
    #[cold]
    fn wrong_type(&self, fault: &'static Fault) -> JsonError {
        let mut probe = self.clone();
        match probe.skip() {
            Err(e) if e.fault.code == crate::Code::MalformedJson => e,
            _ => self.error(fault),
        }
    }
}
