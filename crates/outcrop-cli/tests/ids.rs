//! Model ids and what the program makes of them.

#![allow(clippy::expect_used, clippy::panic, clippy::disallowed_types)]

mod common;

use std::path::PathBuf;

use common::{outcrop, text};

const SHARED: &str = "anthropic.claude-v2:1";
const PROFILE: &str = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abcdefghijkl";

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
        ("twice", r#"{"acme.one":"meta-llama","acme.one":"qwen3"}"#, "`acme.one` occurs twice"),
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

#[test]
fn what_is_known_of_an_id_is_explained() {
    let said = text(&outcrop(&["explain", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"], "").stdout);
    for line in [
        "geography          eu",
        "family             anthropic-messages",
        "rule               `match: anthropic.claude-sonnet-4-5*`, the most specific pattern that fits",
        "max output tokens  64000",
        "lifecycle          legacy",
        "ends               2027-04-08",
        "usd per million    input 3.3; output 16.5",
        "access             by profile; lifecycle legacy; in af-south-1",
        "routes             from eu-west-2; to eu-central-1",
    ] {
        assert!(said.lines().any(|told| told.starts_with(line)), "{line} is missing:\n{said}");
    }
}

#[test]
fn explanations_are_json_on_request() {
    let json = |args: &[&str]| -> serde_json::Value {
        serde_json::from_slice(&outcrop(args, "").stdout).expect("JSON on standard output")
    };
    let said = json(&["explain", "us.amazon.nova-pro-v1:0", "--json"]);
    assert_eq!((&said["base_id"], &said["geography"]), (&"amazon.nova-pro-v1:0".into(), &"us".into()));
    assert_eq!(said["family"][0]["name"], "amazon-nova");
    assert_eq!(said["usd_per_million"]["input"], 0.8);
    assert!(said["access"].as_array().is_some_and(|access| !access.is_empty()));

    let said = json(&["explain", PROFILE, "--json"]);
    assert_eq!(
        (&said["kind"], &said["error"]["code"]),
        (&"application-inference-profile".into(), &"unresolved".into())
    );
    assert_eq!(outcrop(&["explain", PROFILE, "--json"], "").status.code(), Some(2));

    let file = map("explained", &format!(r#"{{"{PROFILE}":{{"model":"us.amazon.nova-pro-v1:0"}}}}"#));
    let said = json(&["explain", PROFILE, "--json", "--map", file.to_str().expect("UTF-8")]);
    assert_eq!((&said["stands_for"], &said["mode"]), (&"us.amazon.nova-pro-v1:0".into(), &"chat".into()));
    assert!(said["family"][0]["rule"].as_str().is_some_and(|rule| rule.contains("of the map")), "{said}");
}

#[test]
fn families_are_listed_with_the_models_that_speak_them() {
    let table = text(&outcrop(&["families"], "").stdout);
    let line = table.lines().find(|line| line.starts_with("meta-llama ")).expect("a line");
    // The last column is one of the ids, the one before it their number.
    let mut back = line.split_whitespace().rev();
    assert!(back.next().is_some_and(|id| id.starts_with("meta.llama")), "{line}");
    let count: usize = back.next().and_then(|n| n.parse().ok()).expect("a number");
    assert!(count > 10, "{line}");
}
