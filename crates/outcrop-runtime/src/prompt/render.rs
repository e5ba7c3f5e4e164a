//! Turns to prompt text.

mod safe;

use smallvec::SmallVec;

use super::TurnPlace;
use super::escape::escape_raw;
use super::plan::Plan;
use super::spelling::{self, is_blank};
use crate::json::write;
use crate::{Code, Error, Fate, Report};

/// Writes a prompt as the inside of a JSON string literal. Faults are kept and told by [`finish`](Self::finish), so that
/// the caller names paths only then.
pub struct Renderer<'r, 'g> {
    plan: &'r Plan<'g>,
    escaping: bool,
    out: &'r mut Vec<u8>,
    /// Where the prompt begins in `out`.
    base: usize,
    /// In place while there are few: most prompts are short.
    turns: SmallVec<[Written; 3]>,
    /// Number of turns begun, those left out again included.
    begun: usize,
    /// Stretches of text that came from content; none is empty.
    runs: SmallVec<[Run; 3]>,
    /// First run of the adjacent texts at the end.
    run_from: usize,
    /// Whether the last thing written is a text.
    after_text: bool,
    /// Next block of the turn.
    block: usize,
    /// The turn so far comes from one that goes into it, and this stands between the two.
    joint: Option<&'g str>,
    fault: Option<(Error, Place)>,
    losses: Vec<(Fate, Place, &'static str)>,
    /// Room to rewrite a text in.
    spare: Vec<u8>,
}

/// A block: ordinal of its turn and its ordinal in there.
type Place = (usize, usize);

struct Run {
    start: usize,
    end: usize,
    place: Place,
}

/// A turn that was written.
struct Written {
    /// Index of its literals.
    turn: usize,
    ordinal: usize,
    /// Where the literals begin that open it.
    before: usize,
    content: usize,
    end: usize,
    holes: bool,
}

impl<'r, 'g> Renderer<'r, 'g> {
    /// An empty prompt, to be appended to `out`. `escaping` turns the escape policy on where the grammar does not do so
    /// itself.
    #[must_use]
    pub fn new(plan: &'r Plan<'g>, escaping: bool, out: &'r mut Vec<u8>) -> Self {
        Self {
            plan,
            escaping: escaping || plan.grammar.escape,
            base: out.len(),
            out,
            turns: SmallVec::new(),
            begun: 0,
            runs: SmallVec::new(),
            run_from: 0,
            after_text: false,
            block: 0,
            joint: None,
            fault: None,
            losses: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Makes room for so many turns, with so many texts of so many bytes in all.
    pub fn reserve(&mut self, turns: usize, texts: usize, bytes: usize) {
        self.out.reserve(bytes.saturating_add(self.plan.widest.saturating_mul(turns + 2)));
        self.turns.reserve(turns);
        self.runs.reserve(texts);
    }

    /// Begins a turn.
    pub fn turn(&mut self, role: &str) {
        if let Some(joint) = self.joint.take()
            && self.goes_on(role, joint)
        {
            return;
        }
        self.end_turn();
        self.block = 0;
        self.begun += 1;
        let plan = self.plan;
        let into = plan.index(role).and_then(|turn| plan.turn(turn)).and_then(|(turn, _)| match turn.place {
            TurnPlace::Into(other) => Some((other, turn.close)),
            _ => None,
        });
        self.joint = into.map(|(_, joint)| joint);
        let Some(turn) = plan.index(into.map_or(role, |(other, _)| other)) else {
            let message = format!(
                "the prompt grammar `{}` has no {role} turn; leave the {role} text out or move it to another turn",
                plan.grammar.name
            );
            return self.fail(Error::new(Code::Unsupported, message));
        };
        if !self.turns.is_empty() && plan.turn(turn).is_some_and(|(turn, _)| !turn.stands(false)) {
            let message = format!(
                "the prompt grammar `{}` has a place for {role} text at its start alone; move it there",
                plan.grammar.name
            );
            return self.fail(Error::new(Code::TurnOrder, message));
        }
        let before = self.out.len();
        if let Some(opens) = plan.turns.get(turn) {
            let join = match self.turns.last() {
                Some(last) => opens.after.get(last.turn),
                None => Some(&opens.first),
            };
            self.out.extend_from_slice(join.map_or(&[], |join| &join.raw));
        }
        let content = self.out.len();
        self.turns.push(Written { turn, ordinal: self.begun - 1, before, content, end: content, holes: false });
    }

    /// The next block of the turn is text.
    pub fn text(&mut self, text: &str) {
        let start = self.out.len();
        write::escape(self.out, text);
        self.wrote_text(start);
    }

    /// The next block of the turn is text, given as the inside of a JSON string literal.
    pub fn raw_text(&mut self, raw_text: &str) {
        match spelling::check(raw_text) {
            Ok(()) => self.checked_text(raw_text),
            Err(e) => self.fail(e),
        }
    }

    /// As [`raw_text`](Self::raw_text), if a cursor has read it.
    pub(crate) fn checked_text(&mut self, raw_text: &str) {
        let start = self.out.len();
        self.out.extend_from_slice(raw_text.as_bytes());
        self.wrote_text(start);
    }

    /// The next block of the turn is an image, which leaves a hole.
    pub fn image(&mut self) {
        self.end_run();
        if let Some(hole) = &self.plan.hole {
            self.out.extend_from_slice(hole);
            if let Some(turn) = self.turns.last_mut() {
                turn.holes = true;
            }
        } else {
            let name = self.plan.grammar.name;
            let message = format!("the prompt grammar `{name}` has no place for images; leave the image out");
            self.fail(Error::new(Code::Unsupported, message));
        }
        self.block += 1;
    }

    /// The next block of the turn does not go into the prompt.
    pub fn skip(&mut self) {
        self.block += 1;
    }

    /// Ends the prompt and gives its buffer back. `path` names the façade path of a block, by ordinal of its turn and ordinal
    /// in there.
    pub fn finish(
        &mut self,
        report: &mut Report,
        path: &dyn Fn(usize, usize) -> String,
    ) -> Result<&mut Vec<u8>, Error> {
        // Nothing goes on at the end.
        if let Some(joint) = self.joint.take() {
            self.goes_on("", joint);
        }
        self.end_turn();
        self.cue();
        if let Some((error, (turn, block))) = self.fault.take() {
            return Err(error.at(path(turn, block)));
        }
        if let Some(((turn, block), marker)) = self.refused()? {
            return Err(self.reserved(marker).at(path(turn, block)));
        }
        for (fate, (turn, block), why) in std::mem::take(&mut self.losses) {
            report.add(fate, path(turn, block), why);
        }
        Ok(self.out)
    }

    #[cold]
    fn reserved(&self, marker: Option<&str>) -> Error {
        let (name, cure) = (self.plan.grammar.name, "change the text, or escape it");
        let message = match marker {
            Some(marker) => {
                let marker = marker.escape_debug();
                format!("the text would be read as the marker `{marker}` of the prompt grammar `{name}`; {cure}")
            }
            None => format!("the text would be read as a marker of the prompt grammar `{name}`; {cure}"),
        };
        Error::new(Code::ReservedMarker, message)
    }

    /// Ends the last turn, or opens the one that the model shall write.
    fn cue(&mut self) {
        let plan = self.plan;
        let Some(last) = self.turns.last() else { return self.out.extend_from_slice(&plan.empty) };
        if plan.is_cue(last.turn) {
            if last.content < last.end {
                return;
            }
            // An open turn without text is the cue itself.
            let place = (last.ordinal, 0);
            self.losses.push((Fate::Dropped, place, "an empty last turn is the same as none in a prompt"));
            self.take_back();
            return self.cue();
        }
        if let Some(turn) = plan.turns.get(last.turn) {
            self.out.extend_from_slice(&turn.last.raw);
        }
    }

    /// Goes on in the last turn, which comes from one that goes into turns of this role; else says that it stays alone.
    fn goes_on(&mut self, role: &str, joint: &str) -> bool {
        let Some(last) = self.turns.last() else { return false };
        let (content, ordinal) = (last.content, last.ordinal);
        let is_same = self.plan.turn(last.turn).is_some_and(|(turn, _)| turn.role == role);
        if content == self.out.len() {
            self.losses.push((Fate::Dropped, (ordinal, 0), "an empty turn has nothing that could go into another"));
            self.take_back();
            return false;
        }
        let why = "the prompt has no place of its own for this; it reads back as part of what follows";
        let own = self.runs.iter().rev().take_while(|run| run.place.0 == ordinal).last();
        let place = own.map_or((ordinal, 0), |run| run.place);
        self.losses.push((Fate::Approximated, place, why));
        if is_same {
            let start = self.out.len();
            write::escape(self.out, joint);
            if start < self.out.len() {
                self.runs.push(Run { start, end: self.out.len(), place });
            }
            self.after_text = false;
            self.block = 0;
            self.begun += 1;
        }
        is_same
    }

    fn end_turn(&mut self) {
        self.end_run();
        let end = self.out.len();
        let Some(last) = self.turns.last_mut() else { return };
        last.end = end;
        let (ordinal, content, turn) = (last.ordinal, last.content, last.turn);
        // A first turn without an opening literal is only to be seen by its text.
        if self.turns.len() == 1
            && self.plan.turns.get(turn).is_some_and(|t| t.own == 0)
            && is_blank(self.out.get(content..).unwrap_or_default())
        {
            self.losses.push((Fate::Dropped, (ordinal, 0), "a blank first turn has no place in the prompt"));
            self.take_back();
        }
    }

    /// Undoes the last turn.
    fn take_back(&mut self) {
        if let Some(last) = self.turns.pop() {
            self.out.truncate(last.before);
            while self.runs.last().is_some_and(|r| r.place.0 == last.ordinal) {
                self.runs.pop();
            }
            self.run_from = self.runs.len();
        }
    }

    /// Escapes the adjacent texts at the end, as one text.
    fn end_run(&mut self) {
        self.after_text = false;
        let from = std::mem::replace(&mut self.run_from, self.runs.len());
        if !self.escaping {
            return;
        }
        let Some(start) = self.runs.get(from).map(|run| run.start) else { return };
        if escape_raw(self.out, start, self.plan, &mut self.spare) {
            self.runs.truncate(from + 1);
            if let Some(run) = self.runs.last_mut() {
                run.end = self.out.len();
            }
            self.run_from = self.runs.len();
        }
    }

    fn wrote_text(&mut self, start: usize) {
        let place = (self.begun.saturating_sub(1), self.block);
        if self.after_text {
            self.losses.push((Fate::Approximated, place, "adjacent texts run together in a prompt"));
        }
        self.after_text = true;
        let end = self.out.len();
        if start < end {
            self.runs.push(Run { start, end, place });
        }
        self.block += 1;
    }

    #[cold]
    fn fail(&mut self, error: Error) {
        let place = (self.begun.saturating_sub(1), self.block);
        self.fault.get_or_insert((error, place));
    }
}

impl std::fmt::Debug for Renderer<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renderer").field("plan", self.plan).finish_non_exhaustive()
    }
}
