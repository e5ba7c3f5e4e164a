//! Answers in one form as the form that was asked for. All ways lead over Converse.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use outcrop_runtime::fold::fold;
use outcrop_runtime::tracker::Block;
use outcrop_runtime::unfold::unfold;
use outcrop_runtime::{Call, Error, Kind, Report, StreamCodec, Tree};

use super::speak::encoded;
use crate::ask::{Ask, Operation};
use crate::failure::Failure;
use crate::frames::Item;
use crate::json::{Members, arm, items};
use crate::models::{Format, Models, broken};
use crate::reply::{self, Answer, Whole};
use crate::telemetry::{Telemetry, Translated};

/// An answer as somebody wrote it down.
#[derive(Debug, Clone)]
pub(crate) enum Written {
    /// A Converse answer.
    Converse(Tree),
    /// A native answer.
    Native(Tree),
    /// Events of a ConverseStream, each an object with one member.
    Events(Vec<Tree>),
    /// Chunks of a native stream.
    Chunks(Vec<Tree>),
}

/// An answer in the form that was asked for. What needs no translation needs no family either.
pub(crate) fn answer(
    models: &Models,
    ask: &Ask,
    written: &Written,
    telemetry: &Arc<Telemetry>,
) -> Result<Answer, Failure> {
    let own = match (ask.operation, written) {
        (Operation::Converse, Written::Converse(body)) | (Operation::Invoke, Written::Native(body)) => {
            Some(Answer::Whole(Whole::json(reply::json(body))))
        }
        (Operation::ConverseStream, Written::Events(events)) => Some(of_events(events)),
        (Operation::InvokeStream, Written::Chunks(chunks)) => {
            let items: Vec<Item> = chunks.iter().map(|chunk| Item::Chunk(reply::json(chunk))).collect();
            Some(Answer::Stream(stream::iter(items).boxed(), Vec::new()))
        }
        _ => None,
    };
    if let Some(answer) = own {
        return Ok(answer);
    }
    let format = match written {
        Written::Native(body) => models.of_body(&ask.id, Kind::Response, body.to_string().as_bytes())?,
        Written::Chunks(chunks) => {
            let first = chunks.first().map(Tree::to_string).unwrap_or_default();
            models.of_body(&ask.id, Kind::Stream, first.as_bytes())?
        }
        _ if ask.operation.is_native() => models.of_body(&ask.id, Kind::Request, &ask.body)?,
        _ => models.to_write(&ask.id)?,
    };
    let (converse, report) = converse(&format, written).map_err(|e| broken(&e))?;
    let of = if matches!(written, Written::Chunks(_)) { Translated::Stream } else { Translated::Answer };
    let mut losses: Vec<String> = telemetry.lost(of, &report).into_iter().collect();
    let answer = match ask.operation {
        Operation::Converse => Answer::Whole(Whole::json(reply::json(&converse))),
        Operation::Invoke => {
            let (whole, report) = native(&format, &converse).map_err(|e| broken(&e))?;
            losses.extend(telemetry.lost(Translated::Answer, &report));
            Answer::Whole(whole)
        }
        Operation::ConverseStream => of_events(&events(&converse)),
        Operation::InvokeStream => {
            let events: Vec<String> = events(&converse).iter().map(Tree::to_string).collect();
            Answer::Stream(encoded(&format, stream::iter(events).boxed(), telemetry), Vec::new())
        }
        Operation::CountTokens => return Err(Failure::invalid("an answer that is written down counts no tokens")),
    };
    Ok(answer.telling(reply::answer_losses(losses)))
}

fn of_events(events: &[Tree]) -> Answer {
    let items: Vec<Item> = events.iter().filter_map(item).collect();
    Answer::Stream(stream::iter(items).boxed(), Vec::new())
}

/// An event, an object with one member, as an item; exceptions are among them.
pub(crate) fn item(event: &Tree) -> Option<Item> {
    let (name, body) = arm(event)?;
    let failed = name.ends_with("Exception");
    Some(if failed {
        Item::Failure(Failure::foreign(name, 500, Some(body)))
    } else {
        Item::Event(name.to_owned(), reply::json(body))
    })
}

/// Whatever was written as the Converse answer, and what Converse has no place for.
fn converse(format: &Format<'_>, written: &Written) -> Result<(Tree, Report), Error> {
    let call = Call { model: &format.model, ..Call::default() };
    let codec = format.family.entry.codec;
    match written {
        Written::Converse(body) => Ok((body.clone(), Report::default())),
        Written::Native(body) => {
            let read = codec.decode(Kind::Response, &call, body.to_string().as_bytes())?;
            Ok((Tree::parse(&read.body)?, read.report))
        }
        Written::Events(events) => Ok((fold(events)?, Report::default())),
        Written::Chunks(chunks) => {
            let mut events = Vec::new();
            let report = through(codec.stream_decoder(&call)?, chunks, &mut |event| {
                events.push(Tree::parse(event)?);
                Ok(())
            })?;
            Ok((fold(&events)?, report))
        }
    }
}

fn through(
    mut stream: Box<dyn StreamCodec + '_>,
    chunks: &[Tree],
    out: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
) -> Result<Report, Error> {
    let mut failed = Ok(());
    let mut take = |event: &[u8]| {
        if failed.is_ok() {
            failed = out(event);
        }
    };
    for chunk in chunks {
        stream.push(chunk.to_string().as_bytes(), &mut take)?;
    }
    let report = stream.finish(&mut take)?;
    failed.map(|()| report)
}

/// A Converse answer as the native one, with the headers that the service adds, and what the format has no place for.
fn native(format: &Format<'_>, converse: &Tree) -> Result<(Whole, Report), Error> {
    let call = Call { model: &format.model, ..Call::default() };
    let said = format.family.entry.codec.encode(Kind::Response, &call, converse.to_string().as_bytes())?;
    let mut headers = said.headers;
    headers.extend(counts(converse, &headers));
    Ok((Whole { status: 200, headers, body: Bytes::from(said.body) }, said.report))
}

/// The headers with the counts of an answer that are not there yet.
pub(crate) fn counts(converse: &Tree, there: &[(String, String)]) -> Vec<(String, String)> {
    const HEADERS: [(&str, &str); 4] = [
        ("inputTokens", "x-amzn-bedrock-input-token-count"),
        ("outputTokens", "x-amzn-bedrock-output-token-count"),
        ("cacheReadInputTokens", "x-amzn-bedrock-cache-read-input-token-count"),
        ("cacheWriteInputTokens", "x-amzn-bedrock-cache-write-input-token-count"),
    ];
    let Some(usage) = converse.get("usage") else { return Vec::new() };
    let missing = HEADERS.iter().filter(|(_, header)| !there.iter().any(|(known, _)| known == header));
    missing.filter_map(|(name, header)| Some(((*header).to_owned(), usage.get(name)?.as_int()?.to_string()))).collect()
}

/// A whole Converse answer as the events that it would have been streamed as.
pub(crate) fn events(converse: &Tree) -> Vec<Tree> {
    let message = converse.get("output").and_then(|output| output.get("message"));
    let role = message.and_then(|m| m.get("role")).and_then(Tree::as_str).unwrap_or("assistant");
    let mut out = vec![Tree::arm("messageStart", Tree::arm("role", Tree::str(role)))];
    let content = message.map(|message| items(message, "content")).unwrap_or_default();
    for (index, (block, start, deltas)) in content.iter().filter_map(unfold).enumerate() {
        let about = |member: Option<(&str, Tree)>| {
            let mut members = vec![("contentBlockIndex".to_owned(), Tree::Num(index.to_string()))];
            members.extend(member.map(|(name, value)| (name.to_owned(), value)));
            Tree::object(members)
        };
        // Texts and reasoning are not announced.
        if let Some(start) = start.filter(|_| !matches!(block, Block::Text | Block::Reasoning)) {
            out.push(Tree::arm("contentBlockStart", about(Some(("start", start)))));
        }
        out.extend(deltas.into_iter().map(|delta| Tree::arm("contentBlockDelta", about(Some(("delta", delta))))));
        out.push(Tree::arm("contentBlockStop", about(None)));
    }
    let some = |names: &[&str]| {
        let member = |name: &&str| Some(((*name).to_owned(), converse.get(name)?.clone()));
        Tree::object(names.iter().filter_map(member).collect())
    };
    out.push(Tree::arm("messageStop", some(&["additionalModelResponseFields", "stopReason"])));
    out.push(Tree::arm("metadata", some(&["metrics", "performanceConfig", "serviceTier", "trace", "usage"])));
    out
}

/// An event as codecs take it.
pub(crate) fn named(name: &str, payload: &[u8]) -> String {
    Members::new().raw(name, &String::from_utf8_lossy(payload)).finish()
}
