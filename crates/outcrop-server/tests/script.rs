//! Answers that are written down.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod support;

use outcrop_runtime::Tree;
use outcrop_runtime::fold::fold;
use outcrop_server::{Backend, Config, Text, serve};
use support::{Frame, script, user};

const MODEL: &str = "amazon.nova-lite-v1:0";
const LLAMA: &str = "meta.llama3-8b-instruct-v1:0";

#[tokio::test]
async fn the_first_entry_that_is_about_a_request_answers() {
    let endpoint = script(
        r#"
answers:
  - when: { text: weather, operation: [converse, converse-stream] }
    call: { name: forecast, input: { city: Lima, days: 2 } }
    usage: { input: 7, output: 9 }
  - when: { model: "*micro*" }
    fault: throttle
  - when: { body: { inferenceConfig: { maxTokens: 3 } } }
    text: Short.
    stop: max_tokens
  - when: { text: twice }
    times: 1
    text: First.
  - when: { text: twice }
    text: Second.
  - when: { text: broken }
    text: one two three four
    fault: stream-cut-after=2
  - when: { text: gone }
    fault: reset
otherwise: echo
"#,
    )
    .await;
    let said = async |text: &str| endpoint.ask(MODEL, "converse", user(text)).await.json().to_string();
    let call = said("the weather?").await;
    assert!(call.contains(r#""input":{"city":"Lima","days":2},"name":"forecast","toolUseId":"tooluse_"#), "{call}");
    assert!(call.contains(r#""stopReason":"tool_use""#) && call.contains(r#""totalTokens":16"#), "{call}");
    assert_eq!(endpoint.ask("amazon.nova-micro-v1:0", "converse", user("Hi")).await.status, 429);
    let short = r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"inferenceConfig":{"maxTokens":3}}"#;
    let short = endpoint.ask(MODEL, "converse", short).await.json().to_string();
    assert!(short.contains("Short.") && short.contains("max_tokens"), "{short}");
    assert!(said("twice").await.contains("First."));
    assert!(said("twice").await.contains("Second."));
    assert!(said("twice").await.contains("Second."));
    assert!(said("nobody thought of this").await.contains("nobody thought of this"));
    assert!(endpoint.ask(MODEL, "converse-stream", user("broken")).await.broken);
    let path = format!("/model/{MODEL}/converse");
    assert!(endpoint.begin(http::Method::POST, &path, user("gone"), &[]).await.is_err());
    // Native requests are understood as well.
    let body = r#"{"prompt":"<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\ntwice<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"}"#;
    let native = endpoint.ask(LLAMA, "invoke", body).await.json().to_string();
    assert!(native.contains(r#""generation":"Second.""#), "{native}");
}

#[tokio::test]
async fn answers_are_given_in_the_form_that_is_asked_for() {
    let forms = [
        r"converse: { output: { message: { role: assistant, content: [{ text: Tin. }] } }, stopReason: end_turn, usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 }, metrics: { latencyMs: 4 } }",
        r"native: { output: { message: { role: assistant, content: [{ text: Tin. }] } }, stopReason: end_turn, usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 } }",
        r"events: [{ messageStart: { role: assistant } }, { contentBlockDelta: { contentBlockIndex: 0, delta: { text: Tin. } } }, { contentBlockStop: { contentBlockIndex: 0 } }, { messageStop: { stopReason: end_turn } }, { metadata: { usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 }, metrics: { latencyMs: 4 } } }]",
        r"chunks: [{ messageStart: { role: assistant } }, { contentBlockDelta: { contentBlockIndex: 0, delta: { text: Tin. } } }, { contentBlockStop: { contentBlockIndex: 0 } }, { messageStop: { stopReason: end_turn } }, { metadata: { usage: { inputTokens: 3, outputTokens: 2 }, metrics: {}, trace: {} }, amazon-bedrock-invocationMetrics: { inputTokenCount: 3, outputTokenCount: 2, invocationLatency: 4, firstByteLatency: 1 } }]",
    ];
    for form in forms {
        let endpoint = script(&format!("answers:\n  - {form}\n")).await;
        for operation in ["converse", "invoke"] {
            let answer = endpoint.ask(MODEL, operation, user("Hi")).await;
            let body = answer.json();
            let text = body.get("output").and_then(|o| o.get("message")).map(|m| m.get("content").unwrap().to_string());
            assert_eq!((answer.status, text.unwrap().as_str()), (200, r#"[{"text":"Tin."}]"#), "{form} as {operation}");
        }
        let answer = endpoint.ask(MODEL, "converse-stream", user("Hi")).await;
        let events: Vec<Tree> = answer.frames().unwrap().iter().map(Frame::event).collect();
        let whole = fold(&events).unwrap();
        assert_eq!(whole.get("usage").unwrap().get("outputTokens"), Some(&Tree::int(2)), "{form}");
        let answer = endpoint.ask(MODEL, "invoke-with-response-stream", user("Hi")).await;
        let chunks: Vec<Tree> = answer.frames().unwrap().iter().map(Frame::chunk).collect();
        assert!(chunks.last().unwrap().get("amazon-bedrock-invocationMetrics").is_some(), "{form}: {chunks:?}");
    }
}

#[tokio::test]
async fn what_nobody_wrote_is_refused() {
    let endpoint = script("answers:\n  - when: { text: a }\n    text: b\n").await;
    let (status, _, message) = endpoint.ask(MODEL, "converse", user("Hello?")).await.failure();
    assert_eq!(status, 400);
    assert!(
        message
            .contains("no answer of the script is about this request (converse of `amazon.nova-lite-v1:0`, `Hello?`)"),
        "{message}"
    );
    // Ids that lead nowhere need no format if the answer is in the right form.
    let endpoint = script("answers: [{ native: { embedding: [0.5] } }]").await;
    let answer = endpoint.ask("amazon.titan-embed-text-v2:0", "invoke", r#"{"inputText":"a"}"#).await;
    assert_eq!(answer.json().to_string(), r#"{"embedding":[0.5]}"#);
}

#[tokio::test]
async fn faults_of_scripts_name_their_place() {
    for (text, why) in [
        ("answers:\n  - txet: a\n", "script:2:5: unknown key `txet`; did you mean `text`?"),
        ("answers:\n  - when: { operation: chat }\n    text: a\n", "script:2:24: unknown operation `chat`"),
        ("answers:\n  - text: a\n    converse: {}\n", "script:2:11: an entry answers in one form"),
        ("answers:\n  - when: { text: a }\n", "script:2:5: the entry says nothing"),
        ("answers:\n  - text: [a]\n", "script:2:11: expected text, found a list"),
        ("answers:\n  - text: a\n    text: b\n", "the key `text` is there twice"),
        ("answers:\n  - { text: a, fault: trottle }\n", "there is no fault `trottle`"),
        ("answers:\n  - { text: a, times: -1 }\n", "script:2:23: expected a whole number"),
        ("answers: [", "not usable"),
        ("otherwise: echo\n", "a script needs a list of `answers`"),
    ] {
        let config = Config { backend: Backend::Script(Text::Inline(text.to_owned())), ..Config::default() };
        let refused = serve(config).await.unwrap_err().to_string();
        assert!(refused.contains(why), "{text}: {refused}");
    }
}
