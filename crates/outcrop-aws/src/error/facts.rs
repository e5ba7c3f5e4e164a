//! What a server said with an error, before anybody judges it.

use std::time::{Duration, SystemTime};

use serde::Deserialize;

use super::retry_after;

/// The most of a body that is kept.
const KEPT: usize = 64 * 1024;
/// The most of a body that is taken for a message, if it is not the service's JSON.
const AS_MESSAGE: usize = 300;

/// What a server said with an error.
#[doc(hidden)]
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    pub(crate) status: Option<u16>,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
    /// Whether this came in a stream that had begun.
    pub(crate) in_stream: bool,
}

/// The members of an error's body. A member of another type makes the whole a text of nobody knows whom.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    message: Option<String>,
    #[serde(rename = "Message")]
    upper: Option<String>,
    #[serde(rename = "errorMessage")]
    error_message: Option<String>,
    code: Option<String>,
    #[serde(rename = "__type")]
    kind: Option<String>,
    #[serde(rename = "originalStatusCode")]
    original_status: Option<i64>,
    #[serde(rename = "originalMessage")]
    original_message: Option<String>,
    #[serde(rename = "resourceName")]
    resource: Option<String>,
}

impl Facts {
    /// From an HTTP answer.
    pub(crate) fn of_answer<'h>(status: u16, get: impl Fn(&str) -> Option<&'h str>, body: &[u8]) -> Self {
        let (in_body, message) = said(body);
        let header = get("x-amzn-errortype").map(bare);
        let id = get("x-amzn-requestid").or_else(|| get("x-amz-request-id"));
        Self {
            code: header.or(in_body).filter(|code| !code.is_empty()),
            message: if message.is_empty() { format!("HTTP {status} without a message") } else { message },
            status: Some(status),
            request_id: id.map(str::to_owned),
            retry_after: retry_after(get, SystemTime::now()),
            body: kept(body),
            in_stream: false,
        }
    }

    /// From an exception or error in a stream: its name (`throttlingException`) and payload. Such a stream began with HTTP 200.
    pub(crate) fn of_frame(name: Option<&str>, message: Option<&str>, payload: &[u8]) -> Self {
        let (in_body, said) = said(payload);
        let named = name.map(|name| {
            let mut letters = bare(name).chars().collect::<Vec<_>>();
            if let Some(first) = letters.first_mut() {
                *first = first.to_ascii_uppercase();
            }
            letters.into_iter().collect::<String>()
        });
        let said = message.map_or(said, str::to_owned);
        Self {
            code: named.or(in_body).filter(|code| !code.is_empty()),
            message: if said.is_empty() { "an exception without a message".to_owned() } else { said },
            status: Some(200),
            body: kept(payload),
            in_stream: true,
            ..Self::default()
        }
    }
}

/// The name without what follows `:` and what stands before `#`.
fn bare(code: &str) -> String {
    let code = code.split_once(':').map_or(code, |(code, _)| code);
    code.rsplit_once('#').map_or(code, |(_, code)| code).trim().to_owned()
}

/// Code and message of a body. A message that wraps that of a model's container tells it, too.
fn said(body: &[u8]) -> (Option<String>, String) {
    let Ok(said) = serde_json::from_slice::<Body>(body) else {
        let text = String::from_utf8_lossy(body.get(..AS_MESSAGE).unwrap_or(body)).trim().to_owned();
        return (None, text);
    };
    let mut message = said.message.or(said.upper).or(said.error_message).unwrap_or_default();
    if let Some(original) = said.original_message.filter(|original| *original != message) {
        message = join(message, &format!("the model said: {original}"));
    }
    if let Some(status) = said.original_status {
        message = join(message, &format!("its status: {status}"));
    }
    if let Some(resource) = said.resource {
        message = join(message, &format!("resource: {resource}"));
    }
    (said.code.or(said.kind).as_deref().map(bare), message)
}

fn join(text: String, more: &str) -> String {
    if text.is_empty() { more.to_owned() } else { format!("{text} ({more})") }
}

fn kept(body: &[u8]) -> Vec<u8> {
    body.get(..KEPT).unwrap_or(body).to_vec()
}
