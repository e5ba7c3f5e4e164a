//! What the typed client takes for a stream, counted in allocations: time depends on the machine.

use allocation_counter::measure;
use outcrop::runtime::Call;
use outcrop_aws::Client;
use outcrop_aws::types::{ConverseRequest, ConverseResponse};

use super::canned::{Canned, Stream};
use super::loopback::event_stream;
use super::support::{CLAUDE, family, says};

/// Allocations of a stream of an answer, collected or only read.
fn of(content: &str, collected: bool) -> u64 {
    let said = says(content, "end_turn");
    let parts = event_stream(family("anthropic-messages"), &Call { model: CLAUDE, ..Call::default() }, &said).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = Canned::new(vec![Stream { parts, stalls: false }]).client(Client::builder());
    let request = ConverseRequest::user("x").max_tokens(9);
    let mut stream = runtime.block_on(client.converse_stream(CLAUDE, request)).unwrap();
    if !collected {
        let read = async { while stream.recv().await.transpose().unwrap().is_some() {} };
        return measure(|| runtime.block_on(read)).count_total;
    }
    let mut answer = None;
    let taken = measure(|| answer = Some(runtime.block_on(stream.collect())));
    let wanted = ConverseResponse::from_json(said.to_string().as_bytes()).unwrap();
    assert_eq!(answer.unwrap().unwrap().response.output, wanted.output);
    taken.count_total
}

fn text(words: usize) -> String {
    format!(r#"{{"text":"{}"}}"#, "metal ".repeat(words))
}

/// How many allocations more than to read it does it take to collect an answer.
fn to_collect(blocks: &[String]) -> u64 {
    let content = format!("[{}]", blocks.join(","));
    of(&content, true).saturating_sub(of(&content, false))
}

#[test]
fn reading_takes_one_allocation_for_a_chunk_of_text() {
    let read = |words| of(&format!("[{}]", text(words)), false);
    let per_chunk = (read(600) - read(200)) as f64 / 400.0;
    println!("allocations a chunk: {per_chunk:.2}");
    assert!(per_chunk < 1.2, "its text alone: {per_chunk}");
}

#[test]
fn collecting_takes_what_the_texts_of_the_answer_take_to_grow() {
    // A text doubles from its first chunk of 6 bytes on. Beside it are the list of blocks, the map to find them, and a look at
    // what a format says of the answer that Converse does not know, once.
    let doublings = |words: usize| u64::from(words.ilog2()) + 1;
    for words in [1, 8, 100, 600, 5000] {
        let taken = to_collect(&[text(words)]);
        println!("{words} words: {taken} allocations, of which {} for the text to grow", doublings(words));
        assert!(taken <= doublings(words) + 9, "{taken} for {words} words");
    }
    let thought = |words: usize| {
        let thought = "metal ".repeat(words);
        format!(r#"{{"reasoningContent":{{"reasoningText":{{"text":"{thought}","signature":"s"}}}}}}"#)
    };
    let call = r#"{"toolUse":{"toolUseId":"t1","name":"weigh","input":{"stone":"opal"}}}"#.to_owned();
    let taken = to_collect(&[thought(300), text(300), call]);
    println!("reasoning, text and a call: {taken} allocations");
    // What the input of a tool says is found by reading it.
    assert!(taken <= 2 * doublings(300) + 9, "{taken}");
}
