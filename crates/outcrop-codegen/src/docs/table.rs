//! The table of the families' models.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use outcrop_lang::ir::{Family, Model, Way};

/// Which models and bodies each family is for, one line per family, beside the families' pages.
#[must_use]
pub fn families_table(families: &[Family]) -> String {
    let mut out = String::from("| family | name | models | bodies | examples |\n|---|---|---|---|---:|\n");
    for f in families {
        let models: BTreeSet<&str> = f.models.iter().map(Model::subject).collect();
        let some: Vec<String> = models.iter().take(3).map(|m| format!("`{m}`")).collect();
        let more = if models.len() > 3 { format!(" and {} more", models.len() - 3) } else { String::new() };
        let bodies = [("request", f.chat.request), ("response", f.chat.response), ("stream", f.chat.stream)];
        let bodies: Vec<&str> = bodies.iter().filter(|(_, root)| root.is_some()).map(|(name, _)| *name).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "| [{}]({1}.md) | `{1}` | {2}{more} | {3} | {4} |",
            f.title,
            f.name,
            some.join(", "),
            bodies.join(", "),
            f.examples.iter().filter(|e| e.way == Way::Both).count(),
        );
    }
    out
}
