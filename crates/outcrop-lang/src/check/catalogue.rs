//! The catalogue: which entry a model id leads to, and whether the entries say what members fall back on.

use super::fields;
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Default_, Family, Model};
use std::collections::BTreeSet;

/// Checks the entries of one family.
pub fn check(family: &Family, faults: &mut Vec<Diagnostic>) {
    for (index, model) in family.models.iter().enumerate() {
        if let Some(bad) = model.pattern.chars().find(|c| !(c.is_ascii_alphanumeric() || ".-_:/*".contains(*c))) {
            let message = format!("`{bad}` occurs in no model id");
            faults.push(Diagnostic::new(Code::BadGlob, model.span, message));
        } else if model.pattern.is_empty() {
            faults.push(Diagnostic::new(Code::BadGlob, model.span, "an empty pattern matches no model id"));
        }
        for other in family.models.iter().take(index) {
            if is_tie(&model.pattern, &other.pattern) {
                let message =
                    format!("`{}` and `{}` match the same ids with equal weight", other.pattern, model.pattern);
                faults.push(
                    Diagnostic::new(Code::AmbiguousGlob, model.span, message)
                        .label(other.span, "the other pattern")
                        .help("the pattern with more characters that are no `*` wins"),
                );
            }
        }
        prompt(family, model, faults);
    }
    limits(family, faults);
}

/// Patterns of different families that match the same ids with equal weight: family and pattern of both sides.
#[must_use]
pub fn ties_between<'f>(families: &[&'f Family]) -> Vec<[(&'f str, &'f str); 2]> {
    let mut ties = Vec::new();
    for (index, family) in families.iter().enumerate() {
        for other in families.iter().take(index) {
            for model in &family.models {
                for theirs in other.models.iter().filter(|theirs| is_tie(&model.pattern, &theirs.pattern)) {
                    ties.push([(&*other.name, &*theirs.pattern), (&*family.name, &*model.pattern)]);
                }
            }
        }
    }
    ties
}

fn prompt(family: &Family, model: &Model, faults: &mut Vec<Diagnostic>) {
    let Some(name) = &model.prompt else { return };
    match family.prompts.iter().find(|grammar| grammar.name == *name) {
        None => faults.push(
            Diagnostic::new(Code::UnknownPrompt, model.span, format!("the family has no prompt grammar `{name}`"))
                .suggest(name, family.prompts.iter().map(|grammar| grammar.name.as_str())),
        ),
        Some(grammar) if grammar.decode_only => faults.push(
            Diagnostic::new(Code::UnknownPrompt, model.span, format!("the prompt grammar `{name}` is only read"))
                .label(grammar.span, "declared here with `way: decode`"),
        ),
        Some(_) => {}
    }
}

fn limits(family: &Family, faults: &mut Vec<Diagnostic>) {
    let mut asked = BTreeSet::new();
    for field in fields(family) {
        let Some(Default_::Limit(limit)) = &field.default else { continue };
        if !asked.insert(limit) {
            continue;
        }
        for model in family.models.iter().filter(|model| !model.limits.contains_key(limit)) {
            faults.push(
                Diagnostic::new(
                    Code::MissingLimit,
                    model.span,
                    format!("`{}` states no limit `{limit}`", model.pattern),
                )
                .label(field.span, format!("`{}` falls back on it", field.key))
                .suggest(limit, model.limits.keys().map(String::as_str)),
            );
        }
    }
}

/// Whether two patterns weigh the same and some id matches both. The weight is the number of characters other than `*`.
fn is_tie(a: &str, b: &str) -> bool {
    let weight = |pattern: &str| pattern.chars().filter(|c| *c != '*').count();
    weight(a) == weight(b) && overlap(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
}

/// Whether a pattern matches a model id.
pub(super) fn matches(pattern: &str, id: &str) -> bool {
    !id.contains('*') && overlap(&pattern.chars().collect::<Vec<_>>(), &id.chars().collect::<Vec<_>>())
}

/// Whether some text matches both patterns.
fn overlap(a: &[char], b: &[char]) -> bool {
    match (a, b) {
        ([], []) => true,
        (star @ ['*', rest @ ..], other) | (other, star @ ['*', rest @ ..]) => {
            overlap(rest, other) || matches!(other, [_, tail @ ..] if overlap(star, tail))
        }
        ([x, a @ ..], [y, b @ ..]) => x == y && overlap(a, b),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_weight_and_a_common_id_make_a_tie() {
        assert!(is_tie("a.b-*", "a.*-b"));
        assert!(is_tie("a.b", "a.b"));
        assert!(is_tie("*b", "b*"));
        assert!(!is_tie("a.b-*", "a.b-c*"), "the longer one wins");
        assert!(!is_tie("a.b-*", "a.c-*"), "nothing matches both");
        assert!(!is_tie("a.b", "a.c"));
    }
}
