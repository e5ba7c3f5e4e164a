//! What the model says: as a Converse answer, or event by event.

use outcrop_runtime::tree::write_str;

use super::tokens::{Tokens, tokens};
use crate::json::{Members, list};

/// An answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Reply {
    pub(crate) blocks: Vec<Block>,
    pub(crate) stop: String,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    /// Whether the model caches: then it says that it has not.
    pub(crate) caches: bool,
    pub(crate) latency_ms: u64,
    /// Members of the answer that repeat what was asked, as JSON.
    pub(crate) performance: Option<String>,
    pub(crate) tier: Option<String>,
    /// Members of the native answer that were asked for, as JSON.
    pub(crate) fields: Option<String>,
}

/// A block of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    Reasoning {
        text: String,
        signature: Option<String>,
    },
    Text(String),
    /// A call, with its arguments as JSON.
    Call {
        id: String,
        name: String,
        input: String,
    },
}

impl Block {
    fn json(&self) -> String {
        match self {
            Self::Reasoning { text, signature } => {
                let signature = signature.as_ref().map(|text| quoted(text));
                let inner = Members::new().maybe("signature", signature.as_deref()).text("text", text).finish();
                Members::new().raw("reasoningContent", &Members::new().raw("reasoningText", &inner).finish()).finish()
            }
            Self::Text(text) => Members::new().text("text", text).finish(),
            Self::Call { id, name, input } => {
                let call = Members::new().raw("input", input).text("name", name).text("toolUseId", id);
                Members::new().raw("toolUse", &call.finish()).finish()
            }
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    write_str(text, &mut out);
    out
}

impl Reply {
    fn usage(&self) -> String {
        let total = self.input_tokens.saturating_add(self.output_tokens);
        self.counts().raw("serverToolUsage", "{}").number("totalTokens", total).finish()
    }

    /// Usage as codecs take it: without what native bodies have no place for.
    fn native_usage(&self) -> String {
        self.counts().number("totalTokens", self.input_tokens.saturating_add(self.output_tokens)).finish()
    }

    fn counts(&self) -> Members {
        let none = self.caches.then_some("0");
        let cached = Members::new().maybe("cacheReadInputTokens", none).maybe("cacheWriteInputTokens", none);
        cached.number("inputTokens", self.input_tokens).number("outputTokens", self.output_tokens)
    }

    /// The Converse answer. `native`: for a codec, which knows nothing of what Converse adds.
    pub(crate) fn body(&self, native: bool) -> String {
        let content = list(self.blocks.iter().map(Block::json));
        let message = Members::new().raw("content", &content).text("role", "assistant").finish();
        let usage = if native { self.native_usage() } else { self.usage() };
        Members::new()
            .maybe("additionalModelResponseFields", self.fields.as_deref())
            .raw("metrics", &Members::new().number("latencyMs", self.latency_ms).finish())
            .raw("output", &Members::new().raw("message", &message).finish())
            .maybe("performanceConfig", self.performance.as_deref())
            .maybe("serviceTier", self.tier.as_deref())
            .text("stopReason", &self.stop)
            .raw("usage", &usage)
            .finish()
    }

    /// Its events in order: names and payloads.
    pub(crate) fn events(self, native: bool) -> Events {
        Events { reply: self, native, next: Next::Start }
    }

    fn metadata(&self, native: bool) -> String {
        let usage = if native { self.native_usage() } else { self.usage() };
        Members::new()
            .raw("metrics", &Members::new().number("latencyMs", self.latency_ms).finish())
            .maybe("performanceConfig", self.performance.as_deref())
            .maybe("serviceTier", self.tier.as_deref())
            .raw("usage", &usage)
            .finish()
    }
}

/// See [`Reply::events`]. One is made when it is asked for: a long answer takes no more room than a short one.
#[derive(Debug)]
pub(crate) struct Events {
    reply: Reply,
    native: bool,
    next: Next,
}

/// What comes next. Offsets are into the text of a block.
#[derive(Debug, Clone, Copy)]
enum Next {
    Start,
    Open(usize),
    Delta(usize, usize),
    Signature(usize),
    Close(usize),
    Stop,
    Metadata,
    End,
}

impl Events {
    fn text(&self, block: usize) -> &str {
        match self.reply.blocks.get(block) {
            Some(Block::Text(text) | Block::Reasoning { text, .. } | Block::Call { input: text, .. }) => text,
            None => "",
        }
    }
}

impl Iterator for Events {
    type Item = (&'static str, String);

    fn next(&mut self) -> Option<Self::Item> {
        let about = |index: usize| Members::new().number("contentBlockIndex", index as u64);
        loop {
            match self.next {
                Next::Start => {
                    self.next = Next::Open(0);
                    return Some(("messageStart", Members::new().text("role", "assistant").finish()));
                }
                Next::Open(index) => {
                    self.next = Next::Delta(index, 0);
                    match self.reply.blocks.get(index) {
                        None => self.next = Next::Stop,
                        Some(Block::Call { id, name, .. }) => {
                            let call = Members::new().text("name", name).text("toolUseId", id).finish();
                            let start = Members::new().raw("toolUse", &call).finish();
                            return Some(("contentBlockStart", about(index).raw("start", &start).finish()));
                        }
                        Some(_) => {}
                    }
                }
                Next::Delta(index, from) => {
                    let rest: Tokens<'_> = tokens(self.text(index).get(from..).unwrap_or_default());
                    let Some(token) = rest.clone().next() else {
                        self.next = Next::Signature(index);
                        continue;
                    };
                    let delta = match self.reply.blocks.get(index) {
                        Some(Block::Reasoning { .. }) => {
                            Members::new().raw("reasoningContent", &Members::new().text("text", token).finish())
                        }
                        Some(Block::Call { .. }) => {
                            Members::new().raw("toolUse", &Members::new().text("input", token).finish())
                        }
                        _ => Members::new().text("text", token),
                    };
                    let end = from + token.len();
                    let event = about(index).raw("delta", &delta.finish()).finish();
                    self.next = Next::Delta(index, end);
                    return Some(("contentBlockDelta", event));
                }
                Next::Signature(index) => {
                    self.next = Next::Close(index);
                    if let Some(Block::Reasoning { signature: Some(signature), .. }) = self.reply.blocks.get(index) {
                        let delta = Members::new().text("signature", signature).finish();
                        let delta = Members::new().raw("reasoningContent", &delta).finish();
                        return Some(("contentBlockDelta", about(index).raw("delta", &delta).finish()));
                    }
                }
                Next::Close(index) => {
                    self.next = Next::Open(index + 1);
                    return Some(("contentBlockStop", about(index).finish()));
                }
                Next::Stop => {
                    self.next = Next::Metadata;
                    let stop = Members::new().maybe("additionalModelResponseFields", self.reply.fields.as_deref());
                    return Some(("messageStop", stop.text("stopReason", &self.reply.stop).finish()));
                }
                Next::Metadata => {
                    self.next = Next::End;
                    return Some(("metadata", self.reply.metadata(self.native)));
                }
                Next::End => return None,
            }
        }
    }
}
