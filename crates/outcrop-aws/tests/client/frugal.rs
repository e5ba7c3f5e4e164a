//! What the typed client takes for a stream, counted in allocations: time depends on the machine.

use allocation_counter::measure;
use outcrop::runtime::Call;
use outcrop_aws::Client;
use outcrop_aws::types::ConverseRequest;

use super::canned::{Canned, Stream};
use super::loopback::event_stream;
use super::support::{LLAMA, family, says};

/// Allocations of a stream of so many chunks, collected or only read.
fn of(words: usize, collected: bool) -> u64 {
    let said = says(&format!(r#"[{{"text":"{}"}}]"#, "metal ".repeat(words)), "end_turn");
    let parts = event_stream(family("meta-llama"), &Call { model: LLAMA, ..Call::default() }, &said).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = Canned::new(vec![Stream { parts, stalls: false }]).client(Client::builder());
    let mut stream = runtime.block_on(client.converse_stream(LLAMA, ConverseRequest::user("x"))).unwrap();
    let whole = async {
        if collected {
            assert_eq!(stream.collect().await.unwrap().response.text().len(), words * 6);
        } else {
            while let Some(event) = stream.recv().await {
                event.unwrap();
            }
        }
    };
    measure(|| runtime.block_on(whole)).count_total
}

#[test]
fn collecting_takes_no_more_for_a_chunk_than_reading() {
    let per_chunk = |collected| (of(600, collected) - of(200, collected)) as f64 / 400.0;
    let (read, collected) = (per_chunk(false), per_chunk(true));
    println!("allocations a chunk: read {read:.2}, collected {collected:.2}");
    assert!(read < 1.2, "its text alone: {read}");
    assert!(collected < read + 0.2, "{collected} and {read}");
}
