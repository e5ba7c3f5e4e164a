//! Plain values to native bodies, and native answers to plain values.

use outcrop_runtime::json::Arena;
use outcrop_runtime::{Call, Code, Error, Kind, Output, Report};

use crate::select::Format;
use crate::types::{ConverseRequest, ConverseResponse, Owned as _};

/// The native body of a request, its headers, and what did not go through unchanged.
pub(crate) fn encode_request(format: &Format, call: &Call<'_>, request: &ConverseRequest) -> Result<Output, Error> {
    finite(request)?;
    let Some(typed) = &format.entry.typed else {
        return format.entry.codec.encode(Kind::Request, call, &request.to_json());
    };
    let arena = Arena::for_input(0);
    (typed.encode_request)(&request.view(&arena), call)
}

/// The answer that a native body is, and what did not go through unchanged.
pub(crate) fn decode_response(
    format: &Format,
    call: &Call<'_>,
    native: &[u8],
) -> Result<(ConverseResponse, Report), Error> {
    let Some(typed) = &format.entry.typed else {
        let output = format.entry.codec.decode(Kind::Response, call, native)?;
        return Ok((ConverseResponse::from_json(&output.body)?, output.report));
    };
    let arena = Arena::for_input(native.len());
    let (response, report) = (typed.decode_response)(native, &arena, call)?;
    Ok((ConverseResponse::own(&response)?, report))
}

/// JSON has no number for what is not finite, and another would be sent in silence.
fn finite(request: &ConverseRequest) -> Result<(), Error> {
    let Some(config) = &request.inference_config else { return Ok(()) };
    for (name, value) in [("temperature", config.temperature), ("topP", config.top_p)] {
        if value.is_some_and(|value| !value.is_finite()) {
            let why = "JSON has no number that is not finite; give one that is, or leave it out";
            return Err(Error::new(Code::OutOfRange, why).at(format!("inferenceConfig.{name}")));
        }
    }
    Ok(())
}
