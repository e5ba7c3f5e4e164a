//! Prompt grammars: the turns are all there, no grammar is in vain, and prompts read back as they were written.

use super::fields;
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Family, Grammar, TurnGrammar, Ty};

const ROLES: [&str; 3] = ["system", "user", "assistant"];

/// Checks every prompt grammar of the family.
pub fn check(family: &Family, faults: &mut Vec<Diagnostic>) {
    for (index, grammar) in family.prompts.iter().enumerate() {
        self::grammar(grammar, faults);
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

/// Checks a grammar by itself.
pub fn grammar(grammar: &Grammar, faults: &mut Vec<Diagnostic>) {
    turns(grammar, faults);
    markers(grammar, faults);
    if !grammar.decode_only {
        super::injective::check(grammar, faults);
    }
}

fn same_turns(a: &[TurnGrammar], b: &[TurnGrammar]) -> bool {
    let same = |x: &TurnGrammar, y: &TurnGrammar| {
        x.role == y.role
            && x.open == y.open
            && x.open_after == y.open_after
            && x.bare == y.bare
            && x.close == y.close
            && x.at_start == y.at_start
            && x.into == y.into
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
        if let Some(into) = &turn.into
            && !grammar.turns.iter().any(|turn| turn.role == *into && turn.into.is_none() && !turn.at_start)
        {
            fault(
                turn.span,
                format!("`into` names `{into}`, and the grammar has no such turn that may stand anywhere"),
            );
        }
        if turn.role == grammar.cue && (turn.at_start || turn.into.is_some()) {
            fault(turn.span, format!("`{}` is the turn left open at the end, so it can stand anywhere", turn.role));
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
