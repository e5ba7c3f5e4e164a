//! Every text of the service that is known, and what it means.

use std::time::{Duration, SystemTime};

use outcrop_aws::error::{Advice, Barrier, Class, Credential, Error, Scope, Wait, retry_after};

const VALIDATION: (u16, &str) = (400, "ValidationException");
const DENIED: (u16, &str) = (403, "AccessDeniedException");
const NOT_FOUND: (u16, &str) = (404, "ResourceNotFoundException");
const THROTTLED: (u16, &str) = (429, "ThrottlingException");

/// Status and code, text, class.
const TEXTS: &[((u16, &str), &str, Class)] = &[
    // Needs an inference profile.
    (
        VALIDATION,
        "Invocation of model ID X with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
        Class::NeedsInferenceProfile,
    ),
    (
        VALIDATION,
        "Invocation of model ID X with on-demand throughput isn't supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
        Class::NeedsInferenceProfile,
    ),
    (VALIDATION, "The provided model doesn't support on-demand throughput.", Class::NeedsInferenceProfile),
    // Wrong region or unknown id.
    (VALIDATION, "The provided model identifier is invalid.", Class::UnknownModel),
    (NOT_FOUND, "Could not resolve the foundation model from the provided model identifier.", Class::UnknownModel),
    (NOT_FOUND, "Model not found.", Class::UnknownModel),
    (
        VALIDATION,
        "This action doesn't support the model that you provided. Try again with a supported text or chat model.",
        Class::InvalidRequest,
    ),
    (VALIDATION, "The model is unsupported for streaming.", Class::InvalidRequest),
    (
        VALIDATION,
        "Access to Anthropic models is not allowed from unsupported countries, regions, or territories. Please refer to the list.",
        Class::NoAccess(Barrier::Location),
    ),
    // No access.
    (DENIED, "You don't have access to the model with the specified model ID.", Class::NoAccess(Barrier::Grant)),
    (DENIED, "Your account is not authorized to invoke this API operation.", Class::NoAccess(Barrier::Grant)),
    (VALIDATION, "Your account is not authorized to invoke this API operation.", Class::NoAccess(Barrier::Grant)),
    (VALIDATION, "Operation not allowed", Class::NoAccess(Barrier::Account)),
    (
        DENIED,
        "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model. Refer to the documentation and try again after 5 minutes.",
        Class::NoAccess(Barrier::Marketplace),
    ),
    (
        NOT_FOUND,
        "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before using the model. If you have already filled out the form, try again in 15 minutes.",
        Class::NoAccess(Barrier::Form),
    ),
    (
        (500, "InternalServerException"),
        "Denied. You have not filled out the required use-case form for this model. Complete the form at https://us-east-1.console.aws.amazon.com/bedrock/ before requesting access.",
        Class::NoAccess(Barrier::Form),
    ),
    (DENIED, "X is not available for this account at the moment", Class::NoAccess(Barrier::Account)),
    (VALIDATION, "data retention mode 'default' is not available for this model", Class::NoAccess(Barrier::Account)),
    (DENIED, "The agreement for this model is still being created", Class::NoAccess(Barrier::Marketplace)),
    (DENIED, "words that nobody has met", Class::NoAccess(Barrier::Unknown)),
    // No permission.
    (
        DENIED,
        "User: arn:aws:sts::111122223333:assumed-role/app/x is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1::foundation-model/X because no identity-based policy allows the bedrock:InvokeModel action",
        Class::IamDenied,
    ),
    (
        DENIED,
        "User: arn:aws:sts::111122223333:assumed-role/app/x is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:us-east-1::foundation-model/X with an explicit deny in an identity-based policy",
        Class::IamDenied,
    ),
    (
        DENIED,
        "User: arn:aws:sts::111122223333:assumed-role/app/x is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1::foundation-model/X with an explicit deny in a service control policy",
        Class::IamDenied,
    ),
    // Authentication.
    (
        (403, "UnrecognizedClientException"),
        "The security token included in the request is invalid.",
        Class::Auth(Credential::Keys),
    ),
    (
        (403, "ExpiredTokenException"),
        "The security token included in the request is expired",
        Class::Auth(Credential::Keys),
    ),
    (DENIED, "Authentication failed: Please make sure your API Key is valid.", Class::Auth(Credential::ApiKey)),
    ((401, "invalid_api_key"), "Invalid bearer token", Class::Auth(Credential::ApiKey)),
    ((403, ""), "Missing Authentication Token", Class::Auth(Credential::Keys)),
    (
        (403, "InvalidSignatureException"),
        "The request signature we calculated does not match the signature you provided.",
        Class::Auth(Credential::Keys),
    ),
    (
        (403, "InvalidSignatureException"),
        "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z",
        Class::Auth(Credential::Clock),
    ),
    (
        (403, "RequestTimeTooSkewed"),
        "The difference between the request time and the current time is too large.",
        Class::Auth(Credential::Clock),
    ),
    // Lifecycle.
    (
        NOT_FOUND,
        "This model version has reached the end of its life. Please refer to the AWS documentation for more details.",
        Class::ModelRetired,
    ),
    (
        NOT_FOUND,
        "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 30 days. Please upgrade to an active model on Amazon Bedrock",
        Class::ModelRetired,
    ),
    (
        NOT_FOUND,
        "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 15 days. Please upgrade to an active model on Amazon Bedrock",
        Class::ModelRetired,
    ),
    // Throttling.
    (THROTTLED, "Too many requests, please wait before trying again.", Class::Throttled(Scope::Requests)),
    (
        THROTTLED,
        "Too many requests, please wait before trying again. You have sent too many requests.  Wait before trying again.",
        Class::Throttled(Scope::Requests),
    ),
    (THROTTLED, "Too many tokens, please wait before trying again.", Class::Throttled(Scope::Tokens)),
    (THROTTLED, "Too many tokens per day, please wait before trying again.", Class::Throttled(Scope::TokensPerDay)),
    (THROTTLED, "Slow down", Class::Throttled(Scope::Unknown)),
    ((429, ""), "", Class::Throttled(Scope::Unknown)),
    ((400, "ServiceQuotaExceededException"), "You have reached the limit of jobs.", Class::Quota),
    // Capacity and faults.
    ((503, "ServiceUnavailableException"), "Bedrock is unable to process your request.", Class::Unavailable),
    (
        (424, "ModelErrorException"),
        "The system encountered an unexpected error during processing. Try your request again.",
        Class::ModelError,
    ),
    (
        (424, "ModelStreamErrorException"),
        "The system encountered an unexpected error during processing. Try your request again.",
        Class::ModelError,
    ),
    (
        (500, "InternalServerException"),
        "The system encountered an unexpected error during processing. Try your request again.",
        Class::Internal,
    ),
    ((424, "ModelErrorException"), "The request failed in the model container.", Class::ModelError),
    (
        (424, "ModelErrorException"),
        "The model produced an invalid sequence as part of ToolUse. Please refer to the model tool use troubleshooting guide.",
        Class::ModelError,
    ),
    (
        (408, "ModelTimeoutException"),
        "Model has timed out in processing the request. Try your request again.",
        Class::ModelTimeout,
    ),
    (
        (424, "ModelStreamErrorException"),
        "Model has timed out in processing the request. Try your request again.",
        Class::ModelTimeout,
    ),
    ((429, "ModelNotReadyException"), "Model is not ready to serve inference requests.", Class::ModelNotReady),
    // A body of another schema.
    (
        VALIDATION,
        "Malformed input request: #: required key [texts] not found#: required key [input_type] not found#: extraneous key [inputText] is not permitted, please reformat your input and try again.",
        Class::InvalidRequest,
    ),
    (
        VALIDATION,
        "Malformed input request: 2 schema violations found, please reformat your input and try again.",
        Class::InvalidRequest,
    ),
    (
        VALIDATION,
        "Malformed input request: #: subject must not be valid against schema {\"required\":[\"messages\"]}#: extraneous key [stream] is not permitted, please reformat your input and try again.",
        Class::InvalidRequest,
    ),
    (
        VALIDATION,
        "The model returned the following errors: Malformed input request: #/stopSequences: expected type: JSONArray, found: String, please reformat your input and try again.",
        Class::InvalidRequest,
    ),
    (
        VALIDATION,
        "Malformed input request: string [</stop>] does not match pattern ^(\\|+|User:)$, please reformat your input and try again.",
        Class::InvalidRequest,
    ),
    (VALIDATION, "Malformed input request, please reformat your input and try again.", Class::InvalidRequest),
    (VALIDATION, "messages: Field required", Class::InvalidRequest),
    (VALIDATION, "`temperature` is deprecated for this model.", Class::InvalidRequest),
    (VALIDATION, "Validation Error", Class::InvalidRequest),
    // Too long.
    (
        VALIDATION,
        "400 Bad Request: Too many input tokens. Max input tokens: 8192, request input token count: 9875",
        Class::ContextOverflow,
    ),
    (VALIDATION, "Input is too long for requested model.", Class::ContextOverflow),
    (
        VALIDATION,
        "The model returned the following errors: prompt is too long: 210000 tokens > 200000 maximum",
        Class::ContextOverflow,
    ),
    (
        VALIDATION,
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease one of them",
        Class::ContextOverflow,
    ),
    (
        VALIDATION,
        "This model's maximum context length is 8192 tokens. Please reduce the length of the prompt",
        Class::ContextOverflow,
    ),
    (
        VALIDATION,
        "The maximum tokens you requested exceed the model limit of 4096. Try again with a maximum tokens value lower than 4096.",
        Class::ContextOverflow,
    ),
    (
        VALIDATION,
        "Malformed input request: #/texts/0: expected maxLength: 2048, actual: 19882, please reformat your input and try again.",
        Class::ContextOverflow,
    ),
    // What stands between caller and service.
    ((502, ""), "<html>Bad Gateway</html>", Class::Unavailable),
    ((504, ""), "", Class::Timeout(Wait::Gateway)),
    ((408, ""), "", Class::Timeout(Wait::Gateway)),
    ((413, ""), "", Class::ContextOverflow),
    ((529, ""), "overloaded", Class::Unavailable),
    ((400, "ConflictException"), "another body with this token", Class::InvalidRequest),
    ((302, ""), "", Class::Other),
    // Names that the caller chose cannot make another class of it.
    (
        VALIDATION,
        "Malformed input request: #: extraneous key [too many tokens per day, prompt is too long, with on-demand throughput isn't supported] is not permitted, please reformat your input and try again.",
        Class::InvalidRequest,
    ),
];

fn error(status: u16, code: &str, text: &str) -> Error {
    let body = serde_json::json!({ "message": text }).to_string();
    let header = format!("{code}:http://internal.amazon.com/coral/com.amazon.bedrock/");
    let headers = [("x-amzn-ErrorType", header.as_str()), ("x-amzn-RequestId", "r-1")];
    let body = if text.starts_with('<') { text.as_bytes() } else { body.as_bytes() };
    Error::answered(status, headers.into_iter().skip(usize::from(code.is_empty())), body)
}

#[test]
fn every_known_text_has_its_class() {
    for ((status, code), text, class) in TEXTS {
        let error = error(*status, code, text);
        assert_eq!(error.class(), *class, "{code}: {text}");
        assert_eq!(error.code().unwrap_or_default(), *code);
        assert_eq!(error.request_id(), Some("r-1"));
        if !text.is_empty() {
            assert_eq!(error.message(), *text);
        }
        if *status >= 400 {
            assert_eq!(error.status(), *status);
        }
        let shown = error.to_string();
        assert!(shown.starts_with(&class.to_string()) && shown.contains("What to do: "), "{shown}");
        assert!(!shown.contains("service error"), "{shown}");
    }
}

#[test]
fn the_apostrophe_and_the_case_of_letters_do_not_matter() {
    for ((status, code), text, class) in TEXTS {
        for text in [text.replace('\'', "\u{2019}"), text.to_uppercase()] {
            let found = error(*status, code, &text).class();
            assert_eq!(found, *class, "{text}");
        }
    }
}

#[test]
fn violations_are_taken_apart() {
    let found = |text: &str| -> Vec<(String, String)> {
        let error = error(400, "ValidationException", text);
        error.violations().iter().map(|v| (v.path.clone(), v.message.clone())).collect()
    };
    let pair = |path: &str, message: &str| (path.to_owned(), message.to_owned());
    let tail = ", please reformat your input and try again.";
    assert_eq!(
        found(&format!(
            "Malformed input request: #: required key [texts] not found#/a/0: expected type: String, found: JSONArray{tail}"
        )),
        [pair("", "required key [texts] not found"), pair("/a/0", "expected type: String, found: JSONArray")]
    );
    assert_eq!(
        found(&format!(
            "The model returned the following errors: Malformed input request: #: subject must not be valid against schema {{\"required\":[\"messages\"]}}#: extraneous key [stream] is not permitted{tail}"
        )),
        [
            pair("", "subject must not be valid against schema {\"required\":[\"messages\"]}"),
            pair("", "extraneous key [stream] is not permitted")
        ]
    );
    assert_eq!(
        found(&format!("Malformed input request: 2 schema violations found{tail}")),
        [pair("", "2 schema violations found")]
    );
    assert_eq!(
        found(&format!("Malformed input request: string [</stop>] does not match pattern ^(\\|+|User:)${tail}")),
        [pair("", "string [</stop>] does not match pattern ^(\\|+|User:)$")]
    );
    assert_eq!(
        found("messages.0.content.1.text: Field required"),
        [pair("messages.0.content.1.text", "Field required")]
    );
    assert_eq!(found(&format!("Malformed input request{tail}")), []);
    assert_eq!(found("Validation Error"), []);
    assert_eq!(found("400 Bad Request: no path"), []);
    let keys = "#: extraneous key [a#b] is not permitted";
    assert_eq!(
        found(&format!("Malformed input request: {keys}{tail}")),
        [pair("", "extraneous key [a#b] is not permitted")]
    );
}

#[test]
fn who_was_denied_what() {
    let text = "User: arn:aws:iam::1:user/x is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1::foundation-model/x.y because no policy allows it";
    let error = error(403, "AccessDeniedException", text);
    let denied = error.denied().unwrap();
    assert_eq!(denied.action, "bedrock:InvokeModel");
    assert_eq!(denied.resource.as_deref(), Some("arn:aws:bedrock:us-east-1::foundation-model/x.y"));
}

#[test]
fn codes_come_from_headers_and_bodies_however_spelt() {
    for body in [
        r#"{"__type":"com.amazon.bedrock#ThrottlingException","message":"Too many tokens, please wait"}"#,
        r#"{"code":"ThrottlingException","Message":"Too many tokens, please wait"}"#,
        r#"{"__type":"ThrottlingException:http://x","errorMessage":"Too many tokens, please wait"}"#,
    ] {
        let error = Error::answered(429, [], body.as_bytes());
        assert_eq!((error.code(), error.message()), (Some("ThrottlingException"), "Too many tokens, please wait"));
        assert_eq!(error.class(), Class::Throttled(Scope::Tokens));
        assert_eq!(error.body(), body.as_bytes());
    }
    let body = br#"{"message":"failed","originalStatusCode":400,"originalMessage":"bad shape","resourceName":"ep"}"#;
    let error = Error::answered(424, [("x-amzn-errortype", "ModelErrorException")], body);
    assert_eq!(error.message(), "failed (the model said: bad shape) (its status: 400) (resource: ep)");
}

#[test]
fn bodies_of_any_kind_are_told_briefly_and_never_forge_lines() {
    let long = vec![b'x'; 1_000_000];
    let error = Error::answered(500, [], &long);
    assert_eq!((error.message().len(), error.body().len()), (300, 64 * 1024));
    let forged = Error::answered(400, [], br#"{"message":"a\nlevel=info b\u001b[31m"}"#);
    assert!(forged.message().contains('\n'));
    assert!(!forged.to_string().contains(['\n', '\u{1b}']), "{forged}");
    for body in [&b"{}"[..], b"[1]", b"null", b"\xff\xfe", br#"{"message":7}"#, br#"{"message":null}"#, b""] {
        let error = Error::answered(429, [], body);
        assert_eq!(error.class(), Class::Throttled(Scope::Unknown));
        assert!(!error.message().is_empty());
    }
}

#[test]
fn what_an_unknown_model_is_depends_on_where_it_is() {
    let invalid = || error(400, "ValidationException", "The provided model identifier is invalid.");
    let (model, region) = ("amazon.rerank-v1:0", "us-east-1");
    let wrong = invalid().on(model, Some(region));
    assert_eq!(wrong.class(), Class::WrongRegion);
    assert_eq!(wrong.elsewhere().regions, ["ap-northeast-1", "ca-central-1", "eu-central-1", "us-west-2"]);
    let shown = wrong.to_string();
    assert!(shown.contains("regions: ap-northeast-1, ca-central-1, eu-central-1, us-west-2"), "{shown}");
    assert!(
        shown.contains("[model amazon.rerank-v1:0, us-east-1, ValidationException, HTTP 400, request r-1]"),
        "{shown}"
    );
    assert_eq!(invalid().on(model, Some("us-west-2")).class(), Class::UnknownModel, "it is there");
    assert_eq!(invalid().on(model, None).class(), Class::UnknownModel, "nobody says where");
    assert_eq!(invalid().on("no.such-model", Some(region)).class(), Class::UnknownModel);
    let profile = invalid().on("apac.amazon.nova-lite-v1:0", Some("us-east-1"));
    assert_eq!(profile.class(), Class::WrongRegion, "a profile of another geography");
    assert!(profile.elsewhere().regions.contains(&"ap-south-1") && !profile.elsewhere().regions.contains(&"us-east-1"));
    assert!(profile.elsewhere().profiles.contains(&"us.amazon.nova-lite-v1:0"));
    let arn = "arn:aws:bedrock:us-west-2::foundation-model/amazon.rerank-v1:0";
    assert_eq!(invalid().on(arn, Some("us-east-1")).class(), Class::WrongRegion, "an ARN of another region");
    let body = error(400, "ValidationException", "messages: Field required").on(model, Some(region));
    assert_eq!(body.class(), Class::InvalidRequest, "the body is wrong, wherever the model is");
}

#[test]
fn a_profile_that_would_do_is_named() {
    let text = "Invocation of model ID X with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile that contains this model.";
    let error = error(400, "ValidationException", text).on("amazon.nova-2-lite-v1:0", Some("eu-west-1"));
    assert_eq!(error.class(), Class::NeedsInferenceProfile);
    let profiles = &error.elsewhere().profiles;
    assert!(profiles.contains(&"eu.amazon.nova-2-lite-v1:0"), "{profiles:?}");
    assert!(!profiles.contains(&"us.amazon.nova-2-lite-v1:0"), "it cannot be called from there: {profiles:?}");
    assert!(error.to_string().contains("profiles: eu.amazon.nova-2-lite-v1:0"), "{error}");
}

#[test]
fn advice_follows_the_server_and_the_class() {
    let body = br#"{"message":"Too many requests, please wait before trying again."}"#;
    let throttled =
        |headers: &[(&'static str, &'static str)]| Error::answered(429, headers.iter().copied(), body).advice();
    assert_eq!(throttled(&[]), Advice::RetryAfter(Duration::from_secs(1)));
    assert_eq!(throttled(&[("Retry-After", "7")]), Advice::RetryAfter(Duration::from_secs(7)));
    assert_eq!(throttled(&[("x-amz-retry-after", "1500")]), Advice::RetryAfter(Duration::from_millis(1500)));
    assert_eq!(error(403, "ExpiredTokenException", "expired").advice(), Advice::Refresh(Credential::Keys));
    assert_eq!(error(400, "ValidationException", "x").advice(), Advice::DoNot);
}

#[test]
fn the_wait_is_read_in_every_spelling() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    let read = |name: &'static str, value: &'static str| retry_after(|n| (n == name).then_some(value), now);
    assert_eq!(read("retry-after", "120"), Some(Duration::from_mins(2)));
    assert_eq!(read("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"), Some(Duration::from_mins(1)));
    assert_eq!(read("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO), "a date in the past");
    assert_eq!(read("x-amz-retry-after", "250"), Some(Duration::from_millis(250)));
    for odd in ["-1", "soon", "", "1.5", "99999999999999999999"] {
        assert_eq!(read("retry-after", odd), None, "{odd}");
    }
}

#[test]
fn a_refusal_is_carried_whole() {
    use outcrop::runtime::{Code, Error as Refusal};
    let refusal = Refusal::new(Code::ReservedMarker, "holds a marker; take it out")
        .at("messages[0].content[0].text")
        .native("prompt");
    let error = Error::from(refusal.clone());
    assert_eq!((error.class(), error.refusal()), (Class::Refused, Some(&refusal)));
    assert_eq!(error.to_string(), format!("refused: {refusal}"));
    let cut = Error::from(Refusal::new(Code::StreamTruncated, "ended early"));
    assert_eq!(cut.class(), Class::StreamBroken);
}
