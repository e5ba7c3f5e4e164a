//! Structs, unions, text-or-list types, maps and regions.

use crate::common::{faults, named, record, types};
use outcrop_lang::ir::{Blocks, CaseBody, CaseSignal, Signal, Tag, Ty, TypeKind, Union, Unknown, Way};

fn union(text: &str) -> Union {
    let family = types(text);
    match &family.types[0].kind {
        TypeKind::Union(union) => union.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn types_may_be_named_before_they_are_declared() {
    let family = types(
        "Ask: { view: Ask, fields: { a: { type: list<Later>, as: picks } } }\nLater: { view: Pick, fields: { k: { type: string, as: kind } } }",
    );
    assert!(matches!(&record(&family, "Ask").fields[0].ty, Ty::List(item, _) if matches!(**item, Ty::Named(1))));
}

#[test]
fn paths_of_a_case_are_relative_to_the_payload_of_its_arm() {
    let union = union(
        "B:\n  view: Block\n  tag: type\n  cases:\n    text: { arm: text, fields: { text: { type: string!, as: . } } }\n    call: { arm: deep.inner, value: c, fields: { id: { type: string!, as: id } } }\n    same: { fields: {} }\n",
    );
    let views: Vec<&str> = union
        .cases
        .iter()
        .map(|case| match &case.body {
            CaseBody::Struct(record) => record.view.as_str(),
            CaseBody::Value(_) => "value",
        })
        .collect();
    assert_eq!(views, ["string", "Call", "Block"]);
    assert_eq!((union.cases[1].name.as_str(), union.cases[1].value.as_str()), ("call", "c"));
    assert_eq!(union.tag, Tag::Internal { key: "type".into(), absent: None });
}

#[test]
fn paths_of_a_case_written_once_per_block_are_relative_to_the_block() {
    let union = union(
        "T:\n  view: Turn\n  tag: role\n  cases:\n    tool: { arm: user, each: call, fields: { id: { type: string!, as: id } } }\n    user: { arm: user, fields: { content: { type: string, take: [text] } } }\n",
    );
    assert!(matches!(&union.cases[0].body, CaseBody::Struct(record) if record.view == "Call"));
    assert!(matches!(&union.cases[1].body, CaseBody::Struct(record) if record.view == "Content"));
}

#[test]
fn the_keys_of_a_case_are_kept() {
    let union = union(
        "B:\n  view: Block\n  tag: { key: type, absent: b }\n  words: { auto: deep.inner }\n  trailing: { mark: { type: string, arm: text, after: [b] } }\n  cases:\n    a: { arm: call, way: encode, where: { id: x }, has: [y, z], doc: Prose., assume: { input: {} } }\n    b: { arm: text, type: string! }\n    c: { signal: none }\n",
    );
    assert_eq!(union.tag, Tag::Internal { key: "type".into(), absent: Some(1) });
    let a = &union.cases[0];
    assert_eq!(
        (a.way, a.has.len(), a.where_[0].0.to_string().as_str(), a.doc.as_str()),
        (Way::Encode, 2, "id", "Prose.")
    );
    assert!(matches!(&a.body, CaseBody::Struct(record) if record.assume.len() == 1));
    assert!(matches!(&union.cases[1].body, CaseBody::Value(Ty::Str(_))));
    assert_eq!(union.cases[2].signal, Some(CaseSignal::None));
    assert_eq!((union.words[0].0.as_str(), union.words[0].1.to_string().as_str()), ("auto", "deep.inner"));
    assert_eq!((union.trailing[0].key.as_str(), union.trailing[0].on.len()), ("mark", 1));
}

#[test]
fn unions_in_lists_keep_unknown_elements_where_the_facade_can_and_others_refuse() {
    let unknown = |of: &str, text: &str| match &named(&types(text), of).kind {
        TypeKind::Union(union) => union.unknown,
        other => panic!("{other:?}"),
    };
    let block = "B: { view: Block, tag: type, cases: { text: { arm: text, type: string! } } }";
    assert_eq!(
        unknown("B", &format!("Ask: {{ view: Ask, fields: {{ a: {{ type: list<B>, as: blocks }} }} }}\n{block}")),
        Unknown::Keep
    );
    assert_eq!(unknown("B", &format!("Ask: {{ text_or_list: B, text: text }}\n{block}")), Unknown::Keep);
    assert_eq!(
        unknown("B", &format!("Ask: {{ view: Ask, fields: {{ a: {{ type: B, as: blocks.last }} }} }}\n{block}")),
        Unknown::Refuse
    );
    let turn = "B: { view: Turn, tag: role, cases: { user: { arm: user, fields: {} } } }";
    assert_eq!(
        unknown("B", &format!("Ask: {{ view: Ask, fields: {{ a: {{ type: list<B>, as: all }} }} }}\n{turn}")),
        Unknown::Refuse
    );
    assert_eq!(
        unknown("B", "B: { view: Block, tag: shape, unknown: skip, cases: { text: { arm: text, type: string! } } }"),
        Unknown::Skip
    );
}

#[test]
fn stream_types_say_how_blocks_are_delimited() {
    let family = types("Chunk: { view: Ask, blocks: merge, join: [stop, usage], fields: {} }");
    assert_eq!(
        (record(&family, "Chunk").blocks, record(&family, "Chunk").join.as_slice()),
        (Blocks::Merge, [Signal::Stop, Signal::Usage].as_slice())
    );
}

#[test]
fn regions_and_text_or_list_are_read() {
    let family = types(
        "R: { regions: [ { arm: deep.inner, delta: deep, open: <r>, close: </r>, at: start, implied: true }, { arm: text } ] }\nL: { text_or_list: B, text: text, emit: text_if_single }\nB: { view: Block, tag: type, cases: { text: { arm: text, type: string! } } }",
    );
    let TypeKind::Regions(regions) = &named(&family, "R").kind else { panic!() };
    assert_eq!((regions[0].delta.to_string().as_str(), regions[0].at_start, regions[0].implied), ("deep", true, true));
    assert_eq!((regions[1].delta.to_string().as_str(), regions[1].open.as_str()), ("text", ""));
    assert!(
        matches!(&named(&family, "L").kind, TypeKind::TextOrList(list) if list.item == 2 && list.text_if_single && list.case == "text")
    );
}

#[test]
fn a_type_has_one_form() {
    for (types, expected) in [
        ("A: { fields: {}, map: {} }", "E111 5: a type has `fields:` or `map:`, not both"),
        (
            "A: { doc: x }",
            "E104 5: nothing says what `A` is | give it `fields:` (an object), `cases:` (a union), `text_or_list:`, `map:` (a value table) or `regions:`",
        ),
        ("A: { view: Block, doc: x }", "E104 5: a struct needs `fields:`"),
        (
            "A: string",
            "E105 5: a type is a mapping, not text | only fields are made of type expressions; write the expression where the name would stand",
        ),
        ("A: { view: Block, tag: t, casse: {} }", "E103 5: a union has no key `casse` | did you mean `cases`?"),
        ("A: { view: Blck, fields: {} }", "E205 5: the façade has no type `Blck` | did you mean `Block`?"),
        ("string: { fields: {} }", "E107 5: the type name `string` is not CamelCase"),
        (
            "A: { fields: { a: { type: string, as: text } } }",
            "E104 5: `A` needs `view:` | name the façade type that the paths inside are relative to",
        ),
        (
            "A: { view: Block, tag: { key: t, absent: tetx }, cases: { text: { arm: text } } }",
            "E211 5: there is no case `tetx` | did you mean `text`?",
        ),
        (
            "A: { view: Block, tag: t, cases: { text: { arm: text, type: string, fields: {} } } }",
            "E111 5: a case has `fields:` or `type:`, not both",
        ),
        (
            "A: { view: Block, tag: t, unknown: skp, cases: {} }",
            "E110 5: `unknown:` takes `keep` or `skip` or `refuse` | did you mean `skip`?",
        ),
        (
            "A: { view: Block, tag: t, cases: { a: { arm: \"x[only]\" } } }",
            "E109 5: an arm is made of member names only",
        ),
        (
            "A: { view: Block, cases: {} }",
            "E104 5: a union needs `tag:` | name the member that tells the cases apart, or say `external` (an object with one key) or `shape` (by the members present)",
        ),
    ] {
        assert_eq!(faults(types), [expected], "{types}");
    }
}
