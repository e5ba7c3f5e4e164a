//! What the service refuses, in its words: bodies of Converse by the façade, native bodies by the types of their spec.
//!
//! The texts of the JSON-Schema kind (`#/messages/0: required key [role] not found`) are those of the validator that the
//! service uses; constraints of Converse itself read `Value 'x' at 'y' failed to satisfy constraint: …`.

mod converse;
mod limits;
mod native;
mod turns;
mod words;

use std::fmt::Write as _;

use outcrop_lang::ir::Facade;
use outcrop_runtime::cx::Validator;
use outcrop_runtime::{Call, Code, Error, Kind, Output, Tree};

use crate::config::Unknown;
use crate::failure::Failure;
use crate::models::Format;
use words::What;

/// So many violations are told at once.
const MOST: usize = 16;

/// Where a validator stands in a body.
#[derive(Debug, Default)]
pub(crate) struct Place(Vec<Step>);

#[derive(Debug)]
enum Step {
    Key(String),
    Index(usize),
}

impl Place {
    /// `#/messages/0/content`.
    fn pointer(&self) -> String {
        let mut out = String::from("#");
        for step in &self.0 {
            let _ = match step {
                Step::Key(key) => write!(out, "/{}", key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => write!(out, "/{index}"),
            };
        }
        out
    }

    /// `messages.1.member.content`.
    fn members(&self) -> String {
        let mut out = String::new();
        for step in &self.0 {
            let _ = match step {
                Step::Key(key) if out.is_empty() => write!(out, "{key}"),
                Step::Key(key) => write!(out, ".{key}"),
                Step::Index(index) => write!(out, ".{}.member", index + 1),
            };
        }
        out
    }
}

/// What a value is called there.
pub(crate) fn kind(value: &Tree) -> &'static str {
    match value {
        Tree::Null => "Null",
        Tree::Bool(_) => "Boolean",
        Tree::Num(_) if value.as_int().is_some() => "Integer",
        Tree::Num(_) => "BigDecimal",
        Tree::Str(_) => "String",
        Tree::Arr(_) => "JSONArray",
        Tree::Obj(_) => "JSONObject",
    }
}

/// A body as JSON. What is none is refused.
pub(crate) fn json(body: &[u8]) -> Result<Tree, Failure> {
    let tree = Tree::parse(body).map_err(|e| {
        let place = if e.path.is_empty() { String::new() } else { format!(" (at `{}`)", e.path) };
        Failure::malformed(&format!("#: {}{place}", e.message))
    })?;
    match tree {
        Tree::Obj(_) => Ok(tree),
        other => Err(Failure::malformed(&format!("#: expected type: JSONObject, found: {}", kind(&other)))),
    }
}

/// Judges a Converse request: its types and constraints, then the order of its turns.
pub(crate) fn converse(facade: Option<&Facade>, request: &Tree, strict_turns: bool) -> Result<(), Failure> {
    if let Some(facade) = facade {
        converse::judge(facade, request)?;
    }
    turns::judge(request, strict_turns)
}

/// Judges a native request and reads it as Converse.
pub(crate) fn native(format: &Format<'_>, call: &Call<'_>, body: &[u8], unknown: Unknown) -> Result<Output, Failure> {
    let (tree, validator) = (json(body)?, format.family.entry.spec.validator);
    if let Some(family) = &format.family.ir {
        let found = native::violations(family, &tree, unknown == Unknown::Refuse, validator);
        if !found.is_empty() {
            return Err(words::refusal(&found, validator));
        }
    }
    format.family.entry.codec.decode(Kind::Request, call, body).map_err(|e| of_codec(&e, &tree, validator))
}

/// A refusal of a codec in the words of the service.
fn of_codec(e: &Error, body: &Tree, validator: Validator) -> Failure {
    let mut place = place_of(&e.native_path);
    let what = match (e.code, place.0.last()) {
        // What a single model does not take is told by the model, and not by the schema.
        (Code::NotForModel, _) => return Failure::invalid(e.message.clone()),
        (Code::MissingMember, Some(Step::Key(_))) => match place.0.pop() {
            Some(Step::Key(key)) => What::Required(key),
            _ => What::Other(e.message.clone()),
        },
        (Code::UnknownTag | Code::UnknownValue, _) => {
            let value = place.0.iter().try_fold(body, |tree, step| match step {
                Step::Key(key) => tree.get(key),
                Step::Index(index) => tree.as_list()?.get(*index),
            });
            let value = value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            What::NoSuchValue(value.unwrap_or_default().chars().take(200).collect())
        }
        _ => What::Other(e.message.clone()),
    };
    words::refusal(&[what.told(&place, validator)], validator)
}

/// `messages[2].content` as steps.
fn place_of(path: &str) -> Place {
    let parts = path.split(['.', '[']).filter(|part| !part.is_empty());
    let step = |part: &str| match part.strip_suffix(']').and_then(|index| index.parse().ok()) {
        Some(index) => Step::Index(index),
        None => Step::Key(part.to_owned()),
    };
    Place(parts.map(step).collect())
}
