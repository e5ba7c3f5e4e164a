//! Runs of deltas: chunks that differ in nothing but their text.
//!
//! What a chunk says is a function of its bytes, and a chunk whose delta only went on in the open block left the state
//! as it was, but for what saying the same again leaves as it is: counts, additional fields, the report. So if all bytes
//! but those between the quotes of that text are the same, the next chunk says the same with another text.

use outcrop_runtime::json::Str;

use super::{Delta, Heard};

/// After so many chunks in vain, only every so-maniest is learnt from: some formats count in every chunk.
const PATIENCE: u32 = 4;
const PAUSE: u32 = 64;

/// A text delta without its text.
#[derive(Debug, Default, Clone, Copy)]
enum Shape {
    #[default]
    Text,
    Reasoning,
    Signature,
    Input,
}

/// What stood around the text of the last chunk.
#[derive(Debug, Default)]
pub(super) struct Run {
    is_on: bool,
    before: Vec<u8>,
    after: Vec<u8>,
    shape: Shape,
    index: u32,
    /// Chunks learnt from since the last hit.
    vain: u32,
}

impl Run {
    /// The delta of a chunk that goes on as the last one did.
    #[inline]
    pub(super) fn hit<'a>(&mut self, chunk: &'a [u8]) -> Option<(u32, Delta<'a>)> {
        if !self.is_on {
            return None;
        }
        let rest = chunk.strip_prefix(self.before.as_slice())?;
        // Most of what follows can be ruled out before the text is looked at.
        let end = rest.len().checked_sub(self.after.len()).filter(|end| *end > 0)?;
        if rest.get(end..)? != self.after.as_slice() {
            return None;
        }
        let text: Str<'a> = Str::between_quotes(rest, end)?;
        self.vain = 0;
        let delta = match self.shape {
            Shape::Text => Delta::Text(text),
            Shape::Reasoning => Delta::Reasoning(text),
            Shape::Signature => Delta::Signature(text),
            Shape::Input => Delta::Input(text),
        };
        Some((self.index, delta))
    }

    /// The next chunk need not be like the last.
    #[inline]
    pub(super) fn forget(&mut self) {
        self.is_on = false;
    }

    /// A chunk said one delta, which went on in the block `index`, and the state is as it was.
    #[inline]
    pub(super) fn learn(&mut self, chunk: &[u8], heard: &Heard<'_>, index: u32) {
        if self.vain >= PATIENCE && !self.vain.is_multiple_of(PAUSE) {
            self.vain = self.vain.wrapping_add(1);
            return;
        }
        self.note(chunk, heard, index);
    }

    fn note(&mut self, chunk: &[u8], heard: &Heard<'_>, index: u32) {
        let said = &heard.said;
        let alone =
            |delta: &Option<Delta<'_>>| heard.beside.service.is_none() && said.also.is_none() && delta.is_some();
        let delta = match (&said.delta, &*said.parts) {
            (Some(delta), []) if alone(&said.delta) => delta,
            (None, [part]) if alone(&part.delta) && part.also.is_none() && part.parts.is_empty() => match &part.delta {
                Some(delta) => delta,
                None => return,
            },
            _ => return,
        };
        let shape = match delta {
            Delta::Text(_) => Shape::Text,
            Delta::Reasoning(_) => Shape::Reasoning,
            Delta::Signature(_) => Shape::Signature,
            Delta::Input(_) => Shape::Input,
            Delta::Fragment(_) | Delta::Other(_) => return,
        };
        let Some(raw) = delta.text().and_then(Str::as_raw) else { return };
        let from = (raw.as_ptr() as usize).wrapping_sub(chunk.as_ptr() as usize);
        let (Some(before), Some(after)) = (chunk.get(..from), chunk.get(from.wrapping_add(raw.len())..)) else {
            return;
        };
        // Both end with the text's own quotes, so that what is between them is its contents.
        if before.last() != Some(&b'"') || after.first() != Some(&b'"') {
            return;
        }
        for (kept, new) in [(&mut self.before, before), (&mut self.after, after)] {
            kept.clear();
            kept.extend_from_slice(new);
        }
        (self.is_on, self.shape, self.index) = (true, shape, index);
        self.vain = self.vain.wrapping_add(1);
    }
}
