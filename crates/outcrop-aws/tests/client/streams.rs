//! Answers in events.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use outcrop::registry::{Entry, FAMILIES};
use outcrop::runtime::resolve::Target;
use outcrop::runtime::usage::Source;
use outcrop::runtime::{Call, Tree};
use outcrop_aws::client::{Builder, ConverseEvent, ConverseStream};
use outcrop_aws::error::Class;
use outcrop_aws::retry::Policy;
use outcrop_aws::types::{ContentBlock, ContentBlockDelta, ConverseRequest, ConverseResponse, StopReason};
use outcrop_aws::usage::Count;
use outcrop_aws::{Client, Error};

use super::canned::{Canned, Stream};
use super::loopback::{Answer, Loopback, Part, chunk, event_stream, frame};
use super::support::{CLAUDE, LLAMA, client, family, saying, says, with};

fn frames(content: &str) -> Vec<Bytes> {
    let call = Call { model: CLAUDE, ..Call::default() };
    event_stream(family("anthropic-messages"), &call, &says(content, "end_turn")).unwrap()
}

const METALS: &str = r#"[{"text":"Tin and lead and gold."}]"#;

async fn giving(parts: Vec<Part>) -> Loopback {
    let answer = Answer::stream(parts).with("x-amzn-requestid", "r7");
    Loopback::start(move |_| answer.clone()).await
}

/// An endpoint that gives these answers, one to a call, and a client of it: making a client costs more than a call.
async fn one_by_one(answers: Vec<Answer>) -> (Loopback, Client) {
    let next = std::sync::Mutex::new(answers.into_iter());
    let endpoint = Loopback::start(move |_| next.lock().unwrap().next().expect("no more calls than answers")).await;
    let client = with(&endpoint, Client::builder().retry(Policy::default().attempts(1)));
    (endpoint, client)
}

async fn open(client: &Client) -> ConverseStream {
    client.converse_stream(CLAUDE, ConverseRequest::user("Name metals.").max_tokens(9)).await.unwrap()
}

/// Events to the end or the first error; after either nothing comes.
async fn all(mut stream: ConverseStream) -> (Vec<ConverseEvent>, Option<Error>) {
    let mut events = Vec::new();
    let failed = loop {
        match stream.next().await {
            None => break None,
            Some(Ok(event)) => events.push(event),
            Some(Err(e)) => break Some(e),
        }
    };
    assert!(stream.next().await.is_none());
    assert_eq!(stream.report().is_some(), failed.is_none());
    (events, failed)
}

fn text(events: &[ConverseEvent]) -> String {
    let deltas = events.iter().filter_map(|event| match event {
        ConverseEvent::ContentBlockDelta(delta) => match &delta.delta {
            ContentBlockDelta::Text(text) => Some(text.as_str()),
            _ => None,
        },
        _ => None,
    });
    deltas.collect()
}

#[tokio::test]
async fn events_come_as_the_core_gives_them() {
    let endpoint = giving(frames(METALS).into_iter().map(Part::Bytes).collect()).await;
    let stream = open(&client(&endpoint)).await;
    assert_eq!((stream.family(), stream.request_id()), (Some("anthropic-messages"), Some("r7")));
    let (events, failed) = all(stream).await;
    assert!(failed.is_none(), "{failed:?}");
    assert_eq!(text(&events), "Tin and lead and gold.");
    assert!(matches!(events.first(), Some(ConverseEvent::MessageStart(_))));
    assert!(matches!(events.last(), Some(ConverseEvent::Metadata(_))));
    let sent = endpoint.requests().pop().unwrap();
    assert!(sent.path.ends_with("/invoke-with-response-stream"), "{}", sent.path);
}

#[tokio::test]
async fn a_collected_stream_is_the_answer() {
    let content = r#"[{"reasoningContent":{"reasoningText":{"text":"Metals are heavy.","signature":"s"}}},{"text":"Let me look."},{"toolUse":{"toolUseId":"t1","name":"weigh","input":{"stone":"opal"}}}]"#;
    let said = says(content, "tool_use");
    let endpoint = saying(family("anthropic-messages"), said.clone()).await;
    let client = client(&endpoint);
    let answer = open(&client).await.collect().await.unwrap();
    let wanted = ConverseResponse::from_json(said.to_string().as_bytes()).unwrap();
    assert_eq!(answer.response.output, wanted.output);
    assert_eq!(answer.response.stop_reason, Some(StopReason::ToolUse));
    assert_eq!(answer.usage().output.map(|count| count.tokens), Some(5));
    assert!(answer.call.first_event.is_some());
    assert!(matches!(answer.response.message().unwrap().content[2], ContentBlock::ToolUse(_)));
    let whole = client.converse(CLAUDE, ConverseRequest::user("Name metals.").max_tokens(9)).await.unwrap();
    assert_eq!(whole.response.output, answer.response.output, "a stream or not, it is the same answer");
}

#[tokio::test]
async fn every_family_streams_what_it_says() {
    let said = says(METALS, "end_turn");
    let families: Vec<&Entry> = FAMILIES.iter().filter(|entry| entry.streams.is_some()).collect();
    let endpoint = Loopback::start(move |request| {
        let entry = family(request.model().trim_start_matches("my-"));
        let call = Call { model: entry.spec.family, ..Call::default() };
        let frames = event_stream(entry, &call, &said).unwrap();
        Answer::stream(frames.into_iter().map(Part::Bytes))
    })
    .await;
    let line = |client: Builder, entry: &&Entry| {
        let name = entry.spec.family;
        client.target(format!("my-{name}"), Target::family(name, None))
    };
    let client = with(&endpoint, families.iter().fold(Client::builder(), line));
    let mut streamed = 0;
    for name in families.iter().map(|entry| entry.spec.family) {
        let request = ConverseRequest::user("Name metals.").max_tokens(9);
        let stream = match client.converse_stream(format!("my-{name}"), request).await {
            Ok(stream) => stream,
            // A format that wants more than a text.
            Err(e) => {
                assert_eq!(e.class(), Class::Refused, "{name}: {e}");
                continue;
            }
        };
        let answer = stream.collect().await.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(answer.response.text(), "Tin and lead and gold.", "{name}");
        streamed += 1;
    }
    assert!(streamed > 20, "{streamed}");
}

#[tokio::test]
async fn a_stream_that_breaks_off_gives_what_came_and_then_the_error() {
    let whole = frames(METALS);
    let bytes: Vec<u8> = whole.concat();
    let mut ends: Vec<usize> = whole
        .iter()
        .scan(0, |at, f| {
            *at += f.len();
            Some(*at)
        })
        .collect();
    ends.pop();
    let cuts: Vec<usize> = (1..bytes.len()).step_by(97).chain(ends).collect();
    let answers = cuts.iter().flat_map(|cut| {
        let before = [Part::Bytes(Bytes::copy_from_slice(&bytes[..*cut])), Part::Wait(Duration::ZERO)];
        [None, Some(Part::Cut)]
            .map(|end| Answer::stream(before.iter().cloned().chain(end)).with("x-amzn-requestid", "r7"))
    });
    let (_endpoint, client) = one_by_one(answers.collect()).await;
    for cut in cuts {
        for _ in 0..2 {
            let request = ConverseRequest::user("Name metals.").max_tokens(9);
            let (events, failed) = match client.converse_stream(CLAUDE, request).await {
                Ok(stream) => all(stream).await,
                // The first chunk is not there.
                Err(e) => (Vec::new(), Some(e)),
            };
            let failed = failed.unwrap_or_else(|| panic!("cut at {cut}, and nobody saw it"));
            assert_eq!(failed.class(), Class::StreamBroken, "cut at {cut}: {failed:?}");
            assert_eq!((failed.model_id(), failed.request_id()), (Some(CLAUDE), Some("r7")), "{failed:?}");
            assert!("Tin and lead and gold.".starts_with(&text(&events)));
        }
    }
}

#[tokio::test]
async fn exceptions_of_a_stream_say_what_they_are() {
    type Is = fn(Class) -> bool;
    let all_of_them: [(&str, Is); 6] = [
        ("internalServerException", |c| c == Class::Internal),
        ("modelStreamErrorException", |c| c == Class::ModelError),
        ("validationException", |c| c == Class::InvalidRequest),
        ("throttlingException", |c| matches!(c, Class::Throttled(_))),
        ("modelTimeoutException", |c| c == Class::ModelTimeout),
        ("serviceUnavailableException", |c| c == Class::Unavailable),
    ];
    let answers = all_of_them.map(|(name, _)| {
        let mut sent = frames(METALS);
        sent.truncate(3);
        sent.push(frame("exception", name, r#"{"message":"It is so."}"#));
        Answer::stream(sent.into_iter().map(Part::Bytes))
    });
    let (_endpoint, client) = one_by_one(answers.into()).await;
    for (name, is) in all_of_them {
        let (events, failed) = all(open(&client).await).await;
        let failed = failed.unwrap();
        assert!(is(failed.class()), "{name}: {failed:?}");
        assert!(failed.message().contains("It is so."), "{failed:?}");
        assert!(!events.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_chunk_that_is_none_of_the_format_ends_the_stream() {
    let mut sent = frames(METALS);
    sent.insert(3, chunk(br#"{"type":"content_block_delta","index":"zero"}"#));
    let endpoint = giving(sent.into_iter().map(Part::Bytes).collect()).await;
    let (events, failed) = all(open(&client(&endpoint)).await).await;
    let failed = failed.unwrap();
    assert_eq!((failed.class(), failed.refusal().unwrap().native_path.as_str()), (Class::Refused, "index"));
    assert!(matches!(events.first(), Some(ConverseEvent::MessageStart(_))));
    let error = open(&client(&endpoint)).await.collect().await.unwrap_err();
    assert_eq!(error.class(), Class::Refused);
}

#[tokio::test]
async fn a_stream_that_is_dropped_closes_its_connection() {
    let mut parts: Vec<Part> = frames(METALS).into_iter().take(3).map(Part::Bytes).collect();
    parts.push(Part::Stall);
    let mut endpoint = giving(parts).await;
    let mut stream = open(&client(&endpoint)).await;
    assert!(stream.recv().await.unwrap().is_ok());
    drop(stream);
    endpoint.over(1).await;
}

#[tokio::test]
async fn nothing_is_received_before_it_is_asked_for() {
    let endpoint = Canned::new(vec![Stream { parts: frames(METALS), stalls: false }]);
    let mut stream = open(&endpoint.client(Client::builder())).await;
    let mut came = 0;
    while came < 4 {
        assert!(endpoint.taken() <= came + 1, "{} parts for {came} events", endpoint.taken());
        stream.recv().await.unwrap().unwrap();
        came += 1;
    }
    assert_eq!(endpoint.asked().len(), 1);
}

#[tokio::test]
async fn a_models_own_chunks_come_untouched() {
    let bodies: [&[u8]; 2] = [br#"{"a":1.50}"#, br#"{"b":[]}"#];
    let endpoint = giving(bodies.iter().map(|b| Part::Bytes(chunk(b))).collect()).await;
    let stream = client(&endpoint).invoke_stream("some.model-v1:0", "{}").await.unwrap();
    assert_eq!(stream.request_id(), Some("r7"));
    let chunks: Vec<Vec<u8>> = stream.map(Result::unwrap).collect().await;
    assert_eq!(chunks, bodies);
    assert!(Tree::parse(&chunks[0]).is_ok());
}

#[tokio::test]
async fn the_services_metrics_tell_the_tokens_of_a_models_own_stream() {
    let metrics = r#"{"inputTokenCount":3,"outputTokenCount":5,"cacheReadInputTokenCount":2,"invocationLatency":70}"#;
    for (last, told) in [
        (format!(r#"{{"n":[1],"amazon-bedrock-invocationMetrics":{metrics}}}"#), true),
        // What a model says is no metrics, and what is broken is nothing.
        (format!(r#"{{"said":{}}}"#, Tree::str(format!(r#""amazon-bedrock-invocationMetrics":{metrics}"#))), false),
        (format!(r#"{{"n":[1,"amazon-bedrock-invocationMetrics":{metrics}}}"#), false),
    ] {
        let endpoint = giving([b"{}".as_slice(), last.as_bytes()].map(|b| Part::Bytes(chunk(b))).to_vec()).await;
        let mut stream = client(&endpoint).invoke_stream(LLAMA, "{}").await.unwrap();
        assert!(stream.call().is_none());
        let mut chunks = Vec::new();
        while let Some(chunk) = stream.recv().await {
            chunks.push(chunk.unwrap());
        }
        assert_eq!(chunks, [b"{}", last.as_bytes()]);
        let call = stream.call().unwrap();
        let count = |tokens| told.then_some(Count { tokens, source: Source::Metrics });
        assert_eq!(
            (call.usage.input, call.usage.output, call.usage.cache_read),
            (count(3), count(5), count(2)),
            "{last}"
        );
        assert_eq!(call.service_latency, told.then_some(Duration::from_millis(70)));
    }
}
