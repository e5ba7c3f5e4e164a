//! Chunks to events.

mod blocks;

use std::collections::BTreeMap;

use outcrop_runtime::regions::{LACKS_LEAD, Splitter};
use outcrop_runtime::stops;
use outcrop_runtime::tracker::{Block, Event, Tracker};
use outcrop_runtime::tree::Object;
use outcrop_runtime::usage::{Source, Usage};
use outcrop_runtime::{Call, Code, Error, Fate, Kind, Report, StreamCodec, Tree};

use super::kept::Kept;
use super::{Assumed, Form, SIGNAL, event};
use crate::interp::at::At;
use crate::interp::decode::wrong;
use crate::interp::{Cx, Interp, values};
use crate::ir::{CaseSignal, TypeId, TypeKind, Way};

/// Takes what comes out.
type Out<'o> = &'o mut dyn FnMut(&[u8]);

/// A sentinel that some streams end with: a JSON string instead of an object.
const DONE: &str = "[DONE]";

/// A stream of chunks being read.
pub(crate) struct Decoder<'a> {
    interp: &'a Interp,
    cx: Cx<'a>,
    root: TypeId,
    form: Form<'a>,
    tracker: Tracker,
    splitters: BTreeMap<TypeId, Splitter<'a>>,
    usage: Usage,
    /// Other members of the metadata event, and `latency`.
    metadata: Object,
    stop: Option<Tree>,
    /// A stop reason of the service itself, which replaces the model's.
    verdict: Option<Tree>,
    /// Kinds of blocks that were streamed, so that a repetition of the whole is not told twice.
    streamed: Vec<Block>,
    /// What opened the last announced block: some servers repeat it with every fragment.
    opened: Option<(Option<i64>, Tree)>,
    calls: usize,
    /// Additional fields of all chunks.
    extras: Kept,
    ended: bool,
    failed: bool,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(interp: &'a Interp, root: TypeId, call: &Call<'a>) -> Self {
        let form = Form::of(interp.family(), root);
        Self {
            interp,
            cx: interp.cx(Kind::Stream, call, false),
            root,
            form,
            tracker: Tracker::new(form.runtime_blocks(), form.says_start),
            splitters: BTreeMap::new(),
            usage: Usage::default(),
            metadata: Object::default(),
            stop: None,
            verdict: None,
            streamed: Vec::new(),
            opened: None,
            calls: 0,
            extras: Kept::default(),
            ended: false,
            failed: false,
        }
    }

    /// What the service added to a chunk.
    fn side(&mut self, chunk: &mut Object) -> Result<Option<Tree>, Error> {
        let keys = self.interp.side_keys(Kind::Stream);
        let mut said = Tree::object(Vec::new());
        let mut found = false;
        self.cx.extras.absolute = true;
        for key in keys.iter().filter(|k| k.field.way != Way::Encode) {
            if let Some(value) = chunk.remove(&key.field.key) {
                found = true;
                self.cx.decode_field(&key.field, SIGNAL, &[], value, &mut said, &At::Root.member(&key.field.key))?;
            }
        }
        self.cx.extras.absolute = false;
        Ok(found.then_some(said))
    }

    /// What a chunk says, the service's own members taken out.
    fn signals(&mut self, chunk: Tree) -> Result<Option<Tree>, Error> {
        let family = self.interp.family();
        match family.types.get(self.root).map(|t| &t.kind) {
            Some(TypeKind::Struct(s)) => match chunk {
                Tree::Obj(object) => {
                    let mut out = Tree::object(Vec::new());
                    self.cx.decode_struct(s, &[], object, &mut out, &At::Root)?;
                    Ok(Some(out))
                }
                other => Err(wrong(&other, "an object", &At::Root)),
            },
            Some(TypeKind::Union(u)) => {
                let signal = self.cx.case_for(u, &chunk).and_then(|(_, c)| c.signal);
                self.ended |= signal == Some(CaseSignal::End);
                Ok(self.cx.decode_union(u, chunk, &At::Root)?.map(|(_, tree)| tree))
            }
            _ => Ok(None),
        }
    }

    /// Reads a chunk as it stands.
    pub(crate) fn check(&mut self, chunk: Tree) -> Result<(), Error> {
        if chunk.as_str() != Some(DONE) {
            self.hear(chunk)?;
        }
        Ok(())
    }

    /// What a chunk says, and what the service added to it. Metrics may come in a chunk of their own.
    fn hear(&mut self, mut chunk: Tree) -> Result<(Option<Tree>, Option<Tree>), Error> {
        let side = if let Tree::Obj(object) = &mut chunk { self.side(object)? } else { None };
        let said = if side.is_none() || !chunk.is_empty() { self.signals(chunk)? } else { None };
        Ok((said, side))
    }

    fn apply(&mut self, said: &Object, out: Out<'_>) -> Result<(), Error> {
        if let Some(native) = said.get("native") {
            out(Tree::arm("native", native.clone()).to_string().as_bytes());
            return Ok(());
        }
        if let Some(role) = said.get("start").and_then(|s| s.get("role")) {
            let (cx, role) = (&self.cx, role.clone());
            self.tracker.start(role, &mut |e| give(cx, e, out))?;
        }
        self.blocks(said, out)?;
        for part in said.get("parts").and_then(Tree::as_list).unwrap_or_default() {
            part.as_object().map_or(Ok(()), |part| self.blocks(part, out))?;
        }
        self.whole(said.get("whole").and_then(Tree::as_list).unwrap_or_default(), out)?;
        if let Some(reason) = said.get("stop").and_then(|s| s.get("reason")) {
            self.stop(reason, out)?;
        }
        if let Some(message) = said.get("fail").and_then(|f| f.get("message")) {
            self.failed = true;
            out(&event(&self.cx, "modelStreamErrorException", vec![("message", message.clone())]));
        }
        Ok(())
    }

    /// Counts and other facts about the call.
    fn facts(&mut self, said: &Object, source: Source) {
        if let Some(usage) = said.get("usage").and_then(Tree::as_object) {
            self.usage.add(source, usage);
        }
        for name in ["latency", "trace", "performanceConfig", "serviceTier"] {
            if let Some(value) = said.get(name).filter(|_| source == Source::Chunk || self.metadata.get(name).is_none())
            {
                self.metadata.set(name, value.clone());
            }
        }
    }

    fn stop(&mut self, reason: &Tree, out: Out<'_>) -> Result<(), Error> {
        if self.stop.as_ref() == Some(reason) {
            return Ok(());
        }
        self.flush(out)?;
        let cx = &self.cx;
        self.tracker.stop(&mut |e: Event<Tree>| give(cx, e, out))?;
        self.stop = Some(reason.clone());
        Ok(())
    }

    /// The last two events: all that came with any chunk is known.
    fn conclude(&mut self, out: Out<'_>) -> Result<(), Error> {
        // Where the service steps in, it may leave out the model's own reason.
        if self.verdict.is_some() && self.tracker.is_started() && !self.tracker.is_stopped() {
            self.flush(out)?;
            let cx = &self.cx;
            self.tracker.stop(&mut |e: Event<Tree>| give(cx, e, out))?;
        }
        if let Some(Assumed { reason, .. }) = self.form.assumed_stop
            && self.tracker.is_started()
            && !self.tracker.is_stopped()
        {
            self.stop(&values::tree(reason), out)?;
        }
        self.tracker.finish()?;
        if self.form.says_end && !self.ended {
            return Err(Error::new(
                Code::StreamTruncated,
                "the stream ended before its last chunk; treat the answer as incomplete and call again",
            ));
        }
        if self.splitters.values().any(Splitter::lacks_lead) {
            self.cx.lose(Fate::Approximated, "chunk", LACKS_LEAD);
        }
        let rows = self.interp.family().with_calls(true);
        let holds = self.streamed.contains(&Block::ToolUse);
        if let Some(reason) = self.stop.as_ref().and_then(Tree::as_str)
            && let Some(reason) = stops::read(crate::interp::stops::rows(&rows), holds, reason)
        {
            self.stop = Some(Tree::str(reason));
        }
        let mut stop = vec![("stopReason", self.verdict.take().or(self.stop.take()).unwrap_or_default())];
        let extras = std::mem::take(&mut self.extras);
        if !extras.is_empty() {
            stop.push(("additionalModelResponseFields", extras.into_tree()));
        }
        out(&event(&self.cx, "messageStop", stop));
        let mut said = Tree::object(Vec::new());
        self.cx.decode_headers(&mut said)?;
        if let Some(usage) = said.get("usage").and_then(Tree::as_object) {
            self.usage.add(Source::Header, usage);
        }
        let mut metadata: Vec<(&str, Tree)> = Vec::new();
        self.cx.report.usage = self.usage.sources();
        metadata.extend(std::mem::take(&mut self.usage).finish().map(|u| ("usage", u)));
        let latency = self.metadata.remove("latency").map(|ms| Tree::arm("latencyMs", ms));
        metadata.extend(latency.or(said.get("metrics").cloned()).map(|m| ("metrics", m)));
        for name in ["trace", "performanceConfig", "serviceTier"] {
            metadata.extend(self.metadata.remove(name).or(said.get(name).cloned()).map(|v| (name, v)));
        }
        out(&event(&self.cx, "metadata", metadata));
        Ok(())
    }
}

impl StreamCodec for Decoder<'_> {
    fn push(&mut self, item: &[u8], out: Out<'_>) -> Result<(), Error> {
        let chunk = Tree::parse(item).map_err(|e| Error { native_path: e.path.clone(), path: String::new(), ..e })?;
        let broke_off = "a chunk comes after the stream broke off; begin a new stream";
        let alive = if self.failed { Err(Error::new(Code::StreamOrder, broke_off)) } else { Ok(()) };
        if chunk.as_str() == Some(DONE) {
            return alive;
        }
        let (said, side) = self.hear(chunk)?;
        alive?;
        let side = side.as_ref().and_then(Tree::as_object);
        if let Some(reason) = side.and_then(|s| s.get("stop")).and_then(|s| s.get("reason")) {
            self.verdict = Some(reason.clone());
        }
        if let Some(Tree::Obj(said)) = said {
            self.apply(&said, out)?;
            self.facts(&said, Source::Chunk);
        }
        if let Some(side) = side {
            self.facts(side, Source::Metrics);
        }
        self.extras.add(std::mem::take(&mut self.cx.extras).into_tree());
        Ok(())
    }

    fn finish(&mut self, out: Out<'_>) -> Result<Report, Error> {
        if !self.failed {
            self.conclude(out)?;
        }
        self.interp.keep_coverage(&mut self.cx);
        self.cx.report.sort();
        if self.cx.call.strict {
            self.cx.report.strict()?;
        }
        Ok(std::mem::take(&mut self.cx.report))
    }
}

/// An event of the tracker.
fn give(cx: &Cx<'_>, happened: Event<Tree>, out: Out<'_>) {
    let number = |index: u32| ("contentBlockIndex", Tree::int(i64::from(index)));
    let bytes = match happened {
        Event::MessageStart(role) => {
            event(cx, "messageStart", vec![("role", role.unwrap_or_else(|| Tree::str("assistant")))])
        }
        Event::BlockStart { index, start } => event(cx, "contentBlockStart", vec![("start", start), number(index)]),
        Event::Delta { index, delta } => event(cx, "contentBlockDelta", vec![("delta", delta), number(index)]),
        Event::Blank { index, block } => {
            let text = Tree::arm("text", Tree::str(""));
            let delta = if block == Block::Reasoning { Tree::arm("reasoningContent", text) } else { text };
            event(cx, "contentBlockDelta", vec![("delta", delta), number(index)])
        }
        Event::BlockStop { index } => event(cx, "contentBlockStop", vec![number(index)]),
    };
    out(&bytes);
}
