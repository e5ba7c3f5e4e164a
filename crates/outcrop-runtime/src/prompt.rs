//! Prompts as grammars: turns to one text and back.
//!
//! A rendered prompt always reads back as exactly the turns it was made of: [`Renderer::finish`] refuses text in which a
//! marker could be read, looking at the whole prompt at once (across blocks and across the grammar's literals), and then
//! makes sure that it reads back, from what a [`Plan`] knows of the grammar where that is enough, else by reading it. So no
//! content can forge a turn, whatever the grammar.

mod escape;
mod lenient;
mod markers;
mod plan;
mod read;
mod render;
mod scan;
mod spelling;
mod unescape;

pub use escape::{escape, unescape};
pub use plan::Plan;
pub(crate) use read::find;
pub use read::{Reading, read, read_raw};
pub use render::Renderer;
pub use unescape::json_text;

use std::borrow::Cow;

/// A prompt grammar. Borrowed throughout, so that generated code can hold it in a constant.
#[derive(Debug, Clone, Copy, Default)]
pub struct Grammar<'a> {
    /// Name, for messages.
    pub name: &'a str,
    /// Literal at the very start.
    pub begin: &'a str,
    /// Leading literal left out at position 0.
    pub elide: &'a str,
    /// The literals of each role.
    pub turns: &'a [TurnGrammar<'a>],
    /// The role whose turn is left open at the end; empty: none.
    pub cue: &'a str,
    /// Strings that content must never contain.
    pub markers: &'a [&'a str],
    /// Escape markers in content instead of refusing them.
    pub escape: bool,
    /// Placeholder of an image.
    pub image: Option<&'a str>,
    /// Only read: prompts of other clients.
    pub decode_only: bool,
}

/// The literals of one role.
#[derive(Debug, Clone, Copy, Default)]
pub struct TurnGrammar<'a> {
    /// Role.
    pub role: &'a str,
    /// Before the text.
    pub open: &'a str,
    /// In place of `open` when the turn is the cue and has no text.
    pub bare: Option<&'a str>,
    /// Before the text when the turn follows one of that role.
    pub open_after: &'a [(&'a str, &'a str)],
    /// After the text.
    pub close: &'a str,
    /// Where such a turn may stand.
    pub place: TurnPlace<'a>,
}

/// Where the turns of a role may stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TurnPlace<'a> {
    /// Anywhere.
    #[default]
    Any,
    /// At the very start.
    Start,
    /// At the head of the next turn of this role, with `close` between; it reads back as part of that one.
    Into(&'a str),
}

impl<'a> TurnGrammar<'a> {
    /// Whether such a turn can be read at the start, or else right after another.
    fn stands(&self, at_start: bool) -> bool {
        match self.place {
            TurnPlace::Any => true,
            TurnPlace::Start => at_start,
            TurnPlace::Into(_) => false,
        }
    }

    /// The opening literal after a turn of role `before`, and whether the grammar names that neighbour.
    fn opening(&self, before: Option<&str>) -> (&'a str, bool) {
        let named = self.open_after.iter().find(|(role, _)| Some(*role) == before);
        named.map_or((self.open, false), |(_, text)| (text, true))
    }
}

impl<'a> Grammar<'a> {
    fn turn(&self, role: &str) -> Option<&'a TurnGrammar<'a>> {
        self.turns.iter().find(|t| t.role == role)
    }

    /// What stands at the end for an open turn without text, if that is not its opening literal.
    fn bare_cue(&self) -> Option<&'a str> {
        self.turn(self.cue)?.bare
    }

    /// What opens the first turn when it is of this kind: `begin` and `open` without the elided head. The second part is
    /// the number of its bytes that belong to `open`.
    fn first_opening(&self, turn: &TurnGrammar<'a>) -> (Cow<'a, str>, usize) {
        self.at_start(turn.opening(None).0)
    }

    fn at_start(&self, open: &'a str) -> (Cow<'a, str>, usize) {
        let whole = match (self.begin, open) {
            ("", open) => Cow::Borrowed(open),
            (begin, "") => Cow::Borrowed(begin),
            (begin, open) => Cow::Owned(format!("{begin}{open}")),
        };
        let elided = match &whole {
            _ if self.elide.is_empty() => None,
            Cow::Borrowed(text) => text.strip_prefix(self.elide).map(Cow::Borrowed),
            Cow::Owned(text) => text.strip_prefix(self.elide).map(|rest| Cow::Owned(rest.to_owned())),
        };
        let text = elided.unwrap_or(whole);
        let own = open.len().min(text.len());
        (text, own)
    }
}

/// A turn that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn<'g, 't> {
    /// Role, as the grammar names it.
    pub role: &'g str,
    /// What it holds.
    pub pieces: Vec<Piece<'t>>,
}

/// A part of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Text.
    Text(Cow<'t, str>),
    /// The place of an image.
    Image,
}
