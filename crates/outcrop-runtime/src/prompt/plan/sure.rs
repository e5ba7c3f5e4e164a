//! What can be known of a grammar before any text is: given that no marker runs into a text, where must a reader find the
//! ends of turns, and which openings can it take for others.

use std::borrow::Cow;

use super::{Join, Plan, TurnPlan};
use crate::prompt::{Grammar, TurnGrammar, scan};

/// Whether a text that is being read starts with this.
type Seen<'s> = &'s dyn Fn(&str) -> bool;

impl<'g> Plan<'g> {
    /// Fills in what can be proved.
    pub(super) fn prove(&mut self) {
        let grammar = self.grammar;
        let mut turns = std::mem::take(&mut self.turns);
        for (index, (turn, plan)) in grammar.turns.iter().zip(&mut turns).enumerate() {
            let first = |t: &TurnGrammar<'g>| grammar.first_opening(t).0;
            settle(&grammar, &mut plan.first, index, &first, &|seen| {
                scan::first_of(&grammar, grammar.turns.iter().map(first), seen)
            });
            for (before, join) in grammar.turns.iter().zip(&mut plan.after) {
                let opening = |t: &TurnGrammar<'g>| Cow::Borrowed(t.opening(Some(before.role)).0);
                settle(&grammar, join, index, &opening, &|seen| scan::next_of(&grammar, before, seen));
            }
            plan.last.sure = self.ends(turn, plan);
            self.safe(turn, plan);
        }
        let chains = turns.iter().flat_map(|t| std::iter::once(&t.first).chain(&t.after)).map(|j| j.plain.as_str());
        self.dangling = chains.chain(grammar.image).any(|literal| self.dangles(literal));
        self.turns = turns;
    }

    fn markers(&self) -> impl Iterator<Item = &'g str> + use<'g> {
        self.grammar.markers.iter().copied().chain(self.grammar.image).filter(|m| !m.is_empty())
    }

    /// Whether content behind a literal can complete a marker that begins in it.
    fn dangles(&self, literal: &str) -> bool {
        self.markers().any(|m| splits(m).any(|(head, _)| literal.ends_with(head)))
    }

    /// Whether what stands at the end after a turn reads as the end.
    fn ends(&self, turn: &TurnGrammar<'g>, plan: &TurnPlan<'g>) -> bool {
        let grammar = &self.grammar;
        match self.index(grammar.cue) {
            Some(cue) if grammar.bare_cue().is_none() => {
                let open = plan.last.plain.get(turn.close.len()..).unwrap_or_default();
                scan::next_of(grammar, turn, &|seen| open.starts_with(seen)) == Some(cue)
            }
            // The bare cue must be seen where nothing else ends the turn.
            Some(_) => !plan.last.plain.is_empty(),
            None => grammar.cue.is_empty(),
        }
    }

    /// Whether a turn ends where it was written to end. What ends it must contain a marker, and no marker overlaps a text;
    /// so it can only begin earlier with what stands before its first marker, and only if its rest fits there.
    fn safe(&self, turn: &TurnGrammar<'g>, plan: &mut TurnPlan<'g>) {
        let ends: Vec<&str> = if turn.close.is_empty() {
            scan::behind(&self.grammar, turn).filter(|t| !t.is_empty()).collect()
        } else {
            vec![turn.close]
        };
        let is_safe = |end: &&str| {
            let Some(first) = self.markers().filter_map(|m| end.find(m)).min() else { return false };
            let mut early = splits(end).take_while(|(head, _)| head.len() <= first);
            !early.any(|(_, rest)| ends.iter().any(|there| fits(rest, there)))
        };
        plan.safe = ends.iter().all(is_safe);
        plan.safe_holes = plan.safe && self.grammar.image.is_none_or(|hole| !ends.iter().any(|end| touch(end, hole)));
    }
}

/// Finds out whether a reader that meets this opening takes it for what it is. `chosen`: the turn that it takes when the
/// text there starts so.
fn settle<'g>(
    grammar: &Grammar<'g>,
    join: &mut Join,
    index: usize,
    opening: &dyn Fn(&TurnGrammar<'g>) -> Cow<'g, str>,
    chosen: &dyn Fn(Seen<'_>) -> Option<usize>,
) {
    let Some(own) = grammar.turns.get(index).map(opening) else { return };
    join.sure = chosen(&|open| own.starts_with(open)) == Some(index);
    for other in grammar.turns.iter().map(opening) {
        let more = other.strip_prefix(&*own).filter(|more| !more.is_empty());
        if let Some(more) = more
            && chosen(&|open| other.starts_with(open)) != Some(index)
        {
            join.rivals.push(more.to_owned());
        }
    }
}

/// Both parts of a text, for every place inside it.
fn splits(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.char_indices().skip(1).filter_map(|(at, _)| text.split_at_checked(at))
}

/// Whether one text can go on where the other stops.
fn fits(a: &str, b: &str) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

/// Whether two texts can share characters somewhere.
fn touch(a: &str, b: &str) -> bool {
    let meets = |a: &str, b: &str| splits(a).any(|(_, tail)| b.starts_with(tail));
    a.contains(b) || b.contains(a) || meets(a, b) || meets(b, a)
}
