//! Clients, requests and what comes of them.

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::Builder;
use aws_sdk_bedrockruntime::error::DisplayErrorContext;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamOutput as Streaming;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, ConverseStreamOutput, Message};
use outcrop::registry::{self, Entry};
use outcrop::runtime::model_id::Resource;
use outcrop::runtime::resolve::Target;
use outcrop::runtime::{Kind, Tree};
use outcrop_aws::ConverseOverInvoke;

pub const LLAMA: &str = "meta.llama3-8b-instruct-v1:0";
pub const CLAUDE: &str = "anthropic.claude-3-haiku-20240307-v1:0";

/// A client over InvokeModel.
pub fn over(config: Builder) -> Client {
    Client::from_conf(config.interceptor(ConverseOverInvoke::new()).build())
}

/// The family of a name.
pub fn family(name: &str) -> &'static Entry {
    registry::by_name(name).expect("a family")
}

/// A turn of the user.
pub fn user(text: &str) -> Message {
    let text = ContentBlock::Text(text.to_owned());
    Message::builder().role(ConversationRole::User).content(text).build().unwrap()
}

/// A Converse answer of one text.
pub fn says(text: &str) -> Tree {
    let text = Tree::str(text).to_string();
    Tree::parse_text(&format!(
        r#"{{"output":{{"message":{{"role":"assistant","content":[{{"text":{text}}}]}}}},"stopReason":"end_turn",
            "usage":{{"inputTokens":3,"outputTokens":5,"totalTokens":8}}}}"#
    ))
    .unwrap()
}

/// The last text of a Converse request.
pub fn asked(converse: &Tree) -> String {
    let turn = converse.get("messages").and_then(Tree::as_list).and_then(<[Tree]>::last).expect("a turn");
    let blocks = turn.get("content").and_then(Tree::as_list).unwrap_or_default();
    blocks.iter().filter_map(|block| block.get("text")?.as_str()).next_back().unwrap_or_default().to_owned()
}

/// The events of a stream to its end, and what ended it early.
pub async fn events(mut output: Streaming) -> (Vec<ConverseStreamOutput>, Option<String>) {
    let mut events = Vec::new();
    loop {
        match output.stream.recv().await {
            Ok(Some(event)) => events.push(event),
            Ok(None) => return (events, None),
            Err(e) => {
                let told = format!("{}", DisplayErrorContext(e));
                // After an error nothing comes, and nothing panics.
                if !told.contains("exception") && !told.contains("Exception") {
                    assert!(matches!(output.stream.recv().await, Ok(None) | Err(_)), "{told}");
                }
                return (events, Some(told));
            }
        }
    }
}

/// The texts of events, joined.
pub fn text(events: &[ConverseStreamOutput]) -> String {
    let deltas = events.iter().filter_map(|event| event.as_content_block_delta().ok()?.delta()?.as_text().ok());
    deltas.map(String::as_str).collect()
}

/// An id by which a family is written, and an interceptor that knows it. The id says the family where the catalogue has
/// one that does, else a line says it.
pub fn reached(entry: &'static Entry) -> (String, ConverseOverInvoke) {
    let arn = |kind: &str| format!("arn:aws:bedrock:us-east-1:111122223333:{kind}/abcdefghijkl");
    let ids: Vec<String> = entry
        .spec
        .models
        .iter()
        .map(|model| match model.resource {
            None => model.pattern.replace('*', "x-v1:0"),
            Some(Resource::ImportedModel) => arn("imported-model"),
            Some(_) => arn("provisioned-model"),
        })
        .collect();
    let itself = |id: &&String| registry::by_model(id).is_some_and(|(found, _)| std::ptr::eq(found, entry));
    if let Some(id) = ids.iter().find(itself) {
        return (id.clone(), ConverseOverInvoke::new());
    }
    let id = format!("my-{}", entry.spec.family);
    let target = Target::family(entry.spec.family, ids.first().map(String::as_str));
    (id.clone(), ConverseOverInvoke::new().target(&id, target))
}

/// The first of some Converse values that a family's format can say.
pub fn sayable(entry: &Entry, kind: Kind, model: &str, values: &[&str]) -> Option<(Tree, outcrop::runtime::Output)> {
    let call = outcrop::runtime::Call { model, ..Default::default() };
    values.iter().find_map(|value| {
        let native = entry.codec.encode(kind, &call, value.as_bytes()).ok()?;
        Some((Tree::parse_text(value).unwrap(), native))
    })
}
