//! What observers hear, and in which order.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use outcrop::runtime::usage::Source;
use outcrop_aws::Error;
use outcrop_aws::error::Class;
use outcrop_aws::observe::{Call, End, Finished, Info, Observer, Observers, Operation, conventions};
use outcrop_aws::usage::{Count, Usage};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>, &'static str);

impl Heard {
    fn note(&self, call: &Info, what: impl std::fmt::Display) {
        self.0.lock().unwrap().push(format!("{}{} {what}", self.1, call.model_id));
    }
}

impl Observer for Heard {
    fn started(&self, call: &Info) {
        self.note(call, "started");
    }
    fn first_event(&self, call: &Info, after: Duration) {
        self.note(call, format_args!("first after {after:?}"));
    }
    fn finished(&self, call: &Info, end: &Finished) {
        let cost = end.cost.map_or_else(|| "unknown".to_owned(), |cost| cost.to_string());
        self.note(call, format_args!("finished after {:?} for {cost}", end.latency));
    }
    fn failed(&self, call: &Info, error: &Error, after: Duration) {
        self.note(call, format_args!("failed after {after:?}: {}", error.class()));
    }
    fn abandoned(&self, call: &Info, after: Duration) {
        self.note(call, format_args!("abandoned after {after:?}"));
    }
}

pub fn end() -> End {
    let count = |tokens| Some(Count { tokens, source: Source::Body });
    let usage = Usage { input: count(1000), output: count(500), total: count(1500), ..Usage::default() };
    End { usage, stop_reason: Some("end_turn".to_owned()), request_id: Some("r-1".to_owned()), ..End::default() }
}

fn info() -> Info {
    Info::new(Operation::ConverseStream, "amazon.nova-lite-v1:0").region(Some("us-east-1")).family("a family")
}

#[tokio::test(start_paused = true)]
async fn all_observers_hear_all_in_order() {
    let log = Arc::default();
    let (one, two) = (Heard(Arc::clone(&log), "1 "), Heard(Arc::clone(&log), "2 "));
    let observers = Observers::default().and(one).and_shared(Arc::new(two));
    let second = Duration::from_secs(1);
    let mut call = Call::start(info(), &observers);
    tokio::time::advance(second).await;
    call.event();
    tokio::time::advance(second).await;
    call.event();
    let finished = call.finish(end());
    assert_eq!((finished.latency, finished.first_event), (second * 2, Some(second)));
    assert_eq!(finished.stop_reason.as_deref(), Some("end_turn"));
    let heard: Vec<String> = std::mem::take(&mut *log.lock().unwrap());
    let each = |what: &str| ["1", "2"].map(|n| format!("{n} amazon.nova-lite-v1:0 {what}"));
    let wanted = ["started", "first after 1s", "finished after 2s for $0.00018"].map(each).concat();
    assert_eq!(heard, wanted);
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_once_and_one_way() {
    let heard = Heard::default();
    let observers = Observers::default().and(heard.clone());
    Call::start(info(), &observers).fail(&Error::new(Class::Unavailable, "busy"));
    let dropped = Call::start(info(), &observers);
    tokio::time::advance(Duration::from_secs(3)).await;
    drop(dropped);
    drop(Call::start(info(), &Observers::default()));
    let heard = heard.0.lock().unwrap();
    let model = "amazon.nova-lite-v1:0";
    let wanted = ["started", "failed after 0ns: unavailable", "started", "abandoned after 3s"];
    assert_eq!(*heard, wanted.map(|what| format!("{model} {what}")));
}

/// Collects the fields of spans and what is recorded in them.
#[derive(Clone, Default)]
struct Fields(Arc<Mutex<Seen>>);

/// Names, and names with values.
type Seen = (BTreeSet<String>, Vec<(String, String)>);

impl tracing::field::Visit for &Fields {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        self.0.lock().unwrap().1.push((field.name().to_owned(), format!("{value:?}")));
    }
}

impl<S: tracing::Subscriber> Layer<S> for Fields {
    fn on_new_span(&self, attributes: &tracing::span::Attributes<'_>, _: &tracing::Id, _: Context<'_, S>) {
        let names = attributes.metadata().fields().iter().map(|field| field.name().to_owned());
        self.0.lock().unwrap().0.extend(names);
        attributes.record(&mut &*self);
    }
    fn on_record(&self, _: &tracing::Id, values: &tracing::span::Record<'_>, _: Context<'_, S>) {
        values.record(&mut &*self);
    }
}

#[test]
fn spans_have_the_names_of_the_conventions() {
    let fields = Fields::default();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(fields.clone()), || {
        let mut call = Call::start(info(), &Observers::default());
        call.event();
        call.finish(end());
        Call::start(info(), &Observers::default()).fail(&Error::new(Class::Quota, "too many"));
    });
    let (names, values) = fields.0.lock().unwrap().clone();
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let wanted = conventions::ATTRIBUTES.iter().copied().chain(["otel.name", "otel.kind", "otel.status_code"]);
    assert_eq!(names, wanted.collect());
    let value = |name: &str| values.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect::<Vec<_>>();
    assert_eq!(value("gen_ai.usage.input_tokens"), ["1000"]);
    assert_eq!(value("gen_ai.usage.output_tokens"), ["500"]);
    assert_eq!(value("outcrop.cost_usd"), ["0.00018"]);
    assert_eq!(value("gen_ai.provider.name"), ["\"aws.bedrock\""; 2]);
    assert_eq!(value("error.type"), ["\"quota\""]);
    assert_eq!(value("otel.name")[0], "chat amazon.nova-lite-v1:0");
}

#[test]
fn operations_have_the_words_of_the_conventions() {
    let name = |id| Info::new(Operation::Invoke, id).operation_name();
    assert_eq!(name("amazon.nova-lite-v1:0"), "chat");
    assert_eq!(name("amazon.titan-embed-text-v2:0"), "embeddings");
    assert_eq!(name("amazon.rerank-v1:0"), "rerank");
    assert_eq!(name("an.unknown-model"), "chat");
}
