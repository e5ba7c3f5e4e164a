//! Ids that say nothing, families of one's own, and models that no family knows.

use outcrop::registry::{self, Entry};
use outcrop::runtime::resolve::Target;
use outcrop_aws::Client;
use outcrop_aws::client::ConverseEvent;
use outcrop_aws::error::Class;
use outcrop_aws::types::{ContentBlockDelta, ConverseRequest};

use super::loopback::{Answer, Loopback, Part, frame, reply};
use super::observed::Heard;
use super::support::{LLAMA, family, saying, says, with};

const ARN: &str = "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghijkl";

#[tokio::test]
async fn a_target_says_what_an_id_stands_for() {
    let endpoint = saying(family("meta-llama"), says(r#"[{"text":"Tin."}]"#, "end_turn")).await;
    let client = with(&endpoint, Client::builder().target(ARN, Target::model(LLAMA)));
    let answer = client.converse(ARN, ConverseRequest::user("Name a metal.")).await.unwrap();
    assert_eq!((answer.response.text(), answer.family), ("Tin.".into(), Some("meta-llama")));
    let sent = endpoint.requests().pop().unwrap();
    assert_eq!(sent.model(), ARN, "the id is sent as it is");
    assert!(sent.text().contains("<|begin_of_text|>"), "by the grammar of the model behind it");
}

#[tokio::test]
async fn a_family_without_typed_codecs_goes_through_bytes() {
    let entry: &'static Entry = Box::leak(Box::new(Entry { typed: None, ..*family("meta-llama") }));
    let endpoint = saying(entry, says(r#"[{"text":"Tin."}]"#, "end_turn")).await;
    let client = with(&endpoint, Client::builder().family(entry));
    let answer = client.converse(LLAMA, ConverseRequest::user("Name a metal.")).await.unwrap();
    assert_eq!(answer.response.text(), "Tin.");
    let plain = with(&endpoint, Client::builder());
    plain.converse(LLAMA, ConverseRequest::user("Name a metal.")).await.unwrap();
    let [a, b] = endpoint.requests().try_into().expect("two");
    assert_eq!(a.text(), b.text());
    assert!(registry::by_name("meta-llama").is_some_and(|entry| entry.typed.is_some()));
}

#[tokio::test]
async fn models_that_no_family_knows_pass_through_if_the_caller_says_so() {
    let said = says(r#"[{"text":"Tin."}]"#, "end_turn");
    let events = [
        ("messageStart", r#"{"role":"assistant","p":"abc"}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Tin."}}"#),
        ("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        ("messageStop", r#"{"stopReason":"end_turn"}"#),
        ("metadata", r#"{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":4}}"#),
    ];
    let endpoint = Loopback::start(move |request| match request.path.rsplit('/').next() {
        Some("converse") => Answer::json(said.to_string()),
        _ => Answer::stream(events.map(|(name, body)| Part::Bytes(frame("event", name, body)))),
    })
    .await;
    let client = with(&endpoint, Client::builder().pass_through(true));
    let answer = client.converse(ARN, ConverseRequest::user("Name a metal.").temperature(0.5)).await.unwrap();
    assert_eq!((answer.response.text(), answer.family), ("Tin.".into(), None));
    let mut stream = client.converse_stream(ARN, ConverseRequest::user("Name a metal.")).await.unwrap();
    assert_eq!(stream.family(), None);
    let mut text = String::new();
    while let Some(event) = stream.recv().await {
        if let ConverseEvent::ContentBlockDelta(delta) = event.unwrap()
            && let ContentBlockDelta::Text(part) = delta.delta
        {
            text.push_str(&part);
        }
    }
    assert_eq!(text, "Tin.");
    let answer = client.converse_stream(ARN, ConverseRequest::user("x")).await.unwrap().collect().await.unwrap();
    assert_eq!(answer.usage().total.map(|count| count.tokens), Some(3));
    let paths: Vec<String> = endpoint.requests().into_iter().map(|r| r.path).collect();
    assert!(paths[0].ends_with("/converse") && paths[1].ends_with("/converse-stream"), "{paths:?}");
}

/// As observers of the interceptor hear it.
#[tokio::test]
async fn a_stream_of_converse_without_its_stop_is_broken_and_with_it_is_over() {
    let events = [
        ("messageStart", r#"{"role":"assistant"}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Tin."}}"#),
        ("messageStop", r#"{"stopReason":"end_turn"}"#),
        ("metadata", r#"{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":4}}"#),
    ];
    let frames = events.map(|(name, body)| Part::Bytes(frame("event", name, body)));
    let start = "ConverseStream 0 of None";
    for (wanted, sent) in [(false, vec![0, 1]), (false, vec![0, 1, 3]), (true, vec![0, 1, 2]), (true, vec![0, 1, 3, 2])]
    {
        let parts: Vec<Part> = sent.iter().map(|at| frames[*at].clone()).collect();
        let endpoint = Loopback::start(move |_| Answer::stream(parts.clone())).await;
        let heard = Heard::default();
        let client = with(&endpoint, Client::builder().pass_through(true).observer(heard.clone()));
        let mut stream = client.converse_stream(ARN, ConverseRequest::user("x")).await.unwrap();
        let (mut came, mut failed) = (0, None);
        while let Some(event) = stream.recv().await {
            match event {
                Ok(_) => came += 1,
                Err(e) => failed = Some(e.class()),
            }
        }
        assert_eq!((came, failed), (sent.len(), (!wanted).then_some(Class::StreamBroken)), "{sent:?}");
        let tokens = sent.contains(&3).then_some(3_u64);
        let finished = format!(r#"finished {tokens:?} Some("end_turn") false"#);
        let end = if wanted { finished.as_str() } else { "failed stream-broken" };
        assert_eq!(heard.take(), [start, "first", end], "{sent:?}");
    }

    let endpoint = Loopback::start(move |_| Answer::stream(frames.clone())).await;
    let heard = Heard::default();
    let client = with(&endpoint, Client::builder().pass_through(true).observer(heard.clone()));
    let mut stream = client.converse_stream(ARN, ConverseRequest::user("x")).await.unwrap();
    while !matches!(stream.recv().await.unwrap().unwrap(), ConverseEvent::Metadata(_)) {}
    assert_eq!(stream.call().and_then(|call| call.usage.total).map(|count| count.tokens), Some(3));
    drop(stream);
    let finished = r#"finished Some(3) Some("end_turn") false"#;
    assert_eq!(heard.take(), [start, "first", finished], "who has the last event need not ask for more");
}

#[tokio::test]
async fn many_calls_at_once_keep_to_themselves() {
    let endpoint = Loopback::start(|request| {
        reply(family("meta-llama"), request, |asked| {
            let turns = asked.get("messages").and_then(outcrop::runtime::Tree::as_list).unwrap_or_default();
            let text = turns[0].get("content").unwrap().as_list().unwrap()[0].get("text").unwrap().to_string();
            says(&format!(r#"[{{"text":{text}}}]"#), "end_turn")
        })
    })
    .await;
    let client = with(&endpoint, Client::builder());
    let calls = (0..200).map(|n| {
        let client = client.clone();
        async move {
            let text = format!("Metal {n}");
            let answer = client.converse(LLAMA, ConverseRequest::user(text.as_str())).await.unwrap();
            assert_eq!(answer.response.text(), text);
        }
    });
    futures_util::future::join_all(calls).await;
}
