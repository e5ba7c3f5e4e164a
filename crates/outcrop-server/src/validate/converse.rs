//! Converse requests against the façade: types, required members, unions, words, limits.
//!
//! The service model says what is allowed, and not in what words it is refused: those of constraints are the usual ones of
//! AWS services, those of types are taken over from native bodies. No such refusal is among the recordings.

use base64_simd::STANDARD;
use outcrop_lang::ir::{Facade, FacadeKind, FacadeTy, FacadeType};
use outcrop_runtime::Tree;

use super::limits::{self, Limit};
use super::{MOST, Place, Step, kind};
use crate::failure::Failure;

/// The arm for native elements is ours: what was decoded here may come back here.
const OURS: &str = "native";

pub(super) fn judge(facade: &Facade, request: &Tree) -> Result<(), Failure> {
    let mut walk = Walk { facade, at: Place::default(), schema: Vec::new(), constraints: Vec::new() };
    walk.named("ConverseRequest", request);
    if !walk.schema.is_empty() {
        return Err(Failure::malformed(&walk.schema.concat()));
    }
    match walk.constraints.len() {
        0 => Ok(()),
        1 => Err(Failure::invalid(format!("1 validation error detected: {}", walk.constraints.concat()))),
        n => Err(Failure::invalid(format!("{n} validation errors detected: {}", walk.constraints.join("; ")))),
    }
}

struct Walk<'f> {
    facade: &'f Facade,
    at: Place,
    /// What has another form than the model says.
    schema: Vec<String>,
    /// What has the form, and a value that is not allowed.
    constraints: Vec<String>,
}

impl Walk<'_> {
    fn report(&mut self, what: impl AsRef<str>) {
        if self.schema.len() < MOST {
            self.schema.push(format!("{}: {}", self.at.pointer(), what.as_ref()));
        }
    }

    fn constrain(&mut self, value: Option<&Tree>, must: &str) {
        if self.constraints.len() < MOST {
            let shown = value.map(|value| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                format!(" '{}'", text.chars().take(200).collect::<String>())
            });
            let shown = shown.unwrap_or_default();
            let place = self.at.members();
            self.constraints
                .push(format!("Value{shown} at '{place}' failed to satisfy constraint: Member must {must}"));
        }
    }

    fn within(&mut self, step: Step, judge: impl FnOnce(&mut Self)) {
        self.at.0.push(step);
        judge(self);
        self.at.0.pop();
    }

    fn named(&mut self, name: &str, value: &Tree) {
        let facade = self.facade;
        let Some(ty) = facade.types.get(name) else { return };
        let Tree::Obj(object) = value else {
            return self.report(format!("expected type: JSONObject, found: {}", kind(value)));
        };
        let there = || object.members().iter().filter(|(_, value)| !matches!(value, Tree::Null));
        if ty.kind == FacadeKind::Union {
            let arms = there().filter(|(name, _)| member(ty, name).is_some()).count();
            let unknown = there().count() - arms;
            if arms > 1 {
                self.report(format!("{arms} subschemas matched instead of one"));
            } else if arms == 0 && unknown == 0 {
                self.report("0 subschemas matched instead of one");
            }
        }
        for required in ty.members.iter().filter(|m| m.required && !m.is_virtual) {
            if !there().any(|(name, _)| *name == required.name) {
                self.within(Step::Key(required.name.clone()), |walk| walk.constrain(None, "not be null"));
            }
        }
        for (key, value) in there() {
            match member(ty, key) {
                None => self.report(format!("extraneous key [{key}] is not permitted")),
                Some(member) => self.within(Step::Key(key.clone()), |walk| {
                    walk.ty(&member.ty, value, (name, key));
                    walk.limits((name, key), value);
                }),
            }
        }
    }

    fn ty(&mut self, ty: &FacadeTy, value: &Tree, place: (&str, &str)) {
        let wanted = match (ty, value) {
            (FacadeTy::Json, _) | (FacadeTy::Str, Tree::Str(_)) | (FacadeTy::Bool, Tree::Bool(_)) => return,
            (FacadeTy::Float, Tree::Num(_)) => return,
            (FacadeTy::Int, Tree::Num(_)) if value.as_int().is_some() => return,
            (FacadeTy::Enum(words), Tree::Str(word)) => {
                let open = limits::of(place.0, place.1).any(|limit| matches!(limit, Limit::Open));
                if !open && !words.contains(word) {
                    self.constrain(Some(value), &format!("satisfy enum value set: [{}]", words.join(", ")));
                }
                return;
            }
            (FacadeTy::Blob, Tree::Str(text)) => {
                if STANDARD.check(text.as_bytes()).is_err() {
                    self.report("the bytes are not base64");
                }
                return;
            }
            (FacadeTy::List(item), Tree::Arr(list)) => {
                for (index, value) in list.items().iter().enumerate() {
                    self.within(Step::Index(index), |walk| walk.ty(item, value, place));
                }
                return;
            }
            (FacadeTy::Map(item), Tree::Obj(object)) => {
                for (key, value) in object.members() {
                    self.within(Step::Key(key.clone()), |walk| walk.ty(item, value, place));
                }
                return;
            }
            (FacadeTy::Named(name), _) => return self.named(name, value),
            (FacadeTy::Str | FacadeTy::Enum(_) | FacadeTy::Blob, _) => "String",
            (FacadeTy::Int, _) => "Integer",
            (FacadeTy::Float, _) => "Number",
            (FacadeTy::Bool, _) => "Boolean",
            (FacadeTy::List(_), _) => "JSONArray",
            (FacadeTy::Map(_), _) => "JSONObject",
        };
        self.report(format!("expected type: {wanted}, found: {}", kind(value)));
    }

    fn limits(&mut self, (ty, name): (&str, &str), value: &Tree) {
        let size = |value: &Tree| match value {
            Tree::Str(text) => Some(text.chars().count()),
            Tree::Arr(list) => Some(list.items().len()),
            Tree::Obj(object) => Some(object.len()),
            _ => None,
        };
        for limit in limits::of(ty, name) {
            match limit {
                Limit::Number(min, max) => {
                    let number = value.as_f64();
                    if number.is_some_and(|n| n < min) {
                        self.constrain(Some(value), &format!("have value greater than or equal to {min}"));
                    }
                    if number.is_some_and(|n| n > max) {
                        self.constrain(Some(value), &format!("have value less than or equal to {max}"));
                    }
                }
                Limit::Length(min, max) => self.length(value, size(value), (min, max)),
                Limit::Each(min, max) => {
                    for (step, value) in elements(value) {
                        self.within(step, |walk| walk.length(value, size(value), (min, max)));
                    }
                }
                Limit::Letters(pattern, known) => {
                    let texts = elements(value).into_iter().map(|(_, value)| value).chain([value]);
                    let wrong = texts.filter_map(Tree::as_str).find(|text| !text.chars().all(known));
                    if wrong.is_some() {
                        self.constrain(Some(value), &format!("satisfy regular expression pattern: {pattern}"));
                    }
                }
                Limit::Begins(start) => {
                    if value.as_str().is_some_and(|text| !text.starts_with(start)) {
                        self.constrain(Some(value), &format!("satisfy regular expression pattern: {start}.*"));
                    }
                }
                Limit::Open => {}
            }
        }
    }

    fn length(&mut self, value: &Tree, size: Option<usize>, (min, max): (usize, usize)) {
        if size.is_some_and(|size| size < min) {
            self.constrain(Some(value), &format!("have length greater than or equal to {min}"));
        }
        if size.is_some_and(|size| size > max) {
            self.constrain(Some(value), &format!("have length less than or equal to {max}"));
        }
    }
}

fn member<'f>(ty: &'f FacadeType, name: &str) -> Option<&'f outcrop_lang::ir::FacadeMember> {
    ty.members.iter().find(|m| m.name == name && (!m.is_virtual || name == OURS))
}

fn elements(value: &Tree) -> Vec<(Step, &Tree)> {
    match value {
        Tree::Arr(list) => list.items().iter().enumerate().map(|(index, value)| (Step::Index(index), value)).collect(),
        Tree::Obj(object) => object.members().iter().map(|(name, value)| (Step::Key(name.clone()), value)).collect(),
        _ => Vec::new(),
    }
}
