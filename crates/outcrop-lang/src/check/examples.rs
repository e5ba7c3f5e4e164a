//! Examples: each is complete, and together they use every member, case and map row, so that nothing in a spec is a
//! mere assertion.

use super::exercise::{Exercise, Unused};
use crate::Loaded;
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Example, ExampleKind, Family, Span, Way};
use std::collections::{BTreeMap, BTreeSet};

/// Checks the examples of one family, and that they use everything that its own file declares.
pub fn check(family: &Family, faults: &mut Vec<Diagnostic>) {
    let mut met: BTreeMap<&str, &Example> = BTreeMap::new();
    for example in &family.examples {
        if let Some(first) = met.insert(&example.id, example) {
            let message = format!("two examples are called `{}`", example.id);
            faults.push(
                Diagnostic::new(Code::DuplicateExample, example.span, message).label(first.span, "the other one"),
            );
        }
        complete(family, example, faults);
        model(family, example, faults);
    }
    // A spec without examples is a sketch: it claims nothing, and its author is not there yet.
    if !family.examples.is_empty() {
        // What a dialect declares is proved by the families that extend it, together.
        faults.extend(unused(family).iter().filter(|unused| unused.span.file == 0).map(fault));
    }
}

/// Declarations of shared dialects that no example of any family with that dialect uses. Each diagnostic comes with the
/// index of a family whose files show it.
#[must_use]
pub fn unused_in_dialects(families: &[Loaded]) -> Vec<(usize, Diagnostic)> {
    let path = |index: usize, span: Span| {
        families.get(index).and_then(|loaded| loaded.files_read.get(span.file as usize)).map(|file| file.path.as_str())
    };
    // Places are the same in all families that read the same file, whatever its index there.
    let place = |index: usize, unused: &Unused| {
        path(index, unused.span).map(|path| (path, unused.span.start, unused.span.end, unused.what.clone()))
    };
    let all: Vec<Vec<Unused>> =
        families.iter().map(|loaded| loaded.family.as_ref().map(unused).unwrap_or_default()).collect();
    let mut met = BTreeSet::new();
    let mut found = Vec::new();
    for (index, of_family) in all.iter().enumerate() {
        for one in of_family.iter().filter(|one| one.span.file != 0) {
            let Some(here) = place(index, one) else { continue };
            let everywhere = all.iter().enumerate().all(|(other, theirs)| {
                let reads =
                    families.get(other).is_some_and(|loaded| loaded.files_read.iter().any(|file| file.path == here.0));
                !reads || theirs.iter().any(|unused| place(other, unused).as_ref() == Some(&here))
            });
            if everywhere && met.insert(here) {
                found.push((index, fault(one)));
            }
        }
    }
    found
}

fn unused(family: &Family) -> Vec<Unused> {
    let mut exercise = Exercise::new(family);
    for example in &family.examples {
        exercise.example(example);
    }
    exercise.unused()
}

fn fault(unused: &Unused) -> Diagnostic {
    Diagnostic::new(Code::NotExercised, unused.span, format!("no example uses {}", unused.what))
}

fn complete(family: &Family, example: &Example, faults: &mut Vec<Diagnostic>) {
    let mut fault = |message: String| faults.push(Diagnostic::new(Code::BadExample, example.span, message));
    let (root, body) = match example.kind {
        ExampleKind::Request => (family.chat.request, "request"),
        ExampleKind::Response => (family.chat.response, "response"),
        ExampleKind::Stream => (family.chat.stream, "stream"),
    };
    if root.is_none() {
        fault(format!("`{}` shows a {body}, and the family has no {body} type", example.id));
    }
    let (native, converse) = (example.native.is_some(), example.converse.is_some());
    match (&example.error, example.way) {
        (Some(_), _) if native == converse => {
            fault(format!("`{}` expects an error, so it shows the one side that causes it", example.id));
        }
        (None, _) if !native || !converse => {
            let missing = if native { "converse" } else { "native" };
            fault(format!("`{}` has no `{missing}:` side", example.id));
        }
        (Some(_), Way::Both) => {
            fault(format!("`{}` expects an error, so it says in which direction: `way:`", example.id));
        }
        (Some(_), Way::Encode) if native => {
            fault(format!("`{}` is about encoding and shows no `converse:` side", example.id));
        }
        (Some(_), Way::Decode) if converse => {
            fault(format!("`{}` is about decoding and shows no `native:` side", example.id));
        }
        _ => {}
    }
}

fn model(family: &Family, example: &Example, faults: &mut Vec<Diagnostic>) {
    if example.model.is_empty() || family.models.is_empty() {
        return;
    }
    // A region or geography may stand before the vendor.
    let base = example.model.split_once('.').map_or("", |(_, rest)| rest);
    let kind = example.model.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(4)?.split('/').next());
    let known = |model: &crate::ir::Model| match &model.resource {
        Some(resource) => kind == Some(resource),
        None => {
            super::catalogue::matches(&model.pattern, &example.model) || super::catalogue::matches(&model.pattern, base)
        }
    };
    if !family.models.iter().any(known) {
        let message = format!("no entry of `models:` matches `{}`", example.model);
        faults.push(
            Diagnostic::new(Code::UnknownModel, example.span, message)
                .suggest(&example.model, family.models.iter().map(|model| model.pattern.as_str())),
        );
    }
}
