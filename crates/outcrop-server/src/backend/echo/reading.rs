//! What the model says to a request.

use outcrop_runtime::Tree;

use super::Judged;
use super::reply::{Block, Reply};
use super::sample::Sampler;
use super::tokens::{count, tokens};
use crate::failure::Failure;
use crate::json::{arm, items, text};
use crate::models::Format;

/// What it says to a request: a call of a tool if there is one to call, else what it was told last.
pub(crate) fn reply(judged: &Judged<'_>, seed: u64) -> Result<Reply, Failure> {
    let (format, request) = (&judged.format, &judged.request);
    let input_tokens = input_tokens(request);
    if format.limit("context_tokens").is_some_and(|limit| input_tokens > limit) {
        return Err(Failure::invalid("Input is too long for requested model."));
    }
    let mut random = fastrand::Rng::with_seed(seed);
    let told = last_text(request);
    let mut blocks = Vec::new();
    if format.family.can.reasoning && wants_reasoning(format, request) {
        let signature = format.family.can.signature.then(|| made(&mut random, "", 64));
        blocks.push(Block::Reasoning { text: format!("They said: {told}"), signature });
    }
    let call = tool(judged).map(|(name, schema)| {
        let input = Sampler::new(schema, &told).sample(schema);
        Block::Call { id: made(&mut random, "tooluse_", 22), name: name.to_owned(), input: input.to_string() }
    });
    let mut stop = if call.is_some() { "tool_use" } else { "end_turn" };
    blocks.push(match call {
        Some(call) => call,
        None => match wanted_form(request) {
            Some(schema) => Block::Text(Sampler::new(&schema, &told).sample(&schema).to_string()),
            None => Block::Text(told),
        },
    });
    if let Some(why) = shorten(&mut blocks, request, format) {
        stop = why;
    }
    let output_tokens = blocks.iter().map(length).sum::<u64>().max(1);
    let object = |name: &str| request.get(name).filter(|value| value.as_object().is_some()).map(Tree::to_string);
    Ok(Reply {
        blocks,
        stop: stop.to_owned(),
        input_tokens,
        output_tokens,
        caches: format.has("prompt_caching"),
        // As if it took its time: the same for the same request.
        latency_ms: 20 + 2 * output_tokens,
        performance: object("performanceConfig"),
        tier: object("serviceTier"),
        fields: None,
    })
}

fn length(block: &Block) -> u64 {
    match block {
        Block::Text(text) | Block::Reasoning { text, .. } => count(text),
        Block::Call { name, input, .. } => count(name) + count(input),
    }
}

/// Letters and digits behind a prefix.
fn made(random: &mut fastrand::Rng, prefix: &str, letters: usize) -> String {
    let mut out = prefix.to_owned();
    out.extend(std::iter::repeat_with(|| random.alphanumeric()).take(letters));
    out
}

/// Cuts the texts at the first stop sequence, and at the most tokens. Gives the reason to stop, if there was one.
fn shorten(blocks: &mut Vec<Block>, request: &Tree, format: &Format<'_>) -> Option<&'static str> {
    let config = request.get("inferenceConfig");
    let mut stop = None;
    let stops = config.map(|config| items(config, "stopSequences")).unwrap_or_default();
    for block in blocks.iter_mut() {
        let Block::Text(text) = block else { continue };
        let found = stops.iter().filter_map(Tree::as_str).filter(|stop| !stop.is_empty()).filter_map(|s| text.find(s));
        if let Some(at) = found.min() {
            text.truncate(at);
            stop = Some(if format.family.can.stop_sequence { "stop_sequence" } else { "end_turn" });
        }
    }
    let asked = config.and_then(|config| config.get("maxTokens")).and_then(Tree::as_int);
    let most = asked.and_then(|n| u64::try_from(n).ok()).or_else(|| format.limit("max_output_tokens"))?;
    let mut left = most;
    let mut kept = 0;
    for block in blocks.iter_mut() {
        let long = length(block);
        if long > left {
            match block {
                Block::Text(text) | Block::Reasoning { text, .. } => {
                    let end = tokens(text).take(usize::try_from(left).unwrap_or(usize::MAX)).map(str::len).sum();
                    text.truncate(end);
                    kept += usize::from(left > 0);
                }
                // Half a call is none.
                Block::Call { .. } => {}
            }
            blocks.truncate(kept);
            if blocks.is_empty() {
                blocks.push(Block::Text(String::new()));
            }
            return Some("max_tokens");
        }
        left -= long;
        kept += 1;
    }
    stop
}

/// The text of the user's last turn; of a turn without one, what the tools found; else what there is.
pub(crate) fn last_text(request: &Tree) -> String {
    let turns = items(request, "messages").iter().rev().filter(|message| text(message, "role") == "user");
    for turn in turns {
        let content = items(turn, "content");
        let texts: Vec<&str> = content.iter().filter_map(|block| block.get("text")).filter_map(Tree::as_str).collect();
        if !texts.is_empty() {
            return texts.join("\n");
        }
        let found: Vec<String> = content.iter().filter_map(|block| block.get("toolResult")).map(result).collect();
        if !found.is_empty() {
            return found.join("\n");
        }
        let kinds: Vec<&str> = content.iter().filter_map(arm).map(|(name, _)| name).collect();
        if !kinds.is_empty() {
            return format!("[{}]", kinds.join(", "));
        }
    }
    "...".to_owned()
}

fn result(result: &Tree) -> String {
    let parts = items(result, "content").iter().filter_map(arm).map(|(name, value)| match (name, value) {
        ("text", Tree::Str(text)) => text.clone(),
        ("json", value) => value.to_string(),
        (other, _) => format!("[{other}]"),
    });
    parts.collect::<Vec<_>>().join("\n")
}

/// The tool to call, with the schema of its input: the one that must be called, or the first, unless the results of a call
/// have just come and none must.
fn tool<'r>(judged: &'r Judged<'_>) -> Option<(&'r str, &'r Tree)> {
    const ANYTHING: &Tree = &Tree::Bool(true);
    let request = Some(&judged.request).filter(|_| judged.tools)?;
    let config = request.get("toolConfig")?;
    let choice = config.get("toolChoice").and_then(arm);
    let specs = || items(config, "tools").iter().filter_map(|tool| tool.get("toolSpec"));
    let last = items(request, "messages").last()?;
    let answered = items(last, "content").iter().any(|block| block.get("toolResult").is_some());
    let spec = match choice {
        Some(("tool", tool)) => specs().find(|spec| text(spec, "name") == text(tool, "name"))?,
        Some(("any", _)) => specs().next()?,
        _ if answered => return None,
        _ => specs().next()?,
    };
    Some((text(spec, "name"), spec.get("inputSchema").and_then(|schema| schema.get("json")).unwrap_or(ANYTHING)))
}

/// The schema that a text must satisfy, if one is asked for.
fn wanted_form(request: &Tree) -> Option<Tree> {
    let structure = request.get("outputConfig")?.get("textFormat")?.get("structure")?;
    Tree::parse_text(text(structure.get("jsonSchema")?, "schema")).ok()
}

/// Whether the request asks for reasoning: by an effort, or by a member of that name in the model's own fields.
fn wants_reasoning(format: &Format<'_>, request: &Tree) -> bool {
    let off = |value: &Tree| match value {
        Tree::Null | Tree::Bool(false) => true,
        Tree::Str(word) => matches!(word.as_str(), "none" | "disabled" | "off" | ""),
        Tree::Num(_) => value.as_f64() == Some(0.0),
        _ => false,
    };
    let effort = request.get("outputConfig").and_then(|config| config.get("effort"));
    if effort.is_some_and(|effort| !off(effort)) {
        return true;
    }
    let Some(fields) = request.get("additionalModelRequestFields").and_then(Tree::as_object) else { return false };
    let named = |name: &str| name.contains("reasoning") || name.contains("thinking");
    let asks = |(name, value): &(String, Tree)| {
        let switch = value.get("type").or_else(|| value.get("enabled"));
        named(&name.to_lowercase()) && !off(value) && !switch.is_some_and(off)
    };
    fields.members().iter().any(asks) && (format.known.is_none() || format.has("reasoning"))
}

/// How many tokens a request has: of all its texts, its instructions and its tools.
pub(crate) fn input_tokens(request: &Tree) -> u64 {
    let parts = ["system", "messages", "toolConfig"].into_iter().filter_map(|name| request.get(name));
    parts.map(tree_tokens).sum::<u64>().max(1)
}

fn tree_tokens(tree: &Tree) -> u64 {
    match tree {
        Tree::Str(text) => count(text),
        Tree::Arr(list) => list.items().iter().map(tree_tokens).sum(),
        // Media are told by their size, which is not in proportion to their letters.
        Tree::Obj(object) => {
            object.members().iter().filter(|(name, _)| name != "bytes").map(|(_, v)| tree_tokens(v)).sum()
        }
        _ => 1,
    }
}
