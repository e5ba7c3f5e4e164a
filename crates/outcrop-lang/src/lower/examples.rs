//! Executable examples. Bodies are YAML for the reader and JSON text for everything behind.

use super::Cx;
use super::table::{self, Table};
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Example, ExampleKind};
use crate::keys;
use crate::node::Node;

impl Cx {
    pub(super) fn examples(&mut self, nodes: &[Node]) -> Vec<Example> {
        nodes.iter().filter_map(|node| self.example(node)).collect()
    }

    fn example(&mut self, node: &Node) -> Option<Example> {
        let table = Table::new(node, &keys::EXAMPLE, &mut self.faults)?;
        let (span, id) = match table.need("id", &mut self.faults) {
            Some(node) => (node.span, self.example_id(node)),
            None => (table.head(), String::new()),
        };
        let doc = table.text_or_empty("doc", &mut self.faults);
        let model = table.text_or_empty("model", &mut self.faults);
        let way = self.way(&table);
        let kinds =
            [("request", ExampleKind::Request), ("response", ExampleKind::Response), ("stream", ExampleKind::Stream)];
        let mut bodies = Vec::new();
        for (key, kind) in kinds {
            bodies.extend(table.entry(key).map(|(key, node)| (key, node, kind)));
        }
        if let [_, (second, ..), ..] = bodies.as_slice() {
            self.fault(Code::Conflict, second.span, "an example shows one body");
        }
        let Some((_, body, kind)) = bodies.first().copied() else {
            let fault = Diagnostic::new(Code::MissingKey, span, "the example shows no body")
                .help("add `request:`, `response:` or `stream:`");
            self.faults.push(fault);
            return None;
        };
        let table = Table::new(body, &keys::SIDES, &mut self.faults)?;
        let native = table.get("native").map(Node::to_json);
        let converse = table.get("converse").map(Node::to_json);
        let headers = table
            .map("headers", &mut self.faults)
            .iter()
            .filter_map(|(key, node)| Some((key.text.clone(), table::text(node, "headers", &mut self.faults)?)))
            .collect();
        let error = table.get("error").and_then(|node| {
            let table = Table::new(node, &keys::REFUSAL, &mut self.faults)?;
            let code = table.need("code", &mut self.faults).and_then(|n| table::text(n, "code", &mut self.faults));
            let at = table.text_or_empty("at", &mut self.faults);
            Some((code?, at))
        });
        let report = table.texts("report", &mut self.faults);
        Some(Example { id, doc, model, way, kind, native, converse, headers, error, report, span })
    }

    /// Ids become names of test functions.
    fn example_id(&mut self, node: &Node) -> String {
        let Some(id) = table::text(node, "id", &mut self.faults) else { return String::new() };
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !id.starts_with(|c: char| c.is_ascii_lowercase()) || !id.chars().all(good) {
            self.fault(Code::BadName, node.span, format!("`{id}` is not snake_case"));
        }
        id
    }
}
