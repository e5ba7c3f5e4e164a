//! Answers and faults that are written down, in YAML. The first entry that is about a request answers it.
//!
//! ```yaml
//! answers:
//!   - when: { text: weather, operation: [converse, converse-stream] }
//!     call: { name: forecast, input: { city: Lima } }
//!   - when: { model: "us.*" }
//!     times: 1
//!     fault: throttle
//!   - text: It is sunny.
//! otherwise: echo
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use outcrop_lang::node::Node;
use outcrop_runtime::model_id::Glob;
use outcrop_runtime::tree::{Object, write_str};
use outcrop_runtime::{Call, Kind, Tree};

use super::convert::{self, Written};
use super::echo::{Block, Echo, Reply, count, last_text};
use super::speak;
use crate::ask::{Ask, Operation};
use crate::config::Text;
use crate::failure::Failure;
use crate::fault::{Fault, Plan, parse};
use crate::files::{File, list};
use crate::models::Models;
use crate::reply::Answer;
use crate::server::StartError;
use crate::validate;

/// What is written down.
pub(crate) struct Script {
    entries: Vec<Entry>,
    echo: Echo,
    /// Whether the echo answers what no entry is about.
    otherwise_echo: bool,
}

struct Entry {
    when: When,
    says: Option<Says>,
    delay: Duration,
    pace: Duration,
    faults: Vec<Fault>,
    /// How often it is still to answer.
    times: AtomicU64,
}

#[derive(Debug, Default)]
struct When {
    model: Option<String>,
    operations: Vec<Operation>,
    text: Option<String>,
    body: Option<Tree>,
}

enum Says {
    Written(Written),
    Blocks { blocks: Vec<Block>, stop: String, input: Option<u64>, output: Option<u64> },
}

const ENTRY: &[&str] = &[
    "when",
    "text",
    "reasoning",
    "call",
    "stop",
    "usage",
    "converse",
    "native",
    "events",
    "chunks",
    "delay_ms",
    "pace_ms",
    "fault",
    "times",
];

impl Script {
    pub(crate) fn read(text: &Text, _models: &Models, echo: Echo) -> Result<Self, StartError> {
        let (file, node) = File::read(text, "script")?;
        let top = file.members(&node, &["answers", "otherwise"])?;
        let answers = top.get("answers").ok_or_else(|| file.fault(&node, "a script needs a list of `answers`"))?;
        let entries = list(answers).iter().map(|node| entry(&file, node)).collect::<Result<_, _>>()?;
        let otherwise = top.word("otherwise", &["refuse", "echo"])?;
        Ok(Self { entries, echo, otherwise_echo: otherwise == Some("echo") })
    }

    pub(crate) async fn answer(&self, models: &Arc<Models>, ask: &Ask, seed: u64) -> Result<(Answer, Plan), Failure> {
        let body = validate::json(&ask.body)?;
        let told = told(models, ask, &body);
        let Some(entry) = self.entries.iter().find(|entry| entry.when.holds(ask, &body, &told) && entry.take()) else {
            if self.otherwise_echo {
                return self.echo.answer(models, ask, seed).await.map(|answer| (answer, Plan::default()));
            }
            let why = format!(
                "no answer of the script is about this request ({} of `{}`, `{}`); add one without `when`, or `otherwise: echo`",
                ask.operation.path(),
                ask.id,
                told.chars().take(80).collect::<String>()
            );
            return Err(Failure::invalid(why));
        };
        let mut plan = Plan::default();
        for fault in &entry.faults {
            plan.add(fault, ask.operation.streams());
        }
        tokio::time::sleep(entry.delay + plan.latency).await;
        if plan.stall {
            std::future::pending::<()>().await;
        }
        if let Some(failure) = plan.failure.take() {
            return Err(failure);
        }
        let answer = match &entry.says {
            None => self.echo.answer(models, ask, seed).await?,
            Some(Says::Written(written)) => convert::answer(models, ask, written, &self.echo.telemetry)?,
            Some(Says::Blocks { blocks, stop, input, output }) => {
                let reply = reply(blocks, stop, (*input, *output), &told, seed);
                let format = if ask.operation.is_native() {
                    models.of_body(&ask.id, Kind::Request, &ask.body)?
                } else {
                    models.to_write(&ask.id)?
                };
                speak::reply(ask, &format, &body, reply, Duration::ZERO, &self.echo.telemetry)?
            }
        };
        let answer = match answer {
            Answer::Stream(items, headers) => Answer::Stream(speak::paced(items.boxed(), entry.pace), headers),
            whole @ Answer::Whole(_) => whole,
        };
        Ok((answer, plan))
    }
}

/// What the user said last, in whatever format; the whole body where no format is known. It is looked at to choose an
/// answer and goes nowhere, so nothing of it is lost.
fn told(models: &Models, ask: &Ask, body: &Tree) -> String {
    if !ask.operation.is_native() {
        return last_text(body);
    }
    let read = || {
        let format = models.of_body(&ask.id, Kind::Request, &ask.body).ok()?;
        let call = Call { model: &format.model, ..Call::default() };
        let read = format.family.entry.codec.decode(Kind::Request, &call, &ask.body).ok()?;
        Tree::parse(&read.body).ok()
    };
    read().map_or_else(|| String::from_utf8_lossy(&ask.body).into_owned(), |request| last_text(&request))
}

fn reply(blocks: &[Block], stop: &str, (input, output): (Option<u64>, Option<u64>), told: &str, seed: u64) -> Reply {
    let mut blocks = blocks.to_vec();
    let mut random = fastrand::Rng::with_seed(seed);
    for block in &mut blocks {
        if let Block::Call { id, .. } = block
            && id.is_empty()
        {
            id.push_str("tooluse_");
            id.extend(std::iter::repeat_with(|| random.alphanumeric()).take(22));
        }
    }
    let length = |block: &Block| match block {
        Block::Text(text) | Block::Reasoning { text, .. } => count(text),
        Block::Call { name, input, .. } => count(name) + count(input),
    };
    let output_tokens = output.unwrap_or_else(|| blocks.iter().map(length).sum::<u64>().max(1));
    Reply {
        stop: stop.to_owned(),
        input_tokens: input.unwrap_or_else(|| count(told).max(1)),
        output_tokens,
        latency_ms: 20 + output_tokens.saturating_mul(2),
        blocks,
        ..Reply::default()
    }
}

impl Entry {
    /// Takes one of the times that it answers.
    fn take(&self) -> bool {
        self.times.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

impl When {
    fn holds(&self, ask: &Ask, body: &Tree, told: &str) -> bool {
        self.model.as_deref().is_none_or(|model| Glob(model).matches(&ask.id))
            && (self.operations.is_empty() || self.operations.contains(&ask.operation))
            && self.text.as_deref().is_none_or(|text| told.contains(text))
            && self.body.as_ref().is_none_or(|part| is_part(part, body))
    }
}

/// Whether all that the first says is in the second: members of objects, elements of lists by their index.
fn is_part(part: &Tree, whole: &Tree) -> bool {
    match (part, whole) {
        (Tree::Obj(part), Tree::Obj(_)) => {
            part.members().iter().all(|(name, value)| whole.get(name).is_some_and(|there| is_part(value, there)))
        }
        (Tree::Arr(part), Tree::Arr(whole)) => {
            part.items().len() <= whole.items().len()
                && part.items().iter().zip(whole.items()).all(|(p, w)| is_part(p, w))
        }
        _ => part == whole,
    }
}

fn entry(file: &File, node: &Node) -> Result<Entry, StartError> {
    let line = file.members(node, ENTRY)?;
    let json = |node: &Node| Tree::parse_text(&node.to_json()).map_err(|e| file.fault(node, e.message));
    let mut when = When::default();
    if let Some(node) = line.get("when") {
        let part = file.members(node, &["model", "operation", "text", "body"])?;
        when.model = part.text("model")?.map(str::to_owned);
        when.text = part.text("text")?.map(str::to_owned);
        when.body = part.get("body").map(json).transpose()?;
        for node in part.get("operation").map(list).unwrap_or_default() {
            let word = file.text(node)?;
            let known = Operation::ALL.map(Operation::path).join("`, `");
            let operation = Operation::of_path(word);
            when.operations.push(
                operation.ok_or_else(|| file.fault(node, format!("unknown operation `{word}`; there is `{known}`")))?,
            );
        }
    }
    let wholes = ["converse", "native", "events", "chunks"].map(|name| (name, line.get(name)));
    let mut written = wholes.iter().filter_map(|(name, node)| node.map(|node| (*name, node)));
    let parts = ["text", "reasoning", "call"].into_iter().find_map(|name| line.get(name));
    let says = match (written.next(), written.next(), parts) {
        (Some((_, _)), Some((_, other)), _) | (Some((_, _)), None, Some(other)) => {
            return Err(file.fault(other, "an entry answers in one form; keep one of them"));
        }
        (Some((name, node)), None, None) => {
            let all = |node: &Node| list(node).iter().map(json).collect::<Result<Vec<_>, _>>();
            Some(Says::Written(match name {
                "converse" => Written::Converse(json(node)?),
                "native" => Written::Native(json(node)?),
                "events" => Written::Events(all(node)?),
                _ => Written::Chunks(all(node)?),
            }))
        }
        (None, _, Some(_)) => {
            let mut blocks = Vec::new();
            if let Some(text) = line.text("reasoning")? {
                blocks.push(Block::Reasoning { text: text.to_owned(), signature: None });
            }
            if let Some(text) = line.text("text")? {
                blocks.push(Block::Text(text.to_owned()));
            }
            let calls = line.get("call").map(list).unwrap_or_default();
            for node in calls {
                blocks.push(call(file, node)?);
            }
            let stop = if calls.is_empty() { "end_turn" } else { "tool_use" };
            let stop = line.text("stop")?.unwrap_or(stop).to_owned();
            let usage = line.get("usage").map(|node| file.members(node, &["input", "output"])).transpose()?;
            let (input, output) = match usage {
                Some(usage) => (usage.count("input")?, usage.count("output")?),
                None => (None, None),
            };
            Some(Says::Blocks { blocks, stop, input, output })
        }
        (None, _, None) => None,
    };
    let faults = line.text("fault")?.map(parse).transpose();
    let faults = faults.map_err(|why| file.fault(line.get("fault").unwrap_or(node), why))?.unwrap_or_default();
    if says.is_none() && faults.is_empty() && line.get("delay_ms").is_none() {
        return Err(file.fault(
            node,
            "the entry says nothing; give `text`, `call`, `converse`, `native`, `events`, `chunks` or `fault`",
        ));
    }
    let ms = |name: &str| line.count(name).map(|ms| Duration::from_millis(ms.unwrap_or(0)));
    let times = AtomicU64::new(line.count("times")?.unwrap_or(u64::MAX));
    Ok(Entry { when, says, delay: ms("delay_ms")?, pace: ms("pace_ms")?, faults, times })
}

fn call(file: &File, node: &Node) -> Result<Block, StartError> {
    let call = file.members(node, &["id", "name", "input"])?;
    let name = call.text("name")?.ok_or_else(|| file.fault(node, "a call needs a `name`"))?;
    let input = call.get("input").map_or_else(|| "{}".to_owned(), Node::to_json);
    let input = Tree::parse_text(&input).map_err(|e| file.fault(node, e.message))?;
    let members =
        input.as_object().map(Object::members).ok_or_else(|| file.fault(node, "`input` must be a mapping"))?;
    let mut text = String::from("{");
    for (i, (name, value)) in members.iter().enumerate() {
        if i > 0 {
            text.push(',');
        }
        write_str(name, &mut text);
        text.push(':');
        value.write(&mut text);
    }
    text.push('}');
    Ok(Block::Call { id: call.text("id")?.unwrap_or_default().to_owned(), name: name.to_owned(), input: text })
}
