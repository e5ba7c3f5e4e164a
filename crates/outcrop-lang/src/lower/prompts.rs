//! Prompt grammars.

use super::Cx;
use super::table::{self, Table};
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Grammar, TurnGrammar, Way};
use crate::keys;
use crate::node::{Key, Node, NodeKind};

impl Cx {
    pub(super) fn prompts(&mut self, entries: &[(Key, Node)]) -> Vec<Grammar> {
        let mut grammars = Vec::new();
        for (key, node) in entries {
            let whole = self.like(entries, key, node);
            grammars.extend(self.prompt(key, &whole));
        }
        grammars
    }

    /// A grammar over the one that it is like.
    fn like(&mut self, entries: &[(Key, Node)], key: &Key, node: &Node) -> Node {
        let mut whole = node.clone();
        let mut met = vec![key.text.as_str()];
        let mut next = node.get("like");
        while let Some(like) = next {
            let name = like.as_str().unwrap_or("");
            let Some((_, base)) = entries.iter().find(|(other, _)| other.text == name) else {
                let fault = Diagnostic::new(Code::UnknownPrompt, like.span, format!("there is no grammar `{name}`"))
                    .suggest(name, entries.iter().map(|(key, _)| key.text.as_str()));
                self.faults.push(fault);
                return whole;
            };
            if met.contains(&name) {
                self.fault(Code::UnknownPrompt, like.span, format!("`{name}` is like itself"));
                return whole;
            }
            met.push(name);
            whole = over(base, &whole);
            next = base.get("like");
        }
        whole
    }

    fn prompt(&mut self, key: &Key, node: &Node) -> Option<Grammar> {
        let table = Table::new(node, &keys::PROMPT, &mut self.faults)?;
        let begin = table.text_or_empty("begin", &mut self.faults);
        let elide = table.text_or_empty("elide", &mut self.faults);
        let turns = match table.need("turns", &mut self.faults) {
            Some(node) => {
                table::entries(node, "turns", &mut self.faults).iter().filter_map(|(k, n)| self.turn(k, n)).collect()
            }
            None => Vec::new(),
        };
        let cue = table.text("cue", &mut self.faults).unwrap_or_else(|| "assistant".to_owned());
        let markers = table.texts("markers", &mut self.faults);
        let escape = table.word("on_marker", &[("reject", false), ("escape", true)], &mut self.faults).unwrap_or(false);
        let mut image = None;
        if let Some(node) = table.get("holes")
            && let Some(holes) = Table::new(node, &keys::HOLES, &mut self.faults)
        {
            image = holes.text("image", &mut self.faults);
        }
        let decode_only =
            table.word("way", &[("both", Way::Both), ("decode", Way::Decode)], &mut self.faults) == Some(Way::Decode);
        Some(Grammar {
            name: key.text.clone(),
            span: key.span,
            begin,
            elide,
            turns,
            cue,
            markers,
            escape,
            image,
            decode_only,
        })
    }

    fn turn(&mut self, key: &Key, node: &Node) -> Option<TurnGrammar> {
        let table = Table::new(node, &keys::TURN, &mut self.faults)?;
        let open = table.text_or_empty("open", &mut self.faults);
        let close = table.text_or_empty("close", &mut self.faults);
        let bare = table.text("bare", &mut self.faults);
        let open_after = table
            .map("open_after", &mut self.faults)
            .iter()
            .filter_map(|(role, node)| Some((role.text.clone(), table::text(node, "open_after", &mut self.faults)?)))
            .collect();
        let at_start = table.word("at", &[("start", ())], &mut self.faults).is_some();
        let into = table.text("into", &mut self.faults);
        if let (Some(into), Some(other)) =
            (table.entry("into"), ["open", "bare", "open_after", "at"].iter().find_map(|key| table.entry(key)))
        {
            let message = format!("a turn that goes into another has no `{}:` of its own", other.0.text);
            self.faults.push(Diagnostic::new(Code::Conflict, other.0.span, message).label(into.0.span, "goes there"));
        }
        Some(TurnGrammar { role: key.text.clone(), open, bare, open_after, close, at_start, into, span: key.span })
    }
}

/// The entries of `base`, those of `own` in their place; one level deep, as the keys of a grammar are.
fn over(base: &Node, own: &Node) -> Node {
    let (Some(below), Some(above)) = (base.as_map(), own.as_map()) else { return own.clone() };
    let mut entries: Vec<(Key, Node)> = below.to_vec();
    for (key, node) in above {
        match entries.iter_mut().find(|(other, _)| other.text == key.text) {
            Some(entry) => *entry = (key.clone(), node.clone()),
            None => entries.push((key.clone(), node.clone())),
        }
    }
    Node { kind: NodeKind::Map(entries), span: own.span }
}
