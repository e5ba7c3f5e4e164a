//! The two checks that no content became structure.
//!
//! First both are made on the escaped text, at what can decide them: no marker begins in a text, and no border between
//! turns can be read in another way. Where that leaves a doubt, the whole prompt is unescaped, searched and read back; so a
//! refusal always comes from there.

use super::{Place, Renderer, Run, Written};
use crate::Error;
use crate::prompt::plan::Join;
use crate::prompt::scan::{self, Content};
use crate::prompt::spelling::{is_spelt, plain_len, spells};
use crate::prompt::unescape::json_text;

impl<'g> Renderer<'_, 'g> {
    /// The first content that would not be read as what it is, and the marker that runs into it.
    pub(super) fn refused(&mut self) -> Result<Option<(Place, Option<&'g str>)>, Error> {
        if !self.plan.dangling && !self.is_marked() && self.is_sure() {
            return Ok(None);
        }
        self.judge()
    }

    /// Whether a marker begins in a text.
    fn is_marked(&self) -> bool {
        let (raw, markers) = (self.out.as_slice(), &self.plan.markers);
        let respelt = markers.is_respelt(raw.get(self.base..).unwrap_or_default());
        let mut runs = self.runs.iter().peekable();
        while let Some(run) = runs.next() {
            // Neighbours are one text.
            let mut end = run.end;
            while let Some(next) = runs.next_if(|next| next.start == end) {
                end = next.end;
            }
            if markers.begins_in(raw, run.start, end, respelt) {
                return true;
            }
        }
        false
    }

    /// Whether the prompt surely reads back as it was written, if no marker runs into a text.
    fn is_sure(&self) -> bool {
        let prompt = self.out.get(self.base..).unwrap_or_default();
        let Some(first) = self.turns.first() else { return false };
        self.plan.turns.get(first.turn).is_some_and(|t| self.opens(&t.first, first))
            && !self.plan.none.as_ref().is_some_and(|none| is_spelt(prompt, none))
            && self.turns.iter().enumerate().all(|(i, turn)| self.ends_surely(turn, self.turns.get(i + 1)))
    }

    fn ends_surely(&self, turn: &Written, next: Option<&Written>) -> bool {
        let Some(plan) = self.plan.turns.get(turn.turn) else { return false };
        if !(plan.safe_holes || plan.safe && !turn.holes) {
            return false;
        }
        let Some(next) = next else {
            return if self.plan.is_cue(turn.turn) { turn.content < turn.end } else { plan.last.sure };
        };
        let Some(join) = self.plan.turns.get(next.turn).and_then(|t| t.after.get(turn.turn)) else { return false };
        let rest = || self.out.get(turn.end + join.close..).unwrap_or_default();
        self.opens(join, next) && !self.plan.end.is_some_and(|end| is_spelt(rest(), end))
    }

    /// Whether the literals before a turn open it, given what follows them.
    fn opens(&self, join: &Join, turn: &Written) -> bool {
        let rest = || self.out.get(turn.content..).unwrap_or_default();
        join.sure && !join.rivals.iter().any(|rival| spells(rest(), rival).is_some())
    }

    /// Both checks on the plain text.
    #[cold]
    fn judge(&mut self) -> Result<Option<(Place, Option<&'g str>)>, Error> {
        let raw = self.out.get(self.base..).unwrap_or_default();
        // What is not UTF-8 was not written here.
        let text = json_text(std::str::from_utf8(raw).unwrap_or_default())?;
        let mut plain = Plain { raw: self.out, at: self.base, length: 0 };
        for turn in &mut self.turns {
            (turn.content, turn.end) = (plain.to(turn.content), plain.to(turn.end));
        }
        let mut plain = Plain { raw: self.out, at: self.base, length: 0 };
        for run in &mut self.runs {
            (run.start, run.end) = (plain.to(run.start), plain.to(run.end));
        }
        Ok(self.marker(&text).or_else(|| self.misread(&text).map(|place| (place, None))))
    }

    /// The first content that a marker runs into: wholly, over several blocks, or together with a literal.
    fn marker(&self, text: &str) -> Option<(Place, Option<&'g str>)> {
        let (mut from, mut runs) = (0, self.runs.iter().peekable());
        while let Some((at, longest)) = self.plan.plain_markers.find(text, from) {
            while runs.next_if(|r: &&Run| r.end <= at).is_some() {}
            if let Some(run) = runs.peek().filter(|r| r.start < at + longest.len()) {
                return Some((run.place, Some(longest)));
            }
            from = at + 1;
        }
        None
    }

    /// The first turn that would not be read back as it was written.
    fn misread(&self, text: &str) -> Option<Place> {
        let read = scan::contents(self.plan, text).unwrap_or_default();
        let mut read = read.iter();
        for turn in &self.turns {
            let role = self.plan.grammar.turns.get(turn.turn).map(|t| t.role);
            let same = |c: &Content| (Some(c.role), c.start, c.end) == (role, turn.content, turn.end);
            if !read.next().is_some_and(same) {
                return Some((turn.ordinal, 0));
            }
        }
        read.next().map(|_| (self.begun.saturating_sub(1), 0))
    }
}

/// How far the plain text reaches up to some place in the escaped one; places come in order.
struct Plain<'t> {
    raw: &'t [u8],
    at: usize,
    length: usize,
}

impl Plain<'_> {
    fn to(&mut self, at: usize) -> usize {
        self.length += plain_len(self.raw.get(self.at..at).unwrap_or_default());
        self.at = at;
        self.length
    }
}
