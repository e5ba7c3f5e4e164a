//! Listens to what an interceptor makes of a call: one tap stands before it and one behind.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use aws_sdk_bedrockruntime::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_bedrockruntime::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_bedrockruntime::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// What one call sent and got, on one side of the interceptor.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    /// The body of the request.
    pub(crate) request: Vec<u8>,
    /// The body of the answer: frames of an event stream.
    pub(crate) answer: Vec<u8>,
}

/// Which side of the interceptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// What the SDK made and what it reads: Converse.
    Converse,
    /// What goes over the wire: the model's own format.
    Native,
}

/// An interceptor that changes nothing.
#[derive(Debug, Clone)]
pub(crate) struct Tap {
    side: Side,
    heard: Arc<Mutex<Heard>>,
}

impl Tap {
    pub(crate) fn new(side: Side) -> Self {
        Self { side, heard: Arc::default() }
    }

    /// What it has heard since it was asked last.
    pub(crate) fn take(&self) -> Heard {
        std::mem::take(&mut *lock(&self.heard))
    }
}

fn lock(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Intercept for Tap {
    fn name(&self) -> &'static str {
        "Tap"
    }

    // The SDK's own request is there before anything changes it; the one that goes out, when nothing will change it any more.
    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.side == Side::Converse {
            lock(&self.heard).request = context.request().body().bytes().unwrap_or_default().to_vec();
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.side == Side::Native {
            lock(&self.heard).request = context.request().body().bytes().unwrap_or_default().to_vec();
        }
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().body_mut();
        let inner = std::mem::replace(body, SdkBody::taken());
        *body = SdkBody::from_body_1_x(Overheard { inner, heard: Arc::clone(&self.heard) });
        Ok(())
    }
}

/// A body that is noted as it passes.
struct Overheard {
    inner: SdkBody,
    heard: Arc<Mutex<Heard>>,
}

impl Body for Overheard {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            lock(&self.heard).answer.extend_from_slice(data);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        Body::size_hint(&self.inner)
    }
}
