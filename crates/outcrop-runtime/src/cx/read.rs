//! What generated decoders call to walk objects and lists, and to look ahead.

use super::At;
use crate::Tree;
use crate::json::{Arena, Cursor, Fault, Json, JsonError, List, ListBuilder, Result, Str};

/// Walks an object; `f` consumes each member's value.
#[inline]
pub fn object<'a>(c: &mut Cursor<'a>, mut f: impl FnMut(&mut Cursor<'a>, &'a str) -> Result<()>) -> Result<()> {
    let mut next = c.first_key()?;
    while let Some(key) = next {
        f(c, key)?;
        next = c.next_key()?;
    }
    Ok(())
}

/// Walks a list; `f` consumes each element.
#[inline]
pub fn items<'a>(
    c: &mut Cursor<'a>,
    at: &At<'_>,
    mut f: impl FnMut(&mut Cursor<'a>, &At<'_>) -> Result<()>,
) -> Result<()> {
    let (mut index, mut more) = (0, c.first_item()?);
    while more {
        f(c, &at.index(index))?;
        index += 1;
        more = c.next_item()?;
    }
    Ok(())
}

/// Walks a list, or takes a bare element.
pub fn one_or_items<'a>(
    c: &mut Cursor<'a>,
    at: &At<'_>,
    mut f: impl FnMut(&mut Cursor<'a>, &At<'_>) -> Result<()>,
) -> Result<()> {
    if c.peek()? == b'[' { items(c, at, f) } else { f(c, at) }
}

/// Walks a list, or takes an object that stands for the only element of one.
pub fn items_or_object<'a>(
    c: &mut Cursor<'a>,
    at: &At<'_>,
    mut f: impl FnMut(&mut Cursor<'a>, &At<'_>) -> Result<()>,
) -> Result<()> {
    let bare = c.peek()? == b'{';
    let (mut index, mut more) = (0, bare || c.first_item()?);
    while more {
        f(c, &at.index(index))?;
        index += 1;
        more = !bare && c.next_item()?;
    }
    Ok(())
}

/// A list of exactly one element (`optional`: or none).
#[inline]
pub fn only<'a>(
    c: &mut Cursor<'a>,
    at: &At<'_>,
    optional: bool,
    f: impl FnOnce(&mut Cursor<'a>, &At<'_>) -> Result<()>,
) -> Result<()> {
    let start = c.position();
    if !c.first_item()? {
        return if optional { Ok(()) } else { Err(JsonError::new(&Fault::NOT_SINGLE, start)) };
    }
    f(c, &at.index(0))?;
    if c.next_item()? { Err(JsonError::new(&Fault::NOT_SINGLE, start)) } else { Ok(()) }
}

/// Enters a list at its first element; whether there is one.
pub fn first(c: &mut Cursor<'_>) -> Result<bool> {
    let start = c.position();
    if c.first_item()? { Ok(true) } else { Err(JsonError::new(&Fault::NOT_SINGLE, start)) }
}

/// Whether members of the object at the cursor, which does not move, have these values where they are there.
pub fn agrees(c: &mut Cursor<'_>, constants: &[(&str, &str)]) -> Result<bool> {
    let start = c.mark();
    let mut agree = true;
    object(c, |c, key| {
        let value = c.json()?;
        let wanted = constants.iter().find(|(name, _)| *name == key);
        agree &= wanted.is_none_or(|(_, text)| crate::json::same(value.as_str(), text));
        Ok(())
    })?;
    c.rewind(start);
    Ok(agree)
}

/// Notes that a member was met; a second time is an error.
#[inline]
pub fn once(seen: &mut bool, c: &Cursor<'_>) -> Result<()> {
    if std::mem::replace(seen, true) { Err(c.error(&Fault::DUPLICATE)) } else { Ok(()) }
}

/// The error for a required member that the object before the cursor does not have.
#[cold]
#[must_use]
pub fn missing(c: &Cursor<'_>, fault: &'static Fault) -> JsonError {
    JsonError::new(fault, c.position().saturating_sub(1))
}

/// The error for a tag that no case knows.
#[cold]
#[must_use]
pub fn unknown_tag(at: usize) -> JsonError {
    JsonError::new(&Fault::UNKNOWN_TAG, at)
}

/// The error for a value that a closed table does not know.
#[cold]
#[must_use]
pub fn unknown_value(at: usize) -> JsonError {
    JsonError::new(&Fault::UNKNOWN_VALUE, at)
}

/// Whether a string is next.
#[inline]
pub fn is_string(c: &mut Cursor<'_>) -> Result<bool> {
    Ok(c.peek()? == b'"')
}

/// The value at the cursor, which does not move.
pub fn peek<'a>(c: &mut Cursor<'a>) -> Result<Json<'a>> {
    let start = c.mark();
    let value = c.json();
    c.rewind(start);
    value
}

/// A string and where it begins.
pub fn string<'a>(c: &mut Cursor<'a>) -> Result<(usize, Str<'a>)> {
    c.peek()?;
    let start = c.position();
    Ok((start, c.str()?))
}

/// Passes over an empty string if it is next.
pub fn empty_string(c: &mut Cursor<'_>) -> Result<bool> {
    if c.peek()? != b'"' {
        return Ok(false);
    }
    let start = c.mark();
    if c.str()?.is_empty() {
        return Ok(true);
    }
    c.rewind(start);
    Ok(false)
}

/// Whether a value is of a kind, told by a sample of its first byte: `"` `0` (`1` if whole) `t` `[` `{`.
fn kind_is(first: u8, sample: &str) -> bool {
    match sample.as_bytes().first() {
        Some(b'0' | b'1') => matches!(first, b'-' | b'0'..=b'9'),
        Some(b't') => matches!(first, b't' | b'f'),
        Some(&b) => first == b,
        None => true,
    }
}

/// Whether the next value is of a kind.
pub fn is_kind(c: &mut Cursor<'_>, sample: &str) -> Result<bool> {
    Ok(kind_is(c.peek()?, sample))
}

/// Checks the kind of a value that is kept as it is.
pub fn expect_kind(c: &mut Cursor<'_>, sample: &'static str) -> Result<()> {
    let first = c.peek()?;
    // Null is kept as it is.
    if kind_is(first, sample) || first == b'n' {
        if sample == "1" && first != b'n' && !c.at_short_int() {
            let start = c.mark();
            c.int()?;
            c.rewind(start);
        }
        return Ok(());
    }
    // What is no value at all is malformed rather than wrong.
    peek(c)?;
    Err(c.error(match sample.as_bytes().first() {
        Some(b'"') => &const { Fault::wrong_type("a string") },
        Some(b'0') => &const { Fault::wrong_type("a number") },
        Some(b'1') => &const { Fault::wrong_type("a whole number") },
        Some(b't') => &const { Fault::wrong_type("true or false") },
        Some(b'[') => &const { Fault::wrong_type("a list") },
        _ => &const { Fault::wrong_type("an object") },
    }))
}

/// Checks the kind of the elements of a list that is kept as it is.
pub fn expect_items(c: &mut Cursor<'_>, sample: &'static str) -> Result<()> {
    expect_kind(c, "[")?;
    if c.peek()? != b'[' {
        return Ok(());
    }
    let start = c.mark();
    let mut more = c.first_item()?;
    while more {
        expect_kind(c, sample)?;
        c.skip()?;
        more = c.next_item()?;
    }
    c.rewind(start);
    Ok(())
}

/// The text of the tag of the object at the cursor, which does not move. What is no object, or has a tag that is no
/// text, has a tag that no case knows.
#[inline]
pub fn tag<'a>(c: &mut Cursor<'a>, key: &str) -> Result<Option<&'a str>> {
    const UNKNOWN: Option<&str> = Some("\0");
    if c.peek()? != b'{' {
        return Ok(UNKNOWN);
    }
    let start = c.mark();
    let mut tag = None;
    let mut next = c.first_key()?;
    while let Some(name) = next {
        if name == key {
            tag = if c.peek()? == b'"' { Some(c.plain_str()?) } else { UNKNOWN };
            break;
        }
        c.skip()?;
        next = c.next_key()?;
    }
    c.rewind(start);
    Ok(tag)
}

/// Whether the member `key` of the object at the cursor, which does not move, has all these members.
pub fn has_in(c: &mut Cursor<'_>, key: &str, keys: &[&str]) -> Result<bool> {
    let start = c.mark();
    let mut found = false;
    object(c, |c, name| {
        if name == key && c.peek()? == b'{' {
            found = has(c, keys)?;
        }
        c.skip()
    })?;
    c.rewind(start);
    Ok(found)
}

/// Whether the object at the cursor, which does not move, has all these members, none of them null.
pub fn has(c: &mut Cursor<'_>, keys: &[&str]) -> Result<bool> {
    let start = c.mark();
    let mut found = 0;
    object(c, |c, key| {
        let null = c.null()?;
        found += usize::from(!null && keys.contains(&key));
        if null { Ok(()) } else { c.skip() }
    })?;
    c.rewind(start);
    Ok(found == keys.len())
}

/// The first member name of the object at the cursor, which does not move, that is one of these.
pub fn arm_key<'a>(c: &mut Cursor<'a>, keys: &[&str]) -> Result<Option<&'a str>> {
    if c.peek()? != b'{' {
        return Ok(None);
    }
    let start = c.mark();
    let mut found = None;
    let mut next = c.first_key()?;
    while let Some(key) = next {
        if !c.null()? {
            if keys.contains(&key) {
                found = Some(key);
                break;
            }
            c.skip()?;
        }
        next = c.next_key()?;
    }
    c.rewind(start);
    Ok(found)
}

/// Passes over a value that no case knows; gives its tag: the member `key`, or the name of the first member.
#[cold]
pub fn skip_tagged(c: &mut Cursor<'_>, key: Option<&str>) -> Result<String> {
    let value = Tree::parse_text(c.json()?.as_str()).unwrap_or_default();
    let name = match key {
        Some(key) => value.get(key).and_then(Tree::as_str),
        None => value.as_object().and_then(|o| o.members().first()).map(|(name, _)| name.as_str()),
    };
    Ok(name.unwrap_or_default().to_owned())
}

/// Whether a sibling is there, not null and not empty.
#[must_use]
pub fn is_there(near: &Option<Json<'_>>) -> bool {
    near.as_ref().is_some_and(|v| {
        let text: String = v.as_str().chars().filter(|c| !c.is_ascii_whitespace()).collect();
        !matches!(text.as_str(), "null" | "\"\"" | "[]" | "{}")
    })
}

/// Whether a sibling is there and not null.
#[must_use]
pub fn is_said(near: &Option<Json<'_>>) -> bool {
    near.as_ref().is_some_and(|v| v.as_str() != "null")
}

/// Whether a sibling is this value.
#[must_use]
pub fn is_value(near: &Option<Json<'_>>, text: &str) -> bool {
    near.as_ref().is_some_and(|v| crate::json::same(v.as_str(), text))
}

/// A list of one element.
pub fn one<'a, T>(c: &Cursor<'a>, item: T) -> List<'a, T> {
    let mut list = c.arena().list();
    list.push(item);
    list.finish()
}

/// The takes of a list in field order, as one list; none if no take was there.
pub fn gather<'a, T: Clone, const N: usize>(takes: [Option<ListBuilder<'a, T>>; N]) -> Option<List<'a, T>> {
    let mut all: Option<ListBuilder<'a, T>> = None;
    for take in takes.into_iter().flatten() {
        match &mut all {
            None => all = Some(take),
            Some(list) if list.is_empty() => *list = take,
            Some(list) => {
                for item in take.as_slice() {
                    list.push(item.clone());
                }
            }
        }
    }
    all.map(ListBuilder::finish)
}

/// Adds the elements of a list.
pub fn extend<T: Clone>(list: &mut ListBuilder<'_, T>, items: &List<'_, T>) {
    for item in items {
        list.push(item.clone());
    }
}

/// Turns being put together from native elements.
#[derive(Debug)]
pub struct Run<'a, T> {
    role: &'static str,
    /// The case that the last element belonged to, and whether it stands for one block.
    last: usize,
    blocks: ListBuilder<'a, T>,
    arena: &'a Arena,
}

impl<'a, T> Run<'a, T> {
    /// No turn yet.
    #[must_use]
    pub fn new(c: &Cursor<'a>) -> Self {
        Self { role: "", last: 0, blocks: c.arena().list(), arena: c.arena() }
    }
    /// Whether no turn has begun.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.role.is_empty()
    }
    /// Whether an element of a case belongs to the turn that has begun. Nothing belongs to one without blocks.
    #[must_use]
    pub fn joins(&self, role: &str, case: usize, each: bool) -> bool {
        self.role == role && !self.is_empty() && (case > self.last || each && case == self.last)
    }
    /// Begins a turn; gives the one before.
    pub fn start(&mut self, role: &'static str) -> Option<(&'static str, List<'a, T>)> {
        let done = std::mem::replace(&mut self.blocks, self.arena.list());
        let before = std::mem::replace(&mut self.role, role);
        (!before.is_empty()).then(|| (before, done.finish()))
    }
    /// How many blocks it has so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.as_slice().len()
    }
    /// Whether it has no block so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Notes the case of the element that follows.
    pub fn at(&mut self, case: usize) {
        self.last = case;
    }
    /// Adds a block.
    pub fn push(&mut self, block: T) {
        self.blocks.push(block);
    }
    /// Adds blocks.
    pub fn extend(&mut self, blocks: &List<'a, T>)
    where
        T: Clone,
    {
        extend(&mut self.blocks, blocks);
    }
}
