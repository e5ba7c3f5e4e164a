//! Load and soak of the local endpoint and of a gateway to it, on the loopback interface:
//!
//! ```text
//! cargo run --release -p outcrop-server --example load -- [seconds] [streams]
//! ```
//!
//! First one call at a time, in turns straight to an endpoint and through a gateway, for what the gateway adds; then many
//! streams at once through both for a minute, each with a text of its own that must come back whole and alone, while the
//! memory of the process (endpoint, gateway and callers together) is watched.
//!
//! How to read the memory: the heap in use says whether anything is kept. Buffers of connections come up to their size,
//! those between two endpoints slowly, and stay there; once all connections have ended it is as small as before. (A gateway
//! keeps its connections for a minute, so after a soak through one they are still held; not once it has stopped.) Resident
//! memory is what the allocator has taken from the system for it. It follows the most that was ever in use, and is not
//! given back soon.

// Whatever goes wrong ends the run with a message.
#![allow(clippy::expect_used, clippy::panic)]

mod caller;
mod memory;
mod pair;
mod rounds;

use std::time::Duration;

use memory::{Held, Span};
use pair::Pair;
use rounds::Soak;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse().expect("numbers: [seconds] [streams]"));
    let seconds: u64 = arguments.next().unwrap_or(60);
    let streams: usize = arguments.next().and_then(|n| usize::try_from(n).ok()).unwrap_or(64);

    let pair = Pair::start().await;
    println!("one call at a time, {} each: milliseconds", rounds::ALONE);
    println!("{:<34} {:>9} {:>9} {:>9}", "", "direct", "gateway", "added");
    for (what, [direct, gateway]) in rounds::alone(&pair).await {
        for (share, at) in [("p50", 50.0), ("p99", 99.0)] {
            let [d, g] = [&direct, &gateway].map(|times| times.percentile(at));
            println!("{what:<30} {share:>3} {d:>9.3} {g:>9.3} {:>9.3}", g - d);
        }
    }

    println!("\n{streams} streams at once for {seconds} s each way: throughput, and milliseconds");
    println!("{:<10} {:>9} {:>9} {:>10} {:>9} {:>9}", "", "streams", "per s", "events/s", "p50", "p99");
    let mut soaks = Vec::new();
    for (name, url) in [("direct", pair.direct.url()), ("gateway", pair.gateway.url())] {
        let soak = rounds::soak(&url, streams, Duration::from_secs(seconds)).await;
        let took = soak.took.as_secs_f64();
        println!(
            "{name:<10} {:>9} {:>9.0} {:>10.0} {:>9.2} {:>9.2}",
            soak.streams,
            soak.streams as f64 / took,
            soak.events as f64 / took,
            soak.times.percentile(50.0),
            soak.times.percentile(99.0),
        );
        soaks.push((name, soak));
    }
    pair.stop().await;
    let stopped = Held::quiet().await;
    println!("\nmemory in MiB: in use on the heap (mean, most, at that moment), and resident (without files, and all)");
    for (name, soak) in &soaks {
        memory(name, soak);
    }
    line("stopped", None, &stopped);
    println!("\nevery stream came whole, in order, and with its own text");
}

/// What was held, moment by moment.
fn memory(name: &str, soak: &Soak) {
    println!(
        "{name:<10} {:>8} {:>8} {:>8} {:>10} {:>9} {:>7} {:>7}",
        "mean", "most", "now", "anonymous", "resident", "tasks", "files"
    );
    line("before", None, &soak.before);
    for (moment, span) in ["to 10 %", "to 25 %", "to 50 %", "to 75 %", "to 100 %"].into_iter().zip(&soak.spans) {
        line(moment, Some(span), &span.end);
    }
    line("after", None, &soak.after);
}

fn line(moment: &str, span: Option<&Span>, held: &Held) {
    let mib = |bytes: f64| format!("{:.2}", bytes / 1_048_576.0);
    let none = || "-".to_owned();
    println!(
        "{moment:<10} {:>8} {:>8} {:>8} {:>10} {:>9} {:>7} {:>7}",
        span.map_or_else(none, |span| mib(span.mean)),
        span.map_or_else(none, |span| mib(span.most as f64)),
        mib(held.heap as f64),
        held.anonymous.map_or_else(none, mib),
        held.resident.map_or_else(none, mib),
        held.tasks,
        held.files.map_or_else(none, |n| n.to_string()),
    );
}
