//! One call's headers: those that the format wants sent and signed, and those that tell of the answer, which the SDK's
//! types leave out. And the body of a stream, whose chunks need not go through the SDK's types.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_bedrockruntime::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
};
use aws_sdk_bedrockruntime::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_bedrockruntime::error::BoxError;

use super::native::{Native, Rest};

/// What all headers of the service begin with that speak of an answer.
const OURS: &str = "x-amzn-bedrock-";

/// The headers of one call. Clones are of the same call.
#[derive(Debug, Clone)]
pub(super) struct Headers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sent: Vec<(String, String)>,
    told: Mutex<Told>,
    /// Whether the body is taken from the SDK.
    takes: bool,
}

#[derive(Debug, Default)]
struct Told {
    headers: Vec<(String, String)>,
    body: Option<Native>,
}

impl Headers {
    /// A call that sends these.
    pub(super) fn new(sent: Vec<(String, String)>) -> Self {
        Self(Arc::new(Inner { sent, told: Mutex::default(), takes: false }))
    }

    /// A call that sends these, and reads the frames of its stream itself.
    pub(super) fn of_stream(sent: Vec<(String, String)>) -> Self {
        Self(Arc::new(Inner { sent, told: Mutex::default(), takes: true }))
    }

    /// Those of the answer, once it has begun.
    pub(super) fn take(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.told().headers)
    }

    /// The chunks of the stream, once it has begun.
    pub(super) fn take_body(&self) -> Option<Native> {
        self.told().body.take()
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for Headers {
    fn name(&self) -> &'static str {
        "headers of an Outcrop call"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.request_mut().headers_mut();
        for (name, value) in &self.0.sent {
            headers.try_insert(name.clone(), value.clone())?;
        }
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response_mut();
        let ours = response.headers().iter().filter(|(name, _)| name.starts_with(OURS));
        let headers = ours.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        // An error is the SDK's to read.
        let body = (self.0.takes && response.status().is_success()).then(|| {
            let rest = Rest::default();
            let body = std::mem::replace(response.body_mut(), rest.clone().into());
            Native::new(body, rest)
        });
        *self.told() = Told { headers, body };
        Ok(())
    }
}
