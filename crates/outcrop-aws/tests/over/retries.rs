//! Retries of the SDK: each attempt is the same request, and each answer is translated once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_sdk_bedrockruntime::config::StalledStreamProtectionConfig;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::timeout::TimeoutConfig;
use aws_sdk_bedrockruntime::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::operation::converse::ConverseError;

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime::client::retries::{ClientRateLimiter, RetryPartition};
use outcrop_aws::Error;
use outcrop_aws::error::{Class, Scope};

use super::heard::{Heard, quick, told};
use super::loopback::{Answer, Loopback, Part, reply};
use super::support::{CLAUDE, LLAMA, asked, events, family, over, says, text, user};

/// A clock that goes when somebody sleeps.
#[derive(Debug, Clone, Default)]
struct Clock(Arc<Mutex<Duration>>);

impl Clock {
    fn waited(&self) -> Duration {
        *self.0.lock().unwrap()
    }
}

impl AsyncSleep for Clock {
    fn sleep(&self, time: Duration) -> Sleep {
        *self.0.lock().unwrap() += time;
        Sleep::new(std::future::ready(()))
    }
}

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_hours(400_000) + self.waited()
    }
}

/// An endpoint that throttles some times, then answers.
async fn throttling(times: usize) -> Loopback {
    let asked_so_far = AtomicUsize::new(0);
    Loopback::start(move |request| {
        if asked_so_far.fetch_add(1, Ordering::Relaxed) < times {
            return Answer::error(429, "ThrottlingException", "Too many requests, please wait before trying again.");
        }
        reply(family("anthropic-messages"), request, |converse| says(&asked(converse)))
    })
    .await
}

#[tokio::test]
async fn a_throttled_call_goes_out_again_unchanged_and_is_translated_once() {
    let endpoint = throttling(2).await;
    let client = over(endpoint.config().retry_config(quick()));
    let output = client.converse().model_id(CLAUDE).messages(user("Still there?")).send().await.unwrap();
    let said = output.output().unwrap().as_message().unwrap().content()[0].as_text().unwrap().clone();
    assert_eq!(said, "Still there?");
    let requests = endpoint.requests();
    assert_eq!(requests.len(), 3);
    for (n, request) in requests.iter().enumerate() {
        assert_eq!(request.body, requests[0].body);
        assert_eq!(request.path, requests[0].path);
        assert_eq!(request.header("amz-sdk-request"), format!("attempt={}; max=3", n + 1));
        assert!(request.header("authorization").contains("Signature="));
    }

    let endpoint = throttling(2).await;
    let client = over(endpoint.config().retry_config(quick()));
    let stream = client.converse_stream().model_id(CLAUDE).messages(user("And now?")).send().await.unwrap();
    let (events, error) = events(stream).await;
    assert_eq!((text(&events).as_str(), error), ("And now?", None));
    assert_eq!(endpoint.requests().len(), 3);
}

#[tokio::test]
async fn the_adaptive_mode_of_the_sdk_gets_through_and_gives_up_as_the_standard_one_does() {
    let adaptive = || RetryConfig::adaptive().with_initial_backoff(Duration::from_millis(1));
    // The rate limiter is shared by all clients of a partition, and slows each of them down. What it waits for does not pass
    // in truth.
    let clock = Clock::default();
    let calm = |endpoint: &Loopback, config, name: &'static str| {
        let partition = RetryPartition::custom(name).client_rate_limiter(ClientRateLimiter::default());
        let builder = endpoint.config().sleep_impl(clock.clone()).time_source(clock.clone()).retry_config(config);
        let builder = builder.stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        builder.timeout_config(TimeoutConfig::disabled()).retry_partition(partition.build())
    };
    let (endpoint, heard) = (throttling(1).await, Heard::default());
    let client = heard.client(calm(&endpoint, adaptive(), "gets through"));
    let output = client.converse().model_id(CLAUDE).messages(user("Still there?")).send().await.unwrap();
    let said = output.output().unwrap().as_message().unwrap().content()[0].as_text().unwrap().clone();
    assert_eq!(said, "Still there?");
    let requests = endpoint.requests();
    assert!(requests.len() == 2 && requests[0].body == requests[1].body);
    assert_eq!(heard.take().len(), 2, "one call, however often it is sent");
    println!("one retry waits {:?}", clock.waited());
    assert!(clock.waited() > Duration::from_secs(1), "{:?}", clock.waited());

    let endpoint = throttling(usize::MAX).await;
    let client = heard.client(calm(&endpoint, adaptive().with_max_attempts(2), "gives up"));
    let error = Error::from(client.converse_stream().model_id(CLAUDE).messages(user("Hm?")).send().await.unwrap_err());
    assert_eq!((error.class(), endpoint.requests().len()), (Class::Throttled(Scope::Requests), 2));
    assert_eq!(
        error.to_string(),
        "throttled (requests): Too many requests, please wait before trying again. The account's requests per minute for \
         the model are used up. What to do: wait some seconds, send fewer requests at a time, or ask for a higher quota \
         [ThrottlingException, HTTP 429]"
    );
    assert_eq!(heard.failure(), told(&error));
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_paid_for_again() {
    let endpoint = Loopback::start(|_| Answer::json(r#"{"generation":7}"#)).await;
    let client = over(endpoint.config().retry_config(quick()));
    let e = client.converse().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap_err();
    assert!(matches!(e, SdkError::ResponseError(_)), "{e:?}");
    let told = DisplayErrorContext(&e).to_string();
    for part in ["wrong-type", "generation", "meta-llama"] {
        assert!(told.contains(part), "`{part}` in {told}");
    }
    assert_eq!(endpoint.requests().len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_cut_is_asked_for_again_as_the_sdk_does() {
    let count = Arc::new(AtomicUsize::new(0));
    let asked_so_far = count.clone();
    let endpoint = Loopback::start(move |_| match asked_so_far.fetch_add(1, Ordering::Relaxed) {
        0 => Answer::stream([Part::Bytes(r#"{"generation":"#.into()), Part::Cut]),
        _ => Answer::json(r#"{"generation":"Tin","stop_reason":"stop"}"#),
    })
    .await;
    let client = over(endpoint.config().retry_config(quick()));
    let output = client.converse().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap();
    assert_eq!(output.output().unwrap().as_message().unwrap().content()[0].as_text().unwrap(), "Tin");
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn an_answer_without_end_has_a_limit() {
    let part = Part::Bytes(vec![b' '; 1 << 20].into());
    let parts: Vec<Part> = std::iter::repeat_n(part, 40).collect();
    let endpoint = Loopback::start(move |_| Answer { parts: parts.clone(), ..Answer::json("") }).await;
    let client = over(endpoint.config().retry_config(quick()));
    let e = client.converse().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap_err();
    assert!(DisplayErrorContext(&e).to_string().contains("too-large"), "{e:?}");
    assert_eq!(endpoint.requests().len(), 1);
}

#[tokio::test]
async fn every_exception_of_http_stays_what_it_is() {
    use ConverseError as E;
    type Is = fn(&E) -> bool;
    let all: [(u16, &str, Is); 9] = [
        (403, "AccessDeniedException", |e| matches!(e, E::AccessDeniedException(_))),
        (500, "InternalServerException", |e| matches!(e, E::InternalServerException(_))),
        (424, "ModelErrorException", |e| matches!(e, E::ModelErrorException(_))),
        (429, "ModelNotReadyException", |e| matches!(e, E::ModelNotReadyException(_))),
        (408, "ModelTimeoutException", |e| matches!(e, E::ModelTimeoutException(_))),
        (404, "ResourceNotFoundException", |e| matches!(e, E::ResourceNotFoundException(_))),
        (503, "ServiceUnavailableException", |e| matches!(e, E::ServiceUnavailableException(_))),
        (429, "ThrottlingException", |e| matches!(e, E::ThrottlingException(_))),
        (400, "ValidationException", |e| matches!(e, E::ValidationException(_))),
    ];
    for (status, name, is) in all {
        let endpoint = Loopback::start(move |_| Answer::error(status, name, "It is so.")).await;
        let client = over(endpoint.config().retry_config(RetryConfig::disabled()));
        let e = client.converse().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap_err();
        assert_eq!(e.raw_response().unwrap().status().as_u16(), status);
        let e = e.into_service_error();
        assert!(is(&e), "{name}: {e:?}");
        assert_eq!((e.code(), e.message()), (Some(name), Some("It is so.")));
        let e = client.converse_stream().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap_err();
        assert_eq!((e.code(), e.message()), (Some(name), Some("It is so.")), "{name}");
    }
    // One that Converse does not have: the SDK keeps its name.
    let endpoint = Loopback::start(|_| Answer::error(400, "ServiceQuotaExceededException", "Enough.")).await;
    let e = over(endpoint.config()).converse().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap_err();
    assert_eq!((e.code(), e.message()), (Some("ServiceQuotaExceededException"), Some("Enough.")));
}
