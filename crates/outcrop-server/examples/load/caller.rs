//! A caller: asks, reads an answer as it comes, and holds it against what must come.

use std::time::{Duration, Instant};

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use base64_simd::STANDARD;
use bytes::{Buf as _, Bytes, BytesMut};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use outcrop_runtime::{Call, Tree};

/// The model that is asked.
pub(crate) const MODEL: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// A caller with connections of its own.
pub(crate) struct Caller {
    http: Client<HttpConnector, Full<Bytes>>,
    base: String,
}

/// What an answer took.
pub(crate) struct Took {
    /// Until its first event.
    pub(crate) first: Duration,
    /// Until its end.
    pub(crate) whole: Duration,
    /// Events or chunks.
    pub(crate) events: u64,
}

impl Caller {
    /// One that speaks HTTP/1.1, or HTTP/2 by prior knowledge.
    pub(crate) fn new(url: &str, http2: bool) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = Client::builder(TokioExecutor::new()).http2_only(http2).build(connector);
        Self { http, base: format!("{url}/model/{}", MODEL.replace(':', "%3A")) }
    }

    /// Asks, hands the payloads of all frames on (of an answer that is no stream, the body), and takes the times.
    async fn ask(&self, operation: &str, body: Bytes, mut take: impl FnMut(&str, &Bytes)) -> Took {
        let began = Instant::now();
        let request = Request::builder().method(Method::POST).uri(format!("{}/{operation}", self.base));
        let request = request.header("authorization", "Bearer any").body(Full::new(body)).expect("a request");
        let response = self.http.request(request).await.unwrap_or_else(|e| panic!("{operation}: {e:?}"));
        let (head, mut body) = response.into_parts();
        let streams = head.headers.get("content-type").is_some_and(|kind| kind.as_bytes().ends_with(b"eventstream"));
        let (mut rest, mut decoder, mut first, mut events) = (BytesMut::new(), MessageFrameDecoder::new(), None, 0);
        while let Some(frame) = body.frame().await {
            let data = frame.unwrap_or_else(|e| panic!("{operation} broke off: {e:?}")).into_data().unwrap_or_default();
            rest.extend_from_slice(&data);
            while streams && rest.has_remaining() {
                let read = decoder.decode_frame(&mut rest).expect("a frame with the right checksums");
                let DecodedFrame::Complete(message) = read else { break };
                let name = message.headers().iter().find(|h| h.name().as_str() == ":event-type");
                let name = name.and_then(|h| h.value().as_string().ok()).expect("an event").as_str().to_owned();
                first.get_or_insert_with(|| began.elapsed());
                events += 1;
                take(&name, message.payload());
            }
        }
        let whole = began.elapsed();
        assert_eq!(head.status, StatusCode::OK, "{operation}: {}", String::from_utf8_lossy(&rest));
        if streams {
            assert!(rest.is_empty(), "{operation}: half a frame at the end");
        } else {
            take("", &rest.freeze());
        }
        Took { first: first.unwrap_or(whole), whole, events }
    }

    /// A ConverseStream, whose text must be the one that was sent.
    pub(crate) async fn converse_stream(&self, text: &str) -> Took {
        let (mut said, mut names) = (String::new(), Vec::new());
        let took = self.ask("converse-stream", converse(text), |name, payload| {
            let event = Tree::parse(payload).expect("JSON");
            if let Some(delta) = event.get("delta").and_then(|delta| delta.get("text")).and_then(Tree::as_str) {
                said.push_str(delta);
            }
            if names.last().map(String::as_str) != Some(name) {
                names.push(name.to_owned());
            }
        });
        let took = took.await;
        assert_eq!(said, text, "the text of a stream is its own");
        // A gateway announces the block; the endpoint, like the service, leaves that out for texts.
        names.retain(|name| name != "contentBlockStart");
        assert_eq!(names, ["messageStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"]);
        took
    }

    /// An InvokeModelWithResponseStream, whose text must be the one that was sent.
    pub(crate) async fn invoke_stream(&self, text: &str) -> Took {
        let mut chunks = Vec::new();
        let took = self.ask("invoke-with-response-stream", native(text), |_, payload| {
            let payload = Tree::parse(payload).expect("JSON");
            let bytes = payload.get("bytes").and_then(Tree::as_str).expect("bytes");
            chunks.push(STANDARD.decode_to_vec(bytes).expect("base64"));
        });
        let took = took.await;
        let (entry, _) = outcrop::registry::by_model(MODEL).expect("a family");
        let mut decoder = entry.codec.stream_decoder(&Call { model: MODEL, ..Call::default() }).expect("it streams");
        let mut said = String::new();
        let mut take = |event: &[u8]| {
            let event = Tree::parse(event).expect("JSON");
            let delta = event.get("contentBlockDelta").and_then(|body| body.get("delta"));
            said.push_str(delta.and_then(|delta| delta.get("text")).and_then(Tree::as_str).unwrap_or_default());
        };
        chunks.iter().try_for_each(|chunk| decoder.push(chunk, &mut take)).expect("chunks of the format");
        decoder.finish(&mut take).expect("an end");
        assert_eq!(said, text, "the text of a stream is its own");
        took
    }

    /// A Converse answer, whose text must be the one that was sent.
    pub(crate) async fn converse(&self, text: &str) -> Took {
        self.ask("converse", converse(text), |_, body| has(body, text)).await
    }

    /// An InvokeModel answer, whose text must be the one that was sent.
    pub(crate) async fn invoke(&self, text: &str) -> Took {
        self.ask("invoke", native(text), |_, body| has(body, text)).await
    }
}

fn has(body: &Bytes, text: &str) {
    let quoted = Tree::str(text).to_string();
    assert!(String::from_utf8_lossy(body).contains(&quoted), "the text of an answer is its own");
}

fn converse(text: &str) -> Bytes {
    let text = Tree::str(text);
    Bytes::from(format!(r#"{{"messages":[{{"role":"user","content":[{{"text":{text}}}]}}]}}"#))
}

fn native(text: &str) -> Bytes {
    Bytes::from(outcrop::prompt(MODEL, text).expect("a body").body)
}
