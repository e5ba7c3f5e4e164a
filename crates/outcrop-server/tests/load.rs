//! Many streams at once, for a short while: none is lost, cut or mixed with another. `examples/load` is the long version,
//! which measures.

#![allow(dead_code, clippy::expect_used, clippy::unwrap_used, clippy::panic)]

#[path = "../examples/load/caller.rs"]
mod caller;
#[path = "../examples/load/memory.rs"]
mod memory;
#[path = "../examples/load/pair.rs"]
mod pair;
#[path = "../examples/load/rounds.rs"]
mod rounds;

use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_streams_come_whole_and_alone() {
    const STREAMS: usize = 16;
    let pair = pair::Pair::start().await;
    for url in [pair.direct.url(), pair.gateway.url()] {
        let soak = rounds::soak(&url, STREAMS, Duration::from_secs(1)).await;
        assert!(soak.streams >= STREAMS as u64, "each made at least one round: {}", soak.streams);
        // Events of an answer are the same in number however it came.
        let each = soak.events / soak.streams;
        assert_eq!(each * soak.streams, soak.events, "no stream has more or less events than another");
    }
    pair.stop().await;
}
