//! Claude on InvokeModel.

use outcrop_runtime::Tree;

use super::{Format, at, same, text, tokens};

const CLAUDE: Format = Format { family: "anthropic-messages", model: "anthropic.claude-sonnet-4-5-20250929-v1:0" };

fn answer(more: &str) -> String {
    format!(
        r#"{{"id":"msg_bdrk_01","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","stop_sequence":null,{more}}}"#
    )
}

#[test]
fn an_unknown_block_and_an_unknown_reason_stay() {
    let native = answer(
        r#""content":[{"type":"text","text":"Rain"},{"type":"hologram","rays":[1,2]}],"stop_reason":"bored","usage":{"input_tokens":5,"output_tokens":2}"#,
    );
    let got = CLAUDE.answer(&native).body;
    same(at(&got, "output.message.content"), r#"[{"text":"Rain"},{"native":{"type":"hologram","rays":[1,2]}}]"#);
    assert_eq!(text(&got, "stopReason"), "bored");
    same(&CLAUDE.write_answer(&got).body, &native);
}

#[test]
fn the_name_of_the_model_is_the_vendors_and_stays() {
    let native = answer(
        r#""content":[{"type":"text","text":"Rain"}],"stop_reason":"end_turn","usage":{"input_tokens":5,"output_tokens":2}"#,
    );
    let got = CLAUDE.answer(&native).body;
    assert_eq!(text(&got, "additionalModelResponseFields.model"), "claude-sonnet-4-5-20250929");
    // Its members stood in another order once.
    let turned = native.replace(r#""model":"claude-sonnet-4-5-20250929","#, "").replacen(
        '{',
        r#"{"model":"claude-sonnet-4-5-20250929","#,
        1,
    );
    same(&CLAUDE.answer(turned).body, &got.to_string());
    for id in ["msg_01", "compl_01"] {
        let got = CLAUDE.answer(native.replace("msg_bdrk_01", id)).body;
        assert_eq!(text(&got, "additionalModelResponseFields.id"), id);
    }
}

#[test]
fn counts_of_claude_come_in_five_shapes() {
    let small = r#""input_tokens":5,"output_tokens":2"#;
    let cached = format!(r#"{small},"cache_creation_input_tokens":30,"cache_read_input_tokens":4"#);
    let split =
        format!(r#"{cached},"cache_creation":{{"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":0}}"#);
    let tier = format!(r#"{split},"service_tier":"standard""#);
    let details = format!(r#"{tier},"output_tokens_details":{{"thinking_tokens":1}}"#);
    for (usage, total) in [(small, 7), (&cached, 41), (&split, 41), (&tier, 41), (&details, 41)] {
        let native = answer(&format!(
            r#""content":[{{"type":"text","text":"Rain"}}],"stop_reason":"end_turn","usage":{{{usage}}}"#
        ));
        let got = CLAUDE.answer(&native).body;
        assert_eq!(tokens(&got), (5, 2, total), "{usage}");
        let again = CLAUDE.write_answer(&got).body;
        let wanted = Tree::parse_text(&native).expect("JSON");
        assert!(again.difference(&wanted).is_none(), "{again} is not {wanted}");
    }
}

#[test]
fn an_answer_without_content_is_one() {
    let native = answer(
        r#""content":[],"stop_reason":"end_turn","stop_details":null,"usage":{"input_tokens":5,"output_tokens":3}"#,
    );
    let got = CLAUDE.answer(native).body;
    same(at(&got, "output.message.content"), "[]");
    assert_eq!(text(&got, "stopReason"), "end_turn");
    assert_eq!(tokens(&got), (5, 3, 8));
}

#[test]
fn instructions_may_stand_in_the_middle_of_a_conversation() {
    let native = r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"Hi"},
        {"role":"system","content":"Now in verse."},{"role":"user","content":"Go on."}]}"#;
    let got = CLAUDE.request(native).body;
    assert_eq!(text(&got, "messages.1.role"), "system");
    assert_eq!(text(&CLAUDE.write(&got).body, "messages.1.role"), "system");
}

#[test]
fn every_piece_of_the_instructions_survives_not_the_last_alone() {
    let got = CLAUDE.write(
        r#"{"system":[{"text":"Be brief."},{"text":"Be kind."}],"messages":[{"role":"user","content":[{"text":"Hi"}]}],"inferenceConfig":{"maxTokens":9}}"#,
    );
    let said = at(&got.body, "system").to_string();
    assert!(said.contains("Be brief.") && said.contains("Be kind."), "{said}");
}

#[test]
fn a_blocked_answer_says_end_turn_and_the_guardrail_says_more() {
    let native = r#"{"id":"bedrock-guardrails-abcdefgh","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929",
        "content":[{"type":"text","text":"I cannot say."}],"stop_reason":"end_turn","stop_sequence":null,
        "usage":{"input_tokens":0,"output_tokens":0},"amazon-bedrock-guardrailAction":"INTERVENED"}"#;
    let got = CLAUDE.answer(native).body;
    assert_eq!(text(&got, "stopReason"), "guardrail_intervened");
    assert_eq!(text(&got, "output.message.content.0.text"), "I cannot say.");
}

#[test]
fn bare_ids_and_those_with_a_region_are_written_alike() {
    let converse = r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]},
        {"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"A greeting.","signature":"c2ln"}}},{"text":"Ahoy"}]},
        {"role":"user","content":[{"text":"Who?"}]}],"inferenceConfig":{"maxTokens":2000},
        "additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":1024}}}"#;
    let bare = CLAUDE.write(converse).body;
    let profile = Format { family: "anthropic-messages", model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0" };
    same(&profile.write(converse).body, &bare.to_string());
    assert_eq!(at(&bare, "thinking.budget_tokens").as_int(), Some(1024));
    assert_eq!(text(&bare, "messages.1.content.0.signature"), "c2ln");
}

#[test]
fn a_citation_may_come_before_the_text_of_its_block() {
    let got = CLAUDE.chunks(&[
        r#"{"messageStart":{"role":"assistant"}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"citation":{"title":"Rules","sourceContent":[{"text":"Ten."}],"location":{"documentPage":{"documentIndex":0,"start":1,"end":2}}}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Ten."}}}"#,
        r#"{"contentBlockStop":{"contentBlockIndex":0}}"#,
        r#"{"messageStop":{"stopReason":"end_turn"}}"#,
        r#"{"metadata":{"usage":{"inputTokens":5,"outputTokens":2,"totalTokens":7}}}"#,
    ]);
    let texts: Vec<String> = got.iter().map(ToString::to_string).collect();
    let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
    let sum = CLAUDE.streamed(&refs);
    let block = at(&sum, "output.message.content.0");
    assert!(block.to_string().contains("Rules") && block.to_string().contains("\"Ten.\""), "{sum}");
    assert_eq!(at(&sum, "output.message.content").as_list().map(<[_]>::len), Some(1));
}
