//! Prompt grammars.

use super::Span;

/// A prompt grammar.
#[derive(Debug, Clone, Default)]
pub struct Grammar {
    /// Name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// Literal at the very start.
    pub begin: String,
    /// Leading literal left out at position 0.
    pub elide: String,
    /// Role (`system`, `user`, `assistant`) and its literals.
    pub turns: Vec<TurnGrammar>,
    /// The turn left open at the end.
    pub cue: String,
    /// Strings that content must never contain.
    pub markers: Vec<String>,
    /// Escape instead of refusing.
    pub escape: bool,
    /// Placeholder of an image.
    pub image: Option<String>,
    /// Only read.
    pub decode_only: bool,
}

/// The literals of one role.
#[derive(Debug, Clone, Default)]
pub struct TurnGrammar {
    /// Role.
    pub role: String,
    /// Before the text.
    pub open: String,
    /// In place of `open` when the turn is the cue and has no text.
    pub bare: Option<String>,
    /// Before the text when the turn follows one of that role.
    pub open_after: Vec<(String, String)>,
    /// After the text.
    pub close: String,
    /// Only at the very start.
    pub at_start: bool,
    /// The role of the next turn, whose head it becomes, with `close` between; it is only written.
    pub into: Option<String>,
    /// Where it stands.
    pub span: Span,
}
