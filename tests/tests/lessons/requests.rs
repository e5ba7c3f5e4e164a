//! Requests that other clients write with something missing.

use outcrop_runtime::{Call, Code, Kind, Tree};

use super::{FAMILIES, Format, at, same, text};

const LLAMA: Format = Format { family: "meta-llama", model: "meta.llama3-8b-instruct-v1:0" };
const GPT_OSS: Format = Format { family: "openai-gpt-oss", model: "openai.gpt-oss-20b-1:0" };
const COMMAND_R: Format = Format { family: "cohere-command-r", model: "cohere.command-r-v1:0" };
const MISTRAL: Format = Format { family: "mistral-chat", model: "mistral.mistral-large-2407-v1:0" };
const PIXTRAL: Format = Format { family: "mistral-chat", model: "mistral.pixtral-large-2502-v1:0" };
const JAMBA: Format = Format { family: "ai21-jamba", model: "ai21.jamba-1-5-large-v1:0" };

/// What every family writes of a Converse request; nothing where it refuses with a code and a place.
fn everywhere(converse: &str) -> Vec<(&'static str, Tree, Vec<String>)> {
    let mut all = Vec::new();
    for family in FAMILIES.iter() {
        let call = Call { model: &family.model, ..Call::default() };
        match family.codec.encode(Kind::Request, &call, converse.as_bytes()) {
            Ok(out) => {
                let report = out.report.losses.iter().map(|l| l.path.to_string()).collect();
                all.push((family.name.as_str(), Tree::parse(&out.body).expect("JSON"), report));
            }
            Err(e) => assert!(!e.path.is_empty(), "{}: no place: {e}", family.name),
        }
    }
    assert!(all.len() > 5, "most families take it");
    all
}

#[test]
fn all_instructions_survive_in_every_family() {
    let converse = r#"{"system":[{"text":"Be brief."},{"text":"Be kind."}],"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#;
    for (family, body, _) in everywhere(converse) {
        let body = body.to_string();
        assert!(body.contains("Be brief.") && body.contains("Be kind."), "{family}: {body}");
    }
}

#[test]
fn results_of_tools_are_in_the_body_or_refused_never_forgotten() {
    let converse = r#"{"messages":[{"role":"user","content":[{"text":"Tide?"}]},
        {"role":"assistant","content":[{"toolUse":{"toolUseId":"a1b2c3d4e","name":"gauge","input":{"quay":4}}}]},
        {"role":"user","content":[{"toolResult":{"toolUseId":"a1b2c3d4e","content":[{"text":"low until six"}]}}]}],
        "toolConfig":{"tools":[{"toolSpec":{"name":"gauge","description":"Water level.","inputSchema":{"json":{"type":"object","properties":{"quay":{"type":"integer"}}}}}}]}}"#;
    let takes: Vec<&str> = everywhere(converse)
        .iter()
        .map(|(family, body, _)| {
            let text = body.to_string();
            assert!(text.contains("low until six") && text.contains("gauge"), "{family}: {text}");
            *family
        })
        .collect();
    for family in [
        "cohere-command-r",
        "mistral-chat",
        "openai-gpt-oss",
        "qwen3",
        "amazon-nova",
        "anthropic-messages",
        "ai21-jamba",
    ] {
        assert!(takes.contains(&family), "{family} takes tools");
    }
    assert_eq!(LLAMA.refuses(converse, Code::Unsupported), "messages[1].content[0].toolUse");
}

#[test]
fn llama_has_its_own_name_for_the_limit_and_no_stop_texts() {
    let got = LLAMA.write(
        r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"inferenceConfig":{"maxTokens":9,"stopSequences":["END"]}}"#,
    );
    assert_eq!(at(&got.body, "max_gen_len").as_int(), Some(9));
    assert!(got.body.get("max_tokens").is_none() && got.body.get("stop").is_none());
    assert_eq!(got.report, ["inferenceConfig.stopSequences"]);
}

#[test]
fn jamba_and_pixtral_are_asked_with_messages_not_with_a_prompt() {
    for format in [JAMBA, PIXTRAL, MISTRAL] {
        let got = format.write(r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#).body;
        same(at(&got, "messages"), r#"[{"role":"user","content":"Hi"}]"#);
        assert!(got.get("prompt").is_none());
    }
}

#[test]
fn members_that_only_say_how_to_call_are_taken_in_bodies() {
    let native = r#"{"model":"openai.gpt-oss-20b-1:0","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi"}]}"#;
    let got = GPT_OSS.request(native).body;
    assert_eq!(text(&got, "additionalModelRequestFields.model"), "openai.gpt-oss-20b-1:0");
    same(&GPT_OSS.write(got).body, native);
}

#[test]
fn containers_of_nothing_are_as_good_as_absent() {
    let bare = r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#;
    let empty = r#"{"system":[],"inferenceConfig":{},"additionalModelRequestFields":{},"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#;
    for ((family, wanted, _), (_, mut got, report)) in everywhere(bare).into_iter().zip(everywhere(empty)) {
        // A list of nothing may stay one.
        if let Tree::Obj(members) = &mut got {
            members.members_mut().retain(|(_, value)| value.as_list() != Some(&[]));
        }
        assert!(wanted.difference(&got).is_none(), "{family}: {got} is not {wanted}; {report:?}");
    }
    let stops = r#"{"inferenceConfig":{"stopSequences":[]},"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#;
    assert_eq!(everywhere(bare).len(), everywhere(stops).len(), "no stop texts are none to refuse");
}

#[test]
fn calls_of_command_r_have_no_ids_and_the_report_says_so() {
    let got = COMMAND_R.write(
        r#"{"messages":[{"role":"user","content":[{"text":"Tide?"}]},
        {"role":"assistant","content":[{"toolUse":{"toolUseId":"a1b2c3d4e","name":"gauge","input":{"quay":4}}}]},
        {"role":"user","content":[{"toolResult":{"toolUseId":"a1b2c3d4e","content":[{"json":{"level":2}}]}}]}],
        "toolConfig":{"tools":[{"toolSpec":{"name":"gauge","description":"Water level.","inputSchema":{"json":{"type":"object","properties":{"quay":{"type":"integer"}}}}}}]}}"#,
    );
    assert!(got.report.iter().any(|p| p == "messages[1].content[0].toolUse.toolUseId"), "{:?}", got.report);
    same(at(&got.body, "tool_results.0.outputs"), r#"[{"level":2}]"#);
}
