//! Answers that other clients misread.

use outcrop_runtime::{Kind, Tree};

use super::{FAMILIES, Format, at, same, text, tokens};

const LLAMA: Format = Format { family: "meta-llama", model: "meta.llama3-8b-instruct-v1:0" };
const JAMBA: Format = Format { family: "ai21-jamba", model: "ai21.jamba-1-5-large-v1:0" };
const COMMAND_R: Format = Format { family: "cohere-command-r", model: "cohere.command-r-v1:0" };
const MISTRAL: Format = Format { family: "mistral-chat", model: "mistral.mistral-large-2407-v1:0" };
const QWEN: Format = Format { family: "qwen3", model: "qwen.qwen3-32b-v1:0" };
const GPT_OSS: Format = Format { family: "openai-gpt-oss", model: "openai.gpt-oss-20b-1:0" };
const IMPORTED: Format = Format {
    family: "custom-model-import-generation",
    model: "arn:aws:bedrock:us-east-1:111122223333:imported-model/abcdef123456",
};

#[test]
fn llama_that_hit_its_limit_says_so_and_counts_come_from_the_body() {
    for reason in ["length", "stop"] {
        let native = format!(
            r#"{{"generation":"Rain","prompt_token_count":11,"generation_token_count":7,"stop_reason":"{reason}"}}"#
        );
        let got = LLAMA.answer(native).body;
        assert_eq!(text(&got, "stopReason"), if reason == "length" { "max_tokens" } else { "end_turn" });
        assert_eq!(tokens(&got), (11, 7, 18));
    }
}

#[test]
fn an_empty_generation_of_llama_is_an_answer() {
    let got = LLAMA
        .answer(r#"{"generation":"","prompt_token_count":11,"generation_token_count":1,"stop_reason":"stop"}"#)
        .body;
    assert_eq!(text(&got, "stopReason"), "end_turn");
    let says = |block: &Tree| block.get("text").and_then(Tree::as_str).is_some_and(|t| !t.is_empty());
    assert!(!at(&got, "output.message.content").as_list().expect("content").iter().any(says));
}

#[test]
fn jamba_answers_as_chat_not_as_its_predecessor() {
    let native = r#"{"id":"j","choices":[{"index":0,"message":{"role":"assistant","content":"Fog"},"finish_reason":"length"}],
        "usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}"#;
    let got = JAMBA.answer(native).body;
    assert_eq!(text(&got, "output.message.content.0.text"), "Fog");
    assert_eq!(text(&got, "stopReason"), "max_tokens");
    assert_eq!(tokens(&got), (5, 2, 7));
    let older = r#"{"completions":[{"data":{"text":"Fog"},"finishReason":{"reason":"endoftext"}}]}"#;
    assert!(JAMBA.try_decode(Kind::Response, &[], older).is_err(), "another format is no empty answer");
}

#[test]
fn command_r_that_hit_its_limit_says_so_and_citations_stay() {
    let native = r#"{"text":"It is warm.","finish_reason":"MAX_TOKENS","citations":[{"start":0,"end":2,"text":"It","document_ids":["d0"]}],
        "documents":[{"id":"d0","snippet":"warm"}]}"#;
    let got = COMMAND_R.answer(native).body;
    assert_eq!(text(&got, "stopReason"), "max_tokens");
    assert_eq!(text(&got, "additionalModelResponseFields.citations.0.document_ids.0"), "d0");
    let again = COMMAND_R.write_answer(&got).body;
    same(at(&again, "citations"), r#"[{"start":0,"end":2,"text":"It","document_ids":["d0"]}]"#);
}

#[test]
fn calls_of_command_r_are_tool_uses() {
    let native =
        r#"{"text":"I look.","finish_reason":"COMPLETE","tool_calls":[{"name":"gauge","parameters":{"quay":4}}]}"#;
    let got = COMMAND_R.answer(native).body;
    assert_eq!(text(&got, "stopReason"), "tool_use");
    same(at(&got, "output.message.content.1.toolUse.input"), r#"{"quay":4}"#);
    assert_eq!(text(&got, "output.message.content.1.toolUse.name"), "gauge");
}

#[test]
fn calls_of_openai_shaped_answers_are_tool_uses() {
    for format in [MISTRAL, QWEN, GPT_OSS, JAMBA] {
        let native = r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"",
            "tool_calls":[{"id":"a1b2c3d4e","type":"function","function":{"name":"gauge","arguments":"{\"quay\": 4}"}}]},"finish_reason":"tool_calls"}],
            "usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}"#;
        let got = format.answer(native).body;
        assert_eq!(text(&got, "stopReason"), "tool_use", "{}", format.family);
        let blocks = at(&got, "output.message.content").as_list().expect("content");
        let call = blocks.iter().find_map(|b| b.get("toolUse")).expect("a call");
        same(call, r#"{"toolUseId":"a1b2c3d4e","name":"gauge","input":{"quay":4}}"#);
    }
}

#[test]
fn every_chat_completion_has_its_text_reason_and_counts() {
    for family in [
        "deepseek-v3",
        "google-gemma",
        "minimax-m2",
        "mistral-openai",
        "moonshot-kimi",
        "nvidia-nemotron",
        "openai-gpt-oss",
        "qwen3",
        "writer-palmyra",
        "writer-palmyra-vision",
        "xai-grok",
        "zai-glm",
        "mistral-chat",
        "custom-model-import-chat",
    ] {
        let model = &FAMILIES.iter().find(|f| f.name == family).expect("a family").model;
        let format = Format { family, model };
        for (reason, wanted) in [("stop", "end_turn"), ("length", "max_tokens"), ("brand_new", "brand_new")] {
            let native = format!(
                r#"{{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"Fog"}},
                "finish_reason":"{reason}"}}],"usage":{{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}}}"#
            );
            let got = format.answer(native).body;
            assert_eq!(text(&got, "output.message.content.0.text"), "Fog", "{family}");
            assert_eq!(text(&got, "stopReason"), wanted, "{family}");
            assert_eq!(tokens(&got), (5, 2, 7), "{family}");
        }
    }
}

#[test]
fn thinking_before_its_closing_tag_is_no_text() {
    let native = r#"{"generation":"<think>Is it dry?</think>Bring a coat.","prompt_token_count":9,"generation_token_count":8,"stop_reason":"stop"}"#;
    let got = IMPORTED.answer(native).body;
    same(
        at(&got, "output.message.content"),
        r#"[{"reasoningContent":{"reasoningText":{"text":"Is it dry?"}}},{"text":"Bring a coat."}]"#,
    );
}

#[test]
fn a_body_of_another_format_is_never_an_empty_answer() {
    let says = |tree: &Tree| {
        let blocks = at(tree, "output.message.content").as_list().unwrap_or_default();
        blocks.iter().any(|b| b.get("text").is_none_or(|t| t.as_str() != Some("")))
    };
    let (mut silent, mut tried) = (Vec::new(), 0);
    for reader in FAMILIES.iter() {
        let call = outcrop_runtime::Call { model: &reader.model, ..outcrop_runtime::Call::default() };
        for writer in FAMILIES.iter() {
            for (kind, native, converse) in writer.bodies() {
                let (Kind::Response, Some(native), Some(converse)) = (kind, native, converse) else { continue };
                if !Tree::parse_text(&converse).is_ok_and(|c| says(&c)) {
                    continue;
                }
                tried += 1;
                let Ok(out) = reader.codec.decode(kind, &call, native.as_bytes()) else { continue };
                let got = Tree::parse(&out.body).expect("JSON");
                // What is not read must at least be kept.
                if !says(&got)
                    && at(&got, "additionalModelResponseFields").as_object().is_none()
                    && out.report.losses.is_empty()
                {
                    silent.push(format!("{} reads {native} of {} as {got}", reader.name, writer.name));
                }
            }
        }
    }
    assert!(tried > 1000, "{tried}");
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}
