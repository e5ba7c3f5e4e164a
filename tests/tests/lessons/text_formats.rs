//! Formats that answer in plain text: the oldest ones.

use outcrop_runtime::Tree;

use super::{Format, at, same, text, tokens};

const TITAN: Format = Format { family: "amazon-titan-text", model: "amazon.titan-text-express-v1" };
const CLAUDE: Format = Format { family: "anthropic-text-completion", model: "anthropic.claude-v2" };
const MISTRAL: Format = Format { family: "mistral-text", model: "mistral.mistral-7b-instruct-v0:2" };
const COMMAND: Format = Format { family: "cohere-command", model: "cohere.command-text-v14" };
const JURASSIC: Format = Format { family: "ai21-jurassic2", model: "ai21.j2-mid-v1" };
const DEEPSEEK: Format = Format { family: "deepseek-r1", model: "us.deepseek.r1-v1:0" };

/// Counts that these formats have in headers alone.
const COUNTS: &[(&str, &str)] = &[
    ("x-amzn-bedrock-input-token-count", "5"),
    ("X-Amzn-Bedrock-Output-Token-Count", "2"),
    ("x-amzn-bedrock-invocation-latency", "90"),
];

#[test]
fn a_filtered_answer_of_titan_is_no_natural_end() {
    for (reason, wanted) in [
        ("CONTENT_FILTERED", "content_filtered"),
        ("FINISH", "end_turn"),
        ("FINISHED", "end_turn"),
        ("LENGTH", "max_tokens"),
        ("STOP_CRITERIA_MET", "stop_sequence"),
    ] {
        let native = format!(
            r#"{{"inputTextTokenCount":5,"results":[{{"tokenCount":2,"outputText":"\nRain","completionReason":"{reason}"}}]}}"#
        );
        let got = TITAN.answer(native).body;
        assert_eq!(text(&got, "stopReason"), wanted);
        assert_eq!(text(&got, "output.message.content.0.text"), "\nRain");
        assert_eq!(tokens(&got), (5, 2, 7));
    }
}

#[test]
fn counts_are_in_the_headers_alone_and_are_read_from_there() {
    let jurassic = r#"{"id":1234,"prompt":{"text":"Sky?","tokens":[]},"completions":[{"data":{"text":"Rain","tokens":[]},"finishReason":{"reason":"length","length":2}}]}"#;
    for (format, native, reason) in [
        (
            COMMAND,
            r#"{"id":"a","generations":[{"id":"b","text":" Rain","finish_reason":"MAX_TOKENS"}],"prompt":"Sky?"}"#,
            "max_tokens",
        ),
        (MISTRAL, r#"{"outputs":[{"text":" Rain","stop_reason":"length"}]}"#, "max_tokens"),
        (JURASSIC, jurassic, "max_tokens"),
        (CLAUDE, r#"{"type":"completion","completion":" Rain","stop_reason":"max_tokens","stop":null}"#, "max_tokens"),
        (DEEPSEEK, r#"{"choices":[{"text":"Dry?</think>Rain","stop_reason":"length"}]}"#, "max_tokens"),
    ] {
        let got = format.answer_with(COUNTS, native).body;
        assert_eq!(tokens(&got), (5, 2, 7), "{}", format.family);
        assert_eq!(at(&got, "metrics.latencyMs").as_int(), Some(90), "{}", format.family);
        assert_eq!(text(&got, "stopReason"), reason, "{}", format.family);
    }
}

#[test]
fn the_last_chunk_of_text_formats_has_reason_and_counts() {
    let metrics = r#""amazon-bedrock-invocationMetrics":{"inputTokenCount":5,"outputTokenCount":2,"invocationLatency":90,"firstByteLatency":30}"#;
    let last = |chunk: &str| format!("{},{metrics}}}", chunk.strip_suffix('}').expect("an object"));
    for (format, first, end) in [
        (
            TITAN,
            r#"{"outputText":"Ra","index":0,"totalOutputTextTokenCount":null,"completionReason":null,"inputTextTokenCount":5}"#,
            r#"{"outputText":"in","index":0,"totalOutputTextTokenCount":2,"completionReason":"LENGTH","inputTextTokenCount":5}"#,
        ),
        (
            MISTRAL,
            r#"{"outputs":[{"text":"Rain","stop_reason":null}]}"#,
            r#"{"outputs":[{"text":"","stop_reason":"length"}]}"#,
        ),
        (
            CLAUDE,
            r#"{"type":"completion","completion":"Rain","stop_reason":null,"stop":null}"#,
            r#"{"type":"completion","completion":"","stop_reason":"max_tokens","stop":null}"#,
        ),
        (
            DEEPSEEK,
            r#"{"choices":[{"text":"</think>Ra","stop_reason":null}]}"#,
            r#"{"choices":[{"text":"in","stop_reason":"length"}]}"#,
        ),
        (COMMAND, r#"{"text":"Rain","is_finished":false}"#, r#"{"is_finished":true,"finish_reason":"MAX_TOKENS"}"#),
    ] {
        let got = format.streamed(&[first, &last(end)]);
        let blocks = at(&got, "output.message.content").as_list().expect("content");
        let said: String = blocks.iter().filter_map(|b| b.get("text").and_then(Tree::as_str)).collect();
        assert_eq!(said, "Rain", "{}", format.family);
        assert_eq!(text(&got, "stopReason"), "max_tokens", "{}", format.family);
        assert_eq!(tokens(&got), (5, 2, 7), "{}", format.family);
    }
}

#[test]
fn claude_texts_end_at_the_label_of_the_human_without_saying_so_in_the_reason() {
    for (stop, wanted) in [(r#""\n\nHuman:""#, "end_turn"), ("null", "end_turn"), (r#""END""#, "stop_sequence")] {
        let native =
            format!(r#"{{"type":"completion","completion":" Rain","stop_reason":"stop_sequence","stop":{stop}}}"#);
        assert_eq!(text(&CLAUDE.answer(native).body, "stopReason"), wanted, "{stop}");
    }
    // Older answers have neither `type` nor `stop`.
    let got = CLAUDE.answer(r#"{"completion":" Rain","stop_reason":"stop_sequence"}"#).body;
    assert_eq!(text(&got, "output.message.content.0.text"), "Rain");
}

#[test]
fn deepseek_begins_inside_its_reasoning() {
    let got = DEEPSEEK.answer(r#"{"choices":[{"text":"Is it dry?</think>Bring a coat.","stop_reason":"stop"}]}"#).body;
    same(
        at(&got, "output.message.content"),
        r#"[{"reasoningContent":{"reasoningText":{"text":"Is it dry?"}}},{"text":"Bring a coat."}]"#,
    );
    // The tag may be cut in two, and its end alone decides.
    let streamed = DEEPSEEK.streamed(&[
        r#"{"choices":[{"text":"Is it dry?</th","stop_reason":null}]}"#,
        r#"{"choices":[{"text":"ink>Bring a coat.","stop_reason":"stop"}]}"#,
    ]);
    same(at(&streamed, "output.message.content"), &at(&got, "output.message.content").to_string());
    let cut = DEEPSEEK.answer(r#"{"choices":[{"text":"Is it dry?","stop_reason":"length"}]}"#).body;
    same(at(&cut, "output.message.content"), r#"[{"reasoningContent":{"reasoningText":{"text":"Is it dry?"}}}]"#);
}

#[test]
fn a_stream_of_command_has_pieces_or_is_one_whole_answer() {
    let pieces = COMMAND.streamed(&[
        r#"{"text":"Ra","is_finished":false}"#,
        r#"{"text":"in","is_finished":false}"#,
        r#"{"is_finished":true,"finish_reason":"COMPLETE"}"#,
    ]);
    let whole = COMMAND.streamed(&[
        r#"{"id":"a","generations":[{"id":"b","text":"Rain","finish_reason":"COMPLETE"}],"prompt":"Sky?"}"#,
    ]);
    for got in [&pieces, &whole] {
        same(at(got, "output.message.content"), r#"[{"text":"Rain"}]"#);
        assert_eq!(text(got, "stopReason"), "end_turn");
    }
    // Of several answers the pieces tell by their index which they belong to.
    let several = COMMAND.streamed(&[
        r#"{"text":"Ra","is_finished":false,"index":0}"#,
        r#"{"text":"Fog","is_finished":false,"index":1}"#,
        r#"{"text":"in","is_finished":false,"index":0}"#,
        r#"{"is_finished":true,"finish_reason":"COMPLETE","index":1}"#,
        r#"{"is_finished":true,"finish_reason":"COMPLETE","index":0}"#,
    ]);
    same(at(&several, "output.message.content"), r#"[{"text":"Rain"}]"#);
}

#[test]
fn numbers_keep_the_spelling_of_the_service() {
    let native = r#"{"id":"a","generations":[{"id":"b","text":" Rain","finish_reason":"COMPLETE","likelihood":-1.0,"token_likelihoods":[{"token":"R","likelihood":-8.506775E-4}]}],"prompt":"Sky?"}"#;
    let got = COMMAND.answer(native).body;
    assert!(got.to_string().contains("8.506775E-4") && got.to_string().contains("-1.0"), "{got}");
    let again = COMMAND.write_answer(&got).body.to_string();
    assert!(again.contains("8.506775E-4") && again.contains("-1.0"), "{again}");
    // A whole number may be spelt as a fraction.
    let native =
        r#"{"inputTextTokenCount":5.0,"results":[{"tokenCount":2,"outputText":"Rain","completionReason":"FINISH"}]}"#;
    assert_eq!(tokens(&TITAN.answer(native).body), (5, 2, 7));
}
