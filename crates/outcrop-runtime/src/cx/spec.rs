//! What generated code knows about its family as data.

use std::cell::RefCell;
use std::ptr;

use arrayvec::ArrayString;

use super::Prompts;
use crate::model_id::{Glob, Resource, look_up, most_specific};
use crate::outline::Span;
use crate::rules::{self, Rule};
use crate::{Error, Kind};

/// Constants of a family.
#[derive(Debug)]
pub struct Spec {
    /// Name.
    pub family: &'static str,
    /// What becomes of façade leaves that no field maps.
    pub fates: &'static [FateRule],
    /// Catalogue entries.
    pub models: &'static [Model],
    /// Rules on the requests of single models.
    pub rules: &'static [Rule<'static>],
    /// When each rule can hold at all.
    pub watches: &'static [Watch],
    /// Bits of names that rules ask for and no field of the request has.
    pub unwatched: u64,
    /// Prompt grammars.
    pub prompts: Prompts,
    /// Pointers to lists whose further elements live in the additional fields.
    pub grows: &'static [&'static str],
    /// Who judges native requests before a model sees them.
    pub validator: Validator,
}

/// Who judges native requests before a model sees them, and so how a refusal is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Validator {
    /// The service's schema validator: `#/messages/0: required key [role] not found`.
    #[default]
    Schema,
    /// A vendor's own, which names places with dots: `messages.0.role: Field required`.
    Dotted,
}

/// When a rule on requests can hold, by the names of a body's members: each name has one of 64 bits, which it may share.
#[derive(Debug)]
pub struct Watch {
    /// All of these are there.
    pub all: u64,
    /// Any of these is there; all bits stand for a rule that holds without them, too.
    pub any: u64,
}

/// The fate of façade leaves whose path contains a run of names.
#[derive(Debug)]
pub struct FateRule {
    /// The run.
    pub pattern: &'static [&'static str],
    /// Why they are dropped; none refuses them.
    pub dropped: Option<&'static str>,
}

/// A catalogue entry.
#[derive(Debug)]
pub struct Model {
    /// Glob on the base model id; empty if the entry is for a kind of ARN.
    pub pattern: &'static str,
    /// The kind of ARN that it is for.
    pub resource: Option<Resource>,
    /// Which bodies are this family's, where others share the ids.
    pub bodies: Option<Bodies>,
    /// Whether the family is the one to write, where others share the ids.
    pub preferred: bool,
    /// Display name.
    pub name: &'static str,
    /// Prompt grammar.
    pub prompt: Option<&'static str>,
    /// Named limits.
    pub limits: &'static [(&'static str, u64)],
    /// Feature words.
    pub capabilities: &'static [&'static str],
    /// Numbers of the rules on its requests.
    pub rules: &'static [usize],
}

/// Which bodies are a family's, by their members.
#[derive(Debug, Clone, Copy)]
pub struct Bodies {
    /// Requests.
    pub request: Keys,
    /// Responses.
    pub response: Keys,
    /// Chunks of streams.
    pub stream: Keys,
}

impl Bodies {
    /// What a body of this kind must have.
    #[must_use]
    pub fn keys(&self, kind: Kind) -> &Keys {
        match kind {
            Kind::Request => &self.request,
            Kind::Response => &self.response,
            Kind::Stream => &self.stream,
        }
    }
}

/// Members of a body, by dotted paths; `[last]` is the last element of a list.
#[derive(Debug, Clone, Copy)]
pub struct Keys {
    /// It has all of these.
    pub has: &'static [&'static str],
    /// It has none of these.
    pub lacks: &'static [&'static str],
}

impl Keys {
    /// Whether a body with such members is meant. Without any condition nothing can be said.
    pub fn hold(&self, mut is_there: impl FnMut(&str) -> bool) -> bool {
        !(self.has.is_empty() && self.lacks.is_empty())
            && self.has.iter().all(|key| is_there(key))
            && !self.lacks.iter().any(|key| is_there(key))
    }
}

/// The last model that a thread looked up: most callers go on with the same one.
#[derive(Default)]
struct Last {
    spec: Option<&'static Spec>,
    id: ArrayString<128>,
    model: Option<&'static Model>,
}

thread_local! {
    static LAST: RefCell<Last> = RefCell::default();
}

impl Spec {
    /// The most specific entry for a model id, inference profile or ARN; ids of no known form are looked up as they stand.
    #[must_use]
    pub fn model(&'static self, id: &str) -> Option<&'static Model> {
        let known = LAST.try_with(|last| {
            let mut last = last.try_borrow_mut().ok()?;
            if last.spec.is_none_or(|spec| !ptr::eq(spec, self)) || last.id.as_str() != id {
                let model = self.find(id);
                // An id that is too long to keep is looked up each time.
                *last = Last { spec: Some(self), id: ArrayString::from(id).ok()?, model };
            }
            Some(last.model)
        });
        known.ok().flatten().unwrap_or_else(|| self.find(id))
    }

    fn find(&self, id: &str) -> Option<&'static Model> {
        let by_kind = |kind| self.models.iter().find(|m| m.resource == Some(kind));
        let by_name = |id: &str| {
            most_specific(self.models.iter().filter(|m| m.resource.is_none()).map(|m| (Glob(m.pattern), m)), id)
        };
        look_up(id, by_name, by_kind)
    }

    /// Judges a native request by the rules on the model. Gives the members that the model ignores. `there`: bits of the
    /// names that the body may have; `spans`: where values of it are, as far as that is known.
    pub(super) fn judge(
        &'static self,
        model: &str,
        body: &[u8],
        there: u64,
        spans: &[Span],
    ) -> Result<Vec<rules::Hit<'static, 'static>>, Error> {
        // Most families have no rules; then nobody need ask for the model.
        let Some(model) = Some(model).filter(|_| !self.rules.is_empty()).and_then(|id| self.model(id)) else {
            return Ok(Vec::new());
        };
        if model.rules.is_empty() {
            return Ok(Vec::new());
        }
        let can_hold = |watch: &Watch| watch.all & !there == 0 && (watch.any == u64::MAX || watch.any & there != 0);
        let watched = model.rules.iter().filter(|number| self.watches.get(**number).is_none_or(can_hold));
        let of_model = watched.filter_map(|number| self.rules.get(*number));
        let limit = |name: &str| model.limits.iter().find(|(n, _)| *n == name).map(|(_, limit)| *limit);
        rules::judge_within(of_model, limit, body, spans)
    }
}
