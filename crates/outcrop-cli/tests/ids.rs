//! Model ids and what the program makes of them.

#![allow(clippy::expect_used, clippy::panic)]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const SHARED: &str = "anthropic.claude-v2:1";
const PROFILE: &str = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abcdefghijkl";

fn outcrop(args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_outcrop"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // The program may stop reading early; that is its decision.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// A map file of this test run.
fn map(name: &str, json: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
    std::fs::write(&path, json).expect("a writable folder");
    path
}

#[test]
fn formats_that_share_an_id_are_told_by_the_body() {
    let native = r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"Name a port."}]}"#;
    let out = outcrop(&["request", "--model", SHARED, "--from", "native"], native);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert!(text(&out.stdout).contains(r#""content":[{"text":"Name a port."}]"#), "{}", text(&out.stdout));
    let chunk = r#"{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}"#;
    let out = outcrop(&["stream", "--model", SHARED, "--from", "native"], chunk);
    assert!(text(&out.stdout).contains("messageStart"), "{}", text(&out.stderr));
}

#[test]
fn a_map_says_what_an_arn_stands_for() {
    let converse = r#"{"messages":[{"role":"user","content":[{"text":"Name a port."}]}]}"#;
    let refused = outcrop(&["request", "--model", PROFILE], converse);
    let why = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2));
    assert!(why.contains("unresolved") && why.contains("GetInferenceProfile") && why.contains("--map"), "{why}");

    let file = map("profile", &format!(r#"{{"{PROFILE}":{{"model":"meta.llama3-8b-instruct-v1:0"}}}}"#));
    let file = file.to_str().expect("UTF-8");
    let out = outcrop(&["request", "--model", PROFILE, "--map", file], converse);
    assert!(text(&out.stdout).contains("<|begin_of_text|>"), "{}", text(&out.stderr));

    // In a pipe, too, and a family may be a name alone.
    let file = map("family", &format!(r#"{{"{}*":"meta-llama"}}"#, PROFILE.trim_end_matches("abcdefghijkl")));
    let job =
        format!(r#"{{"id":1,"kind":"request","from":"converse","to":"native","model":"{PROFILE}","body":{converse}}}"#);
    let out = outcrop(&["pipe", "--map", file.to_str().expect("UTF-8")], &job);
    assert!(text(&out.stdout).contains("\"prompt\""), "{}", text(&out.stdout));
}

#[test]
fn faults_of_a_map_are_said_before_anything_else() {
    for (name, json, what) in [
        ("no-json", "{", "JSON object"),
        ("empty", r#"{"acme.one":{}}"#, "says nothing of `acme.one`"),
        ("typo", r#"{"acme.one":{"familly":"meta-llama"}}"#, "a line is a family's name or an object"),
        ("unknown", r#"{"acme.one":"meta-lama"}"#, "did you mean `meta-llama`?"),
    ] {
        let file = map(name, json);
        let out = outcrop(&["explain", "acme.one", "--map", file.to_str().expect("UTF-8")], "");
        let why = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{name}");
        assert!(why.contains(what) && why.contains(name), "{why}");
    }
}
