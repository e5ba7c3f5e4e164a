//! The request as the SDK's types: encoded without the SDK's JSON, which costs more than all else that a call of some size
//! does.
//!
//! The SDK's types keep nothing of what they do not know, and other interceptors may read or change the JSON. So this is for
//! the very release of the SDK that [`crate::convert`] is written for, and for calls in which there are no interceptors but the
//! SDK's own and this one; all others are encoded out of their JSON.

use aws_sdk_bedrockruntime::meta::PKG_VERSION;
use aws_sdk_bedrockruntime::operation::converse::ConverseInput;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamInput;
use aws_smithy_runtime_api::client::interceptors::Intercept as _;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use outcrop::runtime::Error;

use crate::convert::RELEASE;
use crate::types::ConverseRequest;

/// The interceptors of the SDK, about as it runs them. None looks into the body of a request.
const INTERCEPTORS: [&str; 19] = [
    "TokenBucketProvider",
    "ConnectionPoisoningInterceptor",
    "RetryModeFeatureTrackerInterceptor",
    "ServiceClockSkewInterceptor",
    "RequestInfoInterceptor",
    "UserAgentInterceptor",
    "InvocationIdInterceptor",
    "RecursionDetectionInterceptor",
    "EndpointOverrideFeatureTrackerInterceptor",
    "ObservabilityFeatureTrackerInterceptor",
    "EnforceContentLength",
    super::NAME,
    "MetricsInterceptor",
    "TelemetryBytesInterceptor",
    "ConverseTelemetryInputCaptureInterceptor",
    "ConverseStreamTelemetryInputCaptureInterceptor",
    "StalledStreamProtectionInterceptor",
    "ConverseEndpointParamsInterceptor",
    "ConverseStreamEndpointParamsInterceptor",
];

/// Whether nobody sees the JSON of a call with these components, and nothing is in it that the types leave out.
pub(super) fn is_open(components: &RuntimeComponents) -> bool {
    PKG_VERSION == RELEASE && are_known(components.interceptors().map(|interceptor| interceptor.name()))
}

fn are_known(names: impl Iterator<Item = &'static str>) -> bool {
    let mut next = INTERCEPTORS.iter().cycle();
    // They come in order: to look on where the last was found finds nearly all at once.
    names.into_iter().all(|name| next.by_ref().take(INTERCEPTORS.len()).any(|known| *known == name))
}

/// The body of an input of Converse's operations. An input of another is given back, as is one that the SDK refuses, and one
/// that asks nothing: then others put the body in later.
pub(super) fn body(input: Input) -> Result<Result<ConverseRequest, Error>, Input> {
    let asks = |id: &Option<String>, asked: bool| asked && id.as_ref().is_some_and(|id| !id.is_empty());
    let input = match input.downcast::<ConverseInput>() {
        Ok(input) if asks(&input.model_id, input.messages.is_some()) => return Ok(input.try_into()),
        Ok(input) => return Err(Input::erase(input)),
        Err(input) => input,
    };
    match input.downcast::<ConverseStreamInput>() {
        Ok(input) if asks(&input.model_id, input.messages.is_some()) => Ok(input.try_into()),
        Ok(input) => Err(Input::erase(input)),
        Err(input) => Err(input),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_has_its_interceptors_in_any_order_and_strangers_are_seen() {
        assert!(are_known(INTERCEPTORS.into_iter()));
        assert!(are_known(INTERCEPTORS.into_iter().rev()));
        assert!(are_known(std::iter::repeat_n(super::super::NAME, 3)));
        for at in 0..=INTERCEPTORS.len() {
            let (before, after) = INTERCEPTORS.split_at(at);
            assert!(!are_known([before, &["MutateRequestInterceptor"], after].concat().into_iter()), "{at}");
        }
    }
}
