//! Many calls at once.

use std::time::Duration;

use aws_sdk_bedrockruntime::config::StalledStreamProtectionConfig;
use aws_sdk_bedrockruntime::config::timeout::TimeoutConfig;
use futures_util::stream::{self, StreamExt};

use super::loopback::{Loopback, reply};
use super::support::{CLAUDE, asked, events, family, over, says, text, user};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_at_once_each_get_their_own_answer() {
    let claude = family("anthropic-messages");
    let endpoint = Loopback::start(move |request| reply(claude, request, |converse| says(&asked(converse)))).await;
    // A machine under load may take its time for a thousand connections.
    let patient = TimeoutConfig::builder().connect_timeout(Duration::from_mins(1)).build();
    let config = endpoint.config().timeout_config(patient);
    let client = over(config.stalled_stream_protection(StalledStreamProtectionConfig::disabled()));
    let calls = (0..1000).map(|n| {
        let client = client.clone();
        tokio::spawn(async move {
            let question = format!("call number {n}, {}", "word ".repeat(n % 23));
            let said = if n % 2 == 0 {
                let call = client.converse().model_id(CLAUDE).messages(user(&question));
                let output = call.send().await.unwrap();
                output.output().unwrap().as_message().unwrap().content()[0].as_text().unwrap().clone()
            } else {
                let call = client.converse_stream().model_id(CLAUDE).messages(user(&question));
                let (events, error) = events(call.send().await.unwrap()).await;
                assert_eq!(error, None);
                text(&events)
            };
            assert_eq!(said, question);
        })
    });
    let done: Vec<_> = stream::iter(calls.collect::<Vec<_>>()).buffer_unordered(1000).collect().await;
    assert_eq!(done.iter().filter(|call| call.is_ok()).count(), 1000);
    assert_eq!(endpoint.requests().len(), 1000);
}
