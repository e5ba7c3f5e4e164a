//! From a model id to the family that it speaks, and why; never by a guess.
//!
//! An id with a model in it is matched with the patterns of the families. One that says nothing of its model, as most
//! ARNs do, leads somewhere only if a family is for all of its kind or a [`Map`] of the caller names it. Where several
//! formats share an id, a [`Resolution`] holds them all, and the body decides.

mod map;

use std::cmp::Reverse;

use crate::cx::{Model, Spec};
use crate::json::{Arena, Cursor, Fault, JsonError, Result as JsonResult};
use crate::model_id::{Glob, ModelId, Resource};
use crate::outline::{at, members};
use crate::{Code, Error, Kind};

pub use map::{Map, Target};

/// What knows the families of model ids.
pub trait Resolve {
    /// The formats that an id may mean. The error is `unresolved`, and says how to learn more.
    fn resolve<'r>(&'r self, id: &'r str) -> Result<Resolution<'r>, Error>;
}

impl<T: Resolve + ?Sized> Resolve for &T {
    fn resolve<'r>(&'r self, id: &'r str) -> Result<Resolution<'r>, Error> {
        (**self).resolve(id)
    }
}

/// Why an id leads to a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule<'r> {
    /// A line of the caller's map.
    Map(&'r str),
    /// The pattern of a catalogue entry, the most specific one that fits.
    Pattern(&'static str),
    /// A catalogue entry for this kind of ARN.
    Kind(Resource),
}

/// A format that an id may mean.
#[derive(Debug, Clone, Copy)]
pub struct Found<'r> {
    /// Name of the family.
    pub family: &'r str,
    /// The catalogue entry that decided; none if the caller named the family alone.
    pub model: Option<&'static Model>,
    /// Why.
    pub rule: Rule<'r>,
}

/// What an id leads to: one format, or several of which the body decides.
#[derive(Debug, Clone)]
pub struct Resolution<'r> {
    /// The id to give as [`crate::Call::model`]: the base model, where the caller named one.
    pub model: &'r str,
    /// At least one format; the most specific first. All but the last are for certain bodies alone.
    pub formats: Vec<Found<'r>>,
}

impl<'r> Resolution<'r> {
    /// The format of a native body: the only one, or the one whose conditions the body meets. For streams, the body is
    /// the first chunk.
    pub fn of_body(&self, kind: Kind, native: &[u8]) -> Result<&Found<'r>, Error> {
        if let [only] = self.formats.as_slice() {
            return Ok(only);
        }
        let arena = Arena::new();
        let checked = |text| Cursor::over(text, &arena).skip().map(|()| text);
        let checked = text(native).and_then(checked).map_err(|e| e.in_native(native))?;
        let top = members(checked.as_bytes(), &arena);
        let there = |path: &str| at(&top, path, &arena).is_some();
        let meets = |found: &&Found<'r>| conditions(found).is_some_and(|bodies| bodies.keys(kind).hold(there));
        let mut met = self.formats.iter().filter(meets);
        match (met.next(), met.next()) {
            (Some(found), None) => Ok(found),
            (Some(found), Some(other)) if weight(found) > weight(other) => Ok(found),
            (Some(found), Some(other)) => {
                let why = format!(
                    "the body looks like {} and like {}; name the family of `{}`",
                    found.family, other.family, self.model
                );
                Err(Error::new(Code::Unresolved, why))
            }
            (None, _) => self.formats.iter().find(|found| conditions(found).is_none()).ok_or_else(|| {
                let why = format!("`{}` has several formats, and the body is of none: {}", self.model, self.told());
                Error::new(Code::Unresolved, why)
            }),
        }
    }

    /// The format to write a Converse value in: the only one, the one that the specs prefer, or the one for all bodies.
    pub fn to_write(&self) -> Result<&Found<'r>, Error> {
        if let [only] = self.formats.as_slice() {
            return Ok(only);
        }
        let preferred = self.formats.iter().find(|found| found.model.is_some_and(|model| model.preferred));
        preferred.or_else(|| self.formats.iter().find(|found| conditions(found).is_none())).ok_or_else(|| {
            let why = format!("`{}` has several formats, name the family: {}", self.model, self.told());
            Error::new(Code::Unresolved, why)
        })
    }

    /// The families and what their requests have, for messages.
    fn told(&self) -> String {
        let told = self.formats.iter().map(|found| {
            let Some(keys) = conditions(found).map(|bodies| bodies.request) else { return found.family.to_owned() };
            let list = |word: &str, keys: &[&str]| match keys {
                [] => String::new(),
                keys => format!(" {word} `{}`", keys.join("`, `")),
            };
            format!("{} (requests{}{})", found.family, list("with", keys.has), list("without", keys.lacks))
        });
        told.collect::<Vec<_>>().join(", ")
    }
}

fn conditions(found: &Found<'_>) -> Option<&'static crate::cx::Bodies> {
    found.model.and_then(|model| model.bodies.as_ref())
}

fn weight(found: &Found<'_>) -> (usize, Reverse<usize>) {
    found.model.map_or((0, Reverse(0)), |model| Glob(model.pattern).specificity())
}

/// A body as text.
fn text(native: &[u8]) -> JsonResult<&str> {
    const FAULT: &Fault = &Fault::malformed("the input is not UTF-8");
    std::str::from_utf8(native).map_err(|e| JsonError { fault: FAULT, at: e.valid_up_to() })
}

/// The families whose constants these are.
#[derive(Debug, Clone, Copy)]
pub struct Families<'s>(pub &'s [&'static Spec]);

impl Resolve for Families<'_> {
    fn resolve<'r>(&'r self, id: &'r str) -> Result<Resolution<'r>, Error> {
        let parsed = ModelId::parse(id);
        let fits = |model: &Model| match (&parsed.base, model.resource) {
            (Some(base), None) => Glob(model.pattern).matches(base),
            (None, Some(kind)) => kind == parsed.resource,
            _ => false,
        };
        // Of a family's own entries, the most specific speaks for it.
        let best = |spec: &&'static Spec| {
            let model = spec.models.iter().filter(|model| fits(model)).reduce(|best, model| {
                let weight = |model: &Model| Glob(model.pattern).specificity();
                if weight(model) > weight(best) { model } else { best }
            })?;
            let rule = model.resource.map_or(Rule::Pattern(model.pattern), Rule::Kind);
            Some(Found { family: spec.family, model: Some(model), rule })
        };
        let mut formats: Vec<Found<'r>> = self.0.iter().filter_map(best).collect();
        // The most specific first; of those alike, what is for all bodies last.
        formats.sort_by_key(|found| (Reverse(weight(found)), conditions(found).is_none()));
        if let Some(last) = formats.iter().position(|found| conditions(found).is_none()) {
            let alike = formats.get(last + 1).filter(|next| formats.get(last).map(weight) == Some(weight(next)));
            if let (Some(one), Some(other)) = (formats.get(last), alike) {
                let why =
                    format!("`{id}` leads to {} and to {} alike; name the family to use", one.family, other.family);
                return Err(Error::new(Code::Unresolved, why));
            }
            formats.truncate(last + 1);
        }
        if formats.is_empty() {
            return Err(unresolved(&parsed));
        }
        Ok(Resolution { model: id, formats })
    }
}

/// The refusal of an id that leads nowhere: its kind, and what to do.
#[must_use]
pub fn unresolved(id: &ModelId) -> Error {
    let why = match &id.base {
        Some(base) => format!("no family knows `{base}`; name its family, or describe it in a spec of your own"),
        None => {
            let kind = match id.resource {
                Resource::Other => "no id of a known form",
                kind => kind.as_str(),
            };
            let remedy = id.resource.remedy();
            format!(
                "`{}` ({kind}) does not say which model is behind it: {remedy}; name the family, or the base model in a map",
                id.id
            )
        }
    };
    Error::new(Code::Unresolved, why)
}
