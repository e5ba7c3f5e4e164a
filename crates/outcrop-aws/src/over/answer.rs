//! An answer that is no stream: its body is collected, then translated.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_types::body::SdkBody;
use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};
use outcrop::runtime::{Code, Error, Kind};

use super::going::Going;

/// The service's own limit of a body is 25,000,000 bytes; what is much larger does not come from it.
const LIMIT: usize = 32 << 20;

/// Given for each part that comes: the SDK's guard against stalled answers watches the translated body, and would take one
/// that comes slowly for one that does not come. JSON may begin with white space.
const ALIVE: &[u8] = b" ";

/// The Converse body of a native one.
pub(super) fn body(native: SdkBody, going: Arc<Going>, headers: Vec<(String, String)>) -> SdkBody {
    let answer = Answer { native, going, headers, first: Bytes::new(), more: BytesMut::new(), done: false };
    SdkBody::from_body_1_x(answer)
}

struct Answer {
    native: SdkBody,
    going: Arc<Going>,
    headers: Vec<(String, String)>,
    /// The first part of the body, which is nearly always all of it.
    first: Bytes,
    /// All parts, as soon as there are several.
    more: BytesMut,
    done: bool,
}

impl Answer {
    fn take(&mut self, part: Bytes) -> Result<(), Error> {
        let so_far = self.first.len().max(self.more.len());
        if so_far + part.len() > LIMIT {
            let why = format!("the answer is larger than {LIMIT} bytes; ask for less at once");
            return Err(Error::new(Code::TooLarge, why));
        }
        if so_far == 0 {
            self.first = part;
        } else {
            if self.more.is_empty() {
                self.more.extend_from_slice(&self.first);
            }
            self.more.extend_from_slice(&part);
        }
        Ok(())
    }

    fn translate(&self) -> Result<Vec<u8>, Error> {
        let native = if self.more.is_empty() { &*self.first } else { &*self.more };
        let call = self.going.call(&self.headers);
        let converse = self.going.format.entry.codec.decode(Kind::Response, &call, native)?;
        self.going.tell(Kind::Response, &converse.report);
        if let Some(watched) = &self.going.watched {
            watched.sources(converse.report.usage);
        }
        Ok(converse.body)
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.done {
            return Poll::Ready(None);
        }
        let made = match ready!(Pin::new(&mut self.native).poll_frame(cx)) {
            // What is no data are trailers, which the service does not send.
            Some(Ok(frame)) => match self.take(frame.into_data().unwrap_or_default()) {
                Ok(()) if self.native.is_end_stream() => self.translate(),
                Ok(()) => return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(ALIVE))))),
                Err(e) => Err(e),
            },
            Some(Err(e)) => {
                self.done = true;
                return Poll::Ready(Some(Err(e)));
            }
            None => self.translate(),
        };
        self.done = true;
        let made = made.map(|converse| Frame::data(converse.into()));
        Poll::Ready(Some(made.map_err(|e| self.going.error(Kind::Response, e).into())))
    }
}
