//! What a call costs the client: CPU time of its thread, in microseconds.
//!
//! `cargo run --release -p outcrop-aws --example bench`; with `-- WAY SIZE N` one way alone asks N times in memory, which is
//! what a profiler should see, and with `-- WAY SIZE N stream` for streams.
//!
//! Ways of asking the same thing are measured in turns, first with an HTTP client that answers at once, then over the loopback
//! interface with the endpoint on another thread; the least of several rounds counts.

use std::error::Error;
use std::sync::{Arc, Mutex};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::Builder;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, InferenceConfiguration, Message};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use cpu_time::ThreadTime;
use http_body_util::StreamBody;
use hyper::body::Frame;
use loopback::{Answer, Loopback, Part};
use outcrop::registry;
use outcrop::runtime::{Call, Kind, Tree, event_stream};
use outcrop_aws::types::ConverseRequest;
use outcrop_aws::{Client as Typed, ConverseOverInvoke};

mod loopback;

const MODEL: &str = "anthropic.claude-3-haiku-20240307-v1:0";
const ROUNDS: usize = 7;
const CHUNKS: usize = 500;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A way to ask.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    /// `invoke_model()` with the body ready, the answer not read.
    Raw,
    /// The SDK's own Converse.
    Converse,
    /// The same over InvokeModel.
    Over,
    /// The typed client.
    Typed,
}

const WAYS: [Way; 4] = [Way::Raw, Way::Converse, Way::Over, Way::Typed];

/// What is asked, and what is answered.
struct Workload {
    name: &'static str,
    messages: Vec<Message>,
    request: ConverseRequest,
    native_request: Vec<u8>,
    native: Bytes,
    converse: Bytes,
    chunks: Vec<Bytes>,
    events: Vec<Bytes>,
}

impl Workload {
    fn new(name: &'static str, turns: usize, each: usize, said: usize) -> Outcome<Self> {
        let text = |n: usize| "The quick brown fox, \"it\" said, jumps.\n".chars().cycle().take(n).collect::<String>();
        let turn = |i: usize| {
            let role = if i.is_multiple_of(2) { ConversationRole::User } else { ConversationRole::Assistant };
            Message::builder().role(role).content(ContentBlock::Text(text(each))).build()
        };
        let turns_json: Vec<String> = (0..turns)
            .map(|i| {
                let role = if i % 2 == 0 { "user" } else { "assistant" };
                format!(r#"{{"role":"{role}","content":[{{"text":{}}}]}}"#, Tree::str(text(each)))
            })
            .collect();
        let asked = format!(r#"{{"messages":[{}],"inferenceConfig":{{"maxTokens":100}}}}"#, turns_json.join(","));
        let request = ConverseRequest::from_json(asked.as_bytes())?;
        let (entry, _) = registry::by_model(MODEL).ok_or("the model is known")?;
        let call = Call { model: MODEL, ..Call::default() };
        let native_request = entry.codec.encode(Kind::Request, &call, asked.as_bytes())?.body;
        let answer = |text: &str| {
            Tree::parse_text(&format!(
                r#"{{"output":{{"message":{{"role":"assistant","content":[{{"text":{}}}]}}}},"stopReason":"end_turn",
                    "usage":{{"inputTokens":12,"outputTokens":7,"totalTokens":19}}}}"#,
                Tree::str(text)
            ))
        };
        let native = entry.codec.encode(Kind::Response, &call, answer(&text(said))?.to_string().as_bytes())?.body;
        let converse = entry.codec.decode(Kind::Response, &call, &native)?.body;

        let chunks = loopback::event_stream(entry, &call, &answer(&"metal ".repeat(CHUNKS))?)?;
        let mut decoder = entry.codec.stream_decoder(&call)?;
        let (mut events, mut chunk) = (Vec::new(), Vec::new());
        let mut keep = |event: &[u8]| {
            let event = Tree::parse(event).unwrap_or_default();
            let member = event.as_object().and_then(|event| event.members().first());
            // The service pads these as well.
            let padded = |payload: &Tree| {
                let text = payload.to_string();
                format!(r#"{},"p":"abcdefghij"}}"#, text.strip_suffix('}').unwrap_or_default())
            };
            events.extend(member.map(|(name, payload)| loopback::frame("event", name, &padded(payload))));
        };
        for frame in &chunks {
            let Some((frame, _)) = event_stream::first(frame)? else { continue };
            event_stream::chunk(frame.payload, &mut chunk)?;
            decoder.push(&chunk, &mut keep)?;
        }
        decoder.finish(&mut keep)?;
        let messages = (0..turns).map(turn).collect::<Result<_, _>>()?;
        Ok(Self {
            name,
            messages,
            request,
            native_request,
            native: native.into(),
            converse: converse.into(),
            chunks,
            events,
        })
    }

    /// What the endpoint answers to a path.
    fn answer(&self, path: &str) -> Vec<Bytes> {
        match path.rsplit('/').next().unwrap_or_default() {
            "invoke" => vec![self.native.clone()],
            "converse" => vec![self.converse.clone()],
            "invoke-with-response-stream" => self.chunks.clone(),
            _ => self.events.clone(),
        }
    }
}

/// A client of the SDK, and the typed client over it.
struct Clients {
    sdk: Client,
    typed: Typed,
}

fn client(config: Builder, way: Way) -> Clients {
    let config = if way == Way::Over { config.interceptor(ConverseOverInvoke::new()) } else { config };
    let sdk = Client::from_conf(config.build());
    Clients { typed: Typed::new(sdk.clone()), sdk }
}

/// Asks once for a whole answer.
async fn whole(clients: &Clients, way: Way, load: &Workload) -> Outcome<()> {
    let client = &clients.sdk;
    match way {
        Way::Typed => drop(clients.typed.converse(MODEL, load.request.clone()).await?),
        Way::Raw => {
            let call = client.invoke_model().model_id(MODEL).content_type("application/json");
            call.body(Blob::new(load.native_request.clone())).send().await?;
        }
        Way::Converse | Way::Over => {
            let call = client.converse().model_id(MODEL).set_messages(Some(load.messages.clone()));
            let limit = InferenceConfiguration::builder().max_tokens(100).build();
            call.inference_config(limit).send().await?;
        }
    }
    Ok(())
}

/// Asks once for a stream; the time from the first event on, and the number of events.
async fn streamed(clients: &Clients, way: Way, load: &Workload) -> Outcome<(f64, usize)> {
    let client = &clients.sdk;
    let mut events = 0;
    if way == Way::Typed {
        let mut stream = clients.typed.converse_stream(MODEL, load.request.clone()).await?;
        let start = ThreadTime::now();
        while let Some(event) = stream.recv().await {
            event?;
            events += 1;
        }
        return Ok((start.elapsed().as_secs_f64(), events));
    }
    if way == Way::Raw {
        let call = client.invoke_model_with_response_stream().model_id(MODEL).content_type("application/json");
        let mut body = call.body(Blob::new(load.native_request.clone())).send().await?.body;
        let start = ThreadTime::now();
        while body.recv().await?.is_some() {
            events += 1;
        }
        return Ok((start.elapsed().as_secs_f64(), events));
    }
    let call = client.converse_stream().model_id(MODEL).set_messages(Some(load.messages.clone()));
    let limit = InferenceConfiguration::builder().max_tokens(100).build();
    let mut stream = call.inference_config(limit).send().await?.stream;
    let start = ThreadTime::now();
    while stream.recv().await?.is_some() {
        events += 1;
    }
    Ok((start.elapsed().as_secs_f64(), events))
}

/// An HTTP client that answers at once.
#[derive(Debug, Clone, Default)]
struct Memory(Arc<Mutex<Option<Arc<Workload>>>>);

impl std::fmt::Debug for Workload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl HttpConnector for Memory {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let load = self.0.lock().map(|load| load.clone()).unwrap_or_default();
        let path = request.uri().split('?').next().unwrap_or_default();
        let mut parts = load.map(|load| load.answer(path)).unwrap_or_default();
        let body = match parts.len() {
            0 | 1 => SdkBody::from(parts.pop().unwrap_or_default()),
            _ => {
                let parts = parts.into_iter().map(|part| Ok::<_, std::io::Error>(Frame::data(part)));
                SdkBody::from_body_1_x(StreamBody::new(futures_util::stream::iter(parts)))
            }
        };
        let status = 200_u16.try_into().map_err(|_| ());
        HttpConnectorFuture::ready(
            status
                .map(|status| HttpResponse::new(status, body))
                .map_err(|()| aws_smithy_runtime_api::client::result::ConnectorError::other("no status".into(), None)),
        )
    }
}

/// The least of several rounds, for each way: microseconds for an answer, and for an event of a stream.
async fn measure(config: impl Fn() -> Builder, load: &Workload, calls: usize) -> Outcome<[(f64, f64); WAYS.len()]> {
    let clients = WAYS.map(|way| client(config(), way));
    let mut least = [(f64::MAX, f64::MAX); WAYS.len()];
    for _ in 0..ROUNDS {
        for ((way, client), least) in WAYS.into_iter().zip(&clients).zip(&mut least) {
            whole(client, way, load).await?;
            let start = ThreadTime::now();
            for _ in 0..calls {
                whole(client, way, load).await?;
            }
            let each = start.elapsed().as_secs_f64() * 1e6 / calls as f64;
            let mut chunk = f64::MAX;
            for _ in 0..5 {
                let (time, events) = streamed(client, way, load).await?;
                chunk = chunk.min(time * 1e6 / events as f64);
            }
            *least = (least.0.min(each), least.1.min(chunk));
        }
    }
    Ok(least)
}

fn print(wire: &str, load: &Workload, least: [(f64, f64); WAYS.len()]) {
    for (way, (whole, chunk)) in WAYS.into_iter().zip(least) {
        let ([(raw, raw_chunk), (converse, converse_chunk), ..], way) = (least, format!("{way:?}"));
        println!(
            "{wire:<9} {:<7} {way:<9} {whole:>8.1} {:>7.2} {:>7.2}   {chunk:>7.3} {:>7.2} {:>7.2}",
            load.name,
            whole / raw,
            whole / converse,
            chunk / raw_chunk,
            chunk / converse_chunk,
        );
    }
}

fn main() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!("                               call                        stream event");
    println!("wire      size    way        us/call   x raw  x conv  us/event   x raw  x conv");
    let loads = [("small", 1, 200, 200), ("medium", 21, 400, 1_000), ("100KB", 201, 500, 4_000)];
    let args: Vec<String> = std::env::args().skip(1).collect();
    let alone = match args.as_slice() {
        [way, size, n, stream @ ..] => {
            let known = WAYS.into_iter().find(|w| format!("{w:?}").eq_ignore_ascii_case(way));
            Some((known.ok_or("no such way")?, size.as_str(), n.parse::<usize>()?, !stream.is_empty()))
        }
        _ => None,
    };
    for (name, turns, each, said) in loads.into_iter().filter(|load| alone.is_none_or(|(_, size, ..)| load.0 == size)) {
        let load = Arc::new(Workload::new(name, turns, each, said)?);
        let memory = Memory::default();
        if let Ok(mut slot) = memory.0.lock() {
            *slot = Some(load.clone());
        }
        let connector = SharedHttpConnector::new(memory);
        // The endpoint has a thread of its own, whose time does not count.
        let (told, address) = std::sync::mpsc::channel();
        let answers = load.clone();
        std::thread::spawn(move || -> Outcome<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let endpoint = Loopback::start(move |request| {
                    let parts = answers.answer(&request.path);
                    match parts.as_slice() {
                        [whole] => Answer::json(whole.clone()),
                        _ => Answer::stream(parts.into_iter().map(Part::Bytes)),
                    }
                });
                let endpoint = endpoint.await;
                let _ = told.send(endpoint.config());
                std::future::pending::<()>().await;
            });
            Ok(())
        });
        let config = address.recv()?;
        let in_memory = || {
            config.clone().http_client(http_client_fn({
                let connector = connector.clone();
                move |_, _| connector.clone()
            }))
        };
        if let Some((way, _, n, stream)) = alone {
            let clients = client(in_memory(), way);
            runtime.block_on(async {
                for _ in 0..n {
                    if stream {
                        streamed(&clients, way, &load).await?;
                    } else {
                        whole(&clients, way, &load).await?;
                    }
                }
                Outcome::Ok(())
            })?;
            continue;
        }
        print("memory", &load, runtime.block_on(measure(in_memory, &load, 200))?);
        print("loopback", &load, runtime.block_on(measure(|| config.clone(), &load, 100))?);
    }
    Ok(())
}
