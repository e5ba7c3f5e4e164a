//! Clients and answers.

use aws_sdk_bedrockruntime::Client as Sdk;
use outcrop::registry::{self, Entry};
use outcrop::runtime::Tree;
use outcrop_aws::Client;
use outcrop_aws::client::Builder;

use super::loopback::{Loopback, reply};

pub const LLAMA: &str = "meta.llama3-8b-instruct-v1:0";
pub const CLAUDE: &str = "anthropic.claude-3-haiku-20240307-v1:0";

/// The family of a name.
pub fn family(name: &str) -> &'static Entry {
    registry::by_name(name).expect("a family")
}

/// The family that a model id leads to.
pub fn of_model(id: &str) -> &'static Entry {
    registry::by_model(id).expect("a family").0
}

/// A Converse answer of these blocks.
pub fn says(content: &str, stop: &str) -> Tree {
    Tree::parse_text(&format!(
        r#"{{"output":{{"message":{{"role":"assistant","content":{content}}}}},"stopReason":"{stop}",
            "usage":{{"inputTokens":3,"outputTokens":5,"totalTokens":8}}}}"#
    ))
    .unwrap()
}

/// An endpoint on which models of a family say this.
pub async fn saying(entry: &'static Entry, answer: Tree) -> Loopback {
    Loopback::start(move |request| reply(entry, request, |_| answer.clone())).await
}

/// A client of an endpoint.
pub fn client(endpoint: &Loopback) -> Client {
    with(endpoint, Client::builder())
}

/// A client of an endpoint, with settings.
pub fn with(endpoint: &Loopback, builder: Builder) -> Client {
    builder.build(Sdk::from_conf(endpoint.config().build()))
}
