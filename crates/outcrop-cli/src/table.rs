//! `outcrop families`: a table of the families.

use std::collections::BTreeSet;
use std::io::Write as _;

use outcrop::{catalogue, registry};
use outcrop_lang::ir::Model;

use crate::catalog::Catalog;

pub(crate) fn run() -> anyhow::Result<()> {
    let catalog = Catalog::new();
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:<26} {:<8} {:<8} {:<6} {:>6}  {:<44}  features",
        "family", "request", "response", "stream", "models", "such as"
    )?;
    for family in catalog.families() {
        let yes = |root: Option<usize>| if root.is_some() { "yes" } else { "-" };
        let ids: Vec<&str> = catalogue::models().iter().map(|m| m.id).filter(|id| leads_to(id, &family.name)).collect();
        let patterns = family.models.iter().map(Model::subject);
        let such = ids.first().copied().or_else(|| patterns.into_iter().next()).unwrap_or("-");
        let features: BTreeSet<&str> =
            family.models.iter().flat_map(|model| &model.capabilities).map(String::as_str).collect();
        writeln!(
            out,
            "{:<26} {:<8} {:<8} {:<6} {:>6}  {such:<44}  {}",
            family.name,
            yes(family.chat.request),
            yes(family.chat.response),
            yes(family.chat.stream),
            ids.len(),
            features.into_iter().collect::<Vec<_>>().join(" ")
        )?;
    }
    Ok(())
}

/// Whether a family is among the formats of an id.
fn leads_to(id: &str, family: &str) -> bool {
    registry::resolve(id).is_ok_and(|found| found.formats.iter().any(|format| format.family == family))
}
