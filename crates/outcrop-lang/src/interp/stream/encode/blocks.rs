//! Block events to chunks.

use outcrop_runtime::json_text::{self, NO_JSON};
use outcrop_runtime::tracker::Block;
use outcrop_runtime::{Code, Error, Fate, Tree};

use super::{Encoder, Out, Phase, Sent, object, order};
use crate::interp::node::{Node, Rest, Value};
use crate::interp::stream::{arm_of, kind_of, positional, renamed};
use crate::ir::{Blocks, Input, ToolIds};

impl Encoder<'_> {
    /// The index that a block event is about.
    fn index(&self, event: &str, body: &Node) -> Result<i64, Error> {
        if self.phase != Phase::Started {
            let when =
                if self.phase > Phase::Started { "after the message stopped" } else { "before the message start" };
            return Err(order(&format!("a block event comes {when}; send the events in order"), event));
        }
        let index = body.member("contentBlockIndex").map(Node::tree).and_then(|t| t.as_int());
        index.ok_or_else(|| {
            Error::new(Code::MissingMember, "the event does not say which block it is about; send `contentBlockIndex`")
                .at(format!("{event}.contentBlockIndex"))
        })
    }

    pub(super) fn open(&mut self, body: &mut Node, out: Out<'_>) -> Result<(), Error> {
        let name = "contentBlockStart";
        let index = self.index(name, body)?;
        if self.blocks.contains_key(&index) {
            return Err(order("a block starts a second time; give every block an index of its own", name));
        }
        let Some(mut start) = body.remove("start") else { return Ok(()) };
        let block = start.tree();
        let kind = arm_of(&block).map_or(Block::Other, |(arm, _)| kind_of(arm));
        if kind == Block::ToolUse
            && self.interp.family().tool_ids == ToolIds::Positional
            && let Some(id) = start.member_mut("toolUse").and_then(|c| c.member_mut("toolUseId"))
        {
            let made = positional(self.calls);
            if id.as_str() != Some(&made) {
                renamed(&mut self.cx, &id.at, &made);
            }
            id.value = Value::Taken;
        }
        self.calls += usize::from(kind == Block::ToolUse);
        if kind == Block::ToolUse && self.input == Input::WithCall {
            self.begin(index, kind, false, false);
            self.waiting.insert(index, (Some(start), String::new()));
            return Ok(());
        }
        if kind == Block::ToolUse && self.input == Input::Whole {
            self.waiting.insert(index, (None, String::new()));
        }
        let variants = self.variants(index, |key| ("open", vec![("key", key), ("block", start.clone())]));
        let part = self.say(&variants, out)? == Some(1);
        self.begin(index, kind, part, true);
        Ok(())
    }

    /// A new block.
    fn begin(&mut self, index: i64, block: Block, part: bool, seen: bool) -> Sent {
        let (number, key) = (self.blocks.len(), if part { self.parts } else { self.opened });
        self.parts += usize::from(part);
        self.opened += usize::from(!part && seen);
        let before = self.blocks.values().next_back();
        if self.form.blocks != Blocks::Explicit && before.is_some_and(|b| b.block == block && !block.is_announced()) {
            let why = "the format does not divide texts of one kind; they read back as one block";
            self.cx.lose(Fate::Approximated, &format!("contentBlockDelta[{index}]"), why);
        }
        let sent = Sent { block, open: true, part, number, key, seen };
        self.blocks.insert(index, sent);
        sent
    }

    /// A block signal at the top of a chunk, and among its parts.
    fn variants(&self, index: i64, signal: impl Fn(Node) -> (&'static str, Vec<(&'static str, Node)>)) -> Vec<Node> {
        let one = |key: Node| {
            let (name, members) = signal(key);
            vec![(name, object(members))]
        };
        self.variants_of(index, one)
    }

    /// The same for several signals.
    fn variants_of(&self, index: i64, signals: impl Fn(Node) -> Vec<(&'static str, Node)>) -> Vec<Node> {
        let sent = self.blocks.get(&index);
        let one = |number: usize, key: usize| {
            let silent =
                |n: usize| Node { rest: Rest::Silent, ..Node::leaf("contentBlockIndex", Tree::Num(n.to_string())) };
            let mut members = vec![("key", silent(key))];
            members.extend(signals(silent(number)));
            object(members)
        };
        let part = |number, key| object(vec![("parts", Node::list(String::new(), vec![one(number, key)]))]);
        match sent {
            None => {
                let number = self.blocks.len();
                vec![one(number, self.opened), part(number, self.parts)]
            }
            Some(s) if s.part => vec![part(s.number, s.key)],
            Some(s) if s.seen => vec![one(s.number, s.key)],
            Some(s) => vec![one(s.number, s.key), part(s.number, self.parts)],
        }
    }

    pub(super) fn delta(&mut self, body: &mut Node, out: Out<'_>) -> Result<(), Error> {
        let name = "contentBlockDelta";
        let index = self.index(name, body)?;
        let Some(delta) = body.remove("delta") else { return Ok(()) };
        let tree = delta.tree();
        let Some((arm, payload)) = arm_of(&tree) else { return Ok(()) };
        let kind = kind_of(arm);
        match self.blocks.get(&index) {
            Some(sent) if !sent.open => {
                return Err(order("a delta comes for a block that is already closed", name));
            }
            Some(sent) if sent.block != kind && kind != Block::Other => {
                return Err(order("a delta does not fit the kind of its block; check `contentBlockIndex`", name));
            }
            Some(_) => {}
            None if kind.is_announced() && kind != Block::Other => {
                return Err(order("a delta of a tool or image block comes without the start of that block", name));
            }
            None => {
                if self.open_by_delta(index, kind, &delta, &tree, out) {
                    return Ok(());
                }
            }
        }
        if let Some((_, input)) = self.waiting.get_mut(&index).filter(|_| arm == "toolUse") {
            let mut rest = delta.clone();
            if let Some(more) = rest.member_mut("toolUse").and_then(|call| call.member_mut("input")) {
                input.push_str(more.as_str().unwrap_or_default());
                more.value = Value::Taken;
            }
            return self.cx.judge(&mut rest);
        }
        let variants = self.variants(index, |key| ("delta", vec![("key", key), ("value", delta.clone())]));
        let said = self.say(&variants, out)?;
        if let Some(sent) = self.blocks.get_mut(&index) {
            // The first delta that a chunk says decides where the block goes.
            if !sent.seen && said == Some(1) {
                (sent.part, sent.key) = (true, self.parts);
            }
            sent.seen |= said.is_some() && (sent.part || !payload.is_blank());
        }
        Ok(())
    }

    /// Opens a block that Converse does not announce, if the format does. Whether the opening already says the delta.
    fn open_by_delta(&mut self, index: i64, kind: Block, delta: &Node, tree: &Tree, out: Out<'_>) -> bool {
        let opening = |block: Node| move |key: Node| ("open", vec![("key", key), ("block", block.clone())]);
        let whole = self.variants(index, opening(delta.clone()));
        if !tree.is_blank()
            && !self.can_say_delta(index, delta)
            && self.try_say(&whole[..1.min(whole.len())], true, out).is_some()
        {
            self.begin(index, kind, false, true);
            return true;
        }
        let blank = match arm_of(tree) {
            Some(("reasoningContent", _)) => Tree::arm("reasoningContent", Tree::arm("text", Tree::str(""))),
            Some(("citation", _)) => Tree::arm("citation", Tree::object(Vec::new())),
            _ => Tree::arm("text", Tree::str("")),
        };
        let variants = self.variants(index, opening(Node::leaf("contentBlockDelta.delta", blank)));
        let seen = self.try_say(&variants[..1.min(variants.len())], false, out).is_some();
        self.begin(index, kind, false, seen);
        false
    }

    /// Whether a chunk says a delta of a new block as such.
    fn can_say_delta(&mut self, index: i64, delta: &Node) -> bool {
        let before = (self.cx.held.clone(), self.cx.report.clone());
        let variants = self.variants(index, |key| ("delta", vec![("key", key), ("value", delta.clone())]));
        let can = matches!(self.cx.say(self.root, &variants), Ok(Some(_)));
        (self.cx.held, self.cx.report) = before;
        can
    }

    /// Writes a call whose input is whole.
    fn whole_call(&mut self, index: i64, out: Out<'_>) -> Result<(), Error> {
        let Some((start, input)) = self.waiting.remove(&index) else { return Ok(()) };
        let at = "contentBlockDelta.delta";
        let (input, kept) = json_text::input(&input);
        if !kept {
            self.cx.lose(Fate::Approximated, &format!("{at}.toolUse.input"), NO_JSON);
        }
        let input = Node { text: true, ..Node::leaf(format!("{at}.toolUse.input"), Tree::str(input.as_ref())) };
        let call = Node::object(format!("{at}.toolUse"), vec![("input".to_owned(), input)]);
        let delta = Node::object(at, vec![("toolUse".to_owned(), call)]);
        if let Some(sent) = self.blocks.get_mut(&index).filter(|sent| !sent.seen) {
            sent.key = self.opened;
        }
        let variants = self.variants_of(index, |key| {
            let open = start.clone().map(|start| ("open", object(vec![("key", key.clone()), ("block", start)])));
            let delta = ("delta", object(vec![("key", key), ("value", delta.clone())]));
            open.into_iter().chain([delta]).collect()
        });
        let said = self.say(&variants, out)?;
        if let Some(sent) = self.blocks.get_mut(&index).filter(|sent| !sent.seen) {
            let part = said == Some(1);
            if part {
                (sent.part, sent.key) = (true, self.parts);
            }
            self.parts += usize::from(part);
            self.opened += usize::from(!part);
            sent.seen = true;
        }
        Ok(())
    }

    /// Writes calls that never closed.
    pub(super) fn held_calls(&mut self, out: Out<'_>) -> Result<(), Error> {
        while let Some(index) = self.waiting.keys().next().copied() {
            self.whole_call(index, out)?;
        }
        Ok(())
    }

    pub(super) fn close(&mut self, body: &Node, out: Out<'_>) -> Result<(), Error> {
        let name = "contentBlockStop";
        let index = self.index(name, body)?;
        self.whole_call(index, out)?;
        let Some(sent) = self.blocks.get_mut(&index).filter(|s| s.open) else {
            return Err(order("a block stops that is not open; check `contentBlockIndex`", name));
        };
        sent.open = false;
        let sent = *sent;
        let key = Node::leaf("contentBlockIndex", Tree::Num(sent.number.to_string()));
        self.try_say(&[object(vec![("close", object(vec![("key", key)]))])], true, out);
        if !sent.seen {
            let why = "the format does not say that a block without content is there";
            self.cx.lose(Fate::Dropped, &format!("contentBlockStop[{index}]"), why);
        }
        Ok(())
    }
}
