//! The `transport:` section of a façade file: what travels beside the family's own members, for every family.

use super::table::{self, Table};
use super::Cx;
use crate::ir::{FacadeTy, Header, SideKey};
use crate::node::{Key, Node, NodeKind};

impl Cx {
    pub(super) fn transport(&mut self, node: &Node) {
        let Some(mut table) = Table::new(node, "`transport:`", &mut self.faults) else { return };
        let entries = table.map("request_headers", &mut self.faults);
        let request = self.headers(entries, "ConverseRequest");
        let entries = table.map("response_headers", &mut self.faults);
        let response = self.headers(entries, "ConverseResponse");
        self.facade.request_headers.extend(request);
        self.facade.response_headers.extend(response);
        if let Some(node) = table.get("side_keys")
            && let Some(mut keys) = Table::new(node, "`side_keys:`", &mut self.faults)
        {
            let entries = keys.map("request", &mut self.faults);
            let request = self.side_keys(entries, "ConverseRequest");
            let entries = keys.map("response", &mut self.faults);
            let response = self.side_keys(entries, "ConverseResponse");
            let entries = keys.map("stream", &mut self.faults);
            let stream = self.side_keys(entries, "Signal");
            keys.finish(&mut self.faults);
            self.facade.side_keys.request.extend(request);
            self.facade.side_keys.response.extend(response);
            self.facade.side_keys.stream.extend(stream);
        }
        table.finish(&mut self.faults);
    }

    fn headers(&mut self, entries: &[(Key, Node)], view: &str) -> Vec<Header> {
        entries.iter().filter_map(|(key, node)| self.header(key, node, view)).collect()
    }

    fn header(&mut self, key: &Key, node: &Node, _view: &str) -> Option<Header> {
        let mut table = Table::new(node, "a header", &mut self.faults)?;
        let ty = table.need("type", &mut self.faults).and_then(|node| self.expr(node));
        let path = table.need("as", &mut self.faults).and_then(|node| self.path(node));
        let map = table.has("map").then(|| self.value_map(&mut table));
        table.get("doc");
        table.finish(&mut self.faults);
        Some(Header { name: key.text.to_ascii_lowercase(), path: path?, ty: ty?.ty, map })
    }

    fn side_keys(&mut self, entries: &[(Key, Node)], view: &str) -> Vec<SideKey> {
        let view = Some(FacadeTy::Named(view.to_owned()));
        let mut keys = Vec::new();
        for (key, node) in entries {
            // `wins:` is the one key that a side key has beyond those of a field.
            let mut wins = false;
            let mut node = node.clone();
            if let NodeKind::Map(members) = &mut node.kind
                && let Some(index) = members.iter().position(|(key, _)| key.text == "wins")
            {
                let (key, value) = members.remove(index);
                let words = [("true", true), ("false", false)];
                wins = match value.kind {
                    NodeKind::Bool(value) => value,
                    _ => table::word(&value, &key.text, &words, &mut self.faults).unwrap_or(false),
                };
            }
            if let Some(field) = self.field(key, &node, "transport", &view) {
                keys.push(SideKey { field, wins });
            }
        }
        keys
    }
}
