//! What the service refuses, and in which words.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod support;

use outcrop_server::{Config, Rules, Text, Unknown};
use support::{echo, start, user};

const CHAT: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// A Converse body and what is said to it; nothing if it is taken.
#[rustfmt::skip]
const CONVERSE: &[(&str, &str)] = &[
    // Taken, as recorded.
    (r#"{"messages":[{"role":"user","content":[{"text":"a"}]}],"system":[],"inferenceConfig":{},"additionalModelRequestFields":{}}"#, ""),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"user","content":[{"text":"b"}]}]}"#, ""),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"}]}],"inferenceConfig":{"stopSequences":[],"maxTokens":5.0}}"#, ""),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"}]}],"requestMetadata":{"team":"a b+c"}}"#, ""),
    // Members.
    (r#"{"messages":[{"role":"user","content":[{"text":"a"}]}],"stream":true,"model":"x"}"#,
     "Malformed input request: #: extraneous key [stream] is not permitted#: extraneous key [model] is not permitted, please reformat your input and try again."),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"}],"name":"x"}]}"#,
     "Malformed input request: #/messages/0: extraneous key [name] is not permitted, please reformat your input and try again."),
    (r#"{"messages":[{"role":"user","content":"a"}]}"#,
     "Malformed input request: #/messages/0/content: expected type: JSONArray, found: String, please reformat your input and try again."),
    (r#"{"messages":[{"role":"user","content":[{"text":7},{"image":[]}]}]}"#,
     "Malformed input request: #/messages/0/content/0/text: expected type: String, found: Integer#/messages/0/content/1/image: expected type: JSONObject, found: JSONArray, please reformat your input and try again."),
    (r#"{"messages":[{"role":"user","content":[{"text":"a","image":{"format":"png","source":{"bytes":"cG5n"}}}]}]}"#,
     "Malformed input request: #/messages/0/content/0: 2 subschemas matched instead of one, please reformat your input and try again."),
    (r#"{"messages":[{"role":"user","content":[{}]}]}"#,
     "Malformed input request: #/messages/0/content/0: 0 subschemas matched instead of one, please reformat your input and try again."),
    (r#"{"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"no base64!"}}}]}]}"#,
     "Malformed input request: #/messages/0/content/0/image/source/bytes: the bytes are not base64, please reformat your input and try again."),
    // Constraints.
    (r#"{"messages":[{"content":[{"text":"a"}]}]}"#,
     "1 validation error detected: Value at 'messages.1.member.role' failed to satisfy constraint: Member must not be null"),
    (r#"{"messages":[{"role":"tool","content":[{"text":"a"}]}]}"#,
     "1 validation error detected: Value 'tool' at 'messages.1.member.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant, system]"),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"}]}],"inferenceConfig":{"maxTokens":0,"temperature":1.5,"topP":-1}}"#,
     "3 validation errors detected: Value '0' at 'inferenceConfig.maxTokens' failed to satisfy constraint: Member must have value greater than or equal to 1; Value '1.5' at 'inferenceConfig.temperature' failed to satisfy constraint: Member must have value less than or equal to 1; Value '-1' at 'inferenceConfig.topP' failed to satisfy constraint: Member must have value greater than or equal to 0"),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"}]}],"toolConfig":{"tools":[]}}"#,
     "1 validation error detected: Value '[]' at 'toolConfig.tools' failed to satisfy constraint: Member must have length greater than or equal to 1"),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"a b","inputSchema":{"json":{}}}}]}}"#,
     "1 validation error detected: Value 'a b' at 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+"),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"}]}],"requestMetadata":{}}"#,
     "1 validation error detected: Value '{}' at 'requestMetadata' failed to satisfy constraint: Member must have length greater than or equal to 1"),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"}]}],"inferenceConfig":{"stopSequences":[""]}}"#,
     "1 validation error detected: Value '' at 'inferenceConfig.stopSequences.1.member' failed to satisfy constraint: Member must have length greater than or equal to 1"),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"}]}],"inferenceConfig":{"maxTokens":64001}}"#,
     "The maximum tokens you requested exceed the model limit of 64000. Try again with a maximum tokens value lower than 64000."),
    // Turns.
    (r"{}", "A conversation must start with a user message. Try again with a conversation that starts with a user message."),
    (r#"{"messages":[]}"#, "A conversation must start with a user message. Try again with a conversation that starts with a user message."),
    (r#"{"messages":[{"role":"user","content":[]}]}"#,
     "The content field in the Message object at messages.0 is empty. Add a ContentBlock object to the content field and try again."),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"},{"text":" \n"}]}]}"#,
     "The text field in the ContentBlock object at messages.0.content.1 is blank. Add text to the text field, and try again."),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"f","input":{}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[{"text":"b"}]}}]}]}"#,
     "The toolConfig field must be defined when using toolUse and toolResult content blocks."),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"t-1","name":"f","input":{}}},{"toolUse":{"toolUseId":"t-2","name":"f","input":{}}}]},{"role":"user","content":[{"text":"b"}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{}}}}]}}"#,
     "Expected toolResult blocks at messages.2.content for the following Ids: t-1, t-2"),
    (r#"{"messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[{"text":"b"}]}}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{}}}}]}}"#,
     "The number of toolResult blocks at messages.0.content exceeds the number of toolUse blocks of previous turn."),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"},{"document":{"name":"a_b","format":"txt","source":{"text":"x"}}}]}]}"#,
     "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. The name can't contain more than one consecutive whitespace character."),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"},{"document":{"name":"a  b","format":"txt","source":{"text":"x"}}}]}]}"#,
     "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. The name can't contain more than one consecutive whitespace character."),
    (r#"{"messages":[{"role":"user","content":[{"document":{"name":"a (b) [c]-d","format":"txt","source":{"text":"x"}}}]}]}"#,
     "The Message object at messages.0 has a document block and no text block. Add a text block to the content field, and try again."),
    (r#"{"messages":[{"role":"user","content":[{"text":"a"},{"video":{"format":"mp4","source":{"bytes":"AAAA"}}}]}]}"#,
     "This model doesn't support the video content block that you provided. Update the content block and try again."),
];

#[tokio::test]
async fn converse_requests() {
    let endpoint = echo().await;
    for (body, wanted) in CONVERSE {
        for operation in ["converse", "converse-stream"] {
            let answer = endpoint.ask(CHAT, operation, *body).await;
            if wanted.is_empty() {
                assert_eq!(answer.status, 200, "{body}: {answer:?}");
                continue;
            }
            let (status, name, message) = answer.failure();
            assert_eq!((status, name.as_str(), message.as_str()), (400, "ValidationException", *wanted), "{body}");
        }
    }
}

/// Model, native body and what is said to it; nothing if it is taken.
#[rustfmt::skip]
const NATIVE: &[(&str, &str, &str)] = &[
    ("amazon.nova-lite-v1:0", r#"{"messages":[{"role":"user","content":[{"inputText":"a"}]}]}"#,
     "#/messages/0/content/0: extraneous key [inputText] is not permitted"),
    ("amazon.nova-lite-v1:0", r#"{"inputText":"a"}"#,
     "#: required key [messages] not found#: extraneous key [inputText] is not permitted"),
    ("meta.llama3-8b-instruct-v1:0", r#"{"messages":[{"role":"user","content":"a"}],"temperature":2}"#,
     "#: required key [prompt] not found#: extraneous key [messages] is not permitted#/temperature: 2 is not less or equal to 1"),
    ("meta.llama3-8b-instruct-v1:0", r#"{"prompt":7,"max_gen_len":"5"}"#,
     "#/prompt: expected type: String, found: Integer#/max_gen_len: expected type: Integer, found: String"),
    ("meta.llama3-8b-instruct-v1:0", r#"{"prompt":"a","max_gen_len":0}"#, "#/max_gen_len: 0 is not greater or equal to 1"),
    ("cohere.command-r-v1:0", r#"{"message":"a","stop_sequences":"x"}"#, "#/stop_sequences: expected type: JSONArray, found: String"),
    ("anthropic.claude-3-haiku-20240307-v1:0", r#"{"anthropic_version":"2026-10-21","max_tokens":5,"messages":[{"role":"user","content":"a"}]}"#, ""),
    ("amazon.titan-text-express-v1", r#"{"inputText":"a","textGenerationConfig":{"topP":1,"maxTokens":5}}"#,
     "#/textGenerationConfig: extraneous key [maxTokens] is not permitted"),
];

/// Bodies of a family that its vendor's own validator judges, and what it says.
#[rustfmt::skip]
const DOTTED: &[(&str, &str)] = &[
    (r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"messages":[{"role":"user","content":"a"}],"model":"x","stream":true}"#,
     "model: Extra inputs are not permitted\nstream: Extra inputs are not permitted"),
    (r#"{"anthropic_version":"bedrock-2023-05-31","messages":[{"role":"user","content":"a"}]}"#, "max_tokens: Field required"),
    (r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":0,"messages":[{"content":[{"type":"text","text":7}]}]}"#,
     "messages.0.role: Field required\nmessages.0.content.0.text: Input should be a valid string\nmax_tokens: Input should be greater than or equal to 1"),
    (r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"messages":[{"role":"user","content":[{"type":"text","text":7}]}]}"#,
     "messages.0.content.0.text: Input should be a valid string"),
];

#[tokio::test]
async fn native_requests_that_the_vendor_judges() {
    let endpoint = echo().await;
    for (body, wanted) in DOTTED {
        let (status, name, message) =
            endpoint.ask("anthropic.claude-3-haiku-20240307-v1:0", "invoke", *body).await.failure();
        assert_eq!((status, name.as_str()), (400, "ValidationException"), "{body}");
        let (mut got, mut wanted): (Vec<&str>, Vec<&str>) = (message.lines().collect(), wanted.lines().collect());
        got.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(got, wanted, "{body}");
    }
}

#[tokio::test]
async fn native_requests() {
    let endpoint = echo().await;
    for (model, body, wanted) in NATIVE {
        for operation in ["invoke", "invoke-with-response-stream"] {
            let answer = endpoint.ask(model, operation, *body).await;
            if wanted.is_empty() {
                assert_eq!(answer.status, 200, "{body}: {answer:?}");
                continue;
            }
            let (status, name, message) = answer.failure();
            assert_eq!((status, name.as_str()), (400, "ValidationException"), "{body}");
            let whole = format!("Malformed input request: {wanted}, please reformat your input and try again.");
            assert_eq!(message, whole, "{model}: {body}");
        }
    }
    let endpoint =
        start(Config { rules: Rules { unknown: Unknown::Take, ..Rules::default() }, ..Config::default() }).await;
    let newer = r#"{"prompt":"a","newer":1}"#;
    assert_eq!(endpoint.ask("meta.llama3-8b-instruct-v1:0", "invoke", newer).await.status, 200);
}

#[tokio::test]
async fn models() {
    let endpoint = echo().await;
    let said = async |model: &str, operation: &str| endpoint.ask(model, operation, user("Hi")).await.failure();
    let invalid = "The provided model identifier is invalid.";
    assert_eq!(
        said("nobody.knows-v1:0", "converse").await,
        (400, "ValidationException".to_owned(), invalid.to_owned())
    );
    assert_eq!(said("nobody.knows-v1:0", "invoke").await.2, invalid);
    for model in ["amazon.titan-embed-text-v2:0", "cohere.embed-english-v3"] {
        let (status, _, message) = said(model, "converse").await;
        assert_eq!(status, 400);
        assert!(message.starts_with("This action doesn't support the model that you provided."), "{message}");
    }
    let arn = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/1arbu5hu2sjr";
    let (_, _, message) = said(arn, "invoke").await;
    assert!(message.starts_with(invalid) && message.contains("GetInferenceProfile"), "{message}");

    let map = Text::Inline(format!(
        "{arn}: {{ model: meta.llama3-8b-instruct-v1:0 }}\n\"my-*\": {{ family: amazon-nova }}\n"
    ));
    let endpoint = start(Config { map: Some(map), ..Config::default() }).await;
    assert_eq!(endpoint.ask(arn, "invoke", r#"{"prompt":"a"}"#).await.status, 200);
    assert_eq!(endpoint.ask("my-own-model", "converse", user("Hi")).await.status, 200);
}

#[tokio::test]
async fn regions() {
    let rules = Rules { regions: true, ..Rules::default() };
    let endpoint = start(Config { rules, region: "eu-central-1".to_owned(), ..Config::default() }).await;
    let said = async |model: &str| endpoint.ask(model, "converse", user("Hi")).await;
    let id = "anthropic.claude-sonnet-4-5-20250929-v1:0";
    let (status, _, message) = said(id).await.failure();
    assert_eq!(status, 400);
    assert_eq!(
        message,
        format!(
            "Invocation of model ID {id} with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile that contains this model."
        )
    );
    assert_eq!(said(&format!("eu.{id}")).await.status, 200);
    assert_eq!(said(&format!("us.{id}")).await.failure().2, "The provided model identifier is invalid.");
    let elsewhere = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0";
    assert_eq!(said(elsewhere).await.failure().2, "The provided model identifier is invalid.");
    // Without the rule any id is served.
    assert_eq!(echo().await.ask(id, "converse", user("Hi")).await.status, 200);
}

#[tokio::test]
async fn strict_turns() {
    let endpoint = start(Config { rules: Rules { turns: true, ..Rules::default() }, ..Config::default() }).await;
    let twice = r#"{"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"user","content":[{"text":"b"}]}]}"#;
    let (_, _, message) = endpoint.ask(CHAT, "converse", twice).await.failure();
    assert!(message.starts_with("A conversation must alternate between user and assistant roles."), "{message}");
    let first = r#"{"messages":[{"role":"assistant","content":[{"text":"a"}]}]}"#;
    let (_, _, message) = endpoint.ask(CHAT, "converse", first).await.failure();
    assert!(message.starts_with("A conversation must start with a user message."), "{message}");
}

#[tokio::test]
async fn content_types_are_nobodys_business_but_a_guardrails() {
    let endpoint = echo().await;
    let body = r#"{"prompt":"a"}"#;
    let model = "meta.llama3-8b-instruct-v1:0";
    for kind in ["application/json", "application/octet-stream", "text/plain", "nonsense"] {
        let headers = [("content-type", kind), ("accept", "image/png"), ("x-amzn-bedrock-accept", "*/*")];
        assert_eq!(endpoint.ask_with(model, "invoke", body, &headers).await.status, 200, "{kind}");
    }
    let guard = ("x-amzn-bedrock-guardrailidentifier", "abc123");
    let version = ("x-amzn-bedrock-guardrailversion", "DRAFT");
    let said = async |headers: &[(&str, &str)]| endpoint.ask_with(model, "invoke", body, headers).await.status;
    assert_eq!(said(&[guard, version]).await, 200);
    assert_eq!(said(&[guard, version, ("content-type", "application/json; charset=utf-8")]).await, 200);
    assert_eq!(said(&[guard, version, ("content-type", "text/plain")]).await, 400);
    assert_eq!(said(&[guard]).await, 400);
}
