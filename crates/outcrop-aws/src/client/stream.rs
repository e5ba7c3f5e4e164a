//! An answer in events.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use outcrop::stream::Decoder;
use outcrop_runtime::usage::Sources;
use outcrop_runtime::{Code, Error as Refusal, Report};

use super::begin::Begun;
use super::chunks::Part;
use super::collect::Collect;
use super::opened::Running;
use super::{Client, Converse};
use crate::Error;
use crate::convert::FromSdk as _;
use crate::frames::early_end;
use crate::observe::{Call, Finished, Told};
use crate::types::{ConverseStreamOutput, Owned as _};

/// An event of a stream.
pub type ConverseEvent = ConverseStreamOutput;

/// An answer that comes in events. Nothing but the first chunk is received before it is asked for.
///
/// It ends with `None` after a whole answer, and with an error, once, if the stream breaks off: the events that came
/// before it have been given by then.
pub struct ConverseStream {
    /// None after the end: the connection is closed then.
    from: Option<Running>,
    /// None if the events are the service's own.
    decoder: Option<Decoder<'static>>,
    ready: VecDeque<ConverseEvent>,
    /// Comes after the events that are ready.
    failed: Option<Error>,
    told: Told,
    report: Option<Report>,
    call: Option<Call>,
    finished: Option<Finished>,
    family: Option<&'static str>,
    sent: Report,
    request_id: Option<String>,
    client: Client,
}

impl fmt::Debug for ConverseStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConverseStream")
            .field("family", &self.family)
            .field("from", &self.from)
            .field("ready", &self.ready.len())
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}

impl ConverseStream {
    pub(super) fn new(client: &Client, call: Call, family: Option<&'static str>, begun: Begun) -> Self {
        let Begun { from, decoder, sent } = begun;
        Self {
            request_id: from.request_id().map(str::to_owned),
            from: Some(from),
            decoder,
            ready: VecDeque::new(),
            failed: None,
            told: Told::default(),
            report: None,
            call: Some(call),
            finished: None,
            family,
            sent,
            client: client.clone(),
        }
    }

    /// The family whose format is spoken; none if the events are the service's own.
    #[must_use]
    pub fn family(&self) -> Option<&'static str> {
        self.family
    }

    /// The service's id of the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
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

    /// What the call took: once the last event of a whole answer has been given.
    #[must_use]
    pub fn call(&self) -> Option<&Finished> {
        self.finished.as_ref()
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
        let mut answer = Collect::default();
        while let Some(event) = self.recv().await {
            answer.push(event?).map_err(|e| self.about(e))?;
        }
        let response = answer.finish().map_err(|e| self.about(e))?;
        let Some(call) = self.finished else {
            // It was read to its end before.
            let why = "the stream has ended, and nothing of it is left to collect; collect it as soon as it is there";
            return Err(Refusal::new(Code::StreamOrder, why).into());
        };
        Ok(Converse { response, family: self.family, sent: self.sent, report: self.report.unwrap_or_default(), call })
    }

    fn about(&self, error: Refusal) -> Error {
        Error::from(error).in_request(self.request_id.as_deref())
    }

    /// Takes a part; the events that it gives before it fails are kept.
    fn take(&mut self, part: Part) -> Result<(), Refusal> {
        match part {
            Part::Event(event) => {
                let event = ConverseEvent::from_sdk(*event)?;
                // It is the last event, and who has it need not ask for more.
                if self.told.has_stopped() && matches!(event, ConverseEvent::Metadata(_)) {
                    self.report = Some(Report::default());
                }
                self.ready.push_back(event);
            }
            Part::Chunk(chunk) => {
                if let Some(decoder) = &mut self.decoder {
                    let mut kept = Kept::new(&mut self.ready);
                    decoder.push_typed(&chunk, &mut |event| kept.keep(ConverseEvent::own(&event)))?;
                    kept.failed?;
                    if let Some(from) = &mut self.from {
                        from.recycle(chunk);
                    }
                }
            }
        }
        Ok(())
    }

    /// The stream is at its end.
    fn finish(&mut self) -> Result<(), Refusal> {
        self.report = Some(match &mut self.decoder {
            Some(decoder) => {
                let mut kept = Kept::new(&mut self.ready);
                let report = decoder.finish_typed(&mut |event| kept.keep(ConverseEvent::own(&event)))?;
                kept.failed?;
                report
            }
            // The SDK gives an end like any other.
            None if self.report.is_none() && !self.told.has_stopped() => return Err(early_end()),
            None => Report::default(),
        });
        Ok(())
    }

    fn fail(&mut self, error: Error) {
        self.from = None;
        let error = error.in_request(self.request_id.as_deref());
        self.failed = Some(match &self.call {
            Some(call) => self.client.about(error, &call.info().model_id),
            None => error,
        });
    }

    /// Gives an event that is ready. With the last one the call is over: who takes it may well ask no further.
    fn give(&mut self) -> Option<ConverseEvent> {
        let event = self.ready.pop_front()?;
        if let Some(call) = &mut self.call {
            call.event();
        }
        let sources = self.report.as_ref().map_or_else(Sources::default, |report| report.usage);
        self.told.hear(&event, sources);
        if self.ready.is_empty() {
            self.over();
        }
        Some(event)
    }

    /// Tells the end of a call that has come to it, once.
    fn over(&mut self) {
        if self.report.is_some()
            && let Some(call) = self.call.take()
        {
            self.finished = Some(call.finish(std::mem::take(&mut self.told).end(self.request_id.clone())));
        }
    }
}

/// Keeps events, up to one that cannot be kept.
struct Kept<'r> {
    ready: &'r mut VecDeque<ConverseEvent>,
    failed: Result<(), Refusal>,
}

impl<'r> Kept<'r> {
    fn new(ready: &'r mut VecDeque<ConverseEvent>) -> Self {
        Self { ready, failed: Ok(()) }
    }

    fn keep(&mut self, event: Result<ConverseEvent, Refusal>) {
        match event {
            Ok(event) if self.failed.is_ok() => self.ready.push_back(event),
            Ok(_) => {}
            Err(e) => self.failed = Err(e),
        }
    }
}

impl Stream for ConverseStream {
    type Item = Result<ConverseEvent, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(event) = this.give() {
                return Poll::Ready(Some(Ok(event)));
            }
            if let Some(error) = this.failed.take() {
                if let Some(call) = this.call.take() {
                    call.fail(&error);
                }
                return Poll::Ready(Some(Err(error)));
            }
            let Some(from) = &mut this.from else {
                this.over();
                return Poll::Ready(None);
            };
            match ready!(Pin::new(from).poll_next(cx)) {
                Some(Ok(part)) => {
                    if let Err(e) = this.take(part) {
                        this.fail(e.into());
                    }
                }
                Some(Err(e)) => this.fail(e),
                None => {
                    this.from = None;
                    if let Err(e) = this.finish() {
                        this.fail(e.into());
                    }
                }
            }
        }
    }
}
