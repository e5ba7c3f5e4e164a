//! The model's own bodies.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use aws_sdk_bedrockruntime::operation::RequestId as _;
use aws_sdk_bedrockruntime::primitives::Blob;
use futures_core::Stream;
use tracing::{Instrument as _, Span};

use super::Client;
use super::chunks::{Chunks, Part};
use super::door::Exchange;
use super::opened::{Opened, Running};
use crate::Error;
use crate::guard::Size;
use crate::observe::{Call, Finished, Operation, Told};
use crate::usage::Rates;

const JSON: &str = "application/json";

/// A model's own answer.
#[derive(Debug, Clone)]
pub struct Invoked {
    /// The body.
    pub body: Vec<u8>,
    /// The headers that speak of it, lower case: token counts, latency, tier.
    pub headers: Vec<(String, String)>,
    /// What the call took: tokens that headers tell, cost, latencies, and the id of the request.
    pub call: Finished,
}

/// A model's own answer before its call is over.
pub(super) struct Whole {
    pub(super) body: Vec<u8>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) request_id: Option<String>,
}

pub(super) async fn invoke(client: &Client, model_id: &str, body: Vec<u8>) -> Result<Invoked, Error> {
    let call = client.begin(&client.asked(Operation::Invoke, model_id, None, None));
    match whole(client, call.span(), model_id, body, Vec::new()).await {
        Ok(Whole { body, headers, request_id }) => {
            let rates = Rates::of(model_id, client.region());
            let call = call.finish(rates, Told::by_headers(&headers).end(request_id));
            Ok(Invoked { body, headers, call })
        }
        Err(e) => {
            let e = client.about(e, model_id);
            call.fail(&e);
            Err(e)
        }
    }
}

/// Calls `InvokeModel`.
pub(super) async fn whole(
    client: &Client,
    span: &Span,
    model_id: &str,
    body: Vec<u8>,
    headers: Vec<(String, String)>,
) -> Result<Whole, Error> {
    guard(client, span, model_id, &body)?;
    let (sdk, hooks) = client.door.of(&client.sdk);
    let call = sdk.invoke_model().model_id(model_id).content_type(JSON).body(Blob::new(body));
    let exchange = Exchange::new(headers, false);
    let output = match hooks {
        None => exchange.over(span, pin!(call.send())).await?,
        Some(hooks) => exchange.over(span, pin!(call.customize().interceptor(hooks).send())).await?,
    };
    let request_id = output.request_id().map(str::to_owned);
    let headers = std::mem::take(&mut exchange.parts().told);
    Ok(Whole { body: output.body.into_inner(), headers, request_id })
}

fn guard(client: &Client, span: &Span, model_id: &str, body: &[u8]) -> Result<(), Error> {
    match &client.settings.guard {
        Some(guard) => span.in_scope(|| guard.check(model_id, Size::bytes(body.len() as u64))).map(drop),
        None => Ok(()),
    }
}

/// Opens a stream of `InvokeModelWithResponseStream`, again until its first chunk is there.
pub(super) async fn open(
    client: &Client,
    span: &Span,
    model_id: &str,
    body: Vec<u8>,
    sent: Vec<(String, String)>,
) -> Result<Running, Error> {
    guard(client, span, model_id, &body)?;
    // The SDK's blobs share their bytes, and attempts come one after the other: nothing is copied for one that may never be.
    let (body, exchange) = (Blob::new(body), Exchange::new(sent, true));
    let once = || once(client, model_id, body.clone(), exchange.clone());
    Running::start(client, once).instrument(span.clone()).await
}

async fn once(client: &Client, model_id: &str, body: Blob, exchange: Exchange) -> Result<Opened, Error> {
    let (sdk, hooks) = client.door.of(&client.sdk);
    let call = sdk.invoke_model_with_response_stream();
    let call = call.model_id(model_id).content_type(JSON).body(body);
    let output = match hooks {
        None => exchange.over(&Span::none(), pin!(call.send())).await?,
        Some(hooks) => exchange.over(&Span::none(), pin!(call.customize().interceptor(hooks).send())).await?,
    };
    let request_id = output.request_id().map(str::to_owned);
    let mut parts = exchange.parts();
    let (headers, stream) = (std::mem::take(&mut parts.told), parts.stream.take());
    Ok(Opened { chunks: Chunks::native(stream, output.body), headers, request_id })
}

pub(super) async fn stream(client: &Client, model_id: &str, body: Vec<u8>) -> Result<InvokeStream, Error> {
    let call = client.start(&client.asked(Operation::InvokeStream, model_id, None, None));
    match open(client, call.span(), model_id, body, Vec::new()).await {
        Ok(from) => {
            let (headers, request_id) = (from.headers().to_vec(), from.request_id().map(str::to_owned));
            let (told, client) = (Told::by_headers(&headers), client.clone());
            Ok(InvokeStream { from: Some(from), headers, request_id, told, call: Some(call), finished: None, client })
        }
        Err(e) => {
            let e = client.about(e, model_id);
            call.fail(&e);
            Err(e)
        }
    }
}

/// A model's own chunks, as they come.
#[derive(Debug)]
pub struct InvokeStream {
    /// None after the end: the connection is closed then.
    from: Option<Running>,
    headers: Vec<(String, String)>,
    request_id: Option<String>,
    told: Told,
    /// None after the end.
    call: Option<Call>,
    finished: Option<Finished>,
    client: Client,
}

impl InvokeStream {
    /// The headers that speak of the answer, lower case.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The service's id of the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// What the call took, once the stream has ended well: tokens that headers or the service's metrics in the last chunk tell,
    /// cost, latencies, and the id of the request.
    #[must_use]
    pub fn call(&self) -> Option<&Finished> {
        self.finished.as_ref()
    }

    /// The next chunk; none after the last. The same as `next` of the extension traits of streams.
    pub async fn recv(&mut self) -> Option<Result<Vec<u8>, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    fn end(&mut self, failed: Option<Error>) -> Option<Result<Vec<u8>, Error>> {
        self.from = None;
        let call = self.call.take()?;
        match failed {
            None => {
                self.finished = Some(call.finish(std::mem::take(&mut self.told).end(self.request_id.clone())));
                None
            }
            Some(e) => {
                let e = self.client.about(e.in_request(self.request_id.as_deref()), &call.info().model_id);
                call.fail(&e);
                Some(Err(e))
            }
        }
    }
}

impl Stream for InvokeStream {
    type Item = Result<Vec<u8>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(from) = &mut self.from else { return Poll::Ready(None) };
            return Poll::Ready(match ready!(Pin::new(from).poll_next(cx)) {
                Some(Ok(Part::Chunk(chunk))) => {
                    self.told.by_chunk(&chunk);
                    if let Some(call) = &mut self.call {
                        call.event();
                    }
                    Some(Ok(chunk))
                }
                // A native stream has no others.
                Some(Ok(Part::Event(_))) => continue,
                Some(Err(e)) => self.end(Some(e)),
                None => self.end(None),
            });
        }
    }
}
