//! Chunks to events.

use std::borrow::Cow;

use outcrop_runtime::cx::{Block, Blocks, Decode, Memo, Spec};
use outcrop_runtime::json::{Arena, Cursor, JsonError, Result as Read};
use outcrop_runtime::regions::Region;
use outcrop_runtime::stops::WithCalls;
use outcrop_runtime::{Call, Error, Output, Report, StreamCodec, Tree};

use super::Heard;
use super::run::Run;
use super::sink::{Sink, Typed};
use super::state::State;

/// What a family's generated code says of its streams.
// Facts, not states.
#[allow(clippy::struct_excessive_bools)]
pub struct Plan {
    /// Constants of the family.
    pub spec: &'static Spec,
    /// Reads one chunk.
    pub read: for<'a> fn(&mut Cursor<'a>, &mut Decode<'a>, &mut Heard<'a>) -> Read<()>,
    /// How blocks are delimited.
    pub blocks: Blocks,
    /// Whether the format signals the start of the message.
    pub says_start: bool,
    /// Whether a chunk is told to be the last one.
    pub says_end: bool,
    /// Whether calls have no ids on the wire.
    pub positional: bool,
    /// What stop reasons mean in answers without calls, and with some.
    pub with_calls: &'static [WithCalls<'static>],
    /// Whether the texts of deltas go through as they are, and nothing else depends on them.
    pub steady: bool,
    /// Regions of fragments.
    pub regions: &'static [Region<'static>],
    /// For each region the kind of block that its text belongs to.
    pub deltas: &'static [Block],
}

/// The circumstances of the call, the caller's or the decoder's own.
struct Held<'c> {
    model: Cow<'c, str>,
    headers: Cow<'c, [(String, String)]>,
    strict: bool,
    escape: bool,
}

impl Held<'_> {
    fn call(&self) -> Call<'_> {
        Call { model: &self.model, headers: &self.headers, strict: self.strict, escape: self.escape }
    }
}

/// A stream being decoded.
pub struct Decoder<'c> {
    call: Held<'c>,
    state: State,
    /// Memory of the chunk that is being read.
    arena: Arena,
    /// The additional fields as chunks said them last.
    memo: Memo,
    run: Run,
    /// The event that is being printed.
    event: Vec<u8>,
}

impl<'c> Decoder<'c> {
    /// At the beginning of a stream.
    #[must_use]
    pub fn new(plan: &'static Plan, call: &Call<'c>) -> Self {
        let Call { model, headers, strict, escape } = *call;
        Self::with(plan, Held { model: Cow::Borrowed(model), headers: Cow::Borrowed(headers), strict, escape })
    }

    fn with(plan: &'static Plan, call: Held<'c>) -> Self {
        Self {
            call,
            state: State::new(plan),
            arena: Arena::new(),
            memo: Memo::default(),
            run: Run::default(),
            event: Vec::new(),
        }
    }

    /// At the beginning of a stream that outlives what describes its call, such as the body of an HTTP response.
    #[must_use]
    pub fn owned(plan: &'static Plan, call: &Call<'_>) -> Decoder<'static> {
        let Call { model, headers, strict, escape } = *call;
        let (model, headers) = (Cow::Owned(model.to_owned()), Cow::Owned(headers.to_vec()));
        Decoder::with(plan, Held { model, headers, strict, escape })
    }

    /// Takes one chunk and gives any number of events to `out`. They borrow from the chunk and from the decoder; what is
    /// to be kept is made `into_owned`.
    pub fn push_typed(&mut self, chunk: &[u8], out: Typed<'_>) -> Result<(), Error> {
        self.take(chunk, &mut Sink::Typed(out))
    }

    /// Ends the stream: gives the last events, and the report. An incomplete stream is an error.
    pub fn finish_typed(&mut self, out: Typed<'_>) -> Result<Report, Error> {
        self.state.finish(&self.call.call(), &mut Sink::Typed(out))
    }

    fn take(&mut self, chunk: &[u8], sink: &mut Sink<'_>) -> Result<(), Error> {
        if let Some((index, delta)) = self.run.hit(chunk) {
            sink.delta(index, &delta);
            return Ok(());
        }
        self.general(chunk, sink)
    }

    fn general(&mut self, chunk: &[u8], sink: &mut Sink<'_>) -> Result<(), Error> {
        let Self { call, state, arena, memo, run, .. } = self;
        run.forget();
        arena.reset();
        let arena = &*arena;
        let call = call.call();
        let mut cx = Decode::new(state.plan.spec, &call);
        cx.remember(memo);
        let mut heard = Heard::default();
        if let Err(e) = read(chunk, arena, &mut cx, &mut heard, state.plan) {
            // What was read of it counts for nothing.
            *memo = Memo::default();
            return Err(e.in_native(chunk));
        }
        let extras = cx.news(memo);
        state.alive()?;
        state.ended |= cx.ended;
        let heard_all = state.hear(&heard, sink);
        if let Some(extras) = extras {
            state.keep(extras);
        }
        for loss in cx.report.losses {
            outcrop_runtime::cx::lose(&mut state.report, loss.fate, loss.path, loss.why);
        }
        heard_all?;
        if state.plan.steady
            && let Some(index) = state.quiet
        {
            run.learn(chunk, &heard, index);
        }
        Ok(())
    }
}

/// Reads one chunk as it stands: nothing is translated, so nothing is lost.
pub fn check(plan: &Plan, call: &Call<'_>, chunk: &[u8]) -> Result<Output, Error> {
    let arena = Arena::for_input(chunk.len());
    let mut heard = Heard::default();
    read(chunk, &arena, &mut Decode::new(plan.spec, call), &mut heard, plan).map_err(|e| e.in_native(chunk))?;
    let tree = Tree::parse(chunk).map_err(|e| Error { native_path: e.path.clone(), path: String::new(), ..e })?;
    Ok(Output { body: tree.to_string().into_bytes(), ..Output::default() })
}

/// A sentinel that some streams end with: a JSON string instead of an object.
const DONE: &str = "[DONE]";

#[inline]
fn read<'a>(
    chunk: &'a [u8],
    arena: &'a Arena,
    cx: &mut Decode<'a>,
    heard: &mut Heard<'a>,
    plan: &Plan,
) -> Result<(), JsonError> {
    let mut c = Cursor::new(chunk, arena)?;
    if c.peek()? == b'"' {
        let start = c.mark();
        if c.str()? == DONE {
            return c.end();
        }
        c.rewind(start);
    }
    (plan.read)(&mut c, cx, heard)?;
    c.end()
}

impl StreamCodec for Decoder<'_> {
    fn push(&mut self, item: &[u8], out: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        let mut event = std::mem::take(&mut self.event);
        let done = self.take(item, &mut Sink::Json(&mut event, out));
        self.event = event;
        done
    }

    fn finish(&mut self, out: &mut dyn FnMut(&[u8])) -> Result<Report, Error> {
        self.state.finish(&self.call.call(), &mut Sink::Json(&mut self.event, out))
    }
}
