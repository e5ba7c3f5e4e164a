//! Prompt text to the places of its turns.

use memchr::memmem;

use super::plan::Plan;
use super::{Grammar, TurnGrammar};

/// Where the content of a turn stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content<'g> {
    pub(crate) role: &'g str,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// One turn for so many bytes: more room than most prompts need.
const TURN: usize = 256;

/// The turns of a prompt that keeps to the grammar to the letter.
pub(super) fn contents<'g>(plan: &Plan<'g>, text: &str) -> Option<Vec<Content<'g>>> {
    if plan.none.as_ref().is_some_and(|none| text == none) {
        return Some(Vec::new());
    }
    let scan = Scan { plan, text };
    let index =
        first_of(&plan.grammar, plan.turns.iter().map(|t| t.first.plain.as_str()), &|open| text.starts_with(open))?;
    let (mut turn, first) = plan.turn(index)?;
    let mut start = first.first.plain.len();
    // Such a turn is only to be seen by its text.
    let seen = first.own > 0;
    let mut found = Vec::with_capacity(text.len() / TURN + 8);
    loop {
        let (end, next) = scan.end(turn, start)?;
        if !seen && found.is_empty() && turn.role != plan.grammar.cue && text.get(start..end)?.trim().is_empty() {
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

/// The index of the turn that begins a prompt, given what opens each as the first: the longest of those that are seen; the
/// first of equals.
pub(super) fn first_of<S: AsRef<str>>(
    grammar: &Grammar<'_>,
    openings: impl Iterator<Item = S>,
    seen: &dyn Fn(&str) -> bool,
) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (index, (turn, open)) in grammar.turns.iter().zip(openings).enumerate() {
        let open = open.as_ref();
        if turn.stands(true) && seen(open) && best.is_none_or(|(_, length)| open.len() > length) {
            best = Some((index, open.len()));
        }
    }
    best.map(|(index, _)| index)
}

/// Literals that can stand right behind the content of a turn without a closing literal.
pub(super) fn behind<'g>(grammar: &Grammar<'g>, turn: &TurnGrammar<'g>) -> impl Iterator<Item = &'g str> {
    let (turns, role) = (grammar.turns, turn.role);
    turns.iter().filter(|t| t.stands(false)).map(move |t| t.opening(Some(role)).0).chain(grammar.bare_cue())
}

/// The index of the turn that begins right after another: the longest opening literal that is seen. A neighbour that the
/// grammar names wins over a longer literal, unless only a marker can have made that one longer.
pub(super) fn next_of(grammar: &Grammar<'_>, turn: &TurnGrammar<'_>, seen: &dyn Fn(&str) -> bool) -> Option<usize> {
    let marks = |text: &str| grammar.markers.iter().any(|m| !m.is_empty() && text.contains(m));
    let mut best: Option<(usize, &str, bool)> = None;
    for (index, candidate) in grammar.turns.iter().enumerate() {
        let (open, named) = candidate.opening(Some(turn.role));
        if !candidate.stands(false) || !seen(open) || (turn.close.is_empty() && open.is_empty()) {
            continue;
        }
        let better = |(_, other, other_named): (_, &str, bool)| match open.strip_prefix(other) {
            Some("") => false,
            Some(more) => named || !other_named || marks(more),
            None => named && !other.strip_prefix(open).is_some_and(|more| other_named || marks(more)),
        };
        if best.is_none_or(better) {
            best = Some((index, open, named));
        }
    }
    best.map(|(index, ..)| index)
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
    plan: &'s Plan<'g>,
    text: &'s str,
}

impl<'g> Scan<'_, 'g> {
    /// Where the content that begins at `start` ends, and what follows.
    fn end(&self, turn: &'g TurnGrammar<'g>, start: usize) -> Option<(usize, Next<'g>)> {
        let found = if turn.close.is_empty() { self.end_by_next(turn, start) } else { self.end_by_close(turn, start) };
        found.or_else(|| (turn.role == self.plan.grammar.cue).then_some((self.text.len(), Next::Cue)))
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
        let (_, plan) = self.plan.turn(self.plan.index(turn.role)?)?;
        let mut from = start;
        while let Some((end, _)) = plan.behind.find(self.text, from) {
            if let Some(next) = self.next(turn, end) {
                return Some((end, next));
            }
            from = end + 1;
        }
        self.plan.grammar.cue.is_empty().then_some((self.text.len(), Next::End))
    }

    /// What begins at `at`, right after a turn: the end, or another turn.
    fn next(&self, turn: &'g TurnGrammar<'g>, at: usize) -> Option<Next<'g>> {
        let rest = self.text.get(at..)?;
        if self.plan.end == Some(rest) {
            return Some(Next::End);
        }
        let index = next_of(&self.plan.grammar, turn, &|open| rest.starts_with(open))?;
        let next = self.plan.grammar.turns.get(index)?;
        Some(Next::Turn(next, at + next.opening(Some(turn.role)).0.len()))
    }
}
