//! Calls one at a time, and many at once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::caller::{Caller, Took};
use super::memory::{Held, Span};
use super::pair::Pair;

/// Calls of each kind, one at a time.
pub(crate) const ALONE: usize = 1000;

/// Times in microseconds, to a percent. However many there are, they take the same room: a soak must not grow by what it
/// notes down.
pub(crate) struct Times(Histogram<u64>);

impl Times {
    pub(crate) fn new() -> Self {
        Self(Histogram::new_with_bounds(1, 3_600_000_000, 2).expect("bounds of a histogram"))
    }

    fn note(&mut self, time: Duration) {
        self.0.saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// Milliseconds that so many of a hundred do not exceed.
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        self.0.value_at_percentile(percent) as f64 / 1e3
    }
}

/// What many streams at once came to.
pub(crate) struct Soak {
    pub(crate) streams: u64,
    pub(crate) events: u64,
    pub(crate) took: Duration,
    /// Whole times of the streams.
    pub(crate) times: Times,
    /// Before the first connection.
    pub(crate) before: Held,
    /// The first tenth, in which everything comes up to its size, and then up to each quarter.
    pub(crate) spans: [Span; 5],
    /// After the last connection.
    pub(crate) after: Held,
}

/// A text of some 120 tokens that occurs once; all have the same length.
pub(crate) fn text(stream: usize, round: u64) -> String {
    let words = (0..40).map(|word| format!("s{stream:03}r{round:06}w{word:02}"));
    words.collect::<Vec<_>>().join(" ")
}

/// One call at a time, in turns in the model's own format straight to the endpoint and in Converse through the gateway,
/// which asks the same endpoint in the same format: what is measured, and the times of both.
pub(crate) async fn alone(pair: &Pair) -> Vec<(&'static str, [Times; 2])> {
    let [direct, gateway] = [pair.direct.url(), pair.gateway.url()].map(|url| Caller::new(&url, false));
    let mut times = [0; 3].map(|_| [0; 2].map(|_| Times::new()));
    let [whole, first, last] = &mut times;
    for round in 0..ALONE as u64 {
        let text = text(0, round);
        let note = |[d, g]: &mut [Times; 2], a: Duration, b: Duration| {
            d.note(a);
            g.note(b);
        };
        let (a, b) = (direct.invoke(&text).await, gateway.converse(&text).await);
        note(whole, a.whole, b.whole);
        let (a, b) = (direct.invoke_stream(&text).await, gateway.converse_stream(&text).await);
        note(first, a.first, b.first);
        note(last, a.whole, b.whole);
    }
    ["a whole answer", "the first event of a stream", "the last event of a stream"].into_iter().zip(times).collect()
}

/// Many streams at once for a time, half of them over HTTP/2; each is followed by the next.
pub(crate) async fn soak(url: &str, streams: usize, time: Duration) -> Soak {
    let before = Held::quiet().await;
    let began = Instant::now();
    let times = Arc::new(Mutex::new(Times::new()));
    let mut running = tokio::task::JoinSet::new();
    for stream in 0..streams {
        let (caller, times) = (Caller::new(url, stream % 2 == 1), Arc::clone(&times));
        running.spawn(async move {
            let (mut round, mut events) = (0, 0);
            while began.elapsed() < time {
                let Took { whole, events: seen, .. } = caller.converse_stream(&text(stream, round)).await;
                times.lock().unwrap_or_else(PoisonError::into_inner).note(whole);
                events += seen;
                round += 1;
            }
            (round, events)
        });
    }
    let span = async |part: f64| Span::watch((began + time.mul_f64(part)).into()).await;
    let spans = [span(0.1).await, span(0.25).await, span(0.5).await, span(0.75).await, span(1.0).await];
    let (mut all, mut events) = (0, 0);
    while let Some(done) = running.join_next().await {
        let (rounds, seen) = done.expect("no stream is lost or mixed");
        all += rounds;
        events += seen;
    }
    let took = began.elapsed();
    let times = Arc::into_inner(times).and_then(|times| times.into_inner().ok()).expect("the streams have ended");
    let after = Held::quiet().await;
    Soak { streams: all, events, took, times, before, spans, after }
}
