//! What generated code knows about its family as data.

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

impl Spec {
    /// The most specific entry for a model id, inference profile or ARN; ids of no known form are looked up as they stand.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&'static Model> {
        look_up(id, |id| most_specific(self.models.iter().map(|m| (Glob(m.pattern), m)), id))
    }
}
