//! Recorded answers of the service, said again: each client reads them, and reads in them what was recorded.

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures_util::{StreamExt as _, stream};
use outcrop_server::{Backend, Config};
use serde_json::{Value, json};

use super::clients::{self, Client};
use super::endpoint;

/// Recorded exchanges of one request, by operation, model and what the body says.
type Asked = BTreeMap<(String, String, String), Vec<Value>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_answers_are_understood() {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let path = std::env::var_os("OUTCROP_CORPUS").map_or_else(beside, PathBuf::from).join("recorded.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("no recordings at hand (set OUTCROP_CORPUS); nothing to replay");
        return;
    };
    let mut asked = Asked::new();
    for line in text.lines() {
        let exchange: Value = serde_json::from_str(line).expect("a recording is JSON");
        let [api, model] = ["api", "model_id"].map(|name| exchange[name].as_str().unwrap_or_default().to_owned());
        if exchange["request"].is_object() {
            asked.entry((api, model, said(&exchange["request"]))).or_default().push(exchange);
        }
    }
    asked.retain(|_, told| told.iter().any(|exchange| exchange["status"] == 200));
    let server = endpoint::start(Config { backend: Backend::Replay(path), ..Config::default() }).await;
    let Some(clients) = clients::start(&server.url()) else { return };
    for client in &clients {
        let heard: Vec<Result<bool, String>> =
            stream::iter(&asked).map(|(asked, told)| replayed(client, asked, told)).buffer_unordered(8).collect().await;
        let faults: Vec<&String> = heard.iter().filter_map(|result| result.as_ref().err()).collect();
        assert!(faults.is_empty(), "{:?}, {} faults:\n{faults:#?}", client.kind, faults.len());
        let understood = heard.iter().filter(|result| **result == Ok(true)).count();
        assert!(understood * 10 > asked.len() * 9, "{:?} asked {understood} of {}", client.kind, asked.len());
    }
}

/// What a body says, however its members are ordered and its numbers spelt: requests that say the same share their answers.
fn said(body: &Value) -> String {
    match body {
        Value::Object(members) => {
            let members: BTreeMap<&String, String> = members.iter().map(|(name, value)| (name, said(value))).collect();
            format!("{members:?}")
        }
        Value::Array(items) => format!("{:?}", items.iter().map(said).collect::<Vec<_>>()),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |n| n.to_string()),
        other => other.to_string(),
    }
}

/// Whether it could be asked at all: clients refuse or leave out what their model of the service does not have.
async fn replayed(client: &Client, asked: &(String, String, String), told: &[Value]) -> Result<bool, String> {
    let (api, model, _) = asked;
    let body = told[0]["request"].to_string();
    let op = match api.as_str() {
        "invoke" => "invoke_model",
        "invoke_stream" => "invoke_model_with_response_stream",
        other => other,
    };
    let result = if api.starts_with("invoke") {
        client.call(json!({"op": op, "model": model, "body": body})).await
    } else {
        client.call(json!({"op": op, "model": model, "request": told[0]["request"]})).await
    };
    if let Some(error) = result.get("error") {
        let text = error["message"].as_str().unwrap_or_default();
        if error["class"] == "ParamValidationError" || text.contains("no recorded exchange has this request") {
            return Ok(false);
        }
        if told.iter().any(|exchange| exchange["status"] == error["status"]) {
            return Ok(true);
        }
        return Err(format!("{} {api} {model}: {error}", told[0]["id"]));
    }
    // Several answers to one request take turns.
    if told.iter().any(|exchange| same(api, exchange, &result)) {
        return Ok(true);
    }
    Err(format!("{} {api} {model}: {result}", told[0]["id"]))
}

fn same(api: &str, exchange: &Value, result: &Value) -> bool {
    let parsed = |text: &Value| serde_json::from_str::<Value>(text.as_str().unwrap_or_default()).ok();
    let frames = || exchange["stream_events"].as_array().into_iter().flatten();
    let list = |name: &str| result[name].as_array().cloned().unwrap_or_default();
    match api {
        "invoke" => parsed(&result["body"]).as_ref() == Some(&exchange["response"]),
        "invoke_stream" => {
            let recorded: Vec<&Value> = frames().filter_map(|frame| frame.get("chunk")).collect();
            let heard: Vec<Option<Value>> = list("chunks").iter().map(parsed).collect();
            heard.iter().map(Option::as_ref).eq(recorded.into_iter().map(Some))
        }
        "converse" => gist(&result["answer"]) == gist(&exchange["response"]),
        _ => {
            let name = |event: &Value| event.as_object().and_then(|o| o.keys().next().cloned());
            let recorded = frames().map(|frame| frame["headers"][":event-type"].as_str().map(str::to_owned));
            let text = |delta: &Value| delta["delta"]["text"].as_str().unwrap_or_default().to_owned();
            let events = list("events");
            let said: String = events.iter().map(|event| text(&event["contentBlockDelta"])).collect();
            let told: String = frames().map(|frame| text(&frame["payload"])).collect();
            events.iter().map(name).eq(recorded) && said == told
        }
    }
}

/// What every client's model of the service has.
fn gist(answer: &Value) -> Value {
    let content = answer["output"]["message"]["content"].as_array().into_iter().flatten();
    let content: Vec<[&Value; 2]> = content.map(|block| [&block["text"], &block["toolUse"]]).collect();
    let usage = ["inputTokens", "outputTokens", "totalTokens"].map(|name| &answer["usage"][name]);
    json!([content, answer["stopReason"], usage, answer["metrics"]["latencyMs"]])
}
