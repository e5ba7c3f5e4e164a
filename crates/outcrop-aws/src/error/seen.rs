//! From what an interceptor sees of a failure, which it may look at and not take, to [`Error`]: the same class and text that
//! the caller finds in the SDK's error, without its sources.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_bedrockruntime::operation::converse::ConverseError;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamError;
use aws_smithy_runtime_api::client::interceptors::context::{Error as Erased, FinalizerInterceptorContextRef};
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::sdk::{answered, chain, unreadable, unsent};
use super::{Class, Error, Wait};

/// The failure of a call as its interceptors see it when it is over.
pub(crate) fn failed(error: &OrchestratorError<Erased>, context: &FinalizerInterceptorContextRef<'_>) -> Error {
    // The cases of the SDK's own step from here to the error that the caller gets.
    let own = match (error.as_operation_error(), context.response()) {
        (Some(said), Some(response)) => {
            let (code, message) = words(said);
            return answered(response, code, message);
        }
        _ if error.is_timeout_error() => Error::new(Class::Timeout(Wait::Answer), chain(error)),
        _ if connector(error).is_some() => unsent(error, connector(error)),
        (_, Some(response)) => unreadable(error, response),
        // A request that was made and not answered.
        (_, None) if context.request().is_some() => unsent(error, None),
        (_, None) => Error::new(Class::InvalidRequest, chain(error)),
    };
    with_causes(own, error)
}

/// The failure of the body of a stream.
pub(crate) fn broken(cause: &(dyn StdError + 'static)) -> Error {
    let mut text = cause.to_string();
    let more = chain(cause);
    if !text.contains(&more) {
        text = format!("{text}: {more}");
    }
    with_causes(Error::new(Class::StreamBroken, text), cause)
}

fn with_causes(mut own: Error, error: &(dyn StdError + 'static)) -> Error {
    own.take_ours(error);
    own
}

fn connector(error: &OrchestratorError<Erased>) -> Option<&ConnectorError> {
    error.as_connector_error().or_else(|| error.source()?.downcast_ref())
}

/// Code and message of an operation's error.
fn words(said: &Erased) -> (Option<&str>, Option<&str>) {
    fn of<E: ProvideErrorMetadata + StdError + fmt::Debug + Send + Sync + 'static>(
        said: &Erased,
    ) -> Option<(Option<&str>, Option<&str>)> {
        said.downcast_ref::<E>().map(|error| (error.code(), error.message()))
    }
    of::<ConverseError>(said).or_else(|| of::<ConverseStreamError>(said)).unwrap_or_default()
}
