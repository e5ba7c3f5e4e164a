//! Recorded InvokeModel answers, served again: the SDK's output is that of decoding the recording.

use std::collections::BTreeMap;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::error::DisplayErrorContext;
use outcrop::registry::{self, Entry};
use outcrop::runtime::resolve::Target;
use outcrop::runtime::{Call, Kind};
use outcrop_aws::ConverseOverInvoke;
use outcrop_tests::recordings::{self, Exchange};

use super::canned::decoded;
use super::loopback::{Answer, Loopback, Part};
use super::support::{events, user};

/// A client to which the model of a recording means its family.
fn client(endpoint: &Loopback, recorded: &Exchange, family: &str) -> Client {
    let target = Target::family(family, Some(recorded.model()));
    let interceptor = ConverseOverInvoke::new().target("recorded", target);
    Client::from_conf(endpoint.config().interceptor(interceptor).build())
}

fn entry(recorded: &Exchange) -> Option<&'static Entry> {
    recorded.family().and_then(registry::by_name).filter(|_| recorded.answered())
}

/// Whether the family takes a plain question; the answer is what is compared.
fn asks(entry: &Entry, model: &str) -> bool {
    outcrop::prompt_with(entry.codec, &Call { model, ..Call::default() }, "x").is_ok()
}

#[tokio::test]
async fn recorded_answers_give_what_decoding_them_gives() {
    let Some(all) = recordings::all() else { return };
    let mut served = BTreeMap::new();
    for recorded in all.iter().filter(|recorded| recorded.api() == "invoke") {
        let (Some(entry), Some(body)) = (entry(recorded), recorded.body("response")) else { continue };
        let (id, headers, native) = (recorded.id(), recorded.headers("response"), body.to_string());
        let model = recorded.model();
        if !asks(entry, model) {
            continue;
        }
        let call = Call { model, headers: &headers, ..Call::default() };
        let expected = entry.codec.decode(Kind::Response, &call, native.as_bytes()).map(|output| output.body);
        let answer = headers.iter().fold(Answer::json(native), |answer, (name, value)| {
            if name.starts_with("x-amzn-bedrock") { answer.with(name, value) } else { answer }
        });
        let converse = expected.clone().unwrap_or_default();
        let endpoint = Loopback::start(move |request| {
            if request.path.ends_with("/invoke") { answer.clone() } else { Answer::json(converse.clone()) }
        })
        .await;
        let ask = |client: Client| client.converse().model_id("recorded").messages(user("x")).send();
        let over = ask(client(&endpoint, recorded, entry.spec.family)).await;
        match (over, expected) {
            (Ok(over), Ok(_)) => {
                let plain = ask(Client::from_conf(endpoint.config().build())).await.unwrap();
                assert_eq!(over, plain, "{id}");
            }
            (Err(e), Err(expected)) => {
                let told = DisplayErrorContext(e).to_string();
                assert!(told.contains(expected.code.as_str()), "{id}: {told}");
            }
            (over, expected) => panic!("{id}: {over:?} and {expected:?}"),
        }
        *served.entry(entry.spec.family).or_insert(0) += 1;
    }
    println!("answers served: {served:?}");
    assert!(served.values().sum::<i32>() > 60, "{served:?}");
}

#[tokio::test]
async fn recorded_streams_give_what_decoding_them_gives() {
    let Some(all) = recordings::all() else { return };
    let mut served = BTreeMap::new();
    for recorded in all.iter().filter(|recorded| recorded.api() == "invoke_stream") {
        let (Some(entry), frames) = (entry(recorded), recorded.stream_frames()) else { continue };
        let model = recorded.model();
        if frames.is_empty() || !asks(entry, model) {
            continue;
        }
        let id = recorded.id();
        let bytes: bytes::Bytes = frames.concat().into();
        // Twice: as one segment, and in pieces that no frame fits.
        for size in [bytes.len(), 101] {
            let parts: Vec<Part> = bytes.chunks(size).map(|part| Part::Bytes(bytes.slice_ref(part))).collect();
            let endpoint = Loopback::start(move |_| Answer::stream(parts.clone())).await;
            let client = client(&endpoint, recorded, entry.spec.family);
            let call = client.converse_stream().model_id("recorded").messages(user("x"));
            let (came, error) = events(call.send().await.unwrap()).await;
            let whole = error.is_none();
            let frames: Vec<bytes::Bytes> = frames.iter().map(|frame| frame.clone().into()).collect();
            let expected = decoded(entry, &Call { model, ..Call::default() }, &frames, whole).await;
            assert_eq!(came, expected, "{id}");
            assert!(whole || is_broken(entry, model, &frames), "{id}: {error:?}");
        }
        *served.entry(entry.spec.family).or_insert(0) += 1;
    }
    println!("streams served: {served:?}");
    assert!(served.values().sum::<i32>() > 50, "{served:?}");
}

/// Whether a recording has an exception, or ends before its stream does.
fn is_broken(entry: &Entry, model: &str, frames: &[bytes::Bytes]) -> bool {
    let mut decoder = entry.codec.stream_decoder(&Call { model, ..Call::default() }).unwrap();
    let mut chunk = Vec::new();
    for bytes in frames {
        let (frame, _) = outcrop::runtime::event_stream::first(bytes).unwrap().unwrap();
        if frame.message != "event" {
            return true;
        }
        outcrop::runtime::event_stream::chunk(frame.payload, &mut chunk).unwrap();
        decoder.push(&chunk, &mut |_| ()).unwrap();
    }
    decoder.finish(&mut |_| ()).is_err()
}
