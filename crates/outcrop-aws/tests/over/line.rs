//! The endpoint without a network, for tests whose time is paused: a socket would be waited for in no time.

use std::fmt;
use std::sync::{Arc, Mutex};

use aws_sdk_bedrockruntime::config::{BehaviorVersion, Builder, Config, Credentials, Region};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http_body_util::StreamBody;

use super::loopback::{Answer, Part, Request};

/// Answers each request as a function says, and remembers what it was asked.
#[derive(Clone)]
pub struct Line {
    answer: Arc<dyn Fn(&Request) -> Answer + Send + Sync>,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Line {
    /// Where it leads.
    pub fn to(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), seen: Arc::default() }
    }

    /// A client's configuration for it.
    pub fn config(&self) -> Builder {
        let connector = SharedHttpConnector::new(self.clone());
        Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("AKIDLINE", "secret", None, None, "line"))
            .http_client(http_client_fn(move |_, _| connector.clone()))
    }

    /// What it was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line")
    }
}

impl HttpConnector for Line {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri: http::Uri = request.uri().parse().unwrap();
        let headers = request.headers().iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let request = Request {
            path: uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            headers: headers.collect(),
            body: Bytes::copy_from_slice(request.body().bytes().unwrap_or_default()),
        };
        let Answer { status, headers, parts } = (self.answer)(&request);
        self.seen.lock().unwrap().push(request);
        let mut response = http::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(name, value);
        }
        let parts = stream::iter(parts).filter_map(Part::sent);
        let body = SdkBody::from_body_1_x(StreamBody::new(parts));
        HttpConnectorFuture::ready(Ok(HttpResponse::try_from(response.body(body).unwrap()).unwrap()))
    }
}
