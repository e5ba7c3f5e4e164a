//! What one chunk says.

use super::service;
use outcrop_runtime::cx::Block;
use outcrop_runtime::json::{Arena, Cursor, Json, List, ListBuilder, Str};

use crate::converse::{
    BlockStart, ContentBlock, ContentBlockDelta, ConverseStreamTrace, PerformanceConfiguration,
    ReasoningContentBlockDelta, ServiceTier, SignalFail, SignalStart, SignalStop, TokenUsage, ToolUseBlockDelta,
};

/// The members of `Signal` as a decoder fills them: in place and never moved, what is large and rare in the arena.
#[derive(Debug, Default)]
pub struct Said<'a> {
    /// The message starts.
    pub start: Option<SignalStart<'a>>,
    /// Key of the block that `open`, `delta` and `close` are about if they have none of their own.
    pub key: Option<i64>,
    /// Key of the block that opens.
    pub open_key: Option<i64>,
    /// A block opens.
    pub open: Option<&'a BlockStart<'a>>,
    /// Key of the block that grows.
    pub delta_key: Option<i64>,
    /// A block grows.
    pub delta: Option<Delta<'a>>,
    /// More that blocks grow by.
    pub also: Option<ListBuilder<'a, Delta<'a>>>,
    /// A block closes, and its own key.
    pub close: Option<Option<i64>>,
    /// Several in one chunk.
    pub parts: List<'a, Said<'a>>,
    /// The whole answer again.
    pub whole: List<'a, ContentBlock<'a>>,
    /// The message stops.
    pub stop: Option<SignalStop<'a>>,
    /// Token counts.
    pub usage: Option<TokenUsage<'a>>,
    /// Milliseconds.
    pub latency: Option<i64>,
    /// The stream breaks off.
    pub fail: Option<SignalFail<'a>>,
    /// What guardrails and routers did.
    pub trace: Option<ConverseStreamTrace<'a>>,
    /// Latency setting.
    pub performance_config: Option<PerformanceConfiguration<'a>>,
    /// Service tier.
    pub service_tier: Option<ServiceTier<'a>>,
    /// The chunk itself, which no case knows and the format keeps.
    pub native: Option<Json<'a>>,
}

impl<'a> Said<'a> {
    /// A block grows.
    #[inline]
    pub fn grow(&mut self, c: &Cursor<'a>, delta: Delta<'a>) {
        if self.delta.is_none() {
            self.delta = Some(delta);
        } else {
            self.also.get_or_insert_with(|| c.arena().list()).push(delta);
        }
    }
}

/// A chunk, read.
#[derive(Debug, Default)]
pub struct Heard<'a> {
    /// What the family's members say.
    pub said: Said<'a>,
    /// What stands beside them.
    pub beside: Beside<'a>,
}

/// What stands in a chunk beside the members that fields map.
#[derive(Debug, Default)]
pub struct Beside<'a> {
    /// What the service added.
    pub service: Option<Said<'a>>,
    /// Which of the service's members were there.
    pub(super) seen: [bool; service::NAMES.len()],
    /// Why the answer ended if no chunk of the format says it.
    pub assumed_stop: Option<&'static str>,
    /// Whether there is a member that neither a field maps nor the service adds.
    pub(super) others: bool,
}

/// What a block grows by: the usual texts, and anything else by reference.
#[derive(Debug, Clone)]
pub enum Delta<'a> {
    /// Text.
    Text(Str<'a>),
    /// A fragment of a string with regions.
    Fragment(Str<'a>),
    /// Reasoning.
    Reasoning(Str<'a>),
    /// The seal of reasoning.
    Signature(Str<'a>),
    /// Arguments of a call.
    Input(Str<'a>),
    /// Anything else.
    Other(&'a ContentBlockDelta<'a>),
}

impl<'a> Delta<'a> {
    /// From the façade's value. Where the arm is known, nothing is left of this.
    #[inline]
    #[must_use]
    pub fn of(arena: &'a Arena, delta: ContentBlockDelta<'a>) -> Self {
        match delta {
            ContentBlockDelta::Text(text) => Self::Text(text),
            ContentBlockDelta::ReasoningContent(ReasoningContentBlockDelta::Text(text)) => Self::Reasoning(text),
            ContentBlockDelta::ReasoningContent(ReasoningContentBlockDelta::Signature(seal)) => Self::Signature(seal),
            ContentBlockDelta::ToolUse(ToolUseBlockDelta { input, extra }) if extra.is_empty() => Self::Input(input),
            other => Self::Other(arena.value(other)),
        }
    }

    /// The kind of block that grows by this.
    #[must_use]
    pub fn block(&self) -> Block {
        match self {
            Self::Text(_) | Self::Fragment(_) => Block::Text,
            Self::Reasoning(_) | Self::Signature(_) => Block::Reasoning,
            Self::Input(_) => Block::ToolUse,
            Self::Other(other) => match other {
                ContentBlockDelta::Text(_) | ContentBlockDelta::Citation(_) => Block::Text,
                ContentBlockDelta::ReasoningContent(_) => Block::Reasoning,
                ContentBlockDelta::ToolUse(_) => Block::ToolUse,
                ContentBlockDelta::ToolResult(_) => Block::ToolResult,
                ContentBlockDelta::Image(_) => Block::Image,
                _ => Block::Other,
            },
        }
    }

    /// The text, where it is nothing but a text.
    #[must_use]
    pub fn text(&self) -> Option<&Str<'a>> {
        match self {
            Self::Text(text)
            | Self::Fragment(text)
            | Self::Reasoning(text)
            | Self::Signature(text)
            | Self::Input(text) => Some(text),
            Self::Other(_) => None,
        }
    }

    /// Whether it adds nothing.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match (self.text(), self) {
            (Some(text), _) => text.is_empty(),
            (
                None,
                Self::Other(ContentBlockDelta::ReasoningContent(ReasoningContentBlockDelta::RedactedContent(t))),
            ) => t.is_empty(),
            (None, Self::Other(other)) => super::several::is_blank(other),
            (None, _) => false,
        }
    }

    /// The façade's value.
    #[must_use]
    pub fn whole(&'a self) -> ContentBlockDelta<'a> {
        use outcrop_runtime::json::Extra;
        match self {
            Self::Text(text) | Self::Fragment(text) => ContentBlockDelta::Text(text.share()),
            Self::Reasoning(text) => {
                ContentBlockDelta::ReasoningContent(ReasoningContentBlockDelta::Text(text.share()))
            }
            Self::Signature(seal) => {
                ContentBlockDelta::ReasoningContent(ReasoningContentBlockDelta::Signature(seal.share()))
            }
            Self::Input(input) => {
                ContentBlockDelta::ToolUse(ToolUseBlockDelta { input: input.share(), extra: Extra::EMPTY })
            }
            Self::Other(other) => (*other).clone(),
        }
    }
}
