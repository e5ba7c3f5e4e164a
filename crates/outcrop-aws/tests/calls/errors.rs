//! Errors of the real SDK: of answers, of streams at every point, and of this side.

use std::time::Duration;

use super::canned::{Answer, MODEL, Script, Then, chunk, exception, frame, framed};
use aws_sdk_bedrockruntime as br;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::timeout::TimeoutConfig;
use outcrop_aws::Error;
use outcrop_aws::error::{Class, Credential, Scope, Wait};

fn client(answer: Answer) -> br::Client {
    let retries = br::config::retry::RetryConfig::disabled();
    br::Client::from_conf(Script::new([answer]).config().retry_config(retries).build())
}

/// The chunks that came, and the error that ended the stream, if one did.
async fn read(answer: Answer) -> (usize, Option<Error>) {
    let sent = client(answer).invoke_model_with_response_stream().model_id(MODEL).send().await;
    let mut stream = sent.unwrap().body;
    for came in 0.. {
        match stream.recv().await {
            Ok(Some(_)) => {}
            Ok(None) => return (came, None),
            Err(error) => return (came, Some(error.into())),
        }
    }
    unreachable!()
}

/// Name in a stream, message, class, status outside of streams.
const EXCEPTIONS: [(&str, &str, Class, u16); 8] = [
    ("internalServerException", "failed", Class::Internal, 500),
    ("modelStreamErrorException", "failed", Class::ModelError, 424),
    (
        "modelStreamErrorException",
        "Model has timed out in processing the request. Try your request again.",
        Class::ModelTimeout,
        424,
    ),
    ("validationException", "Input is too long for requested model.", Class::ContextOverflow, 400),
    ("throttlingException", "Too many tokens, please wait before trying again.", Class::Throttled(Scope::Tokens), 429),
    (
        "throttlingException",
        "Too many tokens per day, please wait before trying again.",
        Class::Throttled(Scope::TokensPerDay),
        429,
    ),
    ("modelTimeoutException", "slow", Class::ModelTimeout, 408),
    ("serviceUnavailableException", "Bedrock is unable to process your request.", Class::Unavailable, 503),
];

#[tokio::test]
async fn exceptions_of_streams_have_their_names_and_statuses_again() {
    for (name, message, class, status) in EXCEPTIONS {
        let payload = serde_json::json!({ "message": message }).to_string();
        for before in [0, 3] {
            let mut frames = vec![chunk(); before];
            frames.push(exception(name, &payload));
            let (came, error) = read(Answer::stream(&frames)).await;
            let error = error.unwrap().in_request(Some("r-8"));
            assert_eq!((came, error.class(), error.status()), (before, class, status), "{name}");
            let code = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
            assert_eq!((error.code(), error.message()), (Some(code.as_str()), message));
            assert_eq!((error.received_status(), error.request_id()), (Some(200), Some("r-8")));
            assert_eq!(error.body(), payload.as_bytes());
        }
    }
}

#[tokio::test]
async fn converse_streams_have_the_same_errors() {
    let payload = r#"{"message":"Too many requests, please wait before trying again."}"#;
    let answer = Answer::stream(&[exception("throttlingException", payload)]);
    // ConverseStream reads its first message before it gives the stream out.
    let sent = client(answer).converse_stream().model_id(MODEL).send().await;
    let error = match sent {
        Ok(mut output) => Error::from(output.stream.recv().await.unwrap_err()),
        Err(error) => Error::from(error),
    };
    assert_eq!((error.class(), error.code()), (Class::Throttled(Scope::Requests), Some("ThrottlingException")));
}

#[tokio::test]
async fn exceptions_that_nobody_knows_yet_keep_their_names() {
    let (_, error) = read(Answer::stream(&[exception("futureException", r#"{"message":"new"}"#)])).await;
    let error = error.unwrap();
    assert_eq!((error.code(), error.message(), error.class()), (Some("FutureException"), "new", Class::Other));
    let transport = [(":message-type", "error"), (":error-code", "InternalFailure"), (":error-message", "broke")];
    let (came, error) = read(Answer::stream(&[chunk(), frame(&transport, "")])).await;
    let error = error.unwrap();
    assert_eq!((came, error.code(), error.message()), (1, Some("InternalFailure"), "broke"));
    assert_eq!(error.class(), Class::Internal);
    let detail = r#"{"message":"failed","originalStatusCode":500,"originalMessage":"out of memory"}"#;
    let (_, error) = read(Answer::stream(&[exception("modelStreamErrorException", detail)])).await;
    assert_eq!(error.unwrap().message(), "failed (the model said: out of memory) (its status: 500)");
}

#[tokio::test]
async fn broken_streams_are_broken_wherever_they_break() {
    let whole = framed(&chunk());
    let mut silent = Vec::new();
    for cut in 1..whole.len() {
        let mut answer = Answer::stream(&[chunk()]);
        answer.body.push(whole[..cut].to_vec().into());
        match read(answer).await {
            (1, Some(error)) => assert_eq!(error.class(), Class::StreamBroken, "cut after {cut} bytes"),
            _ => silent.push(cut),
        }
    }
    // Where a frame ends after its prelude, the SDK has taken that out of its buffer and sees a clean end.
    assert_eq!(silent, [12]);
    let (came, error) = read(Answer::stream(&[chunk(), chunk()]).then(Then::Cut)).await;
    let error = error.unwrap();
    assert_eq!((came, error.class()), (2, Class::StreamBroken));
    assert!(error.message().contains("connection reset"), "{error}");
    for flip in [9, 30, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[flip] ^= 1;
        let mut answer = Answer::stream(&[chunk()]);
        answer.body.push(bytes.into());
        let (came, error) = read(answer).await;
        assert_eq!((came, error.unwrap().class()), (1, Class::StreamBroken), "bit flipped in byte {flip}");
    }
}

#[tokio::test]
async fn answers_have_their_errors_with_every_operation() {
    let answer = || Answer::error(400, "ValidationException", "The provided model identifier is invalid.");
    let client = client(answer());
    let errors = [
        Error::from(client.invoke_model().model_id(MODEL).send().await.unwrap_err()),
        Error::from(client.converse().model_id(MODEL).send().await.unwrap_err()),
        Error::from(client.converse_stream().model_id(MODEL).send().await.unwrap_err()),
        Error::from(client.invoke_model_with_response_stream().model_id(MODEL).send().await.unwrap_err()),
    ];
    for error in errors {
        assert_eq!((error.class(), error.code()), (Class::UnknownModel, Some("ValidationException")));
        assert_eq!((error.request_id(), error.status()), (Some("r-7"), 400));
        assert!(!error.body().is_empty());
        let causes: Vec<String> =
            std::iter::successors(std::error::Error::source(&error), |e| e.source()).map(ToString::to_string).collect();
        assert!(!causes.is_empty() && causes.iter().all(|cause| cause != "service error"), "{causes:?}");
    }
}

#[tokio::test]
async fn answers_that_are_nothing_of_the_kind() {
    let error = client(Answer::new(200, &[("content-type", "text/html")], "<html>log in</html>"))
        .converse()
        .model_id(MODEL)
        .send()
        .await
        .unwrap_err();
    let error = Error::from(error);
    assert_eq!((error.class(), error.received_status()), (Class::Other, Some(200)));
    assert_eq!((error.status(), error.body()), (500, &b"<html>log in</html>"[..]));
    let cut = client(Answer::ok().then(Then::Cut)).invoke_model().model_id(MODEL).send().await.unwrap_err();
    assert_eq!(Error::from(cut).class(), Class::StreamBroken);
}

#[tokio::test]
async fn failures_of_this_side_say_which() {
    let none = client(Answer::ok()).invoke_model().send().await.unwrap_err();
    let none = Error::from(none);
    assert_eq!(none.class(), Class::InvalidRequest);
    assert!(none.message().contains("model_id"), "{none}");

    let closed = br::Config::builder()
        .behavior_version(br::config::BehaviorVersion::latest())
        .region(br::config::Region::new("us-east-1"))
        .credentials_provider(br::config::Credentials::new("id", "secret", None, None, "test"))
        .retry_config(br::config::retry::RetryConfig::disabled())
        .endpoint_url("http://127.0.0.1:1")
        .build();
    let closed = br::Client::from_conf(closed).invoke_model().model_id(MODEL).send().await.unwrap_err();
    let closed = Error::from(closed);
    assert_eq!((closed.class(), closed.status(), closed.received_status()), (Class::Connection, 502, None));
    assert!(closed.message().to_lowercase().contains("refused"), "{closed}");

    let anonymous = Script::new([Answer::ok()]).config();
    let anonymous = br::Config::builder()
        .behavior_version(br::config::BehaviorVersion::latest())
        .region(br::config::Region::new("us-east-1"))
        .http_client(anonymous.build().http_client().unwrap())
        .build();
    let anonymous = br::Client::from_conf(anonymous).invoke_model().model_id(MODEL).send().await.unwrap_err();
    let anonymous = Error::from(anonymous);
    assert_eq!(anonymous.class(), Class::Auth(Credential::Keys), "{anonymous}");
}

#[tokio::test(start_paused = true)]
async fn timeouts_of_the_sdk_are_timeouts() {
    let timeouts = TimeoutConfig::builder().operation_timeout(Duration::from_secs(9)).build();
    let answer = Answer::new(200, &[("content-type", "application/json")], "{").then(Then::Stall);
    let config = Script::new([answer])
        .config()
        .timeout_config(timeouts)
        .stalled_stream_protection(br::config::StalledStreamProtectionConfig::disabled());
    let late = br::Client::from_conf(config.build()).invoke_model().model_id(MODEL).send().await.unwrap_err();
    let late = Error::from(late);
    assert_eq!((late.class(), late.status()), (Class::Timeout(Wait::Answer), 504));
    assert!(late.is_retryable() && late.message().contains("9s"), "{late}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_takes_too_long_is_a_timeout_of_the_connection() {
    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    };
    use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
    use aws_smithy_runtime_api::client::result::ConnectorError;

    #[derive(Debug)]
    struct Fails(&'static str);
    impl HttpConnector for Fails {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            HttpConnectorFuture::ready(Err(ConnectorError::timeout(self.0.into())))
        }
    }
    let called = |text| async move {
        let connector = SharedHttpConnector::new(Fails(text));
        let config = Script::new([]).config().http_client(http_client_fn(move |_, _| connector.clone()));
        let client = br::Client::from_conf(config.interceptor(outcrop_aws::ConverseOverInvoke::new()).build());
        Error::from(client.converse().model_id(MODEL).send().await.unwrap_err())
    };
    let late = called("HTTP connect timeout occurred after 3.1s").await;
    assert_eq!((late.class(), late.status(), late.received_status()), (Class::Timeout(Wait::Connect), 504, None));
    assert!(late.is_retryable(), "{late}");
    assert_eq!(
        late.to_string(),
        "timeout (connect): timeout: HTTP connect timeout occurred after 3.1s. No connection to the endpoint in the time \
         given. What to do: check the network, the proxy and the region; then send it again"
    );
    let late = called("HTTP read timeout occurred after 9s").await;
    assert_eq!(late.class(), Class::Timeout(Wait::Answer), "{late}");
}

#[tokio::test]
async fn a_refusal_by_an_interceptor_is_found_in_the_causes() {
    use br::config::{ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextMut};
    use outcrop::runtime::{Code, Error as Refusal};

    #[derive(Debug)]
    struct Refuses;
    impl Intercept for Refuses {
        fn name(&self) -> &'static str {
            "refuses"
        }
        fn modify_before_signing(
            &self,
            ctx: &mut BeforeTransmitInterceptorContextMut<'_>,
            _: &RuntimeComponents,
            _: &mut ConfigBag,
        ) -> Result<(), br::error::BoxError> {
            *ctx.request_mut().body_mut() = SdkBody::empty();
            Err(Refusal::new(Code::Unsupported, "images have no place; leave them out").at("messages[0]").into())
        }
    }
    let script = Script::new([Answer::ok()]);
    let client = br::Client::from_conf(script.config().interceptor(Refuses).build());
    let error = Error::from(client.converse().model_id(MODEL).send().await.unwrap_err());
    assert_eq!((error.class(), script.attempts()), (Class::Refused, 0));
    assert_eq!(error.refusal().unwrap().path, "messages[0]");
    assert_eq!(
        error.to_string(),
        "refused: unsupported at Converse `messages[0]`: images have no place; leave them out"
    );
}

#[tokio::test]
async fn what_the_interceptor_refuses_is_refused() {
    use br::types::{ContentBlock, ConversationRole, ImageBlock, ImageFormat, ImageSource, Message};
    let source = ImageSource::Bytes(br::primitives::Blob::new([1, 2, 3]));
    let image = ImageBlock::builder().format(ImageFormat::Png).source(source).build().unwrap();
    let message = Message::builder().role(ConversationRole::User).content(ContentBlock::Image(image)).build().unwrap();
    let odd = [("content-type", "application/json")];
    let script = Script::new([Answer::new(200, &odd, r#"{"results":7}"#)]);
    let config = script.config().interceptor(outcrop_aws::ConverseOverInvoke::new());
    let client = br::Client::from_conf(config.build());
    let refused = Error::from(client.converse().model_id(MODEL).messages(message).send().await.unwrap_err());
    assert_eq!((refused.class(), script.attempts()), (Class::Refused, 0), "{refused}");
    assert!(refused.refusal().unwrap().path.starts_with("messages[0].content[0]"), "{refused}");
    let text = Message::builder().role(ConversationRole::User).content(ContentBlock::Text("Hi".to_owned()));
    let unread = client.converse().model_id(MODEL).messages(text.build().unwrap()).send().await.unwrap_err();
    let unread = Error::from(unread);
    assert_eq!((unread.class(), script.attempts()), (Class::Refused, 1), "the answer is none of this format: {unread}");
    assert_eq!(unread.received_status(), Some(200));
}
