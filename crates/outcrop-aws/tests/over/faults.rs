//! What goes wrong on the way, over a real connection.

use std::time::Duration;

use aws_sdk_bedrockruntime::error::{DisplayErrorContext, SdkError};
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError as E;
use bytes::Bytes;
use futures_util::FutureExt as _;
use outcrop::runtime::Call;

use super::canned::decoded;
use super::loopback::{Answer, Loopback, Part, event_stream, frame};
use super::support::{LLAMA, events, family, over, says, text, user};

fn call() -> Call<'static> {
    Call { model: LLAMA, ..Call::default() }
}

fn frames() -> Vec<Bytes> {
    event_stream(family("meta-llama"), &call(), &says("Tin and lead and gold.")).unwrap()
}

async fn streaming(parts: impl IntoIterator<Item = Part>) -> Loopback {
    let answer = Answer::stream(parts);
    Loopback::start(move |_| answer.clone()).await
}

#[tokio::test]
async fn every_exception_of_a_stream_comes_as_it_is_first_or_midway() {
    type Is = fn(&E) -> bool;
    let all: [(&str, Is); 6] = [
        ("internalServerException", |e| matches!(e, E::InternalServerException(_))),
        ("modelStreamErrorException", |e| matches!(e, E::ModelStreamErrorException(_))),
        ("validationException", |e| matches!(e, E::ValidationException(_))),
        ("throttlingException", |e| matches!(e, E::ThrottlingException(_))),
        ("serviceUnavailableException", |e| matches!(e, E::ServiceUnavailableException(_))),
        // Converse has none of this name: the SDK keeps its message.
        ("modelTimeoutException", |e| !matches!(e, E::ThrottlingException(_))),
    ];
    for (name, is) in all {
        for before in [0, 2] {
            let payload = r#"{"message":"It is so.","originalStatusCode":500}"#;
            let mut sent = frames();
            sent.truncate(before);
            let expected = decoded(family("meta-llama"), &call(), &sent, false).await;
            sent.push(frame("exception", name, payload));
            let endpoint = streaming(sent.into_iter().map(Part::Bytes)).await;
            let client = over(endpoint.config());
            let mut output =
                client.converse_stream().model_id(LLAMA).messages(user("Hello.")).send().await.expect("headers");
            let mut came = Vec::new();
            let error = loop {
                match output.stream.recv().await {
                    Ok(event) => came.push(event.expect("an exception comes")),
                    Err(e) => break e,
                }
            };
            assert_eq!(came, expected, "{name} after {before}");
            assert!(DisplayErrorContext(&error).to_string().contains("It is so."), "{name}: {error:?}");
            let SdkError::ServiceError(error) = error else { panic!("{name}: {error:?}") };
            assert!(is(error.err()), "{name}: {error:?}");
        }
    }
}

#[tokio::test]
async fn an_error_frame_and_a_failure_of_the_model_end_the_stream() {
    let endpoint = streaming([Part::Bytes(frame("error", "x", "{}"))]).await;
    let stream = over(endpoint.config()).converse_stream().model_id(LLAMA).messages(user("Hello.")).send().await;
    let (came, error) = events(stream.unwrap()).await;
    assert!(came.is_empty() && error.unwrap().contains("unrecognized `:message-type`: error"));
}

#[tokio::test]
async fn a_connection_that_is_cut_at_any_byte_gives_what_was_whole() {
    let frames = frames();
    let whole: Vec<u8> = frames.concat();
    let ends: Vec<usize> = frames.iter().scan(0, |at, frame| Some((*at += frame.len(), *at).1)).collect();
    // Within the lengths, the headers, the payload and the checksum of several frames.
    let step = (whole.len() / 40).max(1);
    for at in (0..whole.len()).step_by(step) {
        let complete = ends.iter().filter(|end| **end <= at).count();
        let expected = decoded(family("meta-llama"), &call(), &frames[..complete], false).await;
        // What is written goes out when the endpoint waits, however short that is.
        let sent = Part::Bytes(Bytes::copy_from_slice(&whole[..at]));
        let endpoint = streaming([sent, Part::Wait(Duration::ZERO), Part::Cut]).await;
        let client = over(endpoint.config());
        let stream = client.converse_stream().model_id(LLAMA).messages(user("Hello.")).send().await;
        let (came, error) = events(stream.unwrap()).await;
        assert_eq!(came, expected, "cut at {at}");
        assert!(error.is_some(), "cut at {at}");
    }
}

#[tokio::test]
async fn two_frames_in_one_segment_and_one_in_many_are_the_same() {
    let frames = frames();
    let whole = Bytes::from(frames.concat());
    let dribble = |size: usize| {
        let parts = whole.chunks(size).map(|part| Part::Bytes(Bytes::copy_from_slice(part)));
        parts.flat_map(|part| [part, Part::Wait(Duration::ZERO)]).collect::<Vec<_>>()
    };
    let two = vec![Part::Bytes(frames[..2].concat().into()), Part::Bytes(frames[2..].concat().into())];
    for parts in [two, dribble(11), dribble(150)] {
        let endpoint = streaming(parts).await;
        let stream = over(endpoint.config()).converse_stream().model_id(LLAMA).messages(user("Hello.")).send().await;
        let (came, error) = events(stream.unwrap()).await;
        assert_eq!((text(&came).as_str(), error), ("Tin and lead and gold.", None));
    }
}

#[tokio::test]
async fn events_come_while_the_stream_stalls_and_the_caller_may_give_up() {
    let sent = &frames()[..3];
    let expected = decoded(family("meta-llama"), &call(), sent, false).await;
    let mut endpoint = streaming(sent.iter().cloned().map(Part::Bytes).chain([Part::Stall])).await;
    let client = over(endpoint.config());
    let mut output = client.converse_stream().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap();
    let mut came = Vec::new();
    // Time passes only if they do not come.
    let long = Duration::from_secs(5);
    while came.len() < expected.len() {
        let event = tokio::time::timeout(long, output.stream.recv()).await.expect("what was whole comes");
        came.push(event.unwrap().expect("the stream is not over"));
    }
    assert!(came == expected && text(&came).starts_with("Tin and"), "{came:?}");
    assert!(output.stream.recv().now_or_never().is_none(), "neither an event nor an end");
    // Who drops the output leaves the connection: the model need not go on.
    drop(output);
    tokio::time::timeout(long, endpoint.over(1)).await.expect("the connection is left");
}
