//! What generated code knows about its family as data.

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
    /// The catalogue entry of a model id, inference profile or ARN: the most specific pattern that matches the id as it
    /// stands, else without its first dotted segment (a geographic prefix).
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&'static Model> {
        let base = id.rsplit('/').next().unwrap_or(id);
        let bare = base.split_once('.').map(|(_, rest)| rest);
        std::iter::once(base).chain(bare).find_map(|id| {
            let fits = self.models.iter().filter(|m| glob(m.pattern, id));
            fits.max_by_key(|m| m.pattern.bytes().filter(|b| *b != b'*').count())
        })
    }
}

/// Whether `*` in the pattern can stand for something that makes it the text.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}
