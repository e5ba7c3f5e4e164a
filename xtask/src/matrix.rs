//! The matrix of families and features, as Markdown. What is in it comes from [`outcrop_lang::features`].

use std::fmt::Write as _;

use outcrop_lang::features::{FEATURES, Features, SHORT, Support};
use outcrop_lang::ir::Family;

/// The README's: the features that most ask for.
pub(crate) fn short(families: &[(&Family, Features)], pages: &str) -> String {
    format!("{}\n{LEGEND}", table(families, pages, SHORT))
}

/// A line per family, a column per feature.
pub(crate) fn matrix(families: &[(&Family, Features)]) -> String {
    table(families, "", FEATURES.len())
}

/// `pages` is the way to the folder of the families' pages.
fn table(families: &[(&Family, Features)], pages: &str, columns: usize) -> String {
    let heads: Vec<&str> = FEATURES.iter().take(columns).map(|feature| feature.head).collect();
    let mut out =
        format!("| family | {} | usage | prompt |\n|---|{}---|---|\n", heads.join(" | "), ":-:|".repeat(heads.len()));
    for (family, found) in families {
        let marks: Vec<&str> = found.support.iter().take(columns).map(|(_, support)| mark(*support)).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "| [{}]({pages}{}.md) | {} | {} | {} |",
            family.title,
            family.name,
            marks.join(" | "),
            own(found),
            if found.grammars.is_empty() { "" } else { "grammar" },
        );
    }
    out
}

/// What the marks mean.
const LEGEND: &str = "● goes through, both ways · ◐ for some of its models, in some of its forms, or one way · ◌ the format has a \
    place for it, but no model is known to have it · – left out, and reported · blank: refused, with a code and a path. \
    *usage* is where the format itself says token counts; the service's metrics and headers are read for every family.\n";

/// The features by name, for the page of all families.
pub(crate) fn legend() -> String {
    let mut out = format!("{LEGEND}\n");
    for feature in FEATURES {
        let _ = writeln!(out, "- **{}**: {}", feature.head, feature.doc);
    }
    out.push_str("- **prompt**: the conversation is one text, made by a grammar of turns\n");
    out
}

/// A family's features in words, for its page.
pub(crate) fn words(found: &Features) -> Vec<(String, String)> {
    let features = found.support.iter().map(|(feature, support)| {
        let what = match support {
            Support::All => "yes",
            Support::Some => "some models or forms",
            Support::Format => "by the format; no model is known to have it",
            Support::Dropped => "left out, and reported",
            Support::Refused => "refused",
        };
        (feature.doc.to_owned(), what.to_owned())
    });
    let usage = ("token counts from".to_owned(), found.usage.join(", "));
    let grammars = (!found.grammars.is_empty()).then(|| ("prompt grammars".to_owned(), found.grammars.join(", ")));
    features.chain([usage]).chain(grammars).collect()
}

fn mark(support: Support) -> &'static str {
    match support {
        Support::All => "●",
        Support::Some => "◐",
        Support::Format => "◌",
        Support::Dropped => "–",
        Support::Refused => "",
    }
}

/// The places of counts that are the format's own.
fn own(found: &Features) -> String {
    let own: Vec<&str> = found.usage.iter().filter(|place| matches!(**place, "body" | "chunks")).copied().collect();
    own.join(", ")
}
