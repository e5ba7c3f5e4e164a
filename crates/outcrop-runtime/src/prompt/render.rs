//! Turns to prompt text.

mod safe;

use super::{Grammar, TurnGrammar, escape, json_text};
use crate::tree::write_str;
use crate::{Code, Error, Fate, Report};

/// Builds a prompt. Faults are kept and told by [`finish`](Self::finish), so that the caller names paths only then.
pub struct Renderer<'g> {
    grammar: Grammar<'g>,
    escaping: bool,
    /// The prompt.
    plain: String,
    /// The prompt as the inside of a JSON string; only kept for callers that hold and want escaped text.
    raw: Option<String>,
    turns: Vec<Written<'g>>,
    /// Number of turns begun, those left out again included.
    begun: usize,
    /// Stretches of text that came from content.
    runs: Vec<Run>,
    /// First run of the adjacent texts at the end.
    run_from: usize,
    /// Whether the last thing written is a text.
    after_text: bool,
    /// Next block of the turn.
    block: usize,
    fault: Option<(Error, Place)>,
    losses: Vec<(Fate, Place, &'static str)>,
}

/// A block: ordinal of its turn and its ordinal in there.
type Place = (usize, usize);

struct Run {
    start: usize,
    raw_start: usize,
    end: usize,
    place: Place,
}

/// A turn that was written; the offsets are those before its opening literal.
struct Written<'g> {
    grammar: &'g TurnGrammar<'g>,
    ordinal: usize,
    before: usize,
    raw_before: usize,
    content: usize,
    end: usize,
}

impl<'g> Renderer<'g> {
    /// An empty prompt. `escaping` turns the escape policy on where the grammar does not do so itself.
    #[must_use]
    pub fn new(grammar: Grammar<'g>, escaping: bool) -> Self {
        Self {
            grammar,
            escaping: escaping || grammar.escape,
            plain: String::new(),
            raw: None,
            turns: Vec::new(),
            begun: 0,
            runs: Vec::new(),
            run_from: 0,
            after_text: false,
            block: 0,
            fault: None,
            losses: Vec::new(),
        }
    }

    /// As [`new`](Self::new), but [`finish`](Self::finish) gives the inside of a JSON string literal.
    #[must_use]
    pub fn new_raw(grammar: Grammar<'g>, escaping: bool) -> Self {
        Self { raw: Some(String::new()), ..Self::new(grammar, escaping) }
    }

    /// Begins a turn.
    pub fn turn(&mut self, role: &str) {
        self.end_turn();
        self.block = 0;
        self.begun += 1;
        let Some(turn) = self.grammar.turn(role) else {
            let message = format!(
                "the prompt grammar `{}` has no {role} turn; leave the {role} text out or move it to another turn",
                self.grammar.name
            );
            return self.fail(Error::new(Code::Unsupported, message));
        };
        let (before, raw_before) = (self.plain.len(), self.raw_len());
        match self.turns.last().map(|t| t.grammar) {
            Some(last) => {
                self.literal(last.close);
                self.literal(turn.opening(Some(last.role)).0);
            }
            None => self.literal(&self.grammar.first_opening(turn).0),
        }
        let content = self.plain.len();
        self.turns.push(Written { grammar: turn, ordinal: self.begun - 1, before, raw_before, content, end: content });
    }

    /// The next block of the turn is text.
    pub fn text(&mut self, text: &str) {
        let (start, raw_start) = (self.plain.len(), self.raw_len());
        self.plain.push_str(text);
        if let Some(raw) = &mut self.raw {
            push_escaped(text, raw);
        }
        self.wrote_text(start, raw_start);
    }

    /// The next block of the turn is text, given as the inside of a JSON string literal.
    pub fn raw_text(&mut self, raw_text: &str) {
        let (start, raw_start) = (self.plain.len(), self.raw_len());
        match json_text(raw_text) {
            Ok(text) => self.plain.push_str(&text),
            Err(e) => self.fail(e),
        }
        if let Some(raw) = &mut self.raw {
            raw.push_str(raw_text);
        }
        self.wrote_text(start, raw_start);
    }

    /// The next block of the turn is an image, which leaves a hole.
    pub fn image(&mut self) {
        self.end_run();
        if let Some(hole) = self.grammar.image {
            self.literal(hole);
        } else {
            let message =
                format!("the prompt grammar `{}` has no place for images; leave the image out", self.grammar.name);
            self.fail(Error::new(Code::Unsupported, message));
        }
        self.block += 1;
    }

    /// The next block of the turn does not go into the prompt.
    pub fn skip(&mut self) {
        self.block += 1;
    }

    /// The whole prompt. `path` names the façade path of a block, by ordinal of its turn and ordinal in there.
    pub fn finish(mut self, report: &mut Report, path: &dyn Fn(usize, usize) -> String) -> Result<String, Error> {
        self.end_turn();
        self.cue();
        if let Some((error, (turn, block))) = self.fault {
            return Err(error.at(path(turn, block)));
        }
        if let Some((turn, block)) = self.marker().or_else(|| self.misread()) {
            return Err(Error::new(
                Code::ReservedMarker,
                format!(
                    "the text would be read as a marker of the prompt grammar `{}`; change the text, or escape it",
                    self.grammar.name
                ),
            )
            .at(path(turn, block)));
        }
        for (fate, (turn, block), why) in self.losses {
            report.add(fate, path(turn, block), why);
        }
        Ok(self.raw.unwrap_or(self.plain))
    }

    /// Ends the last turn, or opens the one that the model shall write.
    fn cue(&mut self) {
        let Some(last) = self.turns.last() else {
            let open = self.grammar.turn(self.grammar.cue).map(|t| t.bare.unwrap_or(t.open));
            return self.literal(&self.grammar.at_start(open.unwrap_or_default()).0);
        };
        if last.grammar.role == self.grammar.cue {
            if last.content < last.end {
                return;
            }
            // An open turn without text is the cue itself.
            let place = (last.ordinal, 0);
            self.losses.push((Fate::Dropped, place, "an empty last turn is the same as none in a prompt"));
            self.take_back();
            return self.cue();
        }
        let last = last.grammar;
        self.literal(last.close);
        if let Some(cue) = self.grammar.turn(self.grammar.cue) {
            self.literal(cue.bare.unwrap_or(cue.opening(Some(last.role)).0));
        }
    }

    fn end_turn(&mut self) {
        self.end_run();
        let end = self.plain.len();
        let Some(last) = self.turns.last_mut() else { return };
        last.end = end;
        let (ordinal, content) = (last.ordinal, last.content);
        // A first turn without an opening literal is only to be seen by its text.
        if self.turns.len() == 1
            && self.turns.iter().all(|t| self.grammar.first_opening(t.grammar).1 == 0)
            && self.plain.get(content..).is_some_and(|t| t.trim().is_empty())
        {
            self.losses.push((Fate::Dropped, (ordinal, 0), "a blank first turn has no place in the prompt"));
            self.take_back();
        }
    }

    /// Undoes the last turn.
    fn take_back(&mut self) {
        if let Some(last) = self.turns.pop() {
            self.plain.truncate(last.before);
            if let Some(raw) = &mut self.raw {
                raw.truncate(last.raw_before);
            }
            self.runs.retain(|r| r.place.0 != last.ordinal);
            self.run_from = self.runs.len();
        }
    }

    /// Escapes the adjacent texts at the end, as one text.
    fn end_run(&mut self) {
        self.after_text = false;
        let from = std::mem::replace(&mut self.run_from, self.runs.len());
        if !self.escaping || from == self.runs.len() {
            return;
        }
        let Some(Run { start, raw_start, .. }) = self.runs.get(from) else { return };
        let text = self.plain.get(*start..).unwrap_or_default();
        let escaped = escape(text, self.grammar.markers).into_owned();
        if escaped.len() == text.len() {
            return;
        }
        self.plain.truncate(*start);
        self.plain.push_str(&escaped);
        if let Some(raw) = &mut self.raw {
            raw.truncate(*raw_start);
            push_escaped(&escaped, raw);
        }
        self.runs.truncate(from + 1);
        if let Some(run) = self.runs.last_mut() {
            run.end = self.plain.len();
        }
        self.run_from = self.runs.len();
    }

    fn wrote_text(&mut self, start: usize, raw_start: usize) {
        let place = (self.begun.saturating_sub(1), self.block);
        if self.after_text {
            self.losses.push((Fate::Approximated, place, "adjacent texts run together in a prompt"));
        }
        self.after_text = true;
        self.runs.push(Run { start, raw_start, end: self.plain.len(), place });
        self.block += 1;
    }

    fn literal(&mut self, text: &str) {
        self.plain.push_str(text);
        if let Some(raw) = &mut self.raw {
            push_escaped(text, raw);
        }
    }

    fn raw_len(&self) -> usize {
        self.raw.as_ref().map_or(0, String::len)
    }

    fn fail(&mut self, error: Error) {
        let place = (self.begun.saturating_sub(1), self.block);
        self.fault.get_or_insert((error, place));
    }
}

/// Appends text as the inside of a JSON string literal.
fn push_escaped(text: &str, out: &mut String) {
    let at = out.len();
    write_str(text, out);
    out.pop();
    out.remove(at);
}
