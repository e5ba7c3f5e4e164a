//! Faults on request, on both versions of HTTP.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::{Duration, Instant};

use http::Method;
use http_body_util::BodyExt as _;
use outcrop_runtime::Tree;
use outcrop_server::{Config, Text, serve};
use support::{Answered, Endpoint, echo, start, user};

const MODEL: &str = "amazon.nova-lite-v1:0";
const TEXT: &str = "one two three four five six seven eight nine ten";

async fn ask(endpoint: &Endpoint, operation: &str, fault: &str) -> Answered {
    endpoint.ask_with(MODEL, operation, user(TEXT), &[("x-outcrop-fault", fault)]).await
}

#[tokio::test]
async fn each_exception_comes_before_the_head() {
    let endpoint = echo().await;
    let table = [
        ("throttle", 429, "ThrottlingException"),
        ("throttle-daily", 429, "ThrottlingException"),
        ("timeout", 408, "ModelTimeoutException"),
        ("model-error", 424, "ModelErrorException"),
        ("not-ready", 429, "ModelNotReadyException"),
        ("unavailable", 503, "ServiceUnavailableException"),
        ("internal", 500, "InternalServerException"),
        ("access-denied", 403, "AccessDeniedException"),
        ("wrong-region", 400, "ValidationException"),
        ("validation", 400, "ValidationException"),
        ("quota", 400, "ServiceQuotaExceededException"),
        ("retired", 404, "ResourceNotFoundException"),
        ("expired-token", 403, "ExpiredTokenException"),
    ];
    for (fault, status, name) in table {
        for operation in ["converse", "converse-stream"] {
            let answer = ask(&endpoint, operation, fault).await;
            let (got, exception, message) = answer.failure();
            assert_eq!((got, exception.as_str()), (status, name), "{fault}");
            assert!(!message.is_empty() && !answer.header("x-amzn-requestid").is_empty());
        }
        // The same as the first frame.
        let answer = ask(&endpoint, "converse-stream", &format!("{fault};as=frame")).await;
        assert_eq!(answer.status, 200);
        let frames = answer.frames().unwrap();
        let [frame] = frames.as_slice() else { panic!("{frames:?}") };
        let names: Vec<&str> = frame.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, [":exception-type", ":content-type", ":message-type"]);
        // What streams of Converse have under another name.
        let name = if matches!(fault, "model-error" | "timeout") { "ModelStreamErrorException" } else { name };
        assert_eq!(frame.header(":exception-type").to_lowercase(), name.to_lowercase());
    }
    let service = ask(&endpoint, "converse", "throttle").await.header("x-amzn-errortype").to_owned();
    assert_eq!(service, "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/");
    let front = ask(&endpoint, "converse", "expired-token").await.header("x-amzn-errortype").to_owned();
    assert_eq!(front, "ExpiredTokenException:http://internal.amazon.com/coral/com.amazon.coral.service/");
    assert_eq!(ask(&endpoint, "converse", "model-error").await.json().get("originalStatusCode"), Some(&Tree::int(500)));
}

#[tokio::test]
async fn bare_answers_and_times_to_come_again() {
    let endpoint = echo().await;
    for status in [429, 502, 529] {
        let answer = ask(&endpoint, "converse", &format!("status={status}")).await;
        assert_eq!((answer.status, answer.header("x-amzn-errortype")), (status, ""));
        assert!(Tree::parse(&answer.body).is_err());
    }
    let answer = ask(&endpoint, "converse", "throttle;retry-after=1500;message=not now").await;
    assert_eq!((answer.header("x-amz-retry-after"), answer.header("retry-after")), ("1500", "2"));
    assert_eq!(answer.failure().2, "not now");
}

#[tokio::test]
async fn streams_break_where_they_are_told_to() {
    for http2 in [false, true] {
        let endpoint = echo().await;
        let endpoint = if http2 { endpoint.http2() } else { endpoint };
        let answer = ask(&endpoint, "converse-stream", "stream-error-after=3").await;
        let frames = answer.frames().unwrap();
        assert_eq!(frames.len(), 4);
        assert_eq!(frames[3].header(":exception-type"), "modelStreamErrorException");
        assert_eq!(frames[3].payload.get("originalStatusCode"), Some(&Tree::int(500)));
        assert!(!answer.broken);
        let answer = ask(&endpoint, "converse-stream", "stream-error-after=1;type=throttle").await;
        assert_eq!(answer.frames().unwrap()[1].header(":exception-type"), "throttlingException");

        let answer = ask(&endpoint, "converse-stream", "stream-cut-after=2").await;
        assert!(answer.broken);
        assert_eq!(answer.frames().unwrap().len(), 2, "what came before the cut arrives");
        let answer = ask(&endpoint, "converse-stream", "frame-cut-after=2").await;
        assert!(answer.broken);
        assert_eq!(answer.frames().unwrap_err(), "half a frame");
        let answer = ask(&endpoint, "converse-stream", "stream-end-after=2").await;
        assert!(!answer.broken);
        assert_eq!(answer.frames().unwrap().len(), 2);

        for fault in ["corrupt-crc-after=2", "corrupt-prelude-after=2"] {
            let answer = ask(&endpoint, "converse-stream", fault).await;
            assert!(answer.frames().unwrap_err().contains("checksum"), "{fault}: {answer:?}");
        }
        let answer = ask(&endpoint, "converse-stream", "unknown-event-after=2").await;
        let frames = answer.frames().unwrap();
        assert_eq!(frames[2].header(":event-type"), "outcropUnknown");
        assert_eq!(frames.last().unwrap().header(":event-type"), "metadata");

        let answer = ask(&endpoint, "invoke", "throttle").await;
        assert_eq!(answer.status, 429);
        // Of answers that are no stream, half comes.
        let answer = ask(&endpoint, "converse", "stream-cut-after=0").await;
        assert!(answer.broken);
    }
}

#[tokio::test]
async fn stalls_and_trickles_take_their_time() {
    let endpoint = echo().await;
    for (operation, fault) in [("converse-stream", "stall-after=2"), ("converse", "stall-after=0")] {
        let path = format!("/model/{MODEL}/{operation}");
        let response = endpoint.begin(Method::POST, &path, user(TEXT), &[("x-outcrop-fault", fault)]).await.unwrap();
        assert_eq!(response.status(), 200);
        let mut body = response.into_body();
        let mut got = 0;
        let quiet = Duration::from_millis(150);
        while let Ok(Some(Ok(frame))) = tokio::time::timeout(quiet, body.frame()).await {
            got += frame.into_data().map_or(0, |data| data.len());
        }
        assert!(got > 0, "{operation}");
        let more = tokio::time::timeout(quiet, body.frame()).await;
        assert!(more.is_err(), "it neither goes on nor ends: {more:?}");
    }
    let path = format!("/model/{MODEL}/converse");
    let nothing = endpoint.begin(Method::POST, &path, user(TEXT), &[("x-outcrop-fault", "stall")]);
    assert!(tokio::time::timeout(Duration::from_millis(150), nothing).await.is_err());
    let reset = endpoint.begin(Method::POST, &path, user(TEXT), &[("x-outcrop-fault", "reset")]).await;
    assert!(reset.is_err());

    let began = Instant::now();
    let answer = ask(&endpoint, "converse-stream", "trickle=200;every=2, latency=100").await;
    assert!(began.elapsed() >= Duration::from_millis(100));
    assert_eq!(answer.frames().unwrap().last().unwrap().header(":event-type"), "metadata");
    let whole = ask(&endpoint, "converse", "trickle=50;every=1").await;
    assert_eq!(whole.json().get("stopReason"), Some(&Tree::str("end_turn")));
}

#[tokio::test]
async fn a_fault_may_happen_to_the_first_attempts_alone() {
    let endpoint = echo().await;
    let attempt = async |call: &str, fault: &str| {
        let headers = [("x-outcrop-fault", fault), ("amz-sdk-invocation-id", call)];
        endpoint.ask_with(MODEL, "converse", user("Hi"), &headers).await.status
    };
    let once = "throttle;once";
    assert_eq!([attempt("a", once).await, attempt("a", once).await], [429, 200]);
    assert_eq!(attempt("b", once).await, 429, "another call");
    let twice = "unavailable;attempts=2";
    assert_eq!([attempt("a", twice).await, attempt("a", twice).await, attempt("a", twice).await], [503, 503, 200]);
    let shared = "throttle;once;key=all";
    assert_eq!([attempt("c", shared).await, attempt("d", shared).await], [429, 200]);
    // Clients without such an id are told apart by what they ask.
    let plain =
        async |model: &str| endpoint.ask_with(model, "converse", user("Hi"), &[("x-outcrop-fault", once)]).await.status;
    assert_eq!([plain(MODEL).await, plain(MODEL).await, plain("amazon.nova-pro-v1:0").await], [429, 200, 429]);
}

#[tokio::test]
async fn what_is_no_fault_is_told() {
    let endpoint = echo().await;
    for (fault, why) in
        [("throtle", "there is no fault `throtle`"), ("latency", "needs a number"), ("throttle;of=2", "no parameter")]
    {
        let (status, _, message) = ask(&endpoint, "converse", fault).await.failure();
        assert_eq!(status, 400);
        assert!(message.starts_with("x-outcrop-fault: ") && message.contains(why), "{message}");
    }
}

#[tokio::test]
async fn a_file_draws_faults_by_a_seed() {
    let file = "seed: 7\nfaults:\n  - { fault: throttle, rate: 0.5, operation: converse }\n  - { fault: internal, model: \"*micro*\" }\n";
    let run = async || {
        let endpoint = start(Config { faults: Some(Text::Inline(file.to_owned())), ..Config::default() }).await;
        let mut drawn = Vec::new();
        for _ in 0..40 {
            drawn.push(endpoint.ask(MODEL, "converse", user("Hi")).await.status);
        }
        assert_eq!(endpoint.ask(MODEL, "converse-stream", user("Hi")).await.status, 200);
        assert_eq!(endpoint.ask("amazon.nova-micro-v1:0", "invoke", "{}").await.status, 500);
        drawn
    };
    let first = run().await;
    let faults = first.iter().filter(|status| **status == 429).count();
    assert!((8..=32).contains(&faults) && first.iter().all(|s| [200, 429].contains(s)), "{first:?}");
    assert_eq!(run().await, first);
    for (bad, why) in [
        ("faults: [{ fault: x }]", "faults:1:10: there is no fault `x`"),
        ("faults: [{ fault: reset, rate: 2 }]", "from 0 to 1"),
        ("fault: []", "did you mean `faults`?"),
    ] {
        let refused = serve(Config { faults: Some(Text::Inline(bad.to_owned())), ..Config::default() })
            .await
            .unwrap_err()
            .to_string();
        assert!(refused.contains(why), "{refused}");
    }
}
