//! What a translated stream costs beside one that is not: counted in allocations, for time depends on the machine.

use allocation_counter::measure;
use aws_sdk_bedrockruntime::Client;
use bytes::Bytes;
use outcrop::runtime::Call;
use outcrop_aws::ConverseOverInvoke;
use outcrop_aws::observe::Observer;

use super::canned::{Canned, Part, converse_frames};
use super::heard::Heard;
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
    let observed = Canned::new(|config| Heard::default().client(config));
    let raw = per_chunk(&|frames| read(&plain, frames, true));
    let converse = per_chunk(&|frames| read(&plain, &converse_frames(entry, &call, frames), false));
    let translated = per_chunk(&|frames| read(&over, frames, false));
    let heard = per_chunk(&|frames| read(&observed, frames, false));
    println!(
        "allocations a chunk: raw {raw:.2}, converse {converse:.2}, over InvokeModel {translated:.2}, observed {heard:.2}"
    );
    assert!(translated < converse + 1.0, "{translated} and {converse}");
    assert!(heard < translated + 0.05, "whoever observes hears nothing of a chunk: {heard} and {translated}");
}

#[test]
fn a_call_that_is_observed_takes_few_allocations_more_than_one_that_is_not() {
    #[derive(Debug)]
    struct Deaf;
    impl Observer for Deaf {}
    let frames = event_stream(family("meta-llama"), &Call { model: LLAMA, ..Call::default() }, &says("Tin.")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let count = |line: &Canned| {
        let call = || drop(runtime.block_on(line.open(frames.iter().cloned().map(Ok))));
        // The first ones fill caches.
        (0..3).for_each(|_| call());
        (0..5).map(|_| measure(call).count_total).min().unwrap()
    };
    let (plain, passing, over_invoke) = (
        count(&Canned::plain()),
        count(&Canned::new(|config| {
            Client::from_conf(config.interceptor(ConverseOverInvoke::new().only(|_| false)).build())
        })),
        count(&Canned::new(over)),
    );
    let observed = count(&Canned::new(|config| {
        Client::from_conf(config.interceptor(ConverseOverInvoke::new().call_observer(Deaf)).build())
    }));
    println!(
        "allocations of opening: plain {plain}, passing {passing}, over InvokeModel {over_invoke}, observed {observed}"
    );
    // Model, family and region of what is told; the call; the box that holds it in the SDK's bag.
    assert!(observed <= over_invoke + 6, "{observed} and {over_invoke}");
}
