//! The headers of an answer that speak of it, which the SDK's types leave out.

use aws_smithy_runtime_api::http::Headers;

/// What all headers begin with that the service adds.
const OURS: &str = "x-amzn-bedrock-";

/// Those of an answer, lower case: token counts, latency, tier.
pub(crate) fn told(headers: &Headers) -> Vec<(String, String)> {
    let ours = headers.iter().filter(|(name, _)| name.starts_with(OURS));
    ours.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// One of them, by its name without what all begin with.
pub(crate) fn find<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(header, _)| header.strip_prefix(OURS) == Some(name)).map(|(_, value)| value.as_str())
}
