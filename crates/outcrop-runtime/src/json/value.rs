//! What every value that can be read and written has in common.

use super::{Arena, Cursor, Json, List, Num, One, Result, Str, write};
use crate::Error;

/// A value with a JSON form.
pub trait Value<'a>: Sized + 'a {
    /// Reads the value at the cursor.
    fn parse(c: &mut Cursor<'a>) -> Result<Self>;
    /// Appends the value.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads a whole text; an error names the path on the Converse side.
    fn from_json(input: &'a [u8], arena: &'a Arena) -> std::result::Result<Self, Error> {
        whole(input, arena).map_err(|e| e.in_facade(input))
    }
    /// Reads a whole text; an error names the path on the native side.
    fn from_native(input: &'a [u8], arena: &'a Arena) -> std::result::Result<Self, Error> {
        whole(input, arena).map_err(|e| e.in_native(input))
    }
    /// The value as a text.
    fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

fn whole<'a, T: Value<'a>>(input: &'a [u8], arena: &'a Arena) -> Result<T> {
    let mut c = Cursor::new(input, arena)?;
    let value = T::parse(&mut c)?;
    c.end()?;
    Ok(value)
}

impl<'a> Value<'a> for Str<'a> {
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        c.str()
    }
    fn write(&self, out: &mut Vec<u8>) {
        self.write_json(out);
    }
}
impl<'a> Value<'a> for Num<'a> {
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        c.num()
    }
    fn write(&self, out: &mut Vec<u8>) {
        write::raw(out, self.as_str());
    }
}
impl<'a> Value<'a> for Json<'a> {
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        c.json()
    }
    fn write(&self, out: &mut Vec<u8>) {
        write::raw(out, self.as_str());
    }
}
impl<'a> Value<'a> for i64 {
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        c.int()
    }
    fn write(&self, out: &mut Vec<u8>) {
        write::int(out, *self);
    }
}
impl<'a> Value<'a> for bool {
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        c.bool()
    }
    fn write(&self, out: &mut Vec<u8>) {
        write::raw(out, if *self { "true" } else { "false" });
    }
}
impl<'a, T: Value<'a>> Value<'a> for List<'a, T> {
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut list = c.arena().list();
        let mut more = c.first_item()?;
        while more {
            list.push(T::parse(c)?);
            more = c.next_item()?;
        }
        Ok(list.finish())
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (i, item) in self.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            item.write(out);
        }
        out.push(b']');
    }
}
impl<'a, T: Value<'a>> Value<'a> for One<'a, T> {
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let value = T::parse(c)?;
        Ok(One::Borrowed(c.arena().value(value)))
    }
    fn write(&self, out: &mut Vec<u8>) {
        T::write(self, out);
    }
}
