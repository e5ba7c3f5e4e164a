//! The generated types on every example of every spec: parse(print(n)) == n, and nothing is lost on the way.
#![allow(clippy::expect_used, clippy::panic)] // Helpers of tests are tests.

use std::fmt::Debug;

use outcrop::converse::{
    ContentBlock, ConverseRequest, ConverseResponse, ConverseStreamOutput, InferenceConfiguration, Message, Role,
    ToolUseBlock,
};
use outcrop_lang::ir::{Example, ExampleKind, Way};
use outcrop_runtime::json::{Arena, IntoOwned, Json, List, Value};
use outcrop_runtime::tree::Tree;
use outcrop_tests::families;

/// Reads a text and prints it: it reads back equal, and says the same as before. Examples that are only decoded show
/// other spellings of the same (older names, tags that may be left out), which are printed in the usual one.
fn law<'a, T: Value<'a> + PartialEq + Debug>(example: &Example, input: &'a str, arena: &'a Arena) -> T {
    let (way, example) = (example.way, &example.id);
    let value = T::from_native(input.as_bytes(), arena).unwrap_or_else(|e| panic!("{example}: {e}\n{input}"));
    let printed = arena.str(std::str::from_utf8(&value.to_json()).expect("UTF-8"));
    let again = T::from_native(printed.as_bytes(), arena).unwrap_or_else(|e| panic!("{example}: {e}\n{printed}"));
    assert_eq!(again, value, "{example}: {printed}");
    if way != Way::Decode
        && let Some(at) = without_nulls(input).difference(&without_nulls(printed))
    {
        panic!("{example} differs at {at}:\n{input}\n{printed}");
    }
    value
}

/// Whether a chunk is the service's own: a sentinel, or metrics by themselves. The families' types are about the others.
fn is_of_the_service(chunk: &str) -> bool {
    let chunk = Tree::parse_text(chunk).expect("chunks are JSON");
    let own = |name: &String| name.starts_with("amazon-bedrock-");
    chunk.as_object().is_none_or(|o| !o.is_empty() && o.members().iter().all(|(name, _)| own(name)))
}

/// A null member of a native object is as good as none.
fn without_nulls(text: &str) -> Tree {
    fn strip(tree: &Tree) -> Tree {
        match tree {
            Tree::Arr(list) => Tree::list(list.items().iter().map(strip).collect()),
            Tree::Obj(object) => {
                let members = object.members().iter().filter(|(_, value)| !matches!(value, Tree::Null));
                Tree::object(members.map(|(name, value)| (name.clone(), strip(value))).collect())
            }
            leaf => leaf.clone(),
        }
    }
    strip(&Tree::parse_text(text).expect("JSON"))
}

/// The elements of a JSON list, as texts.
fn elements(text: &str) -> Vec<String> {
    let arena = Arena::new();
    let list = List::<Json>::from_native(text.as_bytes(), &arena).expect("a list");
    list.iter().map(|json| json.as_str().to_owned()).collect()
}

/// Applies the law to the native sides of a family's examples with that family's root types.
macro_rules! native {
    ($family:literal, $request:ty, $response:ty, $stream:ty) => {
        for example in &outcrop_tests::families::load(&outcrop_tests::families::sources(), $family).family.examples {
            let (Some(native), None) = (&example.native, &example.error) else { continue };
            let arena = outcrop_runtime::json::Arena::new();
            match example.kind {
                outcrop_lang::ir::ExampleKind::Request => drop(super::law::<$request>(example, native, &arena)),
                outcrop_lang::ir::ExampleKind::Response => drop(super::law::<$response>(example, native, &arena)),
                outcrop_lang::ir::ExampleKind::Stream => {
                    for chunk in super::elements(native) {
                        if !super::is_of_the_service(&chunk) {
                            super::law::<$stream>(example, &chunk, &outcrop_runtime::json::Arena::new());
                        }
                    }
                }
            }
        }
    };
}

#[rustfmt::skip]
#[path = "types/generated.rs"]
mod native_bodies_are_printed_as_they_were_read;

#[test]
fn converse_bodies_are_printed_as_they_were_read() {
    fn owned<'a, T>(example: &Example, text: &'a str, arena: &'a Arena)
    where
        T: Value<'a> + PartialEq + Debug + IntoOwned,
        T::Owned: Value<'static>,
    {
        let value: T = law(example, text, arena);
        let before = String::from_utf8(value.to_json()).expect("UTF-8");
        let after = String::from_utf8(value.into_owned().to_json()).expect("UTF-8");
        assert_eq!(Tree::parse_text(&after), Tree::parse_text(&before));
    }
    for family in families::all() {
        for example in &family.family.examples {
            let (Some(converse), arena) = (&example.converse, Arena::new()) else { continue };
            match example.kind {
                ExampleKind::Request => owned::<ConverseRequest>(example, converse, &arena),
                ExampleKind::Response => owned::<ConverseResponse>(example, converse, &arena),
                ExampleKind::Stream => {
                    for event in elements(converse) {
                        owned::<ConverseStreamOutput>(example, &event, &Arena::new());
                    }
                }
            }
        }
    }
}

#[test]
fn a_request_is_built_from_required_members() {
    let hello = Message::new(Role::User, [ContentBlock::Text("hello".into())]);
    let request = ConverseRequest {
        messages: Some([hello].into()),
        inference_config: Some(InferenceConfiguration { temperature: Some(0.9f32.into()), ..Default::default() }),
        ..Default::default()
    };
    let expected =
        r#"{"messages":[{"role":"user","content":[{"text":"hello"}]}],"inferenceConfig":{"temperature":0.9}}"#;
    assert_eq!(String::from_utf8(request.to_json()).expect("UTF-8"), expected);
    assert_eq!(ToolUseBlock::new("t1", "weather", Json::NULL).name, "weather");
}
