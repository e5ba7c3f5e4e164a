//! What the service puts beside a format: headers, guardrails.

use super::{Format, at, same, text, tokens};

const CLAUDE: Format = Format { family: "anthropic-messages", model: "anthropic.claude-3-haiku-20240307-v1:0" };
const COMMAND_R: Format = Format { family: "cohere-command-r", model: "cohere.command-r-v1:0" };
const LLAMA: Format = Format { family: "meta-llama", model: "meta.llama3-8b-instruct-v1:0" };

const BODY: &str = r#""id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"Rain"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":5,"output_tokens":2}"#;

#[test]
fn headers_fill_only_what_the_body_does_not_say() {
    let headers = [("X-Amzn-Bedrock-Input-Token-Count", "99"), ("x-amzn-bedrock-output-token-count", "3")];
    assert_eq!(tokens(&CLAUDE.answer_with(&headers, format!("{{{BODY}}}")).body), (5, 2, 7));
    let got = COMMAND_R.answer_with(&headers, r#"{"response_id":"379ed018/a","text":"Rain","generation_id":"g","chat_history":[],"finish_reason":"COMPLETE"}"#);
    assert_eq!(tokens(&got.body), (99, 3, 102));
}

#[test]
fn the_trace_of_a_guardrail_has_a_list_where_converse_has_an_object() {
    let native = format!(
        r#"{{{BODY},"amazon-bedrock-guardrailAction":"NONE","amazon-bedrock-trace":{{"guardrail":{{
            "modelOutput":["{{\"content\":[],\"usage\":{{\"input_tokens\":5}}}}"],
            "input":{{"g1":{{"invocationMetrics":{{"guardrailProcessingLatency":9,"usage":{{"contentPolicyUnits":1,"automatedReasoningPolicyUnits":0}},"guardrailCoverage":{{"textCharacters":{{"guarded":2,"total":2}}}}}},"appliedGuardrailDetails":{{"guardrailId":"g1"}}}}}},
            "outputs":[{{"g1":{{"contentPolicy":{{"filters":[{{"type":"INSULTS","confidence":"LOW","action":"NONE","detected":false}}]}}}}}}]}}}}}}"#
    );
    let got = CLAUDE.answer(&native).body;
    // No action: the reason is the model's own, and the trace is there all the same.
    assert_eq!(text(&got, "stopReason"), "end_turn");
    assert_eq!(text(&got, "trace.guardrail.inputAssessment.g1.appliedGuardrailDetails.guardrailId"), "g1");
    assert!(text(&got, "trace.guardrail.modelOutput.0").contains("input_tokens"));
    assert!(got.to_string().contains("INSULTS"), "the list of assessments is kept: {got}");
    let again = CLAUDE.write_answer(&got).body;
    same(
        at(&again, "amazon-bedrock-trace"),
        &at(&outcrop_runtime::Tree::parse_text(&native).expect("JSON"), "amazon-bedrock-trace").to_string(),
    );
}

#[test]
fn a_guardrail_that_intervenes_in_a_stream_is_the_reason() {
    let got = CLAUDE.streamed(&[
        r#"{"type":"message_start","message":{"id":"bedrock-guardrails-abcdefgh","type":"message","role":"assistant","model":"c","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}"#,
        r#"{"type":"content_block_start","index":0.0,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":0.0,"delta":{"type":"text_delta","text":"I cannot say."}}"#,
        r#"{"type":"content_block_stop","index":0.0}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":0}}"#,
        r#"{"type":"message_stop","amazon-bedrock-guardrailAction":"INTERVENED","amazon-bedrock-invocationMetrics":{"inputTokenCount":0,"outputTokenCount":0,"invocationLatency":90,"firstByteLatency":30}}"#,
    ]);
    assert_eq!(text(&got, "stopReason"), "guardrail_intervened");
    same(at(&got, "output.message.content"), r#"[{"text":"I cannot say."}]"#);
}

#[test]
fn assessments_without_any_policy_are_read_in_every_format() {
    let got = LLAMA.answer(
        r#"{"generation":"Rain","prompt_token_count":5,"generation_token_count":2,"stop_reason":"stop","amazon-bedrock-guardrailAction":"NONE",
        "amazon-bedrock-trace":{"guardrail":{"input":{"g1":{}},"actionReason":"No action."}}}"#,
    );
    same(at(&got.body, "trace.guardrail.inputAssessment"), r#"{"g1":{}}"#);
    assert_eq!(text(&got.body, "trace.guardrail.actionReason"), "No action.");
}
