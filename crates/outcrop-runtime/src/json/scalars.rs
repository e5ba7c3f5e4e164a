//! Numbers, literals and opaque values at a cursor.

use super::{Cursor, Fault, Json, JsonError, Num, Result, number};

impl<'a> Cursor<'a> {
    /// A number as written.
    pub fn num(&mut self) -> Result<Num<'a>> {
        if !matches!(self.peek()?, b'-' | b'0'..=b'9') {
            return Err(self.wrong_type(&const { Fault::wrong_type("a number") }));
        }
        self.number().map(Num::checked)
    }
    /// A whole number, also one written as `28.0`.
    pub fn int(&mut self) -> Result<i64> {
        if !matches!(self.peek()?, b'-' | b'0'..=b'9') {
            return Err(self.wrong_type(&const { Fault::wrong_type("a whole number") }));
        }
        match number::short_int(self.rest()) {
            Some((n, length)) => {
                self.at += length;
                Ok(n)
            }
            None => self.long_int(),
        }
    }
    /// Whether a whole number of few digits is at the cursor.
    #[inline]
    pub(crate) fn at_short_int(&self) -> bool {
        number::short_int(self.rest()).is_some()
    }
    #[cold]
    fn long_int(&mut self) -> Result<i64> {
        let from = self.at;
        number::whole(self.number()?)
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
    pub fn null(&mut self) -> Result<bool> {
        if self.peek()? != b'n' {
            return Ok(false);
        }
        self.word("null").map(|()| true)
    }
    /// Any value, byte for byte.
    pub fn json(&mut self) -> Result<Json<'a>> {
        self.raw().map(Json::checked)
    }
    /// The text of any value.
    pub(crate) fn raw(&mut self) -> Result<&'a str> {
        self.peek()?;
        let from = self.at;
        self.skip()?;
        Ok(self.text.get(from..self.at).unwrap_or("null"))
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
    #[inline]
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }
    fn number(&mut self) -> Result<&'a str> {
        let from = self.at;
        let (length, fault) = number::length(self.rest());
        self.at += length;
        match fault {
            None => Ok(self.text.get(from..self.at).unwrap_or("0")),
            Some(fault) => Err(self.error(fault)),
        }
    }
    /// A wrong type, unless what is there is no value at all.
    #[cold]
    pub(super) fn wrong_type(&self, fault: &'static Fault) -> JsonError {
        let mut probe = self.clone();
        match probe.skip() {
            Err(e) if e.fault.code == crate::Code::MalformedJson => e,
            _ => self.error(fault),
        }
    }
}
