//! `cargo xtask new FAMILY`: a commented skeleton that already passes the checker's grammar.

use anyhow::{Result, bail};

use crate::files::root;

const SKELETON: &str = r"# yaml-language-server: $schema=../schema.json
# The language: docs/spec-language.md. A worked example: docs/tutorial.md. When done: cargo xtask check NAME && cargo xtask gen
spec: 1
family: NAME
title: NAME                       # one line for tables
source: https://example.com/      # the documentation that this file was written from
doc: What this format is.

# Root types of the three bodies; leave out what the family does not have.
operations:
  chat: { request: Request, response: Response, stream: Chunk }

types:
  Request:
    view: ConverseRequest         # `as:` paths below are relative to this Converse type
    fields:
      # `!` = required. One line is both directions.
      messages: { type: list<Message>!, as: messages, doc: The conversation. }
      max_tokens: { type: int(1..), as: inferenceConfig.maxTokens, doc: Most tokens to write. }
      # No `as:`: lives in additionalModelRequestFields under the same name.
      seed: { type: int, doc: Makes answers repeatable. }

  Message:
    view: Message
    fields:
      role: { type: string!, as: role, map: { user: user, assistant: assistant }, unknown: refuse, doc: Who speaks. }
      content: { type: Content!, as: content, doc: What is said. }

  # A plain string is read as one text block.
  Content: { text_or_list: Block, text: text, emit: list }

  Block:
    view: ContentBlock
    tag: type                     # told apart by this member
    unknown: keep                 # blocks nobody has heard of survive the round trip
    cases:
      text: { arm: text, fields: { text: { type: string!, as: ., doc: The text. } } }

  Response:
    view: ConverseResponse
    assume: { output.message.role: assistant }   # what the wire never says
    fields:
      content: { type: list<Block>!, as: output.message.content, doc: The answer. }
      stop_reason: { type: StopReason!, as: stopReason, doc: Why it ended. }

  StopReason: { map: { stop: end_turn, length: max_tokens }, unknown: other }

  Chunk:
    view: Signal                  # docs/spec-language/streams.md
    blocks: implicit
    assume: { start.role: assistant }
    fields:
      text: { type: string, as: delta.value.text, doc: More text. }
      stop_reason: { type: StopReason, as: stop.reason, doc: On the last chunk. }

# What Converse can say and this format cannot: refused, or dropped with a reason. `cargo xtask check` lists what is missing here.
unsupported: [image, document, video, audio]
dropped: {}

# Which model ids lead here; the most specific glob wins.
models:
  - match: vendor.model-*
    name: Model
    limits: { context_tokens: 8192, max_output_tokens: 2048 }
    capabilities: [streaming]

# Run in both directions by the checker and by the tests. Every line above must be touched by one. Use your own words.
examples:
  - id: hello
    doc: One question.
    model: vendor.model-1
    request:
      converse: { messages: [ { role: user, content: [ { text: Hello } ] } ], inferenceConfig: { maxTokens: 9 } }
      native: { messages: [ { role: user, content: [ { type: text, text: Hello } ] } ], max_tokens: 9 }
";

pub(crate) fn run(family: &str) -> Result<()> {
    let ok = family.starts_with(|c: char| c.is_ascii_lowercase())
        && family.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !ok {
        bail!("`{family}` is no family name; use lower-case words joined by `-`, such as `my-family`");
    }
    let path = root().join(format!("specs/families/{family}.yaml"));
    if path.exists() {
        bail!("specs/families/{family}.yaml is already there; edit it, or choose another name");
    }
    std::fs::write(&path, SKELETON.replace("NAME", family))?;
    println!("wrote specs/families/{family}.yaml\nnext: edit it, then cargo xtask check {family}");
    Ok(())
}
