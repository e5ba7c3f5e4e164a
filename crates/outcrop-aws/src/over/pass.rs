//! A stream of the service's own Converse: it goes through as it is, and is listened to.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_smithy_eventstream::frame::read_message_from;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use outcrop::runtime::usage::Sources;

use super::watch::Hearing;
use crate::error::seen;
use crate::frames::{Cut, Frames, early_end};

/// The same body, listened to.
pub(super) fn body(native: SdkBody, hearing: Hearing) -> SdkBody {
    SdkBody::from_body_1_x(Passing { native, frames: Frames::default(), hearing })
}

struct Passing {
    native: SdkBody,
    /// What was handed out and is not a whole frame yet.
    frames: Frames,
    hearing: Hearing,
}

impl Passing {
    fn hear(&mut self, bytes: Bytes) {
        let Self { frames, hearing, .. } = self;
        if hearing.listens() {
            frames.push(bytes);
        }
        while hearing.listens() {
            match frames.next(|cut| listen(cut, hearing)) {
                Ok(Some(())) => {}
                Ok(None) => return,
                Err(e) => hearing.fault(|| e.into()),
            }
        }
        // Nothing more is listened to, nor kept.
        *frames = Frames::default();
    }

    fn end(&mut self) {
        // The SDK gives an end like any other to whoever reads it.
        if self.frames.is_within() || !self.hearing.has_stopped() {
            self.hearing.fault(|| early_end().into());
        }
        self.hearing.finish(Sources::default());
    }
}

fn listen(cut: Cut<'_>, hearing: &mut Hearing) {
    match cut {
        Cut::Exception(frame) => hearing.exception(frame),
        Cut::Other(frame) => {
            let Ok(message) = read_message_from(frame) else { return };
            let name = message.headers().iter().find(|header| header.name().as_str() == ":event-type");
            let Some(Ok(name)) = name.map(|name| name.value().as_string()) else { return };
            hearing.event(name.as_str(), message.payload());
            // It is the last event, and who has it need not ask for more.
            if name.as_str() == "metadata" && hearing.has_stopped() {
                hearing.finish(Sources::default());
            }
        }
        // Converse has none.
        Cut::Chunk(_) => {}
    }
}

impl Body for Passing {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let next = ready!(Pin::new(&mut self.native).poll_frame(cx));
        match &next {
            Some(Ok(frame)) => self.hear(frame.data_ref().cloned().unwrap_or_default()),
            Some(Err(e)) => self.hearing.fault(|| seen::broken(&**e)),
            None => self.end(),
        }
        Poll::Ready(next)
    }

    fn is_end_stream(&self) -> bool {
        self.native.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.native.size_hint()
    }
}
