//! What comes of a stream, as a stream. The SDK's receiver can only be awaited; chunks of a model's own are read before it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_sdk_bedrockruntime::primitives::event_stream::EventReceiver;
use aws_sdk_bedrockruntime::types::error::{ConverseStreamOutputError, ResponseStreamError};
use aws_sdk_bedrockruntime::types::{ConverseStreamOutput, ResponseStream};
use futures_core::Stream;

use super::native::Native;
use crate::Error;

/// A part of a stream.
#[derive(Debug)]
pub(super) enum Part {
    /// A chunk of the model's own.
    Chunk(Vec<u8>),
    /// An event of the service's own Converse.
    Event(Box<ConverseStreamOutput>),
}

/// The SDK's receivers.
enum Receiver {
    Native(EventReceiver<ResponseStream, ResponseStreamError>),
    Converse(EventReceiver<ConverseStreamOutput, ConverseStreamOutputError>),
}

impl Receiver {
    async fn next(&mut self) -> Result<Option<Part>, Error> {
        match self {
            Self::Native(receiver) => loop {
                match receiver.recv().await? {
                    None => return Ok(None),
                    Some(ResponseStream::Chunk(part)) => {
                        return Ok(Some(Part::Chunk(part.bytes.unwrap_or_default().into_inner())));
                    }
                    // The service may add kinds of frames, which are no chunks.
                    Some(_) => tracing::debug!("a frame of a kind that this version of the SDK does not know"),
                }
            },
            Self::Converse(receiver) => Ok(receiver.recv().await?.map(|event| Part::Event(Box::new(event)))),
        }
    }
}

type Waiting = Pin<Box<dyn Future<Output = (Box<Receiver>, Result<Option<Part>, Error>)> + Send>>;

/// The parts of a stream. Nothing is received before it is asked for.
pub(super) struct Chunks(State);

enum State {
    /// Chunks come; the receiver has what comes after them.
    Reading(Box<Native>, Box<Receiver>),
    Idle(Box<Receiver>),
    Waiting(Waiting),
    Done,
}

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::Reading(..) => "Reading",
            State::Idle(_) => "Idle",
            State::Waiting(_) => "Waiting",
            State::Done => "Done",
        })
    }
}

impl Chunks {
    /// `body`: what was taken from the receiver.
    pub(super) fn native(
        body: Option<Box<Native>>,
        receiver: EventReceiver<ResponseStream, ResponseStreamError>,
    ) -> Self {
        let receiver = Box::new(Receiver::Native(receiver));
        Self(match body {
            Some(body) => State::Reading(body, receiver),
            None => State::Idle(receiver),
        })
    }

    /// Takes back the room of a chunk, for the next one.
    pub(super) fn recycle(&mut self, chunk: Vec<u8>) {
        if let State::Reading(native, _) = &mut self.0 {
            native.recycle(chunk);
        }
    }

    pub(super) fn converse(receiver: EventReceiver<ConverseStreamOutput, ConverseStreamOutputError>) -> Self {
        Self(State::Idle(Box::new(Receiver::Converse(receiver))))
    }
}

impl Stream for Chunks {
    type Item = Result<Part, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let State::Reading(native, _) = &mut self.0
            && let Some(chunk) = ready!(native.poll(cx))
        {
            if chunk.is_err() {
                self.0 = State::Done;
            }
            return Poll::Ready(Some(chunk.map(Part::Chunk).map_err(Into::into)));
        }
        loop {
            match std::mem::replace(&mut self.0, State::Done) {
                State::Done => return Poll::Ready(None),
                State::Reading(_, receiver) => self.0 = State::Idle(receiver),
                State::Idle(mut receiver) => {
                    self.0 = State::Waiting(Box::pin(async move {
                        let next = receiver.next().await;
                        (receiver, next)
                    }));
                }
                State::Waiting(mut waiting) => {
                    let Poll::Ready((receiver, next)) = waiting.as_mut().poll(cx) else {
                        self.0 = State::Waiting(waiting);
                        return Poll::Pending;
                    };
                    // After an error nothing comes.
                    if let Ok(Some(_)) = &next {
                        self.0 = State::Idle(receiver);
                    }
                    return Poll::Ready(next.transpose());
                }
            }
        }
    }
}
