//! What observers hear of the calls of a plain client: each call once, however it goes. Time is paused.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_bedrockruntime::config::timeout::TimeoutConfig;
use aws_sdk_bedrockruntime::types::{ConverseStreamOutput, InferenceConfiguration};
use bytes::Bytes;
use outcrop::runtime::Call;
use outcrop_aws::guard::{Size, SpikeGuard};
use outcrop_aws::{ConverseOverInvoke, Error};

use super::canned::Canned;
use super::heard::{Heard, quick, told};
use super::line::Line;
use super::loopback::{Answer, Loopback, Part, event_stream, frame, reply};
use super::support::{CLAUDE, LLAMA, events, family, says, user};

const STARTED: &str = "Converse of meta.llama3-8b-instruct-v1:0, meta-llama, us-east-1";
const STREAMING: &str = "ConverseStream of meta.llama3-8b-instruct-v1:0, meta-llama, us-east-1";
const FINISHED: &str = "finished: 3 by body, 5 by body, 8 by sum, end_turn, $0.0000039, r-1";

fn frames() -> Vec<Bytes> {
    event_stream(family("meta-llama"), &Call { model: LLAMA, ..Call::default() }, &says("Tin and lead.")).unwrap()
}

/// An endpoint that fails some times, then answers.
fn failing(times: usize, status: u16, name: &'static str) -> Line {
    let asked = AtomicUsize::new(0);
    Line::to(move |request| {
        let answer = if asked.fetch_add(1, Ordering::Relaxed) < times {
            Answer::error(status, name, "It is so.")
        } else {
            reply(family("meta-llama"), request, |_| says("Tin and lead."))
        };
        answer.with("x-amzn-requestid", "r-1")
    })
}

fn streaming(parts: impl IntoIterator<Item = Part>) -> Line {
    let answer = Answer::stream(parts).with("x-amzn-requestid", "r-1");
    Line::to(move |_| answer.clone())
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer_is_one_call_whatever_its_attempts() {
    let (endpoint, heard) = (failing(2, 429, "ThrottlingException"), Heard::default());
    let client = heard.client(endpoint.config().retry_config(quick()));
    let config = InferenceConfiguration::builder().max_tokens(9).temperature(0.7).top_p(0.1).build();
    let call = client.converse().model_id(LLAMA).messages(user("Hello.")).inference_config(config);
    call.send().await.unwrap();
    assert_eq!(heard.take(), [STARTED, "9 Some(0.7) Some(0.1)", FINISHED]);
    assert_eq!(endpoint.requests().len(), 3);
    // Nothing is left of it.
    drop((client, endpoint));
    assert_eq!(heard.take(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_over_with_its_last_event() {
    let (endpoint, heard) = (failing(1, 503, "ServiceUnavailableException"), Heard::default());
    let client = heard.client(endpoint.config().retry_config(quick()));
    let finished = FINISHED.replace("body", "chunk");
    let mut stream = client.converse_stream().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap().stream;
    assert_eq!(heard.take(), [STREAMING], "nothing has come");
    stream.recv().await.unwrap().unwrap();
    assert_eq!(heard.take(), ["first"]);
    while !matches!(stream.recv().await.unwrap(), Some(ConverseStreamOutput::Metadata(_))) {}
    assert_eq!(heard.take(), [finished.as_str()], "who has the last event need not ask for more");
    assert!(stream.recv().await.unwrap().is_none());
    drop((stream, client));
    assert_eq!(heard.take(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn who_said_the_counts_is_told() {
    let heard = Heard::default();
    let endpoint = Line::to(|_| {
        Answer::json(r#"{"generation":"Tin","stop_reason":"stop"}"#).with("x-amzn-bedrock-output-token-count", "2")
    });
    heard.client(endpoint.config()).converse().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap();
    // The SDK's type has zeros for what nobody said.
    assert_eq!(heard.take(), [STARTED, "finished: ?, 2 by header, 2 by sum, end_turn, no price, no id"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_before_it_is_sent_is_a_call_that_failed() {
    let (endpoint, heard) = (failing(0, 0, ""), Heard::default());
    let client = heard.client(endpoint.config());
    let prefix = client.converse().model_id(LLAMA).messages(user("Hello.")).additional_model_request_fields(
        aws_smithy_types::Document::Object([("prompt".to_owned(), "x".into())].into_iter().collect()),
    );
    let error = Error::from(prefix.send().await.unwrap_err());
    assert_eq!(heard.take(), [STARTED, "failed: refused, no id"]);
    assert_eq!(heard.failure(), told(&error));

    // The SDK itself does not take it.
    let error = Error::from(client.converse().messages(user("Hello.")).send().await.unwrap_err());
    assert_eq!(heard.take(), ["Converse of , no family, us-east-1", "failed: invalid-request, no id"]);
    assert_eq!(heard.failure(), told(&error));

    let chosen = heard.client_with(endpoint.config(), ConverseOverInvoke::new().only(|_| true));
    let error = chosen.converse_stream().model_id("no-such").messages(user("Hello.")).send().await.unwrap_err();
    assert_eq!(heard.take(), ["ConverseStream of no-such, no family, us-east-1", "failed: refused, no id"]);
    assert_eq!(heard.failure(), told(&Error::from(error)));
    assert!(endpoint.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_the_service_says_is_told_once_after_the_last_attempt() {
    for (status, name, class, attempts) in [
        (400, "ValidationException", "invalid-request", 1),
        (403, "AccessDeniedException", "no-access", 1),
        (429, "ThrottlingException", "throttled", 3),
        (500, "InternalServerException", "internal", 3),
    ] {
        let (endpoint, heard) = (failing(9, status, name), Heard::default());
        let client = heard.client(endpoint.config().retry_config(quick()));
        let error = client.converse().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap_err();
        assert_eq!(heard.take(), [STARTED.to_owned(), format!("failed: {class}, r-1")]);
        assert_eq!(heard.failure(), told(&Error::from(error)));
        assert_eq!(endpoint.requests().len(), attempts, "{name}");
        let error = client.converse_stream().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap_err();
        assert_eq!(heard.take(), [STREAMING.to_owned(), format!("failed: {class}, r-1")]);
        assert_eq!(heard.failure(), told(&Error::from(error)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_read_and_one_that_does_not_come_are_failures() {
    let heard = Heard::default();
    let endpoint = Line::to(|_| Answer::json(r#"{"generation":7}"#).with("x-amzn-requestid", "r-1"));
    let client = heard.client(endpoint.config().retry_config(quick()));
    let error = client.converse().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap_err();
    assert_eq!(heard.take(), [STARTED, "failed: refused, r-1"]);
    assert_eq!(heard.failure(), told(&Error::from(error)));

    let cut = || Answer::stream([Part::Bytes(r#"{"generation":"#.into()), Part::Cut]);
    let endpoint = Line::to(move |_| cut());
    let client = heard.client(endpoint.config().retry_config(quick()));
    let error = client.converse().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap_err();
    assert_eq!(heard.take(), [STARTED, "failed: stream-broken, no id"]);
    assert_eq!(heard.failure(), told(&Error::from(error)));
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_a_failure() {
    let heard = Heard::default();
    let endpoint = Loopback::start(|_| Answer::json("{}")).await;
    let config = endpoint.config().endpoint_url("http://127.0.0.1:9").retry_config(quick());
    let error = heard.client(config).converse().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap_err();
    assert_eq!(heard.take(), [STARTED, "failed: connection, no id"]);
    assert_eq!(heard.failure(), told(&Error::from(error)));
}

#[tokio::test(start_paused = true)]
async fn timeouts_of_the_sdk_and_refusals_of_other_interceptors_have_their_class() {
    let (endpoint, heard) = (streaming([Part::Stall]), Heard::default());
    let limit = TimeoutConfig::builder().operation_timeout(Duration::from_secs(9)).build();
    let client = heard.client(endpoint.config().timeout_config(limit));
    let error = client.converse().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap_err();
    let lines = heard.take();
    assert!(lines.len() == 2 && lines[1].starts_with("failed: timeout (answer)"), "{lines:?}");
    assert_eq!(heard.failure(), told(&Error::from(error)));

    let guard = SpikeGuard::refusing().after(1).never_below(10);
    let _ = guard.labelled("all").check("all", Size::bytes(1)).unwrap();
    let client = heard.client(endpoint.config().interceptor(guard.labelled("all")));
    let error = client.converse().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap_err();
    assert_eq!(heard.take(), [STARTED, "failed: input-spike, no id"]);
    assert_eq!(heard.failure(), told(&Error::from(error)));
}

#[tokio::test(start_paused = true)]
async fn streams_that_break_off_are_failures_with_their_class() {
    let exception = || Part::Bytes(frame("exception", "throttlingException", r#"{"message":"Too many requests."}"#));
    let first = || frames().into_iter().take(2).map(Part::Bytes);
    let damaged = || {
        let mut bytes = frames()[2].to_vec();
        bytes[20] ^= 1;
        Part::Bytes(bytes.into())
    };
    let cases: [(&str, Vec<Part>, &[&str]); 5] = [
        ("exception first", vec![exception()], &["failed: throttled (requests), r-1"]),
        ("exception midway", first().chain([exception()]).collect(), &["first", "failed: throttled (requests), r-1"]),
        ("cut", first().chain([Part::Cut]).collect(), &["first", "failed: stream-broken, r-1"]),
        ("ended early", first().collect(), &["first", "failed: stream-broken, r-1"]),
        ("damaged", first().chain([damaged()]).collect(), &["first", "failed: stream-broken, r-1"]),
    ];
    for (what, parts, expected) in cases {
        let (endpoint, heard) = (streaming(parts), Heard::default());
        let client = heard.client(endpoint.config());
        let mut stream = client.converse_stream().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap().stream;
        let error = loop {
            match stream.recv().await {
                Ok(event) => assert!(event.is_some(), "{what}"),
                Err(e) => break Error::from(e),
            }
        };
        drop(stream);
        assert_eq!(heard.take(), [&[STREAMING], expected].concat(), "{what}");
        let failure = heard.failure();
        assert_eq!((&failure.class, &failure.code), (&told(&error).class, &told(&error).code), "{what}");
        // How the SDK calls what the connection did stands before the rest.
        assert!(told(&error).message.ends_with(&failure.message), "{what}: {error} and {failure:?}");
        assert_eq!(failure.refusal, told(&error).refusal, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_drops_a_call_abandons_it() {
    let parts: Vec<Part> = frames().into_iter().take(2).map(Part::Bytes).chain([Part::Stall]).collect();
    let (endpoint, heard) = (streaming(parts), Heard::default());
    let client = heard.client(endpoint.config());
    let mut stream = client.converse_stream().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap();
    stream.stream.recv().await.unwrap().unwrap();
    assert_eq!(heard.take(), [STREAMING, "first"]);
    drop(stream);
    assert_eq!(heard.take(), ["abandoned"]);

    let endpoint = Line::to(|_| Answer { parts: vec![Part::Stall], ..Answer::json("") });
    let client = heard.client(endpoint.config());
    let call = client.converse().model_id(LLAMA).messages(user("Hello.")).send();
    assert!(tokio::time::timeout(Duration::from_secs(1), call).await.is_err());
    assert_eq!(heard.take(), [STARTED, "abandoned"]);
}

#[tokio::test(start_paused = true)]
async fn only_the_interceptor_whose_call_it_is_tells_of_it() {
    let endpoint = Line::to(|r| reply(family("anthropic-messages"), r, |_| says("Tin.")));
    let (of_client, of_call) = (Heard::default(), Heard::default());
    let client = of_client.client(endpoint.config());
    let own = ConverseOverInvoke::new().call_observer(of_call.clone()).call_observer(of_call.clone());
    let call = client.converse_stream().model_id(CLAUDE).messages(user("Hello.")).customize().interceptor(own);
    let (_, error) = events(call.send().await.unwrap()).await;
    assert_eq!((error, of_client.take()), (None, vec![]));
    let lines = of_call.take();
    assert_eq!(lines.len(), 6, "each of the two observers heard start, first event and end: {lines:?}");
    client.converse().model_id(CLAUDE).messages(user("Hello.")).send().await.unwrap();
    assert_eq!((of_client.take().len(), of_call.take().len()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_events_are_heard_as_they_come() {
    let words = "metal ".repeat(1000);
    let call = Call { model: LLAMA, ..Call::default() };
    let frames = event_stream(family("meta-llama"), &call, &says(&words)).unwrap();
    let heard = Heard::default();
    let (events, error) = Canned::new(|config| heard.client(config)).stream(frames.into_iter().map(Ok)).await;
    assert!(events.len() > 1000 && error.is_none());
    assert_eq!(heard.take().len(), 3);
}
