//! Spans of calls of a plain client, as a subscriber of `tracing` sees them.

use std::sync::{Arc, Mutex};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::types::InferenceConfiguration;
use outcrop_aws::ConverseOverInvoke;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Instrument as _, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use super::loopback::{Loopback, reply};
use super::support::{LLAMA, family, says, user};

/// What became of spans named `bedrock`.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Fields that are of interest here.
struct Fields(Vec<String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if ["gen_ai.usage.output_tokens", "gen_ai.request.max_tokens", "error.type", "path"].contains(&field.name()) {
            self.0.push(format!("{}={value:?}", field.name()));
        }
    }
}

const NAME: &str = "bedrock";

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id).filter(|span| span.name() == NAME) else { return };
        let parent = span.parent().map_or("nothing", |parent| parent.name());
        let mut fields = Fields(Vec::new());
        attributes.record(&mut fields);
        self.add(format!("opened below {parent} {}", fields.0.join(" ")));
    }
    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Fields(Vec::new());
        values.record(&mut fields);
        if context.span(id).is_some_and(|span| span.name() == NAME) && !fields.0.is_empty() {
            self.add(fields.0.join(" "));
        }
    }
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() == "outcrop_aws::loss" {
            let mut fields = Fields(Vec::new());
            event.record(&mut fields);
            let inside = context.lookup_current().map_or("nothing", |span| span.name());
            self.add(format!("lost {} in {inside}", fields.0.join(" ")));
        }
    }
    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if context.span(&id).is_some_and(|span| span.name() == NAME) {
            self.add("closed".to_owned());
        }
    }
}

async fn client() -> (Loopback, Client) {
    let endpoint = Loopback::start(|request| reply(family("meta-llama"), request, |_| says("Tin."))).await;
    let client = Client::from_conf(endpoint.config().interceptor(ConverseOverInvoke::new()).build());
    (endpoint, client)
}

/// A whole answer, a stream, and a stream that is dropped, seen at a level.
async fn seen(level: LevelFilter) -> [Vec<String>; 3] {
    let (seen, (_endpoint, client)) = (Seen::default(), client().await);
    let layers = tracing_subscriber::registry().with(seen.clone().with_filter(level));
    let _subscriber = tracing::subscriber::set_default(layers);
    let config = InferenceConfiguration::builder().max_tokens(9).stop_sequences("END").build();
    let whole = client.converse().model_id(LLAMA).messages(user("Hello.")).inference_config(config);
    whole.send().instrument(tracing::info_span!("work")).await.unwrap();
    let whole = seen.take();

    let open = || async {
        let call = client.converse_stream().model_id(LLAMA).messages(user("Hello.")).send();
        call.instrument(tracing::info_span!("work")).await.unwrap().stream
    };
    let mut stream = open().await;
    while stream.recv().await.unwrap().is_some() {}
    let streamed = seen.take();
    let mut stream = open().await;
    stream.recv().await.unwrap();
    drop(stream);
    [whole, streamed, seen.take()]
}

#[tokio::test]
async fn a_call_is_a_span_below_the_callers_and_ends_with_its_answer() {
    let [whole, streamed, dropped] = seen(LevelFilter::INFO).await;
    let lost = r#"lost path="inferenceConfig.stopSequences" in bedrock"#;
    let opened = "opened below work gen_ai.request.max_tokens=9";
    assert_eq!(whole, [opened, lost, "gen_ai.usage.output_tokens=5", "closed"]);
    assert_eq!(streamed, ["opened below work ", "gen_ai.usage.output_tokens=5", "closed"]);
    assert_eq!(dropped, ["opened below work ", r#"error.type="abandoned""#, "closed"]);
}

#[tokio::test]
async fn the_spans_of_the_sdk_stand_between_if_they_are_wanted() {
    // Not one of a step that is over before the call is.
    for lines in seen(LevelFilter::DEBUG).await {
        assert!(lines[0].starts_with("opened below try_op"), "{lines:?}");
        assert_eq!(lines.last().unwrap(), "closed");
    }
}
