//! Events being encoded: which block an event is about, in which order events may come, and what waits for the end.

use std::collections::BTreeMap;

use super::Encode;
use crate::stops::WithCalls;
use crate::tracker::Block;
use crate::{Code, Error, Fate, Report};

/// What generated code knows about the chunks that it writes, as data.
#[derive(Debug)]
pub struct EventPlan {
    /// Whether a member says who speaks.
    pub says_start: bool,
    /// Whether the stop waits for the counts.
    pub joins: bool,
    /// Whether blocks of one kind stay apart.
    pub divides: bool,
    /// How chunks say the input of calls.
    pub input: Input,
    /// What stop reasons mean in answers without calls, and with some.
    pub with_calls: &'static [WithCalls<'static>],
}

/// How chunks say the input of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// In fragments of its text.
    Fragments,
    /// As one value, once it is whole.
    Whole,
    /// As one value, together with the opening of the call.
    WithCall,
}

/// How far a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Before,
    Started,
    Stopped,
    Told,
    Failed,
}

#[derive(Debug, Clone, Copy)]
struct Sent {
    block: Block,
    open: bool,
    part: bool,
    number: usize,
    key: usize,
    seen: bool,
}

/// The number and the key of a block that a signal at the top of a chunk has, and one among its parts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Variants {
    /// At the top.
    pub top: Option<(usize, usize)>,
    /// Among the parts.
    pub part: Option<(usize, usize)>,
}

/// State of a stream of events that is being encoded.
#[derive(Debug)]
pub struct EventState {
    plan: &'static EventPlan,
    phase: Phase,
    blocks: BTreeMap<i64, Sent>,
    parts: usize,
    opened: usize,
    tail: Vec<Vec<u8>>,
    /// The stop reason that waits for the counts.
    pub stop: Option<String>,
}

fn order(message: &str, event: &str) -> Error {
    Error::new(Code::StreamOrder, message).at(event)
}

/// The place in an event of a place among the signals.
#[must_use]
pub fn event_path(path: &str) -> String {
    const PLACES: [(&str, &str); 10] = [
        ("start", "messageStart"),
        ("open.block", "contentBlockStart.start"),
        ("delta.value", "contentBlockDelta.delta"),
        ("stop.reason", "messageStop.stopReason"),
        ("latency", "metadata.metrics.latencyMs"),
        ("usage", "metadata.usage"),
        ("trace", "metadata.trace"),
        ("performanceConfig", "metadata.performanceConfig"),
        ("serviceTier", "metadata.serviceTier"),
        ("fail", "modelStreamErrorException"),
    ];
    let path = path.strip_prefix("parts[0].").unwrap_or(path);
    let place = PLACES.iter().find_map(|(from, to)| path.strip_prefix(from).map(|rest| format!("{to}{rest}")));
    place.unwrap_or_else(|| path.to_owned())
}

impl EventState {
    /// At the beginning of a stream.
    #[must_use]
    pub fn new(plan: &'static EventPlan) -> Self {
        Self { plan, phase: Phase::Before, blocks: BTreeMap::new(), parts: 0, opened: 0, tail: Vec::new(), stop: None }
    }

    /// An event comes: none may after the stream broke off.
    pub fn event(&self) -> Result<(), Error> {
        if self.phase == Phase::Failed {
            return Err(order("an event comes after the stream broke off; begin a new stream", ""));
        }
        Ok(())
    }

    /// The message starts. Whether a chunk says so.
    pub fn start(&mut self, usual: bool, cx: &mut Encode<'_>) -> Result<bool, Error> {
        if self.phase > Phase::Before {
            return Err(order("the message starts a second time; send one stream at a time", "messageStart"));
        }
        self.phase = Phase::Started;
        if !self.plan.says_start && !usual {
            let why = "the format does not say who speaks";
            super::lose(&mut cx.report, Fate::Dropped, "messageStart.role".to_owned(), why);
        }
        Ok(self.plan.says_start)
    }

    fn in_order(&self, event: &str) -> Result<(), Error> {
        if self.phase == Phase::Started {
            return Ok(());
        }
        let when = if self.phase > Phase::Started { "after the message stopped" } else { "before the message start" };
        Err(order(&format!("a block event comes {when}; send the events in order"), event))
    }

    /// A block starts.
    pub fn open(&self, index: i64) -> Result<(), Error> {
        self.in_order("contentBlockStart")?;
        if self.blocks.contains_key(&index) {
            let why = "a block starts a second time; give every block an index of its own";
            return Err(order(why, "contentBlockStart"));
        }
        Ok(())
    }

    /// A block grows. Whether it is a new one.
    pub fn delta(&self, index: i64, kind: Block) -> Result<bool, Error> {
        let name = "contentBlockDelta";
        self.in_order(name)?;
        let other = kind == Block::Other;
        match self.blocks.get(&index) {
            Some(sent) if !sent.open => Err(order("a delta comes for a block that is already closed", name)),
            Some(sent) if sent.block != kind && !other => {
                Err(order("a delta does not fit the kind of its block; check `contentBlockIndex`", name))
            }
            Some(_) => Ok(false),
            None if kind.is_announced() && !other => {
                Err(order("a delta of a tool or image block comes without the start of that block", name))
            }
            None => Ok(true),
        }
    }

    /// How a block may be called.
    #[must_use]
    pub fn variants(&self, index: i64) -> Variants {
        match self.blocks.get(&index) {
            None => {
                let number = self.blocks.len();
                Variants { top: Some((number, self.opened)), part: Some((number, self.parts)) }
            }
            Some(s) if s.part => Variants { top: None, part: Some((s.number, s.key)) },
            Some(s) if s.seen => Variants { top: Some((s.number, s.key)), part: None },
            Some(s) => Variants { top: Some((s.number, s.key)), part: Some((s.number, self.parts)) },
        }
    }

    /// A new block; `seen`: a chunk says that it is there.
    pub fn begin(&mut self, index: i64, block: Block, part: bool, seen: bool, cx: &mut Encode<'_>) {
        let (number, key) = (self.blocks.len(), if part { self.parts } else { self.opened });
        self.parts += usize::from(part);
        self.opened += usize::from(!part && seen);
        let before = self.blocks.values().next_back();
        if !self.plan.divides && before.is_some_and(|b| b.block == block && !block.is_announced()) {
            let why = "the format does not divide texts of one kind; they read back as one block";
            super::lose(&mut cx.report, Fate::Approximated, format!("contentBlockDelta[{index}]"), why);
        }
        self.blocks.insert(index, Sent { block, open: true, part, number, key, seen });
    }

    /// A chunk said a delta, `part`: among its parts.
    pub fn said(&mut self, index: i64, part: bool, blank: bool) {
        let parts = self.parts;
        if let Some(sent) = self.blocks.get_mut(&index) {
            // The first delta that a chunk says decides where the block goes.
            if !sent.seen && part {
                (sent.part, sent.key) = (true, parts);
            }
            sent.seen |= sent.part || !blank;
        }
    }

    /// What waited of a block is about to be said: its key is the next one.
    pub fn late(&mut self, index: i64) {
        let opened = self.opened;
        if let Some(sent) = self.blocks.get_mut(&index).filter(|sent| !sent.seen) {
            sent.key = opened;
        }
    }

    /// A chunk said what waited of a block, `part`: among its parts.
    pub fn placed(&mut self, index: i64, part: bool) {
        let parts = self.parts;
        if let Some(sent) = self.blocks.get_mut(&index).filter(|sent| !sent.seen) {
            if part {
                (sent.part, sent.key) = (true, parts);
            }
            sent.seen = true;
            self.parts += usize::from(part);
            self.opened += usize::from(!part);
        }
    }

    /// A block closes. Its number, and whether any chunk said that it is there.
    pub fn close(&mut self, index: i64) -> Result<(usize, bool), Error> {
        self.in_order("contentBlockStop")?;
        let Some(sent) = self.blocks.get_mut(&index).filter(|s| s.open) else {
            return Err(order("a block stops that is not open; check `contentBlockIndex`", "contentBlockStop"));
        };
        sent.open = false;
        Ok((sent.number, sent.seen))
    }

    /// Reports a block that no chunk said.
    pub fn unseen(&self, index: i64, cx: &mut Encode<'_>) {
        let why = "the format does not say that a block without content is there";
        super::lose(&mut cx.report, Fate::Dropped, format!("contentBlockStop[{index}]"), why);
    }

    /// The message stops. Whether that waits for the counts.
    pub fn message_stop(&mut self, cx: &mut Encode<'_>) -> Result<bool, Error> {
        if self.phase != Phase::Started {
            let message = "the message stops twice, or before it starts; send the events in order";
            return Err(order(message, "messageStop"));
        }
        cx.end_regions()?;
        self.phase = Phase::Stopped;
        Ok(self.plan.joins)
    }

    /// The last event.
    pub fn metadata(&mut self) -> Result<(), Error> {
        if self.phase != Phase::Stopped {
            let message = "the metadata comes twice, or before the message stops; send the events in order";
            return Err(order(message, "metadata"));
        }
        self.phase = Phase::Told;
        Ok(())
    }

    /// The stream breaks off.
    pub fn fail(&mut self) {
        self.phase = Phase::Failed;
    }

    /// A chunk goes out, or waits for the end.
    pub fn give(&mut self, chunk: &[u8], out: &mut dyn FnMut(&[u8])) {
        if matches!(self.phase, Phase::Stopped | Phase::Told) {
            self.tail.push(chunk.to_vec());
        } else {
            out(chunk);
        }
    }

    /// Puts the members of an object into the last chunk. Without a chunk that waits for the end they are one of their own.
    pub fn add(&mut self, object: &[u8]) {
        let Some(members) = object.strip_prefix(b"{").filter(|m| m.len() > 1) else { return };
        if self.tail.is_empty() {
            self.tail.push(b"{}".to_vec());
        }
        if let Some(last) = self.tail.last_mut().filter(|l| l.last() == Some(&b'}')) {
            last.pop();
            if last.last() != Some(&b'{') {
                last.push(b',');
            }
            last.extend_from_slice(members);
        }
    }

    /// Whether the stream ends without its last event.
    pub fn is_short(&self) -> Result<bool, Error> {
        if self.phase < Phase::Stopped {
            let why = "the events ended before `messageStop`; treat the answer as incomplete and call again";
            return Err(Error::new(Code::StreamTruncated, why));
        }
        Ok(self.phase == Phase::Stopped)
    }

    /// Gives what waits, and the report.
    pub fn finish(&mut self, cx: &mut Encode<'_>, out: &mut dyn FnMut(&[u8])) -> Result<Report, Error> {
        for chunk in std::mem::take(&mut self.tail) {
            out(&chunk);
        }
        if self.phase != Phase::Failed {
            cx.unfilled();
        }
        cx.report.sort();
        if cx.call.strict {
            cx.report.strict()?;
        }
        Ok(std::mem::take(&mut cx.report))
    }
}
