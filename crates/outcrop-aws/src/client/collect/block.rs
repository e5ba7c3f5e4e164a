//! The start and the deltas of a block to the block.

use super::opaque;
use crate::client::ConverseEvent;
use crate::types::{
    Blob, Citation, CitationGeneratedContent, CitationsContentBlock, ContentBlock, ContentBlockDelta,
    ContentBlockDeltaEvent, ContentBlockStart, ContentBlockStartEvent, Document, ReasoningContentBlock,
    ReasoningContentBlockDelta, ReasoningTextBlock, ToolResultBlock, ToolResultBlockDelta, ToolResultBlockStart,
    ToolResultContentBlock, ToolUseBlock, ToolUseBlockDelta, ToolUseBlockStart,
};

/// A block that grows by what is usual.
#[derive(Default)]
pub(super) struct Block {
    start: Option<Start>,
    text: Option<String>,
    citations: Vec<Citation>,
    reasoning: Option<String>,
    signature: Option<String>,
    redacted: Option<Vec<u8>>,
    input: String,
    /// What the input says, once all of it is there.
    parsed: Document,
    results: Vec<ToolResultBlockDelta>,
}

/// A usual start.
enum Start {
    ToolUse(ToolUseBlockStart),
    ToolResult(ToolResultBlockStart),
}

impl Block {
    /// The last start counts. An unusual one comes back, and nothing is left of those before it.
    pub(super) fn start(&mut self, start: ContentBlockStart) -> Option<ContentBlockStart> {
        self.start = match start {
            ContentBlockStart::ToolUse(start) => Some(Start::ToolUse(start)),
            ContentBlockStart::ToolResult(start) => Some(Start::ToolResult(start)),
            other => {
                self.start = None;
                return Some(other);
            }
        };
        None
    }

    /// An unusual delta comes back.
    pub(super) fn delta(&mut self, delta: ContentBlockDelta) -> Option<ContentBlockDelta> {
        use ReasoningContentBlockDelta::{RedactedContent, Signature, Text};
        match delta {
            ContentBlockDelta::Text(text) => append(&mut self.text, text),
            ContentBlockDelta::ToolUse(delta) => join(&mut self.input, delta.input),
            ContentBlockDelta::ReasoningContent(Text(text)) => append(&mut self.reasoning, text),
            ContentBlockDelta::ReasoningContent(Signature(text)) => append(&mut self.signature, text),
            ContentBlockDelta::ReasoningContent(RedactedContent(bytes)) => match &mut self.redacted {
                Some(all) => all.extend_from_slice(&bytes),
                none => *none = Some(bytes.into_vec()),
            },
            ContentBlockDelta::Citation(citation) => self.citations.push(citation),
            ContentBlockDelta::ToolResult(items) => items.into_iter().for_each(|item| self.result(item)),
            other => return Some(other),
        }
        None
    }

    fn result(&mut self, item: ToolResultBlockDelta) {
        match (self.results.last_mut(), item) {
            (Some(ToolResultBlockDelta::Text(all)), ToolResultBlockDelta::Text(more)) => all.push_str(&more),
            (_, item) => self.results.push(item),
        }
    }

    /// Reads the input of a tool. False if only the core can tell what becomes of the block: a part of a result that a stream
    /// does not know may be one that an answer knows.
    pub(super) fn settle(&mut self) -> bool {
        match &self.start {
            Some(Start::ToolUse(_)) => match opaque::input(&self.input) {
                Some(input) => {
                    self.parsed = input;
                    true
                }
                None => false,
            },
            Some(Start::ToolResult(_)) => {
                !self.results.iter().any(|item| matches!(item, ToolResultBlockDelta::Unknown { .. }))
            }
            None => true,
        }
    }

    /// The block, which has been settled.
    pub(super) fn finish(self) -> ContentBlock {
        match self.start {
            Some(Start::ToolUse(ToolUseBlockStart { tool_use_id, name, r#type, mut extra })) => {
                extra.remove("input");
                let r#type = r#type.map(|word| word.as_str().into());
                ContentBlock::ToolUse(ToolUseBlock { tool_use_id, name, input: self.parsed, r#type, extra })
            }
            Some(Start::ToolResult(ToolResultBlockStart { tool_use_id, r#type, status, mut extra })) => {
                extra.remove("content");
                let content = self.results.into_iter().map(part).collect();
                ContentBlock::ToolResult(ToolResultBlock { tool_use_id, content, status, r#type, extra })
            }
            None => self.unannounced(),
        }
    }

    /// A block without a start: reasoning or text.
    fn unannounced(self) -> ContentBlock {
        if let Some(bytes) = self.redacted {
            return ContentBlock::ReasoningContent(ReasoningContentBlock::RedactedContent(bytes.into()));
        }
        if self.reasoning.is_some() || self.signature.is_some() {
            let text = ReasoningTextBlock {
                signature: self.signature,
                ..ReasoningTextBlock::new(self.reasoning.unwrap_or_default())
            };
            return ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(text));
        }
        if !self.citations.is_empty() {
            return ContentBlock::CitationsContent(CitationsContentBlock {
                content: Some(self.text.into_iter().map(CitationGeneratedContent::Text).collect()),
                citations: Some(self.citations.into_iter().map(cited).collect()),
                ..CitationsContentBlock::default()
            });
        }
        ContentBlock::Text(self.text.unwrap_or_default())
    }

    /// The fewest events that make the block.
    pub(super) fn into_events(self, index: i64) -> Vec<ConverseEvent> {
        use ReasoningContentBlockDelta::{RedactedContent, Signature, Text};
        let reasoning = self.reasoning.map(Text).into_iter();
        let reasoning = reasoning.chain(self.signature.map(Signature));
        let reasoning = reasoning.chain(self.redacted.map(|bytes| RedactedContent(Blob::from(bytes))));
        // A block of which nothing came but that it is there is there by this.
        let input = ContentBlockDelta::ToolUse(ToolUseBlockDelta::new(self.input));
        let deltas = [input, ContentBlockDelta::ToolResult(self.results)].into_iter();
        let deltas = deltas.chain(self.text.map(ContentBlockDelta::Text));
        let deltas = deltas.chain(self.citations.into_iter().map(ContentBlockDelta::Citation));
        let deltas = deltas.chain(reasoning.map(ContentBlockDelta::ReasoningContent));
        let deltas = deltas.map(|delta| ConverseEvent::ContentBlockDelta(ContentBlockDeltaEvent::new(delta, index)));
        let start = self.start.map(|start| match start {
            Start::ToolUse(start) => ContentBlockStart::ToolUse(start),
            Start::ToolResult(start) => ContentBlockStart::ToolResult(start),
        });
        let start = start.map(|start| ConverseEvent::ContentBlockStart(ContentBlockStartEvent::new(start, index)));
        start.into_iter().chain(deltas).collect()
    }
}

/// `null` is as good as absent where a member need not be there.
pub(super) fn says_something(document: &Document) -> bool {
    document.as_str() != "null"
}

fn cited(citation: Citation) -> Citation {
    Citation { native: citation.native.filter(says_something), ..citation }
}

fn append(all: &mut Option<String>, more: String) {
    match all {
        Some(all) => all.push_str(&more),
        none => *none = Some(more),
    }
}

fn join(all: &mut String, more: String) {
    if all.is_empty() { *all = more } else { all.push_str(&more) }
}

fn part(item: ToolResultBlockDelta) -> ToolResultContentBlock {
    match item {
        ToolResultBlockDelta::Text(text) => ToolResultContentBlock::Text(text),
        ToolResultBlockDelta::Json(json) => ToolResultContentBlock::Json(json),
        ToolResultBlockDelta::Native(native) => ToolResultContentBlock::Native(native),
        ToolResultBlockDelta::Unknown { name, value } => ToolResultContentBlock::Unknown { name, value },
    }
}
