//! A grammar with everything that follows from it, worked out once: how its literals are spelt in JSON, what to look for,
//! and at which borders a prompt surely reads back as it was written.

mod sure;

use std::fmt;

use super::markers::Markers;
use super::spelling::escaped;
use super::{Grammar, TurnGrammar, scan};
use crate::literals::Literals;

/// A grammar, ready for use.
pub struct Plan<'g> {
    pub(super) grammar: Grammar<'g>,
    /// The markers; a hole must not be written by hand either.
    pub(super) markers: Markers<'g>,
    /// The same, for texts that are not escaped.
    pub(super) plain_markers: Literals<'g>,
    /// In the order of the grammar's turns.
    pub(super) turns: Vec<TurnPlan<'g>>,
    /// The hole, escaped.
    pub(super) hole: Option<Vec<u8>>,
    /// A prompt without turns, escaped.
    pub(super) empty: Vec<u8>,
    /// A prompt that reads as one without turns.
    pub(super) none: Option<String>,
    /// What reads as the end right after a turn.
    pub(super) end: Option<&'g str>,
    /// Whether a marker can begin in a literal and go on in content.
    pub(super) dangling: bool,
    /// The most that a turn adds to its texts, escaped.
    pub(super) widest: usize,
}

/// The literals of a role.
pub(super) struct TurnPlan<'g> {
    /// What opens it as the first turn.
    pub(super) first: Join,
    /// How many bytes of that are its own, not those of `begin`.
    pub(super) own: usize,
    /// What stands between a turn and this one, by the index of that turn.
    pub(super) after: Vec<Join>,
    /// What stands between this turn and the end when another shall follow.
    pub(super) last: Join,
    /// What can stand right behind it, if it has no closing literal.
    pub(super) behind: Literals<'g>,
    /// Whether content without markers never makes the turn end early.
    pub(super) safe: bool,
    /// As `safe`, with holes in the content.
    pub(super) safe_holes: bool,
}

/// The literals between two contents.
#[derive(Default)]
pub(super) struct Join {
    pub(super) plain: String,
    /// Escaped.
    pub(super) raw: Vec<u8>,
    /// How many escaped bytes belong to the first turn.
    pub(super) close: usize,
    /// Whether it reads as what it is, whatever follows it, but for `rivals`.
    pub(super) sure: bool,
    /// What must not follow.
    pub(super) rivals: Vec<String>,
}

impl Join {
    fn new(close: &str, open: &str) -> Self {
        let plain = format!("{close}{open}");
        Self { raw: escaped(&plain), close: escaped(close).len(), plain, ..Self::default() }
    }
}

impl<'g> Plan<'g> {
    /// Works out what follows from a grammar.
    #[must_use]
    pub fn new(grammar: &Grammar<'g>) -> Self {
        let grammar = *grammar;
        let texts = || grammar.markers.iter().copied().chain(grammar.image);
        let cue = grammar.turn(grammar.cue);
        let bare = grammar.bare_cue();
        let alone = grammar.at_start(cue.map_or("", |t| t.bare.unwrap_or(t.open))).0;
        let turns: Vec<_> = grammar.turns.iter().map(|turn| TurnPlan::new(&grammar, turn)).collect();
        let joins = turns.iter().flat_map(|t| [&t.first, &t.last].into_iter().chain(&t.after));
        let widest = joins.map(|join| join.raw.len()).max().unwrap_or_default();
        let mut plan = Self {
            markers: Markers::new(texts()),
            plain_markers: Literals::new(texts()),
            turns,
            hole: grammar.image.map(escaped),
            empty: escaped(&alone),
            none: bare.map(|open| grammar.at_start(open).0.into_owned()),
            end: if grammar.cue.is_empty() { Some("") } else { bare },
            dangling: true,
            widest,
            grammar,
        };
        plan.prove();
        plan
    }

    /// Whether the grammar has places for images.
    #[must_use]
    pub fn has_images(&self) -> bool {
        self.hole.is_some()
    }

    /// The index of a role's turn.
    pub(super) fn index(&self, role: &str) -> Option<usize> {
        self.grammar.turns.iter().position(|t| t.role == role)
    }

    /// The turn of this index, and what is known of it.
    pub(super) fn turn(&self, index: usize) -> Option<(&'g TurnGrammar<'g>, &TurnPlan<'g>)> {
        Some((self.grammar.turns.get(index)?, self.turns.get(index)?))
    }

    /// Whether a turn is the one left open at the end.
    pub(super) fn is_cue(&self, index: usize) -> bool {
        self.grammar.turns.get(index).is_some_and(|t| t.role == self.grammar.cue)
    }
}

impl<'g> TurnPlan<'g> {
    fn new(grammar: &Grammar<'g>, turn: &'g TurnGrammar<'g>) -> Self {
        let (first, own) = grammar.first_opening(turn);
        let behind: Vec<&str> = scan::behind(grammar, turn).collect();
        let next = grammar.turn(grammar.cue).map_or("", |cue| cue.bare.unwrap_or(cue.opening(Some(turn.role)).0));
        Self {
            first: Join::new("", &first),
            own,
            after: grammar.turns.iter().map(|b| Join::new(b.close, turn.opening(Some(b.role)).0)).collect(),
            last: Join::new(turn.close, next),
            behind: Literals::new(behind),
            safe: false,
            safe_holes: false,
        }
    }
}

impl fmt::Debug for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Plan").field(&self.grammar).finish()
    }
}
