//! Frames of `application/vnd.amazon.eventstream`, in both directions. The framing is that of the AWS SDK; what stands in
//! the frames is as recorded: headers in their order, padding in every payload.

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder, write_message_to};
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use aws_smithy_types::str_bytes::StrBytes;
use base64_simd::STANDARD;
use bytes::{Buf, Bytes, BytesMut};
use outcrop_runtime::Tree;

use crate::failure::Failure;
use crate::json::{Members, with_member};

/// What is sent as padding is a prefix of this.
const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// Largest frame that is taken: the format's own payload limit and its headers.
const LIMIT: usize = (16 << 20) + (128 << 10) + 16;

/// Something of a stream.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    /// A chunk of a model's own stream: its JSON.
    Chunk(Bytes),
    /// An event of a ConverseStream: its name, and the JSON of its payload.
    Event(String, Bytes),
    /// The exception that ends it.
    Failure(Failure),
    /// Frames as they were recorded.
    Raw(Bytes),
    /// A frame as another endpoint sent it.
    Frame(Message),
    /// The connection breaks here, and why.
    Broken(String),
}

/// Writes frames. What is random in them comes again for the same seed.
#[derive(Debug)]
pub(crate) struct Writer {
    random: fastrand::Rng,
    /// Whether the stream is of a model's own chunks, and not of Converse.
    native: bool,
}

impl Writer {
    pub(crate) fn new(seed: u64, native: bool) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), native }
    }

    fn padding(&mut self) -> &'static str {
        PADDING.get(..self.random.usize(2..=61)).unwrap_or(PADDING)
    }

    /// The frame of an item; why the connection breaks, if it does.
    pub(crate) fn frame(&mut self, item: &Item) -> Result<Bytes, String> {
        let (kind, name, payload) = match item {
            Item::Chunk(chunk) => {
                let payload = Members::new().text("bytes", &STANDARD.encode_to_string(chunk)).text("p", self.padding());
                ("event", "chunk", Bytes::from(payload.finish()))
            }
            Item::Event(name, payload) => {
                let padded = Tree::parse(payload).ok().and_then(|tree| with_member(&tree, "p", self.padding()));
                ("event", name.as_str(), padded.map_or_else(|| payload.clone(), Bytes::from))
            }
            Item::Failure(failure) => ("exception", failure.event_of(self.native), Bytes::from(failure.body())),
            Item::Raw(frames) => return Ok(frames.clone()),
            Item::Frame(message) => return write(message),
            Item::Broken(why) => return Err(why.clone()),
        };
        let header =
            |name: &'static str, value: &str| Header::new(name, HeaderValue::String(StrBytes::copy_from_str(value)));
        let name = header(if kind == "event" { ":event-type" } else { ":exception-type" }, name);
        let headers = vec![name, header(":content-type", "application/json"), header(":message-type", kind)];
        write(&Message::new_from_parts(headers, payload))
    }
}

fn write(message: &Message) -> Result<Bytes, String> {
    let mut out = BytesMut::new();
    write_message_to(message, &mut out).map_err(|e| format!("a frame cannot be written: {e}"))?;
    Ok(out.freeze())
}

/// Reads frames that come in pieces.
#[derive(Debug)]
pub(crate) struct Reader {
    decoder: MessageFrameDecoder,
    buffer: BytesMut,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self { decoder: MessageFrameDecoder::new(), buffer: BytesMut::new() }
    }

    /// Takes bytes.
    pub(crate) fn push(&mut self, data: &[u8]) {
        self.buffer.extend_from_slice(data);
    }

    /// The next whole frame, if there is one. A frame that is broken or too large is an error.
    pub(crate) fn next(&mut self) -> Result<Option<Message>, String> {
        if let Some(&[a, b, c, d]) = self.buffer.first_chunk::<4>() {
            let total = u32::from_be_bytes([a, b, c, d]) as usize;
            if total > LIMIT {
                return Err(format!("a frame of {total} bytes is larger than any that the format allows"));
            }
            if self.buffer.len() < total {
                return Ok(None);
            }
        }
        match self.decoder.decode_frame(&mut self.buffer) {
            Ok(DecodedFrame::Complete(message)) => Ok(Some(message)),
            Ok(DecodedFrame::Incomplete) => Ok(None),
            Err(e) => Err(format!("a frame is broken: {e}")),
        }
    }

    /// Whether no frame has begun.
    pub(crate) fn is_empty(&self) -> bool {
        !self.buffer.has_remaining()
    }
}

/// A frame as an item: chunks are unwrapped, exceptions read. `None` for what says nothing to a translation.
pub(crate) fn item(message: &Message) -> Result<Option<Item>, String> {
    let header = |name: &str| {
        let found = message.headers().iter().find(|h| h.name().as_str() == name);
        found.and_then(|h| h.value().as_string().ok()).map(StrBytes::as_str)
    };
    let payload = message.payload();
    match header(":message-type") {
        Some("exception") => {
            let name = header(":exception-type").unwrap_or("internalServerException");
            Ok(Some(Item::Failure(Failure::foreign(name, 500, Tree::parse(payload).ok().as_ref()))))
        }
        Some("error") => {
            let (code, text) = (header(":error-code"), header(":error-message"));
            let text = Tree::arm("message", Tree::str(text.or(code).unwrap_or_default()));
            Ok(Some(Item::Failure(Failure::foreign(code.unwrap_or("internalServerException"), 500, Some(&text)))))
        }
        _ => match header(":event-type") {
            Some("chunk") => {
                let tree = Tree::parse(payload).map_err(|e| format!("the payload of a chunk is no JSON: {e}"))?;
                let bytes = tree.get("bytes").and_then(Tree::as_str).ok_or("a chunk has no `bytes`")?;
                let chunk = STANDARD.decode_to_vec(bytes).map_err(|_| "the bytes of a chunk are not base64")?;
                Ok(Some(Item::Chunk(Bytes::from(chunk))))
            }
            Some(name) => Ok(Some(Item::Event(name.to_owned(), payload.clone()))),
            None => Ok(None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_written_in_any_pieces() {
        let items = [
            Item::Chunk(Bytes::from_static(b"{\"a\":1}")),
            Item::Event("messageStop".to_owned(), Bytes::from_static(b"{\"stopReason\":\"end_turn\"}")),
        ];
        let mut writer = Writer::new(1, true);
        let bytes: Vec<u8> = items.iter().flat_map(|item| writer.frame(item).unwrap()).collect();
        for size in [1, 2, 7, 64, bytes.len()] {
            let (mut reader, mut read) = (Reader::new(), Vec::new());
            for piece in bytes.chunks(size) {
                reader.push(piece);
                while let Some(message) = reader.next().unwrap() {
                    read.push(item(&message).unwrap().unwrap());
                }
            }
            assert!(reader.is_empty());
            assert_eq!(read.first(), items.first());
            let Some(Item::Event(name, payload)) = read.get(1) else { panic!("{read:?}") };
            assert_eq!(name, "messageStop");
            let tree = Tree::parse(payload).unwrap();
            let padding = tree.get("p").and_then(Tree::as_str).unwrap();
            assert!(PADDING.starts_with(padding) && (2..=61).contains(&padding.len()), "{padding}");
        }
    }

    #[test]
    fn what_is_too_large_or_broken_is_refused_before_it_is_kept() {
        let mut reader = Reader::new();
        reader.push(&[0xff; 12]);
        assert!(reader.next().unwrap_err().contains("larger"));
        let mut frame = Writer::new(1, true).frame(&Item::Chunk(Bytes::from_static(b"{}"))).unwrap().to_vec();
        *frame.last_mut().unwrap() ^= 1;
        let mut reader = Reader::new();
        reader.push(&frame);
        assert!(reader.next().unwrap_err().contains("broken"));
    }
}
