//! A model with a format of its own, imported under an ARN that says nothing: the format is a spec in this folder, made
//! into codecs when this is compiled, and the client is told which ARN speaks it.
//!
//! `cargo run -p outcrop-aws --example own_family`, offline: it starts the endpoint that it calls.

#![allow(clippy::expect_used, clippy::missing_panics_doc)]

mod loopback;

use aws_sdk_bedrockruntime::Client as Sdk;
use loopback::{Answer, Loopback};
use outcrop::registry::Entry;
use outcrop::runtime::resolve::Target;
use outcrop_aws::types::{ConverseRequest, StopReason};
use outcrop_aws::{Client, Error};

outcrop::family!("examples/quarry-chat.yaml");

static QUARRY: Entry = outcrop_aws::entry!(quarry_chat);

const ARN: &str = "arn:aws:bedrock:us-east-1:111122223333:imported-model/quarry000001";

#[tokio::main]
async fn main() -> Result<(), Error> {
    run().await
}

/// Asks the model one question.
pub async fn run() -> Result<(), Error> {
    let endpoint = Loopback::start(|request| {
        assert_eq!(request.text(), r#"{"question":"Name a metal.","limit":20}"#);
        Answer::json(r#"{"reply":"Tin.","end":"done"}"#).with("x-amzn-bedrock-output-token-count", "2")
    })
    .await;
    let client = Client::builder()
        .family(&QUARRY)
        .target(ARN, Target::family("quarry-chat", None))
        .build(Sdk::from_conf(endpoint.config().build()));

    let answer = client.converse(ARN, ConverseRequest::user("Name a metal.").max_tokens(20)).await?;
    println!("{} ({:?} tokens)", answer.response.text(), answer.usage().output.map(|count| count.tokens));
    assert_eq!(answer.response.stop_reason, Some(StopReason::EndTurn));

    // What the format cannot say is refused before anything is sent.
    let refused = client.converse(ARN, ConverseRequest::user("Name a metal.").system("Be brief.")).await;
    println!("{}", refused.expect_err("the format has no place for instructions"));
    Ok(())
}
