//! Whole files: the sections of a family, names, façades, and what the loader reports.

use crate::common::{FACADE, load, messages};
use outcrop_lang::ir::{ExampleKind, FacadeTy, ToolIds, Validator, Way};
use outcrop_lang::{Sources, family_names, load_family};

const FAMILY: &str = r#"
spec: 1
family: t
title: A family
source: https://example.com
doc: Prose.
operations: { chat: { request: Ask, stream: Chunk } }
tool_ids: positional
validator: dotted
types:
  Ask: { view: Ask, fields: { a: { type: prompt!, as: all } } }
  Chunk: { view: Ask, fields: {} }
prompts:
  new:
    begin: "<s>"
    turns:
      user: { open: "[U]", close: "" }
      assistant: { open: "[A]", bare: "[A", open_after: { user: "[X]" }, close: "</s>" }
    markers: ["[U]", "[A]"]
    holes: { image: "<i>" }
  old: { like: new, begin: "", way: decode, on_marker: escape }
unsupported: [deep, call.id]
dropped: { limits.rate: no such thing }
models:
  - { match: v.a-*, name: A, prompt: old, limits: { context_tokens: 10 }, capabilities: [tools] }
examples:
  - id: one
    doc: Shows it.
    model: v.a-1
    way: decode
    request:
      native: { b: 1.0, a: [1e3, "1", null] }
      converse: { text: "ü" }
      headers: { x-count: "3" }
      report: [text]
  - id: two
    stream: { native: [], error: { code: too-large, at: text } }
"#;

#[test]
fn every_section_of_a_family_is_read() {
    let loaded = load(FAMILY);
    assert_eq!(messages(&loaded), Vec::<String>::new());
    let family = loaded.family.unwrap();
    assert_eq!((family.name.as_str(), family.title.as_str(), family.doc.as_str()), ("t", "A family", "Prose."));
    assert_eq!((family.chat.request, family.chat.response, family.chat.stream), (Some(0), None, Some(1)));
    assert_eq!((family.tool_ids, family.validator), (ToolIds::Positional, Validator::Dotted));
    let [new, old] = family.prompts.as_slice() else { panic!() };
    assert_eq!(
        (new.begin.as_str(), new.cue.as_str(), new.image.as_deref(), new.decode_only),
        ("<s>", "assistant", Some("<i>"), false)
    );
    assert_eq!((new.turns[1].bare.as_deref(), new.turns[1].open_after.len()), (Some("[A"), 1));
    assert_eq!((old.begin.as_str(), old.turns.len(), old.decode_only, old.escape), ("", 2, true, true));
    let fates: Vec<(String, Option<&str>)> =
        family.fates.iter().map(|fate| (fate.pattern.join("."), fate.dropped.as_deref())).collect();
    assert_eq!(fates, [("deep".into(), None), ("call.id".into(), None), ("limits.rate".into(), Some("no such thing"))]);
    assert_eq!((family.models[0].limits["context_tokens"], family.models[0].prompt.as_deref()), (10, Some("old")));
}

#[test]
fn bodies_of_examples_become_json_as_written() {
    let family = load(FAMILY).family.unwrap();
    let one = &family.examples[0];
    assert_eq!(one.native.as_deref(), Some(r#"{"b":1.0,"a":[1e3,"1",null]}"#));
    assert_eq!(one.converse.as_deref(), Some(r#"{"text":"ü"}"#));
    assert_eq!((one.kind, one.way, one.headers.len(), one.report.len()), (ExampleKind::Request, Way::Decode, 1, 1));
    let two = &family.examples[1];
    assert_eq!((two.kind, two.error.as_ref().unwrap().0.as_str()), (ExampleKind::Stream, "too-large"));
}

#[test]
fn faults_of_all_sections_are_reported_at_once() {
    let loaded = load(
        "spec: 2\nfamily: Not Kebab\ntitel: x\noperations: { chat: { request: Asc } }\ntypes:\n  Ask: { fields: {} }\nunsupported: [\"a b\"]\ndropped: [a]\nprompts: { p: { like: q, turns: {} } }\nmodels: [ { name: x }, { match: a, limits: { c: many } } ]\nexamples: [ { id: A-b, request: {} }, { id: c }, { id: d, request: { error: { at: x } }, stream: {} } ]\n",
    );
    assert_eq!(
        messages(&loaded),
        [
            "E106 1: a spec starts with `spec: 1`",
            "E107 2: `Not Kebab` is not kebab-case",
            "E103 3: a family has no key `titel` | did you mean `title`?",
            "E201 4: there is no type `Asc` | did you mean `Ask`?",
            "E109 7: `a b` is no run of member names | write façade member names with dots between, such as `toolResult.status`",
            "E314 8: `dropped:` gives a reason for every pattern | write `pattern: reason`",
            "E702 9: there is no grammar `q`",
            "E104 10: a model needs `match:`",
            "E104 10: a model needs `name:`",
            "E105 10: a limit is a whole number, not text",
            "E107 11: `A-b` is not snake_case",
            "E104 11: the example shows no body | add `request:`, `response:` or `stream:`",
            "E104 11: an expected error needs `code:`",
            "E111 11: an example shows one body",
        ]
    );
    assert!(loaded.family.is_some(), "what could be read is there");
}

#[test]
fn unreadable_files_leave_no_family_and_one_fault() {
    for text in ["", "a: [", "- 1\n- 2\n", "just text"] {
        let loaded = load(text);
        assert!(loaded.family.is_none(), "{text}");
        assert!(!loaded.diagnostics.is_empty(), "{text}");
    }
}

#[test]
fn families_are_found_by_name_or_path_and_the_last_file_of_a_name_wins() {
    let file = |title: &str| {
        format!(
            "spec: 1\nfamily: \"t\" # comment\ntitle: {title}\noperations: {{ chat: {{ request: A }} }}\ntypes: {{ A: {{ fields: {{}} }} }}\n"
        )
    };
    let sources: Sources =
        [("facade/x.yaml", FACADE.to_owned()), ("a.yaml", file("first")), ("b.yaml", file("second"))]
            .into_iter()
            .collect();
    assert_eq!(family_names(&sources), ["t"]);
    let title = |name: &str| load_family(&sources, name).family.unwrap().title;
    assert_eq!((title("t"), title("a.yaml"), title("b.yaml")), ("second".into(), "first".into(), "second".into()));
    let missing = load_family(&sources, "tt");
    assert_eq!(missing.files_read, []);
    assert_eq!(messages(&missing), ["E209 1: there is no family `tt` | did you mean `t`?"]);
}

#[test]
fn without_a_facade_there_is_one_fault() {
    let sources: Sources = [("t.yaml", FAMILY)].into_iter().collect();
    let loaded = load_family(&sources, "t");
    assert!(loaded.family.is_none());
    let faults = messages(&loaded);
    assert!(faults.len() == 1 && faults[0].starts_with("E205 2: no façade is among the files"), "{faults:?}");
}

#[test]
fn facade_faults_are_reported_in_the_facade_file() {
    let mut sources = Sources::new();
    sources.add("f.yaml", "spec: 1\nfacade: f\ntypes:\n  A: { fields: { a: Bb, b: int(1..), c: list } }\n  B: {}\n  C: { fields: {}, arms: {} }\n  D: { fields: { a: { type: int, sum: [b] } } }\n");
    sources.add("t.yaml", "spec: 1\nfamily: t\noperations: { chat: { request: R } }\ntypes: { R: { fields: {} } }\n");
    assert_eq!(
        messages(&load_family(&sources, "t")),
        [
            "E201 4: the façade has no type `Bb`",
            "E108 4: ranges belong to native types",
            "E108 4: `list` cannot stand like this | write `list<T>`, `map<T>` or `enum(a|b|c)`",
            "E104 5: a façade type has `fields:` or `arms:`",
            "E111 6: a façade type has `fields:` or `arms:`, not both",
            "E103 7: a façade member has no key `sum` | did you mean `sum_of`?",
        ]
    );
}

#[test]
fn views_are_spelt_as_they_are_read() {
    for view in ["string", "list<map<Name>>", "enum(a|b)", "Name", "blob", "map<json>"] {
        assert_eq!(FacadeTy::of_view(view).unwrap().to_string(), view);
    }
    assert_eq!(FacadeTy::of_view(""), None);
}
