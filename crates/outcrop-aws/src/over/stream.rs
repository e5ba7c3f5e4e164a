//! A stream: each chunk frame of the model becomes frames of Converse events, as it comes.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_types::body::SdkBody;
use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};
use outcrop::runtime::{Code, Error, Fate, Kind, StreamCodec, event_stream};
use outcrop::stream::{Decoder, Plan};

use super::going::Going;
use super::watch::Hearing;
use crate::error::seen;
use crate::frames::{self, Cut, Frames};

/// The event stream of Converse that a native one is.
pub(super) fn body(
    native: SdkBody,
    plan: &'static Plan,
    going: Arc<Going>,
    headers: &[(String, String)],
    hearing: Hearing,
) -> SdkBody {
    let decoder = Decoder::owned(plan, &going.call(headers));
    let (out, chunk) = (BytesMut::new(), Vec::new());
    let events = Events { out, chunk, hearing, unheard: false, ended: false, fault: None };
    let stream = Stream { native, frames: Frames::default(), decoder: Mutex::new(decoder), events, going };
    SdkBody::from_body_1_x(stream)
}

struct Stream {
    native: SdkBody,
    frames: Frames,
    /// A body must be `Sync`, which the memory of a decoder is not; it is never locked.
    decoder: Mutex<Decoder<'static>>,
    events: Events,
    going: Arc<Going>,
}

/// What is to be handed out: first the events, then the fault, then the end.
struct Events {
    out: BytesMut,
    /// The chunk that is being read, out of its base64.
    chunk: Vec<u8>,
    hearing: Hearing,
    /// Whether there was an event that the SDK has no type for.
    unheard: bool,
    ended: bool,
    fault: Option<Error>,
}

/// What has come is translated at once, but no more than this.
const BATCH: usize = 64 << 10;

/// What a family's own failure in the midst of a stream is in Converse.
const FAILURE: &str = "modelStreamErrorException";
/// A chunk that is none of Converse's events.
const NATIVE: &str = "native";

impl Events {
    /// Whether another frame is wanted. Who listens hears of events as they are handed out.
    fn may_take(&self) -> bool {
        !self.ended && (self.out.is_empty() || self.out.len() < BATCH && !self.hearing.listens())
    }

    fn fail(&mut self, error: Error) {
        self.ended = true;
        let error = self.fault.get_or_insert(error);
        self.hearing.fault(|| error.clone().into());
    }

    /// Adds an event, `{"name":payload}` as the decoder prints it.
    fn add(&mut self, event: &[u8]) {
        // Nothing counts after an exception.
        if self.ended {
            return;
        }
        let Some((name, payload)) = arm(event) else {
            return self.fail(Error::new(Code::MalformedJson, "an event without a name; please report it"));
        };
        if name == FAILURE {
            let start = self.out.len();
            frames::exception(&mut self.out, name, payload);
            self.hearing.exception(self.out.get(start..).unwrap_or_default());
            self.ended = true;
        } else {
            self.hearing.event(name, payload);
            self.unheard |= name == NATIVE;
            frames::event(&mut self.out, name, payload);
        }
    }

    fn take(&mut self, cut: Cut<'_>, decoder: &mut Decoder<'static>) {
        match cut {
            Cut::Chunk(payload) => {
                let mut chunk = std::mem::take(&mut self.chunk);
                let read = event_stream::chunk(payload, &mut chunk)
                    .and_then(|()| decoder.push(&chunk, &mut |event| self.add(event)));
                self.chunk = chunk;
                if let Err(e) = read {
                    self.fail(e);
                }
            }
            Cut::Exception(frame) => {
                self.out.extend_from_slice(frame);
                self.hearing.exception(frame);
                self.ended = true;
            }
            Cut::Other(frame) => self.out.extend_from_slice(frame),
        }
    }
}

/// Name and value of the only member of an object, which has no white space around them.
fn arm(event: &[u8]) -> Option<(&str, &[u8])> {
    let inner = event.strip_prefix(b"{\"")?.strip_suffix(b"}")?;
    let end = inner.iter().position(|b| *b == b'"')?;
    let (name, value) = inner.split_at_checked(end)?;
    Some((str::from_utf8(name).ok()?, value.strip_prefix(b"\":")?))
}

impl Stream {
    /// Takes the next frame, if it is there.
    fn next(&mut self) -> bool {
        let Self { frames, decoder, events, .. } = self;
        let decoder = decoder.get_mut().unwrap_or_else(PoisonError::into_inner);
        match frames.next(|cut| events.take(cut, decoder)) {
            Ok(taken) => taken.is_some(),
            Err(e) => {
                events.fail(e);
                true
            }
        }
    }

    /// The native stream is over: what was held back, and the report.
    fn finish(&mut self) {
        if self.frames.is_within() {
            let why = "the stream ended within a frame; the answer is incomplete, call again";
            return self.events.fail(Error::new(Code::StreamTruncated, why));
        }
        let Self { decoder, events, going, .. } = self;
        let decoder = decoder.get_mut().unwrap_or_else(PoisonError::into_inner);
        match decoder.finish(&mut |event| events.add(event)) {
            Ok(mut report) => {
                if events.unheard {
                    let why = "the SDK has no type for an event that only the model's own stream has";
                    report.add(Fate::Dropped, NATIVE, why);
                }
                going.tell(Kind::Stream, &report);
                events.hearing.finish(report.usage);
                events.ended = true;
            }
            Err(e) => events.fail(e),
        }
    }
}

impl Body for Stream {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        loop {
            while this.events.may_take() && this.next() {}
            if !this.events.out.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(this.events.out.split().freeze()))));
            }
            if this.events.ended {
                // The model need not go on for nobody.
                this.native = SdkBody::taken();
                let fault = this.events.fault.take().map(|error| this.going.error(Kind::Stream, error));
                return Poll::Ready(fault.map(|error| Err(error.into())));
            }
            match ready!(Pin::new(&mut this.native).poll_frame(cx)) {
                // Trailers say nothing here.
                Some(Ok(frame)) => this.frames.push(frame.into_data().unwrap_or_default()),
                Some(Err(e)) => {
                    this.events.ended = true;
                    this.events.hearing.fault(|| seen::broken(&*e));
                    return Poll::Ready(Some(Err(e)));
                }
                None => this.finish(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::arm;

    #[test]
    fn an_event_is_its_name_and_its_payload() {
        assert_eq!(arm(br#"{"metadata":{"a":{}}}"#), Some(("metadata", &br#"{"a":{}}"#[..])));
        for other in [&b""[..], b"{}", b"[]", br#"{"a"}"#, br#"{"a"#] {
            assert_eq!(arm(other), None);
        }
    }
}
