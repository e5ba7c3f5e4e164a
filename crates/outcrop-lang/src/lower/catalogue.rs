//! The models of a family.

use super::Cx;
use super::table::{Table, text, wrong_kind};
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Bodies, Keys, Model, Rule};
use crate::keys;
use crate::node::{Node, NodeKind};

impl Cx {
    pub(super) fn models(&mut self, nodes: &[Node], rules: &[Rule]) -> Vec<Model> {
        nodes.iter().filter_map(|node| self.model(node, rules)).collect()
    }

    fn model(&mut self, node: &Node, rules: &[Rule]) -> Option<Model> {
        let table = Table::new(node, &keys::MODEL, &mut self.faults)?;
        let glob = if table.has("resource") { table.get("match") } else { table.need("match", &mut self.faults) };
        let words: Vec<(&'static str, &'static str)> = keys::RESOURCES.iter().map(|word| (*word, *word)).collect();
        let resource = table.word("resource", &words, &mut self.faults).map(str::to_owned);
        let subject = match (glob, table.get("resource")) {
            (Some(_), Some(kind)) => {
                let message = "`match:` and `resource:` are two ways to say which ids are meant";
                self.faults.push(Diagnostic::new(Code::Conflict, kind.span, message).help("keep one of them"));
                return None;
            }
            (glob, kind) => glob.or(kind)?,
        };
        let pattern = match glob {
            Some(glob) => text(glob, "match", &mut self.faults)?,
            None => String::new(),
        };
        let name = table.need("name", &mut self.faults).and_then(|node| text(node, "name", &mut self.faults));
        let prompt = table.text("prompt", &mut self.faults);
        let preferred = table.flag("preferred", &mut self.faults);
        let bodies = table.get("body").and_then(|node| self.bodies(node));
        let name = name.unwrap_or_default();
        let mut model =
            Model { pattern, resource, bodies, preferred, name, prompt, span: subject.span, ..Model::default() };
        for (key, node) in table.map("limits", &mut self.faults) {
            match &node.kind {
                NodeKind::Num(text) if text.parse::<u64>().is_ok() => {
                    model.limits.insert(key.text.clone(), text.parse().unwrap_or_default());
                }
                _ => self.faults.push(wrong_kind(node, "a limit is a whole number")),
            }
        }
        model.capabilities = table.texts("capabilities", &mut self.faults);
        for node in table.list("rules", &mut self.faults) {
            let name = text(node, "rules", &mut self.faults).unwrap_or_default();
            match rules.iter().position(|rule| rule.name == name) {
                Some(number) => model.rules.push(number),
                None => self.faults.push(
                    Diagnostic::new(Code::UnknownRule, node.span, format!("the family has no rule `{name}`"))
                        .suggest(&name, rules.iter().map(|rule| rule.name.as_str())),
                ),
            }
        }
        Some(model)
    }

    fn bodies(&mut self, node: &Node) -> Option<Bodies> {
        let table = Table::new(node, &keys::BODIES, &mut self.faults)?;
        let mut keys = |kind| {
            let table = table.get(kind).and_then(|node| Table::new(node, &keys::BODY_KEYS, &mut self.faults))?;
            let (has, lacks) = (table.texts("has", &mut self.faults), table.texts("lacks", &mut self.faults));
            Some(Keys { has, lacks })
        };
        let (request, response, stream) = (keys("request"), keys("response"), keys("stream"));
        let [request, response, stream] = [request, response, stream].map(Option::unwrap_or_default);
        Some(Bodies { request, response, stream, span: table.head() })
    }
}
