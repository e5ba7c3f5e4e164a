//! Frames of an event stream: cut out of the bytes as they come, and written.
//!
//! Nearly every frame that comes has the very same headers, those of a chunk, and nearly every one that goes those of some
//! event. They are compared and written as a whole; what is unusual is left to the SDK's own reader.

use std::sync::LazyLock;

use aws_smithy_eventstream::frame::{read_message_from, write_headers_to};
use aws_smithy_types::event_stream::{Header, HeaderValue};
use aws_smithy_types::str_bytes::StrBytes;
use bytes::{Buf, Bytes, BytesMut};
use crc32fast::Hasher;
use outcrop::runtime::{Code, Error};

/// Lengths and their checksum.
const PRELUDE: usize = 12;
/// The lengths, of which that is the checksum.
const SUMMED: usize = 8;
/// All of a frame but its headers and its payload.
const FRAME: usize = PRELUDE + 4;
/// The largest frame of the format: 16 MiB of payload, 128 KiB of headers.
const LIMIT: usize = (16 << 20) + (128 << 10) + FRAME;

/// A whole frame, its checksums verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut<'b> {
    /// The payload of a chunk of the model's own stream.
    Chunk(&'b [u8]),
    /// A frame that ends the stream with an exception or an error, as it came.
    Exception(&'b [u8]),
    /// Another frame, as it came.
    Other(&'b [u8]),
}

/// Frames that have come and were not read yet, the last of which may have come in part.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    /// What has come, as it came: most parts hold whole frames, which need not be copied.
    part: Bytes,
    /// The same, if a frame in it has come in several parts.
    joined: BytesMut,
}

impl Frames {
    /// Adds bytes.
    pub(crate) fn push(&mut self, part: Bytes) {
        if !self.is_within() {
            self.part = part;
            return;
        }
        self.joined.extend_from_slice(&std::mem::take(&mut self.part));
        self.joined.extend_from_slice(&part);
    }

    /// Whether there is the beginning of a frame.
    pub(crate) fn is_within(&self) -> bool {
        !(self.part.is_empty() && self.joined.is_empty())
    }

    /// All that has not been read.
    pub(crate) fn rest(&mut self) -> Bytes {
        if self.joined.is_empty() { std::mem::take(&mut self.part) } else { self.joined.split().freeze() }
    }

    fn unread(&self) -> &[u8] {
        if self.joined.is_empty() { &self.part } else { &self.joined }
    }

    /// Gives the first frame to `read`, if it is there to its end. A damaged beginning is told at once, not waited for.
    pub(crate) fn next<T>(&mut self, read: impl FnOnce(Cut<'_>) -> T) -> Result<Option<T>, Error> {
        let bytes = self.unread();
        let Some(prelude) = bytes.first_chunk::<PRELUDE>() else { return Ok(None) };
        let word = |at: usize| prelude.get(at..).map_or(0, |mut bytes| bytes.get_u32());
        let (total, headers) = (word(0) as usize, word(4) as usize);
        let mut sum = Hasher::new();
        sum.update(prelude.first_chunk::<SUMMED>().map_or(&[], |b| b));
        if sum.clone().finalize() != word(8) || total > LIMIT || total < FRAME + headers {
            return Err(damaged("a frame begins wrongly"));
        }
        let Some(frame) = bytes.get(..total) else { return Ok(None) };
        let (sealed, mut end) = frame.split_at_checked(total - 4).unwrap_or_default();
        sum.update(sealed.get(SUMMED..).unwrap_or_default());
        if sum.finalize() != end.get_u32() {
            return Err(damaged("the checksum of a frame is wrong"));
        }
        let rest = sealed.get(PRELUDE..).unwrap_or_default();
        let (headers, payload) = rest.split_at_checked(headers).unwrap_or_default();
        let done = read(if headers == CHUNK.as_slice() { Cut::Chunk(payload) } else { unusual(frame, payload)? });
        if self.joined.is_empty() {
            self.part.advance(total);
        } else {
            self.joined.advance(total);
        }
        Ok(Some(done))
    }
}

/// A frame by what its headers say, in any order and with any others.
fn unusual<'b>(frame: &'b [u8], payload: &'b [u8]) -> Result<Cut<'b>, Error> {
    let message = read_message_from(frame).map_err(|e| damaged(&format!("a frame cannot be read ({e})")))?;
    let says = |name: &str| {
        let header = message.headers().iter().find(|header| header.name().as_str() == name);
        header.and_then(|header| header.value().as_string().ok()).map(StrBytes::as_str)
    };
    Ok(match (says(":message-type"), says(":event-type")) {
        (Some("event"), Some("chunk")) => Cut::Chunk(payload),
        (Some("exception" | "error"), _) => Cut::Exception(frame),
        _ => Cut::Other(frame),
    })
}

#[cold]
fn damaged(what: &str) -> Error {
    Error::new(Code::StreamTruncated, format!("{what}; the answer is incomplete, call again"))
}

/// The error of a stream of the service's own Converse that ends before it says why the model stopped, which every whole
/// answer says.
#[cold]
pub(crate) fn early_end() -> Error {
    let why = "the stream ended before the model said that it does; the answer is incomplete, call again";
    Error::new(Code::StreamTruncated, why)
}

/// Headers of the frame of an event or of an exception, in the order in which the service writes them.
fn headers(kind: &'static str, name: &str, message: &'static str) -> Vec<u8> {
    let text = |name: &'static str, text: &str| Header::new(name, HeaderValue::String(text.to_owned().into()));
    let all = [text(kind, name), text(":content-type", "application/json"), text(":message-type", message)];
    let mut bytes = Vec::new();
    // A name of more than 32 KiB would fail, and then the frame says nothing; names are words of Converse.
    write_headers_to(&all, &mut bytes).unwrap_or_default();
    bytes
}

static CHUNK: LazyLock<Vec<u8>> = LazyLock::new(|| headers(":event-type", "chunk", "event"));

/// The events of Converse, the most frequent first.
static EVENTS: LazyLock<[(&str, Vec<u8>); 6]> = LazyLock::new(|| {
    ["contentBlockDelta", "contentBlockStop", "contentBlockStart", "messageStart", "messageStop", "metadata"]
        .map(|name| (name, headers(":event-type", name, "event")))
});

/// Appends the frame of an event.
pub(crate) fn event(out: &mut BytesMut, name: &str, payload: &[u8]) {
    match EVENTS.iter().find(|(known, _)| *known == name) {
        Some((_, headers)) => write(out, headers, payload),
        None => write(out, &headers(":event-type", name, "event"), payload),
    }
}

/// Appends the frame of an exception.
pub(crate) fn exception(out: &mut BytesMut, name: &str, payload: &[u8]) {
    write(out, &headers(":exception-type", name, "exception"), payload);
}

fn write(out: &mut BytesMut, headers: &[u8], payload: &[u8]) {
    let start = out.len();
    let total = FRAME + headers.len() + payload.len();
    out.reserve(total);
    out.extend_from_slice(&(total as u32).to_be_bytes());
    out.extend_from_slice(&(headers.len() as u32).to_be_bytes());
    let mut sum = Hasher::new();
    let add = |sum: &mut Hasher, out: &[u8], from: usize| {
        sum.update(out.get(start + from..).unwrap_or_default());
        sum.clone().finalize().to_be_bytes()
    };
    out.extend_from_slice(&add(&mut sum, out, 0));
    out.extend_from_slice(headers);
    out.extend_from_slice(payload);
    out.extend_from_slice(&add(&mut sum, out, SUMMED));
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::BufMut as _;

    fn chunk(payload: &[u8]) -> BytesMut {
        let mut out = BytesMut::new();
        event(&mut out, "chunk", payload);
        out
    }

    fn next(frames: &mut Frames) -> Result<Option<String>, Error> {
        frames.next(|cut| format!("{cut:?}"))
    }

    #[test]
    fn what_is_written_is_what_the_sdk_reads() {
        let mut out = BytesMut::new();
        event(&mut out, "messageStop", b"{}");
        exception(&mut out, "throttlingException", b"{\"message\":\"m\"}");
        let mut bytes = out.freeze();
        for (name, value) in [(":event-type", "messageStop"), (":exception-type", "throttlingException")] {
            let total = bytes.clone().get_u32() as usize;
            let message = read_message_from(bytes.split_to(total)).unwrap();
            assert_eq!(message.headers()[0].name().as_str(), name);
            assert_eq!(message.headers()[0].value().as_string().unwrap().as_str(), value);
            assert_eq!(message.headers()[1].value().as_string().unwrap().as_str(), "application/json");
        }
        assert!(bytes.is_empty());
    }

    #[test]
    fn a_frame_is_waited_for_to_its_last_byte_and_given_once() {
        let whole = [&chunk(b"{}")[..], &chunk(b"[]")[..]].concat();
        let mut frames = Frames::default();
        let mut found = Vec::new();
        for byte in &whole {
            frames.push(Bytes::copy_from_slice(&[*byte]));
            found.extend(next(&mut frames).unwrap());
        }
        assert_eq!(found, [format!("{:?}", Cut::Chunk(b"{}")), format!("{:?}", Cut::Chunk(b"[]"))]);
        assert!(!frames.is_within());
    }

    #[test]
    fn frames_are_the_same_however_their_bytes_come() {
        let frames = [&chunk(b"{}")[..], &chunk(&[b' '; 300])[..], &chunk(b"[]")[..]];
        let whole = Bytes::from(frames.concat());
        for size in 1..=whole.len() {
            let (mut frames, mut found) = (Frames::default(), Vec::new());
            for at in (0..whole.len()).step_by(size) {
                frames.push(whole.slice(at..(at + size).min(whole.len())));
                // Not all is read before more comes.
                found.extend(next(&mut frames).unwrap());
            }
            let left = frames.rest();
            assert_eq!(left.is_empty(), found.len() == 3);
            frames.push(left);
            while let Some(more) = next(&mut frames).unwrap() {
                found.push(more);
            }
            assert!(found.len() == 3 && !frames.is_within(), "in parts of {size}");
        }
    }

    #[test]
    fn no_damage_to_any_byte_goes_unnoticed() {
        let whole = chunk(b"{}");
        for at in 0..whole.len() {
            let mut bad = whole.clone();
            bad[at] ^= 1;
            let mut frames = Frames::default();
            frames.push(bad.freeze());
            let e = next(&mut frames).unwrap_err();
            assert_eq!(e.code, Code::StreamTruncated, "{at}");
        }
    }

    #[test]
    fn a_frame_larger_than_the_format_allows_is_not_waited_for() {
        let mut frames = Frames::default();
        let mut prelude = BytesMut::new();
        prelude.put_u32(LIMIT as u32 + 1);
        prelude.put_u32(0);
        prelude.put_u32(crc32fast::hash(&prelude.clone()));
        frames.push(prelude.freeze());
        assert!(next(&mut frames).is_err());
    }

    #[test]
    fn headers_may_come_in_any_order_and_frames_may_be_unknown() {
        let with = |pairs: &[(&'static str, HeaderValue)]| {
            let all: Vec<Header> = pairs.iter().map(|(name, value)| Header::new(*name, value.clone())).collect();
            let (mut headers, mut out) = (Vec::new(), BytesMut::new());
            write_headers_to(&all, &mut headers).unwrap();
            write(&mut out, &headers, b"{}");
            out
        };
        let text = |text: &'static str| HeaderValue::String(text.into());
        let cases = [
            (with(&[(":message-type", text("event")), (":event-type", text("chunk"))]), "Chunk"),
            (with(&[(":message-type", text("event")), (":event-type", text("news"))]), "Other"),
            (with(&[(":message-type", text("exception")), (":exception-type", text("x"))]), "Exception"),
            (with(&[(":message-type", text("error")), (":error-code", text("x"))]), "Exception"),
            (with(&[("n", HeaderValue::Int32(7)), ("b", HeaderValue::Bool(true))]), "Other"),
            (with(&[]), "Other"),
        ];
        for (frame, kind) in cases {
            let mut frames = Frames::default();
            frames.push(frame.freeze());
            let found = next(&mut frames).unwrap().unwrap();
            assert!(found.starts_with(kind), "{found}");
        }
    }
}
