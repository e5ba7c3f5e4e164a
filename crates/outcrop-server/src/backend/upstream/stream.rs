//! Streams of another endpoint, frame by frame.

use std::time::Duration;

use bytes::Bytes;
use outcrop_runtime::{Call, StreamCodec};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::{Instrument as _, warn};

use super::Way;
use super::client::{Reached, next};
use crate::backend::convert::{self, named};
use crate::backend::metrics::with_first_byte;
use crate::backend::speak::{in_stream, received};
use crate::failure::Failure;
use crate::frames::{self, Item, Reader};
use crate::models::broken;
use crate::reply::Items;

/// Items that may wait for the caller. While they do, nothing is read.
const WAITING: usize = 2;

/// The same frames.
pub(super) fn plain(reached: Reached, idle: Duration) -> Items {
    let (send, receive) = mpsc::channel(WAITING);
    let passed = async move {
        let mut source = Source::new(reached, idle);
        loop {
            let item = match source.next().await {
                Ok(Some(message)) => Item::Frame(message),
                Ok(None) => return,
                Err(why) => broken_off(why),
            };
            let last = matches!(item, Item::Broken(_));
            if send.send(item).await.is_err() || last {
                return;
            }
        }
    };
    tokio::spawn(passed.in_current_span());
    received(receive)
}

/// The frames in another format.
pub(super) fn translated(reached: Reached, way: Way, idle: Duration) -> Items {
    let (send, receive) = mpsc::channel(WAITING);
    let passed = async move {
        if let Err(last) = translate(Source::new(reached, idle), way, &send).await
            && let Some(last) = last
        {
            // The caller may be gone.
            let _ = send.send(last).await;
        }
    };
    tokio::spawn(passed.in_current_span());
    received(receive)
}

/// The end of a stream that cannot be read on. The caller sees its connection break and cannot be told why; the log can.
fn broken_off(why: String) -> Item {
    warn!("the stream upstream broke off: {why}");
    Item::Broken(why)
}

/// Goes on until the end, or gives what comes last; nothing if the caller is gone.
async fn translate(mut source: Source, way: Way, send: &mpsc::Sender<Item>) -> Result<(), Option<Item>> {
    let failed = |failure: Failure| Some(Item::Failure(in_stream(failure)));
    let call = |side: &Option<_>| side.as_ref().map(|(_, model): &(_, String)| model.clone()).unwrap_or_default();
    let (their_model, our_model) = (call(&way.theirs), call(&way.ours));
    let theirs = Call { model: &their_model, ..Call::default() };
    let ours = Call { model: &our_model, ..Call::default() };
    let decoder = way.theirs.as_ref().map(|(entry, _)| entry.codec.stream_decoder(&theirs)).transpose();
    let encoder = way.ours.as_ref().map(|(entry, _)| entry.codec.stream_encoder(&ours)).transpose();
    let mut decoder = decoder.map_err(|e| failed(broken(&e)))?;
    let mut encoder = encoder.map_err(|e| failed(broken(&e)))?;
    let mut events: Vec<Vec<u8>> = Vec::new();
    let mut items: Vec<Item> = Vec::new();
    let (began, mut first_byte) = (Instant::now(), None);
    loop {
        let message = source.next().await.map_err(|why| Some(broken_off(why)))?;
        let ended = message.is_none();
        let waited = *first_byte.get_or_insert_with(|| began.elapsed().as_millis() as u64);
        let item = message.as_ref().map(frames::item).transpose().map_err(|why| Some(broken_off(why)))?.flatten();
        let read = match (item, decoder.as_mut()) {
            (Some(Item::Chunk(chunk)), Some(decoder)) => decoder.push(&chunk, &mut |event| events.push(event.to_vec())),
            (Some(Item::Event(name, payload)), None) => {
                events.push(named(&name, &payload).into_bytes());
                Ok(())
            }
            // It ends the stream, in whatever format.
            (Some(failure @ Item::Failure(_)), _) => return Err(Some(failure)),
            (None, Some(decoder)) if ended => {
                let ended = decoder.finish(&mut |event| events.push(event.to_vec()));
                ended.map(|report| way.telemetry.lost_in_stream("read", &report))
            }
            _ => Ok(()),
        };
        let failure = read.err();
        for event in events.drain(..) {
            if let Err(e) = written(&event, encoder.as_mut(), &mut items, waited) {
                return Err(failed(broken(&e)));
            }
        }
        if let (true, None, Some(encoder)) = (ended, &failure, encoder.as_mut()) {
            let mut take =
                |chunk: &[u8]| items.push(Item::Chunk(with_first_byte(&Bytes::copy_from_slice(chunk), waited)));
            let report = encoder.finish(&mut take).map_err(|e| failed(broken(&e)))?;
            way.telemetry.lost_in_stream("written", &report);
        }
        for item in items.drain(..) {
            send.send(item).await.map_err(|_| None)?;
        }
        if let Some(e) = failure {
            return Err(failed(broken(&e)));
        }
        if ended {
            return Ok(());
        }
    }
}

/// An event as items: itself, or the chunks that say it.
fn written(
    event: &[u8],
    encoder: Option<&mut Box<dyn StreamCodec + '_>>,
    items: &mut Vec<Item>,
    first_byte_ms: u64,
) -> Result<(), outcrop_runtime::Error> {
    match encoder {
        Some(encoder) => encoder.push(event, &mut |chunk| {
            items.push(Item::Chunk(with_first_byte(&Bytes::copy_from_slice(chunk), first_byte_ms)));
        }),
        None => {
            items.extend(convert::item(&outcrop_runtime::Tree::parse(event)?));
            Ok(())
        }
    }
}

/// Frames as they come.
struct Source {
    reached: Reached,
    reader: Reader,
    idle: Duration,
}

impl Source {
    fn new(reached: Reached, idle: Duration) -> Self {
        Self { reached, reader: Reader::new(), idle }
    }

    /// The next frame; nothing at the end. What breaks off is an error.
    async fn next(&mut self) -> Result<Option<aws_smithy_types::event_stream::Message>, String> {
        loop {
            if let Some(message) = self.reader.next()? {
                return Ok(Some(message));
            }
            match next(&mut self.reached.body, self.idle).await? {
                Some(data) => self.reader.push(&data),
                None if self.reader.is_empty() => return Ok(None),
                None => return Err("the stream upstream ends in the middle of a frame".to_owned()),
            }
        }
    }
}
