//! Free JSON wherever an event may have it: what the core refuses is refused, and what it takes is in the answer.

use super::random::{FREE, by_core, collected};
use crate::client::ConverseEvent;

/// Events with a place for free JSON.
const PLACES: &[&[&str]] = &[
    &[r#"{"messageStart":{"role":"assistant","later":@}}"#],
    &[r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"citation":{"title":"Ores","native":@}}}}"#],
    &[r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"citation":{"later":@}}}}"#],
    &[r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Tin"},"later":@}}"#],
    &[r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"native":@}}}"#],
    &[r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"mood":@}}}}"#],
    &[r#"{"contentBlockStart":{"contentBlockIndex":0,"start":{"native":@}}}"#],
    &[r#"{"contentBlockStart":{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t","name":"n","later":@}}}}"#],
    &[
        r#"{"contentBlockStart":{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t","name":"n"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"toolUse":{"input":"@"}}}}"#,
    ],
    &[
        r#"{"contentBlockStart":{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t","name":"n"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"toolUse":{"input":"7","later":@}}}}"#,
    ],
    &[r#"{"contentBlockStart":{"contentBlockIndex":0,"start":{"toolResult":{"toolUseId":"t","later":@}}}}"#],
    &[
        r#"{"contentBlockStart":{"contentBlockIndex":0,"start":{"toolResult":{"toolUseId":"t"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"toolResult":[{"json":@}]}}}"#,
    ],
    &[r#"{"contentBlockStop":{"contentBlockIndex":0,"later":@}}"#],
    &[r#"{"messageStop":{"stopReason":"end_turn","additionalModelResponseFields":@}}"#],
    &[r#"{"messageStop":{"stopReason":"end_turn","later":@}}"#],
    &[r#"{"metadata":{"later":@}}"#],
    &[r#"{"metadata":{"usage":{"inputTokens":1,"later":@}}}"#],
    &[r#"{"metadata":{"usage":{"cacheDetails":[{"ttl":"5m","inputTokens":1,"later":@}]}}}"#],
    &[r#"{"metadata":{"metrics":{"latencyMs":1,"later":@}}}"#],
    &[r#"{"metadata":{"trace":{"guardrail":{"inputAssessment":{"g":@}}}}}"#],
    &[r#"{"metadata":{"performanceConfig":{"latency":"optimized","later":@}}}"#],
    &[r#"{"metadata":{"serviceTier":{"type":"flex","later":@}}}"#],
    &[r#"{"newsOfTomorrow":@}"#],
];

#[test]
fn free_json_in_any_place_is_as_deep_and_as_strange_as_the_core_lets_it_be() {
    let free = FREE.iter().map(|text| (*text).to_owned());
    let nested = (100..=128).map(|deep| format!("{}{}", "[".repeat(deep), "]".repeat(deep)));
    let mut refused = 0;
    for free in free.chain(nested) {
        for place in PLACES {
            let within_text = place.iter().any(|event| event.contains(r#""@""#));
            let free = if within_text { free.replace('\\', r"\\").replace('"', r#"\""#) } else { free.clone() };
            let texts = place.iter().map(|event| event.replace('@', &free));
            let texts: Vec<String> = texts.chain([r#"{"messageStop":{"stopReason":"end_turn"}}"#.to_owned()]).collect();
            // What is too deep for an event comes in none.
            let Ok(events) = texts.iter().map(|text| ConverseEvent::from_json(text.as_bytes())).collect() else {
                continue;
            };
            let events: Vec<ConverseEvent> = events;
            let wanted = by_core(&events);
            refused += usize::from(wanted.is_err());
            assert_eq!(collected(events).0, wanted, "{}", texts.join("\n"));
        }
    }
    println!("{refused} refused");
    assert!(refused > PLACES.len(), "{refused}");
}
