//! Events to chunks.

use std::collections::BTreeMap;

use outcrop_runtime::fold::Fold;
use outcrop_runtime::tracker::Block;
use outcrop_runtime::{Call, Code, Error, Fate, Kind, Report, StreamCodec, Tree};

use super::trial::{Said, also, leaves};
use super::{Form, arm_of, is_blank, kind_of, positional, renamed};
use crate::interp::at::At;
use crate::interp::node::{Node, Rest, Value};
use crate::interp::patch::Patch;
use crate::interp::{Cx, Interp, facade};
use crate::ir::{Blocks, CaseSignal, Signal, ToolIds, TypeId, TypeKind, Way};

type Out<'o> = &'o mut dyn FnMut(&[u8]);

/// A block of the stream so far.
#[derive(Debug, Clone, Copy)]
struct Sent {
    block: Block,
    open: bool,
    /// Whether it goes into the parts of a chunk.
    part: bool,
    /// Its number among all blocks, and among those that were opened in the same struct.
    number: usize,
    key: usize,
    /// Whether any chunk says that it is there.
    seen: bool,
}

/// A stream of events being written.
pub(crate) struct Encoder<'a> {
    interp: &'a Interp,
    cx: Cx<'a>,
    root: TypeId,
    form: Form<'a>,
    started: bool,
    stopped: bool,
    failed: bool,
    blocks: BTreeMap<i64, Sent>,
    /// Number of blocks that went into parts, and of those that were opened at the top.
    parts: usize,
    opened: usize,
    calls: usize,
    /// The answer so far, for chunks that repeat it.
    fold: Fold,
    /// Signals of the stop that wait for the counts.
    stop: Option<Node>,
    /// The last event came.
    told: bool,
    /// Chunks after the stop: the last of all gets those members.
    tail: Vec<Tree>,
}

impl<'a> Encoder<'a> {
    pub(crate) fn new(interp: &'a Interp, root: TypeId, call: &Call<'a>) -> Self {
        Self {
            interp,
            cx: interp.cx(Kind::Stream, call, true),
            root,
            form: Form::of(interp.family(), root),
            started: false,
            stopped: false,
            failed: false,
            blocks: BTreeMap::new(),
            parts: 0,
            opened: 0,
            calls: 0,
            fold: Fold::default(),
            stop: None,
            told: false,
            tail: Vec::new(),
        }
    }

    /// A chunk goes out, or waits for the end.
    fn give(&mut self, chunk: Tree, out: Out<'_>) {
        if self.stopped {
            self.tail.push(chunk);
        } else {
            out(chunk.to_string().as_bytes());
        }
    }

    /// Writes a signal; what no chunk says is judged.
    fn say(&mut self, variants: &[Node], out: Out<'_>) -> Result<Option<usize>, Error> {
        match self.cx.say(self.root, variants)? {
            Some(Said { chunk, mut left, variant }) => {
                self.cx.judge(&mut left)?;
                self.give(chunk, out);
                Ok(Some(variant))
            }
            None => {
                let mut left = variants.first().cloned().unwrap_or_else(|| object(Vec::new()));
                self.cx.judge(&mut left).map(|()| None)
            }
        }
    }

    /// Writes a signal if a chunk says it.
    fn try_say(&mut self, variants: &[Node], whole: bool, out: Out<'_>) -> Option<usize> {
        let before = (self.cx.held.clone(), self.cx.report.clone());
        let said = self.cx.say(self.root, variants).ok().flatten();
        match said.filter(|s| !whole || leaves(&s.left) == 0) {
            Some(said) => {
                self.give(said.chunk, out);
                Some(said.variant)
            }
            None => {
                (self.cx.held, self.cx.report) = before;
                None
            }
        }
    }

    fn start(&mut self, body: &mut Node, out: Out<'_>) -> Result<(), Error> {
        if self.started {
            return Err(order("the message starts a second time; send one stream at a time", "messageStart"));
        }
        self.started = true;
        let role = body.remove("role").unwrap_or_else(|| Node::leaf("messageStart.role", Tree::str("assistant")));
        let usual = role.as_str() == Some("assistant");
        if self.form.says_start {
            let node = object(vec![("start", object(vec![("role", role)]))]);
            return self.say(&[node], out).map(|_| ());
        }
        if !usual {
            self.cx.lose(Fate::Dropped, &role.at, "the format does not say who speaks");
        }
        Ok(())
    }

    /// The index that a block event is about.
    fn index(&self, event: &str, body: &Node) -> Result<i64, Error> {
        if !self.started || self.stopped {
            let when = if self.stopped { "after the message stopped" } else { "before the message start" };
            return Err(order(&format!("a block event comes {when}; send the events in order"), event));
        }
        let index = body.member("contentBlockIndex").map(Node::tree).and_then(|t| t.as_int());
        index.ok_or_else(|| {
            Error::new(Code::MissingMember, "the event does not say which block it is about; send `contentBlockIndex`")
                .at(format!("{event}.contentBlockIndex"))
        })
    }

    fn open(&mut self, body: &mut Node, out: Out<'_>) -> Result<(), Error> {
        let name = "contentBlockStart";
        let index = self.index(name, body)?;
        if self.blocks.contains_key(&index) {
            return Err(order("a block starts a second time; give every block an index of its own", name));
        }
        let Some(mut start) = body.remove("start") else { return Ok(()) };
        let block = start.tree();
        let kind = arm_of(&block).map_or(Block::Other, |(arm, _)| kind_of(arm));
        if kind == Block::ToolUse && self.interp.family().tool_ids == ToolIds::Positional {
            if let Some(id) = start.member_mut("toolUse").and_then(|c| c.member_mut("toolUseId")) {
                let made = positional(self.calls);
                if id.as_str() != Some(&made) {
                    renamed(&mut self.cx, &id.at, &made);
                }
                id.value = Value::Taken;
            }
        }
        self.calls += usize::from(kind == Block::ToolUse);
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
        let sent = self.blocks.get(&index);
        let one = |number: usize, key: usize| {
            let silent =
                |n: usize| Node { rest: Rest::Silent, ..Node::leaf("contentBlockIndex", Tree::Num(n.to_string())) };
            let (name, members) = signal(silent(number));
            object(vec![("key", silent(key)), (name, object(members))])
        };
        let part = |number, key| object(vec![("parts", Node::list(String::new(), vec![one(number, key)]))]);
        match sent {
            None => {
                let number = self.blocks.len();
                vec![one(number, self.opened), part(number, self.parts)]
            }
            Some(s) if s.part => vec![part(s.number, s.key)],
            Some(s) if s.seen => vec![one(s.number, s.key)],
            Some(s) => vec![one(s.number, s.key), part(s.number, s.key)],
        }
    }

    fn delta(&mut self, body: &mut Node, out: Out<'_>) -> Result<(), Error> {
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
        let variants = self.variants(index, |key| ("delta", vec![("key", key), ("value", delta.clone())]));
        let said = self.say(&variants, out)?;
        if let Some(sent) = self.blocks.get_mut(&index) {
            sent.seen |= said.is_some() && !is_blank(payload);
        }
        Ok(())
    }

    /// Opens a block that Converse does not announce, if the format does. Whether the opening already says the delta.
    fn open_by_delta(&mut self, index: i64, kind: Block, delta: &Node, tree: &Tree, out: Out<'_>) -> bool {
        let opening = |block: Node| move |key: Node| ("open", vec![("key", key), ("block", block.clone())]);
        let whole = self.variants(index, opening(delta.clone()));
        if !is_blank(tree)
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

    fn close(&mut self, body: &Node, out: Out<'_>) -> Result<(), Error> {
        let name = "contentBlockStop";
        let index = self.index(name, body)?;
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

    fn message_stop(&mut self, body: &mut Node, out: Out<'_>) -> Result<(), Error> {
        if !self.started || self.stopped {
            let message = "the message stops twice, or before it starts; send the events in order";
            return Err(order(message, "messageStop"));
        }
        self.cx.held.finish()?;
        let extras = body.remove("additionalModelResponseFields").map(|mut n| n.take()).unwrap_or_default();
        self.cx.held.extras = Patch::read(extras, "messageStop.additionalModelResponseFields")?;
        self.stopped = true;
        let reason = body.remove("stopReason").unwrap_or_else(|| Node::leaf(String::new(), Tree::Null));
        // Some formats repeat the whole answer in the last chunk; nobody misses it where they do not.
        let answer = self.fold.content();
        let mut whole = Node::leaf(String::new(), answer);
        whole.rest = Rest::Silent;
        whole.open();
        let node = object(vec![("stop", object(vec![("reason", reason)])), ("whole", whole)]);
        if self.form.join.contains(&Signal::Usage) {
            self.stop = Some(node);
            return Ok(());
        }
        self.say(&[node], out).map(|_| ())
    }

    fn metadata(&mut self, body: &mut Node) -> Result<(), Error> {
        if !self.stopped || self.told {
            let message = "the metadata comes twice, or before the message stops; send the events in order";
            return Err(order(message, "metadata"));
        }
        let mut node = self.stop.take().unwrap_or_else(|| object(Vec::new()));
        for name in ["usage", "trace", "performanceConfig", "serviceTier"] {
            if let Some(n) = body.remove(name) {
                node.insert(name, n);
            }
        }
        if let Some(latency) = body.remove("metrics").and_then(|mut m| m.remove("latencyMs")) {
            node.insert("latency", latency);
        }
        let all = node.clone();
        let left = match self.cx.say(self.root, &[node])? {
            Some(said) => {
                self.tail.push(said.chunk);
                said.left
            }
            None => all.clone(),
        };
        self.end()?;
        let (mut left, side) = (left, self.side(all)?);
        also(&mut left, &side);
        self.told = true;
        self.cx.judge(&mut left)
    }

    /// Writes the members that the service adds into the last chunk; gives what they do not say.
    fn side(&mut self, mut facts: Node) -> Result<Node, Error> {
        for key in self.interp.side_keys(Kind::Stream).iter().filter(|k| k.field.way != Way::Decode) {
            let at = At::Root.member(&key.field.key);
            let mut orders = Vec::new();
            let value = self.cx.encode_field(&key.field, &mut facts, &mut Patch::default(), &at, &mut orders)?;
            if let (Some(value), Some(Tree::Obj(last))) = (value, self.tail.last_mut()) {
                last.set(key.field.key.as_str(), value);
            }
        }
        Ok(facts)
    }

    /// The last chunk of formats that have one.
    fn end(&mut self) -> Result<(), Error> {
        let Some(TypeKind::Union(u)) = self.interp.family().types.get(self.root).map(|t| &t.kind) else {
            return Ok(());
        };
        let ends = |c: &crate::ir::Case| c.signal == Some(CaseSignal::End) && c.way != Way::Decode;
        if let Some((index, case)) = u.cases.iter().enumerate().find(|(_, c)| ends(c)) {
            self.cx.cover(Some(case.span));
            let (mut node, mut patch) = (object(Vec::new()), Patch::default());
            let chunk = self.cx.encode_tagged(u, index, case, &mut node, &mut patch, &At::Root)?;
            self.tail.push(chunk);
        }
        Ok(())
    }

    fn fail(&mut self, body: &mut Node, out: Out<'_>) -> Result<(), Error> {
        self.failed = true;
        let message = body.remove("message").unwrap_or_else(|| Node::leaf(String::new(), Tree::str("")));
        self.say(&[object(vec![("fail", object(vec![("message", message)]))])], out).map(|_| ())
    }

    fn event(&mut self, event: Tree, out: Out<'_>) -> Result<(), Error> {
        if self.failed {
            return Err(order("an event comes after the stream broke off; begin a new stream", ""));
        }
        if let Some(native) = event.get("native") {
            self.give(native.clone(), out);
            return Ok(());
        }
        self.fold.push(&event).or_else(|e| if e.code == Code::StreamTruncated { Ok(()) } else { Err(e) })?;
        let mut event = facade::node(&self.interp.family().facade, Kind::Stream, event)?;
        let Value::Object(members) = &mut event.value else { return Ok(()) };
        let Some((name, body)) = members.first_mut() else { return Ok(()) };
        body.remove("p");
        match name.as_str() {
            "messageStart" => self.start(body, out)?,
            "contentBlockStart" => self.open(body, out)?,
            "contentBlockDelta" => self.delta(body, out)?,
            "contentBlockStop" => self.close(body, out)?,
            "messageStop" => self.message_stop(body, out)?,
            "metadata" => self.metadata(body)?,
            _ => self.fail(body, out)?,
        }
        body.remove("contentBlockIndex");
        self.cx.judge(body)
    }
}

impl StreamCodec for Encoder<'_> {
    fn push(&mut self, item: &[u8], out: Out<'_>) -> Result<(), Error> {
        let event = Tree::parse(item)?;
        self.event(event, out)
    }

    fn finish(&mut self, out: Out<'_>) -> Result<Report, Error> {
        if !self.failed {
            if !self.stopped {
                return Err(Error::new(
                    Code::StreamTruncated,
                    "the events ended before `messageStop`; treat the answer as incomplete and call again",
                ));
            }
            if !self.told {
                if let Some(stop) = self.stop.take() {
                    self.say(&[stop], out)?;
                }
                self.end()?;
            }
            for chunk in std::mem::take(&mut self.tail) {
                out(chunk.to_string().as_bytes());
            }
            let held = std::mem::take(&mut self.cx.held);
            for name in held.extras.names() {
                if !held.filled.contains(name) {
                    let path = format!("messageStop.additionalModelResponseFields.{name}");
                    self.cx.lose(Fate::Dropped, &path, "no chunk that is still to come says it");
                }
            }
        }
        for mut node in std::mem::take(&mut self.cx.left) {
            self.cx.judge(&mut node)?;
        }
        self.interp.keep_coverage(&mut self.cx);
        if self.cx.call.strict {
            self.cx.report.strict()?;
        }
        Ok(std::mem::take(&mut self.cx.report))
    }
}

fn object(members: Vec<(&str, Node)>) -> Node {
    Node::object(String::new(), members.into_iter().map(|(name, node)| (name.to_owned(), node)).collect())
}

fn order(message: &str, event: &str) -> Error {
    Error::new(Code::StreamOrder, message).at(event)
}
