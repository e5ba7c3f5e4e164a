//! One answer.

use std::time::Duration;

use outcrop::runtime::usage::Source;
use outcrop::runtime::{Kind, Tree};
use outcrop_aws::error::Class;
use outcrop_aws::types::{
    ContentBlock, ConverseRequest, Document, GuardrailConfiguration, GuardrailConfigurationTrace, ImageFormat, Map,
    Message, PerformanceConfiguration, PerformanceConfigurationLatency, ServiceTier, ServiceTierType, StopReason,
    ToolSpecification,
};
use outcrop_aws::usage::Count;

use super::loopback::{Answer, Loopback, reply};
use super::support::{CLAUDE, LLAMA, client, family, of_model, saying, says, with};

#[tokio::test]
async fn an_answer_comes_with_all_that_is_known_of_its_call() {
    let answer = says(r#"[{"text":"Tin."}]"#, "end_turn");
    let endpoint = Loopback::start(move |request| {
        reply(family("meta-llama"), request, |_| answer.clone())
            .with("x-amzn-requestid", "11111111-2222-3333-4444-555555555555")
            .with("x-amzn-bedrock-input-token-count", "31")
            .with("x-amzn-bedrock-invocation-latency", "250")
    })
    .await;
    let request = ConverseRequest::user("Name a metal.").system("Be brief.").max_tokens(20).temperature(0.5);
    let answer = client(&endpoint).converse(LLAMA, request).await.unwrap();
    assert_eq!(answer.response.text(), "Tin.");
    assert_eq!(answer.response.stop_reason, Some(StopReason::EndTurn));
    assert_eq!(answer.family, Some("meta-llama"));
    assert_eq!(answer.call.request_id.as_deref(), Some("11111111-2222-3333-4444-555555555555"));
    assert_eq!(answer.call.service_latency, Some(Duration::from_millis(250)));
    // 3 and 5 tokens, at 0.30 and 0.60 dollars for a million.
    assert_eq!(answer.call.cost.map(|cost| cost.to_string()).as_deref(), Some("$0.0000039"));
    assert_eq!(answer.response.metrics.as_ref().unwrap().latency_ms, 250);
    let body = |tokens| Some(Count { tokens, source: Source::Body });
    assert_eq!(
        (answer.usage().input, answer.usage().output),
        (body(3), body(5)),
        "the body is believed before headers"
    );
    assert!(answer.sent.losses.is_empty() && answer.report.losses.is_empty(), "{answer:?}");

    let [request] = endpoint.requests().try_into().expect("one request");
    assert_eq!(request.path, "/model/meta.llama3-8b-instruct-v1%3A0/invoke");
    assert_eq!(request.header("content-type"), "application/json");
    let body = Tree::parse(&request.body).unwrap();
    let prompt = body.get("prompt").and_then(Tree::as_str).unwrap();
    assert!(prompt.starts_with("<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief."), "{prompt}");
    assert_eq!(body.get("max_gen_len").and_then(Tree::as_int), Some(20));
    assert_eq!(body.get("temperature").unwrap().to_string(), "0.5");
}

#[tokio::test]
async fn counts_of_headers_are_used_where_the_body_has_none() {
    let native = r#"{"outputs":[{"text":"Tin.","stop_reason":"stop"}]}"#;
    let answer = Answer::json(native)
        .with("x-amzn-bedrock-input-token-count", "31")
        .with("x-amzn-bedrock-output-token-count", "2");
    let endpoint = Loopback::start(move |_| answer.clone()).await;
    let answer =
        client(&endpoint).converse("mistral.mistral-7b-instruct-v0:2", ConverseRequest::user("Hello.")).await.unwrap();
    let count = |tokens, source| Some(Count { tokens, source });
    assert_eq!(answer.usage().input, count(31, Source::Header));
    assert_eq!(answer.usage().total, count(33, Source::Sum));
}

#[tokio::test]
async fn tools_go_there_and_back() {
    let calls = r#"[{"text":"Let me weigh it."},{"toolUse":{"toolUseId":"t1","name":"weigh","input":{"stone":"opal","digits":1.50}}}]"#;
    let endpoint = saying(family("anthropic-messages"), says(calls, "tool_use")).await;
    let client = client(&endpoint);
    let schema = Document::parse(r#"{"type":"object","properties":{"stone":{"type":"string"}}}"#).unwrap();
    let request = ConverseRequest::user("How heavy is the opal?")
        .tool(ToolSpecification::of("weigh", "Weighs a stone.", schema))
        .max_tokens(100);
    let answer = client.converse(CLAUDE, request.clone()).await.unwrap();
    let call = answer.response.tool_uses().next().unwrap();
    assert_eq!((call.name.as_str(), call.input.as_str()), ("weigh", r#"{"stone":"opal","digits":1.50}"#));

    let result = Document::parse(r#"{"grams":2.50}"#).unwrap();
    let next = request
        .message(answer.response.message().unwrap().clone())
        .message(Message::user(ContentBlock::tool_result(call, result)));
    client.converse(CLAUDE, next).await.unwrap();
    let last = endpoint.requests().pop().unwrap().text();
    assert!(last.contains(r#""input":{"stone":"opal","digits":1.50}"#), "numbers keep their digits: {last}");
    assert!(last.contains(r#""type":"tool_result","tool_use_id":"t1""#), "{last}");
    assert!(last.contains("2.50"), "{last}");
}

#[tokio::test]
async fn pictures_and_documents_are_sent_as_the_format_has_them() {
    let endpoint = saying(family("anthropic-messages"), says(r#"[{"text":"Opal."}]"#, "end_turn")).await;
    let content = vec![
        ContentBlock::image(ImageFormat::Png, b"\x89PNG"),
        ContentBlock::document("report", "pdf", b"%PDF"),
        "What is it?".into(),
    ];
    client(&endpoint).converse(CLAUDE, ConverseRequest::user(content).max_tokens(9)).await.unwrap();
    let sent = endpoint.requests().pop().unwrap().text();
    for part in [r#""media_type":"image/png","data":"iVBORw==""#, r#""media_type":"application/pdf","data":"JVBERg==""#]
    {
        assert!(sent.contains(part), "{part}: {sent}");
    }
}

#[tokio::test]
async fn what_invoke_model_has_in_headers_is_sent_and_signed_there() {
    let endpoint = saying(family("meta-llama"), says(r#"[{"text":"Tin."}]"#, "end_turn")).await;
    let request = ConverseRequest {
        guardrail_config: Some(GuardrailConfiguration {
            guardrail_identifier: Some("gr1".into()),
            guardrail_version: Some("2".into()),
            trace: Some(GuardrailConfigurationTrace::EnabledFull),
            ..GuardrailConfiguration::default()
        }),
        performance_config: Some(PerformanceConfiguration {
            latency: Some(PerformanceConfigurationLatency::Optimized),
            ..PerformanceConfiguration::default()
        }),
        service_tier: Some(ServiceTier::new(ServiceTierType::Flex)),
        request_metadata: Some(Map::from([("team", "ores".to_owned())])),
        ..ConverseRequest::user("Name a metal.")
    };
    client(&endpoint).converse(LLAMA, request).await.unwrap();
    let sent = endpoint.requests().pop().unwrap();
    for (name, value) in [
        ("x-amzn-bedrock-guardrailidentifier", "gr1"),
        ("x-amzn-bedrock-guardrailversion", "2"),
        ("x-amzn-bedrock-trace", "ENABLED_FULL"),
        ("x-amzn-bedrock-performanceconfig-latency", "optimized"),
        ("x-amzn-bedrock-service-tier", "flex"),
        ("x-amzn-bedrock-request-metadata", r#"{"team":"ores"}"#),
    ] {
        assert_eq!(sent.header(name), value);
        assert!(sent.header("authorization").contains(name), "{name} is signed: {}", sent.header("authorization"));
    }
    assert!(!sent.text().contains("gr1"), "{}", sent.text());
}

#[tokio::test]
async fn what_does_not_fit_is_refused_before_anything_is_sent() {
    let endpoint = saying(family("meta-llama"), says("[]", "end_turn")).await;
    let client = client(&endpoint);
    let image = ConverseRequest::user(ContentBlock::image(ImageFormat::Png, b"x"));
    let error = client.converse(LLAMA, image.clone()).await.unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!((error.class(), refusal.code.as_str()), (Class::Refused, "unsupported"));
    assert!(refusal.path.starts_with("messages[0].content[0].image"), "{refusal}");
    assert_eq!(error.model_id(), Some(LLAMA));
    let error = client.converse_stream(LLAMA, image).await.unwrap_err();
    assert_eq!(error.class(), Class::Refused);

    let forged = ConverseRequest::user("<|eot_id|>");
    assert_eq!(
        client.converse(LLAMA, forged.clone()).await.unwrap_err().refusal().unwrap().code.as_str(),
        "reserved-marker"
    );
    let error = client.converse(LLAMA, ConverseRequest::user("x").temperature(f64::NAN)).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().path, "inferenceConfig.temperature");
    let arn = "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghijkl";
    let error = client.converse(arn, ConverseRequest::user("x")).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().code.as_str(), "unresolved");
    assert!(error.to_string().contains("name the family, or the base model in a map"), "{error}");
    assert!(endpoint.requests().is_empty());

    let escaping = with(&endpoint, outcrop_aws::Client::builder().escape(true));
    escaping.converse(LLAMA, forged).await.unwrap();
    assert_eq!(endpoint.requests().len(), 1);
}

#[tokio::test]
async fn losses_are_told_or_refused_if_the_caller_is_strict() {
    let endpoint = saying(family("meta-llama"), says(r#"[{"text":"Tin."}]"#, "end_turn")).await;
    let mut request = ConverseRequest::user("Name a metal.");
    request.inference_config.get_or_insert_default().stop_sequences = Some(vec!["x".into()]);
    let answer = client(&endpoint).converse(LLAMA, request.clone()).await.unwrap();
    let [loss] = answer.sent.losses.as_slice() else { panic!("{:?}", answer.sent) };
    assert_eq!(loss.path.as_str(), "inferenceConfig.stopSequences");
    let strict = with(&endpoint, outcrop_aws::Client::builder().strict(true));
    let error = strict.converse(LLAMA, request).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().code.as_str(), "strict");
    assert_eq!(endpoint.requests().len(), 1);
}

#[tokio::test]
async fn failures_of_the_service_say_what_they_are() {
    let endpoint =
        Loopback::start(|_| Answer::error(403, "AccessDeniedException", "You don't have access to the model.")).await;
    let error = client(&endpoint).converse(LLAMA, ConverseRequest::user("x")).await.unwrap_err();
    assert!(matches!(error.class(), Class::NoAccess(_)), "{error:?}");
    assert_eq!((error.status(), error.model_id(), error.region()), (403, Some(LLAMA), Some("us-east-1")));

    let endpoint = Loopback::start(|_| Answer::json(r#"{"generation":7}"#).with("x-amzn-requestid", "r1")).await;
    let error = client(&endpoint).converse(LLAMA, ConverseRequest::user("x")).await.unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!((error.class(), refusal.native_path.as_str()), (Class::Refused, "generation"));
    assert_eq!(error.request_id(), Some("r1"));
}

#[tokio::test]
async fn a_models_own_bodies_go_through_untouched() {
    let answer = Answer::json(r#"{"own":1.50}"#).with("x-amzn-bedrock-input-token-count", "7");
    let endpoint = Loopback::start(move |_| answer.clone()).await;
    let answer = client(&endpoint).invoke("some.model-v1:0", br#"{ "mine" : 2.50 }"#.as_slice()).await.unwrap();
    assert_eq!(answer.body, br#"{"own":1.50}"#);
    assert_eq!(answer.headers, [("x-amzn-bedrock-input-token-count".to_owned(), "7".to_owned())]);
    assert_eq!(answer.call.usage.input, Some(Count { tokens: 7, source: Source::Header }));
    assert_eq!(endpoint.requests().pop().unwrap().text(), r#"{ "mine" : 2.50 }"#);
}

/// What the typed codecs make is what the codecs on bytes make, for the examples of every family.
#[test]
fn typed_codecs_make_what_codecs_on_bytes_make() {
    use outcrop::runtime::Call;
    use outcrop::runtime::json::Arena;
    use outcrop_aws::types::{ConverseResponse, Owned as _};
    let mut seen = [0, 0];
    for loaded in outcrop_tests::families::all() {
        let Some(entry) = outcrop::registry::by_name(&loaded.name) else { continue };
        let typed = entry.typed.unwrap();
        let call = Call { model: &loaded.model, ..Call::default() };
        for (kind, native, converse) in loaded.bodies() {
            if let (Kind::Request, Some(converse)) = (kind, &converse)
                && let Ok(request) = ConverseRequest::from_json(converse.as_bytes())
            {
                let made = (typed.encode_request)(&request.view(&Arena::new()), &call);
                let wanted = entry.codec.encode(Kind::Request, &call, &request.to_json());
                assert_eq!(made, wanted, "{}: {converse}", loaded.name);
                seen[0] += 1;
            }
            if let (Kind::Response, Some(native)) = (kind, &native) {
                let arena = Arena::new();
                let made = (typed.decode_response)(native.as_bytes(), &arena, &call);
                let made = made.and_then(|(response, report)| Ok((ConverseResponse::own(&response)?, report)));
                let wanted = entry.codec.decode(Kind::Response, &call, native.as_bytes());
                match (made, wanted) {
                    (Ok((made, report)), Ok(wanted)) => {
                        assert_eq!(made, ConverseResponse::from_json(&wanted.body).unwrap(), "{}", loaded.name);
                        assert_eq!(report, wanted.report);
                        seen[1] += 1;
                    }
                    (made, wanted) => assert_eq!(made.map(drop), wanted.map(drop), "{}", loaded.name),
                }
            }
        }
    }
    assert!(seen.iter().all(|n| *n > 60), "{seen:?}");
    assert_eq!(of_model(LLAMA).spec.family, "meta-llama");
}

/// Tasks run on any thread.
#[tokio::test]
async fn calls_can_be_spawned() {
    fn is_send<T: Send>(_: &T) {}
    let endpoint = saying(family("meta-llama"), says(r#"[{"text":"Tin."}]"#, "end_turn")).await;
    let client = client(&endpoint);
    is_send(&client.converse(LLAMA, ConverseRequest::user("x")));
    is_send(&client.converse_stream(LLAMA, ConverseRequest::user("x")));
    is_send(&client.invoke(LLAMA, "{}"));
    is_send(&client.invoke_stream(LLAMA, "{}"));
}
