//! What generated parsers do with a member: fill its slot once, and say when it is missing.
//!
//! Generic functions here are not marked `inline`: they are compiled where they are used anyway, and once a crate.

use super::{Cursor, Fault, JsonError, List, Result, Value};

/// Reads a member's value into its slot; a second one is refused.
pub fn set<'a, T: Value<'a>>(slot: &mut Option<T>, c: &mut Cursor<'a>) -> Result<()> {
    if slot.is_some() {
        return Err(c.error(&Fault::DUPLICATE));
    }
    *slot = Some(T::parse(c)?);
    Ok(())
}

/// As [`set`], by another parser.
pub fn set_with<'a, T>(
    slot: &mut Option<T>,
    c: &mut Cursor<'a>,
    parse: fn(&mut Cursor<'a>) -> Result<T>,
) -> Result<()> {
    if slot.is_some() {
        return Err(c.error(&Fault::DUPLICATE));
    }
    *slot = Some(parse(c)?);
    Ok(())
}

/// As [`set`], where `null` fills the slot with nothing.
pub fn set_nullable<'a, T: Value<'a>>(slot: &mut Option<Option<T>>, c: &mut Cursor<'a>) -> Result<()> {
    if slot.is_some() {
        return Err(c.error(&Fault::DUPLICATE));
    }
    *slot = Some(if c.null()? { None } else { Some(T::parse(c)?) });
    Ok(())
}

/// As [`set_nullable`], by another parser.
pub fn set_nullable_with<'a, T>(
    slot: &mut Option<Option<T>>,
    c: &mut Cursor<'a>,
    parse: fn(&mut Cursor<'a>) -> Result<T>,
) -> Result<()> {
    if slot.is_some() {
        return Err(c.error(&Fault::DUPLICATE));
    }
    *slot = Some(if c.null()? { None } else { Some(parse(c)?) });
    Ok(())
}

/// The value of a required member after its object has been read.
pub fn required<T>(slot: Option<T>, c: &Cursor<'_>, missing: &'static Fault) -> Result<T> {
    // At the closing brace, so that the path is that of a member of this object.
    slot.ok_or_else(|| JsonError::new(missing, c.position().saturating_sub(1)))
}

const ONE_MEMBER: &Fault = &Fault::wrong_type("an object with exactly one member");

/// Reads the one member of a union's object. `null` is as good as absent.
pub fn arm<'a, T: Value<'a>, U>(slot: &mut Option<U>, c: &mut Cursor<'a>, make: fn(T) -> U) -> Result<()> {
    if c.null()? {
        return Ok(());
    }
    if slot.is_some() {
        return Err(c.error(ONE_MEMBER));
    }
    *slot = Some(make(T::parse(c)?));
    Ok(())
}

/// As [`arm`] for values that may be `null` themselves.
pub fn arm_json<'a, T: Value<'a>, U>(
    slot: &mut Option<U>,
    c: &mut Cursor<'a>,
    make: impl FnOnce(T) -> U,
) -> Result<()> {
    if slot.is_some() {
        return Err(c.error(ONE_MEMBER));
    }
    *slot = Some(make(T::parse(c)?));
    Ok(())
}

/// The arm of a union after its object has been read.
pub fn one_arm<U>(slot: Option<U>, c: &Cursor<'_>) -> Result<U> {
    slot.ok_or_else(|| c.error(ONE_MEMBER))
}

/// Passes over the tag, which the union has read already.
#[inline]
pub fn tag(seen: &mut bool, c: &mut Cursor<'_>) -> Result<()> {
    if std::mem::replace(seen, true) {
        return Err(c.error(&Fault::DUPLICATE));
    }
    c.skip()
}

/// The text of the member `key` of the object at the cursor, which does not move. `None` if it is missing or null.
#[inline]
pub fn find_tag<'a>(c: &mut Cursor<'a>, key: &str) -> Result<Option<&'a str>> {
    let start = c.mark();
    let mut tag = None;
    let mut next = c.first_key()?;
    // The tag comes first nearly always; then nothing else is looked at.
    while let Some(name) = next {
        if name == key {
            tag = if c.null()? { None } else { Some(c.plain_str()?) };
            break;
        }
        c.skip()?;
        next = c.next_key()?;
    }
    c.rewind(start);
    Ok(tag)
}

/// Whether the value at the cursor, which does not move, is an object with all `required` members and none but these
/// and the `optional` ones. A required member that is null counts as missing.
pub fn has_shape(c: &mut Cursor<'_>, required: &[&str], optional: &[&str]) -> Result<bool> {
    if c.peek()? != b'{' {
        return Ok(false);
    }
    let start = c.mark();
    let (mut found, mut others) = (0, false);
    let mut next = c.first_key()?;
    while let Some(name) = next {
        let null = c.null()?;
        if required.contains(&name) {
            found += usize::from(!null);
        } else if !optional.contains(&name) {
            others = true;
        }
        if !null {
            c.skip()?;
        }
        next = c.next_key()?;
    }
    c.rewind(start);
    Ok(!others && found == required.len())
}

/// A list, or one bare element.
pub fn one_or_list<'a, T: Value<'a>>(c: &mut Cursor<'a>) -> Result<List<'a, T>> {
    if c.peek()? == b'[' {
        return List::parse(c);
    }
    let mut list = c.arena().list();
    list.push(T::parse(c)?);
    Ok(list.finish())
}
