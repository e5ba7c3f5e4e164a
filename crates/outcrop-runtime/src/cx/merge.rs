//! Additional fields into a finished native body.

use crate::tree::write_str;
use crate::{Code, Error, Tree};

fn conflict(name: &str) -> Error {
    Error::new(
        Code::ConflictingField,
        "an additional field contradicts the value that Converse has for this member; leave one of them out",
    )
    .native(name)
}

/// What additional fields did to a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merged {
    /// They are behind what it had.
    Appended,
    /// They are new members, and everything may have moved.
    Beside,
    /// They reach into what it had.
    Within,
}

/// Merges `extras` (an object) into a body that is one JSON object. `keys`: members that the body may have; `grows`:
/// pointers to lists that may get further elements.
pub(super) fn into(body: &mut Vec<u8>, extras: Tree, keys: &[&str], grows: &[&str]) -> Result<Merged, Error> {
    let Tree::Obj(extras) = extras else { return Ok(Merged::Appended) };
    let plain = extras.members().iter().all(|(name, _)| !name.starts_with('/') && !keys.contains(&name.as_str()));
    if plain && body.pop() == Some(b'}') {
        let mut text = String::new();
        for (name, value) in extras.members() {
            if !text.is_empty() || body.last() != Some(&b'{') {
                text.push(',');
            }
            write_str(name, &mut text);
            text.push(':');
            value.write(&mut text);
        }
        text.push('}');
        body.extend_from_slice(text.as_bytes());
        return Ok(Merged::Appended);
    }
    let mut reaches = false;
    let mut whole = Tree::parse(body)?;
    let mut further: Vec<(&str, usize, Tree, String)> = Vec::new();
    for (name, value) in extras.into_members() {
        match name.strip_prefix('/') {
            Some(rest) => {
                let steps: Vec<String> = rest.split('/').map(|s| s.replace("~1", "/").replace("~0", "~")).collect();
                reaches = true;
                let list = name.rsplit_once('/').and_then(|(list, _)| grows.iter().find(|grows| **grows == list));
                if let (Some(list), Some(index @ 1..)) = (list, steps.last().and_then(|s| s.parse::<usize>().ok())) {
                    further.push((list, index, value, name));
                    continue;
                }
                point(&mut whole, &steps, value, &name)?;
            }
            None => {
                reaches |= whole.get(&name).is_some() && matches!(value, Tree::Obj(_));
                member(&mut whole, &name, value, &name)?;
            }
        }
    }
    further.sort_by_key(|(_, index, ..)| *index);
    for (list, index, value, name) in further {
        if index == 1 {
            begin(&mut whole, list);
        }
        let there = list.split('/').skip(1).try_fold(&mut whole, |place, step| match place {
            Tree::Obj(o) => o.get_mut(&step.replace("~1", "/").replace("~0", "~")),
            Tree::Arr(a) => step.parse::<usize>().ok().and_then(|i| a.items_mut().get_mut(i)),
            _ => None,
        });
        match there {
            Some(Tree::Arr(a)) if a.items().len() == index => a.items_mut().push(value),
            _ => return Err(conflict(&name)),
        }
    }
    *body = whole.to_string().into_bytes();
    Ok(if reaches { Merged::Within } else { Merged::Beside })
}

/// Further elements need a first one: a list that is not there begins with one that says nothing.
fn begin(whole: &mut Tree, list: &str) {
    let (parent, name) = list.rsplit_once('/').unwrap_or_default();
    let parent = parent.split('/').skip(1).try_fold(whole, |place, step| match place {
        Tree::Obj(o) => o.get_mut(&step.replace("~1", "/").replace("~0", "~")),
        _ => None,
    });
    let name = name.replace("~1", "/").replace("~0", "~");
    if let Some(Tree::Obj(parent)) = parent
        && parent.get(&name).is_none()
    {
        parent.set(name, Tree::list(vec![Tree::object(Vec::new())]));
    }
}

pub(super) fn member(place: &mut Tree, name: &str, value: Tree, path: &str) -> Result<(), Error> {
    let Tree::Obj(object) = place else { return Err(conflict(path)) };
    match (object.get(name).is_some(), value) {
        (false, value) => object.set(name, value),
        (true, Tree::Obj(inner)) if matches!(object.get(name), Some(Tree::Obj(_))) => {
            let Some(place) = object.get_mut(name) else { return Ok(()) };
            for (name, value) in inner.into_members() {
                member(place, &name, value, &format!("{path}.{name}"))?;
            }
        }
        (true, value) => {
            if object.get(name) != Some(&value) {
                return Err(conflict(path));
            }
        }
    }
    Ok(())
}

fn point(place: &mut Tree, steps: &[String], value: Tree, path: &str) -> Result<(), Error> {
    let Some((step, rest)) = steps.split_first() else { return Err(conflict(path)) };
    if rest.is_empty() {
        return member(place, step, value, path);
    }
    let inner = match place {
        Tree::Obj(o) => {
            // An object that is not there yet begins here; an element must be there.
            let element = rest.first().is_some_and(|next| next.bytes().all(|b| b.is_ascii_digit()));
            if o.get(step).is_none() && !element {
                o.set(step.as_str(), Tree::object(Vec::new()));
            }
            o.get_mut(step)
        }
        Tree::Arr(a) => step.parse::<usize>().ok().and_then(|i| a.items_mut().get_mut(i)),
        _ => None,
    };
    match inner {
        Some(inner) => point(inner, rest, value, path),
        None => Err(conflict(path)),
    }
}

pub(super) fn out_of_range(value: f64, min: Option<f64>, max: Option<f64>) -> Error {
    let bound = |b: Option<f64>| b.map(|b| b.to_string()).unwrap_or_default();
    let why =
        format!("{value} is outside the range {}..{} of the format; send a value inside it", bound(min), bound(max));
    Error::new(Code::OutOfRange, why)
}

/// Checks an additional field against its documented kind (a sample of the first byte; of a list, then of its elements)
/// and, in requests, its range.
pub(super) fn check(value: &Tree, sample: &str, min: Option<f64>, max: Option<f64>, ranges: bool) -> Result<(), Error> {
    if let (Some(item), Tree::Arr(items)) = (sample.strip_prefix('[').filter(|s| !s.is_empty()), value) {
        for (i, value) in items.items().iter().enumerate() {
            check(value, item, None, None, false).map_err(|e| e.native(format!("[{i}]")))?;
        }
    }
    let (fits, measure) = match (sample.get(..1).unwrap_or_default(), value) {
        ("\"", Tree::Str(s)) => (true, Some(s.chars().count() as f64)),
        ("0", Tree::Num(_)) => (true, value.as_f64()),
        ("1", Tree::Num(_)) => (value.as_int().is_some(), value.as_f64()),
        ("[", Tree::Arr(a)) => (true, Some(a.items().len() as f64)),
        ("t", Tree::Bool(_)) | ("{", Tree::Obj(_)) => (true, None),
        (_, Tree::Null) => (true, None),
        _ => (false, None),
    };
    if !fits {
        return Err(Error::new(
            Code::WrongType,
            format!("this additional field is not {}; send the documented type", value.kind()),
        ));
    }
    match measure {
        Some(n) if ranges && (min.is_some_and(|m| n < m) || max.is_some_and(|m| n > m)) => {
            Err(out_of_range(n, min, max))
        }
        _ => Ok(()),
    }
}
