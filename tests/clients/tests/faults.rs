//! Exceptions before the answer: what each client makes of them, and how often it tries again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use futures_util::future;
use outcrop_server::{Config, Server};
use serde_json::{Value, json};

use super::cases::ask;
use super::clients::{self, Client, Kind};
use super::endpoint;

/// Its format is the smallest that streams, so that endpoints start fast.
const MODEL: &str = "mistral.mistral-7b-instruct-v0:2";
const BODY: &str = r#"{"prompt":"<s>[INST] Name a metal. [/INST]"}"#;
const OPERATIONS: [&str; 4] = ["converse", "converse_stream", "invoke_model", "invoke_model_with_response_stream"];

/// Faults, the exceptions that they are, and what makes clients try again.
const EXCEPTIONS: &[(&str, &str, u16, Again)] = &[
    ("throttle", "ThrottlingException", 429, Again::Both),
    ("throttle-tokens", "ThrottlingException", 429, Again::Both),
    ("throttle-daily", "ThrottlingException", 429, Again::Both),
    ("timeout", "ModelTimeoutException", 408, Again::Never),
    ("model-error", "ModelErrorException", 424, Again::Never),
    ("not-ready", "ModelNotReadyException", 429, Again::Both),
    ("unavailable", "ServiceUnavailableException", 503, Again::Both),
    ("internal", "InternalServerException", 500, Again::Both),
    ("access-denied", "AccessDeniedException", 403, Again::Never),
    ("wrong-region", "ValidationException", 400, Again::Never),
    ("needs-profile", "ValidationException", 400, Again::Never),
    ("validation", "ValidationException", 400, Again::Never),
    ("too-long", "ValidationException", 400, Again::Never),
    ("quota", "ServiceQuotaExceededException", 400, Again::Never),
    ("retired", "ResourceNotFoundException", 404, Again::Never),
    ("not-found", "ResourceNotFoundException", 404, Again::Never),
    ("expired-token", "ExpiredTokenException", 403, Again::Never),
    ("bad-token", "UnrecognizedClientException", 403, Again::Never),
];

/// Not in the service model, so clients have no class for them.
const UNMODELLED: [&str; 2] = ["ExpiredTokenException", "UnrecognizedClientException"];

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Again {
    Never,
    Both,
}

/// A call that something goes wrong with, and what is to come of it.
pub(crate) struct Trial {
    pub(crate) fault: String,
    pub(crate) op: &'static str,
    /// How long the client waits, in seconds; as long as by default, if nothing is said.
    pub(crate) timeout: Option<f64>,
    /// How often the endpoint is asked, by status or fault.
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) check: Box<dyn Fn(&Value) -> bool + Send>,
}

pub(crate) fn counts<const N: usize>(counts: [(&str, u64); N]) -> BTreeMap<String, u64> {
    counts.into_iter().filter(|(_, n)| *n > 0).map(|(name, n)| (name.to_owned(), n)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exceptions_are_told_apart_and_retried_as_each_client_does() {
    run(|kind| {
        let mut trials = Vec::new();
        for &(fault, exception, status, again) in EXCEPTIONS {
            for op in OPERATIONS {
                trials.push(every_attempt(kind, fault, exception, status, again, op));
                trials.push(once(kind, fault, exception, status, again, op));
            }
        }
        // The longest first.
        trials.sort_by_key(|trial| trial.counts.get("429").map(|n| u64::MAX - n));
        trials
    })
    .await;
}

fn every_attempt(
    kind: Kind,
    fault: &str,
    exception: &'static str,
    status: u16,
    again: Again,
    op: &'static str,
) -> Trial {
    let attempts = if again == Again::Both { 3 } else { 1 };
    Trial {
        fault: fault.to_owned(),
        op,
        timeout: None,
        counts: counts([(fault, attempts), (&status.to_string(), attempts)]),
        check: Box::new(move |result| is_exception(kind, result, exception, status)),
    }
}

fn once(kind: Kind, fault: &str, exception: &'static str, status: u16, again: Again, op: &'static str) -> Trial {
    let good = u64::from(again == Again::Both);
    Trial {
        fault: format!("{fault};once"),
        op,
        timeout: None,
        counts: counts([(fault, 1), (&status.to_string(), 1), ("200", good)]),
        check: Box::new(move |result| match again {
            Again::Both => result.get("error").is_none(),
            Again::Never => is_exception(kind, result, exception, status),
        }),
    }
}

fn is_exception(kind: Kind, result: &Value, exception: &str, status: u16) -> bool {
    let error = &result["error"];
    let class = match kind {
        Kind::Python if UNMODELLED.contains(&exception) => "ClientError",
        _ => exception,
    };
    let code = kind == Kind::JavaScript || error["code"] == exception;
    let message = error["message"].as_str().is_some_and(|text| text.len() > 10);
    error["class"] == class && code && error["status"] == status && message
}

/// Makes all trials with each client. Each of the endpoints has one call at a time, so that it counts what is of that call.
pub(crate) async fn run(trials: impl Fn(Kind) -> Vec<Trial>) {
    const ENDPOINTS: usize = 12;
    let Some(clients) = clients::start("http://127.0.0.1:1") else { return };
    let of = |at: usize, kind| trials(kind).into_iter().map(move |trial| (at, trial));
    let queue: VecDeque<(usize, Trial)> = of(0, Kind::Python).chain(of(1, Kind::JavaScript)).collect();
    let queue = Mutex::new(queue);
    let next = || queue.lock().expect("a lock").pop_front();
    let workers = (0..ENDPOINTS).map(|_| async {
        let server = endpoint::start(Config::default()).await;
        let mut faults = Vec::new();
        while let Some((at, trial)) = next() {
            faults.extend(made(&clients[at], &server, &trial).await);
        }
        faults
    });
    let faults: Vec<String> = future::join_all(workers).await.concat();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

async fn made(client: &Client, server: &Server, trial: &Trial) -> Option<String> {
    let mut call = json!({
        "op": trial.op, "model": MODEL, "endpoint": server.url(), "headers": {"x-outcrop-fault": trial.fault},
    });
    if trial.op.starts_with("invoke") {
        call["body"] = json!(BODY);
    } else {
        call["request"] = ask("Name a metal.");
    }
    if let Some(timeout) = trial.timeout {
        call["timeout"] = json!(timeout);
    }
    let before = endpoint::counts(server).await;
    let result = client.call(call).await;
    let counts = endpoint::since(&before, endpoint::counts(server).await);
    let told = || format!("{:?}, {}, {}", client.kind, trial.fault, trial.op);
    if counts != trial.counts {
        return Some(format!("{}: the endpoint was asked {counts:?}, not {:?}; {result}", told(), trial.counts));
    }
    (!(trial.check)(&result)).then(|| format!("{}: {result}", told()))
}

#[tokio::test]
async fn no_fault_is_left_out() {
    let server = endpoint::start(Config::default()).await;
    let head = "POST /model/x/invoke HTTP/1.1\r\nHost: localhost\r\nx-outcrop-fault: nothing\r\nContent-Length: 2\r\n";
    let answer = endpoint::raw(&server, &format!("{head}Connection: close\r\n\r\n{{}}")).await;
    let names = answer.split("there is no fault `nothing`; there is ").nth(1).expect("it tells what there is");
    let names = names.split(['"', '}']).next().unwrap_or_default().split(", ");
    let tried = EXCEPTIONS.iter().map(|(fault, ..)| *fault).chain(super::streams::TRIED.iter().copied());
    let tried: Vec<&str> = tried.collect();
    let missing: Vec<&str> = names.filter(|name| !tried.contains(name)).collect();
    assert!(missing.is_empty(), "no client meets {missing:?}");
}
