//! `cargo xtask demo --bodies`: one conversation with a tool call, in every family's own JSON, and back again.

use std::io::{IsTerminal as _, Write as _};

use anyhow::Result;
use outcrop_lang::interp::Interp;
use outcrop_lang::ir;
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Code, Codec as _, Kind, Output};

use crate::{pretty, specs};

const WITH_TOOL: &str = r#"{
  "system": [{"text": "You keep the tide table of a small harbour."}],
  "messages": [
    {"role": "user", "content": [{"text": "When is high water at the north quay?"}]},
    {"role": "assistant", "content": [
      {"text": "I will look it up."},
      {"toolUse": {"toolUseId": "tide_1", "name": "tide", "input": {"quay": "north", "height": 0.9}}}]},
    {"role": "user", "content": [
      {"toolResult": {"toolUseId": "tide_1", "content": [{"text": "06:41, 3.20 m"}]}}]}],
  "inferenceConfig": {"maxTokens": 200, "temperature": 0.9},
  "toolConfig": {"tools": [{"toolSpec": {"name": "tide", "description": "High water at a quay",
    "inputSchema": {"json": {"type": "object", "properties": {"quay": {"type": "string"}}, "required": ["quay"]}}}}]}}"#;

const PLAIN: &str = r#"{
  "system": [{"text": "You keep the tide table of a small harbour."}],
  "messages": [
    {"role": "user", "content": [{"text": "When is high water at the north quay?"}]},
    {"role": "assistant", "content": [{"text": "At 06:41, 3.20 m."}]},
    {"role": "user", "content": [{"text": "And low water?"}]}],
  "inferenceConfig": {"maxTokens": 200, "temperature": 0.9}}"#;

const ONE_TEXT: &str = r#"{
  "messages": [{"role": "user", "content": [{"text": "When is high water at the north quay?"}]}],
  "inferenceConfig": {"maxTokens": 200, "temperature": 0.9}}"#;

pub(crate) fn run() -> Result<()> {
    let sources = specs::read()?;
    let paint = Paint::detect();
    let mut table = Vec::new();
    for family in specs::families(&sources)? {
        table.push(show(family, &paint)?);
    }
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "\n{}",
        paint.bold("Family                         tools  Converse B  native B  back again        losses")
    )?;
    for row in table {
        writeln!(out, "{row}")?;
    }
    Ok(())
}

/// One family: the conversation as native JSON, decoded again, with what was lost.
fn show(family: ir::Family, paint: &Paint) -> Result<String> {
    let (name, title) = (family.name.clone(), family.title.clone());
    let model = family.examples.first().map(|e| e.model.clone()).unwrap_or_default();
    // What formats show that take more than a text, a film for one: their own first request.
    let is_request = |e: &&ir::Example| e.kind == ir::ExampleKind::Request && e.error.is_none() && e.native.is_some();
    let own = family.examples.iter().filter(is_request).find_map(|e| e.converse.clone());
    let codec = Interp::new(family);
    let call = Call { model: &model, ..Call::default() };
    let of = if model.is_empty() { String::new() } else { format!(", as {model}") };
    println!("\n{}  {title}{of}", paint.bold(&format!("── {name}")));

    let (mut conversation, mut tools) = (WITH_TOOL, true);
    let mut encoded = codec.encode(Kind::Request, &call, WITH_TOOL.as_bytes());
    for simpler in [PLAIN, ONE_TEXT].into_iter().chain(own.as_deref()) {
        match &encoded {
            Err(e) if matches!(e.code, Code::Unsupported | Code::MissingMember) => {
                println!("{} {e}", paint.yellow("refused, as it must be:"));
                (conversation, tools) = (simpler, false);
                encoded = codec.encode(Kind::Request, &call, simpler.as_bytes());
            }
            _ => break,
        }
    }
    let encoded = encoded?;
    println!("{}", pretty::json(&encoded.body, 0));
    let decoded = codec.decode(Kind::Request, &call, &encoded.body)?;
    let (sent, back) = (Tree::parse(conversation.as_bytes())?, Tree::parse(&decoded.body)?);
    let same = sent.difference(&back);
    match &same {
        None => println!("{} the same conversation", paint.green("decoded again:")),
        Some(at) => {
            println!("{} differs at `{at}`: {}", paint.yellow("decoded again:"), pretty::json(&decoded.body, 0));
        }
    }
    losses(&encoded, paint);
    losses(&decoded, paint);
    Ok(format!(
        "{name:<30} {:<6} {:>10}  {:>8}  {:<16}  {}",
        if tools { "yes" } else { "no" },
        conversation.len(),
        encoded.body.len(),
        if same.is_none() { "the same" } else { "up to the report" },
        encoded.report.losses.len() + decoded.report.losses.len(),
    ))
}

fn losses(out: &Output, paint: &Paint) {
    for loss in &out.report.losses {
        println!("{} `{}`: {}", paint.yellow(loss.fate.as_str()), loss.path, loss.why);
    }
}

/// Colours, where standard output is a terminal and `NO_COLOR` does not forbid them.
struct Paint {
    on: bool,
}

impl Paint {
    fn detect() -> Self {
        Self { on: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()) }
    }
    fn with(&self, code: &str, text: &str) -> String {
        if self.on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
    fn bold(&self, text: &str) -> String {
        self.with("1", text)
    }
    fn green(&self, text: &str) -> String {
        self.with("32", text)
    }
    fn yellow(&self, text: &str) -> String {
        self.with("33", text)
    }
}
