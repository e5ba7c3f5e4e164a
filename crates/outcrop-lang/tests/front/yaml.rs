//! YAML to the spanned tree: what is read, what is refused, and where things stand.

use outcrop_lang::codes::Code;
use outcrop_lang::node::{Node, NodeKind};
use outcrop_lang::yaml::parse;

fn tree(text: &str) -> Node {
    let (node, faults) = parse(text, 0);
    assert_eq!(faults, [], "{text}");
    node.unwrap()
}

fn faults(text: &str) -> Vec<(Code, String)> {
    let (_, faults) = parse(text, 0);
    for fault in &faults {
        assert!(fault.span.start <= fault.span.end && fault.span.end as usize <= text.len(), "{fault:?}");
    }
    faults.into_iter().map(|fault| (fault.code, fault.message)).collect()
}

/// The text of a file that a node's span covers.
fn covered<'t>(text: &'t str, node: &Node) -> &'t str {
    &text[node.span.start as usize..node.span.end as usize]
}

#[test]
fn numbers_keep_their_spelling_and_quoted_scalars_are_text() {
    let json = tree("[1.0, 0.5, 1e3, -7, \"1\", 'true', true, null, ~, text, 5m, 2023-05-31]").to_json();
    assert_eq!(json, r#"[1.0,0.5,1e3,-7,"1","true",true,null,null,"text","5m","2023-05-31"]"#);
}

#[test]
fn json_text_escapes_what_json_must_escape() {
    assert_eq!(tree(r#""a\"b\\c\n\u0001\u2028é""#).to_json(), r#""a\"b\\c\n\u0001\u2028é""#);
}

#[test]
fn mappings_keep_their_order() {
    assert_eq!(tree("{z: 1, a: 2, m: {y: 3, b: 4}}").to_json(), r#"{"z":1,"a":2,"m":{"y":3,"b":4}}"#);
}

#[test]
fn spans_are_byte_offsets_also_behind_wide_characters() {
    let text = "größe: \"ü\"\nlist:\n  - ä\n  - { k: größer }\nlast: 1\n";
    let root = tree(text);
    let covered = |node: &Node| covered(text, node).to_owned();
    assert_eq!(covered(root.get("größe").unwrap()), "\"ü\"");
    assert_eq!(covered(root.get("list").unwrap()), "- ä\n  - { k: größer }");
    let NodeKind::Seq(items) = &root.get("list").unwrap().kind else { panic!("a list") };
    assert_eq!(covered(&items[1]), "{ k: größer }");
    assert_eq!(covered(items[1].get("k").unwrap()), "größer");
    let (key, _) = &root.as_map().unwrap()[2];
    assert_eq!(&text[key.span.start as usize..key.span.end as usize], "last");
}

#[test]
fn duplicate_keys_are_faults_and_the_first_stays() {
    let (node, faults) = parse("a: 1\nb: 2\na: 3\n", 0);
    assert_eq!(node.unwrap().to_json(), r#"{"a":1,"b":2}"#);
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].code, Code::DuplicateKey);
    assert_eq!((faults[0].span.start, faults[0].labels[0].0.start), (10, 0));
}

#[test]
fn what_has_no_counterpart_in_json_is_refused() {
    for (text, what) in [
        ("a: &x 1\nb: 2\n", "anchors"),
        ("a: *x\n", "aliases"),
        ("a: !!str 1\n", "tags"),
        ("a: { <<: { b: 1 } }\n", "merge keys"),
        ("a: 1\n---\nb: 2\n", "one document"),
        ("? [1]\n: 2\n", "a key must be a scalar"),
        ("", "empty"),
        ("a: [1\n", ""),
        ("a: \"b\n", ""),
        ("a:\n\tb: 1\n", ""),
    ] {
        let faults = faults(text);
        assert_eq!(faults.len(), 1, "{text:?} {faults:?}");
        assert!(faults[0].0 == Code::NotYaml && faults[0].1.contains(what), "{text:?} {faults:?}");
    }
}

#[test]
fn scalars_that_readers_disagree_about_must_be_quoted() {
    for text in ["0x1F", "0o17", "1_000", ".5", "1.", "+1", "007", ".inf", "yes", "Off", "NULL", "True"] {
        assert_eq!(faults(&format!("a: {text}\n")).len(), 1, "{text}");
        assert_eq!(faults(&format!("a: '{text}'\n")), [], "{text}");
    }
    for text in ["1.2.3", "0xylophone", "v1", "a.b", "5m", "1h", "12:30pm", "north"] {
        assert_eq!(faults(&format!("a: {text}\n")), [], "{text}");
    }
}

#[test]
fn deep_nesting_is_a_fault_and_no_overflow() {
    for text in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        (0..2000).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n"),
        "- ".repeat(100_000),
    ] {
        let (node, faults) = parse(&text, 0);
        assert!(node.is_none() && faults.len() == 1, "{faults:?}");
        assert!(matches!(faults[0].code, Code::TooDeep | Code::NotYaml));
    }
    assert_eq!(faults(&("[".repeat(60) + &"]".repeat(60))), []);
    assert_eq!(faults(&("[".repeat(80) + &"]".repeat(80)))[0].0, Code::TooDeep);
}

#[test]
fn huge_files_are_refused() {
    let (node, faults) = parse(&"# padding\n".repeat(900_000), 0);
    assert!(node.is_none());
    assert_eq!(faults[0].code, Code::TooDeep);
}
