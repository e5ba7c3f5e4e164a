//! What a call asks of the service.

use outcrop_runtime::{Error, Output};

use super::builder::Settings;
use crate::codec;
use crate::select::Format;
use crate::types::ConverseRequest;

/// What is asked of the service.
pub(super) enum Asked {
    /// A body of the model's own.
    Native(Format, Output),
    /// The service's own Converse.
    Converse(Box<ConverseRequest>),
}

/// Encodes a request if its format is known. This is done before anything is waited for: a future that held the request,
/// which is large, would be moved with it by every layer of a caller's.
pub(super) fn ask(
    settings: &Settings,
    format: Result<Option<Format>, Error>,
    request: ConverseRequest,
) -> Result<Asked, Error> {
    let Some(format) = format? else { return Ok(Asked::Converse(Box::new(request))) };
    let sent = codec::encode_request(&format, &settings.call(&format, &[]), &request)?;
    Ok(Asked::Native(format, sent))
}
