//! Prompt text to turns, other clients' ways of writing included.

use std::borrow::Cow;

use super::scan::{self, Content};
use super::spelling::is_spelt;
use super::{Piece, Plan, Renderer, Turn, json_text, lenient, unescape};
use crate::{Error, Report};

/// What a prompt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<'g, 't> {
    /// Its turns. An open last turn without text is none.
    pub turns: Vec<Turn<'g, 't>>,
    /// Whether the model's own grammar writes exactly this text for these turns. If not, report it as approximated.
    pub exact: bool,
}

/// Reads a prompt: by the model's own grammar, else by another, else by any of them with lenience, else as one user text.
#[must_use]
pub fn read<'g, 't>(own: &Plan<'g>, others: &[Plan<'g>], text: &'t str, escaping: bool) -> Reading<'g, 't> {
    let found = find(own, others, text, escaping);
    let turn = |c: &Content<'g>| Turn { role: c.role, pieces: found.pieces(c).collect() };
    Reading { turns: found.contents.iter().map(turn).collect(), exact: found.exact }
}

/// As [`read`], from the inside of a JSON string literal.
pub fn read_raw<'g>(
    own: &Plan<'g>,
    others: &[Plan<'g>],
    raw: &str,
    escaping: bool,
) -> Result<Reading<'g, 'static>, Error> {
    let text = json_text(raw)?;
    let Reading { turns, exact } = read(own, others, &text, escaping);
    let owned = |piece: Piece<'_>| match piece {
        Piece::Text(text) => Piece::Text(Cow::Owned(text.into_owned())),
        Piece::Image => Piece::Image,
    };
    let turns = turns.into_iter().map(|t| Turn { role: t.role, pieces: t.pieces.into_iter().map(owned).collect() });
    Ok(Reading { turns: turns.collect(), exact })
}

/// Where a prompt says what.
pub(crate) struct Found<'p, 'g, 't> {
    text: &'t str,
    /// By which grammar; none: it is one text.
    plan: Option<&'p Plan<'g>>,
    escaping: bool,
    pub(crate) contents: Vec<Content<'g>>,
    pub(crate) exact: bool,
}

/// As [`read`], but what turns hold is not cut up yet. The own grammar may be among the others, too.
pub(crate) fn find<'p, 'g, 't>(
    own: &'p Plan<'g>,
    others: &'p [Plan<'g>],
    text: &'t str,
    escaping: bool,
) -> Found<'p, 'g, 't> {
    let others = || others.iter().filter(|plan| plan.grammar.name != own.grammar.name);
    let strictly = |plan| Found::strictly(plan, text, escaping);
    if let Some(found) = strictly(own) {
        return Found { exact: true, ..found };
    }
    let loosely = |plan: &'p Plan<'g>| {
        let contents = lenient::contents(&plan.grammar, text)?;
        Some(Found::new(plan, text, escaping, contents))
    };
    let found = others().find_map(strictly).or_else(|| std::iter::once(own).chain(others()).find_map(loosely));
    found.unwrap_or_else(|| {
        let all = Content { role: "user", start: 0, end: text.len() };
        Found { text, plan: None, escaping, contents: vec![all], exact: false }
    })
}

impl<'p, 'g, 't> Found<'p, 'g, 't> {
    fn new(plan: &'p Plan<'g>, text: &'t str, escaping: bool, contents: Vec<Content<'g>>) -> Self {
        Self { text, plan: Some(plan), escaping: escaping || plan.grammar.escape, contents, exact: false }
    }

    /// The turns of a prompt that the grammar would write in just this way.
    fn strictly(plan: &'p Plan<'g>, text: &'t str, escaping: bool) -> Option<Self> {
        let found = Self::new(plan, text, escaping, scan::contents(plan, text)?);
        let mut written = Vec::with_capacity(text.len() + text.len() / 8);
        let mut again = Renderer::new(plan, escaping, &mut written);
        again.reserve(found.contents.len(), found.contents.len(), text.len());
        for content in &found.contents {
            again.turn(content.role);
            for piece in found.pieces(content) {
                match piece {
                    Piece::Text(text) => again.text(&text),
                    Piece::Image => again.image(),
                }
            }
        }
        again.finish(&mut Report::default(), &|_, _| String::new()).ok()?;
        is_spelt(&written, text).then_some(found)
    }

    /// The texts and images of a turn.
    pub(crate) fn pieces(&self, content: &Content<'g>) -> Pieces<'g, 't> {
        let whole = self.text.get(content.start..content.end).unwrap_or_default();
        let markers = self.plan.filter(|_| self.escaping).map(|plan| plan.grammar.markers);
        let hole = self.plan.and_then(|plan| plan.grammar.image).filter(|hole| !hole.is_empty());
        Pieces { rest: Some(whole), hole, markers, is_hole: false }
    }
}

/// Cuts a content into texts and images.
pub(crate) struct Pieces<'g, 't> {
    rest: Option<&'t str>,
    hole: Option<&'g str>,
    /// What to restore in texts.
    markers: Option<&'g [&'g str]>,
    /// Whether a hole is next.
    is_hole: bool,
}

impl<'t> Iterator for Pieces<'_, 't> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        while !self.is_hole {
            let rest = self.rest.take()?;
            let mut text = rest;
            if let Some((before, after)) = self.hole.and_then(|hole| rest.split_once(hole)) {
                (text, self.rest, self.is_hole) = (before, Some(after), true);
            }
            if !text.is_empty() {
                return Some(Piece::Text(self.markers.map_or(Cow::Borrowed(text), |markers| unescape(text, markers))));
            }
        }
        self.is_hole = false;
        Some(Piece::Image)
    }
}
