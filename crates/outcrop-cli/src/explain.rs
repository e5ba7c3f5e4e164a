//! `outcrop explain ID`: what kind of id this is, which family it leads to, and which rule decided.

use std::io::Write as _;

use outcrop_runtime::model_id::ModelId;

use crate::args;
use crate::catalog::Catalog;

pub(crate) fn run(a: &args::Explain) -> anyhow::Result<()> {
    let id = ModelId::parse(&a.id);
    let catalog = Catalog::new();
    let mut out = std::io::stdout().lock();
    writeln!(out, "id         {}", id.id)?;
    writeln!(out, "kind       {}", id.resource.as_str())?;
    for (name, part) in
        [("geography", &id.geography), ("region", &id.region), ("base id", &id.base), ("suffix", &id.suffix)]
    {
        if let Some(part) = part {
            writeln!(out, "{name:<10} {part}")?;
        }
    }
    let (family, model) = catalog.resolve(&a.id)?;
    writeln!(out, "family     {family}")?;
    writeln!(out, "rule       `match: {}`, the most specific pattern that fits", model.pattern)?;
    writeln!(out, "model      {}", model.name)?;
    for (name, value) in &model.limits {
        writeln!(out, "limit      {name} {value}")?;
    }
    if let Some(prompt) = &model.prompt {
        writeln!(out, "prompt     grammar `{prompt}`")?;
    }
    writeln!(out, "can        {}", model.capabilities.join(", "))?;
    Ok(())
}
