//! The same over real sockets: a server on this machine, the real SDK, real HTTP.

use std::convert::Infallible;
use std::time::Duration;

use aws_sdk_bedrockruntime as br;
use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use outcrop_aws::error::{Class, Error, Scope, Wait};
use outcrop_aws::retry::Policy;
use tokio::net::TcpListener;

use super::canned::{Answer, MODEL, chunk, exception};

/// A server that gives one answer to everything.
async fn serve(answer: Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let answer = answer.clone();
            let service = service_fn(move |_: Request<Incoming>| {
                let answer = answer.clone();
                async move {
                    let mut response = Response::builder().status(answer.status);
                    for (name, value) in &answer.headers {
                        response = response.header(*name, value);
                    }
                    Ok::<_, Infallible>(response.body(Full::new(Bytes::from(answer.body.concat()))).unwrap())
                }
            });
            let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            tokio::spawn(async move { server.serve_connection(TokioIo::new(socket), service).await.ok() });
        }
    });
    format!("http://{address}")
}

async fn client(answer: Answer) -> br::Client {
    let policy = Policy::of(br::config::retry::RetryConfig::standard().with_initial_backoff(Duration::ZERO));
    let builder = br::Config::builder()
        .behavior_version(br::config::BehaviorVersion::latest())
        .region(br::config::Region::new("us-east-1"))
        .credentials_provider(br::config::Credentials::new("id", "secret", None, None, "test"))
        .endpoint_url(serve(answer).await);
    br::Client::from_conf(policy.budget(500).apply(builder).build())
}

#[tokio::test]
async fn every_exception_over_http() {
    for (status, code, class) in [
        (400, "ValidationException", Class::InvalidRequest),
        (400, "ServiceQuotaExceededException", Class::Quota),
        (403, "AccessDeniedException", Class::NoAccess(outcrop_aws::error::Barrier::Unknown)),
        (404, "ResourceNotFoundException", Class::UnknownModel),
        (408, "ModelTimeoutException", Class::ModelTimeout),
        (424, "ModelErrorException", Class::ModelError),
        (429, "ThrottlingException", Class::Throttled(Scope::Unknown)),
        (500, "InternalServerException", Class::Internal),
        (503, "ServiceUnavailableException", Class::Unavailable),
        (403, "UnrecognizedClientException", Class::Auth(outcrop_aws::error::Credential::Keys)),
    ] {
        let client = client(Answer::error(status, code, "words")).await;
        for error in [
            Error::from(client.converse().model_id(MODEL).send().await.unwrap_err()),
            Error::from(client.invoke_model_with_response_stream().model_id(MODEL).send().await.unwrap_err()),
        ] {
            assert_eq!((error.class(), error.code(), error.received_status()), (class, Some(code), Some(status)));
            assert_eq!((error.message(), error.request_id()), ("words", Some("r-7")));
        }
    }
}

#[tokio::test]
async fn every_exception_of_a_stream_first_and_later() {
    for (name, class) in [
        ("internalServerException", Class::Internal),
        ("modelStreamErrorException", Class::ModelError),
        ("validationException", Class::InvalidRequest),
        ("throttlingException", Class::Throttled(Scope::Unknown)),
        ("modelTimeoutException", Class::ModelTimeout),
        ("serviceUnavailableException", Class::Unavailable),
    ] {
        for before in [0, 2] {
            let mut frames = vec![chunk(); before];
            frames.push(exception(name, r#"{"message":"words"}"#));
            let client = client(Answer::stream(&frames)).await;
            let sent = client.invoke_model_with_response_stream().model_id(MODEL).send().await;
            let mut stream = sent.unwrap().body;
            for _ in 0..before {
                assert!(stream.recv().await.unwrap().is_some());
            }
            let error = Error::from(stream.recv().await.unwrap_err());
            assert_eq!((error.class(), error.message()), (class, "words"), "{name} after {before}");
        }
    }
}

#[cfg(feature = "default-https-client")]
#[tokio::test]
async fn the_client_with_keep_alive_talks_to_a_server() {
    let sdk = outcrop_aws::config::loader()
        .region(br::config::Region::new("us-east-1"))
        .credentials_provider(br::config::Credentials::new("id", "secret", None, None, "test"))
        .endpoint_url(serve(Answer::ok()).await)
        .load()
        .await;
    let timeouts = sdk.timeout_config().unwrap();
    assert_eq!(
        (timeouts.connect_timeout(), timeouts.read_timeout()),
        (Some(outcrop_aws::config::CONNECT), Some(outcrop_aws::config::READ))
    );
    let client = br::Client::from_conf(outcrop_aws::config::builder(&sdk).build());
    let answer = client.invoke_model().model_id(MODEL).send().await.unwrap();
    assert_eq!(answer.body.as_ref(), b"{}");
}

#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn an_endpoint_that_does_not_take_connections_is_a_timeout_of_the_connection() {
    // The kernel leaves those unanswered that do not fit the queue of a listener that accepts none.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // It has room for one more than it was asked for. Time is paused for what waits in vain, not for these.
    let _held = [0; 2].map(|_| std::net::TcpStream::connect(address).unwrap());
    let limits = br::config::timeout::TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(100))
        // Were there room, nobody would answer.
        .operation_timeout(Duration::from_hours(1))
        .build();
    let config = br::Config::builder()
        .behavior_version(br::config::BehaviorVersion::latest())
        .region(br::config::Region::new("us-east-1"))
        .credentials_provider(br::config::Credentials::new("id", "secret", None, None, "test"))
        .endpoint_url(format!("http://{address}"))
        .retry_config(br::config::retry::RetryConfig::disabled())
        .timeout_config(limits);
    let client = br::Client::from_conf(config.build());
    let error = Error::from(client.invoke_model().model_id(MODEL).send().await.unwrap_err());
    assert_eq!(error.class(), Class::Timeout(Wait::Connect), "{error}");
    let said = error.to_string();
    assert!(said.starts_with("timeout (connect): timeout: ") && said.contains("after 100ms"), "{said}");
    assert!(said.contains("What to do: check the network, the proxy and the region"), "{said}");
}
