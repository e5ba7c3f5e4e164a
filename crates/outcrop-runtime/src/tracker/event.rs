//! What goes into the tracker and what comes out.

/// How a format delimits blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Blocks {
    /// Open and close are on the wire.
    #[default]
    Explicit,
    /// A delta of another kind or key closes the open block and opens the next; the stop closes.
    Implicit,
    /// As explicit, but a close followed by the same kind of text goes on in the same block.
    Merge,
}

/// The kinds of blocks that Converse tells apart in streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// Text, with its citations.
    Text,
    /// Reasoning.
    Reasoning,
    /// A tool call.
    ToolUse,
    /// A tool result.
    ToolResult,
    /// An image.
    Image,
    /// Something that Converse does not know and that is kept whole.
    Other,
}

impl Block {
    /// The kind of block that an arm of `ContentBlockStart` or `ContentBlockDelta` belongs to.
    #[must_use]
    pub fn from_arm(arm: &str) -> Option<Self> {
        Some(match arm {
            "text" | "citation" => Self::Text,
            "reasoningContent" => Self::Reasoning,
            "toolUse" => Self::ToolUse,
            "toolResult" => Self::ToolResult,
            "image" => Self::Image,
            _ => return None,
        })
    }

    /// Whether Converse announces it by a `contentBlockStart`. Others begin with their first delta.
    #[must_use]
    pub fn is_announced(self) -> bool {
        !matches!(self, Self::Text | Self::Reasoning)
    }
}

/// What the tracker gives out, in the order of ConverseStream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<P> {
    /// `messageStart`; without payload if the wire does not say who speaks.
    MessageStart(Option<P>),
    /// `contentBlockStart`.
    BlockStart {
        /// Façade index, from 0.
        index: u32,
        /// Its `start`.
        start: P,
    },
    /// `contentBlockDelta`.
    Delta {
        /// Façade index.
        index: u32,
        /// Its `delta`.
        delta: P,
    },
    /// A block of text or reasoning closes and never had a delta: an empty one makes it visible.
    Blank {
        /// Façade index.
        index: u32,
        /// Its kind.
        block: Block,
    },
    /// `contentBlockStop`.
    BlockStop {
        /// Façade index.
        index: u32,
    },
}
