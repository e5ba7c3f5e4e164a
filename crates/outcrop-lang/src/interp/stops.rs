//! Stop reasons of answers that hold calls.

use outcrop_runtime::stops::{TOLD_BY_CALLS, read, written};
use outcrop_runtime::{Fate, Kind, Tree};

use super::Cx;
use super::node::Node;

/// Where a response says why it ended.
const STOP: &str = "stopReason";

/// The rows that tell.
pub(super) fn rows(all: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    all.iter().map(|(plain, with)| (plain.as_str(), with.as_str()))
}

impl Cx<'_> {
    /// After decoding a response.
    pub(super) fn read_stop(&self, body: &mut Tree) {
        if self.kind != Kind::Response {
            return;
        }
        let rows = self.family.with_calls(false);
        let content = body.get("output").and_then(|o| o.get("message")).and_then(|m| m.get("content"));
        let blocks = content.and_then(Tree::as_list).unwrap_or_default();
        let holds = blocks.iter().any(|block| block.get("toolUse").is_some());
        let reason = body.get(STOP).and_then(Tree::as_str).unwrap_or_default();
        if let Some(reason) = read(self::rows(&rows), holds, reason)
            && let Tree::Obj(members) = body
        {
            members.set(STOP, Tree::str(reason));
        }
    }

    /// Before encoding a response.
    pub(super) fn write_stop(&mut self, root: &mut Node) {
        if self.kind != Kind::Response {
            return;
        }
        let rows = self.family.with_calls(false);
        let message = root.member_mut("output").and_then(|o| o.member_mut("message"));
        let blocks = message.and_then(|m| m.member_mut("content")).and_then(Node::items_mut);
        let holds = blocks.is_some_and(|blocks| blocks.iter().any(|block| block.member("toolUse").is_some()));
        let reason = root.member(STOP).and_then(Node::as_str).unwrap_or_default();
        if let Some(stop) = written(self::rows(&rows), holds, reason) {
            if !stop.exact {
                self.lose(Fate::Approximated, STOP, TOLD_BY_CALLS);
            }
            let reason = Node { text: true, ..Node::leaf(STOP, Tree::str(stop.reason)) };
            root.remove(STOP);
            root.insert(STOP, reason);
        }
    }
}
