//! Coverage: every façade leaf is mapped, or the spec says what becomes of it. What nobody thought of would be lost
//! silently, so it is a fault.

use super::leaves::{Leaf, leaves, signal_leaves};
use super::reach::Reach;
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Family, Fate, Span, ToolIds, TypeId};
use std::collections::BTreeSet;

/// Checks the leaves of request, response and stream, and that every pattern matches one.
pub fn check(family: &Family, faults: &mut Vec<Diagnostic>) {
    let facade = &family.facade;
    let keys = &facade.side_keys;
    let request = leaves(facade, "ConverseRequest");
    let response = leaves(facade, "ConverseResponse");
    let stream = signal_leaves(facade);
    let roots = [
        (family.chat.request, &request, &keys.request, &facade.request_headers[..], true),
        (family.chat.response, &response, &keys.response, &facade.response_headers[..], false),
        (family.chat.stream, &stream, &keys.stream, &facade.response_headers[..], false),
    ];
    for (root, leaves, side_keys, headers, is_request) in roots {
        let Some(root) = root else { continue };
        let mut reach = Reach::new(family, is_request);
        reach.root(root);
        for key in side_keys {
            reach.side_key(&key.field, root);
        }
        for header in headers {
            reach.path(root, &header.path);
        }
        let lost: BTreeSet<&Leaf> = leaves
            .iter()
            .filter(|leaf| !reach.covers(leaf) && !is_made(family, leaf) && !has_fate(family, leaf))
            .collect();
        report(family, root, leaves, &lost, faults);
    }
    patterns(family, &[request, response, stream], faults);
}

/// Whether the chunks of a family's own streams say counts, beside what the service adds to the last.
#[cfg(feature = "interp")]
pub(crate) fn says_usage(family: &Family) -> bool {
    let Some(root) = family.chat.stream else { return false };
    let mut reach = Reach::new(family, false);
    reach.root(root);
    signal_leaves(&family.facade)
        .iter()
        .any(|leaf| leaf.first().is_some_and(|name| name == "usage") && reach.covers(leaf))
}

fn matches(fate: &Fate, leaf: &Leaf) -> bool {
    leaf.windows(fate.pattern.len()).any(|run| run == fate.pattern.as_slice())
}

/// Ids of tool calls that are not on the wire are made.
fn is_made(family: &Family, leaf: &Leaf) -> bool {
    family.tool_ids == ToolIds::Positional && leaf.last().is_some_and(|name| name == "toolUseId")
}

fn has_fate(family: &Family, leaf: &Leaf) -> bool {
    family.fates.iter().chain(&family.facade.fates).any(|fate| matches(fate, leaf))
}

/// One fault for a root, naming each place below which everything is lost.
fn report(family: &Family, root: TypeId, leaves: &[Leaf], lost: &BTreeSet<&Leaf>, faults: &mut Vec<Diagnostic>) {
    let Some(def) = family.types.get(root) else { return };
    let mut places: Vec<&[String]> = Vec::new();
    for leaf in leaves.iter().filter(|leaf| lost.contains(leaf)) {
        if places.iter().any(|place| leaf.starts_with(place)) {
            continue;
        }
        let all_lost =
            |place: &[String]| leaves.iter().filter(|other| other.starts_with(place)).all(|l| lost.contains(l));
        places.extend((1..=leaf.len()).filter_map(|length| leaf.get(..length)).find(|place| all_lost(place)));
    }
    faults.extend(unmapped(def.span, &def.name, &places, leaves));
}

fn unmapped(span: Span, name: &str, places: &[&[String]], leaves: &[Leaf]) -> Option<Diagnostic> {
    let text = |place: &&[String]| {
        let below = leaves.iter().filter(|leaf| leaf.starts_with(place)).count();
        let path = place.join(".");
        if below > 1 { format!("`{path}` and all below it ({below} leaves)") } else { format!("`{path}`") }
    };
    // The last two names mostly suffice to tell a place from others.
    let pattern = |place: &&[String]| place.get(place.len().saturating_sub(2)..).unwrap_or(place).join(".");
    let first = places.first()?;
    let cure = format!("under `unsupported:`, or with a reason under `dropped:`; `{}` would match", pattern(first));
    Some(match places {
        [one] => Diagnostic::new(Code::Unmapped, span, format!("`{name}` does not map {}", text(one)))
            .help(format!("map it with `as:`, or list a pattern {cure} it")),
        many => {
            let message =
                format!("`{name}` does not map {} places, and no pattern says what becomes of them", many.len());
            let fault = Diagnostic::new(Code::Unmapped, span, message);
            let fault = many.iter().fold(fault, |fault, place| fault.help(text(place)));
            fault.help(format!("map each with `as:`, or list patterns {cure} the first"))
        }
    })
}

fn patterns(family: &Family, roots: &[Vec<Leaf>], faults: &mut Vec<Diagnostic>) {
    for (index, fate) in family.fates.iter().enumerate() {
        let pattern = fate.pattern.join(".");
        if !roots.iter().flatten().any(|leaf| matches(fate, leaf)) {
            let known: BTreeSet<&str> = roots.iter().flatten().flatten().map(String::as_str).collect();
            let fault = Diagnostic::new(Code::EmptyPattern, fate.span, format!("`{pattern}` matches no façade leaf"));
            let stranger = fate.pattern.iter().find(|name| !known.contains(name.as_str()));
            faults.push(match stranger {
                Some(name) => fault.suggest(name, known.iter().copied()),
                None => fault.help("each of the names exists, but not in this order"),
            });
        }
        if let Some(first) = family.fates.iter().take(index).find(|other| other.pattern == fate.pattern) {
            let message = format!("`{pattern}` has two fates");
            faults.push(Diagnostic::new(Code::DuplicateFate, fate.span, message).label(first.span, "the other one"));
        }
    }
}
