//! The model calls a tool, the program answers the call, and the model goes on.
//!
//! `cargo run -p outcrop-aws --example tools` needs no account: it brings an endpoint along.

use std::error::Error;
use std::io::Write;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, Message, StopReason, Tool, ToolConfiguration, ToolInputSchema, ToolResultBlock,
    ToolResultContentBlock, ToolSpecification,
};
use aws_smithy_types::Document;
use outcrop_aws::ConverseOverInvoke;

mod loopback;

const MODEL: &str = "us.anthropic.claude-sonnet-4-20250514-v1:0";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout()).await
}

/// Asks for the weather until the model needs no tool any more.
pub async fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let endpoint = loopback::calling("weather", r#"{"city":"Oslo"}"#).await;
    let client = Client::from_conf(endpoint.config().interceptor(ConverseOverInvoke::new()).build());
    let question = ContentBlock::Text("How warm is it in Oslo?".into());
    let mut turns = vec![Message::builder().role(ConversationRole::User).content(question).build()?];
    loop {
        let call = client.converse().model_id(MODEL).tool_config(tools()?).set_messages(Some(turns.clone()));
        let output = call.send().await?;
        let message = output.output().and_then(|output| output.as_message().ok()).ok_or("no message")?.clone();
        let mut results = Vec::new();
        for block in message.content() {
            match block {
                ContentBlock::Text(text) => writeln!(out, "model: {text}")?,
                ContentBlock::ToolUse(call) => {
                    let answer = weather(call.input());
                    writeln!(out, "{}: {answer}", call.name())?;
                    let content = ToolResultContentBlock::Text(answer);
                    let result = ToolResultBlock::builder().tool_use_id(call.tool_use_id()).content(content);
                    results.push(ContentBlock::ToolResult(result.build()?));
                }
                _ => {}
            }
        }
        turns.push(message);
        if *output.stop_reason() != StopReason::ToolUse {
            return Ok(());
        }
        turns.push(Message::builder().role(ConversationRole::User).set_content(Some(results)).build()?);
    }
}

/// The tool itself.
fn weather(input: &Document) -> String {
    let city = input.as_object().and_then(|input| input.get("city")).and_then(Document::as_string);
    format!("9 degrees in {}", city.unwrap_or("an unnamed place"))
}

fn tools() -> Result<ToolConfiguration, Box<dyn Error>> {
    let object = |members: Vec<(&str, Document)>| {
        Document::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let city = object(vec![("type", Document::String("string".to_owned()))]);
    let schema = object(vec![
        ("type", Document::String("object".to_owned())),
        ("properties", object(vec![("city", city)])),
        ("required", Document::Array(vec![Document::String("city".to_owned())])),
    ]);
    let tool = ToolSpecification::builder().name("weather").description("The weather of a city.");
    let tool = tool.input_schema(ToolInputSchema::Json(schema)).build()?;
    Ok(ToolConfiguration::builder().tools(Tool::ToolSpec(tool)).build()?)
}
