//! The conversations as a page: what the SDK said and read, and what went over the wire, side by side.

use anyhow::Context as _;
use handlebars::Handlebars;
use serde::Serialize;

use crate::outcome::Outcome;
use crate::{frames, pretty};

const TEMPLATE: &str = include_str!("page.html.hbs");

#[derive(Serialize)]
struct Page {
    conversations: Vec<Conversation>,
}

#[derive(Serialize)]
struct Conversation {
    family: &'static str,
    model: String,
    said: Vec<Said>,
    calls: Vec<Bodies>,
    bytes_out: usize,
    bytes_in: usize,
    first: String,
    total: String,
    tokens_in: i32,
    tokens_out: i32,
    source: &'static str,
    losses: Vec<Loss>,
    lost: usize,
    refused: Vec<String>,
    fault: Option<String>,
}

#[derive(Serialize)]
struct Said {
    who: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Loss {
    fate: String,
    path: String,
    why: String,
}

/// One call, as JSON for people.
#[derive(Serialize)]
struct Bodies {
    number: usize,
    converse_request: String,
    native_request: String,
    events: Vec<String>,
    chunks: Vec<String>,
}

/// The page.
pub(crate) fn render(outcomes: &[Outcome]) -> anyhow::Result<String> {
    let conversations = outcomes.iter().map(conversation).collect::<anyhow::Result<_>>()?;
    let mut templates = Handlebars::new();
    templates.set_strict_mode(true);
    templates.register_template_string("page", TEMPLATE).context("the template of the page")?;
    templates.render("page", &Page { conversations }).context("rendering the page")
}

fn conversation(outcome: &Outcome) -> anyhow::Result<Conversation> {
    let ([bytes_out, bytes_in], [tokens_in, tokens_out]) = (outcome.bytes(), outcome.tokens());
    let calls = outcome.calls.iter().enumerate().map(|(i, call)| {
        Ok(Bodies {
            number: i + 1,
            converse_request: pretty::json(&call.converse.request, 0),
            native_request: pretty::json(&call.native.request, 0),
            events: items(&call.converse.answer, call.streamed)?,
            chunks: items(&call.native.answer, call.streamed)?,
        })
    });
    let loss = |[fate, path, why]: &[String; 3]| Loss { fate: fate.clone(), path: path.clone(), why: why.clone() };
    Ok(Conversation {
        family: outcome.family,
        model: outcome.model.clone(),
        said: outcome.said.iter().map(|line| Said { who: line.who, text: line.text.clone() }).collect(),
        calls: calls.collect::<anyhow::Result<_>>()?,
        bytes_out,
        bytes_in,
        first: format!("{:.1}", outcome.first().as_secs_f64() * 1e3),
        total: format!("{:.1}", outcome.total().as_secs_f64() * 1e3),
        tokens_in,
        tokens_out,
        source: outcome.source,
        losses: outcome.losses.iter().map(loss).collect(),
        lost: outcome.losses.len(),
        refused: outcome.refused.clone(),
        fault: outcome.fault.clone(),
    })
}

/// What an answer says: the items of a stream, or the one body.
fn items(answer: &[u8], streamed: bool) -> anyhow::Result<Vec<String>> {
    if streamed { frames::items(answer) } else { Ok(vec![pretty::json(answer, 0)]) }
}
