//! What single models take and what not, though their format has it: judged on native request bodies, the same for
//! generated and interpreted codecs.

use std::borrow::Cow;

use crate::json::Arena;
use crate::outline::{Members, Span, at, find_members};
use crate::{Code, Error, Tree};

/// What a rule forbids or asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// At most one of the members.
    OneOf,
    /// None of the members.
    NoneOf,
    /// All of the members.
    Needs,
    /// The member has none of the values.
    Refuses,
    /// The member is at most the limit of the model of this name.
    AtMost,
    /// The model ignores the members.
    Ignores,
}

/// A rule on the members of a request.
#[derive(Debug, Clone)]
pub struct Rule<'r> {
    /// What it forbids or asks for.
    pub form: Form,
    /// The members that it is about.
    pub members: Cow<'r, [Member<'r>]>,
    /// The values of [`Form::Refuses`], as JSON.
    pub values: Cow<'r, [&'r str]>,
    /// The limit of [`Form::AtMost`].
    pub limit: &'r str,
    /// Members and values, as JSON: the rule holds if each member has one of its values.
    pub when: Cow<'r, [Condition<'r>]>,
    /// Why; may be empty.
    pub why: &'r str,
}

/// A member, by its dotted path, and values of it, as JSON.
pub type Condition<'r> = (&'r str, Cow<'r, [&'r str]>);

/// A rule that found a member.
pub type Hit<'b, 'r> = (&'b Rule<'r>, Member<'r>);

/// A member, by its places on both sides.
#[derive(Debug, Clone, Copy)]
pub struct Member<'r> {
    /// Dotted path in the native body; `[last]` is the last element of a list.
    pub native: &'r str,
    /// Path in the Converse value.
    pub facade: &'r str,
}

/// Judges a body that a codec has read or written. Gives the members that the model ignores, each with its rule.
///
/// The body is well formed. The error names both places; its code is `not-for-model`, `missing-member` or `out-of-range`. The limits are those of
/// the model.
pub fn judge<'b, 'r: 'b>(
    rules: impl Iterator<Item = &'b Rule<'r>>,
    limit: impl Fn(&str) -> Option<u64>,
    body: &str,
) -> Result<Vec<Hit<'b, 'r>>, Error> {
    judge_within(rules, limit, body.as_bytes(), &[])
}

/// As [`judge`]; `spans`: where some values of the body are.
pub(crate) fn judge_within<'b, 'r: 'b>(
    rules: impl Iterator<Item = &'b Rule<'r>>,
    limit: impl Fn(&str) -> Option<u64>,
    body: &[u8],
    spans: &[Span],
) -> Result<Vec<Hit<'b, 'r>>, Error> {
    let mut rules = rules.peekable();
    if rules.peek().is_none() {
        return Ok(Vec::new());
    }
    let (arena, mut top, mut ignored) = (Arena::new(), Members::new(), Vec::new());
    find_members(body, spans, &arena, &mut top);
    for rule in rules.filter(|rule| may_hit(rule, &top)) {
        let text = |path: &str| at(&top, path, &arena).and_then(|found| std::str::from_utf8(found).ok());
        let holds = rule.when.iter().all(|(path, values)| text(path).is_some_and(|found| is_one_of(found, values)));
        if !holds {
            continue;
        }
        let there = |member: &&Member<'_>| at(&top, member.native, &arena).is_some();
        let refuse = |code, member: Member<'_>, what: String| {
            let why = if rule.why.is_empty() { String::new() } else { format!(" ({})", rule.why) };
            Err(Error::new(code, format!("{what}{why}")).at(member.facade).native(member.native))
        };
        match rule.form {
            Form::OneOf => {
                if let [_, second, ..] = rule.members.iter().filter(there).collect::<Vec<_>>().as_slice() {
                    let names: Vec<String> = rule.members.iter().map(|m| format!("`{}`", m.native)).collect();
                    let what = format!("this model takes one of {} at most; leave out the others", names.join(", "));
                    return refuse(Code::NotForModel, **second, what);
                }
            }
            Form::NoneOf => {
                if let Some(member) = rule.members.iter().find(there) {
                    let what = format!("this model does not take `{}`; leave it out", member.native);
                    return refuse(Code::NotForModel, *member, what);
                }
            }
            Form::Needs => {
                if let Some(member) = rule.members.iter().find(|member| !there(member)) {
                    let what = format!("this model requires `{}`; give it in `{}`", member.native, member.facade);
                    return refuse(Code::MissingMember, *member, what);
                }
            }
            Form::Refuses => {
                for member in rule.members.iter() {
                    if let Some(found) = text(member.native).filter(|found| is_one_of(found, &rule.values)) {
                        let what = format!("this model does not take `{}` {found}; give another", member.native);
                        return refuse(Code::NotForModel, *member, what);
                    }
                }
            }
            Form::AtMost => {
                let most = limit(rule.limit);
                for member in rule.members.iter() {
                    let number = text(member.native).and_then(|found| found.parse::<f64>().ok());
                    if let (Some(most), Some(number)) = (most, number)
                        && number > most as f64
                    {
                        let what = format!("this model takes at most {most} in `{}`; give less", member.native);
                        return refuse(Code::OutOfRange, *member, what);
                    }
                }
            }
            Form::Ignores => ignored.extend(rule.members.iter().filter(there).map(|member| (rule, *member))),
        }
    }
    Ok(ignored)
}

/// Whether a rule could hold in a body, as far as its members tell, and forbid something. Most bodies have nothing that a
/// rule is about.
fn may_hit(rule: &Rule<'_>, top: &Members<'_>) -> bool {
    let is_first = |name: &[u8], path: &str| {
        let rest = path.as_bytes().strip_prefix(name);
        rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'.' | b'[')))
    };
    let occurs = |path: &str| top.iter().any(|(name, _)| is_first(name, path));
    rule.when.iter().all(|(path, _)| occurs(path))
        && (rule.form == Form::Needs || rule.members.iter().any(|member| occurs(member.native)))
}

/// What is reported of a member that the model ignores.
#[must_use]
pub fn ignored(rule: &Rule<'_>) -> String {
    let why = if rule.why.is_empty() { String::new() } else { format!(": {}", rule.why) };
    format!("this model ignores it{why}")
}

/// Whether a value is one of a few, however they are spelt.
fn is_one_of(found: &str, values: &[&str]) -> bool {
    // Texts without escapes, which nearly all of these are, have one spelling.
    let plain = |text: &str| text.starts_with('"') && !text.contains('\\');
    values.iter().any(|value| {
        *value == found
            || !(plain(found) && plain(value))
                && matches!((Tree::parse_text(found), Tree::parse_text(value)),
                    (Ok(found), Ok(value)) if found.difference(&value).is_none())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAT: Member<'static> = Member { native: "heat", facade: "inferenceConfig.temperature" };
    const SPREAD: Member<'static> = Member { native: "deep.spread", facade: "inferenceConfig.topP" };

    fn rule(form: Form, members: &'static [Member<'static>]) -> Rule<'static> {
        let when = Cow::Borrowed([].as_slice());
        Rule { form, members: members.into(), values: Cow::Borrowed(&["\"any\"", "7"]), limit: "most", when, why: "" }
    }

    fn judged(rule: &Rule<'static>, body: &str) -> Option<(Code, String, String)> {
        let limit = |name: &str| (name == "most").then_some(9);
        let judged = judge(std::iter::once(rule), limit, body);
        judged.err().map(|e| (e.code, e.path, e.native_path))
    }

    #[allow(clippy::unnecessary_wraps)]
    fn refusal(code: Code, member: Member<'_>) -> Option<(Code, String, String)> {
        Some((code, member.facade.to_owned(), member.native.to_owned()))
    }

    #[test]
    fn members_exclude_each_other() {
        let rule = rule(Form::OneOf, &[HEAT, SPREAD]);
        assert_eq!(judged(&rule, r#"{"heat":1,"deep":{"spread":null}}"#), None);
        assert_eq!(judged(&rule, r#"{"deep":{"spread":1}}"#), None);
        assert_eq!(judged(&rule, r#"{"deep":{"x":[{}],"spread":0},"heat":1}"#), refusal(Code::NotForModel, SPREAD));
    }

    #[test]
    fn members_are_forbidden_or_required() {
        assert_eq!(judged(&rule(Form::NoneOf, &[HEAT, SPREAD]), r#"{"heat":1}"#), refusal(Code::NotForModel, HEAT));
        assert_eq!(judged(&rule(Form::NoneOf, &[HEAT, SPREAD]), r#"{"heat":null,"deep":[]}"#), None);
        assert_eq!(judged(&rule(Form::Needs, &[HEAT, SPREAD]), r#"{"heat":1}"#), refusal(Code::MissingMember, SPREAD));
        assert_eq!(judged(&rule(Form::Needs, &[HEAT]), r#"{"h\u0065at":0}"#), None, "however it is spelt");
    }

    #[test]
    fn no_spelling_of_a_name_hides_it_and_no_text_is_taken_for_one() {
        let rule = rule(Form::NoneOf, &[HEAT]);
        for body in [r#"{"heat" :1}"#, "{\"a\\n\":0,\t\"heat\"\n:\n1}", r#"{"h\u0065at":1}"#, r#"{"a\"":2,"heat":1}"#] {
            assert_eq!(judged(&rule, body), refusal(Code::NotForModel, HEAT), "{body}");
        }
        for body in [r#"{"a":"\"heat\":1"}"#, r#"{"a":{"heat":1}}"#, r#"{"a":"heat","beat":1}"#, "{}"] {
            assert_eq!(judged(&rule, body), None, "{body}");
        }
    }

    #[test]
    fn values_are_forbidden_and_numbers_bounded() {
        for (value, refused) in
            [(r#""any""#, true), (r#""\u0061ny""#, true), ("7.0", true), ("8", false), ("[7]", false)]
        {
            let found = judged(&rule(Form::Refuses, &[HEAT]), &format!(r#"{{"heat":{value}}}"#));
            assert_eq!(found, if refused { refusal(Code::NotForModel, HEAT) } else { None }, "{value}");
        }
        assert_eq!(judged(&rule(Form::AtMost, &[HEAT]), r#"{"heat":9}"#), None);
        assert_eq!(judged(&rule(Form::AtMost, &[HEAT]), r#"{"heat":9.5}"#), refusal(Code::OutOfRange, HEAT));
        assert_eq!(judged(&Rule { limit: "other", ..rule(Form::AtMost, &[HEAT]) }, r#"{"heat":99}"#), None);
    }

    #[test]
    fn what_is_ignored_is_told() {
        let rule = Rule { why: "it is old", ..rule(Form::Ignores, &[HEAT, SPREAD]) };
        let found = judge(std::iter::once(&rule), |_| None, r#"{"heat":1}"#).unwrap_or_default();
        assert_eq!(found.iter().map(|(_, member)| member.native).collect::<Vec<_>>(), ["heat"]);
        assert_eq!(ignored(&rule), "this model ignores it: it is old");
    }

    #[test]
    fn rules_may_depend_on_values_and_on_the_last_of_a_list() {
        const ROLE: Member<'static> = Member { native: "turns[last].role", facade: "messages" };
        let last = Rule { values: Cow::Borrowed(&["\"bot\""]), ..rule(Form::Refuses, &[ROLE]) };
        assert_eq!(judged(&last, r#"{"turns":[{"role":"bot"},{"role":"you"}]}"#), None);
        assert_eq!(judged(&last, r#"{"turns":[{"role":"you"},{"role":"bot"}]}"#), refusal(Code::NotForModel, ROLE));
        assert_eq!(judged(&last, r#"{"turns":[]}"#), None);
        let on: Cow<'static, [&'static str]> = Cow::Borrowed(&["\"on\""]);
        let when = Rule { when: vec![("mode.type", on)].into(), ..rule(Form::NoneOf, &[HEAT]) };
        assert_eq!(judged(&when, r#"{"heat":1,"mode":{"type":"off"}}"#), None);
        assert_eq!(judged(&when, r#"{"heat":1}"#), None);
        assert_eq!(judged(&when, r#"{"heat":1,"mode":{"type":"on"}}"#), refusal(Code::NotForModel, HEAT));
    }
}
