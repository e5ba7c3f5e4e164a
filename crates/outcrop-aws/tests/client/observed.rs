//! Streams that are opened again, that stall, and what observers and guards see of calls.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use bytes::Bytes;
use outcrop::runtime::Call;
use outcrop_aws::error::{Class, Wait};
use outcrop_aws::guard::SpikeGuard;
use outcrop_aws::observe::{Finished, Info, Observer};
use outcrop_aws::retry::Policy;
use outcrop_aws::types::ConverseRequest;
use outcrop_aws::{Client, Error};

use super::loopback::{Answer, Loopback, Part, event_stream, frame, reply};
use super::support::{LLAMA, family, says, with};

fn frames() -> Vec<Bytes> {
    let call = Call { model: LLAMA, ..Call::default() };
    event_stream(family("meta-llama"), &call, &says(r#"[{"text":"Tin and lead."}]"#, "end_turn")).unwrap()
}

fn throttled() -> Part {
    Part::Bytes(frame("exception", "throttlingException", r#"{"message":"Too many requests."}"#))
}

/// Streams that fail with an exception after so many frames, one to a call, then whole ones.
async fn failing(after: Vec<usize>) -> Loopback {
    let next = Mutex::new(after.into_iter());
    Loopback::start(move |_| {
        let all = frames();
        match next.lock().unwrap().next() {
            Some(n) => Answer::stream(all.into_iter().take(n).map(Part::Bytes).chain([throttled()])),
            None => Answer::stream(all.into_iter().map(Part::Bytes)),
        }
    })
    .await
}

/// Retries without long waits.
fn quick() -> Policy {
    Policy::of(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
}

fn request() -> ConverseRequest {
    ConverseRequest::user("Name metals.")
}

#[tokio::test]
async fn a_stream_is_opened_again_until_its_first_event_and_never_after_it() {
    let endpoint = failing(vec![0, 0]).await;
    let client = with(&endpoint, Client::builder().retry(quick()));
    let answer = client.converse_stream(LLAMA, request()).await.unwrap().collect().await.unwrap();
    assert_eq!(answer.response.text(), "Tin and lead.");
    let bodies: Vec<String> = endpoint.requests().into_iter().map(|r| r.text()).collect();
    assert!(bodies.len() == 3 && bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");

    let endpoint = failing(vec![0, 0, 0]).await;
    let client = with(&endpoint, Client::builder().retry(quick()));
    let error = client.converse_stream(LLAMA, request()).await.unwrap_err();
    assert!(matches!(error.class(), Class::Throttled(_)), "{error:?}");
    assert_eq!((endpoint.requests().len(), error.model_id()), (3, Some(LLAMA)));

    let endpoint = failing(vec![2]).await;
    let client = with(&endpoint, Client::builder().retry(quick()));
    let mut stream = client.converse_stream(LLAMA, request()).await.unwrap();
    assert!(stream.recv().await.unwrap().is_ok());
    let mut last = Ok(());
    while let Some(event) = stream.recv().await {
        last = event.map(drop);
    }
    assert!(matches!(last.unwrap_err().class(), Class::Throttled(_)));
    assert_eq!(endpoint.requests().len(), 1, "what was handed out is not asked for twice");
}

#[tokio::test]
async fn a_stream_that_is_silent_for_too_long_ends() {
    let parts: Vec<Part> = frames().into_iter().take(2).map(Part::Bytes).chain([Part::Stall]).collect();
    let mut endpoint = Loopback::start(move |_| Answer::stream(parts.clone())).await;
    let client = with(&endpoint, Client::builder().idle(Duration::from_millis(50)));
    let mut stream = client.converse_stream(LLAMA, request()).await.unwrap();
    let mut last = Ok(());
    while let Some(event) = stream.recv().await {
        last = event.map(drop);
    }
    assert_eq!(last.unwrap_err().class(), Class::Timeout(Wait::Idle));
    endpoint.over(1).await;
}

/// Writes down what it hears.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Observer for Heard {
    fn started(&self, call: &Info) {
        self.add(format!("{:?} {} of {:?}", call.operation, call.max_tokens.unwrap_or_default(), call.family));
    }
    fn first_event(&self, _: &Info, _: Duration) {
        self.add("first".into());
    }
    fn finished(&self, _: &Info, end: &Finished) {
        let tokens = end.usage.total.map(|count| count.tokens);
        self.add(format!("finished {tokens:?} {:?} {}", end.stop_reason, end.cost.is_some()));
    }
    fn failed(&self, _: &Info, error: &Error, _: Duration) {
        self.add(format!("failed {}", error.class().as_str()));
    }
    fn abandoned(&self, _: &Info, _: Duration) {
        self.add("abandoned".into());
    }
}

#[tokio::test]
async fn observers_hear_of_every_call_how_it_went() {
    let endpoint =
        Loopback::start(|request| reply(family("meta-llama"), request, |_| says(r#"[{"text":"Tin."}]"#, "end_turn")))
            .await;
    let heard = Heard::default();
    let client = with(&endpoint, Client::builder().observer(heard.clone()));
    client.converse(LLAMA, request().max_tokens(7)).await.unwrap();
    let converse = r#"Converse 7 of Some("meta-llama")"#;
    assert_eq!(heard.take(), [converse, r#"finished Some(8) Some("end_turn") true"#]);

    client.converse_stream(LLAMA, request()).await.unwrap().collect().await.unwrap();
    let stream = r#"ConverseStream 0 of Some("meta-llama")"#;
    let finished = r#"finished Some(8) Some("end_turn") true"#;
    assert_eq!(heard.take(), [stream, "first", finished]);

    // Who has the last event need not ask for more.
    let mut events = client.converse_stream(LLAMA, request()).await.unwrap();
    while !matches!(events.recv().await.unwrap().unwrap(), outcrop_aws::client::ConverseEvent::Metadata(_)) {}
    assert!(events.call().is_some());
    drop(events);
    assert_eq!(heard.take(), [stream, "first", finished]);

    let mut events = client.converse_stream(LLAMA, request()).await.unwrap();
    events.recv().await.unwrap().unwrap();
    drop(events);
    assert_eq!(heard.take(), [stream, "first", "abandoned"]);

    client.converse(LLAMA, request().temperature(f64::NAN)).await.unwrap_err();
    client.converse("no-such-model", request()).await.unwrap_err();
    assert_eq!(
        heard.take(),
        ["Converse 0 of Some(\"meta-llama\")", "failed refused", "Converse 0 of None", "failed refused"]
    );

    let mut chunks = client.invoke_stream(LLAMA, r#"{"prompt":"x"}"#).await.unwrap();
    while chunks.recv().await.is_some() {}
    // Its tokens are told by the metrics of the last chunk.
    assert_eq!(heard.take(), ["InvokeStream 0 of None", "first", "finished None None true"]);
}

#[tokio::test]
async fn a_guard_refuses_inputs_before_they_are_sent() {
    let endpoint =
        Loopback::start(|request| reply(family("meta-llama"), request, |_| says(r#"[{"text":"Tin."}]"#, "end_turn")))
            .await;
    let guard = SpikeGuard::refusing().factor(10.0).after(3).never_below(100);
    let client = with(&endpoint, Client::builder().guard(guard));
    for _ in 0..3 {
        client.converse(LLAMA, request()).await.unwrap();
    }
    let long = || ConverseRequest::user("metal ".repeat(2000));
    assert_eq!(client.converse(LLAMA, long()).await.unwrap_err().class(), Class::InputSpike);
    assert_eq!(client.converse_stream(LLAMA, long()).await.unwrap_err().class(), Class::InputSpike);
    assert_eq!(endpoint.requests().len(), 3);
}
