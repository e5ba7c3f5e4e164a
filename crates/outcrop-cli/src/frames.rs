//! `--frames`: raw `application/vnd.amazon.eventstream` bytes to chunks or events, one frame at a time.

use std::io::Read;

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use aws_smithy_types::event_stream::Message;
use bytes::BytesMut;
use outcrop_runtime::{Code, Error};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Largest frame that is taken: the format's own payload limit and its headers.
const FRAME_LIMIT: usize = (16 << 20) + (128 << 10) + 16;

/// Iterates over the JSON payloads of a stream of frames: model chunks of InvokeModelWithResponseStream, or Converse
/// events as objects named after their type.
pub(crate) struct Frames<R> {
    input: R,
    buffer: BytesMut,
    decoder: MessageFrameDecoder,
    ended: bool,
}

impl<R: Read> Frames<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, buffer: BytesMut::new(), decoder: MessageFrameDecoder::new(), ended: false }
    }

    fn next_message(&mut self) -> Result<Option<Message>, Error> {
        loop {
            match self.decoder.decode_frame(&mut self.buffer) {
                Ok(DecodedFrame::Complete(message)) => return Ok(Some(message)),
                Ok(DecodedFrame::Incomplete) => {}
                Err(e) => return Err(broken(format!("a frame is damaged ({e}); read the stream again"))),
            }
            if self.buffer.len() > FRAME_LIMIT {
                return Err(broken("a frame says it is over 16 MiB; this is no Bedrock event stream".to_owned()));
            }
            let mut some = vec![0; 1 << 16];
            let n = self.input.read(&mut some).map_err(|e| broken(format!("reading failed: {e}")))?;
            if n == 0 {
                return if self.buffer.is_empty() {
                    Ok(None)
                } else {
                    Err(broken(format!(
                        "{} bytes of an unfinished frame at the end; the stream was cut",
                        self.buffer.len()
                    )))
                };
            }
            self.buffer.extend_from_slice(some.get(..n).unwrap_or_default());
        }
    }

    fn next_item(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let Some(message) = self.next_message()? else { return Ok(None) };
        let header = |name: &str| {
            message
                .headers()
                .iter()
                .find(|h| h.name().as_str() == name)
                .and_then(|h| h.value().as_string().ok())
                .map(|s| s.as_str().to_owned())
                .unwrap_or_default()
        };
        let payload = message.payload();
        match header(":message-type").as_str() {
            "event" => {}
            "exception" => {
                let text = String::from_utf8_lossy(payload);
                return Err(broken(format!("the service ended the stream with {}: {text}", header(":exception-type"))));
            }
            _ => return Err(broken(format!("{}: {}", header(":error-code"), header(":error-message")))),
        }
        let event = header(":event-type");
        if event != "chunk" {
            // Neither may close its place and open another: the name is a string, the payload one value.
            let value: &RawValue = serde_json::from_slice(payload).map_err(|e| {
                broken(format!("the payload of an event is not JSON ({e}); this is no Bedrock event stream"))
            })?;
            let mut item = b"{".to_vec();
            let _ = serde_json::to_writer(&mut item, &event);
            item.push(b':');
            item.extend_from_slice(value.get().as_bytes());
            item.push(b'}');
            return Ok(Some(item));
        }
        let part: Part = serde_json::from_slice(payload)
            .map_err(|e| broken(format!("a chunk frame without `bytes` ({e}); this is no InvokeModel stream")))?;
        base64_simd::STANDARD
            .decode_to_vec(part.bytes)
            .map(Some)
            .map_err(|_| broken("`bytes` of a chunk frame is not base64; this is no InvokeModel stream".to_owned()))
    }
}

impl<R: Read> Iterator for Frames<R> {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.next_item().transpose();
        self.ended = !matches!(item, Some(Ok(_)));
        item
    }
}

/// The payload of a `chunk` frame; its padding `p` is ignored.
#[derive(Deserialize)]
struct Part {
    bytes: String,
}

fn broken(what: String) -> Error {
    Error::new(Code::StreamTruncated, what)
}
