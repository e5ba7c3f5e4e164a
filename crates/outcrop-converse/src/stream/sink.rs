//! Where events go: typed, or as JSON.

use outcrop_runtime::json::{Extra, Str, Value, write};

use super::Delta;
use crate::converse::{ContentBlockDeltaEvent, ConverseStreamOutput};

/// Takes typed events. They borrow from the chunk and from the decoder.
pub type Typed<'s> = &'s mut dyn FnMut(ConverseStreamOutput<'_>);

/// Takes events.
pub(super) enum Sink<'s> {
    /// As JSON: the buffer that they are printed into, and who takes them.
    Json(&'s mut Vec<u8>, &'s mut dyn FnMut(&[u8])),
    /// Typed.
    Typed(Typed<'s>),
}

impl Sink<'_> {
    /// Gives an event.
    pub(super) fn event(&mut self, event: ConverseStreamOutput<'_>) {
        match self {
            Self::Json(buffer, out) => {
                buffer.clear();
                event.write(buffer);
                out(buffer);
            }
            Self::Typed(out) => out(event),
        }
    }

    /// Gives a delta.
    pub(super) fn delta(&mut self, index: u32, delta: &Delta<'_>) {
        match (self, frame(delta)) {
            (Self::Json(buffer, out), Some((open, close, text))) => {
                buffer.clear();
                print(buffer, (open, close), text, index);
                out(buffer);
            }
            (sink, _) => {
                let content_block_index = i64::from(index);
                let event = ContentBlockDeltaEvent { delta: delta.whole(), content_block_index, extra: Extra::EMPTY };
                sink.event(ConverseStreamOutput::ContentBlockDelta(event));
            }
        }
    }
}

/// What stands around the text of a delta.
fn frame<'d, 'a>(delta: &'d Delta<'a>) -> Option<(&'static str, &'static str, &'d Str<'a>)> {
    Some(match delta {
        Delta::Text(text) | Delta::Fragment(text) => {
            (r#"{"contentBlockDelta":{"delta":{"text":"#, r#"},"contentBlockIndex":"#, text)
        }
        Delta::Reasoning(text) => {
            (r#"{"contentBlockDelta":{"delta":{"reasoningContent":{"text":"#, r#"}},"contentBlockIndex":"#, text)
        }
        Delta::Signature(seal) => {
            (r#"{"contentBlockDelta":{"delta":{"reasoningContent":{"signature":"#, r#"}},"contentBlockIndex":"#, seal)
        }
        Delta::Input(input) => {
            (r#"{"contentBlockDelta":{"delta":{"toolUse":{"input":"#, r#"}},"contentBlockIndex":"#, input)
        }
        Delta::Other(_) => return None,
    })
}

fn print(buffer: &mut Vec<u8>, (open, close): (&str, &str), text: &Str<'_>, index: u32) {
    write::raw(buffer, open);
    text.write_json(buffer);
    write::raw(buffer, close);
    // Most answers have few blocks.
    match u8::try_from(index) {
        Ok(n @ 0..=9) => buffer.push(b'0' + n),
        _ => write::int(buffer, i64::from(index)),
    }
    write::raw(buffer, "}}");
}
