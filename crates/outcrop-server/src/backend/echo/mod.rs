//! A model of our own. It knows Converse alone: native requests are read by the codec of their family, and its answers
//! are written by it.

mod pattern;
mod reading;
mod reply;
mod sample;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use outcrop::catalogue;
use outcrop_runtime::{Call, Code, Error, Kind, Tree};

use super::speak;
use crate::ask::{Ask, Operation};
use crate::config::{Config, Rules};
use crate::failure::Failure;
use crate::json::{self, Members};
use crate::models::{Format, Models, refused};
use crate::reply::{Answer, Whole, request_losses};
use crate::telemetry::{Telemetry, Translated};
use crate::validate;
pub(crate) use reading::last_text;
pub(crate) use reply::{Block, Reply};
pub(crate) use tokens::count;

/// What it answers with, and how fast.
pub(crate) struct Echo {
    pub(crate) pace: Duration,
    rules: Rules,
    /// Where losses are counted.
    pub(crate) telemetry: Arc<Telemetry>,
}

/// A request that has been judged: what was asked, in Converse.
pub(crate) struct Judged<'m> {
    pub(crate) format: Format<'m>,
    pub(crate) request: Tree,
    /// Whether the answer may call a tool.
    pub(crate) tools: bool,
    /// What was lost on the way into Converse.
    losses: Option<String>,
}

impl Echo {
    pub(crate) fn new(config: &Config, pace: Duration, telemetry: &Arc<Telemetry>) -> Self {
        Self { pace, rules: config.rules, telemetry: Arc::clone(telemetry) }
    }

    pub(crate) async fn answer(&self, models: &Arc<Models>, ask: &Ask, seed: u64) -> Result<Answer, Failure> {
        if ask.operation == Operation::CountTokens {
            return self.count(models, ask);
        }
        let (judged, reply) = at_length(ask, || {
            let judged = self.judge(models, ask)?;
            let reply = reading::reply(&judged, seed)?;
            Ok((judged, reply))
        })?;
        if !ask.operation.streams() && !self.pace.is_zero() {
            tokio::time::sleep(self.pace).await;
        }
        let Judged { format, request, losses, .. } = judged;
        let answer = speak::reply(ask, &format, &request, reply, self.pace, &self.telemetry)?;
        Ok(answer.telling(request_losses(losses)))
    }

    /// Judges a request as the service does, and reads it.
    pub(crate) fn judge<'m>(&self, models: &'m Models, ask: &Ask) -> Result<Judged<'m>, Failure> {
        let judged = if ask.operation.is_native() {
            self.judge_native(models, &ask.id, &ask.body, &ask.call_headers())?
        } else {
            let format = models.to_write(&ask.id)?;
            let request = validate::json(&ask.body)?;
            self.judge_converse(&format, &request)?;
            Judged { format, request, tools: true, losses: None }
        };
        if ask.operation.streams() && judged.format.family.entry.streams.is_none() {
            return Err(Failure::invalid("The model is unsupported for streaming."));
        }
        Ok(judged)
    }

    fn judge_native<'m>(
        &self,
        models: &'m Models,
        id: &str,
        body: &[u8],
        headers: &[(String, String)],
    ) -> Result<Judged<'m>, Failure> {
        // Which of several formats it is shows in the body, so it must be JSON first.
        validate::json(body)?;
        let format = models.of_body(id, Kind::Request, body)?;
        let call = Call { model: &format.model, headers, ..Call::default() };
        let read = validate::native(&format, &call, body, self.rules.unknown)?;
        let request = Tree::parse(&read.body).map_err(|e| refused(&e))?;
        let tools = format.family.can.tools;
        let losses = self.telemetry.lost(Translated::Request, &read.report);
        Ok(Judged { format, request, tools, losses })
    }

    fn judge_converse(&self, format: &Format<'_>, request: &Tree) -> Result<(), Failure> {
        let facade = format.family.ir.as_ref().map(|ir| ir.facade.as_ref());
        validate::converse(facade, request, self.rules.turns)?;
        let asked = request.get("inferenceConfig").and_then(|config| config.get("maxTokens")).and_then(Tree::as_int);
        if let (Some(asked), Some(limit)) = (asked, format.limit("max_output_tokens"))
            && u64::try_from(asked).is_ok_and(|asked| asked > limit)
        {
            return Err(Failure::invalid(format!(
                "The maximum tokens you requested exceed the model limit of {limit}. Try again with a maximum tokens value \
                 lower than {limit}."
            )));
        }
        // What the format cannot say the service does not take either. Markers in texts it does. The echo answers what was
        // asked and not this body, so what the body has no place for is not lost.
        let call = Call { model: &format.model, escape: true, ..Call::default() };
        let body = request.to_string();
        match format.family.entry.codec.encode(Kind::Request, &call, body.as_bytes()) {
            Err(e) if !beyond(&format.model, &e) => Err(refused(&e)),
            _ => Ok(()),
        }
    }

    /// Counts the tokens of a request.
    fn count(&self, models: &Models, ask: &Ask) -> Result<Answer, Failure> {
        let body = validate::json(&ask.body)?;
        let input = body.get("input").ok_or_else(|| Failure::malformed("#: required key [input] not found"))?;
        let (request, losses) = match json::arm(input) {
            Some(("invokeModel", native)) => {
                let body = native.get("body");
                let body =
                    body.ok_or_else(|| Failure::malformed("#/input/invokeModel: required key [body] not found"))?;
                let text = body.as_str().ok_or_else(|| {
                    let found = validate::kind(body);
                    Failure::malformed(&format!("#/input/invokeModel/body: expected type: String, found: {found}"))
                })?;
                let bytes = base64_simd::STANDARD.decode_to_vec(text);
                let bytes =
                    bytes.map_err(|_| Failure::malformed("#/input/invokeModel/body: the bytes are not base64"))?;
                let Judged { request, losses, .. } = self.judge_native(models, &ask.id, &bytes, &[])?;
                (request, losses)
            }
            Some(("converse", request)) => {
                let format = models.to_write(&ask.id)?;
                self.judge_converse(&format, request)?;
                (request.clone(), None)
            }
            _ => {
                let matched = ["invokeModel", "converse"].into_iter().filter(|name| input.get(name).is_some()).count();
                return Err(Failure::malformed(&format!("#/input: {matched} subschemas matched instead of one")));
            }
        };
        let tokens = reading::input_tokens(&request);
        let answer = Answer::Whole(Whole::json(Members::new().number("inputTokens", tokens).finish()));
        Ok(answer.telling(request_losses(losses)))
    }
}

/// Does what takes its time with a large body without keeping other requests from going on.
fn at_length<T>(ask: &Ask, work: impl FnOnce() -> T) -> T {
    const LARGE: usize = 1 << 20;
    let several = tokio::runtime::Handle::current().runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread;
    if several && ask.body.len() > LARGE { tokio::task::block_in_place(work) } else { work() }
}

/// Whether the service takes what the format of InvokeModel has no place for, since it does that itself: guarded content
/// is taken out, documents are turned into text, tools are put into the prompt.
fn beyond(model: &str, e: &Error) -> bool {
    let can = |word: &str| catalogue::model(model).is_some_and(|model| model.capabilities.contains(&word));
    let about = |name: &str| e.path.split(['.', '[']).any(|step| step == name);
    match e.code {
        Code::Unsupported | Code::UnknownValue if about("document") => true,
        Code::Unsupported if about("guardContent") => true,
        Code::Unsupported => ["toolConfig", "toolUse", "toolResult"].into_iter().any(about) && can("tools"),
        _ => false,
    }
}
