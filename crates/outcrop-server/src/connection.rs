//! One connection: HTTP/1.1, or HTTP/2 by prior knowledge, told apart by the first bytes.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tracing::debug;

use crate::server::stopped;
use crate::service::Service;

/// Requests of one HTTP/2 connection at once.
const STREAMS: u32 = 256;
/// Header lines of one request.
const HEADERS: usize = 128;

/// How busy a connection is.
#[derive(Debug)]
pub(crate) struct Activity(Mutex<(usize, Instant)>);

/// A request that is being read or answered; it ends when this is dropped, with the last byte of the answer.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Activity>);

impl Activity {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new((0, Instant::now()))))
    }

    fn begin(self: &Arc<Self>) -> Busy {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 += 1;
        Busy(Arc::clone(self))
    }

    /// Since when nothing has been asked; none while something is.
    fn idle_since(&self) -> Option<Instant> {
        let (requests, since) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (requests == 0).then_some(since)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = (state.0.saturating_sub(1), Instant::now());
    }
}

pub(crate) async fn run(stream: TcpStream, service: Arc<Service>, mut stopping: watch::Receiver<bool>) {
    let limits = service.limits.clone();
    let _open = service.telemetry.connection();
    let activity = Activity::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).max_headers(HEADERS).max_buf_size(limits.head.max(8192));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX));
    let answer = {
        let (service, activity) = (Arc::clone(&service), Arc::clone(&activity));
        service_fn(move |request| {
            let (service, busy) = (Arc::clone(&service), activity.begin());
            async move { service.answer(request, busy).await }
        })
    };
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), answer));
    let mut stop_seen = false;
    loop {
        // Half a head, or nothing at all, is no request: such a connection counts as idle, however it trickles.
        let end = activity.idle_since().unwrap_or_else(Instant::now) + limits.idle;
        tokio::select! {
            done = connection.as_mut() => {
                if let Err(e) = done {
                    debug!("connection: {e}");
                }
                return;
            }
            () = stopped(&mut stopping), if !stop_seen => {
                stop_seen = true;
                connection.as_mut().graceful_shutdown();
            }
            () = sleep_until(end) => {
                if activity.idle_since().is_some_and(|since| since + limits.idle <= Instant::now()) {
                    debug!("connection closed: idle");
                    return;
                }
            }
        }
    }
}
