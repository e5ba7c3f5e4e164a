//! What OpenTelemetry is given.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message};
use opentelemetry::global::BoxedTracer;
use opentelemetry::metrics::{Histogram, HistogramBuilder, InstrumentProvider, Meter, SyncInstrument};
use opentelemetry::trace::{Span, SpanBuilder, SpanContext, SpanKind, Status, Tracer};
use opentelemetry::{Context, KeyValue};
use outcrop_aws::Error;
use outcrop_aws::error::Class;
use outcrop_aws::observe::otel::Telemetry;
use outcrop_aws::observe::{Call, Info, Observers, Operation, conventions};

use super::observe::end;

/// All that was recorded, one line each.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

fn told(attributes: &[KeyValue]) -> String {
    attributes.iter().fold(String::new(), |mut text, kv| {
        write!(text, " {}={}", kv.key, kv.value.as_str()).unwrap();
        text
    })
}

struct Instrument(Log, String);

impl<T: std::fmt::Display> SyncInstrument<T> for Instrument {
    fn measure(&self, value: T, attributes: &[KeyValue]) {
        self.0.add(format!("{} {value}{}", self.1, told(attributes)));
    }
}

struct Instruments(Log);

impl Instruments {
    fn make<T>(&self, builder: &HistogramBuilder<'_, Histogram<T>>) -> Arc<Instrument> {
        let bounds = builder.boundaries.as_ref().unwrap();
        self.0.add(format!(
            "{} in {:?} up to {:?}",
            builder.name,
            builder.unit.as_ref().unwrap(),
            bounds.last().unwrap()
        ));
        Arc::new(Instrument(self.0.clone(), builder.name.to_string()))
    }
}

impl InstrumentProvider for Instruments {
    fn u64_histogram(&self, builder: HistogramBuilder<'_, Histogram<u64>>) -> Histogram<u64> {
        Histogram::new(self.make(&builder))
    }
    fn f64_histogram(&self, builder: HistogramBuilder<'_, Histogram<f64>>) -> Histogram<f64> {
        Histogram::new(self.make(&builder))
    }
}

struct Traced(Log, String, SpanContext);

impl Span for Traced {
    fn add_event_with_timestamp<T: Into<Cow<'static, str>>>(&mut self, _: T, _: SystemTime, _: Vec<KeyValue>) {}
    fn span_context(&self) -> &SpanContext {
        &self.2
    }
    fn is_recording(&self) -> bool {
        true
    }
    fn set_attribute(&mut self, attribute: KeyValue) {
        self.1 += &told(&[attribute]);
    }
    fn set_status(&mut self, status: Status) {
        write!(self.1, " {status:?}").unwrap();
    }
    fn update_name<T: Into<Cow<'static, str>>>(&mut self, _: T) {}
    fn add_link(&mut self, _: SpanContext, _: Vec<KeyValue>) {}
    fn end_with_timestamp(&mut self, _: SystemTime) {
        self.0.add(format!("span {}", self.1));
    }
}

struct Spans(Log);

impl Tracer for Spans {
    type Span = Traced;
    fn build_with_context(&self, builder: SpanBuilder, _: &Context) -> Traced {
        assert_eq!(builder.span_kind, Some(SpanKind::Client));
        assert!(builder.start_time.is_some());
        let text = format!("{}{}", builder.name, told(&builder.attributes.unwrap_or_default()));
        Traced(self.0.clone(), text, SpanContext::empty_context())
    }
}

fn observers() -> (Log, Observers) {
    let log = Log::default();
    let tracer = BoxedTracer::new(Box::new(Spans(log.clone())));
    let telemetry = Telemetry::new(tracer, &Meter::new(Arc::new(Instruments(log.clone()))));
    let made = std::mem::take(&mut *log.0.lock().unwrap());
    assert_eq!(
        made.into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>(),
        [
            "gen_ai.client.operation.duration in \"s\" up to 81.92",
            "gen_ai.client.operation.time_to_first_chunk in \"s\" up to 81.92",
            "gen_ai.client.token.usage in \"{token}\" up to 67108864.0",
        ]
    );
    (log, Observers::default().and(telemetry))
}

const MODEL: &str = "amazon.nova-lite-v1:0";
const COMMON: &str =
    "gen_ai.operation.name=chat gen_ai.provider.name=aws.bedrock gen_ai.request.model=amazon.nova-lite-v1:0";

#[tokio::test(start_paused = true)]
async fn a_stream_gives_three_metrics_and_a_span() {
    let (log, observers) = observers();
    let info = Info::new(Operation::ConverseStream, MODEL).region(Some("us-east-1")).family("fam");
    let mut call = Call::start(Info { max_tokens: Some(99), temperature: Some(0.5), ..info }, &observers);
    tokio::time::advance(Duration::from_secs(2)).await;
    call.event();
    tokio::time::advance(Duration::from_secs(3)).await;
    call.finish(end());
    let log = log.0.lock().unwrap();
    assert_eq!(
        *log,
        [
            format!("gen_ai.client.operation.time_to_first_chunk 2 {COMMON}"),
            format!("gen_ai.client.operation.duration 5 {COMMON}"),
            format!("gen_ai.client.token.usage 1000 {COMMON} gen_ai.token.type=input"),
            format!("gen_ai.client.token.usage 500 {COMMON} gen_ai.token.type=output"),
            format!(
                "span chat {MODEL} {COMMON} gen_ai.request.stream=true cloud.region=us-east-1 outcrop.family=fam \
                 gen_ai.request.max_tokens=99 gen_ai.request.temperature=0.5 gen_ai.response.time_to_first_chunk=2 \
                 gen_ai.usage.input_tokens=1000 gen_ai.usage.output_tokens=500 aws.request_id=r-1 \
                 gen_ai.response.finish_reasons=[\"end_turn\"] outcrop.cost_usd=0.00018"
            ),
        ]
    );
    let keys = log.iter().flat_map(|line| line.split(' ')).filter_map(|word| word.split_once('=')).map(|(key, _)| key);
    for key in keys {
        assert!(conventions::ATTRIBUTES.contains(&key) || key == conventions::TOKEN_TYPE, "{key} is in no table");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_has_its_class_and_no_text() {
    let (log, observers) = observers();
    let error = Error::new(Class::InvalidRequest, "a message that quotes the prompt");
    Call::start(Info::new(Operation::Converse, MODEL), &observers).fail(&error);
    drop(Call::start(Info::new(Operation::Converse, MODEL), &observers));
    let log = log.0.lock().unwrap().join("\n");
    assert!(log.contains(&format!("gen_ai.client.operation.duration 0 {COMMON} error.type=invalid-request")), "{log}");
    assert!(log.contains("error.type=abandoned"), "{log}");
    assert_eq!(log.matches("span chat").count(), 2, "{log}");
    assert!(!log.contains("prompt") && !log.contains("token.usage"), "{log}");
}

#[tokio::test]
async fn a_plain_client_with_the_interceptor_gives_the_same() {
    use super::canned::{Answer, Script};
    let (log, observers) = observers();
    let body = r#"{"output":{"message":{"role":"assistant","content":[{"text":"Tin."}]}},"stopReason":"end_turn",
        "usage":{"inputTokens":1000,"outputTokens":500,"totalTokens":1500}}"#;
    let headers = [("content-type", "application/json"), ("x-amzn-RequestId", "r-9")];
    let refused = Answer::error(400, "ValidationException", "a message that quotes the prompt");
    let script = Script::new([Answer::new(200, &headers, body), refused]);
    let interceptor = outcrop_aws::ConverseOverInvoke::new().call_observer(observers);
    let client = aws_sdk_bedrockruntime::Client::from_conf(script.config().interceptor(interceptor).build());
    let text = ContentBlock::Text("Name a metal.".to_owned());
    let asked = Message::builder().role(ConversationRole::User).content(text).build().unwrap();
    let call = || client.converse().model_id(MODEL).messages(asked.clone());
    call().send().await.unwrap();
    let lines = std::mem::take(&mut *log.0.lock().unwrap());
    assert_eq!(script.requests.lock().unwrap()[0].rsplit('/').next(), Some("invoke"));
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[0].starts_with("gen_ai.client.operation.duration "), "{lines:?}");
    assert_eq!(lines[1], format!("gen_ai.client.token.usage 1000 {COMMON} gen_ai.token.type=input"));
    assert_eq!(lines[2], format!("gen_ai.client.token.usage 500 {COMMON} gen_ai.token.type=output"));
    let span = format!("span chat {MODEL} {COMMON} gen_ai.request.stream=false cloud.region=us-east-1 outcrop.family=");
    assert!(lines[3].starts_with(&span), "{lines:?}");
    assert!(lines[3].ends_with(
        "gen_ai.usage.input_tokens=1000 gen_ai.usage.output_tokens=500 aws.request_id=r-9 \
         gen_ai.response.finish_reasons=[\"end_turn\"] outcrop.cost_usd=0.00018"
    ));

    call().send().await.unwrap_err();
    let lines = log.0.lock().unwrap().join("\n");
    assert!(lines.contains("error.type=invalid-request") && lines.contains("aws.request_id=r-7"), "{lines}");
    assert!(!lines.contains("prompt"), "{lines}");
}
