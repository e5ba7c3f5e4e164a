//! What is lost between Converse and a model's own format is told in headers and counted, whoever answers.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod support;

use base64_simd::STANDARD;
use support::{echo, script, user};

const GPT: &str = "openai.gpt-oss-20b-1:0";
const LLAMA: &str = "meta.llama3-8b-instruct-v1:0";
const OLD: &str = "anthropic.claude-v2";

#[tokio::test]
async fn what_a_format_has_no_place_for_is_lost_from_written_answers() {
    let endpoint = script(
        "answers:\n  - converse: { output: { message: { role: assistant, content: [{ reasoningContent: { reasoningText: { text: Metal?, signature: dA== } } }, { text: Tin. }] } }, stopReason: end_turn, usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 } }\n",
    )
    .await;
    let body = r#"{"messages":[{"role":"user","content":"Hi"}],"max_completion_tokens":9}"#;
    // As it is written nothing is lost.
    for operation in ["converse", "converse-stream"] {
        let answer = endpoint.ask(GPT, operation, user("Hi")).await;
        assert_eq!((answer.status, answer.header("x-outcrop-losses")), (200, ""), "{answer:?}");
    }
    assert_eq!(endpoint.losses().await, [""; 0]);
    let answer = endpoint.ask(GPT, "invoke", body).await;
    assert!(answer.header("x-outcrop-losses").ends_with("reasoningText.signature"), "{answer:?}");
    assert_eq!(endpoint.losses().await, [r#"{of="answer",kind="dropped"} 1"#]);
    let answer = endpoint.ask(GPT, "invoke-with-response-stream", body).await;
    assert!(answer.frames().unwrap().len() > 2, "{answer:?}");
    let both = [r#"{of="answer",kind="dropped"} 1"#, r#"{of="stream",kind="dropped"} 1"#];
    assert_eq!(endpoint.losses().await, both);
}

#[tokio::test]
async fn what_converse_has_no_place_for_is_lost_from_written_answers() {
    // Texts of this format begin with a blank, which Converse does not say.
    let says = r#"completion: Tin., stop_reason: stop_sequence, stop: "\n\nHuman:""#;
    for (form, lost, of) in [
        (format!("native: {{ {says} }}"), "approximated completion", "answer"),
        (format!("chunks: [{{ {says} }}]"), "approximated chunk", "stream"),
    ] {
        for operation in ["converse", "converse-stream"] {
            let endpoint = script(&format!("answers:\n  - {form}\n")).await;
            let answer = endpoint.ask(OLD, operation, user("Hi")).await;
            assert_eq!(
                (answer.status, answer.header("x-outcrop-losses")),
                (200, lost),
                "{form} {operation}: {answer:?}"
            );
            assert_eq!(
                endpoint.losses().await,
                [format!(r#"{{of="{of}",kind="approximated"}} 1"#)],
                "{form} {operation}"
            );
        }
    }
}

#[tokio::test]
async fn what_converse_has_no_place_for_is_lost_from_requests() {
    let endpoint = echo().await;
    // No grammar of the model: it is read as one text.
    let body = r#"{"prompt":"What is tin?"}"#;
    for operation in ["invoke", "invoke-with-response-stream"] {
        let answer = endpoint.ask(LLAMA, operation, body).await;
        assert_eq!(
            (answer.status, answer.header("x-outcrop-request-losses")),
            (200, "approximated prompt"),
            "{answer:?}"
        );
    }
    let counted = format!(r#"{{"input":{{"invokeModel":{{"body":"{}"}}}}}}"#, STANDARD.encode_to_string(body));
    let answer = endpoint.ask(LLAMA, "count-tokens", counted).await;
    assert_eq!((answer.status, answer.header("x-outcrop-request-losses")), (200, "approximated prompt"), "{answer:?}");
    assert_eq!(endpoint.losses().await, [r#"{of="request",kind="approximated"} 3"#]);
    // The echo answers what Converse asks for itself, so nothing is translated.
    let answer = endpoint.ask(LLAMA, "converse", user("What is tin?")).await;
    assert_eq!((answer.status, answer.header("x-outcrop-request-losses")), (200, ""), "{answer:?}");
    assert_eq!(endpoint.losses().await, [r#"{of="request",kind="approximated"} 3"#]);
}
