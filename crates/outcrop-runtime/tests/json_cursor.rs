//! The cursor agrees with `serde_json` about what is JSON and what it says.
#![allow(clippy::expect_used, clippy::panic)] // Helpers of tests are tests.
// The yardstick is a tree on purpose.
#![allow(clippy::disallowed_types)]

use outcrop_runtime::Code;
use outcrop_runtime::json::{Arena, Cursor, Json, List, Map, Num, Result, Str, Value, member, path_at};
use serde_json::Value as Tree;

/// A tree read with the cursor, by way of every kind of value.
fn tree(c: &mut Cursor<'_>) -> Result<Tree> {
    Ok(match c.peek()? {
        b'{' => {
            let mut map = serde_json::Map::new();
            let mut next = c.first_key()?;
            while let Some(key) = next {
                map.insert(key.to_owned(), tree(c)?);
                next = c.next_key()?;
            }
            Tree::Object(map)
        }
        b'[' => {
            let mut list = Vec::new();
            let mut more = c.first_item()?;
            while more {
                list.push(tree(c)?);
                more = c.next_item()?;
            }
            Tree::Array(list)
        }
        b'"' => Tree::String(c.str()?.text().into_owned()),
        b't' | b'f' => Tree::Bool(c.bool()?),
        b'n' => {
            c.null()?;
            Tree::Null
        }
        _ => serde_json::from_str(c.num()?.as_str()).expect("a number"),
    })
}

fn read(input: &[u8]) -> Result<Tree> {
    let arena = Arena::new();
    let mut c = Cursor::new(input, &arena)?;
    let value = tree(&mut c)?;
    c.end()?;
    Ok(value)
}

fn skip(input: &[u8]) -> Result<()> {
    let arena = Arena::new();
    let mut c = Cursor::new(input, &arena)?;
    c.skip()?;
    c.end()
}

fn agrees(input: &[u8]) {
    let yardstick = serde_json::from_slice::<Tree>(input);
    let text = String::from_utf8_lossy(input);
    match (read(input), &yardstick) {
        (Ok(ours), Ok(theirs)) => assert_eq!(ours, *theirs, "{text}"),
        (Err(_), Err(_)) => {}
        (ours, theirs) => panic!("{ours:?} but {theirs:?} for {text}"),
    }
    assert_eq!(skip(input).is_ok(), yardstick.is_ok(), "{text}");
}

/// Random JSON text with white space and escapes in all places.
fn random(rng: &mut fastrand::Rng, depth: u32, out: &mut String) {
    let mut space = |out: &mut String| out.push_str(["", "", "", " ", "\n\t"][rng.usize(..5)]);
    space(out);
    match rng.u8(if depth == 0 { 0..5 } else { 0..7 }) {
        0 => out.push_str(["true", "false", "null"][rng.usize(..3)]),
        1 => out.push_str(["0", "-0", "12", "-7.50", "1e5", "2E-3", "123456789012345678901"][rng.usize(..7)]),
        2..5 => string(rng, out),
        5 => {
            out.push('[');
            for i in 0..rng.u8(..4) {
                out.push_str(if i > 0 { "," } else { "" });
                random(rng, depth - 1, out);
            }
            out.push(']');
        }
        _ => {
            out.push('{');
            for i in 0..rng.u8(..4) {
                out.push_str(if i > 0 { " ," } else { "" });
                string(rng, out);
                out.push(':');
                random(rng, depth - 1, out);
            }
            out.push('}');
        }
    }
}

fn string(rng: &mut fastrand::Rng, out: &mut String) {
    const PIECES: &[&str] =
        &["a", "key", "é", "😀", "\\n", "\\\"", "\\\\", "\\u00e9", "\\ud83d\\ude00", "\\/", " ", "\u{7f}"];
    out.push('"');
    let most = if rng.u8(..8) == 0 { 90 } else { 6 };
    for _ in 0..rng.usize(..most) {
        out.push_str(PIECES[rng.usize(..PIECES.len())]);
    }
    out.push('"');
}

#[test]
fn random_documents_read_as_serde_json_reads_them() {
    let mut rng = fastrand::Rng::with_seed(7);
    for _ in 0..3000 {
        let mut text = String::new();
        random(&mut rng, 4, &mut text);
        agrees(text.as_bytes());
    }
}

#[test]
fn damaged_documents_are_refused_when_serde_json_refuses_them() {
    let mut rng = fastrand::Rng::with_seed(8);
    for _ in 0..20_000 {
        let mut text = String::new();
        random(&mut rng, 3, &mut text);
        let mut bytes = text.into_bytes();
        for _ in 0..rng.usize(1..3) {
            let at = rng.usize(..bytes.len());
            match rng.u8(..3) {
                0 => bytes.truncate(at.max(1)),
                1 => bytes[at] = *rng.choice(b"{}[]\",:\\0-.eE \n\x00\x1f\x80\xffutfn").expect("a byte"),
                _ => bytes.insert(at, *rng.choice(b"{}[]\",:\\u0-.e \n\x01\xc3").expect("a byte")),
            }
        }
        agrees(&bytes);
    }
}

#[test]
fn hostile_texts_are_refused_at_their_place() {
    for (input, at) in [
        (&b""[..], 0),
        (b"{\"a\" 1}", 5),
        (b"[1 2]", 3),
        (b"\"\\x\"", 1),
        (b"\"\\ud800\"", 1),
        (b"\"\\udc00\\ud800\"", 1),
        (b"\"a\nb\"", 2),
        (b"01", 1),
        (b"1.", 2),
        (b"\"\xff\"", 1),
        (b"{} {}", 3),
        (b"truth", 0),
        (b"nul", 0),
        (b"\"open", 5),
    ] {
        let e = skip(input).expect_err("hostile");
        assert_eq!((e.fault.code, e.at), (Code::MalformedJson, at), "{:?}", String::from_utf8_lossy(input));
    }
}

#[test]
fn nesting_ends_at_the_limit() {
    let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
    assert!(skip(nested(128).as_bytes()).is_ok());
    let e = skip(nested(129).as_bytes()).expect_err("too deep");
    assert_eq!(e.fault.code, Code::TooLarge);
    let open = "{\"a\":[".repeat(1_000_000);
    assert_eq!(skip(open.as_bytes()).expect_err("too deep").fault.code, Code::TooLarge);
}

#[test]
fn a_wrong_type_names_its_path_on_either_side() {
    let arena = Arena::new();
    let input = br#"{"a": {"b": [true, 5]}}"#;
    let e = <Map<Map<List<bool>>>>::from_json(input, &arena).expect_err("5 is no bool");
    assert_eq!((e.code, e.path.as_str()), (Code::WrongType, "a.b[1]"));
    let e = <Map<Map<List<bool>>>>::from_native(input, &arena).expect_err("5 is no bool");
    assert_eq!((e.path.as_str(), e.native_path.as_str()), ("", "a.b[1]"));
    assert_eq!(path_at(input, input.len()), "");
}

#[test]
fn text_crosses_still_escaped_and_compares_by_what_it_says() {
    let arena = Arena::new();
    let raw = Str::from_json(br#""\u0041\n""#, &arena).expect("a string");
    assert_eq!(raw.to_json(), br#""\u0041\n""#);
    assert_eq!(raw, "A\n");
    assert_eq!(raw, Str::from("A\n".to_owned()));
    assert_eq!(Str::from("A\n\u{1}\"").to_json(), br#""A\n\u0001\"""#);
}

#[test]
fn plain_text_of_any_length_is_written_as_json_that_reads_back() {
    let mut rng = fastrand::Rng::with_seed(9);
    for _ in 0..2000 {
        let text: String = (0..rng.usize(..200))
            .map(|_| *rng.choice(&['a', '"', '\\', '\n', '\u{2}', 'é', '😀', 'x']).expect("a char"))
            .collect();
        let json = Str::from(text.as_str()).to_json();
        assert_eq!(serde_json::from_slice::<String>(&json).expect("JSON"), text);
    }
}

#[test]
fn whole_numbers_may_be_written_as_floats() {
    let arena = Arena::new();
    assert_eq!(i64::from_json(b"28.0", &arena), Ok(28));
    assert_eq!(i64::from_json(b"-9223372036854775808", &arena), Ok(i64::MIN));
    assert_eq!(i64::from_json(b"28.5", &arena).expect_err("no integer").code, Code::WrongType);
    assert_eq!(i64::from_json(b"9223372036854775808", &arena).expect_err("too large").code, Code::WrongType);
    assert_eq!(Num::from_json(b"1.50", &arena).expect("a number").to_json(), b"1.50");
}

#[test]
fn opaque_values_stay_byte_for_byte() {
    let arena = Arena::new();
    let input = br#" {"b" : 1.0, "a": [ ] } "#;
    let value = Json::from_json(input, &arena).expect("JSON");
    assert_eq!(value.as_str(), r#"{"b" : 1.0, "a": [ ] }"#);
    assert_eq!(Json::new(" [1] ").expect("JSON").as_str(), "[1]");
    assert!(Json::new("[1").is_err());
}

#[test]
fn a_bare_element_is_a_list_of_one_where_both_are_allowed() {
    let arena = Arena::new();
    let read = |input| member::one_or_list::<i64>(&mut Cursor::over(input, &arena)).map(|list| list.to_vec());
    assert_eq!(read("5"), Ok(vec![5]));
    assert_eq!(read("[5,6]"), Ok(vec![5, 6]));
}
