//! Recorded exchanges: a request that was recorded gets the answer that was recorded with it, byte for byte.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64_simd::STANDARD;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use outcrop_runtime::Tree;
use outcrop_runtime::tree::Object;

use crate::ask::{Ask, Operation};
use crate::failure::Failure;
use crate::frames::Item;
use crate::json::text;
use crate::reply::{self, Answer, Whole};
use crate::server::StartError;
use crate::validate;

/// Exchanges by operation and model.
pub(crate) struct Replay {
    exchanges: BTreeMap<(&'static str, String), Vec<Exchange>>,
}

/// What was asked, and the answers that were given to it, which take turns.
struct Exchange {
    asked: Asked,
    answers: Vec<Recorded>,
    next: AtomicUsize,
}

enum Asked {
    /// This body.
    Body(Tree),
    /// A body with this text in it; the body itself was not recorded.
    Text(String),
}

#[derive(Clone)]
struct Recorded {
    whole: Whole,
    frames: Option<Bytes>,
}

const OPERATIONS: [(&str, Operation); 4] = [
    ("invoke", Operation::Invoke),
    ("invoke_stream", Operation::InvokeStream),
    ("converse", Operation::Converse),
    ("converse_stream", Operation::ConverseStream),
];

impl Replay {
    pub(crate) fn read(path: &Path) -> Result<Self, StartError> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|e| StartError(format!("reading the recordings {shown}: {e}; check the path")))?;
        let mut exchanges: BTreeMap<(&'static str, String), Vec<Exchange>> = BTreeMap::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let fault = |why: String| StartError(format!("{shown}:{}: {why}", number + 1));
            let line = Tree::parse_text(line).map_err(|e| fault(e.to_string()))?;
            let api = self::text(&line, "api");
            let operation = OPERATIONS.iter().find(|(name, _)| *name == api).map(|(_, operation)| *operation);
            let operation = operation.ok_or_else(|| {
                fault(format!("`api` is `{api}`; there is invoke, invoke_stream, converse and converse_stream"))
            })?;
            // Where the recorder kept no answer there is nothing to say again.
            let Some(answer) = recorded(&line).map_err(fault)? else { continue };
            let asked = match (line.get("request"), self::text(&line, "prompt_key")) {
                (Some(body @ Tree::Obj(_)), _) => Asked::Body(body.clone()),
                (_, key) if !key.is_empty() => Asked::Text(key.to_owned()),
                _ => continue,
            };
            let known = exchanges.entry((operation.path(), self::text(&line, "model_id").to_owned())).or_default();
            match known.iter_mut().find(|exchange| exchange.asked.same(&asked)) {
                Some(exchange) => exchange.answers.push(answer),
                None => known.push(Exchange { asked, answers: vec![answer], next: AtomicUsize::new(0) }),
            }
        }
        Ok(Self { exchanges })
    }

    pub(crate) fn answer(&self, ask: &Ask) -> Result<Answer, Failure> {
        let body = validate::json(&ask.body)?;
        let known = self.exchanges.get(&(ask.operation.path(), ask.id.clone())).map(Vec::as_slice).unwrap_or_default();
        let same = known.iter().find(|exchange| matches!(&exchange.asked, Asked::Body(asked) if *asked == body));
        let shown = || String::from_utf8_lossy(&ask.body).into_owned();
        let exchange = same.or_else(|| {
            let shown = shown();
            known.iter().find(|exchange| matches!(&exchange.asked, Asked::Text(text) if has_text(&body, text) || shown.contains(text)))
        });
        let Some(exchange) = exchange else {
            let why = match known.iter().find_map(|exchange| match &exchange.asked {
                Asked::Body(asked) => asked.difference(&body),
                Asked::Text(_) => None,
            }) {
                Some(at) => format!("one of {} that were recorded differs first at `{at}`", known.len()),
                None => "none was recorded for this operation and model".to_owned(),
            };
            return Err(Failure::invalid(format!(
                "no recorded exchange has this request ({} of `{}`): {why}",
                ask.operation.path(),
                ask.id
            )));
        };
        let turn = exchange.next.fetch_add(1, Ordering::Relaxed) % exchange.answers.len().max(1);
        let Some(answer) = exchange.answers.get(turn).cloned() else {
            return Err(Failure::invalid("the recording has no answer"));
        };
        Ok(match answer.frames {
            Some(frames) => Answer::Stream(stream::iter(split(frames)).boxed(), answer.whole.headers),
            None => Answer::Whole(answer.whole),
        })
    }
}

impl Asked {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Body(a), Self::Body(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            _ => false,
        }
    }
}

/// Frame by frame, as far as there are whole ones.
fn split(mut rest: Bytes) -> Vec<Item> {
    let mut frames = Vec::new();
    while let Some(length) = rest.first_chunk::<4>() {
        let length = (u32::from_be_bytes(*length) as usize).clamp(4, rest.len());
        frames.push(Item::Raw(rest.split_to(length)));
    }
    if !rest.is_empty() {
        frames.push(Item::Raw(rest));
    }
    frames
}

/// Whether a string of the body has the text in it.
fn has_text(body: &Tree, text: &str) -> bool {
    match body {
        Tree::Str(there) => there.contains(text),
        Tree::Arr(list) => list.items().iter().any(|item| has_text(item, text)),
        Tree::Obj(object) => object.members().iter().any(|(_, value)| has_text(value, text)),
        _ => false,
    }
}

/// The answer of a line, if it was kept.
fn recorded(line: &Tree) -> Result<Option<Recorded>, String> {
    let status = line.get("status").and_then(Tree::as_int).unwrap_or(200);
    let status = u16::try_from(status).map_err(|_| format!("`status` is {status}"))?;
    let headers = line.get("response_headers").and_then(Tree::as_object).map(Object::members).unwrap_or_default();
    let kept = |name: &str| name != "content-length" && name != "transfer-encoding";
    let header = |(name, value): &(String, Tree)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (name.to_ascii_lowercase(), value)
    };
    let headers = headers.iter().map(header).filter(|(name, _)| kept(name)).collect();
    let frames = line.get("stream_frames_b64").and_then(Tree::as_str);
    let frames = frames.map(|text| STANDARD.decode_to_vec(text).map(Bytes::from));
    let frames = frames.transpose().map_err(|_| "`stream_frames_b64` is not base64".to_owned())?;
    let body = line.get("response").filter(|body| !matches!(body, Tree::Null));
    if frames.is_none() && body.is_none() {
        return Ok(None);
    }
    let body = body.map(reply::json).unwrap_or_default();
    Ok(Some(Recorded { whole: Whole { status, headers, body }, frames }))
}
