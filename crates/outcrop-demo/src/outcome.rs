//! What a conversation was like.

use std::time::Duration;

use crate::tap::Heard;

/// A conversation with one model.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The model's family.
    pub(crate) family: &'static str,
    /// Its id.
    pub(crate) model: String,
    /// What was simpler than planned, and why: the refusals of what the format cannot say.
    pub(crate) refused: Vec<String>,
    /// What was said, in order.
    pub(crate) said: Vec<Line>,
    /// The calls.
    pub(crate) calls: Vec<Call>,
    /// What did not go through unchanged: fate, place and why.
    pub(crate) losses: Vec<[String; 3]>,
    /// Who said the token counts.
    pub(crate) source: &'static str,
    /// Why it broke off, if it did.
    pub(crate) fault: Option<String>,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// `user`, `tool` or `assistant`.
    pub(crate) who: &'static str,
    /// What.
    pub(crate) text: String,
}

/// One call of `converse_stream`, or of `converse` where the format has no streams.
#[derive(Debug, Default)]
pub(crate) struct Call {
    /// Whether the answer came as a stream.
    pub(crate) streamed: bool,
    /// What the SDK said and read.
    pub(crate) converse: Heard,
    /// What went over the wire.
    pub(crate) native: Heard,
    /// Until the first event.
    pub(crate) first: Duration,
    /// Until the last.
    pub(crate) total: Duration,
    /// Tokens read and written.
    pub(crate) tokens: [i32; 2],
}

impl Outcome {
    /// Bytes of the model's own format that went out and came in.
    pub(crate) fn bytes(&self) -> [usize; 2] {
        let sum = |side: fn(&Heard) -> usize| self.calls.iter().map(|call| side(&call.native)).sum();
        [sum(|heard| heard.request.len()), sum(|heard| heard.answer.len())]
    }

    /// Tokens read and written, of all calls.
    pub(crate) fn tokens(&self) -> [i32; 2] {
        let sum = |which: usize| self.calls.iter().filter_map(|call| call.tokens.get(which)).sum();
        [sum(0), sum(1)]
    }

    /// Until the first event of the first call.
    pub(crate) fn first(&self) -> Duration {
        self.calls.first().map(|call| call.first).unwrap_or_default()
    }

    /// All calls together.
    pub(crate) fn total(&self) -> Duration {
        self.calls.iter().map(|call| call.total).sum()
    }
}
