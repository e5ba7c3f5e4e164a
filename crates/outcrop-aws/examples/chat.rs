//! A chat in the terminal, word by word as the model says it. An empty line ends it.
//!
//! `cargo run -p outcrop-aws --example chat` needs no account: it brings an endpoint along.

use std::error::Error;
use std::io::{BufRead, Write};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, ConverseStreamOutput, Message};
use outcrop_aws::ConverseOverInvoke;

mod loopback;

const MODEL: &str = "us.anthropic.claude-sonnet-4-20250514-v1:0";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdin().lock(), &mut std::io::stdout()).await
}

/// Reads a line, streams the answer, and so on.
pub async fn run(input: &mut impl BufRead, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let endpoint = loopback::repeating().await;
    let client = Client::from_conf(endpoint.config().interceptor(ConverseOverInvoke::new()).build());
    let mut turns = Vec::new();
    let mut line = String::new();
    loop {
        write!(out, "> ")?;
        out.flush()?;
        line.clear();
        input.read_line(&mut line)?;
        if line.trim().is_empty() {
            return Ok(());
        }
        turns.push(turn(ConversationRole::User, line.trim())?);
        let call = client.converse_stream().model_id(MODEL).set_messages(Some(turns.clone()));
        let mut stream = call.send().await?.stream;
        let mut said = String::new();
        while let Some(event) = stream.recv().await? {
            let ConverseStreamOutput::ContentBlockDelta(event) = event else { continue };
            let Some(Ok(text)) = event.delta().map(|delta| delta.as_text()) else { continue };
            write!(out, "{text}")?;
            out.flush()?;
            said.push_str(text);
        }
        writeln!(out)?;
        turns.push(turn(ConversationRole::Assistant, &said)?);
    }
}

fn turn(role: ConversationRole, text: &str) -> Result<Message, Box<dyn Error>> {
    Ok(Message::builder().role(role).content(ContentBlock::Text(text.to_owned())).build()?)
}
