//! An HTTP client without a network, for tests whose time is paused: a socket would be waited for in no time.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use aws_sdk_bedrockruntime::Client as Sdk;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use hyper::body::{Body, Frame};
use outcrop_aws::Client;
use outcrop_aws::client::Builder;

/// Bodies of answers of success, one to a call, the last for all that follow.
#[derive(Debug, Clone)]
pub struct Canned(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    answers: Vec<Stream>,
    asked: Vec<HttpRequest>,
    taken: usize,
    live: usize,
}

/// A body in parts; after them it ends, or nothing comes.
#[derive(Debug, Clone)]
pub struct Stream {
    pub parts: Vec<Bytes>,
    pub stalls: bool,
}

impl Canned {
    /// One that answers with these.
    pub fn new(answers: Vec<Stream>) -> Self {
        Self(Arc::new(Mutex::new(State { answers, asked: Vec::new(), taken: 0, live: 0 })))
    }

    /// A client of it.
    pub fn client(&self, builder: Builder) -> Client {
        let connector = SharedHttpConnector::new(self.clone());
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("AKIDCANNED", "secret", None, None, "canned"))
            .http_client(http_client_fn(move |_, _| connector.clone()));
        builder.build(Sdk::from_conf(config.build()))
    }

    /// The bodies that it was asked with.
    pub fn asked(&self) -> Vec<Bytes> {
        let body = |request: &HttpRequest| Bytes::copy_from_slice(request.body().bytes().unwrap_or_default());
        self.0.lock().unwrap().asked.iter().map(body).collect()
    }

    /// Where in memory these bodies are. They are kept, so that no two share a place but by being the same.
    pub fn places(&self) -> Vec<usize> {
        let place = |request: &HttpRequest| request.body().bytes().unwrap_or_default().as_ptr().addr();
        self.0.lock().unwrap().asked.iter().map(place).collect()
    }

    /// A header of what it was asked; empty where it is not there.
    pub fn header(&self, name: &str) -> Vec<String> {
        let header = |request: &HttpRequest| request.headers().get(name).unwrap_or_default().to_owned();
        self.0.lock().unwrap().asked.iter().map(header).collect()
    }

    /// How many parts of bodies were taken.
    pub fn taken(&self) -> usize {
        self.0.lock().unwrap().taken
    }

    /// How many bodies somebody still has.
    pub fn live(&self) -> usize {
        self.0.lock().unwrap().live
    }
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut state = self.0.lock().unwrap();
        state.asked.push(request);
        state.live += 1;
        let answer = if state.answers.len() > 1 { state.answers.remove(0) } else { state.answers[0].clone() };
        let body =
            SdkBody::from_body_1_x(Coming { parts: answer.parts.into_iter(), stalls: answer.stalls, of: self.clone() });
        HttpConnectorFuture::ready(Ok(HttpResponse::new(200_u16.try_into().unwrap(), body)))
    }
}

struct Coming {
    parts: std::vec::IntoIter<Bytes>,
    stalls: bool,
    of: Canned,
}

impl Body for Coming {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.parts.next() {
            Some(part) => {
                self.of.0.lock().unwrap().taken += 1;
                Poll::Ready(Some(Ok(Frame::data(part))))
            }
            None if self.stalls => Poll::Pending,
            None => Poll::Ready(None),
        }
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        self.of.0.lock().unwrap().live -= 1;
    }
}
