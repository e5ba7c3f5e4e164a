//! The conversation, through a client that is the AWS SDK's own but for one line.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::Context as _;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ContentBlockDelta, ContentBlockStart, ConversationRole, ConverseStreamOutput, InferenceConfiguration,
    Message, SystemContentBlock, Tool, ToolConfiguration, ToolInputSchema, ToolResultBlock, ToolResultContentBlock,
    ToolSpecification, ToolUseBlock, VideoBlock, VideoFormat, VideoSource,
};
use aws_smithy_types::Document;
use outcrop::runtime::{Code, Kind};
use outcrop_aws::{ConverseOverInvoke, Translated, TranslationError};

use crate::models::Model;
use crate::outcome::{Call, Line, Outcome};
use crate::show::Show;
use crate::tap::{Side, Tap};

/// What the conversation has. Formats that cannot say all of it get the next one.
const PLANS: [Plan; 4] = [
    Plan { system: true, tool: true, film: false },
    Plan { system: true, tool: false, film: false },
    Plan { system: false, tool: false, film: false },
    Plan { system: false, tool: false, film: true },
];
/// How often the model may call the tool before it has to answer.
const MOST_CALLS: usize = 3;

#[derive(Clone, Copy)]
struct Plan {
    system: bool,
    tool: bool,
    /// Some formats are about a film, and a text without one is no request.
    film: bool,
}

/// What the interceptor reports.
#[derive(Default)]
struct Reported {
    losses: Vec<[String; 3]>,
    source: &'static str,
}

struct Wire {
    client: Client,
    converse: Tap,
    native: Tap,
    reported: Arc<Mutex<Reported>>,
}

/// Holds the conversation with a model at an endpoint, and shows it as it goes.
pub(crate) async fn hold(endpoint: &str, model: &Model, show: &mut Show) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome { family: model.family, model: model.id.clone(), ..Outcome::default() };
    for plan in PLANS {
        let line = Wire::open(endpoint);
        let talk = Talk { line: &line, model: &model.id, plan };
        let held = talk.hold(&mut outcome, show).await;
        let reported = std::mem::take(&mut *line.reported.lock().unwrap_or_else(PoisonError::into_inner));
        match held {
            Ok(()) => {
                outcome.losses = reported.losses;
                outcome.source = reported.source;
                return Ok(outcome);
            }
            Err(e) => match refusal(&*e).filter(|r| matches!(r.error.code, Code::Unsupported | Code::MissingMember)) {
                Some(refused) => outcome.refused.push(refused.error.to_string()),
                None => {
                    outcome.fault = Some(format!("{e:#}"));
                    return Ok(outcome);
                }
            },
        }
    }
    outcome.fault = Some("the format can say none of the conversations".to_owned());
    Ok(outcome)
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

impl Wire {
    fn open(endpoint: &str) -> Self {
        let (converse, native) = (Tap::new(Side::Converse), Tap::new(Side::Native));
        let reported = Arc::<Mutex<Reported>>::default();
        let observer = {
            let reported = Arc::clone(&reported);
            move |told: &Translated<'_>| note(&mut reported.lock().unwrap_or_else(PoisonError::into_inner), told)
        };
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("demo", "demo", None, None, "demo"))
            .endpoint_url(endpoint)
            .interceptor(native.clone())
            // The one line.
            .interceptor(ConverseOverInvoke::new().observer(observer))
            .interceptor(converse.clone())
            .build();
        Self { client: Client::from_conf(config), converse, native, reported }
    }
}

fn note(reported: &mut Reported, told: &Translated<'_>) {
    for loss in &told.report.losses {
        let loss = [loss.fate.as_str().to_owned(), loss.path.as_str().to_owned(), loss.why.to_string()];
        if !reported.losses.contains(&loss) {
            reported.losses.push(loss);
        }
    }
    if told.kind == Kind::Stream {
        reported.source = told.report.usage.source("outputTokens").map_or("nobody", |source| source.as_str());
    }
}

struct Talk<'a> {
    line: &'a Wire,
    model: &'a str,
    plan: Plan,
}

impl Talk<'_> {
    async fn hold(&self, outcome: &mut Outcome, show: &mut Show) -> Result<(), Box<dyn StdError + Send + Sync>> {
        let question = "When is high water at the north quay?";
        let mut content = vec![ContentBlock::Text(question.to_owned())];
        if self.plan.film {
            let source = VideoSource::Bytes(Blob::new(*b"a film of the quay"));
            content
                .insert(0, ContentBlock::Video(VideoBlock::builder().format(VideoFormat::Mp4).source(source).build()?));
        }
        let mut messages = vec![message(ConversationRole::User, content)?];
        let said = |who, text: &str| Line { who, text: text.to_owned() };
        let mut lines = vec![said("user", question)];
        let mut calls = Vec::new();
        while calls.len() <= MOST_CALLS {
            let (answer, call) = self.call(messages.clone(), show).await?;
            calls.push(call);
            let mut results = Vec::new();
            for block in &answer {
                match block {
                    ContentBlock::Text(text) => lines.push(said("assistant", text)),
                    ContentBlock::ToolUse(used) => {
                        lines.push(said("assistant", &format!("{}({})", used.name, shown(&used.input))));
                        lines.push(said("tool", TIDE));
                        let content = ToolResultContentBlock::Text(TIDE.to_owned());
                        let result = ToolResultBlock::builder().tool_use_id(&used.tool_use_id).content(content);
                        results.push(ContentBlock::ToolResult(result.build()?));
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
        outcome.said = lines;
        outcome.calls = calls;
        Ok(())
    }

    /// One call of `converse_stream`: the blocks of the answer, and what it was like.
    async fn call(
        &self,
        messages: Vec<Message>,
        show: &mut Show,
    ) -> Result<(Vec<ContentBlock>, Call), Box<dyn StdError + Send + Sync>> {
        let (mut answer, mut call, started) = (Vec::<ContentBlock>::new(), Call::default(), Instant::now());
        let request = self.line.client.converse_stream().model_id(self.model).set_messages(Some(messages));
        let limits = InferenceConfiguration::builder().max_tokens(200).temperature(0.5).build();
        let mut request = request.inference_config(limits);
        if self.plan.system {
            request =
                request.system(SystemContentBlock::Text("You keep the tide table of a small harbour.".to_owned()));
        }
        if self.plan.tool {
            request = request.tool_config(tide()?);
        }
        let mut stream = request.send().await?.stream;
        let (mut used, mut input) = (None, String::new());
        while let Some(event) = stream.recv().await? {
            if call.first.is_zero() {
                call.first = started.elapsed();
            }
            match event {
                ConverseStreamOutput::ContentBlockStart(start) => {
                    if let Some(ContentBlockStart::ToolUse(start)) = start.start {
                        show.piece(&format!("{}(", start.name));
                        used = Some(ToolUseBlock::builder().tool_use_id(start.tool_use_id).name(start.name));
                    }
                }
                ConverseStreamOutput::ContentBlockDelta(delta) => match delta.delta {
                    Some(ContentBlockDelta::Text(text)) => {
                        show.piece(&text);
                        match answer.last_mut() {
                            Some(ContentBlock::Text(whole)) => whole.push_str(&text),
                            _ => answer.push(ContentBlock::Text(text)),
                        }
                    }
                    Some(ContentBlockDelta::ToolUse(delta)) => {
                        show.piece(&delta.input);
                        input.push_str(&delta.input);
                    }
                    _ => {}
                },
                ConverseStreamOutput::ContentBlockStop(_) => {
                    if let Some(used) = used.take() {
                        show.piece(") ");
                        let input = document(&std::mem::take(&mut input))?;
                        answer.push(ContentBlock::ToolUse(used.input(input).build()?));
                    }
                }
                ConverseStreamOutput::Metadata(metadata) => {
                    if let Some(usage) = metadata.usage {
                        call.tokens = [usage.input_tokens, usage.output_tokens];
                    }
                }
                _ => {}
            }
        }
        call.total = started.elapsed();
        (call.converse, call.native) = (self.line.converse.take(), self.line.native.take());
        Ok((answer, call))
    }
}

/// What the tool says.
const TIDE: &str = "06:41, 3.20 m";

fn message(role: ConversationRole, content: Vec<ContentBlock>) -> anyhow::Result<Message> {
    Message::builder().role(role).set_content(Some(content)).build().context("a message")
}

fn tide() -> anyhow::Result<ToolConfiguration> {
    let schema = r#"{"type":"object","properties":{"quay":{"type":"string"}},"required":["quay"]}"#;
    let tool = ToolSpecification::builder()
        .name("tide")
        .description("High water at a quay")
        .input_schema(ToolInputSchema::Json(document(schema)?));
    Ok(ToolConfiguration::builder().tools(Tool::ToolSpec(tool.build()?)).build()?)
}

/// JSON text as the SDK wants it.
fn document(text: &str) -> anyhow::Result<Document> {
    let value: serde_json::Value = serde_json::from_str(if text.is_empty() { "{}" } else { text })?;
    Ok(from_json(value))
}

fn from_json(value: serde_json::Value) -> Document {
    use aws_smithy_types::Number;
    use serde_json::Value;
    match value {
        Value::Null => Document::Null,
        Value::Bool(b) => Document::Bool(b),
        Value::Number(n) => Document::Number(match (n.as_u64(), n.as_i64()) {
            (Some(n), _) => Number::PosInt(n),
            (_, Some(n)) => Number::NegInt(n),
            _ => Number::Float(n.as_f64().unwrap_or_default()),
        }),
        Value::String(s) => Document::String(s),
        Value::Array(items) => Document::Array(items.into_iter().map(from_json).collect()),
        Value::Object(members) => Document::Object(members.into_iter().map(|(n, v)| (n, from_json(v))).collect()),
    }
}

/// The arguments of a call, for people.
fn shown(input: &Document) -> String {
    match input {
        Document::Object(members) => {
            let shown = members.iter().map(|(name, value)| format!("{name}: {}", shown(value)));
            shown.collect::<Vec<_>>().join(", ")
        }
        Document::String(text) => format!("{text:?}"),
        Document::Bool(b) => b.to_string(),
        Document::Number(n) => n.to_f64_lossy().to_string(),
        Document::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Document::Null => "null".to_owned(),
    }
}
