//! The plain types say in JSON what the core's types say, whatever the value.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use outcrop::converse;
use outcrop_aws::types::{
    Blob, ContentBlock, ConverseRequest, ConverseResponse, ConverseStreamOutput, Document, ImageFormat, ImageSource,
    InferenceConfiguration, Map, Message, Role, SystemContentBlock, Tool, ToolSpecification,
};
use outcrop_runtime::json::{Arena, Value};
use outcrop_runtime::{Error, Kind, Tree};
use outcrop_tests::{families, recordings};

/// What becomes of a body as plain values: printed by the core, and by serde on several ways.
fn forms<T>(body: &[u8], from: fn(&[u8]) -> Result<T, Error>, to: fn(&T) -> Vec<u8>) -> Result<Vec<Tree>, Error>
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let value = from(body)?;
    let printed = to(&value);
    let by_serde = serde_json::to_string(&value).unwrap();
    let read: T = serde_json::from_str(&by_serde).unwrap();
    assert_eq!(read, value);
    let through_value: T = serde_json::from_value(serde_json::to_value(&value).unwrap()).unwrap();
    assert_eq!(through_value, value);
    Ok(vec![Tree::parse(&printed)?, Tree::parse_text(&by_serde)?, Tree::parse(&to(&read))?])
}

fn of_kind(kind: Kind, body: &[u8]) -> Result<Vec<Tree>, Error> {
    match kind {
        Kind::Request => forms(body, ConverseRequest::from_json, ConverseRequest::to_json),
        Kind::Response => forms(body, ConverseResponse::from_json, ConverseResponse::to_json),
        Kind::Stream => forms(body, ConverseStreamOutput::from_json, ConverseStreamOutput::to_json),
    }
}

fn of_core(kind: Kind, body: &[u8]) -> Result<Tree, Error> {
    let arena = Arena::new();
    let printed = match kind {
        Kind::Request => converse::ConverseRequest::from_json(body, &arena)?.to_json(),
        Kind::Response => converse::ConverseResponse::from_json(body, &arena)?.to_json(),
        Kind::Stream => converse::ConverseStreamOutput::from_json(body, &arena)?.to_json(),
    };
    Tree::parse(&printed)
}

/// Compares a body with what becomes of it, and says whether it was one.
fn same_as_core(kind: Kind, body: &[u8], of: &str) -> bool {
    match (of_core(kind, body), of_kind(kind, body)) {
        (Ok(wanted), Ok(found)) => {
            for found in found {
                assert_eq!(wanted.difference(&found), None, "{of}: {found}");
            }
            true
        }
        (Err(wanted), Err(found)) => {
            assert_eq!(wanted, found, "{of}");
            false
        }
        // The core leaves bytes as base64 until a family wants them.
        (Ok(_), Err(found)) => {
            assert_eq!(found.code.as_str(), "bad-encoding", "{of}: {found}");
            false
        }
        (Err(wanted), Ok(_)) => panic!("{of}: the core refuses it: {wanted}"),
    }
}

#[test]
fn every_example_of_every_family_is_printed_as_the_core_prints_it() {
    let mut seen = [0; 3];
    for family in families::all() {
        for (kind, _, converse) in family.bodies() {
            let Some(converse) = converse else { continue };
            let bodies = match Tree::parse_text(&converse) {
                Ok(Tree::Arr(events)) if kind == Kind::Stream => events.items().to_vec(),
                Ok(body) => vec![body],
                Err(_) => continue,
            };
            for body in bodies {
                let same = same_as_core(kind, body.to_string().as_bytes(), &family.name);
                seen[kind as usize] += usize::from(same);
            }
        }
    }
    println!("requests, responses, events: {seen:?}");
    assert!(seen.iter().all(|n| *n > 100), "{seen:?}");
}

#[test]
fn recorded_bodies_are_printed_as_they_were() {
    let Some(recorded) = recordings::all() else { return };
    let mut seen = 0;
    for exchange in recorded.iter().filter(|e| e.answered() && e.api().starts_with("converse")) {
        let bodies = [(Kind::Request, exchange.body("request")), (Kind::Response, exchange.body("response"))];
        let bodies = bodies.into_iter().filter_map(|(kind, body)| Some((kind, body?.clone())));
        let events = exchange.events().into_iter().map(|event| (Kind::Stream, event));
        for (kind, body) in bodies.chain(events) {
            let printed = of_kind(kind, body.to_string().as_bytes());
            for found in printed.unwrap_or_else(|e| panic!("{}: {e}\n{body}", exchange.id())) {
                assert_eq!(body.difference(&found), None, "{}", exchange.id());
            }
            seen += 1;
        }
    }
    println!("{seen} bodies and events");
    assert!(seen > 300, "{seen}");
}

#[test]
fn what_this_version_does_not_know_is_kept() {
    let body = br#"{"messages":[{"role":"critic","content":[{"hologram":{"depth":1.50}},{"text":"x"}],"mood":[1e2]}],"later":{"b":1,"a":2}}"#;
    let request = ConverseRequest::from_json(body).unwrap();
    let message = &request.messages.as_ref().unwrap()[0];
    assert_eq!(message.role, Role::Unknown("critic".into()));
    assert!(matches!(&message.content[0], ContentBlock::Unknown { name, value }
        if name == "hologram" && value.as_str() == r#"{"depth":1.50}"#));
    assert_eq!(message.extra.get("mood").unwrap().as_str(), "[1e2]");
    let printed = String::from_utf8(request.to_json()).unwrap();
    assert_eq!(printed.as_bytes(), body, "spelling and order are kept");
    let by_serde = serde_json::to_string(&request).unwrap();
    assert!(by_serde.contains(r#"{"depth":1.50}"#), "{by_serde}");
    assert_eq!(serde_json::from_str::<ConverseRequest>(&by_serde).unwrap(), request);
}

#[test]
fn serde_takes_the_types_apart_in_any_place() {
    #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
    #[serde(tag = "kind")]
    enum Job {
        Ask { request: Box<ConverseRequest>, tries: u8 },
        Tell(Held),
    }
    #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
    struct Held {
        #[serde(flatten)]
        message: Message,
    }
    let request = ConverseRequest::user("Name a metal.").temperature(0.25).max_tokens(9);
    let extra = Map::from([("weight", Document::parse("12345678901234567890.50").unwrap())]);
    let told = Held { message: Message { extra, ..Message::assistant("Tin.") } };
    for job in [Job::Ask { request: Box::new(request), tries: 2 }, Job::Tell(told)] {
        let text = serde_json::to_string(&job).unwrap();
        assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job, "{text}");
    }
}

#[test]
fn faults_name_their_place() {
    let fault = |body: &str| ConverseRequest::from_json(body.as_bytes()).unwrap_err();
    let e = fault(r#"{"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"%"}}}]}]}"#);
    assert_eq!((e.code.as_str(), e.path.as_str()), ("bad-encoding", "messages[0].content[0].image.source.bytes"));
    let e = fault(r#"{"messages":[{"role":"user"}]}"#);
    assert_eq!((e.code.as_str(), e.path.as_str()), ("missing-member", "messages[0].content"));
    let e = fault(r#"{"inferenceConfig":{"maxTokens":"9"}}"#);
    assert_eq!((e.code.as_str(), e.path.as_str()), ("wrong-type", "inferenceConfig.maxTokens"));
    let e = fault(r#"{"system":[],"system":[]}"#);
    assert_eq!((e.code.as_str(), e.path.as_str()), ("duplicate-member", "system"));
    let twice = serde_json::from_str::<ConverseRequest>(r#"{"system":[],"system":[]}"#).unwrap_err().to_string();
    assert!(twice.contains("duplicate-member at Converse `system`"), "{twice}");
    let deep = format!(r#"{{"additionalModelRequestFields":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    assert_eq!(fault(&deep).code.as_str(), "too-large");
}

#[test]
fn short_ways_say_what_they_say() {
    let schema = Document::parse(r#"{"type":"object"}"#).unwrap();
    let picture = ContentBlock::image(ImageFormat::Png, b"\x89PNG");
    let request = ConverseRequest::user(vec![picture, "What is it?".into()])
        .system("Be brief.")
        .message(Message::assistant("A stone."))
        .tool(ToolSpecification::of("weigh", "Weighs it.", schema.clone()))
        .max_tokens(5);
    let wanted = r#"{"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"iVBORw=="}}},{"text":"What is it?"}]},{"role":"assistant","content":[{"text":"A stone."}]}],"system":[{"text":"Be brief."}],"inferenceConfig":{"maxTokens":5},"toolConfig":{"tools":[{"toolSpec":{"name":"weigh","description":"Weighs it.","inputSchema":{"json":{"type":"object"}}}}]}}"#;
    assert_eq!(String::from_utf8(request.to_json()).unwrap(), wanted);
    assert_eq!(ConverseRequest::from_json(wanted.as_bytes()).unwrap(), request);
    assert_eq!(format!("{:?}", ImageSource::Bytes(Blob::from(b"\x89PNG"))), "Bytes(Blob(4 bytes))");
    assert!(matches!(&request.system.as_ref().unwrap()[0], SystemContentBlock::Text(text) if text == "Be brief."));
    assert!(matches!(&request.tool_config.as_ref().unwrap().tools[0], Tool::ToolSpec(tool) if tool.name == "weigh"));
    assert_eq!(request.inference_config, Some(InferenceConfiguration { max_tokens: Some(5), ..Default::default() }));
}

#[test]
fn documents_are_kept_as_text_and_compared_by_meaning() {
    let a = Document::parse(" {\"b\":1.50,\"a\":[ 1 ]} ").unwrap();
    assert_eq!(a.as_str(), "{\"b\":1.50,\"a\":[ 1 ]}");
    assert_eq!(a, Document::parse(r#"{"a":[1],"b":15E-1}"#).unwrap());
    assert_ne!(a, Document::parse(r#"{"a":[2],"b":1.5}"#).unwrap());
    let members: std::collections::BTreeMap<String, Document> = a.to().unwrap();
    assert_eq!(members["b"].as_str(), "1.50", "numbers keep their digits");
    assert_eq!(Document::of(&members).unwrap(), a);
    assert_eq!(a.to::<Vec<u8>>().unwrap_err().code.as_str(), "wrong-type");
    assert_eq!(Document::parse("{").unwrap_err().code.as_str(), "malformed-json");
    assert_eq!(Document::of(&f64::NAN).unwrap(), Document::NULL, "as serde_json has it");
}
