//! Streams are opened again until their first event, and never after it.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::Policy;
use super::backoff::{Budget, backoff};
use crate::error::{Class, Error};

/// Opens streams, again if need be. An exception may be the first frame after HTTP 200, where the SDK does not retry.
///
/// A clone shares the budget. Nothing that was handed out is ever asked for a second time.
#[derive(Debug, Clone)]
pub struct Streams {
    policy: Policy,
    budget: Arc<Budget>,
}

/// The SDK's capacity.
const CAPACITY: usize = 500;

impl Streams {
    /// With the attempts, waits and budget of a policy.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        let budget = Arc::new(Budget::new(policy.budget.unwrap_or(CAPACITY)));
        Self { policy, budget }
    }

    /// Opens a stream and waits for its first event. If that is an error worth a retry, waits and opens it again, as often as
    /// the policy and the budget allow. Errors of `open` itself come back at once: the SDK has already sent those again.
    ///
    /// To be cancelled by dropping; needs a tokio runtime with time.
    pub async fn open<S, T, F, O>(&self, mut open: F) -> Result<Begun<S>, Error>
    where
        S: Stream<Item = Result<T, Error>>,
        F: FnMut() -> O,
        O: Future<Output = Result<S, Error>>,
    {
        let begin = tokio::time::Instant::now();
        let mut made = 0_u32;
        loop {
            let stream = open().await?;
            made = made.saturating_add(1);
            let mut stream = Box::pin(stream);
            let error = match poll_fn(|cx| stream.as_mut().poll_next(cx)).await {
                Some(Err(error)) => error,
                first => {
                    self.budget.succeed(made > 1);
                    let ended = first.is_none();
                    return Ok(Begun { first, stream, ended });
                }
            };
            let patient = error.class() == Class::ModelNotReady && begin.elapsed() < self.policy.not_ready;
            let wanted = error.is_retryable() && (made < self.policy.sdk.max_attempts() || patient);
            let asked = error.retry_after();
            if !wanted || asked.is_some_and(|wait| wait > self.policy.longest_wait) || !self.budget.take() {
                return Err(error);
            }
            // The connection of the failed attempt must not live on while this one waits.
            drop(stream);
            let wait = asked.map_or_else(|| backoff(&self.policy.sdk, made), super::classifier::jittered);
            tracing::debug!(class = %error.class(), attempt = made, ?wait, "the stream failed before its first event");
            tokio::time::sleep(wait).await;
        }
    }
}

/// A stream whose first event has arrived: it gives that, then the rest.
#[derive(Debug)]
pub struct Begun<S: Stream> {
    first: Option<S::Item>,
    stream: Pin<Box<S>>,
    ended: bool,
}

// Nothing of it is pinned in place: the stream is in a box.
impl<S: Stream> Unpin for Begun<S> {}

impl<S: Stream> Begun<S> {
    /// The stream that was opened.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream that was opened.
    pub fn get_pin_mut(&mut self) -> Pin<&mut S> {
        self.stream.as_mut()
    }
}

impl<S: Stream> Stream for Begun<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        let next = self.stream.as_mut().poll_next(cx);
        self.ended = matches!(next, Poll::Ready(None));
        next
    }
}
