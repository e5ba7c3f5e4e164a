//! Events to chunks.

use std::collections::BTreeMap;

use outcrop_runtime::cx::{At, Block, Encode, EventState, Input, Variants, event_path};
use outcrop_runtime::fold::Fold;
use outcrop_runtime::json::{Arena, Extra, IntoOwned, Json, List, Str, Value};
use outcrop_runtime::json_text::{self, NO_JSON};
use outcrop_runtime::stops::{TOLD_BY_CALLS, written};
use outcrop_runtime::{Call, Code, Error, Fate, Kind, Report, StreamCodec, Tree};

use super::service;
use super::writer::{Writers, kind};
use crate::converse::{
    BlockStart, Citation, ContentBlock, ContentBlockDelta, ContentBlockDeltaEvent, ContentBlockStart,
    ContentBlockStartEvent, ConverseStreamMetadataEvent, ConverseStreamOutput, MessageStopEvent, ModelStreamError,
    ReasoningContentBlockDelta, Role, Signal, SignalClose, SignalDelta, SignalFail, SignalOpen, SignalStart,
    SignalStop, ToolUseBlockDelta,
};

/// Takes chunks.
type Out<'o> = &'o mut dyn FnMut(&[u8]);

/// A stream of events being encoded.
pub struct Encoder<'c> {
    writers: &'static Writers,
    cx: Encode<'c>,
    state: EventState,
    chunk: Vec<u8>,
    arena: Arena,
    /// How many calls there were.
    calls: usize,
    /// Calls that wait for the rest of their input: what opens them, and their input so far.
    waiting: BTreeMap<i64, (Option<BlockStart<'static>>, String)>,
    /// The answer so far, for chunks that repeat it.
    fold: Fold,
    /// The whole answer, which waits with the stop.
    whole: Option<List<'static, ContentBlock<'static>>>,
}

impl<'c> Encoder<'c> {
    /// At the beginning of a stream.
    pub fn new(writers: &'static Writers, call: &Call<'c>) -> Result<Self, Error> {
        let cx = Encode::new(writers.spec, call, Kind::Stream);
        let state = EventState::new(&writers.plan);
        let (chunk, arena, fold) = (Vec::new(), Arena::new(), Fold::default());
        Ok(Self { writers, cx, state, chunk, arena, calls: 0, waiting: BTreeMap::new(), fold, whole: None })
    }

    /// Takes one event and gives any number of chunks to `out`.
    pub fn push_typed(&mut self, event: &ConverseStreamOutput<'_>, out: Out<'_>) -> Result<(), Error> {
        if self.writers.whole && !matches!(event, ConverseStreamOutput::Unknown { .. }) {
            let tree = Tree::parse(&event.to_json())?;
            self.fold.push(&tree).or_else(|e| if e.code == Code::StreamTruncated { Ok(()) } else { Err(e) })?;
        }
        self.event(event, out).map_err(|e| {
            let path = event_path(&e.path);
            Error { path, ..e }
        })
    }

    fn say(&mut self, s: &Signal<'_>, out: Out<'_>) -> Result<bool, Error> {
        let said = (self.writers.chunk)(s, &mut self.chunk, &mut self.cx)?;
        if said {
            self.state.give(&self.chunk, out);
        }
        Ok(said)
    }

    fn event(&mut self, event: &ConverseStreamOutput<'_>, out: Out<'_>) -> Result<(), Error> {
        use ConverseStreamOutput as Event;
        self.state.event()?;
        let (name, extra) = match event {
            Event::MessageStart(e) => {
                let usual = e.role == Role::Assistant;
                if self.state.start(usual, &mut self.cx)? {
                    let start = SignalStart { role: Some(e.role.clone()), extra: Extra::EMPTY };
                    self.say(&Signal { start: Some(start), ..Default::default() }, out)?;
                }
                ("messageStart", &e.extra)
            }
            Event::ContentBlockStart(e) => {
                self.open(e, out)?;
                ("contentBlockStart", &e.extra)
            }
            Event::ContentBlockDelta(e) => {
                self.grow(e, out)?;
                ("contentBlockDelta", &e.extra)
            }
            Event::ContentBlockStop(e) => {
                self.close(e.content_block_index, out)?;
                ("contentBlockStop", &e.extra)
            }
            Event::MessageStop(e) => {
                self.stop(e, out)?;
                ("messageStop", &e.extra)
            }
            Event::Metadata(e) => {
                self.metadata(e, out)?;
                ("metadata", &e.extra)
            }
            Event::ModelStreamErrorException(e) => {
                self.fail(e.message.as_ref().map(|m| m.text().into_owned()), out)?;
                ("modelStreamErrorException", &e.extra)
            }
            Event::Unknown { name, value } if *name == "native" => {
                self.state.give(value.as_str().as_bytes(), out);
                return Ok(());
            }
            Event::Unknown { name, value } => {
                let arena = Arena::new();
                let e = ModelStreamError::from_json(value.as_str().as_bytes(), &arena)?;
                let message = e.message.as_ref().map(|m| m.text().into_owned());
                // The signal is the same for every event that ends a stream; its place is this event's.
                self.fail(message, out).map_err(|e| {
                    let path = event_path(&e.path);
                    let path = match path.strip_prefix("modelStreamErrorException") {
                        Some(rest) => format!("{}{rest}", name.text()),
                        None => path,
                    };
                    Error { path, ..e }
                })?;
                return unknown(&name.text(), &e.extra, &mut self.cx);
            }
        };
        unknown(name, extra, &mut self.cx)
    }

    fn open(&mut self, e: &ContentBlockStartEvent<'_>, out: Out<'_>) -> Result<(), Error> {
        use {BlockStart as To, ContentBlockStart as From};
        let index = e.content_block_index;
        self.state.open(index)?;
        let (block, kind) = match &e.start {
            From::ToolUse(x) => {
                let mut call = x.clone();
                if self.writers.positional {
                    self.rename(&mut call.tool_use_id);
                }
                self.calls += 1;
                (To::ToolUse(call), Block::ToolUse)
            }
            From::ToolResult(x) => (To::ToolResult(x.clone()), Block::ToolResult),
            From::Image(x) => (To::Image(x.clone()), Block::Image),
            From::Native(x) => (To::Native(x.clone()), Block::Other),
            From::Unknown { name, value } => (To::Unknown { name: name.clone(), value: value.clone() }, Block::Other),
        };
        match self.writers.plan.input {
            Input::WithCall if kind == Block::ToolUse => {
                self.state.begin(index, kind, false, false, &mut self.cx);
                self.waiting.insert(index, (Some(block.into_owned()), String::new()));
                return Ok(());
            }
            Input::Whole if kind == Block::ToolUse => {
                self.waiting.insert(index, (None, String::new()));
            }
            _ => {}
        }
        let said = self.writers.about(
            self.state.variants(index),
            |s, key| s.open = Some(SignalOpen { key, block: Some(block.clone()), extra: Extra::EMPTY }),
            &mut self.chunk,
            &mut self.cx,
        )?;
        if said.is_some() {
            self.state.give(&self.chunk, out);
        }
        self.state.begin(index, kind, said == Some(true), true, &mut self.cx);
        Ok(())
    }

    /// The format has no ids of calls; what reads them back makes them, in order.
    fn rename(&mut self, id: &mut Str<'_>) {
        let made = format!("call_{}", self.calls);
        if *id != made.as_str() {
            let why = format!("the format has no call ids; it reads back as `{made}`");
            let path = "contentBlockStart.start.toolUse.toolUseId".to_owned();
            outcrop_runtime::cx::lose(&mut self.cx.report, Fate::Renamed, path, why);
        }
        *id = Str::default();
    }

    fn grow(&mut self, e: &ContentBlockDeltaEvent<'_>, out: Out<'_>) -> Result<(), Error> {
        let index = e.content_block_index;
        let (kind, blank) = kind(&e.delta);
        if self.state.delta(index, kind)? && self.open_by_delta(index, (kind, blank), &e.delta, out)? {
            return Ok(());
        }
        if let (Some((_, input)), ContentBlockDelta::ToolUse(more)) = (self.waiting.get_mut(&index), &e.delta) {
            input.push_str(&more.input.text());
            return self.cx.unknown(&At::ROOT.key("delta.value.toolUse"), &more.extra);
        }
        let said = self.delta(self.state.variants(index), &e.delta)?;
        if let Some(part) = said {
            self.state.give(&self.chunk, out);
            self.state.said(index, part, blank);
        }
        Ok(())
    }

    fn delta(&mut self, variants: Variants, delta: &ContentBlockDelta<'_>) -> Result<Option<bool>, Error> {
        self.writers.about(
            variants,
            |s, key| s.delta = Some(SignalDelta { key, value: Some(delta.clone()), extra: Extra::EMPTY }),
            &mut self.chunk,
            &mut self.cx,
        )
    }

    /// Opens a block that Converse does not announce, if the format does. Whether the opening says the delta.
    fn open_by_delta(
        &mut self,
        index: i64,
        (kind, blank): (Block, bool),
        delta: &ContentBlockDelta<'_>,
        out: Out<'_>,
    ) -> Result<bool, Error> {
        use {BlockStart as To, ContentBlockDelta as Delta, ReasoningContentBlockDelta as Reasoning};
        let variants = self.state.variants(index);
        let before = self.cx.before();
        let says = self.delta(variants, delta);
        self.cx.undo(before);
        let whole = match delta {
            Delta::Text(x) => Some(To::Text(x.clone())),
            Delta::ReasoningContent(x) => Some(To::ReasoningContent(x.clone())),
            Delta::Citation(x) => Some(To::Citation(x.clone())),
            _ => None,
        };
        if let Some(whole) = whole
            && !blank
            && !matches!(says, Ok(Some(_)))
            && self.opening(variants, &whole)?
        {
            self.state.give(&self.chunk, out);
            self.state.begin(index, kind, false, true, &mut self.cx);
            return Ok(true);
        }
        let empty = match delta {
            Delta::ReasoningContent(_) => To::ReasoningContent(Reasoning::Text(Str::default())),
            Delta::Citation(_) => To::Citation(Citation::default()),
            _ => To::Text(Str::default()),
        };
        let seen = self.opening(variants, &empty)?;
        if seen {
            self.state.give(&self.chunk, out);
        }
        self.state.begin(index, kind, false, seen, &mut self.cx);
        Ok(false)
    }

    fn opening(&mut self, variants: Variants, block: &BlockStart<'_>) -> Result<bool, Error> {
        self.writers.attempt(
            variants,
            |s, key| s.open = Some(SignalOpen { key, block: Some(block.clone()), extra: Extra::EMPTY }),
            &mut self.chunk,
            &mut self.cx,
        )
    }

    /// Writes a call whose input is whole.
    fn whole_call(&mut self, index: i64, out: Out<'_>) -> Result<(), Error> {
        let Some((start, text)) = self.waiting.remove(&index) else { return Ok(()) };
        let (input, kept) = json_text::input(&text);
        if !kept {
            let path = "contentBlockDelta.delta.toolUse.input".to_owned();
            outcrop_runtime::cx::lose(&mut self.cx.report, Fate::Approximated, path, NO_JSON);
        }
        let input = Str::from(input.into_owned());
        let delta = ContentBlockDelta::ToolUse(ToolUseBlockDelta { input, extra: Extra::EMPTY });
        self.state.late(index);
        let said = self.writers.about(
            self.state.variants(index),
            |s, key| {
                let open = |block| SignalOpen { key: key.clone(), block: Some(block), extra: Extra::EMPTY };
                s.open = start.clone().map(open);
                s.delta = Some(SignalDelta { key, value: Some(delta.clone()), extra: Extra::EMPTY });
            },
            &mut self.chunk,
            &mut self.cx,
        )?;
        if said.is_some() {
            self.state.give(&self.chunk, out);
        }
        self.state.placed(index, said == Some(true));
        Ok(())
    }

    fn close(&mut self, index: i64, out: Out<'_>) -> Result<(), Error> {
        self.whole_call(index, out)?;
        let (number, seen) = self.state.close(index)?;
        let variants = Variants { top: Some((number, number)), part: None };
        let fill = |s: &mut Signal<'static>, key: Option<Json<'static>>| {
            s.key = None;
            s.close = Some(SignalClose { key, extra: Extra::EMPTY });
        };
        if self.writers.attempt(variants, fill, &mut self.chunk, &mut self.cx)? {
            self.state.give(&self.chunk, out);
        }
        if !seen {
            self.state.unseen(index, &mut self.cx);
        }
        Ok(())
    }

    fn stop(&mut self, e: &MessageStopEvent<'_>, out: Out<'_>) -> Result<(), Error> {
        while let Some(index) = self.waiting.keys().next().copied() {
            self.whole_call(index, out)?;
        }
        let waits = self.state.message_stop(&mut self.cx)?;
        if let Some(extras) = &e.additional_model_response_fields {
            self.cx.give_extras(extras.as_str())?;
        }
        if self.writers.whole {
            let (json, arena) = (self.fold.content().to_string(), Arena::new());
            self.whole = Some(List::<ContentBlock<'_>>::from_json(json.as_bytes(), &arena)?.into_owned());
        }
        let mut reason = e.stop_reason.to_str().text().into_owned();
        if let Some(stop) = written(self.writers.plan.with_calls.iter().copied(), self.calls > 0, &reason) {
            if !stop.exact {
                let path = "messageStop.stopReason".to_owned();
                outcrop_runtime::cx::lose(&mut self.cx.report, Fate::Approximated, path, TOLD_BY_CALLS);
            }
            stop.reason.clone_into(&mut reason);
        }
        self.state.stop = Some(reason);
        if !waits {
            let signal = self.stopped();
            self.say(&signal, out)?;
        }
        Ok(())
    }

    /// The stop, with the answer that some formats repeat then.
    fn stopped(&mut self) -> Signal<'static> {
        let stop = |reason: String| SignalStop { reason: Some(Str::from(reason).into()), extra: Extra::EMPTY };
        Signal { stop: self.state.stop.take().map(stop), whole: self.whole.take(), ..Default::default() }
    }

    fn metadata(&mut self, e: &ConverseStreamMetadataEvent<'_>, out: Out<'_>) -> Result<(), Error> {
        self.state.metadata()?;
        let s = Signal {
            usage: e.usage.clone(),
            trace: e.trace.clone(),
            performance_config: e.performance_config.clone(),
            service_tier: e.service_tier.clone(),
            latency: e.metrics.as_ref().map(|m| m.latency_ms),
            ..self.stopped()
        };
        self.say(&s, out)?;
        self.end(out)?;
        service::write(&s, &mut self.chunk, &mut self.cx)?;
        self.state.add(&self.chunk);
        Ok(())
    }

    fn end(&mut self, out: Out<'_>) -> Result<(), Error> {
        if (self.writers.end)(&mut self.chunk, &mut self.cx)? {
            self.state.give(&self.chunk, out);
        }
        Ok(())
    }

    fn fail(&mut self, message: Option<String>, out: Out<'_>) -> Result<(), Error> {
        self.state.fail();
        let fail = SignalFail { message: Some(message.unwrap_or_default().into()), extra: Extra::EMPTY };
        self.say(&Signal { fail: Some(fail), ..Default::default() }, out).map(|_| ())
    }
}

/// Members of an event that Converse does not know. Padding says nothing.
fn unknown(name: &str, extra: &Extra<'_>, cx: &mut Encode<'_>) -> Result<(), Error> {
    if extra.iter().all(|(name, _)| *name == "p") {
        return Ok(());
    }
    let rest: Extra<'_> = extra.iter().filter(|(name, _)| *name != "p").cloned().collect();
    cx.unknown(&At::ROOT.key(name), &rest)
}

impl StreamCodec for Encoder<'_> {
    fn push(&mut self, item: &[u8], out: Out<'_>) -> Result<(), Error> {
        let mut arena = std::mem::take(&mut self.arena);
        arena.reset();
        let done = ConverseStreamOutput::from_json(item, &arena).and_then(|event| self.push_typed(&event, out));
        self.arena = arena;
        done
    }

    fn finish(&mut self, out: Out<'_>) -> Result<Report, Error> {
        if self.state.event().is_ok() && self.state.is_short()? {
            if self.state.stop.is_some() {
                let signal = self.stopped();
                self.say(&signal, out)?;
            }
            self.end(out)?;
        }
        self.state.finish(&mut self.cx, out)
    }
}
