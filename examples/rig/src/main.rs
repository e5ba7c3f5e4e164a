//! rig's client for Bedrock as it is published, over InvokeModel: it takes a configured SDK client, and that has one line
//! more.
//!
//! `cargo run -p outcrop-example-rig` needs no account: it brings an endpoint along.

use std::error::Error;
use std::io::Write;

use aws_sdk_bedrockruntime::Client;
use futures_util::StreamExt;
use outcrop_aws::ConverseOverInvoke;
use rig_bedrock::client::BedrockRuntime;
use rig_core::completion::CompletionRequest;
use rig_core::message::AssistantContent;
use rig_core::streaming::{Item, StreamEvent};

#[path = "../../../crates/outcrop-aws/examples/loopback/mod.rs"]
mod loopback;

const MODEL: &str = "meta.llama3-8b-instruct-v1:0";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout()).await
}

/// Asks for a whole answer and for a streamed one.
async fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let endpoint = loopback::answering("Bismuth melts in hot water.").await;
    let config = endpoint.config().interceptor(ConverseOverInvoke::new()).build();
    let model = BedrockRuntime::from(Client::from_conf(config)).completion(MODEL);

    let response = model.call(question()).await?;
    for content in &response.choice {
        if let AssistantContent::Text(text) = content {
            writeln!(out, "{}", text.text)?;
        }
    }
    let count = |tokens: Option<u64>| tokens.unwrap_or_default();
    writeln!(out, "{} tokens in, {} out", count(response.usage.input_tokens), count(response.usage.output_tokens))?;

    let mut stream = model.stream(question())?;
    while let Some(item) = stream.next().await {
        if let Item::Event(StreamEvent::Text { text, .. }) = item? {
            write!(out, "{text}|")?;
        }
    }
    writeln!(out)?;
    for request in endpoint.requests() {
        writeln!(out, "POST {} {}", request.path, request.text().starts_with(r#"{"prompt":"<|begin_of_text|>"#))?;
    }
    Ok(())
}

fn question() -> CompletionRequest {
    let mut request = CompletionRequest::new("Name a curious metal.");
    request.max_tokens = Some(100);
    request
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn rig_speaks_invoke_model_without_knowing() {
        let mut out = Vec::new();
        super::run(&mut out).await.unwrap();
        let expected = "Bismuth melts in hot water.\n\
            12 tokens in, 7 out\n\
            Bismuth |melts |in |hot |water.|\n\
            POST /model/meta.llama3-8b-instruct-v1%3A0/invoke true\n\
            POST /model/meta.llama3-8b-instruct-v1%3A0/invoke-with-response-stream true\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
