//! What codecs leave of a façade value: the fate of members that are there and that nothing maps.

use super::{At, Encode};
use crate::json::{Arena, Cursor, Value};
use crate::{Error, Kind, Tree};

/// How a member that nothing maps is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// As one value, whatever is in it.
    Whole,
    /// By each value in it.
    Values,
    /// As [`Self::Values`], of an arm: it says something even when there is nothing in it.
    Arm,
    /// As [`Self::Values`], of a block: its arm says something even when there is nothing in it.
    Block,
    /// A list of plain values, which share their fate.
    List,
}

/// A façade type whose members codecs map or leave. Generated code has one for each.
pub trait Members {
    /// Its members in their order, and how each is told.
    const MEMBERS: &'static [(&'static str, Left)];

    /// Which of them are there, a bit for each; that of the members which Converse does not list comes after the last.
    fn present(&self) -> u64;
}

/// The bit of a member, if it is there.
#[inline]
#[must_use]
pub const fn bit(is_there: bool, bit: u64) -> u64 {
    if is_there { bit } else { 0 }
}

impl Encode<'_> {
    /// Settles the fate of the members that are there and not among those mapped, which have a bit each.
    #[inline]
    pub fn rest<'v, T: Value<'v> + Members>(&mut self, at: &At<'_>, value: &T, unmapped: u64) -> Result<(), Error> {
        let left = value.present() & unmapped;
        if left == 0 { Ok(()) } else { self.left(at, &value.to_json(), T::MEMBERS, left) }
    }

    #[cold]
    fn left(&mut self, at: &At<'_>, value: &[u8], members: &[(&str, Left)], which: u64) -> Result<(), Error> {
        let arena = Arena::new();
        let Ok(mut c) = Cursor::new(value, &arena) else { return self.unmapped_leaf(at) };
        let mut next = c.first_key().unwrap_or(None);
        while let Some(name) = next {
            let place = members.iter().position(|(member, _)| *member == name);
            let is_left = which.checked_shr(u32::try_from(place.unwrap_or(members.len())).unwrap_or(u32::MAX));
            let json = c.json().unwrap_or_default();
            if is_left.is_some_and(|bits| bits & 1 == 1) {
                let at = &at.key(name);
                match place.and_then(|n| members.get(n)).map(|(_, how)| *how) {
                    Some(how) => self.tell(at, json.as_str(), how)?,
                    None if json.as_str() == "null" => {}
                    None => self.unmapped_leaf(at)?,
                }
            }
            next = c.next_key().unwrap_or(None);
        }
        Ok(())
    }

    fn tell(&mut self, at: &At<'_>, json: &str, how: Left) -> Result<(), Error> {
        let tree = || Tree::parse_text(json).unwrap_or_default();
        match how {
            Left::Whole => self.unmapped_leaf(at),
            Left::Arm if is_hollow(&tree()) => self.unmapped_leaf(at),
            Left::Values | Left::Arm => self.settle(at, json.as_bytes()),
            Left::Block => self.block(at, json),
            Left::List => {
                let Tree::Arr(items) = tree() else { return Ok(()) };
                let count = items.items().len();
                // Only the places of events name elements.
                let told = if self.kind == Kind::Stream { count } else { count.min(1) };
                (0..told).try_for_each(|i| self.unmapped_leaf(&at.index(i)))
            }
        }
    }

    fn block(&mut self, at: &At<'_>, json: &str) -> Result<(), Error> {
        let tree = Tree::parse_text(json).unwrap_or_default();
        match tree.as_object().map(crate::tree::Object::members) {
            Some([(arm, inner)]) if is_hollow(inner) => self.unmapped_leaf(&at.key(arm)),
            _ => self.settle(at, json.as_bytes()),
        }
    }

    /// Settles the fate of a block that no field maps: its arm says something even when there is nothing in it.
    #[cold]
    pub fn unmapped_block<'v>(&mut self, at: &At<'_>, value: &impl Value<'v>) -> Result<(), Error> {
        self.block(at, &String::from_utf8(value.to_json()).unwrap_or_default())
    }

    /// As [`Self::unmapped_block`], of a value that is to be written and that no case is about: one without members is gone
    /// with it all the same.
    #[cold]
    pub fn unmapped_element<'v>(&mut self, at: &At<'_>, value: &impl Value<'v>) -> Result<(), Error> {
        if value.to_json() == b"{}" { self.unmapped_leaf(at) } else { self.unmapped_block(at, value) }
    }
}

fn is_hollow(tree: &Tree) -> bool {
    match tree {
        Tree::Arr(a) => a.items().iter().all(is_hollow),
        Tree::Obj(o) => o.members().iter().all(|(_, t)| is_hollow(t)),
        _ => false,
    }
}
