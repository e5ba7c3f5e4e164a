//! Fields: every key, every way to give a type, and what is refused.

use crate::common::{faults, field, named, record, types};
use outcrop_lang::ir::{Default_, Lens, Literal, Range, Ty, TypeKind, Way};

fn lens(text: &str) -> String {
    match &field(&types(&format!("Ask:\n  view: Ask\n  fields:\n    f: {text}\n")), "Ask", "f").lens {
        Lens::Extra => "extra".to_owned(),
        Lens::Group => "group".to_owned(),
        Lens::Path(path) => path.to_string(),
        Lens::Take { path, arms, join } => {
            let arms: Vec<String> = arms.iter().map(ToString::to_string).collect();
            format!("{path} {arms:?} {join:?}")
        }
    }
}

#[test]
fn the_place_of_a_field_is_said_once() {
    assert_eq!(lens("string"), "extra");
    assert_eq!(lens("{ type: string }"), "extra");
    assert_eq!(lens("{ type: string, as: text }"), "text");
    assert_eq!(lens("{ type: string, as: \"blocks[only].text\" }"), "blocks[only].text");
    assert_eq!(lens("{ type: int, as: \"picks[kind=1h].count\" }"), "picks[kind=1h].count");
    assert_eq!(lens("{ type: json, as: . }"), ".");
    assert_eq!(lens("{ fields: { a: { type: string, as: text } } }"), "group");
    assert_eq!(lens("{ only: { a: { type: string, as: text } } }"), "group");
    assert_eq!(lens("{ only: string, as: text }"), "text");
    assert_eq!(
        lens("{ type: string, as: blocks, take: [text, deep.inner], join: \"; \" }"),
        "blocks [\"text\", \"deep.inner\"] \"; \""
    );
}

#[test]
fn ranges_and_suffixes_are_read() {
    let family =
        types("Ask:\n  fields:\n    a: list<string(1..64)>(..20)!|null\n    b: float(0.5..1e2)\n    c: int(-2..)\n");
    let a = field(&family, "Ask", "a");
    assert!(a.required && a.nullable);
    assert!(matches!(&a.ty, Ty::List(item, Range { min: None, max: Some(20.0) })
        if matches!(**item, Ty::Str(Range { min: Some(1.0), max: Some(64.0) }))));
    assert!(matches!(field(&family, "Ask", "b").ty, Ty::Float(Range { min: Some(0.5), max: Some(100.0) })));
    assert!(matches!(field(&family, "Ask", "c").ty, Ty::Int(Range { min: Some(-2.0), max: None })));
}

#[test]
fn groups_become_structs_named_after_their_place_with_the_same_view() {
    let family = types(
        "Ask:\n  view: Ask\n  fields:\n    a:\n      fields:\n        b:\n          fields: { c: { type: int, as: limits.most } }\n",
    );
    assert_eq!(record(&family, "Ask.a").view, "Ask");
    assert_eq!(record(&family, "Ask.a.b").view, "Ask");
    assert_eq!(record(&family, "Ask.a.b").fields[0].key, "c");
}

#[test]
fn objects_written_at_a_place_have_the_view_of_that_place() {
    let family = types("Ask:\n  view: Ask\n  fields:\n    a: { as: limits, fields: { m: { type: int, as: most } } }\n");
    assert_eq!(record(&family, "Ask.a").view, "Limits");
    assert!(matches!(&field(&family, "Ask", "a").lens, Lens::Path(path) if path.to_string() == "limits"));
}

#[test]
fn types_written_in_place_are_hoisted() {
    let family = types(
        "Ask:\n  view: Ask\n  fields:\n    a:\n      as: limits\n      type: { tag: shape, cases: { m: { fields: { most: { type: int!, as: most } } } } }\n",
    );
    assert!(matches!(&named(&family, "Ask.a").kind, TypeKind::Union(union) if union.view == "Limits"));
    assert!(matches!(field(&family, "Ask", "a").ty, Ty::Named(1)));
}

#[test]
fn constants_give_a_type_if_nothing_else_does() {
    let family = types(
        "Ask:\n  fields:\n    a: { const: x }\n    b: { const: 0 }\n    c: { const: 0.5 }\n    d: { const: [] }\n    e: { const: true }\n",
    );
    let kinds: Vec<&str> = record(&family, "Ask")
        .fields
        .iter()
        .map(|field| match field.ty {
            Ty::Str(_) => "string",
            Ty::Int(_) => "int",
            Ty::Float(_) => "float",
            Ty::Bool => "bool",
            Ty::Json => "json",
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["string", "int", "float", "json", "bool"]);
    assert_eq!(field(&family, "Ask", "c").constant, Some(Literal::Num("0.5".into())));
}

#[test]
fn defaults_are_literals_or_facts_of_the_call() {
    let family = types(
        "Ask:\n  fields:\n    a: { type: string, else: x }\n    b: { type: string, else: $model.id }\n    c: { type: int, else: $model.max_output_tokens }\n",
    );
    assert_eq!(field(&family, "Ask", "a").default, Some(Default_::Literal(Literal::Str("x".into()))));
    assert_eq!(field(&family, "Ask", "b").default, Some(Default_::ModelId));
    assert_eq!(field(&family, "Ask", "c").default, Some(Default_::Limit("max_output_tokens".into())));
    let faults = faults("Ask:\n  fields:\n    a: { type: string, else: $env.HOME }\n");
    assert_eq!(
        faults,
        ["E110 7: `$env.HOME` is no value that a call has | there are `$model.id` and `$model.<limit>`"]
    );
}

#[test]
fn the_other_keys_of_a_field_are_kept() {
    let family = types(
        "Ask:\n  fields:\n    a: { type: string, aliases: [b, c], way: decode, with: d, empty: {}, doc: Prose., since: 2024-01 }\n    d: string\n",
    );
    let a = field(&family, "Ask", "a");
    assert_eq!(a.aliases, ["b", "c"]);
    assert_eq!((a.way, a.with.as_deref()), (Way::Decode, Some("d")));
    assert_eq!(a.empty, Some(Literal::Object(Vec::new())));
    assert_eq!((a.doc.as_str(), a.since.as_str()), ("Prose.", "2024-01"));
}

#[test]
fn media_and_wrap_say_more_about_base_types_also_inside_lists() {
    let family = types(
        "Ask:\n  fields:\n    a: { type: list<data_url>, media: { image/png: png } }\n    b: { type: base64, wrap: true }\n    c: { type: list<base64>, media: { iVBORw0: png } }\n",
    );
    assert!(
        matches!(&field(&family, "Ask", "a").ty, Ty::List(item, _) if matches!(&**item, Ty::DataUrl(rows) if rows.len() == 1))
    );
    assert!(matches!(field(&family, "Ask", "b").ty, Ty::Base64 { wrap: true }));
    assert!(
        matches!(&field(&family, "Ask", "c").ty, Ty::List(item, _) if matches!(&**item, Ty::Media(rows) if rows[0].1 == "png"))
    );
    assert_eq!(
        faults("Ask:\n  fields:\n    a: { type: string, wrap: true }\n"),
        ["E111 7: `wrap:` belongs to `base64`"]
    );
}

#[test]
fn map_rows_have_typed_keys() {
    let family = types(
        "Ask:\n  view: Ask\n  fields:\n    a: { type: bool, as: text, map: { true: yea, false: nay }, unknown: refuse }\n    b: { as: text, map: { \"true\": x }, reads: { NONE: null }, when: [{ field: a, is: present, map: { u: v } }] }\n",
    );
    let a = field(&family, "Ask", "a").map.as_ref().unwrap();
    assert_eq!(a.rows[0], (Literal::Bool(true), Literal::Str("yea".into())));
    assert!(a.stated && !a.open);
    let b = field(&family, "Ask", "b");
    let map = b.map.as_ref().unwrap();
    assert!(matches!(b.ty, Ty::Str(_)) && !map.stated);
    assert_eq!(map.rows[0].0, Literal::Str("true".into()));
    assert_eq!(map.reads, [(Literal::Str("NONE".into()), Literal::Null)]);
    assert_eq!((map.when[0].field.as_str(), &map.when[0].is), ("a", &None));
    assert_eq!(map.row_spans.len(), 3);
}

#[test]
fn all_faults_of_a_field_are_reported_at_once() {
    let faults = faults(
        "Ask:\n  view: Ask\n  fields:\n    a: { tpye: string, as: text.. }\n    b: { type: strng, unknown: other }\n    c: 7\n    d: { type: string, fields: {}, join: x }\n    e: {}\n",
    );
    assert_eq!(
        faults,
        [
            "E103 8: a field has no key `tpye` | did you mean `type`?",
            "E109 8: a member name is missing here",
            "E201 9: there is no type `strng` | did you mean `string`?",
            "E104 9: `unknown:` belongs to a `map:`",
            "E105 10: a field is a type such as `string!`, or a mapping; not a number",
            "E111 11: `fields:` beside `type:` | keep the one that says what the member holds",
            "E104 11: `join:` belongs to `take:`",
            "E104 12: nothing says what type `e` has | add `type:`, or `fields:` for a nested object",
        ]
    );
}
