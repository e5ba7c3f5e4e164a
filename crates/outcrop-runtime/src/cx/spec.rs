//! What generated code knows about its family as data.

use crate::model_id::{Glob, ModelId, most_specific};
use crate::prompt::Grammar;

/// Constants of a family.
#[derive(Debug)]
pub struct Spec {
    /// Name.
    pub family: &'static str,
    /// What becomes of façade leaves that no field maps.
    pub fates: &'static [FateRule],
    /// Catalogue entries.
    pub models: &'static [Model],
    /// Prompt grammars; the first is the default.
    pub prompts: &'static [Grammar<'static>],
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
        let id = ModelId::parse(id);
        let entry = |id: &str| most_specific(self.models.iter().map(|m| (Glob(m.pattern), m)), id);
        id.base.as_deref().and_then(entry).or_else(|| entry(&id.id))
    }
}
