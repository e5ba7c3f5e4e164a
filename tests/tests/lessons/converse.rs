//! What Converse sends and takes without documenting it.

use outcrop_runtime::Tree;

use super::{Format, at, same, tokens};

const CLAUDE: Format = Format { family: "anthropic-messages", model: "anthropic.claude-sonnet-4-5-20250929-v1:0" };
const NOVA: Format = Format { family: "amazon-nova", model: "us.amazon.nova-2-lite-v1:0" };
const KIMI: Format = Format { family: "moonshot-kimi", model: "moonshot.kimi-k2-thinking" };
const QWEN: Format = Format { family: "qwen3", model: "qwen.qwen3-32b-v1:0" };
const GPT_OSS: Format = Format { family: "openai-gpt-oss", model: "openai.gpt-oss-20b-1:0" };

fn answer(content: &str, usage: &str) -> String {
    format!(
        r#"{{"metrics":{{"latencyMs":90}},"output":{{"message":{{"content":{content},"role":"assistant"}}}},"stopReason":"end_turn","usage":{usage}}}"#
    )
}

const COUNTED: &str = r#"{"inputTokens":5,"outputTokens":2,"totalTokens":7}"#;

#[test]
fn counts_of_server_tools_come_empty_and_are_dropped_with_a_word() {
    let got = CLAUDE.write_answer(answer(
        r#"[{"text":"Rain"}]"#,
        r#"{"inputTokens":5,"outputTokens":2,"serverToolUsage":{},"totalTokens":7}"#,
    ));
    assert_eq!(at(&got.body, "usage.input_tokens").as_int(), Some(5));
    let used = CLAUDE.write_answer(answer(
        r#"[{"text":"Rain"}]"#,
        r#"{"inputTokens":5,"outputTokens":2,"serverToolUsage":{"x":1},"totalTokens":7}"#,
    ));
    assert!(used.report.iter().any(|p| p.starts_with("usage.serverToolUsage")), "{:?}", used.report);
}

#[test]
fn the_total_counts_the_cache_too_and_writes_come_by_time_to_live() {
    let usage = r#"{"inputTokens":5,"outputTokens":2,"cacheReadInputTokens":10,"cacheWriteInputTokens":30,"cacheDetails":[{"inputTokens":30,"ttl":"5m"}],"totalTokens":47}"#;
    let native = CLAUDE.write_answer(answer(r#"[{"text":"Rain"}]"#, usage)).body;
    assert_eq!(at(&native, "usage.cache_creation.ephemeral_5m_input_tokens").as_int(), Some(30));
    let back = CLAUDE.answer(&native).body;
    assert_eq!(tokens(&back), (5, 2, 47));
    same(at(&back, "usage.cacheDetails"), r#"[{"inputTokens":30,"ttl":"5m"}]"#);
    // One recording has read tokens without written ones.
    let got = CLAUDE.answer_with(
        &[("x-amzn-bedrock-cache-read-input-token-count", "10")],
        r#"{"id":"m","type":"message","role":"assistant","model":"c","content":[],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":5,"output_tokens":2}}"#,
    );
    assert_eq!(tokens(&got.body), (5, 2, 17));
}

#[test]
fn calls_may_say_what_kind_of_call_they_are() {
    let content = r#"[{"toolUse":{"input":{},"name":"gauge","toolUseId":"tooluse_1","type":"tool_use"}}]"#;
    let got = CLAUDE.write_answer(answer(content, COUNTED));
    same(at(&got.body, "content.0"), r#"{"type":"tool_use","id":"tooluse_1","name":"gauge","input":{}}"#);
    // Echoed in the next request, with a result that says its kind as well.
    let request = r#"{"messages":[{"role":"user","content":[{"text":"Tide?"}]},
        {"role":"assistant","content":[{"toolUse":{"input":{},"name":"gauge","toolUseId":"tooluse_1","type":"tool_use"}}]},
        {"role":"user","content":[{"toolResult":{"toolUseId":"tooluse_1","type":"tool_result","content":[{"text":"low"}]}}]}],
        "toolConfig":{"tools":[{"toolSpec":{"name":"gauge","inputSchema":{"json":{"type":"object"}}}}]},"inferenceConfig":{"maxTokens":9}}"#;
    let got = CLAUDE.write(request).body;
    assert_eq!(at(&got, "messages.2.content.0.tool_use_id").as_str(), Some("tooluse_1"));
}

#[test]
fn reasoning_without_a_signature_or_alone_is_an_answer() {
    for format in [GPT_OSS, KIMI, QWEN] {
        let content = r#"[{"reasoningContent":{"reasoningText":{"text":" Is it dry?"}}}]"#;
        let native = format.write_answer(answer(content, COUNTED)).body;
        let back = format.answer(native).body;
        same(at(&back, "output.message.content"), content);
    }
    let content = r#"[{"reasoningContent":{"reasoningText":{"text":"Dry?","signature":"c2ln"}}},{"text":"Rain"}]"#;
    let back = CLAUDE.answer(CLAUDE.write_answer(answer(content, COUNTED)).body).body;
    same(at(&back, "output.message.content"), content);
}

#[test]
fn marks_for_the_cache_stand_in_instructions_tools_and_turns() {
    let request = r#"{"system":[{"text":"Be brief."},{"cachePoint":{"type":"default"}}],
        "messages":[{"role":"user","content":[{"text":"Tide?"},{"cachePoint":{"type":"default"}}]}],
        "toolConfig":{"tools":[{"toolSpec":{"name":"gauge","inputSchema":{"json":{"type":"object"}}}},{"cachePoint":{"type":"default"}}]},
        "inferenceConfig":{"maxTokens":9}}"#;
    let native = CLAUDE.write(request).body;
    assert_eq!(native.to_string().matches("cache_control").count(), 3, "{native}");
    let back = CLAUDE.request(native).body;
    assert!(back.difference(&Tree::parse_text(request).expect("JSON")).is_none(), "{back}");
}

#[test]
fn tools_of_the_service_strict_schemas_and_structured_answers_are_taken() {
    let system = r#"{"messages":[{"role":"user","content":[{"text":"Sky?"}]}],"toolConfig":{"tools":[{"systemTool":{"name":"nova_grounding"}}]}}"#;
    let back = NOVA.request(NOVA.write(system).body).body;
    assert!(back.difference(&Tree::parse_text(system).expect("JSON")).is_none(), "{back}");
    let strict = r#"{"messages":[{"role":"user","content":[{"text":"Sky?"}]}],"inferenceConfig":{"maxTokens":9},
        "toolConfig":{"tools":[{"toolSpec":{"name":"gauge","strict":true,"inputSchema":{"json":{"type":"object"}}}}]},
        "outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\"}"}}}}}"#;
    let back = CLAUDE.request(CLAUDE.write(strict).body).body;
    same(at(&back, "toolConfig.tools.0.toolSpec.strict"), "true");
    same(at(&back, "outputConfig.textFormat.type"), r#""json_schema""#);
}

#[test]
fn citations_may_lack_their_content_their_source_and_their_title() {
    let content = r#"[{"citationsContent":{"content":[{"text":"Ten."}],"citations":[{"location":{"documentPage":{"documentIndex":0,"start":1,"end":2}}}]}}]"#;
    let back = CLAUDE.answer(CLAUDE.write_answer(answer(content, COUNTED)).body).body;
    same(at(&back, "output.message.content"), content);
}

#[test]
fn a_turn_may_end_naturally_although_a_call_is_there() {
    let content = r#"[{"toolUse":{"toolUseId":"tooluse_1","name":"nova_grounding","input":{}}},{"text":"Rain"}]"#;
    for format in [CLAUDE, NOVA, GPT_OSS] {
        let back = format.answer(format.write_answer(answer(content, COUNTED)).body).body;
        same(at(&back, "stopReason"), r#""end_turn""#);
    }
}
