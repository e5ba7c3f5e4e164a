//! Load and soak of the local endpoint and of a gateway to it, on the loopback interface:
//!
//! ```text
//! cargo run --release -p outcrop-server --example load -- [seconds] [streams]
//! ```
//!
//! First one call at a time, in turns straight to an endpoint and through a gateway, for what the gateway adds; then many
//! streams at once through both for a minute, each with a text of its own that must come back whole and alone, while the
//! memory of the process (endpoint, gateway and callers together) is watched.

// Whatever goes wrong ends the run with a message.
#![allow(clippy::expect_used, clippy::panic)]

mod caller;
mod memory;
mod pair;
mod rounds;

use std::time::Duration;

use pair::Pair;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse().expect("numbers: [seconds] [streams]"));
    let seconds: u64 = arguments.next().unwrap_or(60);
    let streams: usize = arguments.next().and_then(|n| usize::try_from(n).ok()).unwrap_or(64);

    let pair = Pair::start().await;
    println!("one call at a time, {} each: milliseconds", rounds::ALONE);
    println!("{:<34} {:>9} {:>9} {:>9} {:>9}", "", "direct", "gateway", "added", "");
    for (what, direct, gateway) in rounds::alone(&pair).await {
        for (share, at) in [("p50", 0.50), ("p99", 0.99)] {
            let [d, g] = [&direct, &gateway].map(|times| 1e3 * rounds::quantile(times, at).as_secs_f64());
            println!("{what:<30} {share:>3} {d:>9.3} {g:>9.3} {:>9.3}", g - d);
        }
    }

    println!("\n{streams} streams at once for {seconds} s each way: throughput, milliseconds, and memory in MiB");
    println!(
        "{:<8} {:>9} {:>9} {:>10} {:>9} {:>9} {:>8} {:>8} {:>8}",
        "", "streams", "per s", "events/s", "p50", "p99", "start", "middle", "end"
    );
    for (name, url) in [("direct", pair.direct.url()), ("gateway", pair.gateway.url())] {
        let soak = rounds::soak(&url, streams, Duration::from_secs(seconds)).await;
        let took = soak.took.as_secs_f64();
        let [start, middle, end] =
            soak.memory.map(|bytes| bytes.map_or("-".to_owned(), |b| format!("{:.1}", b / 1_048_576.0)));
        println!(
            "{name:<8} {:>9} {:>9.0} {:>10.0} {:>9.2} {:>9.2} {start:>8} {middle:>8} {end:>8}",
            soak.streams,
            soak.streams as f64 / took,
            soak.events as f64 / took,
            1e3 * rounds::quantile(&soak.times, 0.50).as_secs_f64(),
            1e3 * rounds::quantile(&soak.times, 0.99).as_secs_f64(),
        );
    }
    pair.stop().await;
    println!("\nevery stream came whole, in order, and with its own text");
}
