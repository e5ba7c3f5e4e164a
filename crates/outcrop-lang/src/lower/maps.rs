//! Value maps.

use super::Cx;
use super::table::Table;
use crate::ir::{Literal, Span, ValueMap, When};
use crate::keys;
use crate::node::{Key, Node};

impl Cx {
    /// The value map of a type or field; the caller has seen `map:`.
    pub(super) fn value_map(&mut self, table: &Table<'_>) -> ValueMap {
        let mut map = ValueMap::default();
        if let Some((key, _)) = table.entry("map") {
            map.span = key.span;
        }
        rows(table.map("map", &mut self.faults), &mut map.rows, &mut map.row_spans);
        rows(table.map("reads", &mut self.faults), &mut map.reads, &mut map.row_spans);
        if let Some(open) = table.word("unknown", &[("other", true), ("refuse", false)], &mut self.faults) {
            map.open = open;
            map.stated = true;
        }
        let conditional = if table.knows("when") { table.list("when", &mut self.faults) } else { &[] };
        for node in conditional {
            if let Some(when) = self.when(node, &mut map.row_spans) {
                map.when.push(when);
            }
        }
        if table.knows("with_calls") {
            rows(table.map("with_calls", &mut self.faults), &mut map.with_calls, &mut Vec::new());
        }
        map
    }

    fn when(&mut self, node: &Node, spans: &mut Vec<Span>) -> Option<When> {
        let table = Table::new(node, &keys::WHEN, &mut self.faults)?;
        let field =
            table.need("field", &mut self.faults).and_then(|node| super::table::text(node, "field", &mut self.faults));
        let is = table.get("is").map(Node::literal).filter(|is| *is != Literal::Str("present".to_owned()));
        let mut when = When { field: field.unwrap_or_default(), is, rows: Vec::new() };
        if table.need("map", &mut self.faults).is_some() {
            rows(table.map("map", &mut self.faults), &mut when.rows, spans);
        }
        Some(when)
    }
}

fn rows(entries: &[(Key, Node)], rows: &mut Vec<(Literal, Literal)>, spans: &mut Vec<Span>) {
    for (key, node) in entries {
        rows.push((key.literal(), node.literal()));
        spans.push(Span { end: node.span.end.max(key.span.end), ..key.span });
    }
}
