//! The catalogue: which entry a model id leads to, and whether the entries say what members fall back on.

use super::fields;
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Bodies, Default_, Family, Keys, Model};
use std::collections::BTreeSet;

/// Checks the entries of one family.
pub fn check(family: &Family, faults: &mut Vec<Diagnostic>) {
    for (index, model) in family.models.iter().enumerate() {
        if let Some(bad) = model.pattern.chars().find(|c| !(c.is_ascii_alphanumeric() || ".-_:/*".contains(*c))) {
            let message = format!("`{bad}` occurs in no model id");
            faults.push(Diagnostic::new(Code::BadGlob, model.span, message));
        } else if model.pattern.is_empty() && model.resource.is_none() {
            faults.push(Diagnostic::new(Code::BadGlob, model.span, "an empty pattern matches no model id"));
        }
        for other in family.models.iter().take(index) {
            // Which of a family's own entries holds is never for the body to say: the family is known by then.
            if is_tie(model, other) {
                let message =
                    format!("`{}` and `{}` match the same ids with equal weight", other.subject(), model.subject());
                faults.push(
                    Diagnostic::new(Code::AmbiguousGlob, model.span, message)
                        .label(other.span, "the other pattern")
                        .help("the pattern with more characters that are no `*` wins"),
                );
            }
        }
        bodies(family, model, faults);
        prompt(family, model, faults);
    }
    limits(family, faults);
}

/// Which kinds of body a family has, by their names in `body:`.
fn kinds(family: &Family) -> [(&'static str, bool); 3] {
    let chat = &family.chat;
    [("request", chat.request.is_some()), ("response", chat.response.is_some()), ("stream", chat.stream.is_some())]
}

fn keys(bodies: &Bodies) -> [&Keys; 3] {
    [&bodies.request, &bodies.response, &bodies.stream]
}

fn bodies(family: &Family, model: &Model, faults: &mut Vec<Diagnostic>) {
    let Some(bodies) = &model.bodies else { return };
    for ((kind, there), keys) in kinds(family).into_iter().zip(keys(bodies)) {
        if there && *keys == Keys::default() {
            let message = format!("`body:` does not say which {kind} bodies are the family's");
            let fault = Diagnostic::new(Code::BadBodyRule, bodies.span, message);
            faults.push(fault.help(format!("add `{kind}: {{ has: […] }}` or `{kind}: {{ lacks: […] }}`")));
        }
        if let Some(both) = keys.has.iter().find(|key| keys.lacks.contains(key)) {
            let message = format!("no body has `{both}` and lacks it");
            faults.push(Diagnostic::new(Code::BadBodyRule, bodies.span, message));
        }
    }
}

/// Entries of different families that nothing tells apart: a code and a message for each pair.
#[must_use]
pub fn ties_between(families: &[&Family]) -> Vec<(Code, String)> {
    let mut faults = Vec::new();
    let entries: Vec<(&Family, &Model)> = families.iter().flat_map(|f| f.models.iter().map(move |m| (*f, m))).collect();
    for (index, (family, model)) in entries.iter().enumerate() {
        for (other, theirs) in entries.iter().take(index).filter(|(other, _)| other.name != family.name) {
            if !is_tie(model, theirs) {
                continue;
            }
            let named = format!(
                "`{}` of {} and `{}` of {} match the same model ids with equal weight",
                theirs.subject(),
                other.name,
                model.subject(),
                family.name
            );
            let mut fault = |code, what: &str| faults.push((code, format!("{named}, {what}")));
            if model.preferred && theirs.preferred {
                fault(Code::AmbiguousGlob, "and both are preferred");
            }
            match (&model.bodies, &theirs.bodies) {
                (None, None) => fault(Code::AmbiguousGlob, "and no `body:` tells them apart"),
                (Some(ours), Some(others)) => {
                    let both =
                        kinds(family).into_iter().zip(kinds(other)).zip(keys(ours).into_iter().zip(keys(others)));
                    for (((kind, has), (_, theirs_has)), (a, b)) in both {
                        if has && theirs_has && !apart(a, b) {
                            fault(Code::BadBodyRule, &format!("and some {kind} bodies meet both rules"));
                        }
                    }
                    let settled =
                        entries.iter().any(|(_, m)| (m.preferred || m.bodies.is_none()) && overlaps(m, model));
                    if !settled {
                        fault(Code::AmbiguousGlob, "and none is `preferred` for writing");
                    }
                }
                // The entry without conditions is for all bodies that do not meet those of the other.
                _ => {}
            }
        }
    }
    faults
}

/// Whether no body meets both conditions.
fn apart(a: &Keys, b: &Keys) -> bool {
    // Who has a member of a member has that, too.
    let implies = |path: &str, other: &str| {
        path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let meet = |has: &[String], lacks: &[String]| has.iter().any(|a| lacks.iter().any(|b| implies(a, b)));
    meet(&a.has, &b.lacks) || meet(&b.has, &a.lacks)
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
                    format!("`{}` states no limit `{limit}`", model.subject()),
                )
                .label(field.span, format!("`{}` falls back on it", field.key))
                .suggest(limit, model.limits.keys().map(String::as_str)),
            );
        }
    }
}

/// Whether two entries are for the same ids with equal weight: the number of characters of a pattern other than `*`.
fn is_tie(a: &Model, b: &Model) -> bool {
    let weight = |model: &Model| model.pattern.chars().filter(|c| *c != '*').count();
    weight(a) == weight(b) && overlaps(a, b)
}

/// Whether some id is meant by both.
fn overlaps(a: &Model, b: &Model) -> bool {
    let chars = |model: &Model| model.pattern.chars().collect::<Vec<_>>();
    match (&a.resource, &b.resource) {
        (None, None) => overlap(&chars(a), &chars(b)),
        (Some(a), Some(b)) => a == b,
        // Patterns are for ids with a model in them.
        _ => false,
    }
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

    fn entry(pattern: &str) -> Model {
        Model { pattern: pattern.to_owned(), ..Model::default() }
    }

    fn keys(has: &[&str], lacks: &[&str]) -> Keys {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Keys { has: texts(has), lacks: texts(lacks) }
    }

    #[test]
    fn equal_weight_and_a_common_id_make_a_tie() {
        let is_tie = |a: &str, b: &str| is_tie(&entry(a), &entry(b));
        assert!(is_tie("a.b-*", "a.*-b"));
        assert!(is_tie("a.b", "a.b"));
        assert!(is_tie("*b", "b*"));
        assert!(!is_tie("a.b-*", "a.b-c*"), "the longer one wins");
        assert!(!is_tie("a.b-*", "a.c-*"), "nothing matches both");
        assert!(!is_tie("a.b", "a.c"));
    }

    #[test]
    fn conditions_are_apart_if_one_forbids_what_the_other_asks_for() {
        assert!(apart(&keys(&["a"], &[]), &keys(&[], &["a", "b"])));
        assert!(apart(&keys(&["b"], &["a"]), &keys(&["a"], &[])));
        assert!(!apart(&keys(&["a"], &[]), &keys(&["b"], &[])), "a body may have both");
        assert!(!apart(&keys(&[], &["a"]), &keys(&[], &["a"])));
        assert!(apart(&keys(&["a[last].b"], &[]), &keys(&[], &["a"])), "who has a part has the whole");
        assert!(!apart(&keys(&["ab"], &[]), &keys(&[], &["a"])));
    }
}
