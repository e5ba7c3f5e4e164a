//! Streams, written: what takes the events and drives the chunk writer of a family.

use proc_macro2::TokenStream;
use quote::quote;

/// From events to signals; the same for every family.
#[allow(clippy::too_many_lines)]
pub(super) fn glue() -> TokenStream {
    quote! {
        type Outcome<T> = std::result::Result<T, Error>;

        /// A signal about a block, at the top of a chunk and among its parts; which of the two a chunk says.
        fn about<'a>(
            variants: rt::Variants,
            fill: impl Fn(&mut converse::Signal<'a>, Option<Json<'a>>),
            o: &mut Vec<u8>,
            cx: &mut Encode<'_>,
        ) -> Outcome<Option<bool>> {
            let one = |(number, key): (usize, usize)| {
                let mut s = converse::Signal { key: Some(Json::of(&(key as i64))), ..Default::default() };
                fill(&mut s, Some(Json::of(&(number as i64))));
                s
            };
            let mut refused = None;
            if let Some(top) = variants.top {
                let before = cx.before();
                match chunk(&one(top), o, cx) {
                    Ok(true) => return Ok(Some(false)),
                    Ok(false) if variants.part.is_none() => return Ok(None),
                    // Nothing says it here; what that loses counts only if nothing says it there either.
                    Ok(false) => refused = Some((Ok(None), cx.before())),
                    Err(e) => refused = Some((Err(e), cx.before())),
                }
                if variants.part.is_some() {
                    cx.undo(before);
                }
            }
            if let Some(part) = variants.part {
                let before = cx.before();
                let s = converse::Signal { parts: Some(List::Owned(vec![one(part)])), ..Default::default() };
                match chunk(&s, o, cx) {
                    Ok(true) => return Ok(Some(true)),
                    said if refused.is_none() => return said.map(|_| None),
                    _ => cx.undo(before),
                }
            }
            match refused {
                Some((outcome, after)) => {
                    cx.undo(after);
                    outcome
                }
                None => Ok(None),
            }
        }

        /// Writes a signal at the top if a chunk says it and nothing is lost.
        fn attempt<'a>(
            variants: rt::Variants,
            fill: impl Fn(&mut converse::Signal<'a>, Option<Json<'a>>),
            o: &mut Vec<u8>,
            cx: &mut Encode<'_>,
        ) -> bool {
            let before = cx.before();
            let losses = cx.report.losses.len();
            let variants = rt::Variants { part: None, ..variants };
            if matches!(about(variants, fill, o, cx), Ok(Some(_))) && cx.report.losses.len() == losses {
                return true;
            }
            cx.undo(before);
            false
        }

        /// The kind of a delta's block, and whether the delta adds nothing.
        fn kind(delta: &converse::ContentBlockDelta<'_>) -> (Block, bool) {
            use converse::{ContentBlockDelta as Delta, ReasoningContentBlockDelta as Reasoning};
            match delta {
                Delta::Text(text) => (Block::Text, text.is_empty()),
                Delta::Citation(_) => (Block::Text, false),
                Delta::ReasoningContent(Reasoning::Text(t) | Reasoning::Signature(t) | Reasoning::RedactedContent(t)) => {
                    (Block::Reasoning, t.is_empty())
                }
                Delta::ReasoningContent(_) => (Block::Reasoning, false),
                Delta::ToolUse(delta) => (Block::ToolUse, delta.input.is_empty()),
                Delta::ToolResult(list) => (Block::ToolResult, list.is_empty()),
                Delta::Image(_) => (Block::Image, false),
                _ => (Block::Other, false),
            }
        }

        /// A stream of events being encoded.
        pub struct StreamEncoder<'c> {
            cx: Encode<'c>,
            state: rt::EventState,
            chunk: Vec<u8>,
            arena: Arena,
        }

        impl<'c> StreamEncoder<'c> {
            /// At the beginning of a stream.
            pub fn new(call: &Call<'c>) -> Outcome<Self> {
                let cx = Encode::new(&SPEC, call, Kind::Stream, None)?;
                Ok(Self { cx, state: rt::EventState::new(&PLAN), chunk: Vec::new(), arena: Arena::new() })
            }

            /// Takes one event and gives any number of chunks to `out`.
            pub fn push_typed(&mut self, event: &converse::ConverseStreamOutput<'_>, out: &mut dyn FnMut(&[u8])) -> Outcome<()> {
                self.event(event, out).map_err(|e| {
                    let path = rt::event_path(&e.path);
                    Error { path, ..e }
                })
            }

            fn say(&mut self, s: &converse::Signal<'_>, out: &mut dyn FnMut(&[u8])) -> Outcome<bool> {
                let said = chunk(s, &mut self.chunk, &mut self.cx)?;
                if said {
                    self.state.give(&self.chunk, out);
                }
                Ok(said)
            }

            fn event(&mut self, event: &converse::ConverseStreamOutput<'_>, out: &mut dyn FnMut(&[u8])) -> Outcome<()> {
                use converse::ConverseStreamOutput as Event;
                self.state.event()?;
                let (name, extra) = match event {
                    Event::MessageStart(e) => {
                        let usual = e.role == converse::Role::Assistant;
                        if self.state.start(usual, &mut self.cx)? {
                            let start = converse::SignalStart { role: Some(e.role.clone()), extra: Extra::EMPTY };
                            self.say(&converse::Signal { start: Some(start), ..Default::default() }, out)?;
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
                        let index = e.content_block_index;
                        let (number, seen) = self.state.close(index)?;
                        let variants = rt::Variants { top: Some((number, number)), part: None };
                        let fill = |s: &mut converse::Signal<'static>, key: Option<Json<'static>>| {
                            s.key = None;
                            s.close = Some(converse::SignalClose { key, extra: Extra::EMPTY });
                        };
                        if attempt(variants, fill, &mut self.chunk, &mut self.cx) {
                            self.state.give(&self.chunk, out);
                        }
                        if !seen {
                            self.state.unseen(index, &mut self.cx);
                        }
                        ("contentBlockStop", &e.extra)
                    }
                    Event::MessageStop(e) => {
                        let waits = self.state.message_stop(&mut self.cx)?;
                        if let Some(extras) = &e.additional_model_response_fields {
                            self.cx.give_extras(extras.as_str())?;
                        }
                        let reason = e.stop_reason.to_str().text().into_owned();
                        if waits {
                            self.state.stop = Some(reason);
                        } else {
                            self.say(&stopped(Some(reason)), out)?;
                        }
                        ("messageStop", &e.extra)
                    }
                    Event::Metadata(e) => {
                        self.state.metadata()?;
                        let mut s = stopped(self.state.stop.take());
                        s.usage = e.usage.clone();
                        s.trace = e.trace.clone();
                        s.performance_config = e.performance_config.clone();
                        s.service_tier = e.service_tier.clone();
                        s.latency = e.metrics.as_ref().map(|m| m.latency_ms);
                        self.say(&s, out)?;
                        self.end(out)?;
                        side(&s, &mut self.chunk, &mut self.cx)?;
                        self.state.add(&self.chunk);
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
                        let e = converse::ModelStreamError::from_json(value.as_str().as_bytes(), &arena)?;
                        self.fail(e.message.as_ref().map(|m| m.text().into_owned()), out)?;
                        return unknown(&name.text(), &e.extra, &mut self.cx);
                    }
                };
                unknown(name, extra, &mut self.cx)
            }

            fn open(&mut self, e: &converse::ContentBlockStartEvent<'_>, out: &mut dyn FnMut(&[u8])) -> Outcome<()> {
                use converse::{BlockStart as To, ContentBlockStart as From};
                let index = e.content_block_index;
                self.state.open(index)?;
                let (block, kind) = match &e.start {
                    From::ToolUse(x) => (To::ToolUse(x.clone()), Block::ToolUse),
                    From::ToolResult(x) => (To::ToolResult(x.clone()), Block::ToolResult),
                    From::Image(x) => (To::Image(x.clone()), Block::Image),
                    From::Native(x) => (To::Native(x.clone()), Block::Other),
                    From::Unknown { name, value } => {
                        (To::Unknown { name: name.clone(), value: value.clone() }, Block::Other)
                    }
                };
                let said = about(self.state.variants(index), |s, key| {
                    s.open = Some(converse::SignalOpen { key, block: Some(block.clone()), extra: Extra::EMPTY });
                }, &mut self.chunk, &mut self.cx)?;
                if said.is_some() {
                    self.state.give(&self.chunk, out);
                }
                self.state.begin(index, kind, said == Some(true), true, &mut self.cx);
                Ok(())
            }

            fn grow(&mut self, e: &converse::ContentBlockDeltaEvent<'_>, out: &mut dyn FnMut(&[u8])) -> Outcome<()> {
                let index = e.content_block_index;
                let (kind, blank) = kind(&e.delta);
                if self.state.delta(index, kind)? && self.open_by_delta(index, kind, blank, &e.delta, out) {
                    return Ok(());
                }
                let said = about(self.state.variants(index), |s, key| {
                    s.delta = Some(converse::SignalDelta { key, value: Some(e.delta.clone()), extra: Extra::EMPTY });
                }, &mut self.chunk, &mut self.cx)?;
                if let Some(part) = said {
                    self.state.give(&self.chunk, out);
                    self.state.said(index, part, blank);
                }
                Ok(())
            }

            /// Opens a block that Converse does not announce, if the format does. Whether the opening says the delta.
            fn open_by_delta(
                &mut self,
                index: i64,
                kind: Block,
                blank: bool,
                delta: &converse::ContentBlockDelta<'_>,
                out: &mut dyn FnMut(&[u8]),
            ) -> bool {
                use converse::{BlockStart as To, ContentBlockDelta as Delta, ReasoningContentBlockDelta as Reasoning};
                let variants = self.state.variants(index);
                let before = self.cx.before();
                let says = about(variants, |s, key| {
                    s.delta = Some(converse::SignalDelta { key, value: Some(delta.clone()), extra: Extra::EMPTY });
                }, &mut self.chunk, &mut self.cx);
                self.cx.undo(before);
                let whole = match delta {
                    Delta::Text(x) => Some(To::Text(x.clone())),
                    Delta::ReasoningContent(x) => Some(To::ReasoningContent(x.clone())),
                    Delta::Citation(x) => Some(To::Citation(x.clone())),
                    _ => None,
                };
                let opening = |block: To<'_>, chunk: &mut Vec<u8>, cx: &mut Encode<'_>| {
                    attempt(variants, |s, key| {
                        s.open = Some(converse::SignalOpen { key, block: Some(block.clone()), extra: Extra::EMPTY });
                    }, chunk, cx)
                };
                if let Some(whole) = whole
                    && !blank
                    && !matches!(says, Ok(Some(_)))
                    && opening(whole, &mut self.chunk, &mut self.cx)
                {
                    self.state.give(&self.chunk, out);
                    self.state.begin(index, kind, false, true, &mut self.cx);
                    return true;
                }
                let empty = match delta {
                    Delta::ReasoningContent(_) => To::ReasoningContent(Reasoning::Text(Str::default())),
                    Delta::Citation(_) => To::Citation(converse::Citation::default()),
                    _ => To::Text(Str::default()),
                };
                let seen = opening(empty, &mut self.chunk, &mut self.cx);
                if seen {
                    self.state.give(&self.chunk, out);
                }
                self.state.begin(index, kind, false, seen, &mut self.cx);
                false
            }

            fn end(&mut self, out: &mut dyn FnMut(&[u8])) -> Outcome<()> {
                if end(&mut self.chunk, &mut self.cx)? {
                    self.state.give(&self.chunk, out);
                }
                Ok(())
            }

            fn fail(&mut self, message: Option<String>, out: &mut dyn FnMut(&[u8])) -> Outcome<()> {
                self.state.fail();
                let message = Some(message.unwrap_or_default().into());
                let fail = converse::SignalFail { message, extra: Extra::EMPTY };
                self.say(&converse::Signal { fail: Some(fail), ..Default::default() }, out).map(|_| ())
            }
        }

        fn stopped<'a>(reason: Option<String>) -> converse::Signal<'a> {
            let stop = |reason: String| converse::SignalStop { reason: Some(Str::from(reason).into()), extra: Extra::EMPTY };
            converse::Signal { stop: reason.map(stop), ..Default::default() }
        }

        /// Members of an event that Converse does not know. Padding says nothing.
        fn unknown(name: &str, extra: &Extra<'_>, cx: &mut Encode<'_>) -> Outcome<()> {
            if extra.iter().all(|(name, _)| *name == "p") {
                return Ok(());
            }
            let rest: Extra<'_> = extra.iter().filter(|(name, _)| *name != "p").cloned().collect();
            cx.unknown(&At::ROOT.key(name), &rest)
        }

        impl StreamCodec for StreamEncoder<'_> {
            fn push(&mut self, item: &[u8], out: &mut dyn FnMut(&[u8])) -> Outcome<()> {
                let mut arena = std::mem::take(&mut self.arena);
                arena.reset();
                let done = converse::ConverseStreamOutput::from_json(item, &arena)
                    .and_then(|event| self.push_typed(&event, out));
                self.arena = arena;
                done
            }

            fn finish(&mut self, out: &mut dyn FnMut(&[u8])) -> Outcome<Report> {
                if self.state.event().is_ok() && self.state.is_short()? {
                    if let Some(reason) = self.state.stop.take() {
                        self.say(&stopped(Some(reason)), out)?;
                    }
                    self.end(out)?;
                }
                self.state.finish(&mut self.cx, out)
            }
        }
    }
}
