//! Event streams as lists of what they carry.

use anyhow::{Context as _, bail};
use outcrop::runtime::event_stream;

/// The payloads of a whole stream: chunks of a model out of their base64, and events of Converse as `{"name": payload}`.
pub(crate) fn items(mut stream: &[u8]) -> anyhow::Result<Vec<String>> {
    let mut items = Vec::new();
    while let Some((frame, rest)) = event_stream::first(stream)? {
        stream = rest;
        let mut item = Vec::new();
        if frame.event == "chunk" {
            event_stream::chunk(frame.payload, &mut item)?;
        } else {
            item.extend_from_slice(format!("{{{:?}:", frame.event).as_bytes());
            item.extend_from_slice(frame.payload);
            item.push(b'}');
        }
        items.push(String::from_utf8(item).context("a payload that is no text")?);
    }
    if !stream.is_empty() {
        bail!("{} bytes of an unfinished frame at the end", stream.len());
    }
    Ok(items)
}
