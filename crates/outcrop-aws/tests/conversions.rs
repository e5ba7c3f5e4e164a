//! Plain values to those of the SDK and back: what was said is kept, or refused with its place.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::sync::Arc;

use aws_sdk_bedrockruntime::operation::converse::{Converse, ConverseInput, ConverseOutput};
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamInput;
use aws_sdk_bedrockruntime::types as sdk;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin as _;
use aws_smithy_runtime_api::client::ser_de::{
    DeserializeResponse as _, SerializeRequest as _, SharedRequestSerializer, SharedResponseDeserializer,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, FrozenLayer};
use outcrop_aws::types::{
    Citation, ContentBlock, ContentBlockDelta, ContentBlockDeltaEvent, ConverseRequest, ConverseResponse,
    ConverseStreamOutput, Document, GuardrailConfiguration, InferenceConfiguration, Message, ModelStreamError, Role,
    StreamProcessingMode, ToolUseBlock,
};
use outcrop_runtime::Tree;
use outcrop_tests::families;
use outcrop_tests::random::Random;

/// The first place where `kept` does not say what `said` says. What is absent may have become a default.
fn lost(said: &Tree, kept: &Tree) -> Option<String> {
    match (said, kept) {
        (Tree::Obj(said), kept) => said.members().iter().find_map(|(name, value)| match kept.get(name) {
            Some(found) => lost(value, found).map(|path| format!("{name}.{path}")),
            None if matches!(value, Tree::Null) => None,
            None => Some(name.clone()),
        }),
        (Tree::Arr(said), Tree::Arr(kept)) if said.items().len() == kept.items().len() => said
            .items()
            .iter()
            .zip(kept.items())
            .enumerate()
            .find_map(|(i, (a, b))| lost(a, b).map(|path| format!("[{i}].{path}"))),
        (said, kept) => (said != kept).then(|| format!("{said} became {kept}")),
    }
}

fn operation() -> FrozenLayer {
    Converse::new().config().unwrap()
}

/// A request as the SDK itself prints it.
fn printed(mut input: ConverseInput) -> Tree {
    input.model_id = Some("m".into());
    let writer = operation();
    let writer = writer.load::<SharedRequestSerializer>().unwrap();
    let request = writer.serialize_input(Input::erase(input), &mut ConfigBag::base()).unwrap();
    Tree::parse(request.body().bytes().unwrap()).unwrap()
}

/// A response as the SDK itself reads it.
fn read(json: &[u8]) -> Option<ConverseOutput> {
    let reader = operation();
    let reader = reader.load::<SharedResponseDeserializer>().unwrap();
    let response = HttpResponse::new(200.try_into().unwrap(), SdkBody::from(json));
    let read = reader.deserialize_nonstreaming_with_config(&response, &ConfigBag::base());
    read.ok()?.downcast().ok()
}

/// Random values of a facade type, each of its members now and then.
fn random(ty: &str, n: usize, mut check: impl FnMut(Tree)) {
    let mut family = families::load(&families::sources(), "meta-llama").family;
    family.fates.clear();
    let facade = Arc::make_mut(&mut family.facade);
    facade.fates.clear();
    let mut random = Random::new(&family, 7);
    for _ in 0..n {
        check(random.value(ty));
    }
}

#[test]
fn requests_survive_the_sdk() {
    let mut same = 0;
    random("ConverseRequest", 3000, |body| {
        let json = body.to_string();
        let request = ConverseRequest::from_json(json.as_bytes()).unwrap();
        let streaming: Result<ConverseStreamInput, _> = request.clone().try_into();
        if let Ok(streaming) = streaming {
            let back: ConverseRequest = streaming.try_into().unwrap();
            assert_eq!(lost(&body, &Tree::parse(&back.to_json()).unwrap()), None, "{body}");
        }
        let input: ConverseInput = match request.try_into() {
            Ok(input) => input,
            Err(e) => {
                let paths = ["streamProcessingMode", "guardrailIdentifier", "guardrailVersion"];
                assert!(paths.iter().any(|path| e.path == format!("guardrailConfig.{path}")), "{e}: {body}");
                return;
            }
        };
        let back: ConverseRequest = input.clone().try_into().unwrap();
        let printed_here = Tree::parse(&back.to_json()).unwrap();
        assert_eq!(lost(&body, &printed_here), None, "{body}");
        let printed = printed(input.clone());
        // The SDK prints 32 bits as 64: 0.9 as 0.8999999761581421.
        let mut said = body.clone();
        if let Tree::Obj(said) = &mut said {
            said.remove("inferenceConfig");
        }
        assert_eq!(lost(&said, &printed), None, "by the SDK: {body}");
        assert_eq!(ConverseInput::try_from(back).unwrap(), input, "{body}");
        same += 1;
    });
    assert!(same > 2000, "{same}");
}

#[test]
fn responses_survive_the_sdk() {
    let (mut same, mut refused) = (0, 0);
    random("ConverseResponse", 3000, |mut body| {
        // Random JSON is no assessment of a guardrail.
        if let Tree::Obj(body) = &mut body {
            body.remove("trace");
        }
        let json = body.to_string();
        let response = ConverseResponse::from_json(json.as_bytes()).unwrap();
        // It cannot read a result of a tool that is `null`.
        let Some(mut by_sdk) = read(json.as_bytes()) else {
            assert!(json.contains(r#"{"json":null}"#), "{json}");
            return;
        };
        // The SDK makes up counts that nobody said, and takes null for a value.
        by_sdk.usage = by_sdk.usage.filter(|_| body.get("usage").is_some());
        by_sdk.metrics = by_sdk.metrics.filter(|_| body.get("metrics").is_some());
        let null = Some(aws_smithy_types::Document::Null);
        by_sdk.additional_model_response_fields.take_if(|fields| Some(&*fields) == null.as_ref());
        let output: ConverseOutput = match response.try_into() {
            Ok(output) => output,
            Err(e) => {
                // The SDK requires what native bodies need not say.
                assert!(e.code.as_str() == "missing-member" && (e.path == "usage" || e.path.is_empty()), "{e}: {body}");
                refused += 1;
                return;
            }
        };
        assert_eq!(output, by_sdk, "{body}");
        let back: ConverseResponse = output.clone().try_into().unwrap();
        assert_eq!(lost(&body, &Tree::parse(&back.to_json()).unwrap()), None, "{body}");
        assert_eq!(ConverseOutput::try_from(back).unwrap(), output);
        same += 1;
    });
    assert!(same > 500 && refused > 500, "{same} {refused}");
}

#[test]
fn events_survive_the_sdk() {
    let mut same = 0;
    random("ConverseStreamOutput", 3000, |mut body| {
        if let Some(Tree::Obj(metadata)) = body.get("metadata").cloned() {
            let mut metadata = metadata;
            metadata.remove("trace");
            body = Tree::arm("metadata", Tree::Obj(metadata));
        }
        let event = ConverseStreamOutput::from_json(body.to_string().as_bytes()).unwrap();
        let event: sdk::ConverseStreamOutput = match event.try_into() {
            Ok(event) => event,
            Err(e) => {
                let fine = e.path == "modelStreamErrorException" || e.path == "metadata.usage";
                assert!(fine, "{e}: {body}");
                return;
            }
        };
        let back: ConverseStreamOutput = event.clone().try_into().unwrap();
        assert_eq!(lost(&body, &Tree::parse(&back.to_json()).unwrap()), None, "{body}");
        assert_eq!(sdk::ConverseStreamOutput::try_from(back).unwrap(), event);
        same += 1;
    });
    assert!(same > 1500, "{same}");
}

fn refusal<T>(made: Result<T, outcrop_runtime::Error>) -> (&'static str, String) {
    let e = made.map(drop).unwrap_err();
    (e.code.as_str(), e.path)
}

fn document(text: &str) -> Document {
    Document::parse(text).unwrap()
}

#[test]
fn what_the_sdk_cannot_say_is_refused_at_its_place() {
    let with = |block: ContentBlock| ConverseInput::try_from(ConverseRequest::user(vec!["x".into(), block]));
    let native = ContentBlock::Native(document("{}"));
    assert_eq!(refusal(with(native)), ("unsupported", "messages[0].content[1].native".into()));
    let unknown = ContentBlock::Unknown { name: "hologram".into(), value: document("{}") };
    assert_eq!(refusal(with(unknown)), ("unsupported", "messages[0].content[1].hologram".into()));
    let digits = ToolUseBlock::new("c", "f", document(r#"{"a":[1,{"b":0.1000000000000000055511151231257827}]}"#));
    let at = "messages[0].content[1].toolUse.input.a[1].b";
    assert_eq!(refusal(with(digits.into())), ("out-of-range", at.into()));
    let more = Message { extra: [("mood", document("1"))].into(), ..Message::user("x") };
    let of = |request: ConverseRequest| refusal(ConverseInput::try_from(request));
    assert_eq!(of(ConverseRequest::of([more])), ("unsupported", "messages[0].mood".into()));
    assert_eq!(
        of(ConverseRequest::user("x").max_tokens(3_000_000_000)),
        ("out-of-range", "inferenceConfig.maxTokens".into())
    );
    let temperature = |t| of(ConverseRequest::user("x").temperature(t));
    for t in [0.123_456_789_123, f64::NAN, 1e300] {
        assert_eq!(temperature(t), ("out-of-range", "inferenceConfig.temperature".into()));
    }
    let processing = Some(StreamProcessingMode::Async);
    let guardrail = GuardrailConfiguration { stream_processing_mode: processing, ..GuardrailConfiguration::default() };
    let request = ConverseRequest { guardrail_config: Some(guardrail), ..ConverseRequest::user("x") };
    assert_eq!(of(request.clone()), ("unsupported", "guardrailConfig.streamProcessingMode".into()));
    assert!(ConverseStreamInput::try_from(request).is_ok());
    let failed = ConverseStreamOutput::ModelStreamErrorException(ModelStreamError::default());
    assert_eq!(
        refusal(sdk::ConverseStreamOutput::try_from(failed)),
        ("unsupported", "modelStreamErrorException".into())
    );
    let citation = Citation { native: Some(document("{}")), ..Citation::default() };
    let delta = ContentBlockDeltaEvent::new(ContentBlockDelta::Citation(citation), 0);
    let event = ConverseStreamOutput::ContentBlockDelta(delta);
    assert_eq!(
        refusal(sdk::ConverseStreamOutput::try_from(event)),
        ("unsupported", "contentBlockDelta.delta.citation.native".into())
    );
}

#[test]
fn what_the_sdk_has_not_kept_is_refused_at_its_place() {
    let nothing = sdk::ContentBlock::Image(sdk::ImageBlock::builder().format(sdk::ImageFormat::Png).build().unwrap());
    let message = sdk::Message::builder().role(sdk::ConversationRole::User).content(nothing).build().unwrap();
    assert_eq!(refusal(Message::try_from(message)), ("missing-member", "content[0].image.source".into()));
    let config = sdk::InferenceConfiguration::builder().top_p(f32::INFINITY).build();
    assert_eq!(refusal(InferenceConfiguration::try_from(config)), ("out-of-range", "topP".into()));
}

#[test]
fn words_and_numbers_are_the_same_on_both_sides() {
    let config = InferenceConfiguration { temperature: Some(0.7), top_p: Some(0.1), ..Default::default() };
    let there: sdk::InferenceConfiguration = config.clone().try_into().unwrap();
    assert_eq!((there.temperature, there.top_p), (Some(0.7), Some(0.1)));
    assert_eq!(InferenceConfiguration::try_from(there).unwrap(), config);
    let message = Message::new(Role::Unknown("critic".into()), [ContentBlock::from("x")]);
    let there: sdk::Message = message.clone().try_into().unwrap();
    assert_eq!(there.role.as_str(), "critic");
    assert_eq!(Message::try_from(there).unwrap(), message);
}

/// A trace with every member that the SDK's types of assessments have.
const TRACE: &str = r#"{"guardrail":{"modelOutput":["said"],"actionReason":"Guardrail blocked.","inputAssessment":{"gr1":{
"topicPolicy":{"topics":[{"name":"ores","type":"DENY","action":"BLOCKED","detected":true}]},
"contentPolicy":{"filters":[{"type":"INSULTS","confidence":"HIGH","filterStrength":"LOW","action":"NONE","detected":false}]},
"wordPolicy":{"customWords":[{"match":"x","action":"BLOCKED","detected":true}],"managedWordLists":[{"match":"y","type":"PROFANITY","action":"BLOCKED","detected":true}]},
"sensitiveInformationPolicy":{"piiEntities":[{"match":"a@b.c","type":"EMAIL","action":"ANONYMIZED","detected":true}],"regexes":[{"name":"n","match":"m","regex":"r","action":"BLOCKED","detected":true}]},
"contextualGroundingPolicy":{"filters":[{"type":"GROUNDING","threshold":0.5,"score":0.25,"action":"BLOCKED","detected":true}]},
"automatedReasoningPolicy":{"findings":[
{"valid":{"translation":{"premises":[{"logic":"p","naturalLanguage":"q"}],"claims":[{"logic":"c"}],"untranslatedPremises":[{"text":"t"}],"untranslatedClaims":[{"text":"u"}],"confidence":0.75},"claimsTrueScenario":{"statements":[{"logic":"s"}]},"supportingRules":[{"identifier":"i","policyVersionArn":"arn"}],"logicWarning":{"type":"ALWAYS_TRUE","premises":[{"logic":"p"}],"claims":[{"logic":"c"}]}}},
{"invalid":{"contradictingRules":[{"identifier":"i"}]}},{"satisfiable":{"claimsTrueScenario":{"statements":[]},"claimsFalseScenario":{"statements":[]}}},
{"impossible":{"contradictingRules":[]}},{"translationAmbiguous":{"options":[{"translations":[{"confidence":0.5}]}],"differenceScenarios":[{"statements":[]}]}},
{"tooComplex":{}},{"noTranslations":{}}]},
"invocationMetrics":{"guardrailProcessingLatency":7,"usage":{"topicPolicyUnits":1,"contentPolicyUnits":2,"wordPolicyUnits":3,"sensitiveInformationPolicyUnits":4,"sensitiveInformationPolicyFreeUnits":5,"contextualGroundingPolicyUnits":6,"contentPolicyImageUnits":7,"automatedReasoningPolicyUnits":8,"automatedReasoningPolicies":9},"guardrailCoverage":{"textCharacters":{"guarded":1,"total":2},"images":{"guarded":3,"total":4}}},
"appliedGuardrailDetails":{"guardrailId":"i","guardrailVersion":"1","guardrailArn":"a","guardrailOrigin":["REQUEST"],"guardrailOwnership":"SELF"}}},
"outputAssessments":{"gr1":[{"topicPolicy":{"topics":[]}},{}]}},"promptRouter":{"invokedModelId":"m"}}"#;

#[test]
fn assessments_of_guardrails_survive_the_sdk() {
    let body = |trace: &str| {
        format!(
            r#"{{"output":{{"message":{{"role":"assistant","content":[]}}}},"stopReason":"end_turn",
               "usage":{{"inputTokens":1,"outputTokens":2,"totalTokens":3}},"metrics":{{"latencyMs":4}},"trace":{trace}}}"#
        )
    };
    let json = body(TRACE);
    let response = ConverseResponse::from_json(json.as_bytes()).unwrap();
    let output: ConverseOutput = response.clone().try_into().unwrap();
    assert_eq!(Some(&output), read(json.as_bytes()).as_ref());
    let back: ConverseResponse = output.try_into().unwrap();
    let (said, kept) = (Tree::parse_text(&json).unwrap(), Tree::parse(&back.to_json()).unwrap());
    assert_eq!(said.difference(&kept), None);
    let stranger = TRACE.replace(r#""score":0.25"#, r#""score":0.25,"mood":1"#);
    let response = ConverseResponse::from_json(body(&stranger).as_bytes()).unwrap();
    let at = "trace.guardrail.inputAssessment.gr1.contextualGroundingPolicy.filters[0].mood";
    assert_eq!(refusal(ConverseOutput::try_from(response)), ("unsupported", at.into()));
    let stranger = TRACE.replace("noTranslations", "oracle");
    let response = ConverseResponse::from_json(body(&stranger).as_bytes()).unwrap();
    assert_eq!(refusal(ConverseOutput::try_from(response)).0, "unknown-tag");
}
