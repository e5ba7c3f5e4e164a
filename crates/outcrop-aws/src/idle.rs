//! Waiting for the next event of a stream, but not for ever.
//!
//! Once the headers of a stream have arrived, no timeout of the SDK applies any more and a stalled stream hangs its reader.
//! [`Timed`] gives any stream a limit between events, [`within`] any single wait such as `receiver.recv()`.
//!
//! Models that reason pause for long: [`DEFAULT`] is 120 seconds. Only time spent waiting counts; a reader that comes late
//! finds what has arrived meanwhile.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};

use crate::error::{Class, Error, Wait};

/// How long the next event may take if nobody says otherwise: longer than models that reason are known to pause, shorter
/// than the 350 seconds after which NAT gateways and load balancers forget a silent connection.
pub const DEFAULT: Duration = Duration::from_mins(2);

/// The error of an event that did not come in time.
fn elapsed(limit: Duration) -> Error {
    Error::new(Class::Timeout(Wait::Idle), format!("no event of the stream came within {limit:?}"))
}

/// Waits for one thing, at most so long; no limit waits as long as it takes. Needs a tokio runtime with time.
pub async fn within<T, E: Into<Error>>(
    limit: Option<Duration>,
    next: impl Future<Output = Result<T, E>>,
) -> Result<T, Error> {
    match limit {
        None => next.await.map_err(Into::into),
        Some(limit) => match tokio::time::timeout(limit, next).await {
            Ok(came) => came.map_err(Into::into),
            Err(_) => Err(elapsed(limit)),
        },
    }
}

pin_project! {
    /// A stream with a limit between events. If that is over, an error of class `timeout (idle)` comes and then the end.
    #[derive(Debug)]
    pub struct Timed<S> {
        #[pin]
        stream: S,
        #[pin]
        sleep: Option<Sleep>,
        limit: Option<Duration>,
        // Whether the clock runs: it starts when there is nothing to be had, not when the last event came.
        waiting: bool,
        ended: bool,
    }
}

impl<S> Timed<S> {
    /// With the time that an event may take; none waits as long as it takes.
    pub fn new(stream: S, limit: Option<Duration>) -> Self {
        Self { stream, sleep: None, limit, waiting: false, ended: false }
    }

    /// The stream inside.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream inside.
    #[must_use]
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut S> {
        self.project().stream
    }
}

impl<S, T, E> Stream for Timed<S>
where
    S: Stream<Item = Result<T, E>>,
    E: Into<Error>,
{
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        if let Poll::Ready(next) = this.stream.poll_next(cx) {
            *this.waiting = false;
            *this.ended = next.is_none();
            return Poll::Ready(next.map(|next| next.map_err(Into::into)));
        }
        let Some(limit) = *this.limit else { return Poll::Pending };
        // A limit beyond the clock is none.
        let Some(until) = Instant::now().checked_add(limit) else { return Poll::Pending };
        if !*this.waiting {
            *this.waiting = true;
            match this.sleep.as_mut().as_pin_mut() {
                Some(sleep) => sleep.reset(until),
                None => this.sleep.set(Some(tokio::time::sleep_until(until))),
            }
        }
        if let Some(sleep) = this.sleep.as_pin_mut() {
            ready!(sleep.poll(cx));
        }
        *this.ended = true;
        Poll::Ready(Some(Err(elapsed(limit))))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // One more than the stream's: the error.
        let (least, most) = self.stream.size_hint();
        (least.min(1), most.and_then(|most| most.checked_add(1)))
    }
}
