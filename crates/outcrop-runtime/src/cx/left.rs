//! What codecs leave of a façade value: the fate of members that are there and that nothing maps.

use super::{At, Encode};
use crate::json::{Arena, Cursor, Extra, Result, Value};
use crate::{Error, Kind};

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

    /// Which of them are there, a bit for each (not that of an empty list of plain values); that of the members which
    /// Converse does not list comes after the last.
    fn present(&self) -> u64;

    /// Writes the value of the member with this number as JSON; for the number after the last, an object of the members
    /// that Converse does not list.
    fn write_member(&self, number: usize, out: &mut Vec<u8>);
}

/// The bit of a member, if it is there.
#[inline]
#[must_use]
pub const fn bit(is_there: bool, bit: u64) -> u64 {
    if is_there { bit } else { 0 }
}

/// Writes a value that is there.
pub fn write_some<'v>(value: Option<&impl Value<'v>>, out: &mut Vec<u8>) {
    if let Some(value) = value {
        value.write(out);
    }
}

/// Writes an object of members that Converse does not list.
pub fn write_extra(members: &Extra<'_>, out: &mut Vec<u8>) {
    out.push(b'{');
    members.write_members(out);
    out.push(b'}');
}

impl Encode<'_> {
    /// Settles the fate of the members that are there and not among those mapped, which have a bit each.
    #[inline]
    pub fn rest<T: Members>(&mut self, at: &At<'_>, value: &T, unmapped: u64) -> std::result::Result<(), Error> {
        let left = value.present() & unmapped;
        if left == 0 { Ok(()) } else { self.left(at, T::MEMBERS, left, &|n, out| value.write_member(n, out)) }
    }

    #[cold]
    fn left(
        &mut self,
        at: &At<'_>,
        members: &[(&str, Left)],
        which: u64,
        write: &dyn Fn(usize, &mut Vec<u8>),
    ) -> std::result::Result<(), Error> {
        let mut text = std::mem::take(&mut self.scratch);
        let told = (0..=members.len()).filter(|n| which >> n & 1 == 1).try_for_each(|n| {
            let member = members.get(n);
            match member {
                Some((name, Left::Whole)) => return self.unmapped_leaf(&at.key(name)),
                // Only the places of events name each element.
                Some((name, Left::List)) if self.kind != Kind::Stream => {
                    return self.unmapped_list(&at.key(name));
                }
                _ => {}
            }
            text.clear();
            write(n, &mut text);
            match member {
                Some((name, how)) => self.tell(&at.key(name), &text, *how),
                None => self.tell_each(at, &text),
            }
        });
        self.scratch = text;
        told
    }

    /// Members that Converse does not list are each one value; what is null is not there.
    fn tell_each(&mut self, at: &At<'_>, json: &[u8]) -> std::result::Result<(), Error> {
        let arena = Arena::new();
        let Ok(mut c) = Cursor::new(json, &arena) else { return self.unmapped_leaf(at) };
        let mut next = c.first_key().unwrap_or(None);
        while let Some(name) = next {
            if c.json().unwrap_or_default().as_str() != "null" {
                self.unmapped_leaf(&at.key(name))?;
            }
            next = c.next_key().unwrap_or(None);
        }
        Ok(())
    }

    fn tell(&mut self, at: &At<'_>, json: &[u8], how: Left) -> std::result::Result<(), Error> {
        match how {
            Left::Whole => self.unmapped_leaf(at),
            Left::Arm if ask(json, is_hollow) => self.unmapped_leaf(at),
            Left::Values | Left::Arm => self.settle(at, json),
            Left::Block => self.block(at, json),
            Left::List => {
                let told = ask(json, count);
                (0..told).try_for_each(|i| self.unmapped_leaf(&at.index(i)))
            }
        }
    }

    fn block(&mut self, at: &At<'_>, json: &[u8]) -> std::result::Result<(), Error> {
        let arena = Arena::new();
        if let Ok(mut c) = Cursor::new(json, &arena)
            && let Ok(Some(arm)) = c.first_key()
            && is_hollow(&mut c).unwrap_or(false)
            && let Ok(None) = c.next_key()
        {
            return self.unmapped_leaf(&at.key(arm));
        }
        self.settle(at, json)
    }

    /// Settles the fate of a block that no field maps: its arm says something even when there is nothing in it.
    #[cold]
    pub fn unmapped_block<'v>(&mut self, at: &At<'_>, value: &impl Value<'v>) -> std::result::Result<(), Error> {
        self.block(at, &value.to_json())
    }

    /// As [`Self::unmapped_block`], of a value that is to be written and that no case is about: one without members is gone
    /// with it all the same.
    #[cold]
    pub fn unmapped_element<'v>(&mut self, at: &At<'_>, value: &impl Value<'v>) -> std::result::Result<(), Error> {
        if value.to_json() == b"{}" { self.unmapped_leaf(at) } else { self.unmapped_block(at, value) }
    }
}

/// Whether there is no value in the JSON at the cursor, however deep.
fn is_hollow(c: &mut Cursor<'_>) -> Result<bool> {
    let mut hollow = true;
    match c.peek()? {
        b'[' => {
            let mut more = c.first_item()?;
            while more {
                hollow &= is_hollow(c)?;
                more = c.next_item()?;
            }
        }
        b'{' => {
            let mut next = c.first_key()?;
            while next.is_some() {
                hollow &= is_hollow(c)?;
                next = c.next_key()?;
            }
        }
        _ => {
            c.skip()?;
            hollow = false;
        }
    }
    Ok(hollow)
}

/// The number of elements of the list at the cursor.
fn count(c: &mut Cursor<'_>) -> Result<usize> {
    let (mut n, mut more) = (0, c.first_item()?);
    while more {
        c.skip()?;
        n += 1;
        more = c.next_item()?;
    }
    Ok(n)
}

/// What a question about some JSON has for an answer. What we have printed ourselves is well formed.
fn ask<T: Default>(json: &[u8], question: fn(&mut Cursor<'_>) -> Result<T>) -> T {
    let arena = Arena::new();
    Cursor::new(json, &arena).and_then(|mut c| question(&mut c)).unwrap_or_default()
}
