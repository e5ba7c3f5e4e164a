//! Tables over all families: the README's, and the matrix of features.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use outcrop_lang::ir::{Family, Model, Way};

/// The README's table: one line per family.
#[must_use]
pub fn families_table(families: &[Family]) -> String {
    let mut out =
        String::from("| family | models | request | response | stream | examples |\n|---|---|---|---|---|---:|\n");
    for f in families {
        let models: BTreeSet<&str> = f.models.iter().map(Model::subject).collect();
        let some: Vec<String> = models.iter().take(3).map(|m| format!("`{m}`")).collect();
        let more = if models.len() > 3 { format!(" and {} more", models.len() - 3) } else { String::new() };
        let yes = |root: Option<usize>| if root.is_some() { "both ways" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "| [{}](docs/families/{}.md) | {}{more} | {} | {} | {} | {} |",
            f.title,
            f.name,
            some.join(", "),
            yes(f.chat.request),
            yes(f.chat.response),
            yes(f.chat.stream),
            f.examples.iter().filter(|e| e.way == Way::Both).count(),
        );
    }
    out
}

/// Families × capabilities: `all` where each model has it, `some` where one has.
#[must_use]
pub fn matrix(families: &[Family]) -> String {
    let words: BTreeSet<&str> =
        families.iter().flat_map(|f| &f.models).flat_map(|m| &m.capabilities).map(String::as_str).collect();
    let mut out = String::from("| family |");
    let mut rule = String::from("|---|");
    for w in &words {
        let _ = write!(out, " {w} |");
        rule.push_str("---|");
    }
    out.push('\n');
    out.push_str(&rule);
    out.push('\n');
    for f in families {
        let _ = write!(out, "| {} |", f.name);
        for w in &words {
            let having = f.models.iter().filter(|m| m.capabilities.iter().any(|c| c == w)).count();
            let cell = match having {
                0 => "",
                n if n == f.models.len() => "all",
                _ => "some",
            };
            let _ = write!(out, " {cell} |");
        }
        out.push('\n');
    }
    out
}
