//! Prompt grammars: whatever content says, the prompt must read back as the turns it was written from.
//!
//! Content never contains a marker, neither whole nor, together with the literals around it, in parts. A delimiter that
//! contains a marker can then never be forged, and the reader finds it by looking for markers.

use super::fields;
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Family, Grammar, Span, TurnGrammar, Ty};

const ROLES: [&str; 3] = ["system", "user", "assistant"];

/// Checks every prompt grammar of the family.
pub fn check(family: &Family, faults: &mut Vec<Diagnostic>) {
    for (index, grammar) in family.prompts.iter().enumerate() {
        turns(grammar, faults);
        markers(grammar, faults);
        if !grammar.decode_only {
            injective(grammar, faults);
            distinct_turns(grammar, faults);
        }
        let reads = |other: &&Grammar| {
            (&other.begin, &other.elide, &other.image) == (&grammar.begin, &grammar.elide, &grammar.image)
                && same_turns(&other.turns, &grammar.turns)
        };
        if let Some(earlier) = family.prompts.iter().take(index).find(reads) {
            let message = format!("`{}` reads exactly what `{}` reads", grammar.name, earlier.name);
            faults.push(Diagnostic::new(Code::SameGrammar, grammar.span, message).label(earlier.span, "tried first"));
        }
    }
    if !family.prompts.iter().any(|grammar| !grammar.decode_only) {
        for field in fields(family).filter(|field| matches!(field.ty, Ty::Prompt)) {
            let message = format!("`{}` is a prompt, and the family has no grammar that writes one", field.key);
            faults.push(Diagnostic::new(Code::NoPrompt, field.span, message));
        }
    }
}

fn same_turns(a: &[TurnGrammar], b: &[TurnGrammar]) -> bool {
    let same = |x: &TurnGrammar, y: &TurnGrammar| {
        x.role == y.role && x.open == y.open && x.open_after == y.open_after && x.bare == y.bare && x.close == y.close
    };
    a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| same(x, y)))
}

fn turns(grammar: &Grammar, faults: &mut Vec<Diagnostic>) {
    let mut fault = |span, message: String| faults.push(Diagnostic::new(Code::BadTurns, span, message));
    let has = |role: &str| grammar.turns.iter().any(|turn| turn.role == role);
    for turn in &grammar.turns {
        if !ROLES.contains(&turn.role.as_str()) {
            fault(turn.span, format!("`{}` is no role; roles are `system`, `user` and `assistant`", turn.role));
        }
        for (role, _) in turn.open_after.iter().filter(|(role, _)| !has(role)) {
            fault(turn.span, format!("`open_after` names `{role}`, and the grammar has no such turn"));
        }
    }
    for role in ["user", "assistant"].into_iter().filter(|role| !has(role)) {
        fault(grammar.span, format!("`{}` has no turn `{role}`", grammar.name));
    }
    if !grammar.cue.is_empty() && !has(&grammar.cue) {
        fault(grammar.span, format!("`cue` names `{}`, and the grammar has no such turn", grammar.cue));
    }
}

fn markers(grammar: &Grammar, faults: &mut Vec<Diagnostic>) {
    for (index, marker) in grammar.markers.iter().enumerate() {
        let message = match marker.as_str() {
            "" => "an empty marker would forbid all content".to_owned(),
            _ if grammar.markers.iter().take(index).any(|other| other == marker) => {
                format!("the marker `{}` is listed twice", marker.escape_debug())
            }
            _ => continue,
        };
        faults.push(Diagnostic::new(Code::BadMarker, grammar.span, message));
    }
}

/// A literal of a grammar and its place in it.
struct Literal<'g> {
    text: &'g str,
    what: String,
    span: Span,
}

/// The literals that come right before content.
fn openings(grammar: &Grammar) -> Vec<Literal<'_>> {
    let mut found = Vec::new();
    for turn in &grammar.turns {
        found.push(Literal { text: &turn.open, what: format!("`{}.open`", turn.role), span: turn.span });
        for (role, text) in &turn.open_after {
            found.push(Literal { text, what: format!("`{}.open_after.{role}`", turn.role), span: turn.span });
        }
    }
    found.extend(hole(grammar));
    found
}

/// The literals that come right after content: the end of its turn or, where a turn has none, the next beginning.
fn delimiters(grammar: &Grammar) -> Vec<Literal<'_>> {
    let mut found: Vec<Literal<'_>> = Vec::new();
    for turn in &grammar.turns {
        if !turn.close.is_empty() {
            found.push(Literal { text: &turn.close, what: format!("`{}.close`", turn.role), span: turn.span });
            continue;
        }
        for next in &grammar.turns {
            let text = opening_after(next, &turn.role);
            if !found.iter().any(|known| known.text == text) {
                let what = format!("`{}.open`, which ends a `{}` turn,", next.role, turn.role);
                found.push(Literal { text, what, span: next.span });
            }
            if let Some(text) = next.bare.as_deref().filter(|text| !found.iter().any(|known| known.text == *text)) {
                let what = format!("`{}.bare`, which ends a `{}` turn,", next.role, turn.role);
                found.push(Literal { text, what, span: next.span });
            }
        }
    }
    found.extend(hole(grammar));
    found
}

fn hole(grammar: &Grammar) -> Option<Literal<'_>> {
    grammar.image.as_ref().map(|text| Literal { text, what: "`holes.image`".to_owned(), span: grammar.span })
}

fn opening_after<'g>(turn: &'g TurnGrammar, before: &str) -> &'g str {
    turn.open_after.iter().find(|(role, _)| role == before).map_or(&turn.open, |(_, text)| text)
}

fn injective(grammar: &Grammar, faults: &mut Vec<Diagnostic>) {
    let markers: Vec<&str> = grammar.markers.iter().map(String::as_str).filter(|marker| !marker.is_empty()).collect();
    for literal in delimiters(grammar) {
        if !markers.iter().any(|marker| literal.text.contains(marker)) {
            let message = format!("{} ends content and contains no marker, so content can forge it", literal.what);
            faults.push(
                Diagnostic::new(Code::NoMarker, literal.span, message)
                    .help(format!("add `\"{}\"` to `markers:`", literal.text.escape_debug())),
            );
        }
    }
    let openings = openings(grammar);
    let delimiters = delimiters(grammar);
    for marker in markers {
        for (head, tail) in splits(marker) {
            let before = openings.iter().filter(|literal| literal.text.ends_with(head));
            let after = delimiters.iter().filter(|literal| literal.text.starts_with(tail));
            let assembled =
                before.map(|literal| (literal, "starts", tail)).chain(after.map(|literal| (literal, "ends", head)));
            for (literal, verb, part) in assembled {
                let message = format!(
                    "content that {verb} with `{}` makes the marker `{}` together with {}",
                    part.escape_debug(),
                    marker.escape_debug(),
                    literal.what
                );
                faults.push(Diagnostic::new(Code::SplitMarker, literal.span, message));
            }
        }
    }
}

/// Both parts of a text, for every place inside it.
fn splits(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.char_indices().skip(1).filter_map(|(at, _)| text.split_at_checked(at))
}

/// After the same turn, no two roles may begin alike: the reader would take one for the other.
fn distinct_turns(grammar: &Grammar, faults: &mut Vec<Diagnostic>) {
    let befores: Vec<&str> = std::iter::once("").chain(grammar.turns.iter().map(|turn| turn.role.as_str())).collect();
    for (index, turn) in grammar.turns.iter().enumerate() {
        for other in grammar.turns.iter().take(index) {
            let alike = |before: &&&str| {
                let (a, b) = (opening_after(turn, before), opening_after(other, before));
                let rest = a.strip_prefix(b).or_else(|| b.strip_prefix(a));
                rest.is_some_and(|rest| !grammar.markers.iter().any(|marker| rest.contains(marker.as_str())))
                    && first_marker(grammar, turn) == first_marker(grammar, other)
            };
            let Some(before) = befores.iter().find(alike) else { continue };
            let place = if before.is_empty() { "at the start".to_owned() } else { format!("after a `{before}` turn") };
            let message = format!("`{}` and `{}` cannot be told apart {place}", other.role, turn.role);
            faults.push(Diagnostic::new(Code::SameOpen, turn.span, message).label(other.span, "the other turn"));
        }
    }
}

/// The marker by which a turn's end is found; turns with different ones cannot be taken for each other.
fn first_marker<'g>(grammar: &'g Grammar, turn: &TurnGrammar) -> Option<&'g str> {
    let found = grammar.markers.iter().filter_map(|marker| Some((turn.close.find(marker.as_str())?, marker)));
    found.min_by_key(|(at, marker)| (*at, std::cmp::Reverse(marker.len()))).map(|(_, marker)| marker.as_str())
}
