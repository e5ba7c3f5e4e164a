//! Events to chunks.

mod blocks;

use std::collections::BTreeMap;

use outcrop_runtime::fold::Fold;
use outcrop_runtime::stops;
use outcrop_runtime::tracker::Block;
use outcrop_runtime::{Call, Code, Error, Fate, Kind, Report, StreamCodec, Tree};

use super::Form;
use super::trial::{Said, also, leaves};
use crate::interp::at::At;
use crate::interp::node::{Node, Rest, Value};
use crate::interp::patch::Patch;
use crate::interp::{Cx, Interp, facade, values};
use crate::ir::{CaseSignal, Input, Signal, TypeId, TypeKind, Way};

type Out<'o> = &'o mut dyn FnMut(&[u8]);

/// What the last event says beside the latency.
const METADATA: [&str; 4] = ["usage", "trace", "performanceConfig", "serviceTier"];

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

/// How far a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// Nothing came.
    Before,
    /// The message started.
    Started,
    /// The message stopped.
    Stopped,
    /// The last event came.
    Told,
    /// The stream broke off.
    Failed,
}

/// A stream of events being written.
pub(crate) struct Encoder<'a> {
    interp: &'a Interp,
    cx: Cx<'a>,
    root: TypeId,
    form: Form<'a>,
    phase: Phase,
    blocks: BTreeMap<i64, Sent>,
    /// Number of blocks that were opened in parts, and of those at the top.
    parts: usize,
    opened: usize,
    calls: usize,
    /// How chunks say the input of calls.
    input: Input,
    /// Calls that wait for the rest of their input: what opens them, and their input so far.
    waiting: BTreeMap<i64, (Option<Node>, String)>,
    /// The answer so far, for chunks that repeat it.
    fold: Fold,
    /// Signals of the stop that wait for the counts.
    stop: Option<Node>,
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
            phase: Phase::Before,
            blocks: BTreeMap::new(),
            parts: 0,
            opened: 0,
            calls: 0,
            input: interp.family().input(),
            waiting: BTreeMap::new(),
            fold: Fold::default(),
            stop: None,
            tail: Vec::new(),
        }
    }

    /// A chunk goes out, or waits for the end.
    fn give(&mut self, chunk: Tree, out: Out<'_>) {
        if matches!(self.phase, Phase::Stopped | Phase::Told) {
            self.tail.push(chunk);
        } else {
            out(chunk.to_string().as_bytes());
        }
    }

    /// Writes a signal; what no chunk says is judged.
    fn say(&mut self, variants: &[Node], out: Out<'_>) -> Result<Option<usize>, Error> {
        let said = self.cx.say(self.root, variants);
        let hollow = said.as_ref().err().filter(|e| e.code == Code::MissingMember).cloned();
        let Some(Said { chunk, mut left, variant }) = said.or_else(|e| hollow.is_some().then_some(None).ok_or(e))?
        else {
            let mut left = variants.first().cloned().unwrap_or_else(|| object(Vec::new()));
            // A chunk that lacks what it requires is not written if that is because it is dropped.
            return self.cx.judge(&mut left).map(|()| None).map_err(|e| hollow.unwrap_or(e));
        };
        self.cx.judge(&mut left)?;
        self.give(chunk, out);
        Ok(Some(variant))
    }

    /// Writes a signal if a chunk says it.
    fn try_say(&mut self, variants: &[Node], whole: bool, out: Out<'_>) -> Option<usize> {
        let before = (self.cx.held.clone(), self.cx.report.clone());
        let said = self.cx.say(self.root, variants).ok().flatten();
        let Some(said) = said.filter(|s| !whole || leaves(&s.left) == 0) else {
            (self.cx.held, self.cx.report) = before;
            return None;
        };
        self.give(said.chunk, out);
        Some(said.variant)
    }

    fn start(&mut self, body: &mut Node, out: Out<'_>) -> Result<(), Error> {
        if self.phase > Phase::Before {
            return Err(order("the message starts a second time; send one stream at a time", "messageStart"));
        }
        self.phase = Phase::Started;
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

    fn message_stop(&mut self, body: &mut Node, out: Out<'_>) -> Result<(), Error> {
        if self.phase != Phase::Started {
            let message = "the message stops twice, or before it starts; send the events in order";
            return Err(order(message, "messageStop"));
        }
        self.held_calls(out)?;
        self.cx.held.finish()?;
        let extras = body.remove("additionalModelResponseFields").map(|mut n| n.take()).unwrap_or_default();
        self.cx.held.extras = Patch::read(extras, "messageStop.additionalModelResponseFields")?;
        self.phase = Phase::Stopped;
        let mut reason = body.remove("stopReason").unwrap_or_else(|| Node::leaf(String::new(), Tree::Null));
        let rows = self.interp.family().with_calls(true);
        let said = reason.as_str().unwrap_or_default();
        if let Some(assumed) = self.form.assumed_stop.filter(|assumed| assumed.always) {
            if !values::is(&reason.tree(), assumed.reason) {
                let why = format!("the format always means {}", values::tree(assumed.reason));
                self.cx.lose(Fate::Dropped, &reason.at, &why);
            }
            reason.value = Value::Taken;
        } else if let Some(stop) = stops::written(crate::interp::stops::rows(&rows), self.calls > 0, said) {
            if !stop.exact {
                self.cx.lose(Fate::Approximated, &reason.at, stops::TOLD_BY_CALLS);
            }
            reason = Node::leaf(reason.at.clone(), Tree::str(stop.reason));
        }
        // Some formats repeat the whole answer in the last chunk; nobody misses it where they do not.
        let answer = self.fold.content();
        let mut whole = Node::leaf("whole".to_owned(), answer);
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
        if self.phase != Phase::Stopped {
            let message = "the metadata comes twice, or before the message stops; send the events in order";
            return Err(order(message, "metadata"));
        }
        let mut node = self.stop.take().unwrap_or_else(|| object(Vec::new()));
        for name in METADATA {
            if let Some(n) = body.remove(name) {
                node.insert(name, n);
            }
        }
        if let Some(latency) = body.remove("metrics").and_then(|mut m| m.remove("latencyMs")) {
            node.insert("latency", latency);
        }
        let all = node.clone();
        // A chunk that lacks what it requires is not written.
        let said = match self.cx.say(self.root, &[node]) {
            Err(e) if e.code == Code::MissingMember => None,
            said => said?,
        };
        let left = match said {
            Some(said) => {
                self.tail.push(said.chunk);
                said.left
            }
            None => all.clone(),
        };
        self.end()?;
        let (mut left, side) = (left, self.side(all)?);
        also(&mut left, &side);
        // Members without content say nothing, which is no loss.
        for name in METADATA {
            if let Some(n) = left.member_mut(name) {
                n.settle();
            }
        }
        self.phase = Phase::Told;
        self.cx.judge(&mut left)
    }

    /// Writes the members that the service adds into the last chunk; gives what they do not say.
    fn side(&mut self, mut facts: Node) -> Result<Node, Error> {
        for key in self.interp.side_keys(Kind::Stream).iter().filter(|k| k.field.way != Way::Decode) {
            let at = At::Root.member(&key.field.key);
            let mut orders = Vec::new();
            let value = self.cx.encode_field(&key.field, &mut facts, &mut Patch::default(), &at, &mut orders)?;
            let Some(value) = value else { continue };
            // Without a chunk that waits for the end they are one of their own.
            if self.tail.is_empty() {
                self.tail.push(Tree::object(Vec::new()));
            }
            if let Some(Tree::Obj(last)) = self.tail.last_mut() {
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
        self.phase = Phase::Failed;
        let nothing = || Node::leaf(format!("{}.message", body.at), Tree::str(""));
        let message = body.member("message").cloned().unwrap_or_else(nothing);
        body.remove("message");
        self.say(&[object(vec![("fail", object(vec![("message", message)]))])], out).map(|_| ())
    }

    fn event(&mut self, event: Tree, out: Out<'_>) -> Result<(), Error> {
        let after_all = if self.phase == Phase::Failed {
            Err(order("an event comes after the stream broke off; begin a new stream", ""))
        } else {
            Ok(())
        };
        if let Some(native) = event.get("native") {
            after_all?;
            self.give(native.clone(), out);
            return Ok(());
        }
        // Only what is an event adds to the answer.
        let said = self.form.says_whole.then(|| event.clone());
        let mut event = facade::node(&self.interp.family().facade, Kind::Stream, event)?;
        after_all?;
        if let Some(said) = said {
            self.fold.push(&said).or_else(|e| if e.code == Code::StreamTruncated { Ok(()) } else { Err(e) })?;
        }
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
        if self.phase != Phase::Failed {
            if self.phase < Phase::Stopped {
                return Err(Error::new(
                    Code::StreamTruncated,
                    "the events ended before `messageStop`; treat the answer as incomplete and call again",
                ));
            }
            if self.phase == Phase::Stopped {
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
                let names = if held.filled.contains(name) { Vec::new() } else { held.extras.spelt(name) };
                for name in names {
                    let path = format!("messageStop.additionalModelResponseFields.{name}");
                    self.cx.lose(Fate::Dropped, &path, "no chunk that is still to come says it");
                }
            }
        }
        for mut node in std::mem::take(&mut self.cx.left) {
            self.cx.judge(&mut node)?;
        }
        self.interp.keep_coverage(&mut self.cx);
        self.cx.report.sort();
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
