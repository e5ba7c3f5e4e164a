//! The `transport:` section of a façade file: what travels beside the family's own members, for every family.

use super::Cx;
use super::table::Table;
use crate::ir::{FacadeTy, Header, SideKey};
use crate::keys;
use crate::node::{Key, Node};

impl Cx {
    pub(super) fn transport(&mut self, node: &Node) {
        let Some(table) = Table::new(node, &keys::TRANSPORT, &mut self.faults) else { return };
        let entries = table.map("request_headers", &mut self.faults);
        let request = self.headers(entries);
        let entries = table.map("response_headers", &mut self.faults);
        let response = self.headers(entries);
        self.facade.request_headers.extend(request);
        self.facade.response_headers.extend(response);
        if let Some(node) = table.get("side_keys")
            && let Some(keys) = Table::new(node, &keys::SIDE_KEYS, &mut self.faults)
        {
            let wins = keys.texts("wins", &mut self.faults);
            let entries = keys.map("request", &mut self.faults);
            let request = self.side_keys(entries, "ConverseRequest", &wins);
            let entries = keys.map("response", &mut self.faults);
            let response = self.side_keys(entries, "ConverseResponse", &wins);
            let entries = keys.map("stream", &mut self.faults);
            let stream = self.side_keys(entries, "Signal", &wins);
            self.facade.side_keys.request.extend(request);
            self.facade.side_keys.response.extend(response);
            self.facade.side_keys.stream.extend(stream);
        }
    }

    fn headers(&mut self, entries: &[(Key, Node)]) -> Vec<Header> {
        entries.iter().filter_map(|(key, node)| self.header(key, node)).collect()
    }

    fn header(&mut self, key: &Key, node: &Node) -> Option<Header> {
        let table = Table::new(node, &keys::HEADER, &mut self.faults)?;
        let ty = table.need("type", &mut self.faults).and_then(|node| self.expr(node));
        let path = table.need("as", &mut self.faults).and_then(|node| self.path(node));
        let map = table.has("map").then(|| self.value_map(&table));
        Some(Header { name: key.text.to_ascii_lowercase(), path: path?, ty: ty?.ty, map })
    }

    fn side_keys(&mut self, entries: &[(Key, Node)], view: &str, wins: &[String]) -> Vec<SideKey> {
        let view = Some(FacadeTy::Named(view.to_owned()));
        self.fields(entries, "transport", &view)
            .into_iter()
            .map(|field| SideKey { wins: wins.contains(&field.key), field })
            .collect()
    }
}
