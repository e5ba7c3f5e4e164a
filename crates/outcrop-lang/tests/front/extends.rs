//! `extends:` and `patch:`.

use crate::common::{load_with, messages};
use outcrop_lang::ir::{Lens, Validator};
use outcrop_lang::{Loaded, Sources, flatten};

const DIALECT: &str = "spec: 1
dialect: base
title: Shared
operations: { chat: { request: Ask } }
types:
  Ask:
    view: Ask
    fields:
      a: { type: string, as: text }
      b: { type: int, as: limits.most }
      c: list<string>
unsupported: [deep]
dropped: { call.id: no such thing }
";

const EXTENDING: &str = "spec: 1\nfamily: t\nextends: base\n";

fn load(own: &str) -> Loaded {
    load_with(&[("d.yaml", DIALECT)], &format!("{EXTENDING}{own}"))
}

fn faults(own: &str) -> Vec<String> {
    messages(&load(own))
}

fn keys(own: &str) -> Vec<String> {
    let loaded = load(own);
    assert_eq!(messages(&loaded), Vec::<String>::new());
    let family = loaded.family.unwrap();
    let outcrop_lang::ir::TypeKind::Struct(record) = &family.types[0].kind else { panic!() };
    record
        .fields
        .iter()
        .map(|field| match &field.lens {
            Lens::Path(path) => format!("{}={path}", field.key),
            _ => field.key.clone(),
        })
        .collect()
}

#[test]
fn a_family_has_what_its_dialect_has() {
    assert_eq!(keys(""), ["a=text", "b=limits.most", "c"]);
    let family = load("").family.unwrap();
    assert_eq!((family.name.as_str(), family.title.as_str(), family.fates.len()), ("t", "", 2));
}

#[test]
fn own_keys_merge_over_the_dialect() {
    assert_eq!(
        keys("types: { Ask: { fields: { b: { as: limits.rate }, d: bool } } }"),
        ["a=text", "b=limits.rate", "c", "d"]
    );
    assert_eq!(keys("types: { Ask: { fields: { a: string } } }"), ["a", "b=limits.most", "c"]);
    assert_eq!(load("unsupported: [call]").family.unwrap().fates.len(), 2, "lists are replaced");
}

#[test]
fn a_validator_is_inherited_and_the_own_one_replaces_it() {
    let validator = |dialect: &str, own: &str| {
        let loaded = load_with(&[("d.yaml", &format!("{DIALECT}{dialect}"))], &format!("{EXTENDING}{own}"));
        assert_eq!(messages(&loaded), Vec::<String>::new());
        loaded.family.unwrap().validator
    };
    assert_eq!(validator("", ""), Validator::Schema, "nobody says it");
    assert_eq!(validator("validator: dotted\n", ""), Validator::Dotted);
    assert_eq!(validator("validator: dotted\n", "validator: schema\n"), Validator::Schema);
    assert_eq!(validator("validator: schema\n", "patch: [ { set: validator, value: dotted } ]\n"), Validator::Dotted);
    assert_eq!(
        faults("validator: doted\n"),
        ["E110 4: `validator:` takes `schema` or `dotted` | did you mean `dotted`?"]
    );
    assert_eq!(
        faults("validators: dotted\n"),
        ["E103 4: a family has no key `validators` | did you mean `validator`?"]
    );
}

#[test]
fn the_four_verbs_change_what_is_there() {
    assert_eq!(keys("patch: [ { rename: types.Ask.fields.a, to: z } ]"), ["z=text", "b=limits.most", "c"]);
    assert_eq!(keys("patch: [ { remove: types.Ask.fields.a } ]"), ["b=limits.most", "c"]);
    assert_eq!(keys("patch: [ { set: types.Ask.fields.b.as, value: limits.rate } ]"), ["a=text", "b=limits.rate", "c"]);
    assert_eq!(keys("patch: [ { set: types.Ask.fields.a, value: string } ]"), ["a", "b=limits.most", "c"]);
    assert_eq!(keys("patch: [ { add: types.Ask.fields.d, value: bool } ]"), ["a=text", "b=limits.most", "c", "d"]);
    assert_eq!(keys("patch: [ { add: types.Ask.fields, value: { d: bool, e: bool } } ]").len(), 5);
}

#[test]
fn lists_and_dotted_keys_can_be_patched() {
    let fates = |own: &str| {
        let loaded = load(own);
        assert_eq!(messages(&loaded), Vec::<String>::new());
        let family = loaded.family.unwrap();
        family.fates.iter().map(|fate| fate.pattern.join(".")).collect::<Vec<_>>()
    };
    assert_eq!(fates("patch: [ { add: unsupported, value: [call, text] } ]"), ["deep", "call", "text", "call.id"]);
    assert_eq!(fates("patch: [ { add: unsupported, value: call } ]"), ["deep", "call", "call.id"]);
    assert_eq!(fates("patch: [ { remove: unsupported.0 } ]"), ["call.id"]);
    assert_eq!(fates("patch: [ { set: unsupported.0, value: call } ]"), ["call", "call.id"]);
    assert_eq!(fates("patch: [ { remove: dropped.call.id } ]"), ["deep"]);
    assert_eq!(fates("patch: [ { rename: dropped.call.id, to: call } ]"), ["deep", "call"]);
}

#[test]
fn patches_apply_in_order() {
    let patch = "patch:\n  - { rename: types.Ask.fields.a, to: z }\n  - { set: types.Ask.fields.z.as, value: . }\n  - { remove: types.Ask.fields.b }\n";
    assert_eq!(keys(patch), ["z=.", "c"]);
}

#[test]
fn a_patch_never_does_nothing_silently() {
    for (patch, expected) in [
        ("{ remove: types.Ask.fields.aa }", "E203 4: there is no `aa` here | did you mean `a`?"),
        ("{ set: types.Asc.fields.a, value: 1 }", "E203 4: there is no `Asc` here | did you mean `Ask`?"),
        ("{ add: types.Nope.fields.a, value: string }", "E203 4: there is no `Nope` here"),
        ("{ add: types.Ask.fields.a, value: string }", "E204 4: `types.Ask.fields.a` is there already"),
        ("{ add: types.Ask.fields, value: { a: string } }", "E204 4: there is a `a` already"),
        ("{ rename: types.Ask.fields.a, to: b }", "E204 4: there is a `b` already"),
        ("{ remove: unsupported.3 }", "E203 4: the list has 1 elements and none is number `3`"),
        ("{ remove: types.Ask.view.x }", "E203 4: there is nothing below this point but text"),
        (
            "{ remove: unsupported.0, set: x }",
            "E111 4: a patch has exactly one of `rename:`, `remove:`, `set:` and `add:`",
        ),
        ("{ set: types.Ask.view }", "E104 4: a patch needs `value:`"),
        ("{ rename: types.Ask.view, two: x }", "E103 4: a patch has no key `two` | did you mean `to`?"),
    ] {
        assert_eq!(faults(&format!("patch: [ {patch} ]")), [expected], "{patch}");
    }
}

#[test]
fn faults_in_a_dialect_point_into_its_file_and_patched_parts_into_the_patch() {
    let loaded = load_with(
        &[(
            "d.yaml",
            "spec: 1\ndialect: base\noperations: { chat: { request: A } }\ntypes: { A: { fields: { x: strin } } }\n",
        )],
        "spec: 1\nfamily: t\nextends: base\npatch: [ { add: types.A.fields.y, value: bol } ]\n",
    );
    let places: Vec<(&str, &str)> = loaded
        .diagnostics
        .iter()
        .map(|fault| {
            let file = &loaded.files_read[fault.span.file as usize];
            (file.path.as_str(), &file.text[fault.span.start as usize..fault.span.end as usize])
        })
        .collect();
    assert_eq!(places, [("families/t.yaml", "bol"), ("d.yaml", "strin")]);
}

#[test]
fn dialects_can_extend_dialects_but_not_themselves() {
    let middle = "spec: 1\ndialect: middle\nextends: base\npatch: [ { remove: types.Ask.fields.c } ]\n";
    let loaded = load_with(&[("d.yaml", DIALECT), ("m.yaml", middle)], "spec: 1\nfamily: t\nextends: middle\n");
    assert_eq!(messages(&loaded), Vec::<String>::new());
    assert_eq!(
        loaded.files_read.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(),
        ["families/t.yaml", "m.yaml", "d.yaml", "facade/tiny.yaml"]
    );
    let circle = load_with(
        &[("a.yaml", "spec: 1\ndialect: a\nextends: b\n"), ("b.yaml", "spec: 1\ndialect: b\nextends: a\n")],
        "spec: 1\nfamily: t\nextends: a\n",
    );
    assert!(messages(&circle).contains(&"E206 3: `a` extends itself".to_owned()), "{:?}", messages(&circle));
    let missing = load_with(&[("d.yaml", DIALECT)], "spec: 1\nfamily: t\nextends: bsae\n");
    assert_eq!(messages(&missing)[0], "E202 3: there is no dialect `bsae` | did you mean `base`? | there are base");
    let alone = load_with(
        &[],
        "spec: 1\nfamily: t\npatch: []\noperations: { chat: { request: A } }\ntypes: { A: { fields: {} } }\n",
    );
    assert_eq!(
        messages(&alone),
        ["E111 3: there is nothing to patch without `extends:` | change this file's own keys instead"]
    );
}

#[test]
fn the_flattened_family_reads_as_the_same_family() {
    let own = "spec: 1\nfamily: t\nextends: base\npatch: [ { remove: types.Ask.fields.a } ]\nprompts: { p: { begin: \"\\n\\t é\", turns: { user: { open: \"#: \" } } } }\n";
    let mut sources: Sources =
        [("facade/tiny.yaml", crate::common::FACADE), ("d.yaml", DIALECT), ("t.yaml", own)].into_iter().collect();
    let flat = flatten(&sources, "t").unwrap();
    assert!(flat.starts_with("spec: 1\nfamily: t\noperations:"), "{flat}");
    sources.add("flat.yaml", flat.as_str());
    assert_eq!(flatten(&sources, "flat.yaml").unwrap(), flat);
    let (before, after) =
        (outcrop_lang::load_family(&sources, "t.yaml"), outcrop_lang::load_family(&sources, "flat.yaml"));
    assert_eq!(messages(&after), Vec::<String>::new());
    let (before, after) = (before.family.unwrap(), after.family.unwrap());
    assert_eq!(before.prompts[0].begin, after.prompts[0].begin);
    assert_eq!(before.types.len(), after.types.len());
}
