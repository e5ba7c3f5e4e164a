//! What the service refuses, in its words: bodies of Converse by the façade, native bodies by the types of their spec.
//!
//! The texts of the JSON-Schema kind (`#/messages/0: required key [role] not found`) are those of the validator that the
//! service uses; constraints of Converse itself read `Value 'x' at 'y' failed to satisfy constraint: …`.

mod converse;
mod limits;
mod native;
mod turns;

use std::fmt::Write as _;

use outcrop_lang::ir::Facade;
use outcrop_runtime::{Call, Code, Error, Kind, Output, Tree};

use crate::config::Unknown;
use crate::failure::Failure;
use crate::models::Format;

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
fn kind(value: &Tree) -> &'static str {
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
    let tree = json(body)?;
    if let Some(family) = &format.family.ir {
        let found = native::violations(family, &tree, unknown == Unknown::Refuse);
        if !found.is_empty() {
            return Err(Failure::malformed(&found.concat()));
        }
    }
    format.family.entry.codec.decode(Kind::Request, call, body).map_err(|e| of_codec(&e, &tree))
}

/// A refusal of a codec in the words of the service.
fn of_codec(e: &Error, body: &Tree) -> Failure {
    let place = pointer_of(&e.native_path);
    let (parent, last) = place.rsplit_once('/').unwrap_or(("#", ""));
    match e.code {
        Code::MissingMember => Failure::malformed(&format!("{parent}: required key [{last}] not found")),
        Code::UnknownTag | Code::UnknownValue => {
            let value = at(body, &place).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            let value: String = value.unwrap_or_default().chars().take(200).collect();
            Failure::malformed(&format!("{place}: {value} is not a valid enum value"))
        }
        // What a single model does not take is told by the model, and not by the schema.
        Code::NotForModel => Failure::invalid(e.message.clone()),
        _ => Failure::malformed(&format!("{place}: {}", e.message)),
    }
}

/// `messages[2].content` as `#/messages/2/content`.
fn pointer_of(path: &str) -> String {
    let mut out = String::from("#");
    for part in path.split(['.', '[']).filter(|part| !part.is_empty()) {
        out.push('/');
        out.push_str(part.trim_end_matches(']'));
    }
    out
}

fn at<'t>(body: &'t Tree, pointer: &str) -> Option<&'t Tree> {
    pointer.split('/').skip(1).try_fold(body, |tree, step| match tree.as_list() {
        Some(list) => list.get(step.parse::<usize>().ok()?),
        None => tree.get(step),
    })
}
