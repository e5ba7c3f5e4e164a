//! Requests are encoded as the SDK's types, or out of its JSON where other interceptors may look at that: both ways the same
//! goes out, or is refused.

use std::sync::{Arc, Mutex};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Builder, Config, Credentials, Intercept, Region};
use aws_sdk_bedrockruntime::error::DisplayErrorContext;
use aws_sdk_bedrockruntime::operation::converse::ConverseInput;
use aws_sdk_bedrockruntime::types::InferenceConfiguration;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use outcrop::registry::FAMILIES;
use outcrop::runtime::resolve::Target;
use outcrop::runtime::tree::Tree;
use outcrop_aws::types::ConverseRequest;
use outcrop_aws::{ConverseOverInvoke, TranslationError};
use outcrop_tests::families;
use outcrop_tests::random::Random;

use super::support::{LLAMA, over, reached, user};

/// What comes in, which nobody answers: path and headers, and the body.
#[derive(Debug, Clone, Default)]
struct Line(Arc<Mutex<Vec<(String, String)>>>);

impl HttpConnector for Line {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let varies = [
            "authorization",
            "x-amz-date",
            "amz-sdk-invocation-id",
            "user-agent",
            "x-amz-user-agent",
            "content-length",
        ];
        // What is absent in a guardrail's settings is an empty text in the SDK, which it prints.
        let headers = request.headers().iter().filter(|(name, value)| !varies.contains(name) && !value.is_empty());
        let mut said: Vec<String> = headers.map(|(name, value)| format!("{name}: {value}")).collect();
        said.sort();
        let body = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
        self.0.lock().unwrap().push((format!("{} {said:?}", request.uri()), body));
        HttpConnectorFuture::ready(Ok(HttpResponse::new(400_u16.try_into().unwrap(), SdkBody::from("{}"))))
    }
}

impl Line {
    fn config(&self) -> Builder {
        let connector = SharedHttpConnector::new(self.clone());
        Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("AKIDDIRECT", "secret", None, None, "direct"))
            .http_client(http_client_fn(move |_, _| connector.clone()))
    }
}

/// Objects in the order of the alphabet, for the SDK has none, and numbers as those of 32 bits, which it prints as such of 64.
fn short(value: Tree) -> Tree {
    match value {
        Tree::Num(n) if n.contains('.') => Tree::Num(format!("{:?}", n.parse::<f32>().unwrap())),
        Tree::Arr(list) => Tree::list(list.into_items().into_iter().map(short).collect()),
        Tree::Obj(object) => {
            let mut members: Vec<_> = object.into_members();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            Tree::object(members.into_iter().map(|(name, value)| (name, short(value))).collect())
        }
        // Some formats have JSON in a text.
        Tree::Str(text) => match Tree::parse_text(&text) {
            Ok(value @ (Tree::Obj(_) | Tree::Arr(_))) => Tree::Str(short(value).to_string()),
            _ => Tree::Str(text),
        },
        other => other,
    }
}

/// Looks on, and changes nothing.
#[derive(Debug)]
struct LooksOn;

#[dyn_dispatch_hint]
impl Intercept for LooksOn {
    fn name(&self) -> &'static str {
        "LooksOn"
    }
}

/// What goes out for a request, or why nothing does.
async fn sent(client: &Client, line: &Line, id: &str, input: ConverseInput) -> Result<(String, String), String> {
    let call = client.converse().model_id(id);
    let call = call
        .set_messages(input.messages)
        .set_system(input.system)
        .set_inference_config(input.inference_config)
        .set_tool_config(input.tool_config)
        .set_guardrail_config(input.guardrail_config)
        .set_additional_model_request_fields(input.additional_model_request_fields)
        .set_prompt_variables(input.prompt_variables)
        .set_additional_model_response_field_paths(input.additional_model_response_field_paths)
        .set_request_metadata(input.request_metadata)
        .set_performance_config(input.performance_config)
        .set_service_tier(input.service_tier)
        .set_output_config(input.output_config);
    let failed = call.send().await.unwrap_err();
    let mut went = std::mem::take(&mut *line.0.lock().unwrap());
    if let Some(went) = went.pop() {
        return Ok(went);
    }
    let mut error: Option<&dyn std::error::Error> = Some(&failed);
    while let Some(e) = error {
        if let Some(TranslationError { error, .. }) = e.downcast_ref() {
            return Err(format!("{}: {} {}", error.code.as_str(), error.path, error.native_path));
        }
        error = e.source();
    }
    panic!("{failed:?}")
}

#[tokio::test]
async fn the_same_goes_out_whether_the_sdk_prints_it_or_not() {
    let sources = families::sources();
    let (mut went, mut refused) = (0, 0);
    for entry in FAMILIES {
        let (id, over) = reached(entry);
        let line = Line::default();
        let config = line.config().interceptor(over);
        let direct = Client::from_conf(config.clone().build());
        let watched = Client::from_conf(config.interceptor(LooksOn).build());

        let family = families::load(&sources, entry.spec.family).family;
        let mut random = Random::new(&family, 11);
        for _ in 0..40 {
            let body = random.value("ConverseRequest").to_string();
            let request = ConverseRequest::from_json(body.as_bytes()).unwrap();
            let Ok(input): Result<ConverseInput, _> = request.try_into() else { continue };
            let one = sent(&direct, &line, &id, input.clone()).await;
            let other = sent(&watched, &line, &id, input).await;
            let said = |went: (String, String)| (went.0, short(Tree::parse_text(&went.1).unwrap()));
            *if one.is_ok() { &mut went } else { &mut refused } += 1;
            assert_eq!(one.map(said), other.map(said), "{}: {body}", entry.spec.family);
        }
    }
    assert!(went > 250 && refused > 100, "{went} went out, {refused} were refused");
}

#[tokio::test]
async fn ids_of_any_characters_are_in_the_path_as_the_sdk_puts_them() {
    let line = Line::default();
    let any = || ConverseOverInvoke::new().target("*", Target::family("meta-llama", None));
    let direct = Client::from_conf(line.config().interceptor(any()).build());
    let watched = Client::from_conf(line.config().interceptor(any()).interceptor(LooksOn).build());
    let input = ConverseInput::builder().messages(user("Name a metal.")).build().unwrap();
    let characters = (' '..='~').chain(['\t', '\u{e9}', '\u{1f980}']);
    for id in characters.map(|c| format!("a{c}b")) {
        let one = sent(&direct, &line, &id, input.clone()).await.unwrap();
        assert_eq!(one, sent(&watched, &line, &id, input.clone()).await.unwrap());
        assert!(one.0.contains("/invoke"), "{one:?}");
    }
}

#[tokio::test]
async fn an_empty_id_is_the_sdks_to_refuse() {
    let line = Line::default();
    let any = ConverseOverInvoke::new().target("*", Target::family("meta-llama", None));
    let client = Client::from_conf(line.config().interceptor(any).build());
    let failed = client.converse().model_id("").messages(user("Name a metal.")).send().await.unwrap_err();
    assert!(DisplayErrorContext(failed).to_string().contains("cannot be empty"));
    assert!(line.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn numbers_of_32_bits_go_out_as_they_were_written() {
    let line = Line::default();
    let input = ConverseInput::builder().inference_config(InferenceConfiguration::builder().temperature(0.9).build());
    let input = input.messages(user("Name a metal.")).build().unwrap();
    let went = sent(&over(line.config()), &line, LLAMA, input).await.unwrap();
    assert!(went.1.contains(r#""temperature":0.9}"#), "{went:?}");
}
