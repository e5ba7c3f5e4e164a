//! A stream that has begun: opened again until its first part was there, and watched for stalls from then on.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::Client;
use super::chunks::{Chunks, Part};
use crate::Error;
use crate::idle::Timed;
use crate::retry::Begun;

/// A stream of which nothing has been received.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) chunks: Chunks,
    /// The headers that speak of the answer.
    pub(super) headers: Vec<(String, String)>,
    /// The service's id of the request.
    pub(super) request_id: Option<String>,
}

impl Stream for Opened {
    type Item = Result<Part, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.chunks).poll_next(cx);
        // A failed attempt tells its own request.
        next.map_err(|e| e.in_request(self.request_id.as_deref()))
    }
}

/// A stream of which the first part, or its end, is there.
#[derive(Debug)]
pub(super) struct Running(Begun<Timed<Opened>>);

impl Running {
    /// Opens it as the client's settings say.
    pub(super) async fn start<O>(client: &Client, mut once: impl FnMut() -> O) -> Result<Self, Error>
    where
        O: Future<Output = Result<Opened, Error>>,
    {
        let idle = client.settings.idle;
        let open = || {
            // The futures of the SDK are large.
            let opened = Box::pin(once());
            async move { opened.await.map(|opened| Timed::new(opened, idle)) }
        };
        client.settings.streams.open(open).await.map(Self)
    }

    fn opened(&self) -> &Opened {
        self.0.get_ref().get_ref()
    }

    /// Takes back the room of a chunk, for the next one.
    pub(super) fn recycle(&mut self, chunk: Vec<u8>) {
        self.0.get_pin_mut().get_pin_mut().get_mut().chunks.recycle(chunk);
    }

    pub(super) fn headers(&self) -> &[(String, String)] {
        &self.opened().headers
    }

    pub(super) fn request_id(&self) -> Option<&str> {
        self.opened().request_id.as_deref()
    }
}

impl Stream for Running {
    type Item = Result<Part, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(cx)
    }
}
