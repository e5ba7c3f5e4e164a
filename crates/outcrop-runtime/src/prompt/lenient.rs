//! Prompts that nearly keep to a grammar: white space around literals, no beginning, no cue at the end.

use memchr::memmem;

use super::scan::{self, Content};
use super::{Grammar, TurnGrammar};
use crate::literals::Literals;

/// The turns of a prompt, white space around their texts cut off. None without a user turn: then it is no such prompt.
pub(super) fn contents<'g>(grammar: &Grammar<'g>, text: &str) -> Option<Vec<Content<'g>>> {
    let mut at = space(text, 0);
    if text.get(at..)?.starts_with(grammar.begin.trim()) {
        at += grammar.begin.trim().len();
    }
    let mut found: Vec<Content<'g>> = Vec::new();
    let mut last: Option<&TurnGrammar<'g>> = None;
    let behind = |turn| Literals::new(scan::behind(grammar, turn).map(str::trim_end));
    let behind: Vec<Literals<'g>> = grammar.turns.iter().map(behind).collect();
    loop {
        at = space(text, at);
        let rest = text.get(at..)?.trim_end();
        if last.is_some() && (rest.is_empty() || grammar.bare_cue().is_some_and(|c| c.trim() == rest)) {
            break;
        }
        let (index, start) = opening(grammar, last, text, at)?;
        let turn = grammar.turns.get(index)?;
        let (end, next) = end(turn, behind.get(index)?, text, start);
        let content = text.get(start..end)?;
        let (start, end) = (space(text, start), start + content.trim_end().len());
        if start < end {
            found.push(Content { role: turn.role, start, end });
        }
        if last.is_some() && next <= at {
            return None;
        }
        (last, at) = (Some(turn), next);
    }
    found.iter().any(|c| c.role == "user").then_some(found)
}

/// The first place from `at` on without white space.
fn space(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.len() - rest.trim_start().len()
}

/// The index of the turn whose opening literal stands at `at`; else of one that needs none there.
fn opening(grammar: &Grammar<'_>, last: Option<&TurnGrammar<'_>>, text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    let turns = grammar.turns.iter().enumerate().filter(|(_, t)| t.stands(last.is_none()));
    let all = || turns.clone().map(|(turn, t)| (turn, t.opening(last.map(|l| l.role))));
    let visible = all().filter(|(_, (open, _))| !open.trim().is_empty() && rest.starts_with(open.trim()));
    if let Some((turn, (open, _))) = visible.max_by_key(|(_, (open, _))| open.trim().len()) {
        return Some((turn, at + open.trim().len()));
    }
    let bare = all().filter(|(_, (open, _))| open.trim().is_empty());
    bare.max_by_key(|(_, (_, named))| *named).map(|(turn, _)| (turn, at))
}

/// Where the content ends, and where to go on.
fn end(turn: &TurnGrammar<'_>, behind: &Literals<'_>, text: &str, start: usize) -> (usize, usize) {
    let close = turn.close.trim();
    let hit = if close.is_empty() {
        behind.find(text, start).map(|(at, _)| (at, at))
    } else {
        let rest = text.as_bytes().get(start..).unwrap_or_default();
        memmem::find(rest, close.as_bytes()).map(|at| (start + at, start + at + close.len()))
    };
    hit.unwrap_or((text.len(), text.len()))
}
