//! Calls one at a time, and many at once.

use std::time::{Duration, Instant};

use super::caller::{Caller, Took};
use super::memory::resident;
use super::pair::Pair;

/// Calls of each kind, one at a time.
pub(crate) const ALONE: usize = 1000;

/// What many streams at once came to.
pub(crate) struct Soak {
    pub(crate) streams: u64,
    pub(crate) events: u64,
    pub(crate) took: Duration,
    /// Whole times of the streams, sorted.
    pub(crate) times: Vec<Duration>,
    /// Resident bytes after the first tenth, halfway, and at the end.
    pub(crate) memory: [Option<f64>; 3],
}

/// The value that a share of the sorted times does not exceed.
#[allow(clippy::cast_sign_loss)] // Neither is negative.
pub(crate) fn quantile(times: &[Duration], share: f64) -> Duration {
    let last = times.len().saturating_sub(1);
    times.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}

/// A text of some 120 tokens that occurs once; all have the same length.
fn text(stream: usize, round: u64) -> String {
    let words = (0..40).map(|word| format!("s{stream:03}r{round:06}w{word:02}"));
    words.collect::<Vec<_>>().join(" ")
}

/// One call at a time, in turns in the model's own format straight to the endpoint and in Converse through the gateway,
/// which asks the same endpoint in the same format: what is measured, and the sorted times of both.
pub(crate) async fn alone(pair: &Pair) -> Vec<(&'static str, Vec<Duration>, Vec<Duration>)> {
    let [direct, gateway] = [pair.direct.url(), pair.gateway.url()].map(|url| Caller::new(&url, false));
    let mut times: [[Vec<Duration>; 2]; 3] = Default::default();
    for round in 0..ALONE as u64 {
        let text = text(0, round);
        let note = |[d, g]: &mut [Vec<Duration>; 2], a: Duration, b: Duration| {
            d.push(a);
            g.push(b);
        };
        let (a, b) = (direct.invoke(&text).await, gateway.converse(&text).await);
        note(&mut times[0], a.whole, b.whole);
        let (a, b) = (direct.invoke_stream(&text).await, gateway.converse_stream(&text).await);
        note(&mut times[1], a.first, b.first);
        note(&mut times[2], a.whole, b.whole);
    }
    let names = ["a whole answer", "the first event of a stream", "the last event of a stream"];
    let sorted = |mut times: Vec<Duration>| {
        times.sort();
        times
    };
    names.into_iter().zip(times).map(|(name, [d, g])| (name, sorted(d), sorted(g))).collect()
}

/// Many streams at once for a time, half of them over HTTP/2; each is followed by the next.
pub(crate) async fn soak(url: &str, streams: usize, time: Duration) -> Soak {
    let began = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for stream in 0..streams {
        let caller = Caller::new(url, stream % 2 == 1);
        running.spawn(async move {
            let (mut round, mut events, mut times) = (0, 0, Vec::new());
            while began.elapsed() < time {
                let Took { whole, events: seen, .. } = caller.converse_stream(&text(stream, round)).await;
                times.push(whole);
                events += seen;
                round += 1;
            }
            (round, events, times)
        });
    }
    let mut memory = [None; 3];
    for (slot, part) in memory.iter_mut().zip([0.1, 0.5, 1.0]) {
        tokio::time::sleep_until((began + time.mul_f64(part)).into()).await;
        *slot = resident();
    }
    let (mut all, mut events, mut times) = (0, 0, Vec::new());
    while let Some(done) = running.join_next().await {
        let (rounds, seen, mut took) = done.expect("no stream is lost or mixed");
        all += rounds;
        events += seen;
        times.append(&mut took);
    }
    let took = began.elapsed();
    times.sort();
    Soak { streams: all, events, took, times, memory }
}
