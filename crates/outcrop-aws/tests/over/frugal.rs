//! What a translated stream costs beside one that is not: counted in allocations, for time depends on the machine.

use allocation_counter::measure;
use bytes::Bytes;
use outcrop::runtime::Call;

use super::canned::{Canned, Part, converse_frames};
use super::loopback::event_stream;
use super::support::{LLAMA, family, over, says};

/// Allocations of reading a stream to its end.
fn read(line: &Canned, frames: &[Bytes], raw: bool) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let parts: Vec<Part> = frames.iter().cloned().map(Ok).collect();
    if raw {
        let mut body = runtime.block_on(line.open_raw(parts)).body;
        let drain = async { while body.recv().await.unwrap().is_some() {} };
        return measure(|| runtime.block_on(drain)).count_total;
    }
    let mut stream = runtime.block_on(line.open(parts)).stream;
    let drain = async { while stream.recv().await.unwrap().is_some() {} };
    measure(|| runtime.block_on(drain)).count_total
}

#[test]
fn a_chunk_that_is_translated_takes_few_allocations_more_than_the_sdk_takes_anyway() {
    let entry = family("meta-llama");
    let call = Call { model: LLAMA, ..Call::default() };
    let frames = |words: usize| event_stream(entry, &call, &says(&"metal ".repeat(words))).unwrap();
    let per_chunk = |count: &dyn Fn(&[Bytes]) -> u64| {
        let (few, many) = (frames(100), frames(300));
        (count(&many) - count(&few)) as f64 / (many.len() - few.len()) as f64
    };
    let (over, plain) = (Canned::new(over), Canned::plain());
    let raw = per_chunk(&|frames| read(&plain, frames, true));
    let converse = per_chunk(&|frames| read(&plain, &converse_frames(entry, &call, frames), false));
    let translated = per_chunk(&|frames| read(&over, frames, false));
    println!("allocations a chunk: raw {raw:.2}, converse {converse:.2}, over InvokeModel {translated:.2}");
    assert!(translated < converse + 1.0, "{translated} and {converse}");
}
