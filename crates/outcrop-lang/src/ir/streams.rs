//! What stream types say beyond their members.

/// How a stream delimits blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Blocks {
    /// Open and close are on the wire.
    #[default]
    Explicit,
    /// A change of kind or key closes and opens; `stop` closes.
    Implicit,
    /// As explicit, but a close followed by the same kind of text goes on in the same block.
    Merge,
}

/// The signals of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// Message start.
    Start,
    /// Block opens.
    Open,
    /// Block delta.
    Delta,
    /// Block closes.
    Close,
    /// Stop reason.
    Stop,
    /// Token counts.
    Usage,
    /// The stream breaks off.
    Fail,
    /// The last chunk.
    End,
}
