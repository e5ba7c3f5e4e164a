//! Calls to another endpoint.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Method, Request, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use outcrop_runtime::Tree;
use tokio::time::timeout;

use crate::ask::Ask;
use crate::config::Upstream;
use crate::failure::{Failure, Kind, causes};
use crate::server::StartError;

/// Largest answer that is no stream: what the service allows.
const LARGEST: usize = 25_000_000;
/// The content type of streams.
const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";
/// Most bytes that a connection reads ahead, and of the head of an answer. Buffers come up to this in bursts and stay
/// there as long as their connection; a frame or body may be larger.
const BUFFER: usize = 64 << 10;
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// What calls are made with. Connections are kept and shared.
pub(super) struct Client {
    http: Http,
    base: String,
    key: Option<String>,
    timeout: Duration,
    pub(super) idle: Duration,
}

enum Http {
    Plain(Legacy<HttpConnector, Full<Bytes>>),
    Tls(Legacy<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

/// An answer that has begun.
pub(super) struct Reached {
    pub(super) headers: HeaderMap,
    pub(super) body: Incoming,
}

impl Client {
    pub(super) fn new(upstream: &Upstream) -> Result<Self, StartError> {
        let bad = |why: &str| StartError(format!("the upstream URL `{}` {why}", upstream.url));
        let uri: Uri = upstream.url.parse().map_err(|e| bad(&format!("is none: {e}")))?;
        if uri.host().is_none_or(str::is_empty) {
            return Err(bad("has no host; give it as http://host:port"));
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(bad("has a path; give scheme, host and port alone"));
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT));
        // Below what network equipment cuts without a word.
        connector.set_keepalive(Some(Duration::from_mins(1)));
        let mut builder = Legacy::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new()).pool_idle_timeout(Duration::from_mins(1));
        builder.http1_max_buf_size(BUFFER);
        let http = match uri.scheme_str() {
            Some("http") => Http::Plain(builder.build(connector)),
            Some("https") => {
                connector.enforce_http(false);
                let roots = HttpsConnectorBuilder::new().with_native_roots();
                let roots = roots.map_err(|e| bad(&format!("needs certificates, and the system has none: {e}")))?;
                Http::Tls(builder.build(roots.https_only().enable_http1().wrap_connector(connector)))
            }
            _ => return Err(bad("must begin with http:// or https://")),
        };
        let base = upstream.url.trim_end_matches('/').to_owned();
        Ok(Self { http, base, key: upstream.key.clone(), timeout: upstream.timeout, idle: upstream.idle })
    }

    /// Asks. Answers that are errors come back as such, with what they say.
    pub(super) async fn ask(
        &self,
        ask: &Ask,
        path: &str,
        headers: &[(String, String)],
        body: Bytes,
    ) -> Result<Reached, Failure> {
        let mut request = Request::builder().method(Method::POST).uri(format!("{}{path}", self.base));
        request = request.header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(name.as_str(), value.as_str());
        }
        // Signatures are of the request as it came, so only a bearer key goes on.
        let bearer = ask.header("authorization").filter(|value| value.len() > 7 && value.is_char_boundary(7));
        let bearer = bearer.filter(|value| value.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer ")));
        let key = self.key.as_ref().map(|key| format!("Bearer {key}"));
        if let Some(authorization) = key.as_deref().or(bearer) {
            request = request.header(AUTHORIZATION, authorization);
        }
        for name in ["amz-sdk-invocation-id", "amz-sdk-request"] {
            if let Some(value) = ask.headers.get(name) {
                request = request.header(name, value);
            }
        }
        let request = request.body(Full::new(body)).map_err(|e| unreachable(&e.to_string()))?;
        let sent = async {
            match &self.http {
                Http::Plain(client) => client.request(request).await,
                Http::Tls(client) => client.request(request).await,
            }
        };
        let response = match timeout(self.timeout, sent).await {
            Err(_) => {
                let why = format!("the endpoint upstream has not answered for {:?}; try again", self.timeout);
                return Err(Failure::new(Kind::ModelTimeout, why));
            }
            Ok(Err(e)) => return Err(unreachable(&causes(&e))),
            Ok(Ok(response)) => response,
        };
        let (head, body) = response.into_parts();
        let reached = Reached { headers: head.headers, body };
        if head.status.is_success() {
            return Ok(reached);
        }
        if head.status.is_redirection() {
            let to = reached.headers.get(LOCATION).and_then(|to| to.to_str().ok());
            let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
            let why = format!(
                "the endpoint upstream sends elsewhere ({}{to}); give the URL of the endpoint itself",
                head.status.as_u16()
            );
            return Err(Failure::new(Kind::ServiceUnavailable, why));
        }
        Err(reached.failure(head.status.as_u16(), self.idle).await)
    }
}

fn unreachable(why: &str) -> Failure {
    Failure::new(Kind::ServiceUnavailable, format!("the endpoint upstream cannot be reached: {why}"))
}

impl Reached {
    /// It, if it may be a stream. What says of itself that it is something else is refused before a stream begins.
    pub(super) fn stream(self) -> Result<Self, Failure> {
        let kind = self.headers.get(CONTENT_TYPE).map(|kind| String::from_utf8_lossy(kind.as_bytes()));
        match kind.filter(|kind| !kind.to_ascii_lowercase().starts_with(EVENT_STREAM)) {
            None => Ok(self),
            Some(kind) => {
                let kind: String = kind.chars().take(100).collect();
                let why = format!(
                    "the endpoint upstream answered with `{kind}` where a stream of events is due; check that its URL is \
                     that of a Bedrock Runtime endpoint"
                );
                Err(Failure::new(Kind::ServiceUnavailable, why))
            }
        }
    }

    /// The whole body.
    pub(super) async fn collect(mut self, idle: Duration) -> Result<Bytes, Failure> {
        let mut all = BytesMut::new();
        while let Some(data) = next(&mut self.body, idle).await.map_err(|why| unreachable(&why))? {
            if all.len() + data.len() > LARGEST {
                return Err(unreachable(&format!("its answer is larger than {LARGEST} bytes")));
            }
            all.extend_from_slice(&data);
        }
        Ok(all.freeze())
    }

    async fn failure(self, status: u16, idle: Duration) -> Failure {
        let header = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (name, after) = (header("x-amzn-errortype"), header("x-amz-retry-after"));
        let seconds = header("retry-after").and_then(|text| text.parse::<u64>().ok()).map(Duration::from_secs);
        let retry_after = after.and_then(|text| text.parse().ok()).map(Duration::from_millis).or(seconds);
        let body = match self.collect(idle).await {
            Ok(body) => body,
            Err(failure) => return failure,
        };
        let told = Tree::parse(&body).ok();
        // `Name:http://…` in the header, `prefix#Name` in the body.
        let said = || ["code", "__type"].into_iter().find_map(|name| told.as_ref()?.get(name)?.as_str());
        let name = name.or_else(|| said().map(str::to_owned));
        let name = name.as_deref().map(|name| name.split(':').next().unwrap_or(name));
        let name = name.map(|name| name.rsplit('#').next().unwrap_or(name)).filter(|name| !name.is_empty());
        let failure = match name {
            Some(name) => Failure::foreign(name, status, told.as_ref()),
            None => Failure { bare: true, ..Failure::foreign("", status, told.as_ref()) },
        };
        Failure { retry_after, ..failure }
    }
}

/// The next piece of a body; nothing at its end.
pub(super) async fn next(body: &mut Incoming, idle: Duration) -> Result<Option<Bytes>, String> {
    loop {
        match timeout(idle, body.frame()).await {
            Err(_) => return Err(format!("nothing came for {idle:?}")),
            Ok(None) => return Ok(None),
            Ok(Some(Err(e))) => return Err(causes(&e)),
            Ok(Some(Ok(frame))) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}
