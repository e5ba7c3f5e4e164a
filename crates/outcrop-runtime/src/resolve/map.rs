//! What the caller knows of ids that say nothing themselves.

use super::{Found, Resolution, Resolve, Rule};
use crate::Error;
use crate::model_id::{Glob, ModelId, most_specific};

/// What an id stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The family to use; none asks for that of the model.
    pub family: Option<String>,
    /// The base model, whose limits and prompt grammar hold; none knows of no limits.
    pub model: Option<String>,
}

impl Target {
    /// A family, with the base model if that is known.
    #[must_use]
    pub fn family(family: impl Into<String>, model: Option<&str>) -> Self {
        Self { family: Some(family.into()), model: model.map(str::to_owned) }
    }

    /// A base model, which tells the family.
    #[must_use]
    pub fn model(model: impl Into<String>) -> Self {
        Self { family: None, model: Some(model.into()) }
    }
}

/// A resolver that looks ids up in a map of the caller's first. Keys are whole ids or ARNs; `*` stands for any text, and
/// the most specific key wins.
#[derive(Debug, Clone)]
pub struct Map<R> {
    entries: Vec<(String, Target)>,
    others: R,
}

impl<R> Map<R> {
    /// An empty map before a resolver for all other ids.
    pub fn before(others: R) -> Self {
        Self { entries: Vec::new(), others }
    }

    /// Says what an id stands for; a later line for the same key replaces the earlier one.
    pub fn insert(&mut self, id: impl AsRef<str>, target: Target) {
        let id = ModelId::parse(id.as_ref()).id;
        self.entries.retain(|(key, _)| *key != id);
        self.entries.push((id, target));
    }

    /// Its lines, in the order of their making.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Target)> {
        self.entries.iter().map(|(key, target)| (key.as_str(), target))
    }
}

impl<R: Resolve> Resolve for Map<R> {
    fn resolve<'r>(&'r self, id: &'r str) -> Result<Resolution<'r>, Error> {
        let plain = ModelId::parse(id).id;
        let lines = self.entries.iter().map(|line| (Glob(&line.0), line));
        let Some((key, target)) = most_specific(lines, &plain) else { return self.others.resolve(id) };
        let rule = Rule::Map(key);
        let Some(family) = target.family.as_deref() else {
            // Neither family nor model says that the id means itself.
            let mut of_model = self.others.resolve(target.model.as_deref().unwrap_or(id))?;
            of_model.formats.iter_mut().for_each(|found| found.rule = rule);
            return Ok(of_model);
        };
        let known = target.model.as_deref().and_then(|model| self.others.resolve(model).ok());
        let entry = known.and_then(|known| known.formats.into_iter().find(|found| found.family == family)?.model);
        let formats = vec![Found { family, model: entry, rule }];
        Ok(Resolution { model: target.model.as_deref().unwrap_or(id), formats })
    }
}
