//! An HTTP client without a network: bodies come in exactly the parts that a test wants.

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Builder, Config, Credentials, Region};

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

#[derive(Debug, Clone)]
struct Canned(Vec<Part>);

impl HttpConnector for Canned {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let parts = self.0.clone().into_iter().map(|part| part.map(Frame::data).map_err(std::io::Error::other));
        let body = SdkBody::from_body_1_x(StreamBody::new(futures_util::stream::iter(parts)));
        HttpConnectorFuture::ready(Ok(HttpResponse::new(200_u16.try_into().unwrap(), body)))
    }
}

/// The configuration of a client that always gets this body.
pub fn config(parts: impl IntoIterator<Item = Part>) -> Builder {
    let connector = SharedHttpConnector::new(Canned(parts.into_iter().collect()));
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("AKIDCANNED", "secret", None, None, "canned"))
        .http_client(http_client_fn(move |_, _| connector.clone()))
}

/// What a client gets that asks for a stream.
pub async fn stream(client: &Client) -> (Vec<ConverseStreamOutput>, Option<String>) {
    events(client.converse_stream().model_id(LLAMA).messages(user("Name a metal.")).send().await.unwrap()).await
}

/// What the SDK makes of the events that the core decodes from chunk frames; `whole`: and of those at the end.
pub async fn decoded(entry: &Entry, call: &Call<'_>, frames: &[Bytes], whole: bool) -> Vec<ConverseStreamOutput> {
    let mut decoder = entry.codec.stream_decoder(call).unwrap();
    let (mut parts, mut chunk) = (Vec::new(), Vec::new());
    let mut keep = |event: &[u8]| {
        let event = Tree::parse(event).unwrap();
        let (name, payload) = &event.as_object().unwrap().members()[0];
        parts.push(Ok(frame("event", name, &payload.to_string())));
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
    let (events, error) = stream(&Client::from_conf(config(parts).build())).await;
    assert_eq!(error, None);
    events
}
