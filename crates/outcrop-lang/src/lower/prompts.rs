//! Prompt grammars.

use super::table::{self, Table};
use super::Cx;
use crate::ir::{Grammar, Span, TurnGrammar, Way};
use crate::node::{Key, Node};

impl Cx {
    pub(super) fn prompts(&mut self, entries: &[(Key, Node)]) -> Vec<Grammar> {
        entries.iter().filter_map(|(key, node)| self.prompt(key, node)).collect()
    }

    fn prompt(&mut self, key: &Key, node: &Node) -> Option<Grammar> {
        let mut table = Table::new(node, "a prompt grammar", &mut self.faults)?;
        let begin = table.text_or_empty("begin", &mut self.faults);
        let elide = table.text_or_empty("elide", &mut self.faults);
        let turns = match table.need("turns", &mut self.faults) {
            Some(node) => table::entries(node, "turns", &mut self.faults).iter().filter_map(|(k, n)| self.turn(k, n)).collect(),
            None => Vec::new(),
        };
        let cue = table.text("cue", &mut self.faults).unwrap_or_else(|| "assistant".to_owned());
        let markers = table.texts("markers", &mut self.faults);
        let escape =
            table.word("on_marker", &[("reject", false), ("escape", true)], &mut self.faults).unwrap_or(false);
        let mut image = None;
        if let Some(node) = table.get("holes")
            && let Some(mut holes) = Table::new(node, "`holes:`", &mut self.faults)
        {
            image = holes.text("image", &mut self.faults);
            holes.finish(&mut self.faults);
        }
        let decode_only =
            table.word("way", &[("both", Way::Both), ("decode", Way::Decode)], &mut self.faults) == Some(Way::Decode);
        table.finish(&mut self.faults);
        let span = Span { end: node.span.end.max(key.span.end), ..key.span };
        Some(Grammar { name: key.text.clone(), span, begin, elide, turns, cue, markers, escape, image, decode_only })
    }

    fn turn(&mut self, key: &Key, node: &Node) -> Option<TurnGrammar> {
        let mut table = Table::new(node, "a turn", &mut self.faults)?;
        let open = table.text_or_empty("open", &mut self.faults);
        let close = table.text_or_empty("close", &mut self.faults);
        let open_after = table
            .map("open_after", &mut self.faults)
            .iter()
            .filter_map(|(role, node)| Some((role.text.clone(), table::text(node, "open_after", &mut self.faults)?)))
            .collect();
        table.finish(&mut self.faults);
        let span = Span { end: node.span.end.max(key.span.end), ..key.span };
        Some(TurnGrammar { role: key.text.clone(), open, open_after, close, span })
    }
}
