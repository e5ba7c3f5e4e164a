//! One model of each family.

use outcrop::catalogue;
use outcrop::registry::{self, Entry};

/// A model to talk to.
pub(crate) struct Model {
    /// Its family.
    pub(crate) family: &'static str,
    /// Its id, or the ARN of one of the kind.
    pub(crate) id: String,
    /// Whether the id by itself does not lead to the family, so that both sides have to be told.
    pub(crate) is_told: bool,
    /// Whether the family has streams.
    pub(crate) streams: bool,
}

/// A model of each family, or of those that are named.
pub(crate) fn chosen(names: &[String]) -> anyhow::Result<Vec<Model>> {
    for name in names {
        anyhow::ensure!(
            registry::by_name(name).is_some(),
            "there is no family `{name}`; `outcrop families` lists them"
        );
    }
    let wanted = |(_, entry): &(usize, &Entry)| names.is_empty() || names.iter().any(|name| name == entry.spec.family);
    Ok(registry::FAMILIES.iter().enumerate().filter(wanted).map(|(number, entry)| model(number, entry)).collect())
}

/// The first id of the catalogue that leads to the family, else one that fits its patterns, else an ARN that says nothing
/// by itself, as that of an imported model.
fn model(number: usize, entry: &Entry) -> Model {
    let family = entry.spec.family;
    let leads =
        |id: &str| registry::resolve(id).is_ok_and(|found| found.to_write().is_ok_and(|found| found.family == family));
    let known = catalogue::models().iter().map(|model| model.id.to_owned());
    let patterns = entry.spec.models.iter().filter(|model| model.resource.is_none());
    let found = known.chain(patterns.map(|model| model.pattern.replace('*', "1"))).find(|id| leads(id));
    let is_told = found.is_none();
    let opaque = || format!("arn:aws:bedrock:us-east-1:111122223333:imported-model/demo{number:08}");
    Model { family, id: found.unwrap_or_else(opaque), is_told, streams: entry.streams.is_some() }
}

/// What the endpoint is told of ids: a map of one line each.
pub(crate) fn map(models: &[Model]) -> Option<String> {
    let told = models.iter().filter(|model| model.is_told);
    let lines: Vec<String> = told.map(|model| format!("\"{}\": {}", model.id, model.family)).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
