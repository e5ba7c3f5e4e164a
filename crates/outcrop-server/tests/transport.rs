//! HTTP itself: both versions on one port, limits, hostile input, connections that idle, stopping.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::Duration;

use http::Method;
use outcrop_runtime::Tree;
use outcrop_server::{Backend, Config, Limits, serve};
use support::{Answered, PATIENCE, echo, start, user};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const MODEL: &str = "amazon.nova-lite-v1:0";

fn said(answer: &Answered) -> String {
    let body = answer.json();
    let content = body.get("output").and_then(|o| o.get("message")).and_then(|m| m.get("content"));
    let first = content.and_then(Tree::as_list).and_then(<[Tree]>::first);
    first.and_then(|block| block.get("text")).and_then(Tree::as_str).unwrap_or_default().to_owned()
}

/// What comes back for raw bytes, until the other side closes.
async fn raw(endpoint: &support::Endpoint, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(endpoint.server.addr()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut back = Vec::new();
    // A reset is an end as well.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut back)).await.expect("it closes");
    String::from_utf8_lossy(&back).into_owned()
}

#[tokio::test]
async fn both_versions_are_served_on_one_port() {
    let endpoint = echo().await;
    let answer = endpoint.ask(MODEL, "converse", user("Over HTTP/1.1")).await;
    assert_eq!((answer.status, said(&answer).as_str()), (200, "Over HTTP/1.1"));
    let endpoint = endpoint.http2();
    let answer = endpoint.ask(MODEL, "converse", user("Over HTTP/2")).await;
    assert_eq!((answer.status, said(&answer).as_str()), (200, "Over HTTP/2"));
    let answer = endpoint.ask(MODEL, "converse-stream", user("Over HTTP/2")).await;
    assert_eq!(answer.frames().unwrap().last().unwrap().header(":event-type"), "metadata");
}

#[tokio::test]
async fn streams_do_not_mix() {
    let endpoint = echo().await.http2();
    let asked = (0..64).map(|i| {
        let endpoint = &endpoint;
        async move {
            let text = format!("stream number {i} and no other, {}", "word ".repeat(i));
            let answer = endpoint.ask(MODEL, "converse-stream", user(&text)).await;
            let frames = answer.frames().unwrap();
            let deltas = frames.iter().filter_map(|f| f.payload.get("delta")?.get("text")?.as_str());
            assert_eq!(deltas.collect::<String>(), text);
        }
    });
    futures_util::future::join_all(asked).await;
}

#[tokio::test]
async fn ids_come_escaped_or_bare() {
    let endpoint = echo().await;
    for id in [
        "amazon.nova-lite-v1:0",
        "amazon.nova-lite-v1%3A0",
        "us.amazon.nova-lite-v1%3a0",
        "arn:aws:bedrock:us-east-1::foundation-model%2Famazon.nova-lite-v1:0",
        "arn%3Aaws%3Abedrock%3Aus-east-1%3A111122223333%3Ainference-profile%2Fus.amazon.nova-lite-v1%3A0",
    ] {
        let answer = endpoint.send(Method::POST, &format!("/model/{id}/converse"), user("Hi"), &[]).await;
        assert_eq!(answer.status, 200, "{id}: {answer:?}");
    }
    for (id, status) in [("amazon.nova-lite-v1%253A0", 400), ("%zz", 400), ("%ff%fe", 400), ("", 400), ("a/b", 404)] {
        let answer = endpoint.send(Method::POST, &format!("/model/{id}/converse"), user("Hi"), &[]).await;
        assert_eq!(answer.status, status, "{id}");
        assert!(!answer.failure().2.is_empty());
    }
}

#[tokio::test]
async fn health_and_numbers_are_told() {
    let endpoint = echo().await;
    let health = endpoint.send(Method::GET, "/healthz", "", &[]).await;
    assert_eq!((health.status, health.body.as_ref()), (200, b"ok\n".as_slice()));
    endpoint.ask_with(MODEL, "converse", user("Hi"), &[("x-outcrop-fault", "throttle")]).await;
    endpoint.ask(MODEL, "converse-stream", user("Hi")).await;
    let told = endpoint.send(Method::GET, "/metrics", "", &[]).await;
    let text = String::from_utf8(told.body.to_vec()).unwrap();
    for line in [
        r#"outcrop_requests_total{operation="converse",status="429"} 1"#,
        r#"outcrop_requests_total{operation="converse-stream",status="200"} 1"#,
        r#"outcrop_faults_total{fault="throttle"} 1"#,
        "outcrop_frames_total 5",
        "outcrop_in_flight 1",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} in:\n{text}");
    }
    for (method, path, status) in
        [(Method::GET, "/", 404), (Method::POST, "/model/x/chat", 404), (Method::GET, "/model/x/converse", 405)]
    {
        let answer = endpoint.send(method, path, "", &[]).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("allow"), if status == 405 { "POST" } else { "" }, "{path}");
    }
}

#[tokio::test]
async fn keys_are_asked_for() {
    let endpoint = start(Config { api_key: Some("key-1".to_owned()), ..Config::default() }).await;
    let ask = async |header: &[(&str, &str)]| endpoint.ask_with(MODEL, "converse", user("Hi"), header).await;
    assert_eq!(ask(&[("authorization", "Bearer key-1")]).await.status, 200);
    let signed =
        "AWS4-HMAC-SHA256 Credential=key-1/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=00";
    assert_eq!(ask(&[("authorization", signed)]).await.status, 200);
    let (status, name, _) = ask(&[("authorization", "Bearer key-2")]).await.failure();
    assert_eq!((status, name.as_str()), (403, "AccessDeniedException"));
    let (status, name, _) = ask(&[]).await.failure();
    assert_eq!((status, name.as_str()), (403, "MissingAuthenticationTokenException"));
    assert_eq!(endpoint.send(Method::GET, "/metrics", "", &[]).await.status, 403);
    assert_eq!(endpoint.send(Method::GET, "/healthz", "", &[]).await.status, 200);
    let open = Config { listen: "0.0.0.0:0".parse().unwrap(), ..Config::default() };
    let refused = serve(open).await.unwrap_err().to_string();
    assert!(refused.contains("give an API key"), "{refused}");
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let limits = Limits { body: 1000, ..Limits::default() };
    let endpoint = start(Config { limits, ..Config::default() }).await;
    assert_eq!(endpoint.ask(MODEL, "converse", user(&"x".repeat(900))).await.status, 200);
    let (status, _, message) = endpoint.ask(MODEL, "converse", user(&"x".repeat(1000))).await.failure();
    assert_eq!(status, 413);
    assert!(message.contains("larger than 1000 bytes"), "{message}");
    assert_eq!(
        endpoint.ask(MODEL, "converse", user(&"x".repeat(2500))).await.status,
        413,
        "what is read on is bounded"
    );
    // Chunked bodies do not say how long they are.
    let chunk = format!("{:x}\r\n{}\r\n", 600, "x".repeat(600));
    let request = format!(
        "POST /model/{MODEL}/converse HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n"
    );
    let mut stream = TcpStream::connect(endpoint.server.addr()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 413");
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let endpoint = echo().await;
    let many = "h: v\r\n".repeat(500);
    let long = format!("h: {}\r\n", "v".repeat(200_000));
    for (what, bytes) in [
        ("garbage", b"\x00\x01\x02\x03 what is this\r\n\r\n".to_vec()),
        ("half a preface", b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".to_vec()),
        ("many headers", format!("GET /healthz HTTP/1.1\r\nhost: a\r\n{many}\r\n").into_bytes()),
        ("a long header", format!("GET /healthz HTTP/1.1\r\nhost: a\r\n{long}\r\n").into_bytes()),
        (
            "two lengths",
            b"POST /model/a/converse HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello"
                .to_vec(),
        ),
    ] {
        let back = raw(&endpoint, &bytes).await;
        assert!(!back.contains("200 OK"), "{what}: {back}");
    }
    // And it goes on.
    assert_eq!(endpoint.ask(MODEL, "converse", user("Hi")).await.status, 200);
}

#[tokio::test]
async fn bodies_that_are_compressed_or_break_off_are_refused_by_name() {
    let endpoint = echo().await;
    let answer = endpoint.ask_with(MODEL, "converse", &b"\x1f\x8b\x08\x00"[..], &[("content-encoding", "gzip")]).await;
    let (status, name, message) = answer.failure();
    assert_eq!((status, name.as_str()), (415, "ValidationException"));
    assert!(message.contains("content encoding `gzip`"), "{message}");
    let answer = endpoint.ask_with(MODEL, "converse", user("Hi"), &[("content-encoding", "identity")]).await;
    assert_eq!(answer.status, 200);
    let chunked =
        format!("POST /model/{MODEL}/converse HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n");
    let back = raw(&endpoint, chunked.as_bytes()).await;
    assert!(back.starts_with("HTTP/1.1 400") && back.contains("broke off") && back.contains("chunk size"), "{back}");
}

#[tokio::test]
async fn bodies_that_are_no_json_are_refused_in_all_operations() {
    let endpoint = echo().await;
    let deep = "[".repeat(100_000);
    let bodies: [(&[u8], &str); 9] = [
        (b"", "the text ends"),
        (b"{", "the text ends"),
        (b"nope", "a value is expected"),
        (b"[]", "expected type: JSONObject, found: JSONArray"),
        (b"null", "expected type: JSONObject, found: Null"),
        (b"{\"messages\":\xff\xfe}", "is not UTF-8"),
        (br#"{"messages":[],"messages":[]}"#, "occurs twice"),
        (br#"{"messages":[{"role":"user","content":[{"text":"\ud800"}]}]}"#, "surrogate"),
        (deep.as_bytes(), "nesting is deeper"),
    ];
    for operation in ["converse", "converse-stream", "invoke", "invoke-with-response-stream", "count-tokens"] {
        for (body, why) in bodies {
            let (status, name, message) = endpoint.ask(MODEL, operation, body.to_vec()).await.failure();
            assert_eq!((status, name.as_str()), (400, "ValidationException"));
            assert!(message.starts_with("Malformed input request: #"), "{message}");
            assert!(
                message.contains(why) && message.ends_with("please reformat your input and try again."),
                "{why}: {message}"
            );
        }
    }
}

#[tokio::test]
async fn slow_callers_are_left() {
    let short = Duration::from_millis(150);
    let limits = Limits { idle: short, body_pause: short, ..Limits::default() };
    let endpoint = start(Config { limits, ..Config::default() }).await;
    // Nothing at all, half a preface, half a head: each is closed.
    for beginning in ["", "PRI * HT", "POST /model/a/converse HTTP/1.1\r\nhost:"] {
        let back = raw(&endpoint, beginning.as_bytes()).await;
        assert!(!back.contains("200 OK"), "{back}");
    }
    let half = format!("POST /model/{MODEL}/converse HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{{");
    let back = raw(&endpoint, half.as_bytes()).await;
    assert!(back.starts_with("HTTP/1.1 408") && back.contains("the request body paused"), "{back}");
    // A head that trickles on and on is none either.
    let mut stream = TcpStream::connect(endpoint.server.addr()).await.unwrap();
    let trickle = async {
        stream.write_all(b"GET /healthz HTTP/1.1\r\n").await?;
        loop {
            stream.write_all(b"a: b\r\n").await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let end: Result<std::io::Result<()>, _> = tokio::time::timeout(PATIENCE, trickle).await;
    assert!(end.expect("it is cut off").is_err());
}

#[tokio::test]
async fn connections_have_a_limit() {
    let limits = Limits { connections: 2, idle: Duration::from_secs(5), ..Limits::default() };
    let endpoint = start(Config { limits, ..Config::default() }).await;
    let first = TcpStream::connect(endpoint.server.addr()).await.unwrap();
    let _second = TcpStream::connect(endpoint.server.addr()).await.unwrap();
    // The third waits until one of them ends.
    let third = endpoint.ask(MODEL, "converse", user("Hi"));
    let mut third = std::pin::pin!(third);
    assert!(tokio::time::timeout(Duration::from_millis(100), third.as_mut()).await.is_err());
    drop(first);
    assert_eq!(third.await.status, 200);
}

#[tokio::test]
async fn stopping_waits_for_streams_and_takes_nothing_new() {
    for http2 in [false, true] {
        let backend = Backend::Echo { pace: Duration::from_millis(20) };
        let endpoint = start(Config { backend, ..Config::default() }).await;
        let endpoint = if http2 { endpoint.http2() } else { endpoint };
        let path = format!("/model/{MODEL}/converse-stream");
        let response = endpoint.begin(Method::POST, &path, user("one two three four five six"), &[]).await.unwrap();
        let addr = endpoint.server.addr();
        endpoint.server.handle().stop();
        let answer = Answered::of(response).await;
        assert!(!answer.broken);
        assert_eq!(answer.frames().unwrap().last().unwrap().header(":event-type"), "metadata");
        tokio::time::timeout(PATIENCE, endpoint.server.stop()).await.expect("it stops");
        assert!(TcpStream::connect(addr).await.is_err(), "nobody listens any more");
    }
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let limits = Limits { grace: Duration::from_millis(100), ..Limits::default() };
    let endpoint = start(Config { limits, ..Config::default() }).await;
    let path = format!("/model/{MODEL}/converse-stream");
    let stall = [("x-outcrop-fault", "stall-after=1")];
    let response = endpoint.begin(Method::POST, &path, user("Hi"), &stall).await.unwrap();
    tokio::time::timeout(PATIENCE, endpoint.server.stop()).await.expect("it stops");
    assert!(Answered::of(response).await.broken);
}
