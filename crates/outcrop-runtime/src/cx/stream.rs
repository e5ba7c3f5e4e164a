//! A stream being decoded: what chunks signal becomes ConverseStream events as JSON.

use crate::json::{Json, Str, Value, write};
use crate::regions::{Region, Splitter};
use crate::tracker::{Block, Blocks, Event, Tracker};
use crate::tree::Object;
use crate::usage::{Source, Usage};
use crate::{Call, Error, Report, Tree};

/// What generated code knows about a family's streams as data.
#[derive(Debug)]
pub struct StreamPlan {
    /// How blocks are delimited.
    pub blocks: Blocks,
    /// Whether the format signals the start of the message.
    pub says_start: bool,
    /// Regions of the text deltas; empty: they are plain.
    pub regions: &'static [Region<'static>],
    /// For each region the kind of block, and what stands around its text in a delta.
    pub deltas: &'static [(Block, &'static str, &'static str)],
    /// Whether a chunk is told to be the last one.
    pub says_end: bool,
    /// Headers, and the members of the final event that they stand for.
    pub counts: &'static [(&'static str, &'static str, &'static str)],
}

/// State of a stream that is being decoded.
pub struct StreamState {
    plan: &'static StreamPlan,
    tracker: Tracker,
    splitter: Option<Splitter<'static>>,
    /// Key of the block that the splitter's text belongs to.
    split_key: Option<i64>,
    payload: Vec<u8>,
    event: Vec<u8>,
    stop: Option<Tree>,
    /// A stop reason of the service itself, which replaces the model's.
    verdict: Option<Tree>,
    usage: Usage,
    metadata: Object,
    extras: Object,
    /// The additional fields of the last chunk that had any: most chunks repeat them.
    kept: String,
    failed: bool,
    ended: bool,
    /// What opened the last announced block: some servers repeat it with every fragment.
    opened: Option<(i64, Vec<u8>)>,
    /// What did not go through unchanged.
    pub report: Report,
}

/// The key of a block on the wire; keys are small integers wherever there are any.
#[must_use]
pub fn block_key(key: Option<&Json<'_>>) -> Option<i64> {
    key?.as_str().parse().ok()
}

fn tree<'v>(value: &impl Value<'v>) -> Tree {
    Tree::parse(&value.to_json()).unwrap_or_default()
}

/// Writes an event.
fn give(event: Event<&[u8]>, buffer: &mut Vec<u8>, out: &mut dyn FnMut(&[u8])) {
    buffer.clear();
    let index = |buffer: &mut Vec<u8>, name: &str, index: u32| {
        write::raw(buffer, "{\"");
        write::raw(buffer, name);
        write::raw(buffer, "\":{\"contentBlockIndex\":");
        write::int(buffer, i64::from(index));
    };
    match event {
        Event::MessageStart(role) => {
            write::raw(buffer, "{\"messageStart\":{\"role\":");
            buffer.extend_from_slice(role.unwrap_or(b"\"assistant\""));
        }
        Event::BlockStart { index: i, start } => {
            index(buffer, "contentBlockStart", i);
            write::raw(buffer, ",\"start\":");
            buffer.extend_from_slice(start);
        }
        Event::Delta { index: i, delta } => {
            index(buffer, "contentBlockDelta", i);
            write::raw(buffer, ",\"delta\":");
            buffer.extend_from_slice(delta);
        }
        Event::Blank { index: i, block } => {
            index(buffer, "contentBlockDelta", i);
            write::raw(
                buffer,
                match block {
                    Block::Reasoning => ",\"delta\":{\"reasoningContent\":{\"text\":\"\"}}",
                    _ => ",\"delta\":{\"text\":\"\"}",
                },
            );
        }
        Event::BlockStop { index: i } => index(buffer, "contentBlockStop", i),
    }
    buffer.extend_from_slice(b"}}");
    out(buffer);
}

impl StreamState {
    /// At the beginning of a stream.
    #[must_use]
    pub fn new(plan: &'static StreamPlan) -> Self {
        Self {
            plan,
            tracker: Tracker::new(plan.blocks, plan.says_start),
            splitter: None,
            split_key: None,
            payload: Vec::new(),
            event: Vec::new(),
            stop: None,
            verdict: None,
            usage: Usage::default(),
            metadata: Object::default(),
            extras: Object::default(),
            kept: String::new(),
            failed: false,
            ended: false,
            opened: None,
            report: Report::default(),
        }
    }

    /// The message starts.
    pub fn start<'v>(&mut self, role: &impl Value<'v>, out: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        if self.tracker.is_started() && !self.plan.says_start {
            return Ok(());
        }
        let Self { tracker, payload, event, .. } = self;
        payload.clear();
        role.write(payload);
        tracker.start(payload.as_slice(), &mut |e| give(e, event, out))
    }

    /// A block opens; `start` if it is announced.
    pub fn open<'v, T: Value<'v>>(
        &mut self,
        key: Option<i64>,
        block: Block,
        start: Option<&T>,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Error> {
        self.flush(out)?;
        let Self { tracker, payload, event, opened, .. } = self;
        payload.clear();
        if let Some(start) = start {
            start.write(payload);
            if let Some(key) = key {
                if opened.as_ref().is_some_and(|(k, before)| *k == key && before == payload) {
                    return Ok(());
                }
                *opened = Some((key, payload.clone()));
            }
        }
        let start = start.map(|_| payload.as_slice());
        tracker.open(key, block, start, &mut |e| give(e, event, out))
    }

    /// A block grows.
    pub fn delta<'v>(
        &mut self,
        key: Option<i64>,
        block: Block,
        delta: &impl Value<'v>,
        empty: bool,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Error> {
        let Self { tracker, payload, event, .. } = self;
        payload.clear();
        delta.write(payload);
        tracker.delta(key, block, payload.as_slice(), empty, &mut |e| give(e, event, out))
    }

    /// Whether text deltas hold several kinds of blocks.
    #[must_use]
    pub fn has_regions(&self) -> bool {
        !self.plan.regions.is_empty()
    }

    /// Text that may hold several kinds of blocks.
    pub fn text(&mut self, key: Option<i64>, text: &Str<'_>, out: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        if text.is_empty() {
            return Ok(());
        }
        self.split_key = key;
        let mut splitter = self.splitter.take().unwrap_or_else(|| Splitter::new(self.plan.regions));
        let mut done = Ok(());
        splitter.push(&text.text(), &mut |region, part| self.part(region, part, &mut done, out));
        self.splitter = Some(splitter);
        done
    }

    fn part(&mut self, region: usize, text: &str, done: &mut Result<(), Error>, out: &mut dyn FnMut(&[u8])) {
        let Some((block, open, close)) = self.plan.deltas.get(region) else { return };
        if done.is_err() {
            return;
        }
        let Self { tracker, payload, event, split_key, .. } = self;
        payload.clear();
        write::raw(payload, open);
        write::string(payload, text);
        write::raw(payload, close);
        *done = tracker.delta(*split_key, *block, payload.as_slice(), text.is_empty(), &mut |e| give(e, event, out));
    }

    /// Text that was held back as the possible beginning of a tag is text after all.
    fn flush(&mut self, out: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        let Some(mut splitter) = self.splitter.take() else { return Ok(()) };
        let mut done = Ok(());
        splitter.finish(&mut |region, part| self.part(region, part, &mut done, out));
        done
    }

    /// A block closes.
    pub fn close(&mut self, key: Option<i64>, out: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        let Self { tracker, event, .. } = self;
        tracker.close::<&[u8]>(key, &mut |e| give(e, event, out))
    }

    /// The message stops. `wins`: the service says so, whatever the model said.
    pub fn stop<'v>(&mut self, reason: &impl Value<'v>, wins: bool, out: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        let reason = tree(reason);
        if wins {
            self.verdict = Some(reason);
            return Ok(());
        }
        if self.stop.as_ref() == Some(&reason) {
            return Ok(());
        }
        self.flush(out)?;
        self.stop = Some(reason);
        let Self { tracker, event, .. } = self;
        tracker.stop::<&[u8]>(&mut |e| give(e, event, out))
    }

    /// Token counts.
    pub fn usage<'v>(&mut self, usage: &impl Value<'v>, source: Source) {
        if let Tree::Obj(usage) = tree(usage) {
            self.usage.add(source, &usage);
        }
    }

    /// Token counts that are whole numbers.
    pub fn counts(&mut self, counts: &[(&'static str, Option<i64>)], source: Source) {
        for (name, n) in counts {
            if let Some(n) = n {
                self.usage.count(source, name, *n);
            }
        }
    }

    /// A member of the final event.
    pub fn metadata<'v>(&mut self, name: &str, value: &impl Value<'v>, source: Source) {
        if source == Source::Chunk || self.metadata.get(name).is_none() {
            self.metadata.set(name, tree(value));
        }
    }

    /// Notes whether a chunk was the last one.
    pub fn ended(&mut self, ended: bool) {
        self.ended |= ended;
    }

    /// The stream breaks off.
    pub fn fail(&mut self, message: &Str<'_>, out: &mut dyn FnMut(&[u8])) {
        self.failed = true;
        self.event.clear();
        write::raw(&mut self.event, "{\"modelStreamErrorException\":{\"message\":");
        message.write_json(&mut self.event);
        write::raw(&mut self.event, "}}");
        out(&self.event);
    }

    /// Keeps the additional fields of a chunk.
    pub fn keep(&mut self, extras: Option<Json<'_>>, report: Report) {
        if let Some(extras) = extras.filter(|e| e.as_str() != self.kept) {
            self.kept.clear();
            self.kept.push_str(extras.as_str());
            if let Ok(Tree::Obj(extras)) = Tree::parse_text(extras.as_str()) {
                merge(&mut self.extras, extras);
            }
        }
        for loss in report.losses {
            super::lose(&mut self.report, loss.fate, loss.path, &loss.why);
        }
    }

    /// Ends the stream.
    pub fn finish(&mut self, call: &Call<'_>, out: &mut dyn FnMut(&[u8])) -> Result<Report, Error> {
        self.flush(out)?;
        if !self.failed {
            self.tracker.finish()?;
            if self.plan.says_end && !self.ended {
                let why = "the stream ended before its last chunk; treat the answer as incomplete and call again";
                return Err(Error::new(crate::Code::StreamTruncated, why));
            }
            let mut stop = Object::default();
            stop.set("stopReason", self.verdict.take().or(self.stop.take()).unwrap_or_default());
            let extras = std::mem::take(&mut self.extras);
            if !extras.is_empty() {
                stop.set("additionalModelResponseFields", Tree::Obj(extras));
            }
            out(Tree::arm("messageStop", Tree::Obj(stop)).to_string().as_bytes());
            self.end(call, out);
        }
        self.report.sort();
        if call.strict {
            self.report.strict()?;
        }
        Ok(std::mem::take(&mut self.report))
    }

    fn end(&mut self, call: &Call<'_>, out: &mut dyn FnMut(&[u8])) {
        let mut counts = Object::default();
        for (header, first, member) in self.plan.counts {
            let Some((_, text)) = call.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(header)) else {
                continue;
            };
            let value = text.trim().parse::<i64>().map_or_else(|_| Tree::str(text.as_str()), Tree::int);
            if *first == "usage" {
                counts.set(*member, value);
            } else if self.metadata.get(first).is_none() {
                self.metadata.set(*first, Tree::arm(*member, value));
            }
        }
        self.usage.add(Source::Header, &counts);
        let mut metadata = Object::default();
        if let Some(usage) = std::mem::take(&mut self.usage).finish() {
            metadata.set("usage", usage);
        }
        for (name, value) in std::mem::take(&mut self.metadata).into_members() {
            metadata.set(name, value);
        }
        out(Tree::arm("metadata", Tree::Obj(metadata)).to_string().as_bytes());
    }
}

/// Whether an item is the sentinel that some streams end with.
#[must_use]
pub fn is_done(item: &[u8]) -> bool {
    item.trim_ascii() == b"\"[DONE]\""
}

/// Whether a chunk holds anything but what the service adds.
#[must_use]
pub fn says_more(item: &[u8], side: &[&str]) -> bool {
    // Chunks that hold nothing else begin with such a member.
    let first = item.trim_ascii_start().strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    let Some(first) = first.and_then(|item| item.strip_prefix(b"\"")) else { return true };
    if !side.iter().any(|name| first.starts_with(name.as_bytes())) {
        return true;
    }
    match Tree::parse(item) {
        Ok(Tree::Obj(o)) => !o.members().iter().all(|(name, _)| side.contains(&name.as_str())),
        _ => true,
    }
}

/// Later values win; objects are merged.
fn merge(all: &mut Object, new: Object) {
    for (name, value) in new.into_members() {
        // In a chunk, null only says that the member is not known yet.
        if matches!(value, Tree::Null) && all.get(&name).is_some() {
            continue;
        }
        match (all.get_mut(&name), value) {
            (Some(Tree::Obj(old)), Tree::Obj(new)) => merge(old, new),
            (_, value) => all.set(name, value),
        }
    }
}
