//! `outcrop explain ID`: what kind of id this is, which family it leads to, and which rule decided.

use std::io::Write as _;

use outcrop_runtime::model_id::ModelId;

use crate::args;

pub(crate) fn run(a: &args::Explain) -> anyhow::Result<()> {
    let id = ModelId::parse(&a.id);
    let catalog = a.map.catalog()?;
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
    let found = catalog.resolve(&a.id)?;
    for format in &found.formats {
        writeln!(out, "family     {}", format.family)?;
    }
    Ok(())
}
