//! The judge of the recordings has to find fault: each case here differs in something, with and without a report of it.

#![allow(clippy::expect_used)]

use outcrop_runtime::{Fate, Kind, Report, Tree};
use outcrop_tests::explained::unexplained;
use outcrop_tests::families;

/// What is said of a request that came back as `after`, where the report speaks of `losses`.
fn said(before: &str, after: &str, losses: &[(Fate, &'static str)]) -> Option<String> {
    let family = families::load(&families::sources(), "harbor-log").family;
    let tree = |text| Tree::parse_text(text).expect("JSON");
    let mut report = Report::default();
    for (fate, path) in losses {
        report.add(*fate, *path, "why");
    }
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

/// All values that one leaf less makes of `tree`.
fn without_each(tree: &Tree) -> Vec<Tree> {
    let mut out = Vec::new();
    match tree {
        Tree::Obj(o) => {
            for (i, (name, value)) in o.members().iter().enumerate() {
                let rest = || o.members()[..i].iter().chain(&o.members()[i + 1..]).cloned().collect::<Vec<_>>();
                // Messages of no role are none, and schemas name required properties in any order.
                if matches!(value, Tree::Str(s) if !s.is_empty()) && name != "role" {
                    out.push(Tree::object(rest()));
                }
                for less in without_each(value) {
                    let mut members = rest();
                    members.insert(i, (name.clone(), less));
                    out.push(Tree::object(members));
                }
            }
        }
        Tree::Arr(a) => {
            for (i, item) in a.items().iter().enumerate() {
                for less in without_each(item) {
                    let mut items = a.items().to_vec();
                    items[i] = less;
                    out.push(Tree::list(items));
                }
            }
        }
        _ => {}
    }
    out
}

#[test]
fn no_text_of_any_example_can_go_unnoticed() {
    let mut tried = 0;
    for family in families::all() {
        for (kind, native, converse) in family.bodies() {
            let (Kind::Request, Some(native), Some(converse)) = (kind, native, converse) else { continue };
            let (native, converse) =
                (Tree::parse_text(&native).expect("JSON"), Tree::parse_text(&converse).expect("JSON"));
            for less in without_each(&converse) {
                tried += 1;
                let fault = unexplained(&family.family, &converse, &native, &less, &Report::default());
                assert!(fault.is_some(), "{}: nobody misses what is gone in {less}", family.name);
            }
        }
    }
    assert!(tried > 500, "{tried}");
}
