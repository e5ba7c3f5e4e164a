//! Nova on InvokeModel.

use outcrop_runtime::Tree;

use super::{Format, at, same, text, tokens};

const NOVA: Format = Format { family: "amazon-nova", model: "amazon.nova-lite-v1:0" };

#[test]
fn each_delta_has_an_index_of_its_own_and_they_are_one_block() {
    let events = NOVA.events(&[
        r#"{"messageStart":{"role":"assistant"}}"#,
        r#"{"contentBlockDelta":{"delta":{"text":"Ra"},"contentBlockIndex":0}}"#,
        r#"{"contentBlockStop":{"contentBlockIndex":0}}"#,
        r#"{"contentBlockDelta":{"delta":{"text":"in"},"contentBlockIndex":1}}"#,
        r#"{"contentBlockStop":{"contentBlockIndex":1}}"#,
        r#"{"messageStop":{"stopReason":"end_turn"}}"#,
        r#"{"metadata":{"usage":{"inputTokens":5,"outputTokens":2,"cacheReadInputTokenCount":0,"cacheWriteInputTokenCount":0},"metrics":{},"trace":{}},
            "amazon-bedrock-invocationMetrics":{"inputTokenCount":5,"outputTokenCount":2,"invocationLatency":90,"firstByteLatency":30,"cacheReadInputTokenCount":0,"cacheWriteInputTokenCount":0}}"#,
    ]);
    let blocks: Vec<Option<i64>> =
        events.iter().filter_map(|e| e.get("contentBlockDelta")).map(|d| at(d, "contentBlockIndex").as_int()).collect();
    assert_eq!(blocks, [Some(0), Some(0)]);
    // Converse opens no block of text, and closes each once.
    assert!(events.iter().all(|e| e.get("contentBlockStart").is_none()));
    assert_eq!(events.iter().filter(|e| e.get("contentBlockStop").is_some()).count(), 1);
    let got = outcrop_runtime::fold::fold(&events).expect("the events add up");
    same(at(&got, "output.message.content"), r#"[{"text":"Rain"}]"#);
    assert_eq!(tokens(&got), (5, 2, 7), "the total is made");
    assert_eq!(at(&got, "metrics.latencyMs").as_int(), Some(90));
}

#[test]
fn counts_of_the_cache_may_be_absent() {
    for (usage, total) in [
        (r#""inputTokens":5,"outputTokens":2,"totalTokens":7"#, 7),
        (
            r#""inputTokens":5,"outputTokens":2,"totalTokens":7,"cacheReadInputTokenCount":0,"cacheWriteInputTokenCount":0"#,
            7,
        ),
    ] {
        let native = format!(
            r#"{{"output":{{"message":{{"content":[{{"text":"Rain"}}],"role":"assistant"}}}},"stopReason":"end_turn","usage":{{{usage}}}}}"#
        );
        let got = NOVA.answer(&native).body;
        assert_eq!(tokens(&got), (5, 2, total));
        same(&NOVA.write_answer(&got).body, &native);
    }
}

#[test]
fn ids_of_calls_are_of_any_shape_and_input_may_be_empty() {
    for id in ["tooluse_a-B_9", "0b8e5c2a-6f1d-4f0e-9a55-2f9f0c1d2e3f"] {
        let native = format!(
            r#"{{"output":{{"message":{{"content":[{{"toolUse":{{"name":"gauge","toolUseId":"{id}","input":{{}}}}}}],"role":"assistant"}}}},"stopReason":"tool_use","usage":{{"inputTokens":5,"outputTokens":2,"totalTokens":7}}}}"#
        );
        let got = NOVA.answer(&native).body;
        same(
            at(&got, "output.message.content.0.toolUse"),
            &format!(r#"{{"toolUseId":"{id}","name":"gauge","input":{{}}}}"#),
        );
        same(&NOVA.write_answer(&got).body, &native);
    }
}

#[test]
fn null_is_never_written_for_a_block_that_is_not_there() {
    let got = NOVA.write(
        r#"{"messages":[{"role":"user","content":[{"text":"Hi","toolUse":null}]}],"system":null,"toolConfig":null}"#,
    );
    same(&got.body, r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#);
}

#[test]
fn reasoning_comes_without_a_signature_and_perhaps_redacted() {
    let native = r#"{"output":{"message":{"content":[{"reasoningContent":{"reasoningText":{"text":"[REDACTED]."}}},{"text":"Rain"}],"role":"assistant"}},"stopReason":"end_turn",
        "usage":{"inputTokens":5,"outputTokens":2,"totalTokens":7}}"#;
    let got = NOVA.answer(native).body;
    same(at(&got, "output.message.content.0"), r#"{"reasoningContent":{"reasoningText":{"text":"[REDACTED]."}}}"#);
    same(&NOVA.write_answer(&got).body, native);
}

#[test]
fn an_assistant_may_speak_first() {
    let converse =
        r#"{"messages":[{"role":"assistant","content":[{"text":"Ahoy"}]},{"role":"user","content":[{"text":"Hi"}]}]}"#;
    let back = NOVA.request(NOVA.write(converse).body).body;
    assert!(back.difference(&Tree::parse_text(converse).expect("JSON")).is_none(), "{back}");
    assert_eq!(text(&back, "messages.0.role"), "assistant");
}

#[test]
fn a_signature_that_the_format_cannot_say_leaves_no_empty_chunk() {
    let chunks = NOVA.chunks(&[
        r#"{"messageStart":{"role":"assistant"}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Dry?"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"c2ln"}}}}"#,
        r#"{"contentBlockStop":{"contentBlockIndex":0}}"#,
        r#"{"messageStop":{"stopReason":"end_turn"}}"#,
        r#"{"metadata":{"usage":{"inputTokens":5,"outputTokens":2,"totalTokens":7}}}"#,
    ]);
    let deltas: Vec<&Tree> = chunks.iter().filter_map(|c| c.get("contentBlockDelta")).collect();
    assert_eq!(deltas.len(), 1, "{chunks:?}");
    assert!(deltas.iter().all(|d| d.get("delta").is_some()));
}
