//! What generated readers of chunks leave to the façade: members that no field maps, and chunks that no case knows.

use outcrop_runtime::Tree;
use outcrop_runtime::cx::{At, Decode};
use outcrop_runtime::json::{Cursor, Json, Result as Read};

use super::{Beside, Said, service};

/// What becomes of a chunk that no case knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// It is an event of its own.
    Keep,
    /// It is passed over and reported.
    Skip,
    /// It is an error.
    Refuse,
}

/// What a report calls a chunk that has no name.
const NAMELESS: &str = "chunk";

/// How a format tells its chunks apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// By the text of this member.
    Tag(&'static str),
    /// By the name of their one member.
    Member,
    /// By their shape: they have no name.
    Shape,
}

/// Reads a member of a chunk that no field maps: the service's, or an additional field.
#[cold]
pub fn other<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, key: &'a str, beside: &mut Beside<'a>) -> Read<()> {
    if service(c, cx, key, beside)? {
        return Ok(());
    }
    beside.others = true;
    cx.extra(c, &At::ROOT, key)
}

/// Reads a member of the service, if it is one.
fn service<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, key: &'a str, beside: &mut Beside<'a>) -> Read<bool> {
    let Some(seen) = service::NAMES.iter().position(|name| *name == key).and_then(|i| beside.seen.get_mut(i)) else {
        return Ok(false);
    };
    outcrop_runtime::cx::once(seen, c)?;
    service::read(c, cx, key, beside.service.get_or_insert_default())?;
    Ok(true)
}

/// Whether a chunk holds anything but what the service adds; `seen`: members that fields map.
#[inline]
#[must_use]
pub fn is_chunk(beside: &Beside<'_>, seen: &[bool]) -> bool {
    beside.service.is_none() || beside.others || seen.contains(&true)
}

/// Reads a chunk that no case knows.
#[cold]
pub fn unknown<'a>(
    c: &mut Cursor<'a>,
    cx: &mut Decode<'a>,
    said: &mut Said<'a>,
    beside: &mut Beside<'a>,
    (then, told): (Unknown, Told),
) -> Read<()> {
    let is_object = c.peek()? == b'{';
    let start = c.mark();
    let mut others = true;
    let mut name = "";
    if is_object {
        let mut next = c.first_key()?;
        others = next.is_none();
        while let Some(key) = next {
            if !service(c, cx, key, beside)? {
                if matches!(told, Told::Tag(tag) if tag == key) && c.peek()? == b'"' {
                    name = c.plain_str()?;
                } else {
                    c.skip()?;
                }
                if told == Told::Member && !others {
                    name = key;
                }
                others = true;
            }
            next = c.next_key()?;
        }
    }
    match then {
        _ if !others => {}
        Unknown::Skip => {
            if !is_object {
                c.skip()?;
            }
            cx.skipped(&At::ROOT, if name.is_empty() { NAMELESS } else { name });
        }
        Unknown::Keep => {
            c.rewind(start);
            let whole = c.json()?;
            said.native = Some(if beside.service.is_some() { without_service(c, &whole) } else { whole });
        }
        Unknown::Refuse => {
            c.rewind(start);
            return Err(outcrop_runtime::cx::unknown_tag(c.position()));
        }
    }
    Ok(())
}

/// A chunk without what the service added.
fn without_service<'a>(c: &Cursor<'a>, whole: &Json<'a>) -> Json<'a> {
    let mut tree = Tree::parse_text(whole.as_str()).unwrap_or_default();
    if let Tree::Obj(members) = &mut tree {
        for name in service::NAMES {
            members.remove(name);
        }
    }
    Json::new(c.arena().str(&tree.to_string())).unwrap_or_default()
}
