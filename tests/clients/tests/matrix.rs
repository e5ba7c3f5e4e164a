//! Every family and every operation, with each client: before an echo, and before gateways to it.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};
use outcrop_runtime::Tree;
use outcrop_server::{Backend, Config, Server, Speak, Upstream};
use serde_json::{Value, json};

use super::cases::{self, Case, added_up};
use super::clients::{self, Client};
use super::endpoint;

const METRICS: &str = "amazon-bedrock-invocationMetrics";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_echo_is_understood_in_every_family_and_operation() {
    let server = endpoint::start(Config { map: Some(cases::map()), ..Config::default() }).await;
    all_is_understood(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_speaks_native_is_understood_in_every_family_and_operation() {
    through_a_gateway(Speak::Native).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_speaks_converse_is_understood_in_every_family_and_operation() {
    through_a_gateway(Speak::Converse).await;
}

async fn through_a_gateway(speak: Speak) {
    let patience = std::time::Duration::from_secs(30);
    let map = Some(cases::map());
    let server = endpoint::start(Config { map: map.clone(), ..Config::default() }).await;
    let upstream = Upstream { url: server.url(), key: None, speak, timeout: patience, idle: patience };
    let gateway = endpoint::start(Config { map, backend: Backend::Upstream(upstream), ..Config::default() }).await;
    all_is_understood(&gateway).await;
}

async fn all_is_understood(server: &Server) {
    let Some(clients) = clients::start(&server.url()) else { return };
    let cases = cases::all();
    let mut faults = Vec::new();
    // All families at once: answers that come to the wrong caller show.
    let [python, javascript] = &clients;
    let (a, b) = tokio::join!(asked(python, &cases), asked(javascript, &cases));
    faults.extend(a.into_iter().chain(b));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    let answered = endpoint::counts(server).await;
    let streams = cases.iter().filter(|case| case.entry.streams.is_some()).count();
    let (whole, refused) = (2 * (2 * cases.len() + 2 * streams), 4 * (cases.len() - streams));
    assert_eq!(answered.get("200"), Some(&(whole as u64)), "each was asked once: {answered:?}");
    assert_eq!(answered.get("400").copied().unwrap_or_default(), refused as u64, "{answered:?}");
}

async fn asked(client: &Client, cases: &[Case]) -> Vec<String> {
    const AT_ONCE: usize = 8;
    let asked = stream::iter(cases).map(|case| family(client, case));
    asked.buffer_unordered(AT_ONCE).concat().await
}

/// All four operations of a family.
async fn family(client: &Client, case: &Case) -> Vec<String> {
    let mut faults = Vec::new();
    let mut note = |operation: &str, result: Result<(), String>| {
        let name = case.entry.codec.family();
        faults.extend(result.err().map(|why| format!("{:?}, {name}, {operation}: {why}", client.kind)));
    };
    let converse = async |op: &str| client.call(json!({"op": op, "model": case.id, "request": case.converse})).await;
    let invoke = async |op: &str| client.call(json!({"op": op, "model": case.id, "body": case.native})).await;
    note("Converse", whole(case, &converse("converse").await));
    note("InvokeModel", native(case, &invoke("invoke_model").await));
    let streams = case.entry.streams.is_some();
    let check = if streams { streamed } else { does_not_stream };
    note("ConverseStream", check(case, &converse("converse_stream").await));
    let check = if streams { native_stream } else { does_not_stream };
    note("InvokeModelWithResponseStream", check(case, &invoke("invoke_model_with_response_stream").await));
    faults
}

fn does_not_stream(_: &Case, result: &Value) -> Result<(), String> {
    let error = &result["error"];
    is("the exception", &error["class"], "ValidationException")?;
    is("its text", &error["message"], "The model is unsupported for streaming.")
}

fn is(what: &str, found: &Value, wanted: &str) -> Result<(), String> {
    (found.as_str() == Some(wanted)).then_some(()).ok_or_else(|| format!("{what} is {found}, not {wanted:?}"))
}

fn holds(what: &str, condition: bool, shown: &Value) -> Result<(), String> {
    condition.then_some(()).ok_or_else(|| format!("{what}: {shown}"))
}

/// What every answer has.
fn answered(result: &Value) -> Result<(), String> {
    holds("it failed", result.get("error").is_none(), &result["error"])?;
    let id = result["requestId"].as_str().unwrap_or_default();
    holds(
        "a request id",
        id.len() == 36 && result["headers"]["x-amzn-requestid"].as_str() == Some(id),
        &result["headers"],
    )
}

/// The text that was told, in an answer of the right form.
fn said(case: &Case, answer: &Value) -> Result<(), String> {
    let message = &answer["output"]["message"];
    is("the role", &message["role"], "assistant")?;
    let content = message["content"].as_array().ok_or("there is no content")?;
    let texts: Vec<&str> = content.iter().filter_map(|block| block["text"].as_str()).collect();
    holds("the text", texts == [case.told.as_str()], &json!(content))?;
    is("the reason to stop", &answer["stopReason"], "end_turn")?;
    let usage = &answer["usage"];
    let [input, output, total] =
        ["inputTokens", "outputTokens", "totalTokens"].map(|name| usage[name].as_u64().unwrap_or(0));
    holds("tokens", input > 0 && output > 0 && total == input + output, usage)
}

fn whole(case: &Case, result: &Value) -> Result<(), String> {
    answered(result)?;
    holds("latency", result["answer"]["metrics"]["latencyMs"].as_u64() > Some(0), &result["answer"])?;
    said(case, &result["answer"])
}

fn streamed(case: &Case, result: &Value) -> Result<(), String> {
    answered(result)?;
    let events = result["events"].as_array().ok_or("there are no events")?;
    let names: Vec<&str> = events
        .iter()
        .map(|event| {
            event.as_object().filter(|o| o.len() == 1).and_then(|o| o.keys().next()).map_or("?", String::as_str)
        })
        .collect();
    let deltas = names.iter().filter(|name| **name == "contentBlockDelta").count();
    holds("it comes in pieces", deltas > 2, &json!(names))?;
    let known =
        ["messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"];
    let order: BTreeSet<usize> =
        names.iter().map(|n| known.iter().position(|k| k == n).unwrap_or(usize::MAX)).collect();
    holds("the events are known", order.iter().all(|at| *at < known.len()), &json!(names))?;
    holds("the first", names.first() == Some(&"messageStart"), &json!(names))?;
    holds("the last", names.ends_with(&["contentBlockStop", "messageStop", "metadata"]), &json!(names))?;
    let events: Vec<Tree> = events.iter().map(|event| Tree::parse_text(&event.to_string()).expect("JSON")).collect();
    let answer = added_up(&events)?;
    holds("latency", answer["metrics"]["latencyMs"].as_u64() > Some(0), &answer["metrics"])?;
    said(case, &answer)
}

fn native(case: &Case, result: &Value) -> Result<(), String> {
    answered(result)?;
    is("the content type", &result["contentType"], "application/json")?;
    for name in ["input-token-count", "output-token-count", "invocation-latency"] {
        let value = result["headers"][format!("x-amzn-bedrock-{name}")].as_str().and_then(|n| n.parse::<u64>().ok());
        holds(name, value > Some(0), &result["headers"])?;
    }
    said(case, &case.read(result)?)
}

fn native_stream(case: &Case, result: &Value) -> Result<(), String> {
    answered(result)?;
    is("the content type", &result["contentType"], "application/json")?;
    let chunks: Vec<&str> =
        result["chunks"].as_array().ok_or("there are no chunks")?.iter().filter_map(Value::as_str).collect();
    let (last, others) = chunks.split_last().ok_or("there is no chunk")?;
    holds("metrics are in the last chunk alone", !others.iter().any(|chunk| chunk.contains(METRICS)), &json!(chunks))?;
    let last: Value = serde_json::from_str(last).map_err(|e| e.to_string())?;
    for name in ["inputTokenCount", "outputTokenCount", "invocationLatency"] {
        holds(name, last[METRICS][name].as_u64() > Some(0), &last)?;
    }
    holds("the first byte", last[METRICS]["firstByteLatency"].is_u64(), &last)?;
    said(case, &case.read_stream(&chunks)?)
}
