//! Streams that other clients misread.

use outcrop_runtime::Tree;

use super::{Format, at, same, text, tokens};

const LLAMA: Format = Format { family: "meta-llama", model: "meta.llama3-8b-instruct-v1:0" };
const JAMBA: Format = Format { family: "ai21-jamba", model: "ai21.jamba-1-5-large-v1:0" };
const COMMAND_R: Format = Format { family: "cohere-command-r", model: "cohere.command-r-v1:0" };
const MISTRAL: Format = Format { family: "mistral-chat", model: "mistral.pixtral-large-2502-v1:0" };
const QWEN: Format = Format { family: "qwen3", model: "qwen.qwen3-32b-v1:0" };
const GPT_OSS: Format = Format { family: "openai-gpt-oss", model: "openai.gpt-oss-20b-1:0" };

#[test]
fn the_last_chunk_of_llama_gives_its_reason_its_counts_and_its_text() {
    let got = LLAMA.streamed(&[
        r#"{"generation":"Ra","prompt_token_count":11,"generation_token_count":1,"stop_reason":null}"#,
        r#"{"generation":"in","prompt_token_count":null,"generation_token_count":2,"stop_reason":"length",
            "amazon-bedrock-invocationMetrics":{"inputTokenCount":11,"outputTokenCount":2,"invocationLatency":90,"firstByteLatency":30}}"#,
    ]);
    assert_eq!(text(&got, "output.message.content.0.text"), "Rain");
    assert_eq!(text(&got, "stopReason"), "max_tokens");
    assert_eq!(tokens(&got), (11, 2, 13));
    assert_eq!(at(&got, "metrics.latencyMs").as_int(), Some(90));
}

#[test]
fn no_delta_of_chat_completions_is_dropped_the_last_one_neither() {
    for format in [QWEN, GPT_OSS, MISTRAL, JAMBA] {
        let got = format.streamed(&[
            r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
            r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Ra"},"finish_reason":null}]}"#,
            r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"in"},"finish_reason":"length"}],
                "amazon-bedrock-invocationMetrics":{"inputTokenCount":5,"outputTokenCount":2,"invocationLatency":9,"firstByteLatency":3}}"#,
        ]);
        assert_eq!(text(&got, "output.message.content.0.text"), "Rain", "{}", format.family);
        assert_eq!(text(&got, "stopReason"), "max_tokens", "{}", format.family);
        assert_eq!(tokens(&got), (5, 2, 7), "{}", format.family);
    }
}

#[test]
fn counts_may_come_in_a_chunk_without_choices() {
    let got = GPT_OSS.streamed(&[
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Rain"},"finish_reason":"stop"}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7},
            "amazon-bedrock-invocationMetrics":{"inputTokenCount":5,"outputTokenCount":2,"invocationLatency":9,"firstByteLatency":3}}"#,
    ]);
    assert_eq!(tokens(&got), (5, 2, 7));
    assert_eq!(text(&got, "stopReason"), "end_turn");
}

#[test]
fn arguments_go_on_in_chunks_without_id_and_name() {
    let got = GPT_OSS.streamed(&[
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant",
            "tool_calls":[{"index":0,"id":"chatcmpl-tool-1","type":"function","function":{"name":"gauge","arguments":"{\"qu"}}]},"finish_reason":null}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"ay\":4}"}}]},"finish_reason":null}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
    ]);
    same(
        at(&got, "output.message.content.0.toolUse"),
        r#"{"toolUseId":"chatcmpl-tool-1","name":"gauge","input":{"quay":4}}"#,
    );
    assert_eq!(text(&got, "stopReason"), "tool_use");
}

#[test]
fn reasoning_of_gpt_oss_is_wrapped_delta_by_delta_and_may_end_the_stream() {
    let got = GPT_OSS.streamed(&[
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","service_tier":"auto","choices":[{"index":0,"delta":{"role":"assistant","content":"<reasoning>Is it</reasoning>"},"finish_reason":null,"logprobs":null}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","service_tier":"auto","choices":[{"index":0,"delta":{"content":"<reasoning> dry?</reasoning>"},"finish_reason":"length","logprobs":null}]}"#,
    ]);
    let blocks = at(&got, "output.message.content").as_list().expect("content");
    let thought: String = blocks.iter().filter_map(|b| at(b, "reasoningContent.reasoningText.text").as_str()).collect();
    assert_eq!(thought, "Is it dry?");
    assert!(blocks.iter().all(|b| b.get("text").is_none()), "{got}");
    assert_eq!(text(&got, "stopReason"), "max_tokens");
    let whole = GPT_OSS.answer(
        r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","refusal":null,
            "content":"<reasoning>Is it dry?</reasoning>Bring a coat."},"finish_reason":"stop","logprobs":null}]}"#,
    );
    same(
        at(&whole.body, "output.message.content"),
        r#"[{"reasoningContent":{"reasoningText":{"text":"Is it dry?"}}},{"text":"Bring a coat."}]"#,
    );
}

#[test]
fn the_end_of_command_r_repeats_the_answer_and_bills_other_counts() {
    let chunks = [
        r#"{"is_finished":false,"event_type":"text-generation","text":"Ra"}"#,
        r#"{"is_finished":false,"event_type":"text-generation","text":"in"}"#,
        r#"{"is_finished":true,"event_type":"stream-end","finish_reason":"MAX_TOKENS","response":{"response_id":"379ed018/a","text":"Rain","generation_id":"g",
            "chat_history":[{"role":"USER","message":"Sky?"}],"finish_reason":"MAX_TOKENS",
            "meta":{"api_version":{"version":"1"},"billed_units":{"input_tokens":7,"output_tokens":2},"tokens":{"input_tokens":73,"output_tokens":2}}},
            "amazon-bedrock-invocationMetrics":{"inputTokenCount":7,"outputTokenCount":2,"invocationLatency":9,"firstByteLatency":3}}"#,
    ];
    let got = COMMAND_R.streamed(&chunks);
    same(at(&got, "output.message.content"), r#"[{"text":"Rain"}]"#);
    assert_eq!(text(&got, "stopReason"), "max_tokens");
    assert_eq!(tokens(&got), (7, 2, 9));
    assert_eq!(at(&got, "additionalModelResponseFields.tokens.input_tokens").as_int(), Some(73), "{got}");
}

#[test]
fn a_stream_that_ends_early_is_an_error_and_no_short_answer() {
    let early =
        [r#"{"generation":"Ra","prompt_token_count":11,"generation_token_count":1,"stop_reason":null}"#.to_owned()];
    let error = LLAMA.through(true, &early).expect_err("truncated");
    assert_eq!(error.code.as_str(), "stream-truncated");
}

#[test]
fn padding_in_events_is_no_content() {
    let chunks = LLAMA.chunks(&[
        r#"{"messageStart":{"p":"abcde","role":"assistant"}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Rain"},"p":"ab"}}"#,
        r#"{"contentBlockStop":{"contentBlockIndex":0,"p":"abcdefghijklmn"}}"#,
        r#"{"messageStop":{"p":"abc","stopReason":"end_turn"}}"#,
        r#"{"metadata":{"metrics":{"latencyMs":90},"p":"a","usage":{"inputTokens":11,"outputTokens":2,"serverToolUsage":{},"totalTokens":13}}}"#,
    ]);
    let said: String = chunks.iter().filter_map(|c| c.get("generation").and_then(Tree::as_str)).collect();
    assert_eq!(said, "Rain");
    assert!(chunks.iter().all(|c| c.get("p").is_none()));
}
