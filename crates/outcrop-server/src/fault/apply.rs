//! From items to the bytes of a body, with what is to go wrong.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream as streams};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{Plan, StreamFault};
use crate::frames::{Item, Writer};
use crate::reply::{Body, Items};
use crate::telemetry::Telemetry;

type Piece = Result<Bytes, String>;

/// An error in a body throws away what has not been written yet. What came before it shall arrive.
const FLUSH: Duration = Duration::from_millis(20);

/// Frames that may wait for the connection to take them.
const WAITING: usize = 4;

/// A stream as a body. Items are asked for only as fast as the caller reads; if it reads nothing for `unread`, or goes away,
/// they are dropped. `room` is given back at the end.
pub(crate) fn stream(
    items: Items,
    plan: Plan,
    (seed, native): (u64, bool),
    telemetry: &Arc<Telemetry>,
    (unread, room): (Duration, Option<OwnedSemaphorePermit>),
) -> Body {
    let telemetry = Arc::clone(telemetry);
    let (sender, receiver) = mpsc::channel::<Piece>(WAITING);
    tokio::spawn(async move {
        let _room = room;
        let mut pieces = std::pin::pin!(pieces(items, plan.stream, Writer::new(seed, native)));
        loop {
            let piece = tokio::select! {
                piece = pieces.next() => piece,
                () = sender.closed() => return,
            };
            let Some(piece) = piece else { return };
            match &piece {
                Ok(bytes) => telemetry.frame(bytes.len()),
                Err(_) => tokio::time::sleep(FLUSH).await,
            }
            if !matches!(tokio::time::timeout(unread, sender.send(piece)).await, Ok(Ok(()))) {
                return;
            }
        }
    });
    let pieces = streams::unfold(receiver, |mut from| async { from.recv().await.map(|piece| (piece, from)) });
    body(pieces)
}

fn body(pieces: impl Stream<Item = Piece> + Send + 'static) -> Body {
    let frames = pieces.map(|piece| piece.map(Frame::data).map_err(Into::into));
    StreamBody::new(frames).boxed_unsync()
}

/// What is left to do.
struct State {
    items: Items,
    writer: Writer,
    fault: Option<StreamFault>,
    sent: usize,
    /// What a frame was cut into.
    rest: Bytes,
    ended: bool,
}

fn pieces(items: Items, fault: Option<StreamFault>, writer: Writer) -> impl Stream<Item = Piece> + Send {
    let state = State { items, writer, fault, sent: 0, rest: Bytes::new(), ended: false };
    streams::unfold(state, |mut state| async { state.next().await.map(|piece| (piece, state)) })
}

impl State {
    async fn next(&mut self) -> Option<Piece> {
        if !self.rest.is_empty() {
            return Some(self.trickled().await);
        }
        if self.ended {
            return None;
        }
        let sent = self.sent;
        let item = match &self.fault {
            Some(StreamFault::Error { after, failure }) if *after <= sent => {
                self.ended = true;
                Item::Failure(failure.clone())
            }
            Some(StreamFault::Cut { after }) if *after <= sent => Item::Broken("cut, as a fault asked for".to_owned()),
            Some(StreamFault::End { after }) if *after <= sent => return None,
            Some(StreamFault::Stall { after }) if *after <= sent => std::future::pending().await,
            Some(StreamFault::UnknownEvent { after }) if *after == sent => {
                Item::Event("outcropUnknown".to_owned(), Bytes::from_static(b"{}"))
            }
            _ => {
                let item = self.items.next().await?;
                self.ended = matches!(item, Item::Failure(_));
                item
            }
        };
        let frame = match self.writer.frame(&item) {
            Ok(frame) => frame,
            Err(why) => {
                self.ended = true;
                return Some(Err(why));
            }
        };
        self.sent += 1;
        Some(match &self.fault {
            Some(StreamFault::CorruptCrc { after }) if *after == sent => {
                Ok(flipped(&frame, frame.len().saturating_sub(1)))
            }
            Some(StreamFault::CorruptPrelude { after }) if *after == sent => Ok(flipped(&frame, 11)),
            Some(StreamFault::CutInside { after }) if *after == sent => {
                // The next thing is the cut.
                self.fault = Some(StreamFault::Cut { after: 0 });
                Ok(frame.slice(..frame.len() / 2))
            }
            Some(StreamFault::Trickle { .. }) => {
                self.rest = frame;
                self.trickled().await
            }
            _ => Ok(frame),
        })
    }

    async fn trickled(&mut self) -> Piece {
        if let Some(StreamFault::Trickle { bytes, pause }) = self.fault {
            tokio::time::sleep(pause).await;
            return Ok(self.rest.split_to(bytes.min(self.rest.len())));
        }
        Ok(std::mem::take(&mut self.rest))
    }
}

/// The bytes with one of them wrong.
fn flipped(frame: &Bytes, at: usize) -> Bytes {
    let mut frame = BytesMut::from(frame.as_ref());
    if let Some(byte) = frame.get_mut(at) {
        *byte ^= 0xff;
    }
    frame.freeze()
}

/// A body a few bytes at a time.
pub(crate) fn trickle(whole: Bytes, bytes: usize, pause: Duration) -> Body {
    body(streams::unfold(whole, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let piece = rest.split_to(bytes.min(rest.len()));
        Some((Ok(piece), rest))
    }))
}

/// Half of a body; then nothing any more, or the end of the connection.
pub(crate) fn half(whole: Bytes, stall: bool) -> Body {
    let first = whole.slice(..whole.len() / 2);
    body(streams::unfold(Some(first), move |first| async move {
        match first {
            Some(first) => Some((Ok(first), None)),
            None if stall => std::future::pending().await,
            None => {
                tokio::time::sleep(FLUSH).await;
                Some((Err("cut, as a fault asked for".to_owned()), None))
            }
        }
    }))
}
