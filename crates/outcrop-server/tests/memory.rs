//! Nothing is kept of streams that have ended. The endpoint, a gateway to it and their callers run on the thread of the
//! test, where every byte that is taken and given back is counted.

#![allow(dead_code, clippy::expect_used, clippy::unwrap_used, clippy::panic)]

#[path = "../examples/load/caller.rs"]
mod caller;
#[path = "../examples/load/pair.rs"]
mod pair;

use caller::Caller;

/// A text that occurs once; all have the same length.
fn text(round: usize) -> String {
    format!("stream {round:06} has a text of its own, which comes back whole and alone")
}

/// Bytes that are in use after so many rounds and were not before. A round is an answer and a stream of each kind, by HTTP/1.1
/// and by HTTP/2, straight and through the gateway.
fn kept(runtime: &tokio::runtime::Runtime, callers: &[Caller], rounds: std::ops::Range<usize>) -> i64 {
    let counted = allocation_counter::measure(|| {
        runtime.block_on(async {
            for round in rounds {
                for caller in callers {
                    let text = text(round);
                    caller.converse(&text).await;
                    caller.invoke(&text).await;
                    caller.converse_stream(&text).await;
                    caller.invoke_stream(&text).await;
                }
                // What an answer leaves behind ends a little after it.
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
            }
        });
    });
    counted.bytes_current
}

/// Rounds that are counted together.
const ROUNDS: usize = 4;
/// Less than three bytes of a call: sixteen are made a round, half of them twice.
const FEW: u64 = 256;

#[test]
fn nothing_is_kept_of_streams_that_have_ended() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let pair = runtime.block_on(pair::Pair::start());
    let urls = [pair.direct.url(), pair.gateway.url()];
    let callers: Vec<Caller> = urls.iter().flat_map(|url| [false, true].map(|http2| Caller::new(url, http2))).collect();
    // Connections and buffers come up to their size first, and then stay there. What is kept of every call never stays.
    let mut seen = Vec::new();
    let settled = (0..24).any(|times| {
        seen.push(kept(&runtime, &callers, times * ROUNDS..(times + 1) * ROUNDS));
        matches!(seen.as_slice(), [.., a, b] if a.unsigned_abs() < FEW && b.unsigned_abs() < FEW)
    });
    assert!(settled, "bytes that were kept of {ROUNDS} rounds, time after time: {seen:?}");
    drop(callers);
    runtime.block_on(pair.stop());
}
