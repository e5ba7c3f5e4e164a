//! What goes wrong within answers, and below HTTP. Where the clients differ, this is what each of them does with its default
//! settings, good or not.

use serde_json::Value;

use super::clients::Kind::{self, JavaScript, Python};
use super::faults::{Trial, counts, run};

/// The faults that are tried here.
pub(crate) const TRIED: &[&str] = &[
    "stream-error-after",
    "stream-cut-after",
    "frame-cut-after",
    "stream-end-after",
    "corrupt-crc-after",
    "corrupt-prelude-after",
    "unknown-event-after",
    "stall-after",
    "status",
    "latency",
    "trickle",
    "stall",
    "reset",
];

const CONVERSE: &str = "converse_stream";
const NATIVE: &str = "invoke_model_with_response_stream";
/// A client that waits waits so long, in seconds.
const TIMEOUT: f64 = 1.5;

/// Exceptions by the fault that makes them: their names in a stream of Converse, and in a native one.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("throttle", "throttlingException", "throttlingException"),
    ("validation", "validationException", "validationException"),
    ("unavailable", "serviceUnavailableException", "serviceUnavailableException"),
    ("internal", "internalServerException", "internalServerException"),
    ("model-error", "modelStreamErrorException", "modelStreamErrorException"),
    ("timeout", "modelStreamErrorException", "modelTimeoutException"),
];

/// What is to come of a call: the class of what is raised (nothing, if there is none), a part of its code or text, and at
/// most so many events or chunks, exactly so many for boto3.
#[derive(Clone, Copy)]
struct Seen {
    class: &'static str,
    told: &'static str,
    items: Option<usize>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exceptions_within_streams_are_raised_with_their_names() {
    run(|kind| {
        let mut trials = Vec::new();
        for op in [CONVERSE, NATIVE] {
            for &(fault, converse, native) in EXCEPTIONS {
                let name = if op == CONVERSE { converse } else { native };
                let seen =
                    |items| Seen { class: if kind == Python { "EventStreamError" } else { "" }, told: name, items };
                // One of them tries again if the first frame is such an exception; nobody does later.
                let attempts = if kind == JavaScript && fault == "throttle" { 3 } else { 1 };
                let counted = counts([(fault, attempts), ("200", attempts)]);
                trials.push(trial(kind, &format!("{fault};as=frame"), op, counted, seen(Some(0))));
                let counted = counts([("stream-error-after", 1), ("200", 1)]);
                trials.push(trial(kind, &format!("stream-error-after=3;type={fault}"), op, counted, seen(Some(3))));
            }
        }
        trials
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_streams_are_noticed_as_far_as_each_client_can() {
    run(|kind| {
        let seen = |class, told, items| Seen { class, told, items };
        let cut = seen(kind.of("ProtocolError", "Error"), kind.of("", "ERR_HTTP2_STREAM_ERROR"), Some(2));
        let checksum = seen(kind.of("ChecksumMismatch", "Error"), "checksum", Some(2));
        let quiet = seen("", "", Some(2));
        let mut trials = Vec::new();
        for op in [CONVERSE, NATIVE] {
            let whole = seen("", "", Some(if op == CONVERSE { 8 } else { 5 }));
            for (fault, seen) in [
                ("stream-cut-after=2", cut),
                ("frame-cut-after=2", cut),
                ("corrupt-crc-after=2", checksum),
                ("corrupt-prelude-after=2", checksum),
                // A short stream in good order raises nothing anywhere.
                ("stream-end-after=2", quiet),
                // What they do not know they pass over.
                ("unknown-event-after=2", whole),
                ("trickle=40;every=1", whole),
                // The one ends such a stream as if all were well.
                ("stall-after=2", kind.of(Seen { class: "ReadTimeoutError", ..quiet }, quiet)),
            ] {
                let name = fault.split('=').next().unwrap_or_default();
                trials.push(trial(kind, fault, op, counts([(name, 1), ("200", 1)]), seen));
            }
        }
        trials
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_answers_are_noticed_and_retried_as_each_client_does() {
    run(|kind| {
        let seen = |class, told| Seen { class, told, items: None };
        let mut trials = Vec::new();
        let mut add = |fault: &str, op, attempts: u64, statuses: &[(&str, u64)], seen| {
            let name = fault.split(['=', ';']).next().unwrap_or_default();
            let mut counted = counts([(name, attempts)]);
            counted.extend(statuses.iter().map(|(status, n)| ((*status).to_owned(), *n)));
            trials.push(trial(kind, fault, op, counted, seen));
        };
        let closed = seen(kind.of("ConnectionClosedError", "Error"), kind.of("", "ERR_HTTP2_STREAM_ERROR"));
        let late = seen(kind.of("ReadTimeoutError", "TimeoutError"), "");
        let good = seen("", "");
        for op in ["converse", CONVERSE] {
            let bare = |code| seen(kind.of("ClientError", "SyntaxError"), kind.of(code, "JSON"));
            for (status, attempts) in [("502", 3), ("429", 3), ("404", 1)] {
                add(&format!("status={status}"), op, attempts, &[(status, attempts)], bare(status));
            }
            add("reset", op, kind.of(3, 1), &[], closed);
            match kind {
                Python => add("reset;once", op, 1, &[("200", 1)], good),
                JavaScript => add("reset;once", op, 1, &[], closed),
            }
            add("stall", op, 3, &[], late);
            add("stall;once", op, 1, &[("200", 1)], good);
            add("latency=50", op, 1, &[("200", 1)], good);
        }
        for op in ["converse", "invoke_model"] {
            let error = seen("ModelStreamErrorException", "unexpected error");
            add("stream-error-after=2", op, 1, &[("424", 1)], error);
            // boto3 takes half a Converse body for an empty answer, and says nothing.
            let half = if op == "converse" { good } else { seen("ResponseStreamingError", "") };
            for fault in ["stream-cut-after=2", "frame-cut-after=2"] {
                add(fault, op, 1, &[("200", 1)], kind.of(half, closed));
            }
        }
        // Half a body, and then nothing: only one of them says so, and only sometimes.
        let attempts = kind.of(3, 1);
        add(
            "stall-after=0",
            "converse",
            attempts,
            &[("200", attempts)],
            seen(kind.of("ReadTimeoutError", "SyntaxError"), ""),
        );
        add("stall-after=0", "invoke_model", 1, &[("200", 1)], kind.of(seen("ReadTimeoutError", ""), good));
        trials
    })
    .await;
}

fn trial(
    kind: Kind,
    fault: &str,
    op: &'static str,
    counts: std::collections::BTreeMap<String, u64>,
    seen: Seen,
) -> Trial {
    let timeout = fault.contains("stall").then_some(TIMEOUT);
    Trial { fault: fault.to_owned(), op, timeout, counts, check: Box::new(move |result| holds(kind, result, seen)) }
}

fn holds(kind: Kind, result: &Value, seen: Seen) -> bool {
    let error = result.get("error");
    let raised = seen.class.is_empty() && seen.told.is_empty();
    let text = error.map(|error| format!("{} {}", error["code"].as_str().unwrap_or_default(), error["message"]));
    let class = error.and_then(|error| error["class"].as_str()).unwrap_or_default();
    let items = ["events", "chunks"].iter().find_map(|name| result[*name].as_array()).map_or(0, Vec::len);
    let enough = match (seen.items, kind) {
        (None, _) => true,
        (Some(wanted), Python) => items == wanted,
        // A reset of a stream overtakes what has not been read.
        (Some(wanted), JavaScript) => items == wanted || (seen.told.contains("HTTP2") && items < wanted),
    };
    let named = match (kind, seen.class) {
        // The class has the name of the exception.
        (JavaScript, "") => class.to_lowercase() == seen.told.to_lowercase(),
        (_, wanted) => {
            class == wanted && text.as_ref().is_none_or(|t| t.to_lowercase().contains(&seen.told.to_lowercase()))
        }
    };
    enough && if raised { error.is_none() } else { error.is_some() && named }
}
