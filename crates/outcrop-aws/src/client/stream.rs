//! An answer in events.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use aws_sdk_bedrockruntime::operation::RequestId as _;
use futures_core::Stream;
use outcrop::stream::Decoder;
use outcrop_runtime::fold::Fold;
use outcrop_runtime::{Error as Refusal, Report, Tree, cx};

use super::chunks::{Chunks, Part};
use super::invoke::{self, InvokeStream, about};
use super::{Client, Converse, encode};
use crate::Error;
use crate::convert::{FromSdk as _, converse_stream_input};
use crate::types::{ConverseRequest, ConverseResponse, ConverseStreamOutput, Owned as _};

/// An event of a stream.
pub type ConverseEvent = ConverseStreamOutput;

/// An answer that comes in events. Nothing is received before it is asked for.
///
/// It ends with `None` after a whole answer, and with an error, once, if the stream breaks off: the events that came
/// before it have been given by then.
pub struct ConverseStream {
    from: InvokeStream,
    /// None if the events are the service's own.
    decoder: Option<Decoder<'static>>,
    ready: VecDeque<ConverseEvent>,
    /// Comes after the events that are ready.
    failed: Option<Error>,
    ended: bool,
    begun: Instant,
    family: Option<&'static str>,
    sent: Report,
    report: Option<Report>,
}

impl fmt::Debug for ConverseStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConverseStream")
            .field("family", &self.family)
            .field("from", &self.from)
            .field("ready", &self.ready.len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl ConverseStream {
    /// The family whose format is spoken; none if the events are the service's own.
    #[must_use]
    pub fn family(&self) -> Option<&'static str> {
        self.family
    }

    /// The service's id of the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.from.request_id()
    }

    /// What of the request did not go through unchanged.
    #[must_use]
    pub fn sent(&self) -> &Report {
        &self.sent
    }

    /// What of the answer did not go through unchanged, and who said the token counts: once the stream has ended well.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }

    /// The next event; none after the last. The same as `next` of the extension traits of streams.
    pub async fn recv(&mut self) -> Option<Result<ConverseEvent, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// All events that are yet to come as one answer, which is the whole answer if none has been taken.
    ///
    /// # Errors
    ///
    /// That with which the stream breaks off.
    pub async fn collect(mut self) -> Result<Converse, Error> {
        let mut fold = Fold::default();
        while let Some(event) = self.recv().await {
            let event = event?.to_json();
            Tree::parse(&event).and_then(|event| fold.push(&event)).map_err(|e| self.about(e.into()))?;
        }
        let response = fold.finish().and_then(|response| ConverseResponse::from_json(response.to_string().as_bytes()));
        let response = response.map_err(|e| self.about(e.into()))?;
        Ok(Converse {
            response,
            family: self.family,
            sent: self.sent,
            report: self.report.unwrap_or_default(),
            request_id: self.from.request_id,
            elapsed: self.begun.elapsed(),
        })
    }

    fn about(&self, error: Error) -> Error {
        about(error, self.from.request_id(), &self.from.on)
    }

    /// Takes a chunk; the events that it gives before it fails are kept.
    fn take(&mut self, part: Part) -> Result<(), Refusal> {
        let ready = &mut self.ready;
        match part {
            Part::Event(event) => ready.push_back(ConverseEvent::from_sdk(event)?),
            Part::Chunk(chunk) => {
                let Some(decoder) = &mut self.decoder else { return Ok(()) };
                let mut failed = Ok(());
                decoder.push_typed(&chunk, &mut |event| keep(ready, &mut failed, ConverseEvent::own(&event)))?;
                failed?;
            }
        }
        Ok(())
    }

    /// The stream is at its end.
    fn finish(&mut self) -> Result<(), Refusal> {
        let ready = &mut self.ready;
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        let mut failed = Ok(());
        let report = decoder.finish_typed(&mut |event| keep(ready, &mut failed, ConverseEvent::own(&event)))?;
        self.report = Some(report);
        failed
    }

    fn fail(&mut self, error: Error) {
        self.from.chunks.close();
        self.ended = true;
        self.failed = Some(self.about(error));
    }
}

/// Keeps an event, unless one before it could not be kept.
fn keep(ready: &mut VecDeque<ConverseEvent>, failed: &mut Result<(), Refusal>, event: Result<ConverseEvent, Refusal>) {
    match event {
        Ok(event) if failed.is_ok() => ready.push_back(event),
        Ok(_) => {}
        Err(e) => *failed = Err(e),
    }
}

impl Stream for ConverseStream {
    type Item = Result<ConverseEvent, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(event) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            if let Some(error) = this.failed.take() {
                return Poll::Ready(Some(Err(error)));
            }
            if this.ended {
                return Poll::Ready(None);
            }
            match ready!(Pin::new(&mut this.from.chunks).poll_next(cx)) {
                Some(Ok(part)) => {
                    if let Err(e) = this.take(part) {
                        this.fail(e.into());
                    }
                }
                Some(Err(e)) => this.fail(e),
                None => {
                    this.ended = true;
                    if let Err(e) = this.finish() {
                        this.fail(e.into());
                    }
                }
            }
        }
    }
}

pub(super) async fn converse_stream(
    client: &Client,
    model_id: &str,
    request: ConverseRequest,
) -> Result<ConverseStream, Error> {
    let begun = Instant::now();
    let Some(format) = client.settings.format(model_id)? else {
        let from = pass_through(client, model_id, request).await?;
        return Ok(ConverseStream::new(from, None, None, Report::default(), begun));
    };
    let plan = format.entry.streams.ok_or_else(|| cx::no_operation(format.entry.spec))?;
    let sent = encode::request(&format, &client.settings.call(&format, &[]), &request)?;
    drop(request);
    let from = invoke::stream(client, model_id, sent.body, sent.headers).await?;
    let decoder = Decoder::owned(plan, &client.settings.call(&format, &from.headers));
    Ok(ConverseStream::new(from, Some(decoder), Some(format.entry.spec.family), sent.report, begun))
}

async fn pass_through(client: &Client, model_id: &str, request: ConverseRequest) -> Result<InvokeStream, Error> {
    let output = converse_stream_input(request)?.model_id(model_id).send_with(&client.sdk).await?;
    let request_id = output.request_id().map(str::to_owned);
    let on = (model_id.to_owned(), client.region().map(str::to_owned));
    Ok(InvokeStream { chunks: Chunks::converse(output.stream), headers: Vec::new(), request_id, on })
}

impl ConverseStream {
    fn new(
        from: InvokeStream,
        decoder: Option<Decoder<'static>>,
        family: Option<&'static str>,
        sent: Report,
        begun: Instant,
    ) -> Self {
        let (ready, failed, ended, report) = (VecDeque::new(), None, false, None);
        Self { from, decoder, ready, failed, ended, begun, family, sent, report }
    }
}
