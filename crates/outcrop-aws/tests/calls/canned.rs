//! An HTTP client of the SDK that answers from a list, so that time can be paused: no sockets, no waiting.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use aws_sdk_bedrockruntime as br;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use br::config::{BehaviorVersion, Credentials, Region};
use bytes::Bytes;
use http_body::Frame;

pub const MODEL: &str = "amazon.titan-text-lite-v1";

/// What a body does when its bytes are over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Then {
    End,
    Cut,
    Stall,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<Bytes>,
    pub then: Then,
}

impl Answer {
    pub fn new(status: u16, headers: &[(&'static str, &str)], body: impl Into<Bytes>) -> Self {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { status, headers, body: vec![body.into()], then: Then::End }
    }

    pub fn ok() -> Self {
        let headers = [("content-type", "application/json"), ("x-amzn-bedrock-input-token-count", "40")];
        Self::new(200, &headers, "{}")
    }

    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({ "message": message }).to_string();
        let code = format!("{code}:http://internal.amazon.com/coral/com.amazon.bedrock/");
        Self::new(status, &[("x-amzn-ErrorType", &code), ("x-amzn-RequestId", "r-7")], body)
    }

    pub fn stream(frames: &[Message]) -> Self {
        let headers = [("content-type", "application/vnd.amazon.eventstream"), ("x-amzn-RequestId", "r-8")];
        let body = frames.iter().map(|message| Bytes::from(framed(message))).collect();
        Self { body, ..Self::new(200, &headers, "") }
    }

    #[must_use]
    pub fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

pub fn framed(message: &Message) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_message_to(message, &mut bytes).unwrap();
    bytes
}

pub fn frame(headers: &[(&'static str, &str)], payload: &str) -> Message {
    headers.iter().fold(Message::new(payload.as_bytes().to_vec()), |message, (name, value)| {
        message.add_header(Header::new(*name, HeaderValue::String((*value).to_owned().into())))
    })
}

pub fn exception(name: &str, payload: &str) -> Message {
    let headers = [(":exception-type", name), (":content-type", "application/json"), (":message-type", "exception")];
    frame(&headers, payload)
}

pub fn chunk() -> Message {
    let headers = [(":event-type", "chunk"), (":content-type", "application/json"), (":message-type", "event")];
    frame(&headers, r#"{"bytes":"e30=","p":"abc"}"#)
}

struct Body {
    frames: VecDeque<Bytes>,
    then: Then,
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        match (self.frames.pop_front(), self.then) {
            (Some(bytes), _) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            (None, Then::End) => Poll::Ready(None),
            (None, Then::Cut) => Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into()))),
            (None, Then::Stall) => Poll::Pending,
        }
    }
}

/// Gives one answer after the other, the last one again and again.
#[derive(Debug, Clone)]
pub struct Script {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    pub requests: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), requests: Arc::default() }
    }

    pub fn attempts(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    /// A configuration that uses it.
    pub fn config(&self) -> br::config::Builder {
        let connector = SharedHttpConnector::new(self.clone());
        br::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
            .sleep_impl(TokioSleep::new())
            .http_client(http_client_fn(move |_, _| connector.clone()))
    }
}

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.requests.lock().unwrap().push(request.uri().to_owned());
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }.unwrap();
        let mut response = http::Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            response = response.header(*name, value);
        }
        let body = SdkBody::from_body_1_x(Body { frames: answer.body.into(), then: answer.then });
        HttpConnectorFuture::ready(Ok(HttpResponse::try_from(response.body(body).unwrap()).unwrap()))
    }
}
