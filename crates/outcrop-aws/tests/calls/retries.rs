//! How often and when the SDK sends again, with a policy. Time is paused: minutes pass in no time.

use std::time::{Duration, SystemTime};

use super::canned::{Answer, MODEL, Script};
use aws_sdk_bedrockruntime as br;
use aws_smithy_types::date_time::{DateTime, Format};
use outcrop_aws::Error;
use outcrop_aws::error::{Class, Scope};
use outcrop_aws::retry::Policy;
use tokio::time::Instant;

/// One call: its outcome, how often it was sent and how long it took.
async fn call(policy: Policy, answers: impl IntoIterator<Item = Answer>) -> (Result<(), Error>, usize, Duration) {
    let script = Script::new(answers);
    // A budget of its own: tests must not use up each other's retries.
    let budget = policy.budget.unwrap_or(500);
    let client = br::Client::from_conf(policy.budget(budget).apply(script.config()).build());
    let begin = Instant::now();
    let outcome = client.invoke_model().model_id(MODEL).send().await;
    (outcome.map(|_| ()).map_err(Error::from), script.attempts(), begin.elapsed())
}

#[tokio::test(start_paused = true)]
async fn what_is_worth_it_is_sent_three_times_and_the_rest_once() {
    let system = "The system encountered an unexpected error during processing. Try your request again.";
    for (status, code, message, attempts) in [
        (400, "ValidationException", "x", 1),
        (400, "ServiceQuotaExceededException", "x", 1),
        (403, "AccessDeniedException", "x", 1),
        (404, "ResourceNotFoundException", "x", 1),
        (408, "ModelTimeoutException", "x", 3),
        (424, "ModelErrorException", system, 3),
        (429, "ThrottlingException", "Too many requests, please wait before trying again.", 3),
        (429, "ThrottlingException", "Too many tokens, please wait before trying again.", 3),
        (429, "ThrottlingException", "Too many tokens per day, please wait before trying again.", 1),
        (500, "InternalServerException", system, 3),
        (500, "InternalServerException", "You have not filled out the required use-case form for this model.", 1),
        (503, "ServiceUnavailableException", "x", 3),
        (403, "ExpiredTokenException", "The security token included in the request is expired", 1),
    ] {
        let (outcome, made, took) = call(Policy::default(), [Answer::error(status, code, message)]).await;
        let error = outcome.unwrap_err();
        assert_eq!((error.code(), error.status(), error.message()), (Some(code), status, message));
        assert_eq!(error.request_id(), Some("r-7"));
        assert_eq!(made, attempts, "{code}: {message}");
        assert_eq!(error.is_retryable(), attempts > 1, "{code}: {message}");
        // At most 1 s and 2 s: each wait is a random part of what doubles.
        assert!(took <= Duration::from_secs(3) && (attempts == 1) == took.is_zero(), "{code}: {took:?}");
    }
    for status in [408, 429, 502, 503, 504, 529] {
        let (outcome, made, _) = call(Policy::default(), [Answer::new(status, &[], "<html>busy</html>")]).await;
        assert_eq!((outcome.unwrap_err().received_status(), made), (Some(status), 3));
    }
}

#[tokio::test(start_paused = true)]
async fn the_sdk_alone_does_less() {
    for (status, code) in [(408, "ModelTimeoutException"), (424, "ModelErrorException")] {
        let script = Script::new([Answer::error(status, code, "x")]);
        let client = br::Client::from_conf(script.config().build());
        client.invoke_model().model_id(MODEL).send().await.unwrap_err();
        assert_eq!(script.attempts(), 1, "{code}: the policy is what sends it again");
    }
}

#[tokio::test(start_paused = true)]
async fn every_operation_is_retried_alike() {
    let failed = || Answer::error(424, "ModelErrorException", "x");
    let policy = Policy::default().budget(500);
    let script = Script::new([failed()]);
    let client = br::Client::from_conf(policy.apply(script.config()).build());
    client.converse().model_id(MODEL).send().await.unwrap_err();
    assert_eq!(script.attempts(), 3);
    client.converse_stream().model_id(MODEL).send().await.unwrap_err();
    assert_eq!(script.attempts(), 6);
    client.invoke_model_with_response_stream().model_id(MODEL).send().await.unwrap_err();
    assert_eq!(script.attempts(), 9);
}

#[tokio::test(start_paused = true)]
async fn success_ends_it() {
    let failed = || Answer::error(424, "ModelErrorException", "x");
    let (outcome, made, _) = call(Policy::default(), [failed(), failed(), Answer::ok()]).await;
    outcome.unwrap();
    assert_eq!(made, 3);
    let (outcome, made, _) = call(Policy::default().attempts(1), [failed(), Answer::ok()]).await;
    assert_eq!((outcome.unwrap_err().class(), made), (Class::ModelError, 1));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_a_wait_gets_it() {
    let date = SystemTime::now() + Duration::from_secs(40);
    let date = DateTime::from(date).fmt(Format::HttpDate).unwrap();
    for (name, value, least, most) in [
        ("retry-after", "3", 3_000, 3_300),
        ("retry-after", "30", 30_000, 31_000),
        ("retry-after", date.as_str(), 37_000, 41_000),
        ("x-amz-retry-after", "25500", 25_500, 26_500),
        ("retry-after", "0", 0, 0),
    ] {
        for busy in [Answer::new(429, &[], ""), Answer::error(503, "ServiceUnavailableException", "x")] {
            let (outcome, made, took) = call(Policy::default(), [busy.with(name, value), Answer::ok()]).await;
            outcome.unwrap();
            let took = took.as_millis();
            assert!(made == 2 && (least..=most).contains(&took), "{name}: {value}: {took}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nor_does_the_sdk_cut_it_in_its_newer_behaviour() {
    let newer = br::config::retry::RetryConfig::standard().with_retry_spec(aws_smithy_types::retry::RetrySpec::v2_1());
    let busy = Answer::error(503, "ServiceUnavailableException", "x").with("retry-after", "30");
    let (outcome, made, took) = call(Policy::of(newer), [busy, Answer::ok()]).await;
    outcome.unwrap();
    assert!(made == 2 && took >= Duration::from_secs(30) && took <= Duration::from_secs(31), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_is_told_and_not_waited() {
    let busy = Answer::error(429, "ThrottlingException", "x").with("retry-after", "61");
    let (outcome, made, took) = call(Policy::default(), [busy.clone()]).await;
    let error = outcome.unwrap_err();
    assert_eq!((error.class(), made), (Class::Throttled(Scope::Unknown), 1));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(61)));
    assert!(took.is_zero(), "{took:?}");
    let longer = Policy::default().longest_wait(Duration::from_mins(2));
    let (outcome, made, took) = call(longer, [busy, Answer::ok()]).await;
    outcome.unwrap();
    assert!(made == 2 && took >= Duration::from_secs(61), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_model_that_is_not_ready_is_asked_for_minutes() {
    let loading = || Answer::error(429, "ModelNotReadyException", "Model is not ready to serve inference requests.");
    let ready = (0..8).map(|_| loading()).chain([Answer::ok()]);
    let (outcome, made, _) = call(Policy::default(), ready).await;
    outcome.unwrap();
    assert_eq!(made, 9);
    let (outcome, made, took) = call(Policy::default(), [loading()]).await;
    assert_eq!(outcome.unwrap_err().class(), Class::ModelNotReady);
    let minutes = Duration::from_mins(5)..Duration::from_secs(320);
    assert!(minutes.contains(&took) && made > 15, "{took:?}, {made} attempts");
    let hasty = Policy::default().not_ready(Duration::ZERO);
    assert_eq!(call(hasty, [loading()]).await.1, 3);
    // What fails otherwise after the model was not ready has the usual attempts, which are used up.
    let then = (0..5).map(|_| loading()).chain([Answer::error(500, "InternalServerException", "x")]);
    let (outcome, made, _) = call(Policy::default(), then).await;
    assert_eq!((outcome.unwrap_err().class(), made), (Class::Internal, 6));
}

#[tokio::test(start_paused = true)]
async fn a_used_up_budget_ends_retries() {
    let script = Script::new([Answer::error(503, "ServiceUnavailableException", "x")]);
    let policy = Policy::default().budget(12);
    let client = br::Client::from_conf(policy.apply(script.config()).build());
    for attempts in [3, 4, 5] {
        client.invoke_model().model_id(MODEL).send().await.unwrap_err();
        assert_eq!(script.attempts(), attempts, "two retries for all calls");
    }
}
