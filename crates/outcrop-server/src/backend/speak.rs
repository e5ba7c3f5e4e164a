//! A reply of ours in the form that was asked for: Converse as it stands, native through the codec of the family.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use outcrop_runtime::{Call, Kind, Report, Tree};
use tokio::sync::mpsc;
use tracing::Instrument as _;

use super::echo::Reply;
use super::metrics::with_first_byte;
use crate::ask::Ask;
use crate::failure::{Failure, Kind as Exception};
use crate::frames::Item;
use crate::json::{Members, items};
use crate::models::{Format, broken};
use crate::reply::{self, Answer, Items, Whole};
use crate::telemetry::{Telemetry, Translated};

/// Chunks that may wait.
const WAITING: usize = 4;

/// A reply as the answer to a request.
pub(crate) fn reply(
    ask: &Ask,
    format: &Format<'_>,
    request: &Tree,
    mut reply: Reply,
    pace: Duration,
    telemetry: &Arc<Telemetry>,
) -> Result<Answer, Failure> {
    let streams = ask.operation.streams();
    if !ask.operation.is_native() {
        reply.fields = fields(format, request, &reply);
        if streams {
            let events = reply.events(false).map(|(name, payload)| Item::Event(name.to_owned(), Bytes::from(payload)));
            return Ok(Answer::Stream(paced(stream::iter(events).boxed(), pace), Vec::new()));
        }
        return Ok(Answer::Whole(Whole::json(reply.body(false))));
    }
    if streams {
        let latency = reply.latency_ms;
        let events = reply.events(true).map(|(name, payload)| Members::new().raw(name, &payload).finish());
        let first = latency / 2;
        let items =
            encoded(format, stream::iter(events).boxed(), telemetry).map(move |item| began(item, first)).boxed();
        return Ok(Answer::Stream(paced(items, pace), Vec::new()));
    }
    let (whole, report) = native(format, &reply)?;
    Ok(Answer::Whole(whole).telling(reply::answer_losses(telemetry.lost(Translated::Answer, &report))))
}

/// A chunk that, if it has metrics, says when the first byte came.
fn began(item: Item, first_byte_ms: u64) -> Item {
    match item {
        Item::Chunk(chunk) => Item::Chunk(with_first_byte(&chunk, first_byte_ms)),
        other => other,
    }
}

/// A native body, with the headers that the service adds, and what the format has no place for.
fn native(format: &Format<'_>, reply: &Reply) -> Result<(Whole, Report), Failure> {
    let call = Call { model: &format.model, ..Call::default() };
    let body = reply.body(true);
    let said = format.family.entry.codec.encode(Kind::Response, &call, body.as_bytes()).map_err(|e| broken(&e))?;
    let mut headers = said.headers;
    let mut add = |name: &str, value: u64| {
        if !headers.iter().any(|(known, _)| known == name) {
            headers.push((name.to_owned(), value.to_string()));
        }
    };
    add("x-amzn-bedrock-input-token-count", reply.input_tokens);
    add("x-amzn-bedrock-output-token-count", reply.output_tokens);
    add("x-amzn-bedrock-invocation-latency", reply.latency_ms);
    if reply.caches {
        add("x-amzn-bedrock-cache-read-input-token-count", 0);
        add("x-amzn-bedrock-cache-write-input-token-count", 0);
    }
    Ok((Whole { status: 200, headers, body: Bytes::from(said.body) }, said.report))
}

/// Members of the native answer that a Converse request asks for, as far as it has them.
fn fields(format: &Format<'_>, request: &Tree, reply: &Reply) -> Option<String> {
    let paths = items(request, "additionalModelResponseFieldPaths");
    if paths.is_empty() {
        return None;
    }
    // Nobody gets this body: what it has no place for is not lost.
    let native = Tree::parse(&native(format, reply).ok()?.0.body).ok()?;
    let mut found = Tree::object(Vec::new());
    for path in paths.iter().filter_map(Tree::as_str) {
        let steps: Vec<String> = path.split('/').skip(1).map(|s| s.replace("~1", "/").replace("~0", "~")).collect();
        let value = steps.iter().try_fold(&native, |tree, step| match tree.as_list() {
            Some(list) => list.get(step.parse::<usize>().ok()?),
            None => tree.get(step),
        });
        // What stands in a list has no place of its own in an object.
        if let Some(value) =
            value.filter(|_| !steps.is_empty() && steps.iter().all(|step| step.parse::<usize>().is_err()))
        {
            put(&mut found, &steps, value.clone());
        }
    }
    Some(found).filter(|found| !found.is_empty()).map(|found| found.to_string())
}

fn put(into: &mut Tree, steps: &[String], value: Tree) {
    let (Tree::Obj(object), Some((step, rest))) = (into, steps.split_first()) else { return };
    if rest.is_empty() {
        object.set(step.clone(), value);
        return;
    }
    if object.get(step).is_none() {
        object.set(step.clone(), Tree::object(Vec::new()));
    }
    if let Some(inner) = object.get_mut(step) {
        put(inner, rest, value);
    }
}

/// Converse events, each an object with one member, as chunks of the format. They are encoded as fast as they are taken.
pub(crate) fn encoded(
    format: &Format<'_>,
    mut events: stream::BoxStream<'static, String>,
    telemetry: &Arc<Telemetry>,
) -> Items {
    let telemetry = Arc::clone(telemetry);
    let codec = format.family.entry.codec;
    let model = format.model.clone();
    let (send, receive) = mpsc::channel::<Item>(WAITING);
    let written = async move {
        let call = Call { model: &model, ..Call::default() };
        let mut encoder = match codec.stream_encoder(&call) {
            Ok(encoder) => encoder,
            Err(e) => return drop(send.send(Item::Failure(in_stream(broken(&e)))).await),
        };
        let mut chunks = Vec::new();
        let mut done = false;
        while !done {
            let event = events.next().await;
            done = event.is_none();
            let mut take = |chunk: &[u8]| chunks.push(Item::Chunk(Bytes::copy_from_slice(chunk)));
            let pushed = match &event {
                Some(event) => encoder.push(event.as_bytes(), &mut take),
                None => encoder.finish(&mut take).map(|report| telemetry.lost_in_stream("written", &report)),
            };
            if let Err(e) = pushed {
                chunks.push(Item::Failure(in_stream(broken(&e))));
                done = true;
            }
            for chunk in chunks.drain(..) {
                if send.send(chunk).await.is_err() {
                    return;
                }
            }
        }
    };
    tokio::spawn(written.in_current_span());
    received(receive)
}

/// What comes out of a channel.
pub(crate) fn received(receive: mpsc::Receiver<Item>) -> Items {
    stream::unfold(receive, |mut receive| async { receive.recv().await.map(|item| (item, receive)) }).boxed()
}

/// A failure as streams have it.
pub(crate) fn in_stream(failure: Failure) -> Failure {
    Failure { message: failure.message, ..Failure::new(Exception::ModelStreamError, "") }
}

/// Items with time between them.
pub(crate) fn paced(items: Items, pace: Duration) -> Items {
    if pace.is_zero() {
        return items;
    }
    items
        .then(move |item| async move {
            tokio::time::sleep(pace).await;
            item
        })
        .boxed()
}
