//! Answers: what a backend gives, and what goes over the wire.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use outcrop_runtime::Tree;

use crate::failure::Failure;
use crate::frames::Item;

/// Bodies of answers; an error in one breaks the connection.
pub(crate) type Body = UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;
/// Items that come one after the other.
pub(crate) type Items = Pin<Box<dyn Stream<Item = Item> + Send>>;

/// What a backend gives.
pub(crate) enum Answer {
    /// A body.
    Whole(Whole),
    /// A stream, with headers that go with it.
    Stream(Items, Vec<(String, String)>),
}

impl Answer {
    /// With a header that tells what was lost.
    pub(crate) fn telling(mut self, losses: Option<(String, String)>) -> Self {
        match &mut self {
            Self::Whole(Whole { headers, .. }) | Self::Stream(_, headers) => headers.extend(losses),
        }
        self
    }
}

/// A body with its headers.
#[derive(Debug, Clone)]
pub(crate) struct Whole {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Whole {
    /// A JSON body.
    pub(crate) fn json(body: impl Into<Bytes>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into() }
    }
}

/// The head and body of an answer that is no stream.
pub(crate) fn whole(answer: Whole, request_id: &str) -> Response<Body> {
    let Whole { status, headers, body } = answer;
    let length = body.len();
    let mut response = Response::new(full(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let head = response.headers_mut();
    head.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    head.insert(CONTENT_LENGTH, HeaderValue::from(length));
    identify(head, request_id);
    add(head, &headers);
    response
}

/// The answer to a request that failed.
pub(crate) fn failed(failure: &Failure, request_id: &str) -> Response<Body> {
    let mut headers = Vec::new();
    if let Some(after) = failure.retry_after {
        headers.push(("x-amz-retry-after".to_owned(), after.as_millis().to_string()));
        headers.push(("retry-after".to_owned(), after.as_secs_f64().ceil().to_string()));
    }
    if failure.bare {
        headers.push(("content-type".to_owned(), "text/html".to_owned()));
        let body = format!("<html><body>{} {}</body></html>", failure.status, failure.message);
        return whole(Whole { status: failure.status, headers, body: body.into() }, request_id);
    }
    headers.push(("x-amzn-ErrorType".to_owned(), failure.type_header()));
    whole(Whole { status: failure.status, headers, body: failure.body().into() }, request_id)
}

/// The head of a stream.
pub(crate) fn stream(body: Body, native: bool, headers: &[(String, String)], request_id: &str) -> Response<Body> {
    let mut response = Response::new(body);
    let head = response.headers_mut();
    head.insert(CONTENT_TYPE, HeaderValue::from_static("application/vnd.amazon.eventstream"));
    if native {
        head.insert("x-amzn-bedrock-content-type", HeaderValue::from_static("application/json"));
    }
    identify(head, request_id);
    add(head, headers);
    response
}

/// A plain text, for people and for Prometheus.
pub(crate) fn plain(status: StatusCode, kind: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(full(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

pub(crate) fn full(body: Bytes) -> Body {
    Full::new(body).map_err(|never| match never {}).boxed_unsync()
}

fn identify(head: &mut http::HeaderMap, request_id: &str) {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        head.insert("x-amzn-requestid", id);
    }
}

/// Sets headers; what cannot be one is left out.
fn add(head: &mut http::HeaderMap, headers: &[(String, String)]) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::from_str(value)) {
            head.insert(name, value);
        }
    }
}

/// Losses of a translation as the value of a header: short, and in ASCII.
pub(crate) fn losses(report: &outcrop_runtime::Report) -> Option<String> {
    const MOST: usize = 20;
    if report.losses.is_empty() {
        return None;
    }
    let told = report.losses.iter().take(MOST).map(|loss| format!("{} {}", loss.fate.as_str(), loss.path.as_str()));
    let mut told: String = told.collect::<Vec<_>>().join("; ");
    if report.losses.len() > MOST {
        told = format!("{told}; and {} more", report.losses.len() - MOST);
    }
    Some(told.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).take(4000).collect())
}

/// The header with what was lost of a request.
pub(crate) fn request_losses(losses: Option<String>) -> Option<(String, String)> {
    Some(("x-outcrop-request-losses".to_owned(), losses?))
}

/// The header with what was lost of an answer, by one translation after the other.
pub(crate) fn answer_losses(losses: impl IntoIterator<Item = String>) -> Option<(String, String)> {
    Some(("x-outcrop-losses".to_owned(), one_after_the_other(losses)?))
}

/// What several translations lost.
pub(crate) fn one_after_the_other(losses: impl IntoIterator<Item = String>) -> Option<String> {
    losses.into_iter().reduce(|a, b| format!("{a}; {b}"))
}

/// The JSON of a tree as a body.
pub(crate) fn json(tree: &Tree) -> Bytes {
    Bytes::from(tree.to_string())
}
