//! One request: from its head to the head of its answer.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use hyper::body::{Body as _, Incoming};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::{Instrument as _, debug, info, info_span};
use uuid::Uuid;

use crate::ask::{self, Ask, Operation};
use crate::auth::Auth;
use crate::backend::Backend;
use crate::config::{Config, Limits};
use crate::connection::Busy;
use crate::failure::{Failure, Kind};
use crate::fault::{Faults, Plan, StreamFault};
use crate::models::Models;
use crate::reply::{self, Answer, Body, Whole};
use crate::server::StartError;
use crate::telemetry::Telemetry;

/// Bodies are counted in pieces of so many bytes.
const PIECE: usize = 64 << 10;

/// What all connections share.
pub(crate) struct Service {
    pub(crate) limits: Limits,
    pub(crate) telemetry: Arc<Telemetry>,
    auth: Auth,
    backend: Backend,
    faults: Faults,
    models: Arc<Models>,
    memory: Arc<Semaphore>,
    seed: u64,
    log_bodies: bool,
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
pub(crate) struct Reset;

impl std::fmt::Display for Reset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("reset, as a fault asked for")
    }
}

impl std::error::Error for Reset {}

impl Service {
    pub(crate) fn new(config: &Config) -> Result<Self, StartError> {
        let models = Arc::new(Models::new(config)?);
        let telemetry = Arc::new(Telemetry::new());
        let pieces = config.limits.body_memory.max(config.limits.body).div_ceil(PIECE) + 1;
        Ok(Self {
            limits: config.limits.clone(),
            auth: Auth { key: config.api_key.clone(), required: config.require_auth },
            backend: Backend::new(config, &models, &telemetry)?,
            telemetry,
            faults: Faults::new(config)?,
            models,
            memory: Arc::new(Semaphore::new(pieces.min(Semaphore::MAX_PERMITS))),
            seed: config.seed,
            log_bodies: config.log_bodies,
        })
    }

    /// Answers one request. An error closes the connection.
    pub(crate) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        busy: Busy,
    ) -> Result<Response<Body>, Reset> {
        let began = Instant::now();
        let request_id = Uuid::new_v4().to_string();
        let span = info_span!("request", id = %request_id, method = %request.method(), path = %request.uri().path());
        let going = self.telemetry.request();
        async {
            let (operation, response) = self.respond(request, &request_id).await?;
            let (status, took) = (response.status().as_u16(), began.elapsed());
            self.telemetry.answered(operation, status, took.as_secs_f64());
            info!(operation, status, ms = took.as_millis() as u64);
            // Both last until the last byte of the answer.
            let (head, body) = response.into_parts();
            let guards = (going, busy);
            let body = http_body_util::BodyExt::map_frame(body, move |frame| {
                let _ = &guards;
                frame
            });
            Ok(Response::from_parts(head, http_body_util::BodyExt::boxed_unsync(body)))
        }
        .instrument(span)
        .await
    }

    async fn respond(
        &self,
        request: Request<Incoming>,
        request_id: &str,
    ) -> Result<(&'static str, Response<Body>), Reset> {
        let path = request.uri().path();
        match (request.method(), path) {
            (&Method::GET | &Method::HEAD, "/healthz") => {
                return Ok(("healthz", reply::plain(StatusCode::OK, "text/plain", "ok\n".to_owned())));
            }
            (&Method::GET, "/metrics") => {
                let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
                let admitted = self.auth.admit(request.headers());
                let told = admitted.map(|()| reply::plain(StatusCode::OK, kind, self.telemetry.text()));
                return Ok(("metrics", told.unwrap_or_else(|failure| reply::failed(&failure, request_id))));
            }
            _ => {}
        }
        let (operation, id) = match ask::path(path) {
            Ok(found) if request.method() == Method::POST => found,
            Ok((operation, _)) => {
                let mut failure =
                    Failure::new(Kind::UnknownOperation, format!("{} takes POST alone", operation.path()));
                failure.status = 405;
                let mut refused = reply::failed(&failure, request_id);
                refused.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
                return Ok((operation.path(), refused));
            }
            Err(failure) => return Ok(("unknown", reply::failed(&failure, request_id))),
        };
        let answered = self.admitted(request, operation, id, request_id).await?;
        Ok((operation.path(), answered.unwrap_or_else(|failure| reply::failed(&failure, request_id))))
    }

    async fn admitted(
        &self,
        request: Request<Incoming>,
        operation: Operation,
        id: String,
        request_id: &str,
    ) -> Result<Result<Response<Body>, Failure>, Reset> {
        let (head, incoming) = request.into_parts();
        if let Err(failure) = self.auth.admit(&head.headers) {
            return Ok(Err(failure));
        }
        if let Err(failure) = ask::plain(&head.headers) {
            return Ok(Err(failure));
        }
        // Room for the body is taken before it is read, and given back with the end of the answer.
        let announced =
            incoming.size_hint().exact().map_or(self.limits.body, |n| usize::try_from(n).unwrap_or(usize::MAX));
        let pieces = announced.min(self.limits.body).div_ceil(PIECE);
        let room = Arc::clone(&self.memory).acquire_many_owned(u32::try_from(pieces).unwrap_or(u32::MAX)).await.ok();
        let body = match ask::body(incoming, &self.limits).await {
            Ok(body) => body,
            Err(failure) => return Ok(Err(failure)),
        };
        self.telemetry.body(body.len());
        if self.log_bodies {
            debug!(body = %String::from_utf8_lossy(&body), "asked");
        }
        let ask = Ask { operation, id, headers: head.headers, body };
        let seed = self.seed_of(&ask);
        let plan = match self.faults.plan(&ask) {
            Ok(plan) => plan,
            Err(failure) => return Ok(Err(failure)),
        };
        for name in &plan.names {
            self.telemetry.fault(name);
        }
        if !plan.latency.is_zero() {
            tokio::time::sleep(plan.latency).await;
        }
        if plan.stall {
            std::future::pending::<()>().await;
        }
        if plan.reset {
            return Err(Reset);
        }
        if let Some(failure) = &plan.failure {
            return Ok(Err(failure.clone()));
        }
        let answered = match self.judge(&ask) {
            Ok(()) => self.backend.answer(&self.models, &ask, seed).await,
            Err(failure) => Err(failure),
        };
        // A fault of the script's own comes back like one of the header's.
        let (answer, plan) = match answered {
            Ok((answer, own)) => (answer, plan.and(own)),
            Err(failure) => return Ok(Err(failure)),
        };
        if plan.reset {
            return Err(Reset);
        }
        Ok(Ok(match answer {
            Answer::Whole(whole) => self.send_whole(whole, &plan, request_id),
            Answer::Stream(items, headers) => {
                let body = crate::fault::stream(
                    items,
                    plan,
                    (seed, operation.is_native()),
                    &self.telemetry,
                    (self.limits.unread, room),
                );
                reply::stream(body, operation.is_native(), &headers, request_id)
            }
        }))
    }

    fn send_whole(&self, whole: Whole, plan: &Plan, request_id: &str) -> Response<Body> {
        if self.log_bodies {
            debug!(body = %String::from_utf8_lossy(&whole.body), "answered");
        }
        self.telemetry.whole(whole.body.len());
        let body = whole.body.clone();
        let mut response = reply::whole(whole, request_id);
        if let Some(broken) = broken_body(body, plan) {
            *response.body_mut() = broken;
        }
        response
    }

    /// What is refused whoever answers.
    fn judge(&self, ask: &Ask) -> Result<(), Failure> {
        self.models.admit(&ask.id)?;
        let guarded = ask.header("x-amzn-bedrock-guardrailidentifier").is_some_and(|id| !id.is_empty());
        if guarded && ask.operation.is_native() {
            if ask.header("x-amzn-bedrock-guardrailversion").is_none_or(str::is_empty) {
                return Err(Failure::invalid(
                    "a guardrail version must be given with the guardrail identifier; send X-Amzn-Bedrock-GuardrailVersion",
                ));
            }
            if ask.header("content-type").is_some_and(|kind| !is_json(kind)) {
                return Err(Failure::invalid(
                    "a guardrail needs a JSON body; send it with Content-Type: application/json",
                ));
            }
        }
        Ok(())
    }

    fn seed_of(&self, ask: &Ask) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, &ask.id, &ask.body).hash(&mut hasher);
        hasher.finish()
    }
}

fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") || kind.to_ascii_lowercase().ends_with("+json")
}

/// The body of an answer that is no stream, as a fault has it.
fn broken_body(body: Bytes, plan: &Plan) -> Option<Body> {
    match &plan.stream {
        Some(StreamFault::Trickle { bytes, pause }) => Some(crate::fault::trickle(body, *bytes, *pause)),
        Some(StreamFault::Stall { .. }) => Some(crate::fault::half(body, true)),
        Some(StreamFault::Cut { .. } | StreamFault::CutInside { .. }) => Some(crate::fault::half(body, false)),
        _ => None,
    }
}
