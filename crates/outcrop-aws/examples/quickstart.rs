//! A plain program of the AWS SDK and one line more: what it asks by Converse goes over InvokeModel.
//!
//! `cargo run -p outcrop-aws --example quickstart` needs no account: it brings an endpoint along.

use std::error::Error;
use std::io::Write;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, InferenceConfiguration, Message};
use outcrop_aws::ConverseOverInvoke;

mod loopback;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout()).await
}

/// Asks one thing and writes the answer, and what went over the wire.
pub async fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    // With an account: `aws_sdk_bedrockruntime::config::Builder::from(&aws_config::load_from_env().await)`.
    let endpoint = loopback::answering("Bismuth melts in hot water.").await;
    let config = endpoint
        .config()
        .interceptor(ConverseOverInvoke::new()) // the one line
        .build();
    let client = Client::from_conf(config);

    let question = ContentBlock::Text("Name a curious metal.".into());
    let output = client
        .converse()
        .model_id("meta.llama3-8b-instruct-v1:0")
        .messages(Message::builder().role(ConversationRole::User).content(question).build()?)
        .inference_config(InferenceConfiguration::builder().max_tokens(100).temperature(0.2).build())
        .send()
        .await?;

    let message = output.output().and_then(|output| output.as_message().ok()).ok_or("no message")?;
    for text in message.content().iter().filter_map(|block| block.as_text().ok()) {
        writeln!(out, "{text}")?;
    }
    let usage = output.usage().ok_or("no usage")?;
    writeln!(out, "{} tokens in, {} out", usage.input_tokens(), usage.output_tokens())?;
    for request in endpoint.requests() {
        writeln!(out, "over the wire: POST {}\n{}", request.path, request.text())?;
    }
    Ok(())
}
