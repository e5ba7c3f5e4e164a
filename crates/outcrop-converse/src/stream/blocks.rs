//! Blocks of a stream: they open, grow and close, in pieces or as a whole.

use outcrop_runtime::cx::Block;
use outcrop_runtime::json::{Arena, ListBuilder, Str, Value};
use outcrop_runtime::regions::Splitter;
use outcrop_runtime::unfold::unfold;
use outcrop_runtime::{Error, Tree};

use super::several::each;
use super::sink::Sink;
use super::state::{Payload, State, give};
use super::{Delta, Said};
use crate::converse::{BlockStart, Citation, ContentBlock, ContentBlockDelta, ContentBlockStart};

/// The kind of block that opens.
fn kind(block: &BlockStart<'_>) -> Block {
    match block {
        BlockStart::Text(_) | BlockStart::Citation(_) => Block::Text,
        BlockStart::ReasoningContent(_) => Block::Reasoning,
        BlockStart::ToolUse(_) => Block::ToolUse,
        BlockStart::ToolResult(_) => Block::ToolResult,
        BlockStart::Image(_) => Block::Image,
        BlockStart::Native(_) | BlockStart::Unknown { .. } => Block::Other,
    }
}

/// The start of a block that Converse announces.
fn announced<'a>(block: &BlockStart<'a>, id: Option<String>) -> Option<ContentBlockStart<'a>> {
    Some(match block {
        BlockStart::ToolUse(call) => {
            let mut call = call.clone();
            if let Some(id) = id {
                call.tool_use_id = id.into();
            }
            ContentBlockStart::ToolUse(call)
        }
        BlockStart::ToolResult(result) => ContentBlockStart::ToolResult(result.clone()),
        BlockStart::Image(image) => ContentBlockStart::Image(image.clone()),
        BlockStart::Native(native) => ContentBlockStart::Native(native.clone()),
        BlockStart::Unknown { name, value } => ContentBlockStart::Unknown { name: name.clone(), value: value.clone() },
        BlockStart::Text(_) | BlockStart::ReasoningContent(_) | BlockStart::Citation(_) => return None,
    })
}

impl State {
    /// Opens, deltas and closes that stand together.
    #[inline]
    pub(super) fn blocks(&mut self, said: &Said<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        if let Some(open) = said.open {
            self.quiet = None;
            self.open(said.open_key.or(said.key), open, sink)?;
        }
        if let Some(delta) = &said.delta {
            let key = said.delta_key.or(said.key);
            self.delta(key, delta, sink)?;
            for more in said.also.as_ref().map(ListBuilder::as_slice).unwrap_or_default() {
                self.delta(key, more, sink)?;
                self.quiet = None;
            }
        }
        if let Some(key) = said.close {
            self.quiet = None;
            self.tracker.close(key.or(said.key), &mut |e| give(e, sink))?;
        }
        Ok(())
    }

    #[cold]
    fn open(&mut self, key: Option<i64>, block: &BlockStart<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.flush(sink)?;
        let kind = kind(block);
        if !kind.is_announced() {
            self.tracker.open(key, kind, None, &mut |e| give(e, sink))?;
            let (arena, none) = (Arena::new(), Citation::default());
            let delta = match block {
                BlockStart::Text(text) => Delta::Text(text.share()),
                BlockStart::ReasoningContent(delta) => {
                    Delta::of(&arena, ContentBlockDelta::ReasoningContent(delta.clone()))
                }
                BlockStart::Citation(citation) if *citation != none => {
                    Delta::of(&arena, ContentBlockDelta::Citation(citation.clone()))
                }
                _ => return Ok(()),
            };
            return if delta.is_blank() { Ok(()) } else { self.delta(key, &delta, sink) };
        }
        let json = block.to_json();
        if key.is_some() && self.opened.as_ref().is_some_and(|(k, opened)| *k == key && repeats(&json, opened)) {
            return Ok(());
        }
        let id = (self.plan.positional && kind == Block::ToolUse).then(|| {
            self.calls += 1;
            format!("call_{}", self.calls - 1)
        });
        self.opened = Some((key, json));
        self.streamed(kind);
        let start = announced(block, id).map(Payload::Start);
        self.tracker.open(key, kind, start, &mut |e| give(e, sink))
    }

    fn streamed(&mut self, kind: Block) {
        if !self.streamed.contains(&kind) {
            self.streamed.push(kind);
        }
    }

    /// A block grows.
    #[inline]
    fn delta(&mut self, key: Option<i64>, delta: &Delta<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        match delta {
            Delta::Fragment(text) => self.fragment(key, text, sink),
            Delta::Text(text) if self.has_regions() => self.fragment(key, text, sink),
            Delta::Other(other) => self.other(key, delta, other, sink),
            _ => self.add(key, delta, sink),
        }
    }

    /// What is no mere text, perhaps several deltas at once.
    #[cold]
    fn other(
        &mut self,
        key: Option<i64>,
        delta: &Delta<'_>,
        other: &ContentBlockDelta<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let arena = Arena::new();
        match each(other, &arena)? {
            None => self.add(key, delta, sink),
            Some(all) => all.into_iter().try_for_each(|one| self.add(key, &Delta::of(&arena, one), sink)),
        }
    }

    fn add(&mut self, key: Option<i64>, delta: &Delta<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (block, blank) = (delta.block(), delta.is_blank());
        if !blank && let Some(index) = self.tracker.goes_on(key, block) {
            self.quiet = Some(index);
            sink.delta(index, delta);
            return Ok(());
        }
        self.quiet = None;
        if !blank {
            self.streamed(block);
        }
        self.tracker.delta(key, block, Payload::Delta(delta), blank, &mut |e| give(e, sink))
    }

    fn has_regions(&self) -> bool {
        !self.plan.regions.is_empty()
    }

    /// Text that may hold several kinds of blocks.
    fn fragment(&mut self, key: Option<i64>, text: &Str<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let plan = self.plan;
        let mut splitter = self.splitter.take().unwrap_or_else(|| Splitter::new(plan.regions));
        let mut done = Ok(());
        if let Some(region) = text.as_raw().and_then(|raw| splitter.passes(raw)) {
            done = self.part(key, region, text.share(), sink);
        } else {
            let mut whole = std::mem::take(&mut self.unescaped);
            whole.clear();
            text.write_plain(&mut whole);
            splitter.push(&whole, &mut |region, part| {
                if done.is_ok() {
                    done = self.part(key, region, Str::plain(part), sink);
                }
            });
            self.unescaped = whole;
        }
        self.quiet = None;
        self.splitter = Some(splitter);
        done
    }

    fn part(&mut self, key: Option<i64>, region: usize, text: Str<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let delta = match self.plan.deltas.get(region) {
            Some(Block::Reasoning) => Delta::Reasoning(text),
            _ => Delta::Text(text),
        };
        self.add(key, &delta, sink)
    }

    /// Text that was held back as the possible beginning of a tag is text after all: something else comes.
    pub(super) fn flush(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        let Some(mut splitter) = self.splitter.take() else { return Ok(()) };
        let mut done = Ok(());
        splitter.finish(&mut |region, part| done = self.part(None, region, Str::plain(part), sink));
        self.splitter = Some(splitter);
        done
    }

    /// Blocks of a repetition of the whole answer, if none of their kind was streamed.
    pub(super) fn whole(&mut self, blocks: &[ContentBlock<'_>], sink: &mut Sink<'_>) -> Result<(), Error> {
        let before = self.streamed.clone();
        for block in blocks {
            let tree = Tree::parse(&block.to_json())?;
            let Some((kind, start, deltas)) = unfold(&tree).filter(|(kind, ..)| !before.contains(kind)) else {
                continue;
            };
            self.opened = None;
            let arena = Arena::new();
            match start {
                Some(start) => self.open(None, &BlockStart::from_json(start.to_string().as_bytes(), &arena)?, sink)?,
                None => self.streamed(kind),
            }
            for delta in deltas {
                let json = delta.to_string();
                let delta = ContentBlockDelta::from_json(json.as_bytes(), &arena)?;
                self.delta(None, &Delta::of(&arena, delta), sink)?;
            }
            self.tracker.close(None, &mut |e| give(e, sink))?;
        }
        Ok(())
    }
}

/// Whether an opening says nothing but what was said before.
fn repeats(json: &[u8], opened: &[u8]) -> bool {
    if json == opened {
        return true;
    }
    let payload = |json: &[u8]| match Tree::parse(json) {
        Ok(Tree::Obj(o)) => o.into_members().into_iter().next().map(|(_, payload)| payload),
        _ => None,
    };
    let (new, old) = (payload(json).unwrap_or_default(), payload(opened).unwrap_or_default());
    let members = new.as_object().map(outcrop_runtime::tree::Object::members).unwrap_or_default();
    members.iter().all(|(name, value)| value.is_blank() || old.get(name) == Some(value))
}
