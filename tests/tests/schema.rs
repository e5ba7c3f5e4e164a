//! The editor schema accepts every spec and notices what it can notice in bad ones.
#![allow(clippy::expect_used)]

use std::fs;
use std::path::Path;

use outcrop_lang::schema::schema_json;
use outcrop_lang::yaml;
use outcrop_runtime::tree::Tree;
use outcrop_tests::families;

/// The first complaint of the part of JSON Schema that ours is made of, with the place.
fn complaint(schema: &Tree, root: &Tree, value: &Tree, at: &str) -> Option<String> {
    let of = |key: &str| schema.get(key);
    if let Some(target) = of("$ref").and_then(Tree::as_str) {
        let name = target.rsplit('/').next()?;
        let target = root.get("definitions")?.get(name).expect("a reference leads somewhere");
        return complaint(target, root, value, at);
    }
    if let (Some(when), Some(then), Some(or)) = (of("if"), of("then"), of("else")) {
        let branch = if complaint(when, root, value, at).is_none() { then } else { or };
        return complaint(branch, root, value, at);
    }
    if let Some(all) = of("allOf") {
        return all.as_list()?.iter().find_map(|part| complaint(part, root, value, at));
    }
    if let Some(any) = of("anyOf") {
        let complaints: Vec<_> = any.as_list()?.iter().map(|part| complaint(part, root, value, at)).collect();
        return if complaints.iter().any(Option::is_none) { None } else { complaints.into_iter().flatten().last() };
    }
    if matches!(schema, Tree::Bool(false)) {
        return Some(format!("{at}: nothing is allowed here"));
    }
    if let Some(kinds) = of("type") {
        let kind = match value {
            Tree::Num(text) if !text.contains(['.', 'e', 'E']) => "integer",
            Tree::Num(_) => "number",
            Tree::Str(_) => "string",
            Tree::Bool(_) => "boolean",
            Tree::Arr(_) => "array",
            Tree::Obj(_) => "object",
            Tree::Null => "null",
        };
        let is_kind = |wanted: &Tree| {
            wanted.as_str().is_some_and(|wanted| wanted == kind || (wanted, kind) == ("number", "integer"))
        };
        if !is_kind(kinds) && !kinds.as_list().is_some_and(|kinds| kinds.iter().any(is_kind)) {
            return Some(format!("{at}: {kind} where {kinds} belongs"));
        }
    }
    if let Some(words) = of("enum").and_then(Tree::as_list)
        && !words.contains(value)
    {
        return Some(format!("{at}: {value} is none of the words"));
    }
    if let (Some(items), Some(list)) = (of("items"), value.as_list()) {
        let each = list.iter().enumerate();
        let mut each = each;
        return each.find_map(|(index, item)| complaint(items, root, item, &format!("{at}[{index}]")));
    }
    let object = value.as_object()?;
    for key in of("required").and_then(Tree::as_list).unwrap_or_default() {
        if key.as_str().is_some_and(|key| object.get(key).is_none()) {
            return Some(format!("{at}: {key} is missing"));
        }
    }
    let known = |key: &str| of("properties").and_then(|properties| properties.get(key));
    object.members().iter().find_map(|(key, member)| {
        let at = format!("{at}.{key}");
        match (known(key), of("additionalProperties")) {
            (Some(schema), _) => complaint(schema, root, member, &at),
            (None, Some(Tree::Bool(false))) => Some(format!("{at}: no such key")),
            (None, Some(schema)) => complaint(schema, root, member, &at),
            (None, None) => None,
        }
    })
}

fn judge(spec: &str) -> Option<String> {
    let schema = Tree::parse(schema_json().as_bytes()).expect("the schema is JSON");
    let (node, faults) = yaml::parse(spec, 0);
    let node = node.filter(|_| faults.is_empty()).expect("the spec is YAML");
    let value = Tree::parse(node.to_json().as_bytes()).expect("a spec is JSON");
    complaint(&schema, &schema, &value, "")
}

#[test]
fn every_spec_satisfies_the_schema() {
    for file in families::sources().files() {
        assert_eq!(judge(&file.text), None, "{}", file.path);
    }
}

#[test]
fn misspelt_keys_wrong_kinds_and_unknown_words_do_not() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("diagnostics");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a bad spec");
    let complaints = [
        ("unknown-top-key.yaml", ".template: no such key"),
        ("unknown-key.yaml", "no such key"),
        ("missing-key.yaml", "\"arm\" is missing"),
        ("wrong-kind.yaml", ".models: object where"),
        ("bad-word.yaml", "none of the words"),
    ];
    for (name, expected) in complaints {
        let got = judge(&read(name)).unwrap_or_default();
        assert!(got.contains(expected), "{name}: {got}");
    }
}
