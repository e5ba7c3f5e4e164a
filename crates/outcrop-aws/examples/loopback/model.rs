//! What a model would say, given as a Converse answer, in the format of any family.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use outcrop::registry::Entry;
use outcrop::runtime::{Call, Error, Kind, Tree, base64, unfold::unfold};

use super::{Answer, Part, Request};

/// Answers an InvokeModel request, whole or as a stream, with what `say` says to the Converse request that it is.
pub fn reply(entry: &Entry, request: &Request, say: impl Fn(&Tree) -> Tree) -> Answer {
    let model = request.model();
    let call = Call { model: &model, ..Call::default() };
    let made = || -> Result<Answer, Error> {
        let converse = entry.codec.decode(Kind::Request, &call, &request.body)?;
        let converse = Tree::parse(&converse.body)?;
        let said = say(&converse);
        if request.path.ends_with("/invoke") {
            native(entry, &call, &said)
        } else {
            Ok(Answer::stream(event_stream(entry, &call, &said)?.into_iter().map(Part::Bytes)))
        }
    };
    made().unwrap_or_else(|e| Answer::error(400, "ValidationException", &e.to_string().replace(['"', '\\'], "'")))
}

/// A Converse answer as the family's InvokeModel answer.
fn native(entry: &Entry, call: &Call<'_>, said: &Tree) -> Result<Answer, Error> {
    let native = entry.codec.encode(Kind::Response, call, said.to_string().as_bytes())?;
    let mut answer = Answer::json(native.body);
    answer.headers.extend(native.headers);
    Ok(answer)
}

/// A Converse answer as the frames of the family's stream.
pub fn event_stream(entry: &Entry, call: &Call<'_>, said: &Tree) -> Result<Vec<Bytes>, Error> {
    let mut encoder = entry.codec.stream_encoder(call)?;
    let mut frames = Vec::new();
    for event in events(said) {
        encoder.push(event.to_string().as_bytes(), &mut |native| frames.push(chunk(native)))?;
    }
    encoder.finish(&mut |native| frames.push(chunk(native)))?;
    Ok(frames)
}

/// A chunk in its frame, padded as the service pads.
pub fn chunk(native: &[u8]) -> Bytes {
    let payload = format!(r#"{{"bytes":"{}","p":"abcdefghij"}}"#, base64::encode(native));
    frame("event", "chunk", &payload)
}

/// A frame: an `event` or an `exception` of some type, with the headers of the service in its order.
pub fn frame(message: &'static str, name: &str, payload: &str) -> Bytes {
    let kind = if message == "event" { ":event-type" } else { ":exception-type" };
    let text = |name: &'static str, value: &str| Header::new(name, HeaderValue::String(value.to_owned().into()));
    let frame = Message::new(Bytes::copy_from_slice(payload.as_bytes()))
        .add_header(text(kind, name))
        .add_header(text(":content-type", "application/json"))
        .add_header(text(":message-type", message));
    let mut bytes = Vec::new();
    write_message_to(&frame, &mut bytes).expect("a small frame");
    bytes.into()
}

/// The ConverseStream events of an answer, texts word by word.
fn events(said: &Tree) -> Vec<Tree> {
    let at = |i: usize, name: &str, value: Tree| {
        Tree::object(vec![("contentBlockIndex".to_owned(), Tree::int(i as i64)), (name.to_owned(), value)])
    };
    let mut events = vec![Tree::arm("messageStart", Tree::arm("role", Tree::str("assistant")))];
    let content = said.get("output").and_then(|o| o.get("message")).and_then(|m| m.get("content"));
    for (i, block) in content.and_then(Tree::as_list).unwrap_or_default().iter().enumerate() {
        let Some((_, start, deltas)) = unfold(block) else { continue };
        events.extend(start.map(|start| Tree::arm("contentBlockStart", at(i, "start", start))));
        for delta in deltas {
            let text = delta.get("text").and_then(Tree::as_str);
            let words = text.map(|text| text.split_inclusive(' ').map(|w| Tree::arm("text", Tree::str(w))).collect());
            let parts = words.unwrap_or_else(|| vec![delta.clone()]);
            events.extend(parts.into_iter().map(|part| Tree::arm("contentBlockDelta", at(i, "delta", part))));
        }
        let index = Tree::arm("contentBlockIndex", Tree::int(i as i64));
        events.push(Tree::arm("contentBlockStop", index));
    }
    let stop = said.get("stopReason").cloned().unwrap_or_default();
    events.push(Tree::arm("messageStop", Tree::arm("stopReason", stop)));
    let usage = ["usage", "metrics"].map(|name| said.get(name).map(|value| (name.to_owned(), value.clone())));
    events.push(Tree::arm("metadata", Tree::object(usage.into_iter().flatten().collect())));
    events
}
