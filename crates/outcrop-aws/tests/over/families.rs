//! Every family, both operations: what goes over the wire is its InvokeModel, and the SDK's types come back as if Converse
//! had answered.

use std::sync::{Arc, Mutex};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::error::SdkError;
use aws_sdk_bedrockruntime::operation::converse::builders::ConverseFluentBuilder;
use aws_sdk_bedrockruntime::operation::converse_stream::builders::ConverseStreamFluentBuilder;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, InferenceConfiguration, Message, SystemContentBlock, Tool, ToolConfiguration,
    ToolInputSchema, ToolSpecification, VideoBlock, VideoFormat, VideoSource,
};
use aws_smithy_types::{Blob, Document};
use outcrop::registry::{Entry, FAMILIES};
use outcrop::runtime::{Call, Kind};

use super::canned::converse_frames;
use super::loopback::{Answer, Loopback, Part, event_stream};
use super::support::{events, reached, sayable, user};

/// What a test asks of a model, from much to little.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ask {
    Tools,
    System,
    Text,
    Film,
}

const ASKS: [Ask; 4] = [Ask::Tools, Ask::System, Ask::Text, Ask::Film];

fn tools() -> ToolConfiguration {
    // One member each: the SDK's documents have no order.
    let schema = Document::Object([("type".to_owned(), Document::String("object".to_owned()))].into());
    let tool = ToolSpecification::builder().name("weather").description("The weather of a city.");
    let tool = tool.input_schema(ToolInputSchema::Json(schema)).build().unwrap();
    ToolConfiguration::builder().tools(Tool::ToolSpec(tool)).build().unwrap()
}

fn message(ask: Ask) -> Message {
    let text = user("How warm is it in Oslo?");
    if ask != Ask::Film {
        return text;
    }
    let film = VideoBlock::builder().format(VideoFormat::Mp4).source(VideoSource::Bytes(Blob::new(*b"film")));
    let film = ContentBlock::Video(film.build().unwrap());
    let text = text.content()[0].clone();
    Message::builder().role(ConversationRole::User).content(film).content(text).build().unwrap()
}

macro_rules! ask {
    ($call:expr, $model:expr, $ask:expr) => {{
        let call = $call.model_id($model).messages(message($ask));
        let call = call.inference_config(InferenceConfiguration::builder().max_tokens(64).build());
        match $ask {
            Ask::Tools => call.tool_config(tools()).system(SystemContentBlock::Text("Be brief.".to_owned())),
            Ask::System => call.system(SystemContentBlock::Text("Be brief.".to_owned())),
            Ask::Text | Ask::Film => call,
        }
    }};
}

const CALLS: &str = r#"{"output":{"message":{"role":"assistant","content":[{"text":"I look it up."},
    {"toolUse":{"toolUseId":"tooluse_1","name":"weather","input":{"city":"Oslo"}}}]}},"stopReason":"tool_use",
    "usage":{"inputTokens":12,"outputTokens":7,"totalTokens":19}}"#;
const TEXT: &str = r#"{"output":{"message":{"role":"assistant","content":[{"text":"Nine degrees, they say."}]}},
    "stopReason":"end_turn","usage":{"inputTokens":12,"outputTokens":7,"totalTokens":19}}"#;

/// What the endpoint answers: to InvokeModel natively, to Converse what the core makes of that.
struct Answers {
    invoke: Answer,
    converse: Answer,
    chunks: Option<Answer>,
    events: Option<Answer>,
}

fn answers(entry: &Entry, model: &str) -> Answers {
    let call = Call { model, ..Call::default() };
    let (said, native) = sayable(entry, Kind::Response, model, &[CALLS, TEXT]).expect("an answer of each family");
    let native_call = Call { headers: &native.headers, ..call };
    let converse = entry.codec.decode(Kind::Response, &native_call, &native.body).unwrap().body;
    let mut invoke = Answer::json(native.body);
    invoke.headers.extend(native.headers);
    let chunks = entry.streams.map(|_| event_stream(entry, &call, &said).unwrap());
    let events = chunks.as_ref().map(|frames| converse_frames(entry, &call, frames));
    let whole = |frames: Vec<bytes::Bytes>| Answer::stream(frames.into_iter().map(Part::Bytes));
    Answers { invoke, converse: Answer::json(converse), chunks: chunks.map(whole), events: events.map(whole) }
}

/// An endpoint that answers both ways.
async fn endpoint(answers: Answers) -> Loopback {
    Loopback::start(move |request| {
        let refused = Answer::error(404, "ResourceNotFoundException", "no stream");
        match request.path.rsplit('/').next().unwrap() {
            "invoke" => answers.invoke.clone(),
            "converse" => answers.converse.clone(),
            "invoke-with-response-stream" => answers.chunks.clone().unwrap_or(refused),
            _ => answers.events.clone().unwrap_or(refused),
        }
    })
    .await
}

#[tokio::test]
async fn every_family_is_asked_in_its_own_format_and_answers_as_converse() {
    let with_tools = Arc::new(Mutex::new(0));
    for entry in FAMILIES {
        let name = entry.spec.family;
        let (id, interceptor) = reached(entry);
        let endpoint = endpoint(answers(entry, &id)).await;
        let plain = Client::from_conf(endpoint.config().build());
        let over = Client::from_conf(endpoint.config().interceptor(interceptor).build());

        let build = |client: &Client, ask| -> ConverseFluentBuilder { ask!(client.converse(), &id, ask) };
        let mut found = None;
        for ask in ASKS {
            match build(&over, ask).send().await {
                Err(SdkError::ConstructionFailure(_)) => {}
                other => {
                    found = Some((ask, other.unwrap_or_else(|e| panic!("{name}: {e:?}"))));
                    break;
                }
            }
        }
        let (ask, output) = found.unwrap_or_else(|| panic!("{name} says nothing at all"));
        *with_tools.lock().unwrap() += usize::from(ask == Ask::Tools);
        let by_converse = build(&plain, ask).send().await.unwrap();
        assert_eq!(output, by_converse, "{name}");
        assert!(output.usage().is_some(), "{name}");

        let requests = endpoint.requests();
        let [invoke, converse] = requests.as_slice() else { panic!("{name}: refused asks are not sent") };
        let encoded = converse.path.strip_suffix("/converse").unwrap();
        assert_eq!(invoke.path, format!("{encoded}/invoke"), "{name}");
        assert_eq!(invoke.model(), id);
        let model = if id.starts_with("my-") { String::new() } else { id.clone() };
        if !model.is_empty() {
            let call = Call { model: &model, ..Call::default() };
            let native = entry.codec.encode(Kind::Request, &call, &converse.body).unwrap();
            assert_eq!(invoke.text(), String::from_utf8_lossy(&native.body), "{name}");
            assert!(native.headers.is_empty());
        }
        assert_ne!(invoke.body, converse.body, "{name}");
        assert_eq!(invoke.header("content-length"), invoke.body.len().to_string());
        assert_eq!(invoke.header("content-type"), "application/json");
        assert!(invoke.header("authorization").starts_with("AWS4-HMAC-SHA256 Credential=AKID"), "{name}");

        let build = |client: &Client| -> ConverseStreamFluentBuilder { ask!(client.converse_stream(), &id, ask) };
        if entry.streams.is_none() {
            let refused = build(&over).send().await.unwrap_err();
            assert!(matches!(refused, SdkError::ConstructionFailure(_)), "{name}");
            continue;
        }
        let (over_invoke, error) = events(build(&over).send().await.unwrap()).await;
        assert_eq!(error, None, "{name}");
        let (by_converse, _) = events(build(&plain).send().await.unwrap()).await;
        assert_eq!(over_invoke, by_converse, "{name}");
        assert!(over_invoke.len() > 4, "{name}");
        let streamed = &endpoint.requests()[2];
        assert_eq!(streamed.path, format!("{encoded}/invoke-with-response-stream"), "{name}");
        assert_eq!(streamed.body, invoke.body, "{name}: the operation says that it streams");
    }
    assert!(*with_tools.lock().unwrap() > 10, "most families have tools");
}
