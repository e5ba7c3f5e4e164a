//! A Bedrock Runtime endpoint on the loopback interface, so that examples and tests need no account.
//!
//! It answers each request as a function says, whole or in parts, and remembers what it was asked.
#![allow(dead_code, unused_imports, unreachable_pub, clippy::pedantic, clippy::expect_used)]

mod model;
mod say;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_bedrockruntime::config::{BehaviorVersion, Builder, Config, Credentials, Region};
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use model::{chunk, event_stream, frame, reply};
pub use say::{answering, calling, repeating};

/// What was asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// Path, as it was sent.
    pub path: String,
    /// Headers.
    pub headers: http::HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Request {
    /// A header; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// The model's id, decoded.
    pub fn model(&self) -> String {
        let segment = self.path.rsplit('/').nth(1).unwrap_or_default();
        percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A part of an answer.
#[derive(Debug, Clone)]
pub enum Part {
    /// Some bytes.
    Bytes(Bytes),
    /// A while of nothing.
    Wait(Duration),
    /// Nothing more, and no end either.
    Stall,
    /// The connection is cut.
    Cut,
}

impl Part {
    /// What is sent of it, when it has passed.
    pub async fn sent(self) -> Option<std::io::Result<Frame<Bytes>>> {
        match self {
            Part::Bytes(bytes) => return Some(Ok(Frame::data(bytes))),
            Part::Wait(time) => tokio::time::sleep(time).await,
            Part::Stall => std::future::pending().await,
            Part::Cut => return Some(Err(std::io::Error::other("cut"))),
        }
        None
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub parts: Vec<Part>,
}

impl Answer {
    /// A whole body.
    pub fn json(body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status: 200, headers, parts: vec![Part::Bytes(body.into())] }
    }

    /// The body of an event stream, in parts.
    pub fn stream(parts: impl IntoIterator<Item = Part>) -> Self {
        let headers = vec![("content-type".to_owned(), "application/vnd.amazon.eventstream".to_owned())];
        Self { status: 200, headers, parts: parts.into_iter().collect() }
    }

    /// An error of the service.
    pub fn error(status: u16, name: &str, message: &str) -> Self {
        let body = format!(r#"{{"message":"{message}"}}"#);
        Self { status, ..Self::json(body) }.with("x-amzn-errortype", name)
    }

    /// The same with a header more.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// The endpoint. It ends with the value.
pub struct Loopback {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    gone: watch::Receiver<usize>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Loopback {
    /// Starts it.
    pub async fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (left, gone) = watch::channel(0);
        let (answer, left) = (Arc::new(answer), Arc::new(left));
        let requests = seen.clone();
        let server = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (answer, seen, left) = (answer.clone(), requests.clone(), left.clone());
                let serve = service_fn(move |request| handle(request, answer.clone(), seen.clone(), left.clone()));
                socket.set_nodelay(true).expect("a socket");
                tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), serve));
            }
        });
        Self { address, seen, gone, server }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client's configuration for it.
    pub fn config(&self) -> Builder {
        Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("AKIDLOOPBACK", "secret", None, None, "loopback"))
            .endpoint_url(self.url())
    }

    /// What it was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().expect("no panic elsewhere").clone()
    }

    /// Waits until so many answers are over, given to their end or left by the client.
    pub async fn over(&mut self, answers: usize) {
        self.gone.wait_for(|gone| *gone >= answers).await.expect("it runs");
    }
}

type Body = StreamBody<std::pin::Pin<Box<dyn Stream<Item = Result<Frame<Bytes>, std::io::Error>> + Send>>>;

/// Says that an answer is over when it is dropped.
struct Over(Arc<watch::Sender<usize>>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.send_modify(|gone| *gone += 1);
    }
}

async fn handle(
    request: hyper::Request<Incoming>,
    answer: Arc<impl Fn(&Request) -> Answer>,
    seen: Arc<Mutex<Vec<Request>>>,
    left: Arc<watch::Sender<usize>>,
) -> Result<hyper::Response<Body>, Infallible> {
    let over = Over(left);
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let path = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let request = Request { path, headers: head.headers, body };
    let Answer { status, headers, parts } = answer(&request);
    seen.lock().expect("no panic elsewhere").push(request);
    let mut response = hyper::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    // A whole body has a length, as the service's has.
    if let [Part::Bytes(whole)] = parts.as_slice() {
        response = response.header("content-length", whole.len());
    }
    let parts = stream::iter(parts).then(Part::sent);
    let parts = parts.filter_map(move |part| {
        let _kept = &over;
        std::future::ready(part)
    });
    Ok(response.body(StreamBody::new(Box::pin(parts) as _)).expect("a response"))
}
