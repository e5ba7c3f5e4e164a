//! From what chunks say to events: order, blocks, the stop.

use outcrop_runtime::cx::{Block, Blocks, Source};
use outcrop_runtime::json::{Extra, IntoOwned, Str};
use outcrop_runtime::regions::Splitter;
use outcrop_runtime::tracker::{Event, Tracker};
use outcrop_runtime::tree::Object;
use outcrop_runtime::{Code, Error, Report, Tree};

use super::counts::Facts;
use super::sink::Sink;
use super::{Delta, Heard, Plan, Said};
use crate::converse::{
    ContentBlockDeltaEvent, ContentBlockStart, ContentBlockStartEvent, ContentBlockStopEvent, ConverseStreamOutput,
    MessageStartEvent, ModelStreamError, Role, StopReason,
};

/// What the tracker passes through.
pub(super) enum Payload<'a> {
    Role(Role<'a>),
    Start(ContentBlockStart<'a>),
    Delta(&'a Delta<'a>),
}

/// State of a stream that is being decoded.
pub(super) struct State {
    pub(super) plan: &'static Plan,
    pub(super) tracker: Tracker,
    pub(super) splitter: Option<Splitter<'static>>,
    /// A fragment, unescaped.
    pub(super) unescaped: String,
    pub(super) stop: Option<StopReason<'static>>,
    /// A stop reason of the service itself, which replaces the model's.
    pub(super) verdict: Option<StopReason<'static>>,
    /// Why the answer ended if no chunk says it.
    pub(super) assumed: Option<&'static str>,
    pub(super) facts: Facts,
    /// Additional fields of all chunks.
    pub(super) extras: Object,
    /// Kinds of blocks that were streamed, so that a repetition of the whole is not told twice.
    pub(super) streamed: Vec<Block>,
    /// Key and JSON of what opened the last announced block: some servers repeat it with every fragment.
    pub(super) opened: Option<(Option<i64>, Vec<u8>)>,
    /// How many calls were given an id.
    pub(super) calls: usize,
    pub(super) ended: bool,
    pub(super) failed: bool,
    /// What did not go through unchanged.
    pub(super) report: Report,
    /// Index of the block that the last delta went into, if nothing but that delta changed the state.
    pub(super) quiet: Option<u32>,
}

/// Gives what the tracker says.
pub(super) fn give(event: Event<Payload<'_>>, sink: &mut Sink<'_>) {
    let extra = Extra::EMPTY;
    sink.event(match event {
        Event::MessageStart(role) => {
            let role = if let Some(Payload::Role(role)) = role { role } else { Role::Assistant };
            ConverseStreamOutput::MessageStart(MessageStartEvent { role, extra })
        }
        Event::BlockStart { index, start: Payload::Start(start) } => {
            let content_block_index = i64::from(index);
            ConverseStreamOutput::ContentBlockStart(ContentBlockStartEvent { start, content_block_index, extra })
        }
        Event::Delta { index, delta: Payload::Delta(delta) } => return sink.delta(index, delta),
        Event::Blank { index, block } => {
            let empty = Str::default();
            let delta = if block == Block::Reasoning { Delta::Reasoning(empty) } else { Delta::Text(empty) };
            let (delta, content_block_index) = (delta.whole(), i64::from(index));
            let event = ContentBlockDeltaEvent { delta, content_block_index, extra };
            return sink.event(ConverseStreamOutput::ContentBlockDelta(event));
        }
        Event::BlockStop { index } => {
            let content_block_index = i64::from(index);
            ConverseStreamOutput::ContentBlockStop(ContentBlockStopEvent { content_block_index, extra })
        }
        // The tracker gives back what it got.
        Event::BlockStart { .. } | Event::Delta { .. } => return,
    });
}

impl State {
    /// At the beginning of a stream.
    pub(super) fn new(plan: &'static Plan) -> Self {
        Self {
            plan,
            tracker: Tracker::new(plan.blocks, plan.says_start),
            splitter: None,
            unescaped: String::new(),
            stop: None,
            verdict: None,
            assumed: None,
            facts: Facts::default(),
            extras: Object::default(),
            streamed: Vec::new(),
            opened: None,
            calls: 0,
            ended: false,
            failed: false,
            report: Report::default(),
            quiet: None,
        }
    }

    /// A chunk may come.
    pub(super) fn alive(&self) -> Result<(), Error> {
        if self.failed {
            let why = "a chunk comes after the stream broke off; begin a new stream";
            return Err(Error::new(Code::StreamOrder, why));
        }
        Ok(())
    }

    /// A chunk comes.
    #[inline]
    pub(super) fn hear(&mut self, heard: &Heard<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.quiet = None;
        self.assumed = heard.beside.assumed_stop;
        if let Some(service) = &heard.beside.service {
            if let Some(reason) = service.stop.as_ref().and_then(|s| s.reason.as_ref()) {
                self.verdict = Some(StopReason::from(reason.to_str()).into_owned());
            }
            self.said(&heard.said, sink)?;
            self.facts.add(service, Source::Metrics);
            self.quiet = None;
            return Ok(());
        }
        self.said(&heard.said, sink)
    }

    fn said(&mut self, said: &Said<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        if let Some(role) = said.start.as_ref().and_then(|s| s.role.as_ref()) {
            self.start(role, sink)?;
        }
        self.blocks(said, sink)?;
        for part in &said.parts {
            self.blocks(part, sink)?;
        }
        if said.stop.is_some() || said.fail.is_some() || said.native.is_some() || !said.whole.is_empty() {
            self.quiet = None;
            self.rare(said, sink)?;
        }
        self.facts.add(said, Source::Chunk);
        Ok(())
    }

    #[cold]
    fn rare(&mut self, said: &Said<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        if let Some(native) = &said.native {
            sink.event(ConverseStreamOutput::Unknown { name: Str::plain("native"), value: native.share() });
        }
        self.whole(&said.whole, sink)?;
        if let Some(reason) = said.stop.as_ref().and_then(|s| s.reason.as_ref()) {
            self.stop(StopReason::from(reason.to_str()), sink)?;
        }
        if let Some(message) = said.fail.as_ref().and_then(|f| f.message.as_ref()) {
            self.failed = true;
            let error = ModelStreamError { message: Some(message.share()), extra: Extra::EMPTY };
            sink.event(ConverseStreamOutput::ModelStreamErrorException(error));
        }
        Ok(())
    }

    /// The message starts. Chunks of formats that only assume it say so again and again.
    #[inline]
    fn start(&mut self, role: &Role<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.tracker.is_started() && (!self.plan.says_start || self.plan.blocks == Blocks::Implicit) {
            return Ok(());
        }
        self.quiet = None;
        self.tracker.start(Payload::Role(role.clone()), &mut |e| give(e, sink))
    }

    pub(super) fn stop(&mut self, reason: StopReason<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.stop.as_ref().is_some_and(|before| *before == reason) {
            return Ok(());
        }
        self.flush(sink)?;
        self.tracker.stop(&mut |e| give(e, sink))?;
        self.stop = Some(reason.into_owned());
        Ok(())
    }

    /// Keeps additional fields that are news.
    #[cold]
    pub(super) fn keep(&mut self, extras: Object) {
        self.quiet = None;
        merge(&mut self.extras, extras);
    }
}

/// Later values win; objects are merged.
fn merge(all: &mut Object, new: Object) {
    for (name, value) in new.into_members() {
        match (all.get_mut(&name), value) {
            (Some(Tree::Obj(old)), Tree::Obj(new)) => merge(old, new),
            (_, value) => all.set(name, value),
        }
    }
}
