//! A request: which operation, of which model, with which body.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, HeaderName};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use percent_encoding::percent_decode_str;

use crate::config::Limits;
use crate::failure::{Failure, Kind, causes};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    Converse,
    ConverseStream,
    Invoke,
    InvokeStream,
    CountTokens,
}

impl Operation {
    pub(crate) const ALL: [Self; 5] =
        [Self::Converse, Self::ConverseStream, Self::Invoke, Self::InvokeStream, Self::CountTokens];

    /// The last segment of its path.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Converse => "converse",
            Self::ConverseStream => "converse-stream",
            Self::Invoke => "invoke",
            Self::InvokeStream => "invoke-with-response-stream",
            Self::CountTokens => "count-tokens",
        }
    }

    pub(crate) fn of_path(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.path() == segment)
    }

    /// Whether the answer is a stream of events.
    pub(crate) fn streams(self) -> bool {
        matches!(self, Self::ConverseStream | Self::InvokeStream)
    }

    /// Whether bodies are in the format of the model.
    pub(crate) fn is_native(self) -> bool {
        matches!(self, Self::Invoke | Self::InvokeStream)
    }
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) operation: Operation,
    /// The model id of the path, decoded once.
    pub(crate) id: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Ask {
    /// The headers that say something of the body, for codecs.
    pub(crate) fn call_headers(&self) -> Vec<(String, String)> {
        let said = self.headers.iter().filter(|(name, _)| name.as_str().starts_with("x-amzn-bedrock-"));
        said.filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))).collect()
    }

    /// The text of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A path `/model/{id}/{operation}`, decoded once: an id that is still escaped then is none.
pub(crate) fn path(path: &str) -> Result<(Operation, String), Failure> {
    let unknown = || {
        let why = "there is no such operation; POST /model/{modelId}/converse, /converse-stream, /invoke, \
                   /invoke-with-response-stream or /count-tokens, with `/` in the id as %2F";
        Failure::new(Kind::UnknownOperation, why)
    };
    let (id, operation) = path.strip_prefix("/model/").and_then(|rest| rest.split_once('/')).ok_or_else(unknown)?;
    let operation = Operation::of_path(operation).ok_or_else(unknown)?;
    let valid = well_escaped(id).then(|| percent_decode_str(id).decode_utf8().ok()).flatten();
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/');
    let id = valid.filter(|id| (1..=2048).contains(&id.len()) && id.chars().all(known));
    let id = id.ok_or_else(|| Failure::invalid("The provided model identifier is invalid."))?;
    Ok((operation, id.into_owned()))
}

/// Whether each `%` begins an escape.
fn well_escaped(text: &str) -> bool {
    let mut parts = text.split('%');
    parts.next();
    parts.all(|part| part.as_bytes().get(..2).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit)))
}

/// Refuses a body that is compressed: it is taken as it comes, and would be read as broken text.
pub(crate) fn plain(headers: &HeaderMap) -> Result<(), Failure> {
    let plain = |value: &&http::HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity");
    let Some(encoding) = headers.get_all(CONTENT_ENCODING).iter().find(|value| !plain(value)) else { return Ok(()) };
    let encoding: String = String::from_utf8_lossy(encoding.as_bytes()).chars().take(100).collect();
    let mut failure = Failure::invalid(format!(
        "the body has the content encoding `{encoding}`, and bodies are taken as they are; send it without one"
    ));
    failure.status = 415;
    Err(failure)
}

/// Reads a body, no more of it than the limit and no longer than it goes on.
pub(crate) async fn body(mut incoming: Incoming, limits: &Limits) -> Result<Bytes, Failure> {
    let too_large = || {
        let why = format!("the request body is larger than {} bytes; send a smaller one", limits.body);
        Failure::new(Kind::RequestEntityTooLarge, why)
    };
    let hint = incoming.size_hint();
    if hint.lower() > limits.body as u64 {
        drain(incoming, limits).await;
        return Err(too_large());
    }
    let mut all = BytesMut::new();
    // A pause now and then is fine, a body that never ends is not.
    let end = tokio::time::Instant::now() + limits.body_pause * PAUSES;
    loop {
        let next = (tokio::time::Instant::now() + limits.body_pause).min(end);
        let frame = match tokio::time::timeout_at(next, incoming.frame()).await {
            Err(_) => return Err(slow(limits.body_pause)),
            Ok(None) => return Ok(all.freeze()),
            Ok(Some(Err(e))) => {
                return Err(Failure::invalid(format!("the request body broke off: {}; send it again", causes(&e))));
            }
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        if all.len() + data.len() > limits.body {
            drop(all);
            drain(incoming, limits).await;
            return Err(too_large());
        }
        if all.is_empty() {
            // What is announced is not reserved before it comes.
            all.reserve((hint.lower() as usize).min(data.len().saturating_mul(16)));
        }
        all.extend_from_slice(&data);
    }
}

/// Reads on for a while and keeps nothing: clients that send all before they read would not see the answer otherwise.
async fn drain(mut incoming: Incoming, limits: &Limits) {
    let mut left = limits.body.saturating_mul(2);
    let all = async {
        while let Some(Ok(frame)) = incoming.frame().await {
            match left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    // However it ends, the answer is the same.
    let _ = tokio::time::timeout(limits.body_pause, all).await;
}

/// So many pauses may make up the time of a body.
const PAUSES: u32 = 10;

fn slow(pause: Duration) -> Failure {
    let why = format!("the request body paused for more than {pause:?} or came too slowly; send it in one go");
    let mut failure = Failure::invalid(why);
    failure.status = 408;
    failure.name = "RequestTimeoutException".into();
    failure
}

/// A header of our own.
pub(crate) const FAULT: HeaderName = HeaderName::from_static("x-outcrop-fault");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_decoded_once() {
        let id = |p: &str| path(p).map(|(_, id)| id);
        assert_eq!(id("/model/a.b-v1%3A0/invoke").unwrap(), "a.b-v1:0");
        assert_eq!(id("/model/a.b-v1:0/invoke").unwrap(), "a.b-v1:0");
        let arn = "arn:aws:bedrock:us-east-1:111122223333:imported-model/abcdefghijkl";
        assert_eq!(
            id("/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A111122223333%3Aimported-model%2Fabcdefghijkl/converse")
                .unwrap(),
            arn
        );
        assert_eq!(
            id("/model/arn:aws:bedrock:us-east-1:111122223333:imported-model%2fabcdefghijkl/converse").unwrap(),
            arn
        );
        for bad in ["%253A", "%zz", "%", "%4", "%ff", "%00", "a%20b", ""] {
            assert_eq!(path(&format!("/model/{bad}/invoke")).unwrap_err().status, 400, "{bad}");
        }
        for bad in ["/", "/model/a", "/model/a/b/invoke", "/models/a/invoke", "/model/a/invoke/", "/model/a/Invoke"] {
            assert_eq!(path(bad).unwrap_err().status, 404, "{bad}");
        }
    }
}
