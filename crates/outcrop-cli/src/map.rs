//! Files that say what model ids and ARNs of the caller's own stand for.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use outcrop_runtime::Tree;
use outcrop_runtime::resolve::Target;
use serde::Deserialize;

/// A line: the name of a family, or what is known of it.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a line is a family's name or an object with `family`, `model` or both")]
enum Line {
    Family(String),
    Target(Both),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Both {
    family: Option<String>,
    model: Option<String>,
}

/// Reads a map: `{"arn:…": {"family": "…", "model": "…"}}`; a family alone may be its name.
pub(crate) fn read(file: &Path) -> anyhow::Result<Vec<(String, Target)>> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("reading the map {shown}"))?;
    let wanted = || format!("the map {shown} must be a JSON object from ids to families and models");
    // Of a name that comes twice the reader below would keep the last one without a word.
    Tree::parse_text(&text).with_context(wanted)?;
    let lines: BTreeMap<String, Line> = serde_json::from_str(&text).with_context(wanted)?;
    let target = |(id, line): (String, Line)| {
        let target = match line {
            Line::Family(name) => Target::family(name, None),
            Line::Target(Both { family, model }) => Target { family, model },
        };
        if target.family.is_none() && target.model.is_none() {
            anyhow::bail!("the map {shown} says nothing of `{id}`; give `family`, `model` or both");
        }
        Ok((id, target))
    };
    lines.into_iter().map(target).collect()
}
