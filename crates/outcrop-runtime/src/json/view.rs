//! JSON values that Converse leaves open and a format looks into.

use super::{Cursor, Extra, IntoOwned, Map, Result, Str, Value};

/// A JSON value seen member by member, each of them kept as it stands. What is no object is one member without a name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct View<'a> {
    /// The members in order.
    pub extra: Extra<'a>,
}

impl<'a> Value<'a> for View<'a> {
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        if c.peek()? == b'{' {
            return Ok(Self { extra: Extra::parse(c)? });
        }
        let mut whole = c.arena().list();
        whole.push((Str::plain(""), c.json()?));
        Ok(Self { extra: Map(whole.finish()) })
    }
    fn write(&self, out: &mut Vec<u8>) {
        match &*self.extra.0 {
            [(name, whole)] if name.is_empty() => whole.write(out),
            _ => self.extra.write(out),
        }
    }
}

impl IntoOwned for View<'_> {
    type Owned = View<'static>;
    fn into_owned(self) -> View<'static> {
        View { extra: self.extra.into_owned() }
    }
}
