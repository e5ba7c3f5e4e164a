//! An endpoint in this process, and a plain HTTP client before it.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::expect_used, clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use base64_simd::STANDARD;
use bytes::{Buf as _, Bytes, BytesMut};
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client as Legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use outcrop_lang::{Sources, ir, load_family};
use outcrop_runtime::Tree;
use outcrop_server::{Backend, Config, Server, Text, serve};

/// Nothing here takes longer, unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Endpoint {
    pub server: Server,
    http: Legacy<HttpConnector, Full<Bytes>>,
}

/// An answer.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Whether the body broke off.
    pub broken: bool,
}

/// A frame of a stream: its headers in their order, and its payload.
#[derive(Debug, Clone)]
pub struct Frame {
    pub headers: Vec<(String, String)>,
    pub payload: Tree,
}

pub async fn echo() -> Endpoint {
    start(Config::default()).await
}

pub async fn script(text: &str) -> Endpoint {
    start(Config { backend: Backend::Script(Text::Inline(text.to_owned())), ..Config::default() }).await
}

pub async fn start(config: Config) -> Endpoint {
    let server = serve(config).await.expect("it starts");
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Endpoint { server, http: Legacy::builder(TokioExecutor::new()).build(connector) }
}

impl Endpoint {
    /// One that speaks HTTP/2 by prior knowledge.
    pub fn http2(self) -> Self {
        let http = Legacy::builder(TokioExecutor::new()).http2_only(true).build(HttpConnector::new());
        Self { http, ..self }
    }

    pub async fn ask(&self, model: &str, operation: &str, body: impl Into<Bytes>) -> Answered {
        self.ask_with(model, operation, body, &[]).await
    }

    pub async fn ask_with(
        &self,
        model: &str,
        operation: &str,
        body: impl Into<Bytes>,
        headers: &[(&str, &str)],
    ) -> Answered {
        let path = format!("/model/{}/{operation}", model.replace(':', "%3A").replace('/', "%2F"));
        self.send(Method::POST, &path, body, headers).await
    }

    pub async fn begin(
        &self,
        method: Method,
        path: &str,
        body: impl Into<Bytes>,
        headers: &[(&str, &str)],
    ) -> Result<Response<Incoming>, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.server.url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let sent = self.http.request(request.body(Full::new(body.into())).expect("a request"));
        tokio::time::timeout(PATIENCE, sent).await.expect("an answer in time").map_err(|e| format!("{e:?}"))
    }

    /// What was counted of losses, in order.
    pub async fn losses(&self) -> Vec<String> {
        let told = self.send(Method::GET, "/metrics", "", &[]).await;
        let told = String::from_utf8(told.body.to_vec()).expect("UTF-8");
        let lines = told.lines().filter_map(|line| line.strip_prefix("outcrop_losses_total"));
        let mut lines: Vec<String> = lines.map(str::to_owned).collect();
        lines.sort();
        lines
    }

    pub async fn send(&self, method: Method, path: &str, body: impl Into<Bytes>, headers: &[(&str, &str)]) -> Answered {
        let response = self.begin(method, path, body, headers).await.expect("an answer");
        tokio::time::timeout(PATIENCE, Answered::of(response)).await.expect("a whole answer in time")
    }
}

impl Answered {
    pub async fn of(response: Response<Incoming>) -> Self {
        let (head, mut body) = response.into_parts();
        let (mut all, mut broken) = (BytesMut::new(), false);
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => all.extend_from_slice(&frame.into_data().unwrap_or_default()),
                Err(_) => {
                    broken = true;
                    break;
                }
            }
        }
        Self { status: head.status.as_u16(), headers: head.headers, body: all.freeze(), broken }
    }

    pub fn json(&self) -> Tree {
        Tree::parse(&self.body).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// The text of an error, and the name of its exception.
    pub fn failure(&self) -> (u16, String, String) {
        let name = self.header("x-amzn-errortype");
        let (name, rest) = name.split_once(':').unwrap_or((name, ""));
        assert!(rest.is_empty() || rest.starts_with("http://internal.amazon.com/coral/"), "{rest}");
        let message = self.json().get("message").and_then(Tree::as_str).unwrap_or_default().to_owned();
        (self.status, name.to_owned(), message)
    }

    /// The frames; checksums are checked.
    pub fn frames(&self) -> Result<Vec<Frame>, String> {
        assert_eq!(self.header("content-type"), "application/vnd.amazon.eventstream", "{self:?}");
        let (mut rest, mut decoder, mut frames) = (self.body.clone(), MessageFrameDecoder::new(), Vec::new());
        while rest.has_remaining() {
            match decoder.decode_frame(&mut rest).map_err(|e| e.to_string())? {
                DecodedFrame::Incomplete => return Err("half a frame".to_owned()),
                DecodedFrame::Complete(message) => {
                    let text = |h: &aws_smithy_types::event_stream::Header| {
                        let value = h.value().as_string().expect("text").as_str().to_owned();
                        (h.name().as_str().to_owned(), value)
                    };
                    let headers = message.headers().iter().map(text).collect();
                    frames.push(Frame { headers, payload: Tree::parse(message.payload()).expect("JSON") });
                }
            }
        }
        Ok(frames)
    }
}

impl Frame {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The model's own chunk.
    pub fn chunk(&self) -> Tree {
        assert_eq!(self.header(":event-type"), "chunk");
        let bytes = self.payload.get("bytes").and_then(Tree::as_str).expect("bytes");
        Tree::parse(&STANDARD.decode_to_vec(bytes).expect("base64")).expect("a chunk of JSON")
    }

    /// The event as an object with one member, without padding.
    pub fn event(&self) -> Tree {
        let mut payload = self.payload.clone();
        if let Tree::Obj(object) = &mut payload {
            object.remove("p");
        }
        let name = [":event-type", ":exception-type"].map(|name| self.header(name)).concat();
        Tree::arm(name, payload)
    }
}

/// What every frame of the service looks like.
pub fn is_as_recorded(frame: &Frame) {
    let names: Vec<&str> = frame.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, [":event-type", ":content-type", ":message-type"]);
    assert_eq!((frame.header(":content-type"), frame.header(":message-type")), ("application/json", "event"));
    let padding = frame.payload.get("p").and_then(Tree::as_str).expect("padding");
    assert!("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".starts_with(padding));
    assert!((2..=61).contains(&padding.len()), "{padding}");
    let members: Vec<&String> = frame.payload.as_object().unwrap().members().iter().map(|(name, _)| name).collect();
    assert!(members.is_sorted(), "{members:?}");
}

/// The families, as their specs have them.
pub fn families() -> Vec<ir::Family> {
    let sources: Sources = outcrop_specs::FILES.iter().copied().collect();
    let names = outcrop_lang::family_names(&sources);
    names.iter().map(|name| load_family(&sources, name).family.expect("a family")).collect()
}

pub fn user(text: &str) -> String {
    let mut quoted = String::new();
    outcrop_runtime::tree::write_str(text, &mut quoted);
    format!(r#"{{"messages":[{{"role":"user","content":[{{"text":{quoted}}}]}}]}}"#)
}
