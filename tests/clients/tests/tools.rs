//! A tool is called, and its result comes back: with every family that knows tools, in each client.

use futures_util::{StreamExt as _, stream};
use outcrop_runtime::Tree;
use outcrop_server::Config;
use serde_json::{Value, json};

use super::cases::{self, Case, added_up};
use super::clients::{self, Client};
use super::endpoint;

/// What the tool finds.
const FOUND: &str = "12 grams";

/// A request with a tool: one question, and what came after it.
pub(crate) fn request(after: Value) -> Value {
    let mut messages = vec![json!({"role": "user", "content": [{"text": "How heavy is the sample?"}]})];
    messages.extend(after.as_array().expect("messages").iter().cloned());
    let schema = json!({
        "type": "object",
        "properties": {"sample": {"type": "string"}, "times": {"type": "integer", "minimum": 2}},
        "required": ["sample", "times"],
    });
    let tool = json!({"name": "weigh", "description": "Weighs a sample", "inputSchema": {"json": schema}});
    json!({"messages": messages, "toolConfig": {"tools": [{"toolSpec": tool}]}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tools_are_called_and_their_results_are_heard() {
    let server = endpoint::start(Config { map: Some(cases::map()), ..Config::default() }).await;
    let Some(clients) = clients::start(&server.url()) else { return };
    let mut cases = cases::all();
    cases.retain(Case::has_tools);
    assert!(cases.len() > 10, "families with tools: {}", cases.len());
    let trips = clients.iter().flat_map(|client| cases.iter().map(move |case| trip(client, case)));
    let faults: Vec<String> = stream::iter(trips).buffer_unordered(8).concat().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

async fn trip(client: &Client, case: &Case) -> Vec<String> {
    let mut faults = Vec::new();
    for op in ["converse", "converse_stream", "invoke_model", "invoke_model_with_response_stream"] {
        if op.contains("stream") && case.entry.streams.is_none() {
            continue;
        }
        let name = case.entry.codec.family();
        faults.extend(round(client, case, op).await.err().map(|why| format!("{:?}, {name}, {op}: {why}", client.kind)));
    }
    faults
}

async fn round(client: &Client, case: &Case, op: &str) -> Result<(), String> {
    let called = answer(client, case, op, &request(json!([]))).await?;
    let (message, stop) = (&called["output"]["message"], &called["stopReason"]);
    let content = message["content"].as_array().ok_or_else(|| called.to_string())?;
    let call = content.iter().find_map(|block| block.get("toolUse")).ok_or_else(|| called.to_string())?;
    let input = &call["input"];
    let fits = input["sample"].is_string() && input["times"].as_i64() >= Some(2);
    if call["name"] != "weigh" || !fits || stop != "tool_use" {
        return Err(format!("the call is {call}, and it stopped for {stop}"));
    }
    let result = json!({"toolUseId": call["toolUseId"], "content": [{"text": FOUND}]});
    let told = request(json!([message, {"role": "user", "content": [{"toolResult": result}]}]));
    let heard = answer(client, case, op, &told).await?;
    let content = &heard["output"]["message"]["content"];
    (content == &json!([{"text": FOUND}])).then_some(()).ok_or_else(|| format!("of the result it heard {content}"))
}

/// The answer in Converse, whichever way it was asked.
async fn answer(client: &Client, case: &Case, op: &str, request: &Value) -> Result<Value, String> {
    let call = if op.starts_with("invoke") {
        json!({"op": op, "model": case.id, "body": case.write(request)?})
    } else {
        json!({"op": op, "model": case.id, "request": request})
    };
    let result = client.call(call).await;
    if let Some(error) = result.get("error") {
        return Err(error.to_string());
    }
    let list = |name: &str| result[name].as_array().cloned().unwrap_or_default();
    match op {
        "converse" => Ok(result["answer"].clone()),
        "converse_stream" => {
            let events: Vec<Tree> =
                list("events").iter().map(|event| Tree::parse_text(&event.to_string()).expect("JSON")).collect();
            added_up(&events)
        }
        "invoke_model" => case.read(&result),
        _ => {
            let chunks = list("chunks");
            case.read_stream(&chunks.iter().filter_map(Value::as_str).collect::<Vec<_>>())
        }
    }
}
