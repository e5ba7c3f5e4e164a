//! The chunks of a model's own stream, read out of their frames without the SDK's types, which would copy each several
//! times. Whatever is no chunk is left to the SDK's reader: exceptions, failures of the connection, damaged frames.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame};
use outcrop_runtime::{Error as Refusal, event_stream};

use crate::frames::{Cut, Frames};

/// The body that the SDK reads instead: empty until something comes that is no chunk, and then that is all there is.
#[derive(Debug, Clone, Default)]
pub(super) struct Rest(Arc<Mutex<VecDeque<Result<Bytes, BoxError>>>>);

impl Rest {
    fn push(&self, part: Result<Bytes, BoxError>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(part);
    }
}

impl Body for Rest {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let part = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        Poll::Ready(part.map(|part| part.map(Frame::data)))
    }
}

impl From<Rest> for SdkBody {
    fn from(rest: Rest) -> Self {
        Self::from_body_1_x(rest)
    }
}

/// The body of a stream, and what has been read of it.
pub(super) struct Native {
    body: SdkBody,
    frames: Frames,
    rest: Rest,
    /// Has the room of a chunk that has been read.
    spare: Vec<u8>,
}

impl fmt::Debug for Native {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Native").field("within", &self.frames.is_within()).finish_non_exhaustive()
    }
}

/// A frame.
enum Read {
    Chunk(Result<Vec<u8>, Refusal>),
    Exception(Bytes),
    Other,
}

impl Native {
    pub(super) fn new(body: SdkBody, rest: Rest) -> Self {
        Self { body, frames: Frames::default(), rest, spare: Vec::new() }
    }

    /// Takes back the room of a chunk, for the next one.
    pub(super) fn recycle(&mut self, chunk: Vec<u8>) {
        self.spare = chunk;
    }

    /// The next chunk. None if there are no more: then the SDK's reader says why.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Vec<u8>, Refusal>>> {
        loop {
            let spare = &mut self.spare;
            let read = self.frames.next(|cut| match cut {
                Cut::Chunk(payload) => {
                    let mut chunk = std::mem::take(spare);
                    Read::Chunk(event_stream::chunk(payload, &mut chunk).map(|()| chunk))
                }
                Cut::Exception(frame) => Read::Exception(Bytes::copy_from_slice(frame)),
                Cut::Other(_) => Read::Other,
            });
            let last = match read {
                Ok(Some(Read::Chunk(chunk))) => return Poll::Ready(Some(chunk)),
                Ok(Some(Read::Exception(frame))) => Ok(frame),
                Ok(Some(Read::Other)) => {
                    tracing::debug!("a frame that is no chunk");
                    continue;
                }
                Ok(None) => match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                    Some(Ok(part)) => {
                        // What is no data are trailers, which the service does not send.
                        self.frames.push(part.into_data().unwrap_or_default());
                        continue;
                    }
                    Some(Err(e)) => Err(e),
                    None => Ok(self.frames.rest()),
                },
                // The SDK finds the same damage.
                Err(_) => Ok(self.frames.rest()),
            };
            self.rest.push(last);
            return Poll::Ready(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames;
    use bytes::BytesMut;
    use futures_util::FutureExt as _;

    fn chunks(bytes: &[u8]) -> (Vec<Vec<u8>>, Rest) {
        let rest = Rest::default();
        let mut native = Native::new(SdkBody::from(bytes.to_vec()), rest.clone());
        let mut found = Vec::new();
        while let Some(chunk) = std::future::poll_fn(|cx| native.poll(cx)).now_or_never().unwrap() {
            found.push(chunk.unwrap());
        }
        (found, rest)
    }

    fn left(rest: Rest) -> Vec<u8> {
        let parts = std::mem::take(&mut *rest.0.lock().unwrap());
        parts.into_iter().flat_map(|part| part.unwrap()).collect()
    }

    #[test]
    fn chunks_are_read_and_all_else_is_left() {
        let mut bytes = BytesMut::new();
        frames::event(&mut bytes, "chunk", br#"{"bytes":"e30=","p":"ab"}"#);
        frames::event(&mut bytes, "news", b"{}");
        frames::event(&mut bytes, "chunk", br#"{"bytes":"W10="}"#);
        let before = bytes.len();
        frames::exception(&mut bytes, "throttlingException", b"{}");
        let (found, rest) = chunks(&bytes);
        assert_eq!(found, [b"{}", b"[]"]);
        assert_eq!(left(rest), bytes[before..]);
    }

    #[test]
    fn a_frame_that_is_cut_short_or_damaged_is_left() {
        let mut bytes = BytesMut::new();
        frames::event(&mut bytes, "chunk", br#"{"bytes":"e30="}"#);
        let (found, rest) = chunks(&bytes[..bytes.len() - 1]);
        assert!(found.is_empty());
        assert_eq!(left(rest), bytes[..bytes.len() - 1]);
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        let (found, rest) = chunks(&bytes);
        assert!(found.is_empty());
        assert_eq!(left(rest), bytes);
    }
}
