//! The SDK's guard against answers that stall looks at what comes in, not at what the interceptor hands out. Time is paused.

use std::time::{Duration, SystemTime};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::StalledStreamProtectionConfig;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::timeout::TimeoutConfig;
use aws_sdk_bedrockruntime::error::DisplayErrorContext;
use aws_smithy_async::time::TimeSource;
use bytes::Bytes;
use tokio::time::Instant;

use super::line::Line;
use super::loopback::{Answer, Part};
use super::support::{LLAMA, over, user};

/// The clock of the tests, as the SDK wants one.
#[derive(Debug)]
struct Paused(Instant);

impl TimeSource for Paused {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_hours(400_000) + self.0.elapsed()
    }
}

fn guarded(line: &Line) -> Client {
    let guard = StalledStreamProtectionConfig::enabled().grace_period(Duration::from_millis(300)).build();
    // Who is not given up by the guard is by this.
    let patient = TimeoutConfig::builder().operation_timeout(Duration::from_hours(1)).build();
    let config = line.config().stalled_stream_protection(guard).timeout_config(patient);
    over(config.time_source(Paused(Instant::now())).retry_config(RetryConfig::disabled()))
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_dribbles_is_no_stall_though_nothing_of_it_can_be_handed_out_before_its_end() {
    let body = r#"{"generation":"Tin","stop_reason":"stop"}"#;
    let dribble = |part: &[u8]| [Part::Bytes(Bytes::copy_from_slice(part)), Part::Wait(Duration::from_millis(60))];
    let parts: Vec<Part> = body.as_bytes().chunks(2).flat_map(dribble).collect();
    let (line, begin) = (Line::to(move |_| Answer { parts: parts.clone(), ..Answer::json("") }), Instant::now());
    let output = guarded(&line).converse().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap();
    assert_eq!(output.output().unwrap().as_message().unwrap().content()[0].as_text().unwrap(), "Tin");
    assert_eq!(line.requests().len(), 1);
    assert!(begin.elapsed() > Duration::from_secs(1), "longer than the guard would wait: {:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_stalls_is_given_up() {
    let line = Line::to(|_| Answer { parts: vec![Part::Bytes("{".into()), Part::Stall], ..Answer::json("") });
    let e = guarded(&line).converse().model_id(LLAMA).messages(user("Hello.")).send().await.unwrap_err();
    let told = DisplayErrorContext(&e).to_string();
    assert!(told.contains("minimum throughput"), "{told}");
}
