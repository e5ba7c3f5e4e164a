//! Objects with free keys, and the members that a type does not know.

use super::{Cursor, Json, List, ListBuilder, Result, Str, Value, write};

/// An object with free keys, in order. An empty one costs nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Map<'a, T>(pub List<'a, (Str<'a>, T)>);

/// Unknown members of an object: kept in order, byte for byte.
pub type Extra<'a> = Map<'a, Json<'a>>;

impl<'a, T> Map<'a, T> {
    /// No members.
    pub const EMPTY: Self = Self(List::EMPTY);
    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(key, _)| *key == *name).map(|(_, value)| value)
    }
    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The members in order.
    pub fn iter(&self) -> std::slice::Iter<'_, (Str<'a>, T)> {
        self.0.iter()
    }
    /// Adds a member at the end.
    pub fn push(&mut self, name: impl Into<Str<'a>>, value: T)
    where
        T: Clone,
    {
        self.0.push((name.into(), value));
    }
}

impl<'a, T: Value<'a>> Map<'a, T> {
    /// Writes the members onto the object that is being written.
    pub fn write_members(&self, out: &mut Vec<u8>) {
        for (name, value) in &self.0 {
            write::separator(out);
            name.write_json(out);
            out.push(b':');
            value.write(out);
        }
    }
}

impl<T> Default for Map<'_, T> {
    fn default() -> Self {
        Self::EMPTY
    }
}
impl<'m, 'a, T> IntoIterator for &'m Map<'a, T> {
    type Item = &'m (Str<'a>, T);
    type IntoIter = std::slice::Iter<'m, (Str<'a>, T)>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
impl<'a, T, const N: usize> From<[(Str<'a>, T); N]> for Map<'a, T> {
    fn from(members: [(Str<'a>, T); N]) -> Self {
        Self(members.into())
    }
}
impl<'a, T> FromIterator<(Str<'a>, T)> for Map<'a, T> {
    fn from_iter<I: IntoIterator<Item = (Str<'a>, T)>>(members: I) -> Self {
        Self(members.into_iter().collect())
    }
}

impl<'a, T: Value<'a>> Value<'a> for Map<'a, T> {
    fn parse(c: &mut Cursor<'a>) -> Result<Self> {
        let mut map = c.arena().list();
        let mut next = c.first_key()?;
        while let Some(key) = next {
            map.push((Str::plain(key), T::parse(c)?));
            next = c.next_key()?;
        }
        Ok(Self(map.finish()))
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        self.write_members(out);
        out.push(b'}');
    }
}

/// Unknown members while an object is being parsed.
#[derive(Debug)]
pub struct ExtraBuilder<'a>(ListBuilder<'a, (Str<'a>, Json<'a>)>);

impl<'a> ExtraBuilder<'a> {
    /// Nothing yet; allocates nothing.
    #[must_use]
    pub fn new(c: &Cursor<'a>) -> Self {
        Self(c.arena().list())
    }
    /// Takes the value at the cursor as the member `name`.
    #[cold]
    pub fn take(&mut self, name: &'a str, c: &mut Cursor<'a>) -> Result<()> {
        self.0.push((Str::plain(name), c.json()?));
        Ok(())
    }
    /// The members.
    #[must_use]
    pub fn finish(self) -> Extra<'a> {
        Map(self.0.finish())
    }
}
