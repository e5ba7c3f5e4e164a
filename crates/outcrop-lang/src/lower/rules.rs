//! Rules on the requests of single models.

use super::Cx;
use super::table::{Table, entries, list, text};
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Rule, RuleForm, RuleMember};
use crate::keys;
use crate::node::{Key, Node};

/// The keys of the forms.
const FORMS: [(&str, RuleForm); 6] = [
    ("one_of", RuleForm::OneOf),
    ("none_of", RuleForm::NoneOf),
    ("needs", RuleForm::Needs),
    ("refuses", RuleForm::Refuses),
    ("at_most", RuleForm::AtMost),
    ("ignores", RuleForm::Ignores),
];

impl Cx {
    pub(super) fn rules(&mut self, rules: &[(Key, Node)]) -> Vec<Rule> {
        rules.iter().filter_map(|(key, node)| self.rule(key, node)).collect()
    }

    fn rule(&mut self, key: &Key, node: &Node) -> Option<Rule> {
        let table = Table::new(node, &keys::RULE, &mut self.faults)?;
        let mut forms = FORMS.iter().filter(|(name, _)| table.has(name));
        let (found, other) = (forms.next(), forms.next());
        let Some((name, form)) = found.filter(|_| other.is_none()) else {
            let names: Vec<String> = FORMS.iter().map(|(name, _)| format!("`{name}:`")).collect();
            let message = format!("the rule `{}` needs one of {}", key.text, names.join(", "));
            self.faults.push(Diagnostic::new(Code::BadRule, key.span, message));
            return None;
        };
        let why = table.text_or_empty("why", &mut self.faults);
        let (mut members, mut values, mut limit) = (Vec::new(), Vec::new(), String::new());
        match form {
            RuleForm::Refuses => {
                for (member, node) in table.map(name, &mut self.faults) {
                    members.push(at(member));
                    values.extend(list(node, "refuses", &mut self.faults).iter().map(Node::to_json));
                }
            }
            RuleForm::AtMost => {
                for (member, node) in table.map(name, &mut self.faults) {
                    members.push(at(member));
                    limit = text(node, "at_most", &mut self.faults)?;
                }
            }
            _ => {
                for node in table.list(name, &mut self.faults) {
                    let native = text(node, name, &mut self.faults);
                    members.extend(native.map(|native| RuleMember { native, facade: String::new(), span: node.span }));
                }
            }
        }
        let conditions = table.get("when").map_or(&[][..], |node| entries(node, "when", &mut self.faults));
        let mut when = Vec::new();
        for (member, node) in conditions {
            when.push((at(member), list(node, "when", &mut self.faults).iter().map(Node::to_json).collect()));
        }
        Some(Rule { name: key.text.clone(), form: *form, members, values, limit, when, why, span: key.span })
    }
}

fn at(key: &Key) -> RuleMember {
    RuleMember { native: key.text.clone(), facade: String::new(), span: key.span }
}
