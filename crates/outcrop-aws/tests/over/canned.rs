//! An HTTP client without a network: bodies come in exactly the parts that a test wants.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Builder, Config, Credentials, Region};

use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamOutput as ConverseStream;
use aws_sdk_bedrockruntime::operation::invoke_model_with_response_stream::InvokeModelWithResponseStreamOutput as Invoked;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::ConverseStreamOutput;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::StreamBody;
use hyper::body::Frame;
use outcrop::registry::Entry;
use outcrop::runtime::{Call, Tree, event_stream};

use super::loopback::frame;
use super::support::{LLAMA, events, user};

/// A part of a body, or why there is no more.
pub type Part = Result<Bytes, &'static str>;

/// What comes next, and how much of it was taken.
#[derive(Debug, Clone, Default)]
struct Next(Arc<Mutex<Vec<Part>>>, Arc<AtomicUsize>);

impl HttpConnector for Next {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let (parts, taken) = (std::mem::take(&mut *self.0.lock().unwrap()).into_iter(), self.1.clone());
        let parts = parts.inspect(move |_| _ = taken.fetch_add(1, Ordering::Relaxed));
        let parts = parts.map(|part| part.map(Frame::data).map_err(std::io::Error::other));
        let body = SdkBody::from_body_1_x(StreamBody::new(futures_util::stream::iter(parts)));
        HttpConnectorFuture::ready(Ok(HttpResponse::new(200_u16.try_into().unwrap(), body)))
    }
}

/// A client and what it gets.
pub struct Canned {
    client: Client,
    next: Next,
}

impl Canned {
    /// A client that `make` makes of a configuration.
    pub fn new(make: impl FnOnce(Builder) -> Client) -> Self {
        let next = Next::default();
        let connector = SharedHttpConnector::new(next.clone());
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("AKIDCANNED", "secret", None, None, "canned"))
            .http_client(http_client_fn(move |_, _| connector.clone()));
        Self { client: make(config), next }
    }

    /// A client of Converse as it is.
    pub fn plain() -> Self {
        Self::new(|config| Client::from_conf(config.build()))
    }

    /// A stream whose body comes in these parts, to be read by the caller.
    pub async fn open(&self, parts: impl IntoIterator<Item = Part>) -> ConverseStream {
        *self.next.0.lock().unwrap() = parts.into_iter().collect();
        let call = self.client.converse_stream().model_id(LLAMA).messages(user("Name a metal."));
        call.send().await.unwrap()
    }

    /// The same stream as InvokeModel gives it.
    pub async fn open_raw(&self, parts: impl IntoIterator<Item = Part>) -> Invoked {
        *self.next.0.lock().unwrap() = parts.into_iter().collect();
        let call = self.client.invoke_model_with_response_stream().model_id(LLAMA);
        call.body(Blob::new("{}")).send().await.unwrap()
    }

    /// How many parts of bodies were taken so far.
    pub fn taken(&self) -> usize {
        self.next.1.load(Ordering::Relaxed)
    }

    /// What the client makes of a stream whose body comes in these parts.
    pub async fn stream(&self, parts: impl IntoIterator<Item = Part>) -> (Vec<ConverseStreamOutput>, Option<String>) {
        events(self.open(parts).await).await
    }
}

/// The frames of the events that the core decodes from chunk frames, with those at the end.
pub fn converse_frames(entry: &Entry, call: &Call<'_>, frames: &[Bytes]) -> Vec<Bytes> {
    event_frames(entry, call, frames, true)
}

fn event_frames(entry: &Entry, call: &Call<'_>, frames: &[Bytes], whole: bool) -> Vec<Bytes> {
    let mut decoder = entry.codec.stream_decoder(call).unwrap();
    let (mut events, mut chunk) = (Vec::new(), Vec::new());
    let mut keep = |event: &[u8]| {
        let event = Tree::parse(event).unwrap();
        let (name, payload) = &event.as_object().unwrap().members()[0];
        events.push(frame("event", name, &payload.to_string()));
    };
    for bytes in frames {
        let (found, _) = event_stream::first(bytes).unwrap().unwrap();
        if found.event == "chunk" {
            event_stream::chunk(found.payload, &mut chunk).unwrap();
            decoder.push(&chunk, &mut keep).unwrap();
        }
    }
    if whole {
        decoder.finish(&mut keep).unwrap();
    }
    events
}

/// What the SDK makes of the events that the core decodes from chunk frames; `whole`: and of those at the end.
pub async fn decoded(entry: &Entry, call: &Call<'_>, frames: &[Bytes], whole: bool) -> Vec<ConverseStreamOutput> {
    let parts = event_frames(entry, call, frames, whole).into_iter().map(Ok);
    let (events, error) = Canned::plain().stream(parts).await;
    assert_eq!(error, None);
    events
}
