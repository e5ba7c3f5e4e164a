//! A gateway before another endpoint, both in this process.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::Duration;

use http::Method;
use http_body_util::BodyExt as _;
use outcrop_runtime::Tree;
use outcrop_runtime::fold::fold;
use outcrop_server::{Backend, Config, Speak, Text, Upstream};
use support::{Answered, Endpoint, Frame, PATIENCE, echo, is_as_recorded, script, start, user};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const NOVA: &str = "amazon.nova-lite-v1:0";
const CLAUDE: &str = "anthropic.claude-3-haiku-20240307-v1:0";
const LLAMA: &str = "meta.llama3-8b-instruct-v1:0";

const MAP: &str = "
\"amazon.nova-lite-v1:0\": { to: meta.llama3-8b-instruct-v1:0 }
\"anthropic.claude-3-haiku-20240307-v1:0\": { to: amazon.nova-pro-v1:0 }
\"anthropic.claude-3-sonnet-20240229-v1:0\": { to: amazon.nova-pro-v1:0, speak: converse }
\"openai.gpt-oss-20b-1:0\": { to: \"anthropic.claude-3-7-sonnet-20250219-v1:0\" }
";

fn upstream(url: String) -> Upstream {
    Upstream { url, key: None, speak: Speak::Native, timeout: PATIENCE, idle: PATIENCE }
}

async fn before(upstream_url: String) -> Endpoint {
    let backend = Backend::Upstream(upstream(upstream_url));
    start(Config { backend, map: Some(Text::Inline(MAP.to_owned())), ..Config::default() }).await
}

fn text(answer: &Tree) -> String {
    let content = answer.get("output").and_then(|o| o.get("message")).and_then(|m| m.get("content"));
    content
        .and_then(Tree::as_list)
        .and_then(<[Tree]>::first)
        .and_then(|b| b.get("text"))
        .and_then(Tree::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn streamed(answer: &Answered) -> Tree {
    let frames = answer.frames().unwrap();
    frames.iter().for_each(is_as_recorded);
    fold(&frames.iter().map(Frame::event).collect::<Vec<_>>()).unwrap()
}

#[tokio::test]
async fn converse_goes_in_and_native_goes_out() {
    let behind = echo().await;
    let gateway = before(behind.server.url()).await;
    for model in [NOVA, CLAUDE, LLAMA, "anthropic.claude-3-sonnet-20240229-v1:0"] {
        let answer = gateway.ask(model, "converse", user("What is tin?")).await;
        assert_eq!(answer.status, 200, "{model}: {answer:?}");
        assert_eq!(text(&answer.json()).trim(), "What is tin?", "{model}");
        assert!(answer.json().get("usage").unwrap().get("outputTokens").and_then(Tree::as_int).unwrap() > 0);
        let whole = streamed(&gateway.ask(model, "converse-stream", user("What is tin?")).await);
        assert_eq!(text(&whole).trim(), "What is tin?", "{model}");
        assert!(whole.get("usage").unwrap().get("inputTokens").and_then(Tree::as_int).unwrap() > 0, "{model}");
    }
    // What was asked upstream was native, where that was said.
    let told = behind.send(Method::GET, "/metrics", "", &[]).await;
    let told = String::from_utf8(told.body.to_vec()).unwrap();
    assert!(told.contains(r#"outcrop_requests_total{operation="invoke",status="200"} 3"#), "{told}");
    assert!(told.contains(r#"outcrop_requests_total{operation="converse-stream",status="200"} 1"#), "{told}");
}

#[tokio::test]
async fn one_native_format_goes_in_and_another_out() {
    let behind = echo().await;
    let gateway = before(behind.server.url()).await;
    let body = r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":50,"system":"Be brief.","messages":[{"role":"user","content":"What is tin?"}]}"#;
    let answer = gateway.ask(CLAUDE, "invoke", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json().get("content").unwrap().to_string(), r#"[{"type":"text","text":"What is tin?"}]"#);
    assert!(!answer.header("x-amzn-bedrock-input-token-count").is_empty());
    let answer = gateway.ask(CLAUDE, "invoke-with-response-stream", body).await;
    let chunks: Vec<Tree> = answer.frames().unwrap().iter().map(Frame::chunk).collect();
    let kind = |chunk: &Tree| chunk.get("type").and_then(Tree::as_str).unwrap_or_default().to_owned();
    assert_eq!(chunks.first().map(kind).as_deref(), Some("message_start"));
    assert_eq!(chunks.last().map(kind).as_deref(), Some("message_stop"));
    assert!(chunks.last().unwrap().get("amazon-bedrock-invocationMetrics").is_some());
    let deltas = chunks.iter().filter_map(|c| c.get("delta")?.get("text")?.as_str());
    assert_eq!(deltas.collect::<String>(), "What is tin?");
    // A prompt as well.
    let body =
        r#"{"messages":[{"role":"user","content":[{"text":"What is tin?"}]}],"inferenceConfig":{"maxTokens":20}}"#;
    let answer = gateway.ask(NOVA, "invoke", body).await;
    assert_eq!(text(&answer.json()).trim(), "What is tin?");
}

#[tokio::test]
async fn losses_are_told_in_headers_and_counted_by_kind() {
    // The signature has no place in the format of the model that was asked; the stop sequence none in the one that answers.
    let behind = script(
        "answers:\n  - when: { model: \"*claude*\" }\n    converse: { output: { message: { role: assistant, content: [{ reasoningContent: { reasoningText: { text: Metal?, signature: dA== } } }, { text: Tin. }] } }, stopReason: end_turn, usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 } }\notherwise: echo\n",
    )
    .await;
    let gateway = before(behind.server.url()).await;
    assert_eq!(gateway.losses().await, [""; 0]);
    let stopping =
        r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"inferenceConfig":{"stopSequences":["tin"]}}"#;
    for operation in ["converse", "converse-stream"] {
        let answer = gateway.ask(NOVA, operation, stopping).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("x-outcrop-request-losses"), "dropped inferenceConfig.stopSequences", "{operation}");
    }
    assert_eq!(gateway.losses().await, [r#"{of="request",kind="dropped"} 2"#]);

    let body = r#"{"messages":[{"role":"user","content":"Hi"}],"max_completion_tokens":9}"#;
    let answer = gateway.ask("openai.gpt-oss-20b-1:0", "invoke", body).await;
    assert!(answer.header("x-outcrop-losses").ends_with("reasoningText.signature"), "{answer:?}");
    let whole = gateway.losses().await;
    let answer = gateway.ask("openai.gpt-oss-20b-1:0", "invoke-with-response-stream", body).await;
    assert!(answer.frames().unwrap().len() > 2, "{answer:?}");
    let streamed = gateway.losses().await;
    assert_eq!(whole, [r#"{of="answer",kind="dropped"} 1"#, r#"{of="request",kind="dropped"} 2"#]);
    let after = [
        r#"{of="answer",kind="dropped"} 1"#,
        r#"{of="request",kind="dropped"} 2"#,
        r#"{of="stream",kind="dropped"} 1"#,
    ];
    assert_eq!(streamed, after);
}

#[tokio::test]
async fn the_same_format_goes_through_as_it_is() {
    let behind = echo().await;
    let gateway = before(behind.server.url()).await;
    let body = r#"{"prompt":"What is tin?",  "max_gen_len":5}"#;
    for operation in ["invoke", "invoke-with-response-stream"] {
        let (there, here) = (behind.ask(LLAMA, operation, body).await, gateway.ask(LLAMA, operation, body).await);
        assert_eq!((there.status, &there.body), (here.status, &here.body), "{operation}");
        assert_eq!(there.header("x-amzn-bedrock-input-token-count"), here.header("x-amzn-bedrock-input-token-count"));
    }
}

#[tokio::test]
async fn errors_come_through() {
    let behind = echo().await;
    let faults = "faults:\n  - { fault: throttle;retry-after=2000, operation: invoke }\n  - { fault: stream-error-after=3, operation: invoke-with-response-stream }\n";
    let failing = start(Config { faults: Some(Text::Inline(faults.to_owned())), ..Config::default() }).await;
    let gateway = before(failing.server.url()).await;
    let answer = gateway.ask(CLAUDE, "converse", user("Hi")).await;
    let (status, name, message) = answer.failure();
    assert_eq!((status, name.as_str()), (429, "ThrottlingException"));
    assert_eq!(
        (message.as_str(), answer.header("x-amz-retry-after")),
        ("Too many requests, please wait before trying again.", "2000")
    );
    let frames = gateway.ask(CLAUDE, "converse-stream", user("one two three four five")).await.frames().unwrap();
    assert_eq!(frames.last().unwrap().header(":exception-type"), "modelStreamErrorException");
    assert_eq!(frames.first().unwrap().header(":event-type"), "messageStart");

    // What the other format cannot say is refused before anything is sent.
    let gateway = before(behind.server.url()).await;
    let tools = r#"{"messages":[{"role":"user","content":[{"text":"a"}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{}}}}]}}"#;
    assert_eq!(gateway.ask(NOVA, "converse", tools).await.failure().2, "This model doesn't support tool use.");
    for fault in ["stream-cut-after=3", "frame-cut-after=3", "corrupt-crc-after=3"] {
        let cutting = start(Config {
            faults: Some(Text::Inline(format!("faults: [{{ fault: {fault} }}]"))),
            ..Config::default()
        })
        .await;
        let gateway = before(cutting.server.url()).await;
        let answer = gateway.ask(CLAUDE, "converse-stream", user("one two three four five")).await;
        assert!(answer.broken, "{fault}: a stream that broke does not end in good order: {answer:?}");
    }
    // Ended too early, in good order: that is told.
    let short = start(Config {
        faults: Some(Text::Inline("faults: [{ fault: stream-end-after=3 }]".to_owned())),
        ..Config::default()
    })
    .await;
    let frames =
        before(short.server.url()).await.ask(CLAUDE, "converse-stream", user("one two three")).await.frames().unwrap();
    assert_eq!(frames.last().unwrap().header(":exception-type"), "modelStreamErrorException", "{frames:?}");

    let nobody = before("http://127.0.0.1:9".to_owned()).await;
    let (status, name, message) = nobody.ask(CLAUDE, "converse", user("Hi")).await.failure();
    assert_eq!((status, name.as_str()), (503, "ServiceUnavailableException"));
    assert!(message.contains("cannot be reached"), "{message}");
}

#[tokio::test]
async fn half_a_frame_is_no_end() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            // A frame of 100 bytes, of which 12 come, and then the body ends in good order.
            let head =
                "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\ncontent-length: 12\r\n\r\n";
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(&[0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0]).await.unwrap();
        }
    });
    let gateway = before(url).await;
    assert!(gateway.ask(CLAUDE, "converse-stream", user("Hi")).await.broken);
    assert!(gateway.ask(LLAMA, "invoke-with-response-stream", r#"{"prompt":"Hi"}"#).await.broken);
}

#[tokio::test]
async fn what_is_no_endpoint_is_told_apart_from_a_stream() {
    for (answer, why) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>",
            "answered with `text/html` where a stream of events is due",
        ),
        (
            "HTTP/1.1 302 Found\r\nlocation: https://login.test/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            "sends elsewhere (302 to https://login.test/)",
        ),
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let gateway = before(url).await;
        // Translated, and passed on as it is.
        for asked in [
            gateway.ask(CLAUDE, "converse-stream", user("Hi")).await,
            gateway.ask(LLAMA, "invoke-with-response-stream", r#"{"prompt":"Hi"}"#).await,
        ] {
            let (status, name, message) = asked.failure();
            assert_eq!((status, name.as_str()), (503, "ServiceUnavailableException"));
            assert!(message.contains(why), "{message}");
        }
    }
}

#[tokio::test]
async fn bearer_keys_go_on_or_are_replaced() {
    let behind = start(Config { api_key: Some("k-1".to_owned()), ..Config::default() }).await;
    let gateway = before(behind.server.url()).await;
    let ask = async |gateway: &Endpoint, key: &str| {
        gateway.ask_with(LLAMA, "invoke", r#"{"prompt":"a"}"#, &[("authorization", key)]).await.status
    };
    assert_eq!(ask(&gateway, "Bearer k-1").await, 200);
    assert_eq!(ask(&gateway, "Bearer k-2").await, 403);
    let signed =
        "AWS4-HMAC-SHA256 Credential=k-1/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=00";
    assert_eq!(ask(&gateway, signed).await, 403, "a signature is of another request");
    let own = Upstream { key: Some("k-1".to_owned()), ..upstream(behind.server.url()) };
    let gateway = start(Config { backend: Backend::Upstream(own), ..Config::default() }).await;
    assert_eq!(ask(&gateway, "Bearer whatever").await, 200);
}

#[tokio::test]
async fn streams_are_passed_on_as_they_come() {
    let slow = start(Config { backend: Backend::Echo { pace: Duration::from_millis(30) }, ..Config::default() }).await;
    let gateway = before(slow.server.url()).await;
    let path = format!("/model/{CLAUDE}/converse-stream");
    let long = "word ".repeat(200);
    let response = gateway.begin(Method::POST, &path, user(&long), &[]).await.unwrap();
    let mut body = response.into_body();
    // 6 s in all: the first frames are here long before.
    for _ in 0..3 {
        let frame = tokio::time::timeout(Duration::from_secs(3), body.frame()).await.expect("it comes at once");
        assert!(frame.unwrap().is_ok());
    }
    // When the caller goes away, so does the call upstream.
    drop(body);
    drop(gateway.server);
    let gone = async {
        loop {
            let told = slow.send(Method::GET, "/metrics", "", &[]).await;
            if String::from_utf8_lossy(&told.body).contains("outcrop_in_flight 1\n") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(3), gone).await.expect("the call upstream has ended");
}
