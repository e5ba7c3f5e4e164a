//! Rules on the requests of single models: each can do something, and is about members that requests have.

use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Family, Rule, RuleForm};
use crate::request_path;

/// Checks the rules of one family.
pub(super) fn check(family: &Family, faults: &mut Vec<Diagnostic>) {
    for (number, rule) in family.rules.iter().enumerate() {
        form(rule, faults);
        members(family, rule, faults);
        let users = || family.models.iter().filter(|model| model.rules.contains(&number));
        // Rules of a dialect are for those of its families that have such models.
        if users().next().is_none() && rule.span.file == 0 {
            let message = format!("no model has the rule `{}`", rule.name);
            faults.push(Diagnostic::new(Code::BadRule, rule.span, message).help("name it in `rules:` of a model"));
        }
        for model in users().filter(|model| rule.form == RuleForm::AtMost && !model.limits.contains_key(&rule.limit)) {
            let message = format!("`{}` states no limit `{}`", model.subject(), rule.limit);
            faults.push(
                Diagnostic::new(Code::MissingLimit, model.span, message)
                    .label(rule.span, format!("the rule `{}` asks for it", rule.name))
                    .suggest(&rule.limit, model.limits.keys().map(String::as_str)),
            );
        }
    }
    for model in &family.models {
        let of_form = |form: RuleForm| {
            let rules = model.rules.iter().filter_map(|number| family.rules.get(*number));
            rules.filter(move |rule| rule.form == form && rule.when.is_empty())
        };
        for rule in of_form(RuleForm::Needs) {
            let both = |other: &&Rule| other.members.iter().any(|a| rule.members.iter().any(|b| a.native == b.native));
            if let Some(other) = of_form(RuleForm::NoneOf).find(both) {
                let message = format!("the rules `{}` and `{}` leave no request for this model", rule.name, other.name);
                faults.push(
                    Diagnostic::new(Code::BadRule, model.span, message)
                        .label(rule.span, "what it must have")
                        .label(other.span, "what it must not have"),
                );
            }
        }
    }
}

fn form(rule: &Rule, faults: &mut Vec<Diagnostic>) {
    let mut fault = |message: String| faults.push(Diagnostic::new(Code::BadRule, rule.span, message));
    let name = &rule.name;
    match rule.form {
        RuleForm::OneOf if rule.members.len() < 2 => {
            fault(format!("`{name}` lets one of several members be there, and names fewer than two"));
        }
        RuleForm::Refuses | RuleForm::AtMost if rule.members.len() != 1 => {
            fault(format!("`{name}` is about one member, and names {}", rule.members.len()));
        }
        _ if rule.members.is_empty() => fault(format!("`{name}` names no member")),
        RuleForm::Refuses if rule.values.is_empty() => fault(format!("`{name}` names no value")),
        _ => {}
    }
    if rule.when.iter().any(|(_, values)| values.is_empty()) {
        fault(format!("`when:` of `{name}` never holds: a member has no value"));
    }
}

fn members(family: &Family, rule: &Rule, faults: &mut Vec<Diagnostic>) {
    let Some(root) = family.chat.request else { return };
    for member in rule.members.iter().chain(rule.when.iter().map(|(member, _)| member)) {
        if let Err((step, known)) = request_path::facade(&family.types, root, &member.native) {
            let message = format!("no request has a member `{step}` there");
            faults.push(Diagnostic::new(Code::BadRule, member.span, message).suggest(&step, known));
        }
    }
}
