//! One call's headers: those that the format wants sent and signed, and those that tell of the answer, which the SDK's
//! types leave out.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_bedrockruntime::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_sdk_bedrockruntime::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_bedrockruntime::error::BoxError;

/// What all headers of the service begin with that speak of an answer.
const OURS: &str = "x-amzn-bedrock-";

/// The headers of one call. Clones are of the same call.
#[derive(Debug, Clone)]
pub(super) struct Headers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sent: Vec<(String, String)>,
    told: Mutex<Vec<(String, String)>>,
}

impl Headers {
    /// A call that sends these.
    pub(super) fn new(sent: Vec<(String, String)>) -> Self {
        Self(Arc::new(Inner { sent, told: Mutex::default() }))
    }

    /// Those of the answer, once it has begun.
    pub(super) fn take(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.0.told.lock().unwrap_or_else(PoisonError::into_inner))
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

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.response().headers().iter();
        let ours = headers.filter(|(name, _)| name.starts_with(OURS));
        let told = ours.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        *self.0.told.lock().unwrap_or_else(PoisonError::into_inner) = told;
        Ok(())
    }
}
