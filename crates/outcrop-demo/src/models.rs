//! One model of each family.

use outcrop::catalogue;
use outcrop::registry::{self, Entry};

/// A model to talk to.
pub(crate) struct Model {
    /// Its family.
    pub(crate) family: &'static str,
    /// Its id, or the ARN of one of the kind.
    pub(crate) id: String,
}

/// A model of each family, or of those that are named.
pub(crate) fn chosen(names: &[String]) -> anyhow::Result<Vec<Model>> {
    for name in names {
        anyhow::ensure!(
            registry::by_name(name).is_some(),
            "there is no family `{name}`; `outcrop families` lists them"
        );
    }
    let wanted = |entry: &&Entry| names.is_empty() || names.iter().any(|name| name == entry.spec.family);
    let of = |entry: &'static Entry| Some(Model { family: entry.spec.family, id: id_of(entry)? });
    Ok(registry::FAMILIES.iter().filter(wanted).filter_map(of).collect())
}

/// The first id of the catalogue that leads to the family, else one that fits its patterns. None for a family that no id
/// leads to.
fn id_of(entry: &Entry) -> Option<String> {
    let family = entry.spec.family;
    let leads =
        |id: &str| registry::resolve(id).is_ok_and(|found| found.to_write().is_ok_and(|found| found.family == family));
    let known = catalogue::models().iter().map(|model| model.id).find(|id| leads(id));
    let patterns = entry.spec.models.iter().map(|model| match model.resource {
        Some(resource) => format!("arn:aws:bedrock:us-east-1:111122223333:{}/a1b2c3d4e5f6", resource.as_str()),
        None => model.pattern.replace('*', "1"),
    });
    known.map(str::to_owned).or_else(|| patterns.into_iter().find(|id| leads(id)))
}
