//! Native types of a spec that uses every form: the emitted text, and the laws of what it compiles to.
#![allow(clippy::expect_used, clippy::panic)] // Helpers of tests are tests.

use outcrop_codegen::{Options, emit};
use outcrop_lang::{Sources, load_family};
use outcrop_runtime::Code;
use outcrop_runtime::json::{Arena, Extra, Json, List, Num, Value};
use outcrop_runtime::tree::Tree;

// It is public where it is used.
#[allow(unreachable_pub, dead_code)]
#[rustfmt::skip]
#[path = "types/generated.rs"]
mod wire;

#[path = "types/random.rs"]
mod random;

use wire::{Block, BlockText, Body, Choice, Chunk, Part, Piece, Reason, Request, Size, Tool};

/// Run with `OUTCROP_BLESS=1` to accept what the emitters make now.
#[test]
fn the_emitted_text_is_the_committed_one() {
    let mut sources: Sources = outcrop_specs::FILES.iter().copied().collect();
    sources.add("wire.yaml", include_str!("types/wire.yaml"));
    let family = load_family(&sources, "wire.yaml").family.expect("the spec is YAML");
    let now = emit::pretty(&emit::types::emit(&emit::types::shapes(&family), &Options::default()));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/types/generated.rs");
    if std::env::var_os("OUTCROP_BLESS").is_some() {
        std::fs::write(path, &now).expect("writing");
    }
    let before = std::fs::read_to_string(path).expect("reading").replace("\r\n", "\n");
    assert!(now == before, "emitted types changed; run this test with OUTCROP_BLESS=1 and look at the difference");
}

/// Reads, and checks that printing and reading again changes nothing.
fn read<'a, T: Value<'a> + PartialEq + std::fmt::Debug>(input: &'a str, arena: &'a Arena) -> T {
    let value = T::from_native(input.as_bytes(), arena).unwrap_or_else(|e| panic!("{e}: {input}"));
    let printed = arena.str(std::str::from_utf8(&value.to_json()).expect("UTF-8"));
    assert_eq!(T::from_native(printed.as_bytes(), arena).as_ref(), Ok(&value), "{input} became {printed}");
    value
}

/// Reads, and checks that it is printed exactly as it was.
fn same<'a, T: Value<'a> + PartialEq + std::fmt::Debug>(input: &'a str, arena: &'a Arena) -> T {
    let value: T = read(input, arena);
    assert_eq!(String::from_utf8(value.to_json()).expect("UTF-8"), input);
    value
}

fn refused(input: &str) -> (Code, String) {
    let arena = Arena::new();
    let e = Request::from_native(input.as_bytes(), &arena).expect_err(input);
    (e.code, e.native_path)
}

#[test]
fn a_struct_keeps_members_it_does_not_know() {
    let arena = Arena::new();
    let input = r#"{"model":"m","count":3,"share":0.50,"note":null,"any":{"b": 1},"self":"s","type":"t","new":[1, 2]}"#;
    let request: Request = same(input, &arena);
    assert_eq!((request.count, request.note.is_none(), request.self_.is_some()), (Some(3), true, true));
    assert_eq!(request.extra.get("new").map(Json::as_str), Some("[1, 2]"));
}

#[test]
fn members_are_read_in_any_order_and_by_any_name() {
    let arena = Arena::new();
    let request: Request = read(r#"{"stop":"x","quiet":null,"note":"n","count":28.0,"model":"m"}"#, &arena);
    assert_eq!(request.to_json(), br#"{"model":"m","count":28,"note":"n","stops":["x"]}"#);
}

#[test]
fn a_missing_a_doubled_and_a_mistyped_member_are_told_with_their_path() {
    assert_eq!(refused(r#"{"note":"n"}"#), (Code::MissingMember, "model".into()));
    assert_eq!(refused(r#"{"model":"m"}"#), (Code::MissingMember, "note".into()));
    assert_eq!(refused(r#"{"model":"m","model":"m"}"#), (Code::DuplicateMember, "model".into()));
    assert_eq!(refused(r#"{"stops":["x"],"stop":"x"}"#), (Code::DuplicateMember, "stop".into()));
    assert_eq!(refused(r#"{"model":"m","next":{}}"#), (Code::MissingMember, "next.value".into()));
    assert_eq!(refused(r#"{"next":{"value":1,"next":{"value":"1"}}}"#), (Code::WrongType, "next.next.value".into()));
    assert_eq!(refused(r#"{"count":null}"#), (Code::WrongType, "count".into()));
    assert_eq!(refused(r#"{"size":"huge"}"#), (Code::UnknownValue, "size".into()));
    assert_eq!(refused(r#"{"tools":[{"kind":"x"}]}"#), (Code::UnknownTag, "tools[0]".into()));
    let deep = format!("{}1{}", r#"{"value":1,"next":"#.repeat(200), "}".repeat(200));
    assert_eq!(refused(&format!(r#"{{"next":{deep}}}"#)).0, Code::TooLarge);
}

#[test]
fn a_tag_may_stand_anywhere_and_an_unknown_one_is_kept_whole() {
    let arena = Arena::new();
    let last: Block = read(r#"{"text":"a","x":1,"mark":{"kind":"k"},"type":"text"}"#, &arena);
    assert_eq!(last.to_json(), br#"{"type":"text","text":"a","mark":{"kind":"k"},"x":1}"#);
    let unknown: Block = same(r#"{"text" : "a","type":"new"}"#, &arena);
    assert!(matches!(unknown, Block::Unknown(_)));
    assert!(matches!(same::<Block>(r#"{"untagged":1}"#, &arena), Block::Unknown(_)));
    assert!(matches!(same::<Block>(r#"{"type":"pause"}"#, &arena), Block::Pause(_)));
}

#[test]
fn cases_with_the_same_tag_share_a_variant() {
    let arena = Arena::new();
    let Block::Text(text) = same(r#"{"type":"text","text":"a","schema":{}}"#, &arena) else { panic!("text") };
    assert!(text.schema.is_some());
}

#[test]
fn a_missing_tag_means_the_case_that_is_written_without_one() {
    let arena = Arena::new();
    assert!(matches!(same(r#"{"name":"n"}"#, &arena), Tool::Custom(_)));
    assert!(matches!(same(r#"{"kind":"builtin","name":"n"}"#, &arena), Tool::Builtin(_)));
    assert_eq!(read::<Tool>(r#"{"name":"n","kind":"custom"}"#, &arena).to_json(), br#"{"name":"n"}"#);
}

#[test]
fn words_stand_beside_objects() {
    let arena = Arena::new();
    assert_eq!(same::<Choice>(r#""any""#, &arena), Choice::Any);
    assert!(matches!(same(r#"{"type":"tool","name":"n"}"#, &arena), Choice::Tool(_)));
    assert!(matches!(same(r#""some""#, &arena), Choice::Unknown(_)));
}

#[test]
fn shapes_are_told_apart_by_kind_and_members() {
    let arena = Arena::new();
    assert!(matches!(same(r#""bare""#, &arena), Part::Bare(_)));
    assert!(matches!(same("[1,2]", &arena), Part::Row(_)));
    assert!(matches!(same(r#"{"url":"u"}"#, &arena), Part::Image(_)));
    assert!(matches!(same(r#"{"url":"u","name":"n"}"#, &arena), Part::File(_)));
    assert!(matches!(same(r#"{"url":"u","other":1}"#, &arena), Part::Unknown(_)));
    assert!(matches!(same("7", &arena), Part::Unknown(_)));
}

#[test]
fn text_or_list_keeps_its_form() {
    let arena = Arena::new();
    assert!(matches!(same(r#""plain""#, &arena), Body::Text(_)));
    assert!(matches!(same(r#"[{"type":"text","text":"a"}]"#, &arena), Body::List(list) if list.len() == 1));
}

#[test]
fn an_object_with_one_known_member_is_that_variant_and_any_other_is_kept_whole() {
    let arena = Arena::new();
    assert!(matches!(same(r#"{"text":"a"}"#, &arena), Piece::Text(_)));
    assert!(matches!(same(r#"{"image":{"url":"u","new":1}}"#, &arena), Piece::Image(_)));
    assert!(matches!(same(r#"{"raw":null}"#, &arena), Piece::Raw(_)));
    assert!(matches!(same(r#"{"text":"a","more":1}"#, &arena), Piece::Unknown(_)));
    assert!(matches!(same(r#"{"more":1}"#, &arena), Piece::Unknown(_)));
}

#[test]
fn a_chunk_with_one_member_may_have_those_of_the_service_beside_it() {
    let arena = Arena::new();
    let chunk: Chunk = same(r#"{"start":{"role":"r"},"amazon-bedrock-x":{"n":1}}"#, &arena);
    assert_eq!((chunk.start.is_some(), chunk.extra.len()), (true, 1));
    assert!(matches!(same::<Chunk>(r#"{"delta":{"type":"text","text":"a"}}"#, &arena).delta, Some(Block::Text(_))));
    assert!(same::<Chunk>(r#"{"ping":{}}"#, &arena).ping.is_some());
}

#[test]
fn sets_of_words_are_open_only_where_the_spec_says_so() {
    let arena = Arena::new();
    assert_eq!(same::<Reason>(r#""5 min""#, &arena), Reason::V5Min);
    assert_eq!(read::<Reason>(r#""d\u006fne""#, &arena), Reason::Done);
    assert_eq!(same::<Reason>(r#""new""#, &arena).as_known(), None);
    assert_eq!(same::<Size>(r#""big""#, &arena).as_str(), "big");
}

#[test]
fn values_that_a_program_builds_print_like_parsed_ones() {
    let text = BlockText { text: "a \"b\"".into(), ..Default::default() };
    let request = Request {
        model: String::from("m").into(),
        share: Some(Num::from(0.9f32)),
        body: Some(Body::List([Block::Text(text)].into())),
        names: Some(List::from(vec!["x".into()])),
        extra: Extra::from([("k".into(), Json::NULL)]),
        ..Default::default()
    };
    assert_eq!(
        String::from_utf8(request.to_json()).expect("UTF-8"),
        r#"{"model":"m","share":0.9,"note":null,"names":["x"],"body":[{"type":"text","text":"a \"b\""}],"k":null}"#
    );
}

/// Without null members of the format's own objects, which are as good as absent.
fn without_nulls(tree: &Tree) -> Tree {
    let Tree::Obj(object) = tree else { return tree.clone() };
    let members =
        object.members().iter().filter(|(key, value)| *value != Tree::Null || !matches!(&**key, "quiet" | "any"));
    Tree::object(members.cloned().collect())
}

#[test]
fn random_values_are_printed_as_they_were_read() {
    let mut rng = fastrand::Rng::with_seed(11);
    for _ in 0..3000 {
        let (input, arena) = (random::request(&mut rng), Arena::new());
        let printed = read::<Request>(&input, &arena).to_json();
        let tree = |bytes: &[u8]| without_nulls(&Tree::parse(bytes).expect("JSON"));
        assert_eq!(
            tree(input.as_bytes()).difference(&tree(&printed)),
            None,
            "{input}\n{}",
            String::from_utf8_lossy(&printed)
        );
    }
}

#[test]
fn damaged_values_are_refused_with_a_code_or_read() {
    let mut rng = fastrand::Rng::with_seed(12);
    for _ in 0..20_000 {
        let mut bytes = random::request(&mut rng).into_bytes();
        for _ in 0..rng.usize(1..4) {
            let at = rng.usize(..bytes.len());
            bytes[at] = *rng.choice(b"{}[]\",:\\0-.en \xff1").expect("a byte");
        }
        let arena = Arena::new();
        if let Err(e) = Request::from_native(&bytes, &arena) {
            assert!(!e.message.is_empty());
        }
    }
}
