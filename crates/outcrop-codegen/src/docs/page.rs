//! The reference page of a family.

use handlebars::Handlebars;
use outcrop_lang::ir::{ExampleKind, Family, Validator};
use serde::Serialize;

use super::rows::{self, TypeTable};

const TEMPLATE: &str = include_str!("family.md.hbs");

#[derive(Serialize)]
struct Page<'a> {
    name: &'a str,
    title: &'a str,
    source: &'a str,
    doc: &'a str,
    /// Whether the vendor's own validator judges requests.
    dotted: bool,
    features: &'a [(String, String)],
    roots: Vec<Root>,
    prompts: Vec<Prompt<'a>>,
    models: Vec<Model<'a>>,
    unsupported: Vec<String>,
    dropped: Vec<(String, &'a str)>,
    examples: Vec<Example<'a>>,
}

#[derive(Serialize)]
struct Root {
    title: &'static str,
    types: Vec<TypeTable>,
}

#[derive(Serialize)]
struct Prompt<'a> {
    name: &'a str,
    read_only: bool,
    begin: String,
    cue: &'a str,
    turns: Vec<(&'a str, String, String)>,
    markers: Vec<String>,
}

#[derive(Serialize)]
struct Model<'a> {
    pattern: &'a str,
    name: &'a str,
    limits: String,
    capabilities: String,
}

#[derive(Serialize)]
struct Example<'a> {
    id: &'a str,
    doc: &'a str,
    kind: &'static str,
    native: Option<&'a str>,
    converse: Option<&'a str>,
    error: Option<(&'a str, &'a str)>,
}

/// The Markdown page of a family: features (as told: what, and how far), models, members, mapping, losses, examples.
///
/// # Errors
///
/// A message when the template does not render, which is a defect of the template.
pub fn family_page(family: &Family, features: &[(String, String)]) -> Result<String, String> {
    let roots =
        [("Request", family.chat.request), ("Response", family.chat.response), ("Stream chunks", family.chat.stream)];
    let quoted = |s: &str| format!("{s:?}").trim_matches('"').to_owned();
    let page = Page {
        name: &family.name,
        title: &family.title,
        source: &family.source,
        doc: &family.doc,
        dotted: family.validator == Validator::Dotted,
        features,
        roots: roots
            .into_iter()
            .map(|(title, root)| Root { title, types: rows::tables(family, root) })
            .filter(|r| !r.types.is_empty())
            .collect(),
        prompts: family
            .prompts
            .iter()
            .map(|g| Prompt {
                name: &g.name,
                read_only: g.decode_only,
                begin: quoted(&g.begin),
                cue: &g.cue,
                turns: g.turns.iter().map(|t| (t.role.as_str(), quoted(&t.open), quoted(&t.close))).collect(),
                markers: g.markers.iter().map(|m| quoted(m)).collect(),
            })
            .collect(),
        models: family
            .models
            .iter()
            .map(|m| Model {
                pattern: m.subject(),
                name: &m.name,
                limits: m.limits.iter().map(|(k, v)| format!("{k} {v}")).collect::<Vec<_>>().join(", "),
                capabilities: m.capabilities.join(", "),
            })
            .collect(),
        unsupported: family.fates.iter().filter(|f| f.dropped.is_none()).map(|f| f.pattern.join(".")).collect(),
        dropped: family
            .fates
            .iter()
            .filter_map(|f| f.dropped.as_deref().map(|why| (f.pattern.join("."), why)))
            .collect(),
        examples: family
            .examples
            .iter()
            .map(|e| Example {
                id: &e.id,
                doc: &e.doc,
                kind: match e.kind {
                    ExampleKind::Request => "request",
                    ExampleKind::Response => "response",
                    ExampleKind::Stream => "stream",
                },
                native: e.native.as_deref(),
                converse: e.converse.as_deref(),
                error: e.error.as_ref().map(|(c, at)| (c.as_str(), at.as_str())),
            })
            .collect(),
    };
    let mut hb = Handlebars::new();
    hb.set_strict_mode(true);
    hb.register_escape_fn(|text| text.replace('|', "\\|").replace('\n', " "));
    hb.render_template(TEMPLATE, &page).map_err(|e| format!("the page of {}: {e}", family.name))
}
