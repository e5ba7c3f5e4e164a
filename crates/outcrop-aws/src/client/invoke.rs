//! The model's own bodies.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_sdk_bedrockruntime::Client as Sdk;
use aws_sdk_bedrockruntime::operation::RequestId as _;
use aws_sdk_bedrockruntime::primitives::Blob;
use futures_core::Stream;

use super::Client;
use super::call::Headers;
use super::chunks::{Chunks, Part};
use crate::Error;

const JSON: &str = "application/json";

/// A model's own answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoked {
    /// The body.
    pub body: Vec<u8>,
    /// The headers that speak of it, lower case: token counts, latency, tier.
    pub headers: Vec<(String, String)>,
    /// The service's id of the request.
    pub request_id: Option<String>,
}

pub(super) async fn invoke(
    sdk: &Sdk,
    model_id: &str,
    body: Vec<u8>,
    headers: Vec<(String, String)>,
) -> Result<Invoked, Error> {
    let headers = Headers::new(headers);
    let call = sdk.invoke_model().model_id(model_id).content_type(JSON).accept(JSON).body(Blob::new(body));
    let output = call.customize().interceptor(headers.clone()).send().await?;
    let request_id = output.request_id().map(str::to_owned);
    Ok(Invoked { body: output.body.into_inner(), headers: headers.take(), request_id })
}

pub(super) async fn stream(
    client: &Client,
    model_id: &str,
    body: Vec<u8>,
    headers: Vec<(String, String)>,
) -> Result<InvokeStream, Error> {
    let headers = Headers::new(headers);
    let call = client.sdk.invoke_model_with_response_stream();
    let call = call.model_id(model_id).content_type(JSON).accept(JSON).body(Blob::new(body));
    let output = call.customize().interceptor(headers.clone()).send().await?;
    let request_id = output.request_id().map(str::to_owned);
    let chunks = Chunks::native(output.body);
    let on = (model_id.to_owned(), client.region().map(str::to_owned));
    Ok(InvokeStream { chunks, headers: headers.take(), request_id, on })
}

/// A model's own chunks, as they come.
#[derive(Debug)]
pub struct InvokeStream {
    pub(super) chunks: Chunks,
    pub(super) headers: Vec<(String, String)>,
    pub(super) request_id: Option<String>,
    /// Model and region of the call.
    pub(super) on: (String, Option<String>),
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
}

/// An error of a stream, with what is known of its call.
pub(super) fn about(error: Error, request_id: Option<&str>, on: &(String, Option<String>)) -> Error {
    error.in_request(request_id).on(&on.0, on.1.as_deref())
}

impl Stream for InvokeStream {
    type Item = Result<Vec<u8>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let part = ready!(Pin::new(&mut self.chunks).poll_next(cx));
            return Poll::Ready(match part {
                None => None,
                Some(Ok(Part::Chunk(chunk))) => Some(Ok(chunk)),
                // A native stream has no others.
                Some(Ok(Part::Event(_))) => continue,
                Some(Err(e)) => Some(Err(about(e, self.request_id.as_deref(), &self.on))),
            });
        }
    }
}
