//! Prompt text to the places of its turns.

use memchr::memmem;

use super::{Grammar, TurnGrammar};
use crate::literals::Literals;

/// Where the content of a turn stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content<'g> {
    pub(super) role: &'g str,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The turns of a prompt that keeps to the grammar to the letter.
pub(super) fn contents<'g>(grammar: &Grammar<'g>, text: &str) -> Option<Vec<Content<'g>>> {
    let none = grammar.bare_cue().filter(|open| *text == *grammar.at_start(open).0);
    if none.is_some() {
        return Some(Vec::new());
    }
    let scan = Scan { grammar, text };
    let (mut turn, mut start) = scan.first()?;
    // Such a turn is only to be seen by its text.
    let seen = grammar.first_opening(turn).1 > 0;
    let mut found = Vec::new();
    loop {
        let (end, next) = scan.end(turn, start)?;
        if !seen && found.is_empty() && turn.role != grammar.cue && text.get(start..end)?.trim().is_empty() {
            return None;
        }
        if end > start || !matches!(next, Next::Cue) {
            found.push(Content { role: turn.role, start, end });
        }
        match next {
            Next::Turn(t, s) => (turn, start) = (t, s),
            Next::End | Next::Cue => return Some(found),
        }
    }
}

/// What follows a turn.
enum Next<'g> {
    /// Another turn, whose content begins there.
    Turn(&'g TurnGrammar<'g>, usize),
    /// Nothing: the turn was closed.
    End,
    /// Nothing: the turn is the open one.
    Cue,
}

struct Scan<'s, 'g> {
    grammar: &'s Grammar<'g>,
    text: &'s str,
}

impl<'g> Scan<'_, 'g> {
    /// The first turn and where its content begins.
    fn first(&self) -> Option<(&'g TurnGrammar<'g>, usize)> {
        let mut best: Option<(&TurnGrammar<'g>, usize)> = None;
        for turn in self.grammar.turns {
            let (open, _) = self.grammar.first_opening(turn);
            if self.text.starts_with(&*open) && best.is_none_or(|(_, length)| open.len() > length) {
                best = Some((turn, open.len()));
            }
        }
        best
    }

    /// Where the content that begins at `start` ends, and what follows.
    fn end(&self, turn: &'g TurnGrammar<'g>, start: usize) -> Option<(usize, Next<'g>)> {
        let found = if turn.close.is_empty() { self.end_by_next(turn, start) } else { self.end_by_close(turn, start) };
        found.or_else(|| (turn.role == self.grammar.cue).then_some((self.text.len(), Next::Cue)))
    }

    fn end_by_close(&self, turn: &'g TurnGrammar<'g>, start: usize) -> Option<(usize, Next<'g>)> {
        let close = memmem::Finder::new(turn.close.as_bytes());
        let mut from = start;
        loop {
            let end = from + close.find(self.text.as_bytes().get(from..)?)?;
            if let Some(next) = self.next(turn, end + turn.close.len()) {
                return Some((end, next));
            }
            from = end + 1;
        }
    }

    fn end_by_next(&self, turn: &'g TurnGrammar<'g>, start: usize) -> Option<(usize, Next<'g>)> {
        let openings = self.grammar.turns.iter().map(|t| t.opening(Some(turn.role)).0);
        let literals = Literals::new(openings.chain(self.grammar.bare_cue()));
        let mut from = start;
        while let Some((end, _)) = literals.find(self.text, from) {
            if let Some(next) = self.next(turn, end) {
                return Some((end, next));
            }
            from = end + 1;
        }
        self.grammar.cue.is_empty().then_some((self.text.len(), Next::End))
    }

    /// What begins at `at`, right after a turn: the end, or the longest opening literal. A neighbour that the grammar
    /// names wins over a longer literal, unless only a marker can have made that one longer.
    fn next(&self, turn: &'g TurnGrammar<'g>, at: usize) -> Option<Next<'g>> {
        let rest = self.text.get(at..)?;
        let end = if self.grammar.cue.is_empty() { Some("") } else { self.grammar.bare_cue() };
        if end == Some(rest) {
            return Some(Next::End);
        }
        let mut best: Option<(&TurnGrammar<'g>, &str, bool)> = None;
        for candidate in self.grammar.turns {
            let (open, named) = candidate.opening(Some(turn.role));
            if !rest.starts_with(open) || (turn.close.is_empty() && open.is_empty()) {
                continue;
            }
            let better = |(_, other, other_named): (_, &str, bool)| match open.strip_prefix(other) {
                Some("") => false,
                Some(more) => named || !other_named || self.marks(more),
                None => named && !other.strip_prefix(open).is_some_and(|more| other_named || self.marks(more)),
            };
            if best.is_none_or(better) {
                best = Some((candidate, open, named));
            }
        }
        best.map(|(turn, open, _)| Next::Turn(turn, at + open.len()))
    }

    fn marks(&self, text: &str) -> bool {
        self.grammar.markers.iter().any(|m| !m.is_empty() && text.contains(m))
    }
}
