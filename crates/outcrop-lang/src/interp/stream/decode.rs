//! Chunks to events.

use std::collections::BTreeMap;

use outcrop_runtime::regions::Splitter;
use outcrop_runtime::tracker::{Block, Event, Tracker};
use outcrop_runtime::tree::Object;
use outcrop_runtime::usage::{Source, Usage};
use outcrop_runtime::{Call, Code, Error, Kind, Report, StreamCodec, Tree};

use super::kept::Kept;
use super::{FRAGMENT, Form, SIGNAL, arm_of, event, is_blank, kind_of, positional, whole};
use crate::interp::at::At;
use crate::interp::decode::{wrap, wrong};
use crate::interp::{Cx, Interp, tagged};
use crate::ir::{CaseSignal, Region, ToolIds, TypeId, TypeKind, Way};

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

    /// Opens, deltas and closes of one struct.
    fn blocks(&mut self, said: &Object, out: Out<'_>) -> Result<(), Error> {
        let key = |signal: &Tree| signal.get("key").or(said.get("key")).and_then(Tree::as_int);
        if let Some(open) = said.get("open") {
            for (arm, payload) in open.get("block").and_then(Tree::as_object).map(Object::members).unwrap_or_default() {
                self.open(key(open), arm, payload, out)?;
            }
        }
        if let Some(delta) = said.get("delta") {
            for (arm, payload) in delta.get("value").and_then(Tree::as_object).map(Object::members).unwrap_or_default()
            {
                self.delta(key(delta), arm, payload, out)?;
            }
        }
        if let Some(close) = said.get("close") {
            let cx = &self.cx;
            self.tracker.close(key(close), &mut |e| give(cx, e, out))?;
        }
        Ok(())
    }

    fn open(&mut self, key: Option<i64>, arm: &str, payload: &Tree, out: Out<'_>) -> Result<(), Error> {
        let block = kind_of(arm);
        self.flush(out)?;
        if !block.is_announced() {
            let cx = &self.cx;
            self.tracker.open(key, block, None::<Tree>, &mut |e| give(cx, e, out))?;
            return if is_blank(payload) { Ok(()) } else { self.delta(key, arm, payload, out) };
        }
        if self.opened.as_ref().is_some_and(|(k, opened)| *k == key && key.is_some() && repeats(payload, opened)) {
            return Ok(());
        }
        let mut start = payload.clone();
        if let Tree::Obj(call) = &mut start
            && block == Block::ToolUse
            && self.interp.family().tool_ids == ToolIds::Positional
        {
            call.members_mut().insert(0, ("toolUseId".to_owned(), Tree::Str(positional(self.calls))));
            self.calls += 1;
        }
        self.opened = Some((key, payload.clone()));
        self.streamed.push(block);
        let cx = &self.cx;
        self.tracker.open(key, block, Some(Tree::arm(arm, start)), &mut |e| give(cx, e, out))
    }

    fn delta(&mut self, key: Option<i64>, arm: &str, payload: &Tree, out: Out<'_>) -> Result<(), Error> {
        match (arm, payload) {
            (FRAGMENT, Tree::Arr(fragment)) => {
                if let [id, text] = fragment.items() {
                    let id = id.as_int().and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
                    self.fragment(key, id, text, out)?;
                }
                Ok(())
            }
            // Text and seal of reasoning are deltas of their own.
            ("reasoningContent", Tree::Obj(parts)) if parts.len() > 1 => parts
                .members()
                .iter()
                .try_for_each(|(name, part)| self.add(key, arm, Tree::arm(name.as_str(), part.clone()), out)),
            _ => self.add(key, arm, payload.clone(), out),
        }
    }

    fn add(&mut self, key: Option<i64>, arm: &str, payload: Tree, out: Out<'_>) -> Result<(), Error> {
        let (block, blank) = (kind_of(arm), is_blank(&payload));
        if !blank {
            self.streamed.push(block);
            self.streamed.dedup();
        }
        let cx = &self.cx;
        self.tracker.delta(key, block, Tree::arm(arm, payload), blank, &mut |e| give(cx, e, out))
    }

    /// A fragment of a string with regions.
    fn fragment(&mut self, key: Option<i64>, id: TypeId, text: &Tree, out: Out<'_>) -> Result<(), Error> {
        let Tree::Str(text) = text else { return Err(wrong(text, "a string", &At::Root)) };
        let Some(TypeKind::Regions(table)) = self.interp.family().types.get(id).map(|t| &t.kind) else { return Ok(()) };
        let splitter = self.splitters.entry(id).or_insert_with(|| Splitter::new(tagged::runtime(table)));
        let mut parts = Vec::new();
        splitter.push(text, &mut |region, text| parts.push((region, text.to_owned())));
        self.regions(key, table, parts, out)
    }

    fn regions(
        &mut self,
        key: Option<i64>,
        table: &[Region],
        parts: Vec<(usize, String)>,
        out: Out<'_>,
    ) -> Result<(), Error> {
        for (region, text) in parts {
            let Some(region) = table.get(region) else { continue };
            if let Some((arm, payload)) = arm_of(&wrap(&region.delta, Tree::Str(text))) {
                self.add(key, arm, payload.clone(), out)?;
            }
        }
        Ok(())
    }

    /// Text that was held back is text after all: something else comes.
    fn flush(&mut self, out: Out<'_>) -> Result<(), Error> {
        let mut held = Vec::new();
        for (id, splitter) in &mut self.splitters {
            splitter.finish(&mut |region, text| held.push((*id, region, text.to_owned())));
        }
        for (id, region, text) in held {
            if let Some(TypeKind::Regions(table)) = self.interp.family().types.get(id).map(|t| &t.kind) {
                self.regions(None, table, vec![(region, text)], out)?;
            }
        }
        Ok(())
    }

    /// Blocks of a repetition of the whole answer, if none of their kind was streamed.
    fn whole(&mut self, blocks: &[Tree], out: Out<'_>) -> Result<(), Error> {
        let before = self.streamed.clone();
        for block in blocks {
            let Some((kind, start, deltas)) = whole::unfold(block) else { continue };
            if before.contains(&kind) {
                continue;
            }
            self.opened = None;
            match start {
                Some((arm, payload)) => self.open(None, &arm, &payload, out)?,
                None => self.streamed.push(kind),
            }
            for (arm, payload) in deltas {
                self.delta(None, &arm, &payload, out)?;
            }
            let cx = &self.cx;
            self.tracker.close(None, &mut |e| give(cx, e, out))?;
        }
        Ok(())
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
        self.tracker.finish()?;
        if self.form.says_end && !self.ended {
            return Err(Error::new(
                Code::StreamTruncated,
                "the stream ended before its last chunk; treat the answer as incomplete and call again",
            ));
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
        if self.failed {
            return Err(Error::new(Code::StreamOrder, "a chunk comes after the stream broke off; begin a new stream"));
        }
        if chunk.as_str() == Some(DONE) {
            return Ok(());
        }
        let mut chunk = chunk;
        let side = if let Tree::Obj(object) = &mut chunk { self.side(object)? } else { None };
        let side = side.as_ref().and_then(Tree::as_object);
        if let Some(reason) = side.and_then(|s| s.get("stop")).and_then(|s| s.get("reason")) {
            self.verdict = Some(reason.clone());
        }
        // Metrics may come in a chunk of their own.
        if side.is_none() || !chunk.is_empty() {
            if let Some(Tree::Obj(said)) = self.signals(chunk)? {
                self.apply(&said, out)?;
                self.facts(&said, Source::Chunk);
            }
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
        if self.cx.call.strict {
            self.cx.report.strict()?;
        }
        Ok(std::mem::take(&mut self.cx.report))
    }
}

/// Whether an opening says nothing but what was said before.
fn repeats(payload: &Tree, opened: &Tree) -> bool {
    let members = payload.as_object().map(Object::members).unwrap_or_default();
    members.iter().all(|(name, value)| is_blank(value) || opened.get(name) == Some(value))
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
