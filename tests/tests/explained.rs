//! The judge of the recordings has to find fault: each case here differs in something, with and without a report of it.

#![allow(clippy::expect_used)]

use outcrop_runtime::{Fate, Report, Tree};
use outcrop_tests::explained::unexplained;
use outcrop_tests::families;

/// What is said of a request that came back as `after`, where the report speaks of `losses`.
fn said(before: &str, after: &str, losses: &[(Fate, &'static str)]) -> Option<String> {
    let family = families::load(&families::sources(), "harbor-log").family;
    let tree = |text| Tree::parse_text(text).expect("JSON");
    let mut report = Report::default();
    losses.iter().for_each(|(fate, path)| report.add(*fate, *path, "why"));
    unexplained(&family, &tree(before), &tree(after), &tree(after), &report)
}

const BEFORE: &str = r#"{"messages": [{"role": "user", "content": [{"text": "Hail"}, {"text": "Who?"}]}], "inferenceConfig": {"topP": 0.5}}"#;

#[test]
fn what_no_report_speaks_of_is_a_fault() {
    let gone = r#"{"messages": [{"role": "user", "content": [{"text": "Hail"}]}], "inferenceConfig": {"topP": 0.5}}"#;
    assert!(said(BEFORE, gone, &[]).is_some_and(|f| f.contains("lost")));
    assert!(said(BEFORE, gone, &[(Fate::Dropped, "inferenceConfig.topP")]).is_some_and(|f| f.contains("lost")));
    assert!(said(BEFORE, gone, &[(Fate::Dropped, "messages[0].content[0]")]).is_some_and(|f| f.contains("lost")));
    assert_eq!(said(BEFORE, gone, &[(Fate::Dropped, "messages[0].content[1].text")]), None);
}

#[test]
fn what_was_not_there_and_another_role_are_faults() {
    let more = BEFORE.replace("0.5", "0.5, \"temperature\": 1");
    assert!(said(BEFORE, &more, &[]).is_some_and(|f| f.contains("nowhere")));
    assert_eq!(said(BEFORE, &more, &[(Fate::Synthesised, "inferenceConfig.temperature")]), None);
    assert!(said(BEFORE, &BEFORE.replace("user", "assistant"), &[]).is_some());
    assert!(said(BEFORE, &BEFORE.replace("0.5", "0.25"), &[]).is_some());
}

#[test]
fn joined_texts_are_the_same_and_turned_ones_are_not() {
    let joined = BEFORE.replace(r#""}, {"text": ""#, "");
    assert_eq!(said(BEFORE, &joined, &[]), None);
    assert!(said(BEFORE, &joined.replace("HailWho?", "Who?Hail"), &[]).is_some());
}

#[test]
fn approximated_texts_must_be_somewhere() {
    let gone = r#"{"messages": [{"role": "user", "content": [{"text": "Hail"}]}], "inferenceConfig": {"topP": 0.5}}"#;
    let fault = said(BEFORE, gone, &[(Fate::Approximated, "messages[0].content")]);
    assert!(fault.is_some_and(|f| f.contains("only approximated")));
}
