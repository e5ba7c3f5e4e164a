//! Signals about blocks, and which chunk of a family says them.

use outcrop_runtime::cx::{Block, Encode, EventPlan, Spec, Variants};
use outcrop_runtime::json::{Json, List};
use outcrop_runtime::{Code, Error};

use crate::converse::{ContentBlockDelta, ReasoningContentBlockDelta, Signal};

/// What a family's generated code knows of the chunks that it writes.
pub struct Writers {
    /// Constants of the family.
    pub spec: &'static Spec,
    /// What its chunks can say.
    pub plan: EventPlan,
    /// Whether calls have no ids on the wire.
    pub positional: bool,
    /// Whether a chunk repeats the whole answer.
    pub whole: bool,
    /// Writes the chunk that says most of a signal. Whether there is one.
    pub chunk: fn(&Signal<'_>, &mut Vec<u8>, &mut Encode<'_>) -> Result<bool, Error>,
    /// Writes the last chunk of formats that have one.
    pub end: fn(&mut Vec<u8>, &mut Encode<'_>) -> Result<bool, Error>,
}

impl Writers {
    /// Writes a signal about a block, at the top of a chunk or among its parts. Whether a chunk says it among its parts.
    pub(super) fn about<'a>(
        &self,
        variants: Variants,
        fill: impl Fn(&mut Signal<'a>, Option<Json<'a>>),
        o: &mut Vec<u8>,
        cx: &mut Encode<'_>,
    ) -> Result<Option<bool>, Error> {
        let number = |n: usize| Json::of(&i64::try_from(n).unwrap_or(i64::MAX));
        let one = |(block, key): (usize, usize)| {
            let mut s = Signal { key: Some(number(key)), ..Default::default() };
            fill(&mut s, Some(number(block)));
            s
        };
        let (mut refused, mut hollow) = (None, false);
        if let Some(top) = variants.top {
            let before = cx.before();
            let said = (self.chunk)(&one(top), o, cx);
            hollow = o.is_empty();
            match said {
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
            let s = Signal { parts: Some(List::Owned(vec![one(part)])), ..Default::default() };
            match (self.chunk)(&s, o, cx) {
                Ok(true) => return Ok(Some(true)),
                said if refused.is_none() => return said.map(|_| None),
                // Only here a chunk says any of it: this is what is wrong.
                Err(e) if hollow && !o.is_empty() => return Err(e),
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

    /// Writes a signal at the top if a chunk says it and nothing is lost. A value that is broken is an error: no other
    /// chunk could say it.
    pub(super) fn attempt<'a>(
        &self,
        variants: Variants,
        fill: impl Fn(&mut Signal<'a>, Option<Json<'a>>),
        o: &mut Vec<u8>,
        cx: &mut Encode<'_>,
    ) -> Result<bool, Error> {
        let before = cx.before();
        let losses = cx.report.added();
        let variants = Variants { part: None, ..variants };
        match self.about(variants, fill, o, cx) {
            Ok(Some(_)) if cx.report.added() == losses => return Ok(true),
            Err(e) if e.code == Code::BadEncoding => return Err(e),
            _ => cx.undo(before),
        }
        Ok(false)
    }
}

/// The kind of a delta's block, and whether the delta adds nothing.
pub(super) fn kind(delta: &ContentBlockDelta<'_>) -> (Block, bool) {
    use ContentBlockDelta as Delta;
    use ReasoningContentBlockDelta as Reasoning;
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
