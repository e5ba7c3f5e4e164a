//! Streams byte by byte: frames cut anywhere, damaged anywhere, and what comes before the damage.

use aws_sdk_bedrockruntime::types::ConverseStreamOutput;
use bytes::Bytes;
use outcrop::runtime::Call;

use super::canned::{Canned, Part, decoded};
use super::loopback::{chunk, event_stream, frame};
use super::support::{LLAMA, family, over, says, text};

const SAID: &str = "Tin, lead.";

fn frames() -> Vec<Bytes> {
    event_stream(family("meta-llama"), &Call { model: LLAMA, ..Call::default() }, &says(SAID)).unwrap()
}

fn call() -> Call<'static> {
    Call { model: LLAMA, ..Call::default() }
}

/// What comes of the first frame, the first two, and so on; before all, of none.
async fn prefixes(frames: &[Bytes]) -> Vec<Vec<ConverseStreamOutput>> {
    let mut found = Vec::new();
    for complete in 0..=frames.len() {
        found.push(decoded(family("meta-llama"), &call(), &frames[..complete], false).await);
    }
    found
}

/// Frames of a stream and where each ends.
fn joined(frames: &[Bytes]) -> (Bytes, Vec<usize>) {
    let mut whole = Vec::new();
    let ends = frames.iter().map(|frame| {
        whole.extend_from_slice(frame);
        whole.len()
    });
    let ends = ends.collect();
    (whole.into(), ends)
}

/// Every byte of the second frame, and some of the others.
fn places(ends: &[usize]) -> impl Iterator<Item = usize> {
    let (first, second, last) = (ends[0], ends[1], ends[ends.len() - 1]);
    (0..last).filter(move |at| (first..=second).contains(at) || at % 9 == 0)
}

#[tokio::test]
async fn frames_may_be_split_at_any_byte_and_come_in_any_company() {
    let (frames, line) = (frames(), Canned::new(over));
    let (whole, ends) = joined(&frames);
    let expected = decoded(family("meta-llama"), &call(), &frames, true).await;
    assert_eq!(text(&expected), SAID);
    assert_eq!(line.stream([Ok(whole.clone())]).await, (expected.clone(), None), "all at once");
    for at in places(&ends) {
        let parts = [Ok(whole.slice(..at)), Ok(whole.slice(at..))];
        assert_eq!(line.stream(parts).await, (expected.clone(), None), "split at {at}");
    }
    for size in [1, 2, 3, 7, 64] {
        let parts: Vec<Part> = whole.chunks(size).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
        assert_eq!(line.stream(parts).await, (expected.clone(), None), "in parts of {size}");
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_gives_what_was_whole_and_then_an_error() {
    let (frames, line) = (frames(), Canned::new(over));
    let ((whole, ends), prefixes) = (joined(&frames), prefixes(&frames).await);
    for at in places(&ends) {
        let complete = ends.iter().filter(|end| **end <= at).count();
        let expected = &prefixes[complete];
        let (events, error) = line.stream([Ok(whole.slice(..at))]).await;
        assert_eq!(events, *expected, "ended at {at}");
        let error = error.unwrap_or_else(|| panic!("an end at {at} is no end"));
        assert!(error.contains("stream-truncated") && error.contains(LLAMA), "{at}: {error}");
        let (events, error) = line.stream([Ok(whole.slice(..at)), Err("the line is dead")]).await;
        assert_eq!(events, *expected, "cut at {at}");
        assert!(error.unwrap().contains("the line is dead"), "{at}");
    }
}

#[tokio::test]
async fn damage_to_any_byte_is_told_after_what_came_before_it() {
    let (frames, line) = (frames(), Canned::new(over));
    let ((whole, ends), prefixes) = (joined(&frames), prefixes(&frames).await);
    for at in places(&ends) {
        let before = ends.iter().filter(|end| **end <= at).count();
        let mut bad = whole.to_vec();
        bad[at] ^= 0x10;
        let (events, error) = line.stream([Ok(bad.into())]).await;
        assert_eq!(events, prefixes[before], "{at}");
        let error = error.unwrap_or_else(|| panic!("damage at {at} goes unnoticed"));
        assert!(error.contains("stream-truncated"), "{at}: {error}");
    }
}

#[tokio::test]
async fn frames_of_no_known_kind_pass_through_and_a_chunk_that_cannot_be_read_ends_the_stream() {
    let (mut frames, line) = (frames(), Canned::new(over));
    let expected = decoded(family("meta-llama"), &call(), &frames, true).await;
    frames.insert(1, frame("event", "newsOfTomorrow", r#"{"a":1}"#));
    let (mut events, error) = line.stream(frames.iter().cloned().map(Ok)).await;
    assert_eq!(error, None);
    let unknown = events.iter().position(ConverseStreamOutput::is_unknown).expect("the SDK tells that something came");
    events.remove(unknown);
    assert_eq!(events, expected);

    let (good, rest) = (frames[0].clone(), frames[2].clone());
    for (bad, code) in [
        (chunk(br#"{"generation":7}"#), "wrong-type"),
        (chunk(b"{"), "malformed-json"),
        (frame("event", "chunk", r#"{"p":"abc"}"#), "bytes"),
        (frame("event", "chunk", r#"{"bytes":"?"}"#), "base64"),
    ] {
        let (events, error) = line.stream([&good, &bad, &rest].map(|frame| Ok(frame.clone()))).await;
        assert_eq!(events, decoded(family("meta-llama"), &call(), std::slice::from_ref(&good), false).await);
        let error = error.expect("a stream that cannot be read");
        assert!(error.contains(code), "{code} in {error}");
    }
}

#[tokio::test]
async fn a_frame_that_claims_to_be_endless_is_not_waited_for() {
    let (mut prelude, line) = (Vec::new(), Canned::new(over));
    prelude.extend_from_slice(&u32::MAX.to_be_bytes());
    prelude.extend_from_slice(&0_u32.to_be_bytes());
    prelude.extend_from_slice(&crc32fast::hash(&prelude.clone()).to_be_bytes());
    let (events, error) = line.stream([Ok(prelude.into()), Ok(Bytes::from_static(&[0; 64]))]).await;
    assert!(events.is_empty() && error.unwrap().contains("begins wrongly"));
}

#[tokio::test]
async fn nothing_is_read_ahead_of_who_asks_for_events() {
    let (frames, line) = (frames(), Canned::new(over));
    let mut stream = line.open(frames.iter().cloned().map(Ok)).await.stream;
    assert_eq!(line.taken(), 0, "the headers are there");
    let mut asked = 0;
    while stream.recv().await.unwrap().is_some() {
        asked += 1;
        let taken = line.taken();
        assert!(taken <= asked, "{taken} parts for {asked} events");
    }
    assert!(asked > frames.len(), "some frames are several events");
}
