//! What generated code knows about its family as data.

use std::cell::RefCell;
use std::ptr;

use arrayvec::ArrayString;

use super::Prompts;
use crate::model_id::{Glob, look_up, most_specific};

/// Constants of a family.
#[derive(Debug)]
pub struct Spec {
    /// Name.
    pub family: &'static str,
    /// What becomes of façade leaves that no field maps.
    pub fates: &'static [FateRule],
    /// Catalogue entries.
    pub models: &'static [Model],
    /// Prompt grammars.
    pub prompts: Prompts,
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
    /// Glob on the base model id.
    pub pattern: &'static str,
    /// Display name.
    pub name: &'static str,
    /// Prompt grammar.
    pub prompt: Option<&'static str>,
    /// Named limits.
    pub limits: &'static [(&'static str, u64)],
    /// Feature words.
    pub capabilities: &'static [&'static str],
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
        look_up(id, |id| most_specific(self.models.iter().map(|m| (Glob(m.pattern), m)), id))
    }
}
