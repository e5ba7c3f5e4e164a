//! Streams that are opened again, and streams that stall. Time is paused: minutes pass in no time.

use std::time::Duration;

use bytes::Bytes;
use outcrop::runtime::Call;
use outcrop_aws::Client;
use outcrop_aws::error::{Class, Wait};
use outcrop_aws::retry::Policy;
use outcrop_aws::types::{ConverseRequest, ServiceTier, ServiceTierType};
use tokio::time::Instant;

use super::canned::{Canned, Stream};
use super::loopback::{event_stream, frame};
use super::support::{LLAMA, family, says};

fn frames() -> Vec<Bytes> {
    let call = Call { model: LLAMA, ..Call::default() };
    event_stream(family("meta-llama"), &call, &says(r#"[{"text":"Tin and lead."}]"#, "end_turn")).unwrap()
}

fn whole() -> Stream {
    Stream { parts: frames(), stalls: false }
}

/// A stream that fails with an exception after so many frames.
fn throttled(after: usize) -> Stream {
    let exception = frame("exception", "throttlingException", r#"{"message":"Too many requests."}"#);
    Stream { parts: frames().into_iter().take(after).chain([exception]).collect(), stalls: false }
}

fn request() -> ConverseRequest {
    ConverseRequest::user("Name metals.")
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_opened_again_until_its_first_event() {
    let (endpoint, begin) = (Canned::new(vec![throttled(0), throttled(0), whole()]), Instant::now());
    let client = endpoint.client(Client::builder());
    let answer = client.converse_stream(LLAMA, request()).await.unwrap().collect().await.unwrap();
    assert_eq!(answer.response.text(), "Tin and lead.");
    let bodies = endpoint.asked();
    assert!(bodies.len() == 3 && bodies.iter().all(|body| *body == bodies[0] && !body.is_empty()), "{bodies:?}");
    // At most 1 s and 2 s: each wait is a random part of what doubles.
    assert!(begin.elapsed() <= Duration::from_secs(3), "{:?}", begin.elapsed());

    let mut chunks = client.invoke_stream(LLAMA, r#"{"prompt":"x"}"#).await.unwrap();
    assert!(chunks.recv().await.unwrap().is_ok());
    assert_eq!(endpoint.asked().pop().unwrap(), r#"{"prompt":"x"}"#);

    let endpoint = Canned::new(vec![throttled(0)]);
    let error = endpoint.client(Client::builder()).converse_stream(LLAMA, request()).await.unwrap_err();
    assert!(matches!(error.class(), Class::Throttled(_)), "{error:?}");
    assert_eq!((endpoint.asked().len(), error.model_id()), (3, Some(LLAMA)));
    let endpoint = Canned::new(vec![throttled(0)]);
    let once = endpoint.client(Client::builder().retry(Policy::default().attempts(1)));
    once.converse_stream(LLAMA, request()).await.unwrap_err();
    assert_eq!(endpoint.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_sends_the_same_bytes_and_headers() {
    let endpoint = Canned::new(vec![throttled(0), throttled(0), whole()]);
    let client = endpoint.client(Client::builder());
    let request = ConverseRequest { service_tier: Some(ServiceTier::new(ServiceTierType::Flex)), ..request() };
    client.converse_stream(LLAMA, request).await.unwrap().collect().await.unwrap();
    let places = endpoint.places();
    assert!(places.len() == 3 && places.iter().all(|place| *place == places[0]), "copied: {places:x?}");
    assert_eq!(endpoint.header("x-amzn-bedrock-service-tier"), ["flex"; 3]);
    let length = endpoint.asked()[0].len().to_string();
    assert_eq!(endpoint.header("content-length"), [length.as_str(); 3]);

    let endpoint = Canned::new(vec![throttled(0), whole()]);
    let body = br#"{"prompt":"x"}"#.to_vec();
    let place = body.as_ptr().addr();
    let mut chunks = endpoint.client(Client::builder()).invoke_stream(LLAMA, body).await.unwrap();
    chunks.recv().await.unwrap().unwrap();
    assert_eq!(endpoint.places(), [place; 2], "what the caller gives is what is sent");
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_never_opened_again_after_its_first_event() {
    let endpoint = Canned::new(vec![throttled(2), whole()]);
    let mut stream = endpoint.client(Client::builder()).converse_stream(LLAMA, request()).await.unwrap();
    assert!(stream.recv().await.unwrap().is_ok());
    let mut last = Ok(());
    while let Some(event) = stream.recv().await {
        last = event.map(drop);
    }
    assert!(matches!(last.unwrap_err().class(), Class::Throttled(_)));
    assert_eq!(endpoint.asked().len(), 1, "what was handed out is not asked for twice");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_silent_for_too_long_ends() {
    let stall = || vec![Stream { parts: frames().into_iter().take(2).collect(), stalls: true }];
    for (builder, limit) in [
        (Client::builder(), outcrop_aws::idle::DEFAULT),
        (Client::builder().idle(Duration::from_secs(7)), Duration::from_secs(7)),
    ] {
        let endpoint = Canned::new(stall());
        let mut stream = endpoint.client(builder).converse_stream(LLAMA, request()).await.unwrap();
        assert!(stream.recv().await.unwrap().is_ok());
        let (begin, mut last) = (Instant::now(), Ok(()));
        while let Some(event) = stream.recv().await {
            last = event.map(drop);
        }
        assert_eq!(last.unwrap_err().class(), Class::Timeout(Wait::Idle));
        assert_eq!((begin.elapsed(), endpoint.live()), (limit, 0), "and its connection is closed");
    }
    let endpoint = Canned::new(stall());
    let patient = endpoint.client(Client::builder().idle(None));
    let collect = async { patient.converse_stream(LLAMA, request()).await.unwrap().collect().await };
    assert!(tokio::time::timeout(Duration::from_hours(24), collect).await.is_err());
}
