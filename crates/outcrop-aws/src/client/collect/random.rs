//! Whatever comes, in whatever order: what is collected is what the core folds, or is refused in the same words.

use std::collections::BTreeMap;

use outcrop_runtime::fold::Fold;
use outcrop_runtime::{Error, Tree};
use outcrop_tests::families;
use outcrop_tests::random::Random;

use super::Collect;
use crate::client::ConverseEvent;
use crate::types::{ContentBlockDelta, ContentBlockStart, ConverseResponse, Document};

const STREAMS: usize = 4000;

/// Free JSON: as it may be, as the core does not read it, and with what is as good as absent.
pub(super) const FREE: &[&str] = &[
    "null",
    "1.50",
    r#"{"a":[1, 2]}"#,
    r#""\u0041""#,
    "[]",
    r#"{"a":1,"a":2}"#,
    r#"{"\u0061":1,"a":2}"#,
    r#"{"b":null}"#,
];
const TEXTS: &[&str] = &["", "Tin", " and ", "\\\"lead\\\"", "\\n", "größer", "{}"];
/// Pieces of the input of a tool, which make JSON now and then.
const PIECES: &[&str] =
    &["", "", " ", "{", "}", r#"\"a\":1"#, r#"{\"a\":"#, "[1.50]", "null", r#"{\"a\":1,\"a\":2}"#, WIDE];
/// An object with more members than most have.
const WIDE: &str = r#"{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"q\":1}"#;
const STARTS: &[&str] = &[
    r#"{"native":{"a":1}}"#,
    r#"{"native":[7]}"#,
    r#"{"novel":null}"#,
    r#"{"text":"An answer knows it."}"#,
    r#"{"text":7}"#,
    r#"{"document":{}}"#,
    r#"{"image":{"format":"png"}}"#,
    r#"{"image":{"format":"bmp","source":{"bytes":"iVBORw=="}}}"#,
];
const DELTAS: &[&str] = &[
    r#"{"native":"x"}"#,
    r#"{"novelty":{"a":1}}"#,
    r#"{"image":{"source":{"bytes":"iVBORw=="}}}"#,
    r#"{"image":{"error":{"message":"No."},"format":"gif"}}"#,
    r#"{"reasoningContent":{"mood":"calm"}}"#,
    r#"{"reasoningContent":{"depth":7}}"#,
    r#"{"reasoningContent":{"redactedContent":"iVBORw=="}}"#,
    r#"{"reasoningContent":{"redactedContent":"AAAA"}}"#,
];
const RESULTS: &[&str] = &[
    r#"{"text":"It is "}"#,
    r#"{"text":"opal."}"#,
    r#"{"json":{"a":1.50}}"#,
    r#"{"json":null}"#,
    r#"{"native":[1]}"#,
    r#"{"novel":1}"#,
    r#"{"image":{}}"#,
    r#"{"image":{"format":"png","source":{"bytes":"iVBORw=="}}}"#,
];
const EVENTS: &[&str] = &[
    r#"{"newsOfTomorrow":{"a":1}}"#,
    r#"{"newsException":{"message":"It is so."}}"#,
    r#"{"modelStreamErrorException":{"message":"It is so."}}"#,
    r#"{"modelStreamErrorException":{}}"#,
];

struct Streams<'f>(Random<'f>);

impl Streams<'_> {
    fn below(&mut self, n: usize) -> usize {
        self.0.rng.usize(..n)
    }

    fn pick(&mut self, from: &'static [&'static str]) -> &'static str {
        from[self.below(from.len())]
    }

    /// Lists in lists, about as many as may be.
    fn nest(&mut self) -> String {
        let deep = 112 + self.below(17);
        format!("{}{}", "[".repeat(deep), "]".repeat(deep))
    }

    fn free(&mut self) -> Document {
        let text = if self.below(4) == 0 { self.nest() } else { self.pick(FREE).to_owned() };
        Document::parse(&text).unwrap_or_default()
    }

    fn role(&mut self) -> &'static str {
        self.pick(&["assistant", "user", "critic"])
    }

    fn start(&mut self) -> String {
        match self.below(8) {
            0 | 1 => self.pick(STARTS).to_owned(),
            2 => r#"{"toolResult":{"toolUseId":"t","status":"error"}}"#.to_owned(),
            3 => r#"{"toolResult":{"toolUseId":"t","type":"found","content":[{"text":"Too early."}]}}"#.to_owned(),
            4 => r#"{"toolUse":{"toolUseId":"t","name":"weigh","type":"server_tool_use","input":{"a":1}}}"#.to_owned(),
            _ => r#"{"toolUse":{"toolUseId":"t","name":"weigh"}}"#.to_owned(),
        }
    }

    fn delta(&mut self) -> String {
        let text = self.pick(TEXTS);
        match self.below(20) {
            0..=5 => format!(r#"{{"text":"{text}"}}"#),
            6..=8 if self.below(9) == 0 => format!(r#"{{"toolUse":{{"input":"{}"}}}}"#, self.nest()),
            6..=8 => format!(r#"{{"toolUse":{{"input":"{}"}}}}"#, self.pick(PIECES)),
            9..=11 => format!(r#"{{"reasoningContent":{{"text":"{text}"}}}}"#),
            12 => format!(r#"{{"reasoningContent":{{"signature":"{text}"}}}}"#),
            13 | 14 => format!(r#"{{"citation":{}}}"#, self.0.value("Citation")),
            15 | 16 => {
                let most = RESULTS.len() - if self.below(3) == 0 { 0 } else { 3 };
                let items: Vec<&str> = (0..self.below(4)).map(|_| RESULTS[self.below(most)]).collect();
                format!(r#"{{"toolResult":[{}]}}"#, items.join(","))
            }
            17 => self.pick(DELTAS).to_owned(),
            _ => format!(r#"{{"reasoningContent":{{"redactedContent":"{}"}}}}"#, self.pick(&["iVBORw==", "AAAA", ""])),
        }
    }

    fn event(&mut self) -> ConverseEvent {
        let index = [0, 1, 1, 2, -1, i64::MAX][self.below(6)];
        let at = format!(r#""contentBlockIndex":{index}"#);
        let text = match self.below(40) {
            0 => format!(r#"{{"messageStart":{{"role":"{}"}}}}"#, self.role()),
            1..=4 => format!(r#"{{"contentBlockStart":{{{at},"start":{}}}}}"#, self.start()),
            5..=8 => format!(r#"{{"contentBlockStop":{{{at}}}}}"#),
            9 => r#"{"messageStop":{"stopReason":"tool_use"}}"#.to_owned(),
            10 if self.below(3) == 0 => self.pick(EVENTS).to_owned(),
            11 | 12 => format!(r#"{{"metadata":{}}}"#, self.0.value("ConverseStreamMetadataEvent")),
            _ => format!(r#"{{"contentBlockDelta":{{{at},"delta":{}}}}}"#, self.delta()),
        };
        let mut event = ConverseEvent::from_json(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
        if self.below(12) == 0 {
            self.free_in(&mut event);
        }
        event
    }

    /// Puts free JSON where an event of a format may have it, which need not be such as JSON of Converse may be.
    fn free_in(&mut self, event: &mut ConverseEvent) {
        let free = self.free();
        let extra = match event {
            ConverseEvent::MessageStop(stop) => {
                stop.additional_model_response_fields = Some(free);
                return;
            }
            ConverseEvent::ContentBlockDelta(event) => match &mut event.delta {
                ContentBlockDelta::Citation(citation) => {
                    citation.native = Some(free);
                    return;
                }
                ContentBlockDelta::ToolUse(delta) => &mut delta.extra,
                _ => &mut event.extra,
            },
            ConverseEvent::ContentBlockStart(event) => match &mut event.start {
                ContentBlockStart::ToolUse(start) => &mut start.extra,
                ContentBlockStart::ToolResult(start) => &mut start.extra,
                _ => &mut event.extra,
            },
            ConverseEvent::Metadata(metadata) => match &mut metadata.usage {
                Some(usage) => &mut usage.extra,
                None => &mut metadata.extra,
            },
            ConverseEvent::MessageStart(event) => &mut event.extra,
            ConverseEvent::ContentBlockStop(event) => &mut event.extra,
            ConverseEvent::ModelStreamErrorException(event) => &mut event.extra,
            ConverseEvent::Unknown { value, .. } => {
                *value = free;
                return;
            }
        };
        extra.insert("later", free);
    }

    fn stream(&mut self) -> Vec<ConverseEvent> {
        let most = if self.below(3) == 0 { 40 } else { 9 };
        let mut events: Vec<ConverseEvent> = (0..self.below(most)).map(|_| self.event()).collect();
        if self.below(8) > 0 {
            let stop = r#"{"messageStop":{"stopReason":"end_turn"}}"#;
            let at = if self.below(5) == 0 { self.below(events.len() + 1) } else { events.len() };
            events.insert(at, ConverseEvent::from_json(stop.as_bytes()).unwrap());
        }
        events
    }
}

pub(super) fn by_core(events: &[ConverseEvent]) -> Result<ConverseResponse, Error> {
    let mut fold = Fold::default();
    events.iter().try_for_each(|event| fold.push(&Tree::parse(&event.to_json())?))?;
    ConverseResponse::from_json(fold.finish()?.to_string().as_bytes())
}

/// The answer, and whether the core had to make it.
pub(super) fn collected(events: Vec<ConverseEvent>) -> (Result<ConverseResponse, Error>, bool) {
    let mut collect = Collect::default();
    let pushed = events.into_iter().try_for_each(|event| collect.push(event));
    let rare = collect.rare.is_some() || collect.deep;
    (pushed.and_then(|()| collect.finish()), rare)
}

#[test]
fn whatever_comes_is_added_up_as_the_core_does() {
    let families = families::all();
    let mut streams = Streams(Random::new(&families[0].family, 20));
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for n in 0..STREAMS {
        let events = streams.stream();
        let wanted = by_core(&events);
        let said: Vec<String> = events.iter().map(|e| String::from_utf8_lossy(&e.to_json()).into_owned()).collect();
        let (found, rare) = collected(events);
        assert_eq!(found, wanted, "stream {n}:\n{}", said.join("\n"));
        let what = match found {
            Ok(_) if rare => "answer of the core".to_owned(),
            Ok(_) => "answer".to_owned(),
            Err(e) => format!("{} in {}", e.code.as_str(), e.path.split(['.', '[']).next().unwrap_or_default()),
        };
        *seen.entry(what).or_default() += 1;
    }
    println!("{seen:#?}");
    for (what, least) in [
        ("answer", 500),
        ("answer of the core", 100),
        ("stream-truncated in ", 100),
        ("missing-member in output", 20),
        ("wrong-type in output", 20),
        ("too-large in output", 5),
        ("duplicate-member in contentBlockStart", 5),
    ] {
        assert!(seen.get(what).is_some_and(|n| *n >= least), "{what}");
    }
}
