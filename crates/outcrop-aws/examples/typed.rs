//! The typed client: an answer, a tool round trip and a stream, with plain Rust types.
//!
//! `cargo run -p outcrop-aws --example typed`, offline: it starts the endpoint that it calls.

#![allow(clippy::expect_used, clippy::missing_panics_doc)]

mod loopback;

use std::collections::BTreeMap;
use std::io::Write as _;

use aws_sdk_bedrockruntime::Client as Sdk;
use loopback::{Loopback, reply};
use outcrop::registry;
use outcrop::runtime::Tree;
use outcrop_aws::client::ConverseEvent;
use outcrop_aws::types::{
    ContentBlock, ContentBlockDelta, ConverseRequest, Document, Message, StopReason, ToolSpecification,
};
use outcrop_aws::{Client, Error};

const MODEL: &str = "us.anthropic.claude-sonnet-4-20250514-v1:0";

#[tokio::main]
async fn main() -> Result<(), Error> {
    run().await
}

/// Talks with the model.
pub async fn run() -> Result<(), Error> {
    let endpoint = endpoint().await;
    // With an account: `Client::from_env().await`.
    let client = Client::new(Sdk::from_conf(endpoint.config().build()));

    let schema = Document::parse(r#"{"type":"object","properties":{"stone":{"type":"string"}},"required":["stone"]}"#)?;
    let mut request = ConverseRequest::user("How heavy is the opal?")
        .system("Weigh before you speak.")
        .tool(ToolSpecification::of("weigh", "Weighs a stone, in grams.", schema))
        .max_tokens(300);

    let answer = loop {
        let answer = client.converse(MODEL, request.clone()).await?;
        println!("{:?} tokens", answer.usage().prompt());
        if answer.response.stop_reason != Some(StopReason::ToolUse) {
            break answer;
        }
        let mut results = Vec::new();
        for call in answer.response.tool_uses() {
            // The input of a call is read as the tool's own type.
            let input: BTreeMap<String, String> = call.input.to()?;
            println!("{} of {:?}", call.name, input.get("stone"));
            results.push(ContentBlock::tool_result(call, Document::of(&BTreeMap::from([("grams", 12.5)]))?));
        }
        // The call goes back as it came, reasoning and signatures included.
        let turn = answer.response.message().cloned().unwrap_or_else(|| Message::assistant("…"));
        request = request.message(turn).message(Message::user(results));
    };
    println!("{}", answer.response.text());
    assert_eq!(answer.response.text(), "It weighs 12.5 grams.");

    let mut stream = client.converse_stream(MODEL, ConverseRequest::user("And the ruby?").max_tokens(300)).await?;
    while let Some(event) = stream.recv().await {
        if let ConverseEvent::ContentBlockDelta(event) = event?
            && let ContentBlockDelta::Text(text) = event.delta
        {
            print!("{text}");
            std::io::stdout().flush().ok();
        }
    }
    println!();
    Ok(())
}

/// A model that weighs before it speaks.
async fn endpoint() -> Loopback {
    let (entry, _) = registry::by_model(MODEL).expect("the id says its family");
    Loopback::start(move |request| {
        reply(entry, request, |asked| {
            let weighed = asked.to_string().contains("toolResult");
            let opal = asked.to_string().contains("opal");
            let said = match (weighed, opal) {
                (false, true) => r#"[{"toolUse":{"toolUseId":"t1","name":"weigh","input":{"stone":"opal"}}}]"#,
                (true, _) => r#"[{"text":"It weighs 12.5 grams."}]"#,
                (false, false) => r#"[{"text":"Rubies are heavier than they look."}]"#,
            };
            let stop = if said.contains("toolUse") { "tool_use" } else { "end_turn" };
            let answer = format!(
                r#"{{"output":{{"message":{{"role":"assistant","content":{said}}}}},"stopReason":"{stop}",
                    "usage":{{"inputTokens":3,"outputTokens":5,"totalTokens":8}}}}"#
            );
            Tree::parse_text(&answer).expect("JSON")
        })
    })
    .await
}
