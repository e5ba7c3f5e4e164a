//! Whatever content says, a prompt must read back as the turns it was written from.
//!
//! Content never contains a marker. The reader looks for the literal that ends a turn, then for the longest literal that
//! opens the next. So that it finds the right ones, four things must hold:
//!
//! 1. a literal that ends content contains a marker: content alone cannot forge it;
//! 2. no marker comes about where content and a literal meet: otherwise harmless content would have to be refused;
//! 3. no end of content makes a delimiter begin earlier than it does;
//! 4. after the same turn, no opening goes on where another stops as content, and what follows it, could go on.

use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Grammar, Span, TurnGrammar};

/// Checks one grammar that writes.
pub(super) fn check(grammar: &Grammar, faults: &mut Vec<Diagnostic>) {
    let markers: Vec<&str> =
        grammar.markers.iter().chain(&grammar.image).map(String::as_str).filter(|marker| !marker.is_empty()).collect();
    let checker = Injective { grammar, markers };
    let before = checker.before_content();
    for turn in checker.turns(true) {
        let delimiters = checker.delimiters(turn);
        let after = checker.after_content(turn);
        checker.unmarked(&delimiters, faults);
        checker.assembled(&after, false, faults);
        checker.early(&delimiters, &after, faults);
    }
    checker.assembled(&before, true, faults);
    checker.alike(faults);
    let mut told: Vec<Diagnostic> = Vec::new();
    faults.retain(|fault| {
        let is_new = !told.contains(fault);
        told.push(fault.clone());
        is_new
    });
}

/// A literal of a grammar, or several in a row.
struct Literal {
    text: String,
    what: String,
    span: Span,
}

struct Injective<'g> {
    grammar: &'g Grammar,
    /// What content must not contain; a hole must not be written by hand either.
    markers: Vec<&'g str>,
}

impl<'g> Injective<'g> {
    fn marked(&self, text: &str) -> bool {
        self.markers.iter().any(|marker| text.contains(marker))
    }

    /// The turns that can be read: at the start, or else right after another.
    fn turns(&self, at_start: bool) -> impl Iterator<Item = &'g TurnGrammar> + use<'g> {
        self.grammar.turns.iter().filter(move |turn| turn.into.is_none() && (at_start || !turn.at_start))
    }

    /// What opens a turn after another, and whether the grammar names that neighbour.
    fn opening(&self, turn: &'g TurnGrammar, before: Option<&TurnGrammar>) -> (String, bool) {
        let named = before.and_then(|before| turn.open_after.iter().find(|(role, _)| *role == before.role));
        match (named, before) {
            (Some((_, text)), _) => (text.clone(), true),
            (None, Some(_)) => (turn.open.clone(), false),
            (None, None) => {
                let whole = format!("{}{}", self.grammar.begin, turn.open);
                (whole.strip_prefix(&self.grammar.elide).map_or(whole.clone(), str::to_owned), false)
            }
        }
    }

    /// What an open turn without text leaves at the end, if that is no opening.
    fn bare(&self) -> Option<(&'g TurnGrammar, &'g str)> {
        let turn = self.grammar.turns.iter().find(|turn| turn.role == self.grammar.cue)?;
        turn.bare.as_deref().map(|bare| (turn, bare))
    }

    /// Everything that can stand right before content.
    fn before_content(&self) -> Vec<Literal> {
        let mut found = Vec::new();
        for turn in self.turns(true) {
            let what = format!("`{}.open`", turn.role);
            found.push(Literal { text: self.opening(turn, None).0, what: what.clone(), span: turn.span });
            for before in self.turns(true).filter(|_| !turn.at_start) {
                let text = format!("{}{}", before.close, self.opening(turn, Some(before)).0);
                found.push(Literal { text, what: what.clone(), span: turn.span });
            }
        }
        found.extend(self.hole());
        found
    }

    /// Everything that can stand right after the content of a turn.
    fn after_content(&self, turn: &TurnGrammar) -> Vec<Literal> {
        let what = |next: &str| match turn.close.as_str() {
            "" => format!("`{next}`"),
            _ => format!("`{}.close`", turn.role),
        };
        let span = |next: Span| if turn.close.is_empty() { next } else { turn.span };
        let mut found = Vec::new();
        for next in self.turns(false) {
            let text = format!("{}{}", turn.close, self.opening(next, Some(turn)).0);
            found.push(Literal { text, what: what(&format!("{}.open", next.role)), span: span(next.span) });
        }
        if let Some((cue, bare)) = self.bare() {
            let text = format!("{}{bare}", turn.close);
            found.push(Literal { text, what: what(&format!("{}.bare", cue.role)), span: span(cue.span) });
        }
        found.extend(self.hole());
        found
    }

    /// What ends the content of a turn: its end or, where it has none, the next beginning.
    fn delimiters(&self, turn: &TurnGrammar) -> Vec<Literal> {
        if turn.close.is_empty() {
            return self.after_content(turn);
        }
        let close = Literal { text: turn.close.clone(), what: format!("`{}.close`", turn.role), span: turn.span };
        std::iter::once(close).chain(self.hole()).collect()
    }

    fn hole(&self) -> Option<Literal> {
        let text = self.grammar.image.clone()?;
        Some(Literal { text, what: "`holes.image`".to_owned(), span: self.grammar.span })
    }

    /// Rule 1.
    fn unmarked(&self, delimiters: &[Literal], faults: &mut Vec<Diagnostic>) {
        for literal in delimiters.iter().filter(|literal| !self.marked(&literal.text)) {
            let message = format!("{} ends content and contains no marker, so content can forge it", literal.what);
            let fault = Diagnostic::new(Code::NoMarker, literal.span, message);
            faults.push(match literal.text.as_str() {
                "" => fault.help("nothing at all ends this content: give it a literal"),
                text => fault.help(format!("add `\"{}\"` to `markers:`", text.escape_debug())),
            });
        }
    }

    /// Rule 2: before content, or else after it.
    fn assembled(&self, literals: &[Literal], before: bool, faults: &mut Vec<Diagnostic>) {
        for literal in literals {
            for marker in &self.markers {
                let meets = |(head, tail): &(&str, &str)| {
                    if before { literal.text.ends_with(head) } else { literal.text.starts_with(tail) }
                };
                for (head, tail) in splits(marker).filter(meets) {
                    let (verb, part) = if before { ("starts", tail) } else { ("ends", head) };
                    let message = format!(
                        "content that {verb} with `{}` makes the marker `{}` together with {}",
                        part.escape_debug(),
                        marker.escape_debug(),
                        literal.what
                    );
                    faults.push(Diagnostic::new(Code::SplitMarker, literal.span, message));
                }
                let is_inside = !before
                    && marker
                        .match_indices(&literal.text)
                        .any(|(at, _)| at > 0 && at + literal.text.len() < marker.len());
                if is_inside {
                    let (what, marker) = (&literal.what, marker.escape_debug());
                    let message = format!("content on both sides of {what} makes the marker `{marker}` of it");
                    faults.push(Diagnostic::new(Code::SplitMarker, literal.span, message));
                }
            }
        }
    }

    /// Rule 3.
    fn early(&self, delimiters: &[Literal], after: &[Literal], faults: &mut Vec<Diagnostic>) {
        for literal in delimiters {
            for (head, tail) in splits(&literal.text).take_while(|(head, _)| !self.marked(head)) {
                let Some(next) = after.iter().find(|next| fits(&next.text, tail)) else {
                    continue;
                };
                let message = format!(
                    "content that ends with `{}` makes {} of the beginning of {}",
                    head.escape_debug(),
                    literal.what,
                    next.what
                );
                faults.push(Diagnostic::new(Code::SplitMarker, literal.span, message));
            }
        }
    }

    /// Whether a turn, right after its opening, can read like this: as content, or as content and what follows it.
    fn can_go_on(&self, turn: &TurnGrammar, text: &str, before: Option<&TurnGrammar>) -> bool {
        let after = self.after_content(turn);
        // Content at position 0 is looked at as if the elided literal stood before it.
        let at_zero = before.is_none() && self.opening(turn, None).0.is_empty();
        let elided = if at_zero { self.grammar.elide.as_str() } else { "" };
        // One without an opening must have a text to be seen by.
        let is_hidden = turn.at_start && (turn.open.is_empty() || self.opening(turn, None).0.is_empty());
        std::iter::once(("", text))
            .filter(|_| !is_hidden)
            .chain(splits(text))
            .chain([(text, "")])
            .take_while(|(content, _)| !self.marked(&format!("{elided}{content}")))
            .any(|(_, rest)| after.iter().any(|next| fits(&next.text, rest)))
    }

    /// Rule 4.
    fn alike(&self, faults: &mut Vec<Diagnostic>) {
        let turns: Vec<&TurnGrammar> = self.turns(true).collect();
        let places = || std::iter::once(None).chain(self.turns(true).map(Some));
        let place = |before: Option<&TurnGrammar>| {
            before.map_or("at the start".to_owned(), |before| format!("after a `{}` turn", before.role))
        };
        for (index, turn) in turns.iter().enumerate() {
            for other in turns.iter().take(index) {
                let only_first = turn.at_start || other.at_start;
                let met = |before: &Option<_>| !only_first || before.is_none();
                let Some(before) = places().filter(met).find(|before| self.clash(turn, other, *before)) else {
                    continue;
                };
                let message = format!("`{}` and `{}` cannot be told apart {}", other.role, turn.role, place(before));
                let fault = Diagnostic::new(Code::SameOpen, turn.span, message);
                faults.push(fault.label(other.span, "the other turn"));
            }
            let Some((cue, bare)) = self.bare() else { continue };
            let goes_on = |before: Option<&TurnGrammar>| {
                let more = bare.strip_prefix(&self.opening(turn, before).0).map(str::to_owned);
                more.is_some_and(|more| !more.is_empty() && self.can_go_on(turn, &more, before))
            };
            let met = |before: &Option<_>| !turn.at_start || before.is_none();
            if let Some(before) = places().filter(met).find(|before| goes_on(*before)) {
                let (cue_role, role) = (&cue.role, &turn.role);
                let message = format!("`{cue_role}.bare` reads as the beginning of a `{role}` turn {}", place(before));
                faults.push(Diagnostic::new(Code::SameOpen, cue.span, message).label(turn.span, "the other turn"));
            }
        }
    }

    /// Whether the openings of two turns can be taken for each other. Of two that fit, the longer wins; but one that the
    /// grammar names for this neighbour wins over one that it does not, unless only a marker can have made that longer.
    fn clash(&self, a: &'g TurnGrammar, b: &'g TurnGrammar, before: Option<&TurnGrammar>) -> bool {
        let ((a_open, a_named), (b_open, b_named)) = (self.opening(a, before), self.opening(b, before));
        let longer_wins =
            |longer_named: bool, shorter_named: bool, more: &str| longer_named || !shorter_named || self.marked(more);
        match (a_open.strip_prefix(&b_open), b_open.strip_prefix(&a_open)) {
            (Some(""), _) => true,
            (Some(more), _) => longer_wins(a_named, b_named, more) && self.can_go_on(b, more, before),
            (_, Some(more)) => longer_wins(b_named, a_named, more) && self.can_go_on(a, more, before),
            (None, None) => false,
        }
    }
}

/// Whether one text can go on where the other stops.
fn fits(a: &str, b: &str) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

/// Both parts of a text, for every place inside it.
fn splits(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.char_indices().skip(1).filter_map(|(at, _)| text.split_at_checked(at))
}
