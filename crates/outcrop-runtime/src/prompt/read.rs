//! Prompt text to turns, other clients' ways of writing included.

use std::borrow::Cow;

use super::scan::{self, Content};
use super::{Grammar, Piece, Renderer, Turn, json_text, lenient, unescape};
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
pub fn read<'g, 't>(own: &Grammar<'g>, others: &[Grammar<'g>], text: &'t str, escaping: bool) -> Reading<'g, 't> {
    if let Some(turns) = strictly(own, text, escaping) {
        return Reading { turns, exact: true };
    }
    let loosely = |g: &Grammar<'g>| lenient::contents(g, text).map(|found| turns(g, text, &found, escaping));
    let mut strict = others.iter().filter_map(|g| strictly(g, text, escaping));
    let mut loose = std::iter::once(own).chain(others).filter_map(loosely);
    let turns = strict
        .next()
        .or_else(|| loose.next())
        .unwrap_or_else(|| vec![Turn { role: "user", pieces: vec![Piece::Text(Cow::Borrowed(text))] }]);
    Reading { turns, exact: false }
}

/// As [`read`], from the inside of a JSON string literal.
pub fn read_raw<'g>(
    own: &Grammar<'g>,
    others: &[Grammar<'g>],
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

/// The turns of a prompt that the grammar would write in just this way.
fn strictly<'g, 't>(grammar: &Grammar<'g>, text: &'t str, escaping: bool) -> Option<Vec<Turn<'g, 't>>> {
    let turns = turns(grammar, text, &scan::contents(grammar, text)?, escaping);
    let mut again = Renderer::new(*grammar, escaping);
    for turn in &turns {
        again.turn(turn.role);
        for piece in &turn.pieces {
            match piece {
                Piece::Text(text) => again.text(text),
                Piece::Image => again.image(),
            }
        }
    }
    let written = again.finish(&mut Report::default(), &|_, _| String::new()).ok()?;
    (written == text).then_some(turns)
}

/// Cuts the contents into texts and images.
fn turns<'g, 't>(grammar: &Grammar<'g>, text: &'t str, found: &[Content<'g>], escaping: bool) -> Vec<Turn<'g, 't>> {
    let restored =
        |t: &'t str| if escaping || grammar.escape { unescape(t, grammar.markers) } else { Cow::Borrowed(t) };
    let turn = |c: &Content<'g>| {
        let mut pieces = Vec::new();
        let hole = grammar.image.filter(|h| !h.is_empty());
        let mut rest = text.get(c.start..c.end).unwrap_or_default();
        while let Some((before, after)) = hole.and_then(|h| rest.split_once(h)) {
            if !before.is_empty() {
                pieces.push(Piece::Text(restored(before)));
            }
            pieces.push(Piece::Image);
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(restored(rest)));
        }
        Turn { role: c.role, pieces }
    };
    found.iter().map(turn).collect()
}
