//! What observers hear of calls that go to the service's own Converse.

use bytes::Bytes;
use outcrop_aws::Error;

use super::heard::{Heard, quick, told};
use super::line::Line;
use super::loopback::{Answer, Loopback, Part, frame};
use super::support::{events, says, text, user};

const MODEL: &str = "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghijkl";
const FINISHED: &str = "finished: 3 by body, 5 by body, 8 by body, end_turn, no price, r-1";

fn started(operation: &str) -> String {
    format!("{operation} of {MODEL}, no family, us-east-1")
}

fn frames() -> Vec<Bytes> {
    [
        ("messageStart", r#"{"role":"assistant","p":"abc"}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Tin."}}"#),
        ("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        ("messageStop", r#"{"stopReason":"end_turn"}"#),
        ("metadata", r#"{"usage":{"inputTokens":3,"outputTokens":5,"totalTokens":8},"metrics":{"latencyMs":4}}"#),
    ]
    .map(|(name, payload)| frame("event", name, payload))
    .to_vec()
}

async fn saying(answer: Answer) -> Loopback {
    let answer = answer.with("x-amzn-requestid", "r-1");
    Loopback::start(move |_| answer.clone()).await
}

fn streaming(parts: impl IntoIterator<Item = Part>) -> Line {
    let answer = Answer::stream(parts).with("x-amzn-requestid", "r-1");
    Line::to(move |_| answer.clone())
}

#[tokio::test]
async fn a_whole_answer_of_converse_is_heard() {
    let (endpoint, heard) = (saying(Answer::json(says("Tin.").to_string())).await, Heard::default());
    heard.client(endpoint.config()).converse().model_id(MODEL).messages(user("Hello.")).send().await.unwrap();
    assert!(endpoint.requests()[0].path.ends_with("/converse"));
    assert_eq!(heard.take(), [started("Converse").as_str(), FINISHED]);

    let (endpoint, heard) = (saying(Answer::error(424, "ModelErrorException", "No.")).await, Heard::default());
    let client = heard.client(endpoint.config().retry_config(quick()));
    let error = client.converse().model_id(MODEL).messages(user("Hello.")).send().await.unwrap_err();
    assert_eq!(heard.take(), [started("Converse").as_str(), "failed: model-error, r-1"]);
    assert_eq!(heard.failure(), told(&Error::from(error)));
}

#[tokio::test]
async fn a_stream_of_converse_goes_through_as_it_is_and_is_heard() {
    let whole: Vec<u8> = frames().concat();
    for size in [1, 7, 50, whole.len()] {
        let parts: Vec<Part> = whole.chunks(size).map(|part| Part::Bytes(Bytes::copy_from_slice(part))).collect();
        let (endpoint, heard) = (saying(Answer::stream(parts)).await, Heard::default());
        let client = heard.client(endpoint.config());
        let (came, error) =
            events(client.converse_stream().model_id(MODEL).messages(user("Hello.")).send().await.unwrap()).await;
        assert_eq!((came.len(), text(&came).as_str(), error), (5, "Tin.", None));
        assert!(endpoint.requests()[0].path.ends_with("/converse-stream"));
        assert_eq!(heard.take(), [started("ConverseStream").as_str(), "first", FINISHED], "in parts of {size}");
    }

    let (endpoint, heard) = (saying(Answer::stream(frames().into_iter().map(Part::Bytes))).await, Heard::default());
    let client = heard.client(endpoint.config());
    let mut stream = client.converse_stream().model_id(MODEL).messages(user("Hello.")).send().await.unwrap().stream;
    while !stream.recv().await.unwrap().unwrap().is_metadata() {}
    drop(stream);
    assert_eq!(heard.take()[1..], ["first", FINISHED], "who has the last event need not ask for more");
}

#[tokio::test(start_paused = true)]
async fn streams_of_converse_that_break_off_are_failures() {
    let whole = frames();
    let first = || whole.iter().take(2).cloned().map(Part::Bytes);
    let exception = || Part::Bytes(frame("exception", "throttlingException", r#"{"message":"Too many requests."}"#));
    let half = Part::Bytes(whole[2].slice(..20));
    let metadata = Part::Bytes(whole[4].clone());
    let cases: [(&str, Vec<Part>, &[&str]); 6] = [
        ("exception first", vec![exception()], &["failed: throttled (requests), r-1"]),
        ("exception midway", first().chain([exception()]).collect(), &["first", "failed: throttled (requests), r-1"]),
        ("cut", first().chain([Part::Cut]).collect(), &["first", "failed: stream-broken, r-1"]),
        ("ended early", first().collect(), &["first", "failed: stream-broken, r-1"]),
        ("ended without a stop", first().chain([metadata]).collect(), &["first", "failed: stream-broken, r-1"]),
        ("within a frame", first().chain([half]).collect(), &["first", "failed: stream-broken, r-1"]),
    ];
    for (what, parts, expected) in cases {
        let (line, heard) = (streaming(parts), Heard::default());
        let client = heard.client(line.config());
        let stream = client.converse_stream().model_id(MODEL).messages(user("Hello.")).send().await.unwrap();
        let (_, error) = events(stream).await;
        // The SDK does not know what is missing.
        assert_eq!(error.is_some(), !what.starts_with("ended"), "{what}");
        let lines = heard.take();
        assert_eq!(lines[0], started("ConverseStream"));
        assert_eq!(lines[1..], *expected, "{what}");
        let failure = heard.failure();
        assert!(what != "cut" || failure.message.ends_with("cut"), "what the connection says: {failure:?}");
    }

    let (line, heard) = (streaming(first().chain([Part::Stall])), Heard::default());
    let client = heard.client(line.config());
    let mut stream = client.converse_stream().model_id(MODEL).messages(user("Hello.")).send().await.unwrap().stream;
    stream.recv().await.unwrap().unwrap();
    drop(stream);
    assert_eq!(heard.take(), [started("ConverseStream").as_str(), "first", "abandoned"]);
}
