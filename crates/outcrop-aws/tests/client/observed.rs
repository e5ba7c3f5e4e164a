//! What observers and guards see of calls.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use outcrop_aws::error::Class;
use outcrop_aws::guard::SpikeGuard;
use outcrop_aws::observe::{Finished, Info, Observer};
use outcrop_aws::types::ConverseRequest;
use outcrop_aws::{Client, Error};

use super::loopback::{Loopback, reply};
use super::support::{LLAMA, family, says, with};

fn request() -> ConverseRequest {
    ConverseRequest::user("Name metals.")
}

/// Writes down what it hears.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
    pub fn take(&self) -> Vec<String> {
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
