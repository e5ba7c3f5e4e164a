//! Blocks of a stream: what native chunks signal becomes the block events of ConverseStream.
//!
//! The tracker knows order, keys and indices, and nothing of payloads: it passes them through, whatever their type.

mod event;

pub use event::{Block, Blocks, Event};

use crate::{Code, Error};

/// A stream's state.
#[derive(Debug, Clone)]
pub struct Tracker {
    blocks: Blocks,
    says_start: bool,
    started: bool,
    stopped: bool,
    /// Façade index of the next block.
    next: u32,
    open: Vec<Open>,
    /// Greatest key of a block that was closed.
    closed: Option<i64>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    key: Option<i64>,
    block: Block,
    index: u32,
    /// It has been shown by an event.
    seen: bool,
    /// Closed on the wire, but the same kind of text may go on ([`Blocks::Merge`]).
    closing: bool,
}

impl Tracker {
    /// At the beginning of a stream. `says_start`: the format signals the start of the message.
    #[must_use]
    pub fn new(blocks: Blocks, says_start: bool) -> Self {
        Self { blocks, says_start, started: false, stopped: false, next: 0, open: Vec::new(), closed: None }
    }

    /// Whether anything of the message was given out.
    #[must_use]
    pub fn is_started(&self) -> bool {
        self.started
    }

    /// Whether the message has stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// The message starts. Formats without explicit blocks may say so again in every chunk.
    pub fn start<P>(&mut self, role: P, out: &mut dyn FnMut(Event<P>)) -> Result<(), Error> {
        match (self.started, self.blocks) {
            (false, _) => {
                self.alive("a message start")?;
                self.started = true;
                out(Event::MessageStart(Some(role)));
                Ok(())
            }
            (true, Blocks::Implicit) => Ok(()),
            (true, _) => Err(order("the message starts a second time; give one stream at a time")),
        }
    }

    /// A block opens. Only announced kinds have a payload here.
    pub fn open<P>(
        &mut self,
        key: Option<i64>,
        block: Block,
        start: Option<P>,
        out: &mut dyn FnMut(Event<P>),
    ) -> Result<(), Error> {
        self.begin("a block", out)?;
        if self.blocks == Blocks::Implicit {
            self.close_all(out);
        } else {
            self.close_pending(out);
            if self.open.iter().any(|o| o.key == key) {
                return Err(order("a block opens while one of the same key is open; close that one first"));
            }
        }
        let index = self.next;
        self.next += 1;
        let seen = start.is_some();
        self.open.push(Open { key, block, index, seen, closing: false });
        if let Some(start) = start {
            out(Event::BlockStart { index, start });
        }
        Ok(())
    }

    /// The index of the block that a delta goes into, if all that happens is that this one open block grows.
    #[inline]
    #[must_use]
    pub fn goes_on(&self, key: Option<i64>, block: Block) -> Option<u32> {
        let [open] = self.open.as_slice() else { return None };
        let same = open.block == block && open.key == key && open.seen && !open.closing;
        (same && self.started && !self.stopped).then_some(open.index)
    }

    /// A block grows. `empty`: by nothing.
    pub fn delta<P>(
        &mut self,
        key: Option<i64>,
        block: Block,
        delta: P,
        empty: bool,
        out: &mut dyn FnMut(Event<P>),
    ) -> Result<(), Error> {
        let implicit = self.blocks == Blocks::Implicit;
        if implicit && empty {
            return Ok(());
        }
        self.begin("a delta", out)?;
        let at = match self.find(key, block) {
            Some(at) => at,
            None => self.open_by_delta(key, block, out)?,
        };
        let Some(open) = self.open.get_mut(at) else { return Ok(()) };
        if open.block != block {
            return Err(order("a delta does not fit the kind of its block; check the key of the block"));
        }
        (open.seen, open.closing, open.key) = (true, false, key);
        out(Event::Delta { index: open.index, delta });
        Ok(())
    }

    /// A block closes.
    pub fn close<P>(&mut self, key: Option<i64>, out: &mut dyn FnMut(Event<P>)) -> Result<(), Error> {
        self.begin("the close of a block", out)?;
        let of_key = |o: &Open| !o.closing && (o.key == key || key.is_none());
        let Some(at) = self.open.iter().rposition(of_key) else {
            return match self.blocks {
                Blocks::Implicit => Ok(()),
                _ => Err(order("a block closes that is not open; check the key of the block")),
            };
        };
        let merges = self.blocks == Blocks::Merge && self.open.get(at).is_some_and(|o| !o.block.is_announced());
        if merges {
            let pending = self.open.iter().position(|o| o.closing);
            if let Some(open) = self.open.get_mut(at) {
                open.closing = true;
                self.closed = self.closed.max(open.key);
            }
            // Only the last one may go on.
            if let Some(before) = pending {
                self.shut(before, out);
            }
        } else {
            self.shut(at, out);
        }
        Ok(())
    }

    /// The message stops; blocks that are still open close.
    pub fn stop<P>(&mut self, out: &mut dyn FnMut(Event<P>)) -> Result<(), Error> {
        self.begin("a second stop", out)?;
        self.close_all(out);
        self.stopped = true;
        Ok(())
    }

    /// Nothing more comes.
    pub fn finish(&self) -> Result<(), Error> {
        if self.stopped {
            return Ok(());
        }
        Err(Error::new(
            Code::StreamTruncated,
            "the stream ended before the message stopped; treat the answer as incomplete and call again",
        ))
    }

    fn alive(&self, what: &str) -> Result<(), Error> {
        if self.stopped {
            return Err(order(&format!("{what} comes after the message stopped; give one stream at a time")));
        }
        Ok(())
    }

    /// Checks that a block event may come, and starts the message if the wire never does.
    fn begin<P>(&mut self, what: &str, out: &mut dyn FnMut(Event<P>)) -> Result<(), Error> {
        self.alive(what)?;
        if !self.started {
            if self.says_start && self.blocks != Blocks::Implicit {
                return Err(order(&format!(
                    "{what} comes before the message start; give the stream from its beginning"
                )));
            }
            self.started = true;
            out(Event::MessageStart(None));
        }
        Ok(())
    }

    /// The open block that a delta belongs to.
    fn find(&self, key: Option<i64>, block: Block) -> Option<usize> {
        match self.blocks {
            Blocks::Implicit => self.open.iter().rposition(|o| o.block == block && (o.key == key || key.is_none())),
            _ => self
                .open
                .iter()
                .rposition(|o| !o.closing && (o.key == key || key.is_none()))
                .or_else(|| self.open.iter().rposition(|o| o.closing && o.block == block)),
        }
    }

    /// Opens the block of a delta that belongs to none.
    fn open_by_delta<P>(
        &mut self,
        key: Option<i64>,
        block: Block,
        out: &mut dyn FnMut(Event<P>),
    ) -> Result<usize, Error> {
        if block.is_announced() {
            return Err(order("a delta of a tool or image block comes without the start of that block"));
        }
        if self.blocks != Blocks::Implicit && key.is_some() && key <= self.closed {
            return Err(order("a delta comes for a block that is already closed"));
        }
        self.open(key, block, None, out)?;
        Ok(self.open.len().saturating_sub(1))
    }

    fn close_pending<P>(&mut self, out: &mut dyn FnMut(Event<P>)) {
        while let Some(at) = self.open.iter().position(|o| o.closing) {
            self.shut(at, out);
        }
    }

    fn close_all<P>(&mut self, out: &mut dyn FnMut(Event<P>)) {
        while !self.open.is_empty() {
            self.shut(0, out);
        }
    }

    fn shut<P>(&mut self, at: usize, out: &mut dyn FnMut(Event<P>)) {
        let Open { key, block, index, seen, .. } = self.open.remove(at);
        self.closed = self.closed.max(key);
        if !seen {
            out(Event::Blank { index, block });
        }
        out(Event::BlockStop { index });
    }
}

fn order(message: &str) -> Error {
    Error::new(Code::StreamOrder, message)
}
