//! Every family and every operation: the requests of the specs' own examples go in, answers of the right form come out.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod support;

use outcrop::registry;
use outcrop_lang::ir::{ExampleKind, Way};
use outcrop_runtime::fold::fold;
use outcrop_runtime::{Call, Kind, Tree};
use support::{Endpoint, Frame, echo, families, is_as_recorded};

/// Rules of Converse that the examples of codecs, which show one thing each, do not keep.
const RULES: [&str; 3] = [
    "The toolConfig field must be defined when using",
    "exceeds the number of toolUse blocks of previous turn",
    "Value 'harbour.tide' at 'toolConfig.tools.1.member.toolSpec.name' failed",
];

macro_rules! ensure {
    ($holds:expr, $($what:tt)*) => { if !$holds { return Err(format!($($what)*)); } };
}

#[tokio::test]
async fn examples_of_all_families_are_answered_in_all_operations() {
    let endpoint = echo().await;
    let (mut asked, mut faults) = (0, Vec::new());
    for family in families() {
        let entry = registry::by_name(&family.name).expect("it is compiled in");
        for example in family.examples.iter().filter(|e| e.kind == ExampleKind::Request && e.error.is_none()) {
            // Only where the id leads here.
            let leads = |found: &outcrop_runtime::resolve::Resolution<'_>| {
                found.formats.iter().any(|f| f.family == family.name)
            };
            if !registry::resolve(&example.model).is_ok_and(|found| leads(&found)) {
                continue;
            }
            let model = example.model.as_str();
            let what = format!("{}: {}", family.name, example.id);
            if let Some(native) = example.native.as_ref().filter(|_| example.way != Way::Encode) {
                let said = native_is_answered(&endpoint, entry, model, native).await;
                // The service refuses what a codec keeps.
                let kept = |why: &String| example.id.contains("unknown") && why.contains("extraneous key");
                faults.extend(said.err().filter(|why| !kept(why)).map(|why| format!("{what}: {why} ({native})")));
                asked += 1;
            }
            let written = registry::by_model(model).is_some_and(|(entry, _)| entry.spec.family == family.name);
            if let Some(converse) = example.converse.as_ref().filter(|_| example.way != Way::Decode && written) {
                let said = converse_is_answered(&endpoint, entry, model, converse).await;
                let rule = |why: &String| RULES.iter().any(|rule| why.contains(rule));
                faults.extend(said.err().filter(|why| !rule(why)).map(|why| format!("{what}: {why} ({converse})")));
                asked += 1;
            }
        }
    }
    assert!(asked > 200, "{asked}");
    assert!(faults.is_empty(), "{} of {asked}:\n{}", faults.len(), faults.join("\n"));
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

async fn native_is_answered(
    endpoint: &Endpoint,
    entry: &registry::Entry,
    model: &str,
    body: &str,
) -> Result<(), String> {
    let call = Call { model, ..Call::default() };
    let answer = endpoint.ask(model, "invoke", body.to_owned()).await;
    ensure!(answer.status == 200, "invoke: {}", text(&answer.body));
    for name in ["requestid", "bedrock-input-token-count", "bedrock-output-token-count", "bedrock-invocation-latency"] {
        ensure!(!answer.header(&format!("x-amzn-{name}")).is_empty(), "no {name}");
    }
    let whole = entry.codec.decode(Kind::Response, &call, &answer.body).map_err(|e| e.to_string())?;
    let whole = Tree::parse(&whole.body).map_err(|e| e.to_string())?;

    let answer = endpoint.ask(model, "invoke-with-response-stream", body.to_owned()).await;
    if entry.streams.is_none() {
        ensure!(answer.failure().2 == "The model is unsupported for streaming.", "{answer:?}");
        return Ok(());
    }
    ensure!(answer.status == 200, "stream: {}", text(&answer.body));
    ensure!(answer.header("x-amzn-bedrock-content-type") == "application/json", "no content type");
    ensure!(answer.header("x-amzn-bedrock-input-token-count").is_empty(), "streams carry no counts");
    let frames = answer.frames()?;
    ensure!(frames.iter().all(|frame| !frame.header(":event-type").is_empty()), "{frames:?}");
    frames.iter().for_each(is_as_recorded);
    let chunks: Vec<Tree> = frames.iter().map(Frame::chunk).collect();
    let (last, others) = chunks.split_last().ok_or("no chunk")?;
    let metrics = "amazon-bedrock-invocationMetrics";
    ensure!(last.get(metrics).is_some() && others.iter().all(|c| c.get(metrics).is_none()), "metrics: {chunks:?}");
    let mut decoder = entry.codec.stream_decoder(&call).map_err(|e| e.to_string())?;
    let mut events = Vec::new();
    let mut take = |event: &[u8]| events.push(Tree::parse(event).unwrap());
    for chunk in &chunks {
        decoder.push(chunk.to_string().as_bytes(), &mut take).map_err(|e| e.to_string())?;
    }
    decoder.finish(&mut take).map_err(|e| e.to_string())?;
    let streamed = fold(&events).map_err(|e| e.to_string())?;
    let (streamed, whole) = (shape(&streamed), shape(&whole));
    ensure!(streamed == whole, "streams say {streamed:?}, not {whole:?}");
    Ok(())
}

/// The blocks of an answer; ids of calls come from the request, operation and all.
fn shape(answer: &Tree) -> Vec<String> {
    let content = answer.get("output").and_then(|o| o.get("message")).and_then(|m| m.get("content"));
    let content = content.and_then(Tree::as_list).unwrap_or_default();
    let call = |block: &Tree| block.get("toolUse").and_then(|call| call.get("input")).map(Tree::to_string);
    content.iter().map(|block| call(block).unwrap_or_else(|| block.to_string())).collect()
}

async fn converse_is_answered(
    endpoint: &Endpoint,
    entry: &registry::Entry,
    model: &str,
    body: &str,
) -> Result<(), String> {
    let answer = endpoint.ask(model, "converse", body.to_owned()).await;
    ensure!(answer.status == 200, "converse: {}", text(&answer.body));
    ensure!(answer.headers.keys().all(|name| !name.as_str().starts_with("x-amzn-bedrock-")), "{:?}", answer.headers);
    let whole = answer.json();
    for name in ["metrics", "output", "stopReason", "usage"] {
        ensure!(whole.get(name).is_some(), "no {name}");
    }
    let answer = endpoint.ask(model, "converse-stream", body.to_owned()).await;
    if entry.streams.is_none() {
        ensure!(answer.failure().2 == "The model is unsupported for streaming.", "{answer:?}");
        return Ok(());
    }
    let frames = answer.frames()?;
    frames.iter().for_each(is_as_recorded);
    let events: Vec<Tree> = frames.iter().map(Frame::event).collect();
    let streamed = fold(&events).map_err(|e| e.to_string())?;
    let reasoned = |shape: Vec<String>| shape.into_iter().filter(|b| !b.contains("signature")).collect::<Vec<_>>();
    let (said, wanted) = (reasoned(shape(&streamed)), reasoned(shape(&whole)));
    ensure!(said == wanted, "streams say {said:?}, not {wanted:?}");
    ensure!(streamed.get("usage").and_then(|u| u.get("totalTokens")).is_some(), "no usage");
    Ok(())
}
