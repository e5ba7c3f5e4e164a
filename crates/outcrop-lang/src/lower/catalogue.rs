//! The models of a family.

use super::Cx;
use super::table::{Table, text, wrong_kind};
use crate::ir::Model;
use crate::keys;
use crate::node::{Node, NodeKind};

impl Cx {
    pub(super) fn models(&mut self, nodes: &[Node]) -> Vec<Model> {
        nodes.iter().filter_map(|node| self.model(node)).collect()
    }

    fn model(&mut self, node: &Node) -> Option<Model> {
        let table = Table::new(node, &keys::MODEL, &mut self.faults)?;
        let glob = table.need("match", &mut self.faults)?;
        let pattern = text(glob, "match", &mut self.faults)?;
        let name = table.need("name", &mut self.faults).and_then(|node| text(node, "name", &mut self.faults));
        let prompt = table.text("prompt", &mut self.faults);
        let mut model = Model { pattern, name: name.unwrap_or_default(), prompt, span: glob.span, ..Model::default() };
        for (key, node) in table.map("limits", &mut self.faults) {
            match &node.kind {
                NodeKind::Num(text) if text.parse::<u64>().is_ok() => {
                    model.limits.insert(key.text.clone(), text.parse().unwrap_or_default());
                }
                _ => self.faults.push(wrong_kind(node, "a limit is a whole number")),
            }
        }
        model.capabilities = table.texts("capabilities", &mut self.faults);
        Some(model)
    }
}
