//! The conversation: a question, a tool, an answer; or as much of it as a format can say.

use std::error::Error as StdError;

use anyhow::Context as _;
use aws_sdk_bedrockruntime::error::DisplayErrorContext;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message, VideoBlock, VideoFormat, VideoSource};
use outcrop::runtime::Code;
use outcrop_aws::TranslationError;

use crate::call::{self, Asked, Fault};
use crate::models::Model;
use crate::outcome::{Line, Outcome};
use crate::show::Show;
use crate::tool;
use crate::wire::Wire;

/// What the conversation has. Formats that cannot say all of it get the next one.
const PLANS: [Plan; 4] = [
    Plan { system: true, tool: true, film: false },
    Plan { system: true, tool: false, film: false },
    Plan { system: false, tool: false, film: false },
    Plan { system: false, tool: false, film: true },
];
/// How often the model may call the tool before it has to answer.
const MOST_CALLS: usize = 3;
const SYSTEM: &str = "You keep the tide table of a small harbour.";
const QUESTION: &str = "When is high water at the north quay?";

#[derive(Clone, Copy)]
struct Plan {
    system: bool,
    tool: bool,
    /// Some formats are about a film, and a text without one is no request.
    film: bool,
}

/// Holds the conversation with a model at an endpoint, and shows it as it goes.
pub(crate) async fn hold(endpoint: &str, model: &Model, show: &mut Show) -> Outcome {
    let mut outcome = Outcome { family: model.family, model: model.id.clone(), ..Outcome::default() };
    for plan in PLANS {
        let wire = Wire::open(endpoint, model);
        match plan.hold(&wire, model, &mut outcome, show).await {
            Ok(()) => {
                let reported = wire.reported();
                (outcome.losses, outcome.source) = (reported.losses, reported.source);
                return outcome;
            }
            Err(e) => match refusal(&*e) {
                Some(refused) if matches!(refused.error.code, Code::Unsupported | Code::MissingMember) => {
                    outcome.refused.push(refused.error.to_string());
                }
                _ => {
                    outcome.fault = Some(DisplayErrorContext(&*e).to_string());
                    return outcome;
                }
            },
        }
    }
    outcome.fault = Some("the format can say none of the conversations".to_owned());
    outcome
}

/// The translation's own error, somewhere in the chain of the SDK's.
fn refusal<'e>(error: &'e (dyn StdError + Send + Sync + 'static)) -> Option<&'e TranslationError> {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(e) = next {
        if let Some(found) = e.downcast_ref::<TranslationError>() {
            return Some(found);
        }
        next = e.source();
    }
    None
}

impl Plan {
    async fn hold(self, wire: &Wire, model: &Model, outcome: &mut Outcome, show: &mut Show) -> Result<(), Fault> {
        let mut content = vec![ContentBlock::Text(QUESTION.to_owned())];
        if self.film {
            let source = VideoSource::Bytes(Blob::new(*b"a film of the quay"));
            let film = VideoBlock::builder().format(VideoFormat::Mp4).source(source).build()?;
            content.insert(0, ContentBlock::Video(film));
        }
        let mut messages = vec![message(ConversationRole::User, content)?];
        let mut said = vec![line("user", QUESTION)];
        let mut calls = Vec::new();
        while calls.len() <= MOST_CALLS {
            let asked = Asked {
                model: &model.id,
                messages: messages.clone(),
                system: self.system.then_some(SYSTEM),
                tools: self.tool.then(tool::tide).transpose()?,
            };
            let (answer, call) = if model.streams {
                call::stream(wire, asked, show).await?
            } else {
                call::whole(wire, asked, show).await?
            };
            calls.push(call);
            let mut results = Vec::new();
            for block in &answer {
                match block {
                    ContentBlock::Text(text) => said.push(line("assistant", text)),
                    ContentBlock::ToolUse(used) => {
                        said.push(line("assistant", &format!("{}({})", used.name, tool::shown(&used.input))));
                        said.push(line("tool", tool::TIDE));
                        results.push(tool::result(used)?);
                    }
                    _ => {}
                }
            }
            if results.is_empty() {
                break;
            }
            messages.push(message(ConversationRole::Assistant, answer)?);
            messages.push(message(ConversationRole::User, results)?);
        }
        (outcome.said, outcome.calls) = (said, calls);
        Ok(())
    }
}

fn line(who: &'static str, text: &str) -> Line {
    Line { who, text: text.to_owned() }
}

fn message(role: ConversationRole, content: Vec<ContentBlock>) -> anyhow::Result<Message> {
    Message::builder().role(role).set_content(Some(content)).build().context("a message")
}
