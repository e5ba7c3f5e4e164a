//! Event streams as lists of what they carry.

use anyhow::Context as _;
use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use bytes::BytesMut;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The payload of a chunk frame; its padding is left out.
#[derive(Deserialize)]
struct Chunk {
    bytes: String,
}

/// The payloads of a whole stream: chunks of a model out of their base64, and events of Converse as `{"name": payload}`.
pub(crate) fn items(stream: &[u8]) -> anyhow::Result<Vec<String>> {
    let (mut buffer, mut decoder, mut items) = (BytesMut::from(stream), MessageFrameDecoder::new(), Vec::new());
    while let DecodedFrame::Complete(message) = decoder.decode_frame(&mut buffer).context("a frame is damaged")? {
        let name = message.headers().iter().find(|h| h.name().as_str() == ":event-type");
        let name = name.and_then(|h| h.value().as_string().ok()).map(|s| s.as_str().to_owned()).unwrap_or_default();
        if name == "chunk" {
            let chunk: Chunk = serde_json::from_slice(message.payload()).context("a chunk without bytes")?;
            let chunk = base64_simd::STANDARD.decode_to_vec(chunk.bytes).context("a chunk that is no base64")?;
            items.push(String::from_utf8(chunk).context("a chunk that is no text")?);
        } else {
            let payload: &RawValue = serde_json::from_slice(message.payload()).context("an event that is no JSON")?;
            items.push(format!("{{{}:{payload}}}", serde_json::to_string(&name)?));
        }
    }
    Ok(items)
}
