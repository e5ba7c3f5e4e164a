//! The rules on the model of a call.

use std::borrow::Cow;

use outcrop_runtime::rules::{self, Form, Member};
use outcrop_runtime::{Error, Fate};

use super::Cx;
use crate::ir::{Rule, RuleForm, RuleMember};

impl Cx<'_> {
    /// Judges a native request. What the model ignores is reported if it is on its way there.
    pub(crate) fn obey(&mut self, body: &str) -> Result<(), Error> {
        let Some(model) = self.model else { return Ok(()) };
        let of_model: Vec<&Rule> = model.rules.iter().filter_map(|number| self.family.rules.get(*number)).collect();
        for rule in of_model {
            let limit = |name: &str| model.limits.get(name).copied();
            match rules::judge(std::iter::once(&as_rule(rule)), limit, body) {
                Err(error) => {
                    self.cover(Some(rule.span));
                    return Err(error);
                }
                Ok(ignored) => {
                    for (judged, member) in ignored {
                        self.cover(Some(rule.span));
                        if self.encoding {
                            self.lose(Fate::Dropped, member.facade, &rules::ignored(judged));
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

fn as_rule(rule: &Rule) -> rules::Rule<'_> {
    let form = match rule.form {
        RuleForm::OneOf => Form::OneOf,
        RuleForm::NoneOf => Form::NoneOf,
        RuleForm::Needs => Form::Needs,
        RuleForm::Refuses => Form::Refuses,
        RuleForm::AtMost => Form::AtMost,
        RuleForm::Ignores => Form::Ignores,
    };
    rules::Rule {
        form,
        members: rule.members.iter().map(member).collect(),
        values: texts(&rule.values),
        limit: &rule.limit,
        when: rule.when.iter().map(|(member, values)| (member.native.as_str(), texts(values))).collect(),
        why: &rule.why,
    }
}

fn member(member: &RuleMember) -> Member<'_> {
    Member { native: &member.native, facade: &member.facade }
}

fn texts(list: &[String]) -> Cow<'_, [&str]> {
    list.iter().map(String::as_str).collect()
}
