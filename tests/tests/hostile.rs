//! Malformed and oversized input: a coded error each, no panic, memory in proportion to the input.

#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use outcrop_lang::ir::ExampleKind;
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Code, Kind};
use outcrop_tests::families;
use outcrop_tests::mutations::mutated;

const KINDS: [Kind; 2] = [Kind::Request, Kind::Response];

/// Both directions of every family.
fn everywhere(mut f: impl FnMut(&families::Loaded, Kind, &Call<'_>)) {
    for family in families::all() {
        let call = Call { model: &family.model, ..Call::default() };
        for kind in KINDS {
            f(&family, kind, &call);
        }
    }
}

#[test]
fn text_that_is_no_json_is_refused_with_its_code() {
    let bad: &[&[u8]] = &[
        b"",
        b"{",
        b"[1,",
        b"{\"a\":}",
        b"nul",
        b"{\"a\":1}x",
        b"{\"a\":\"\\x\"}",
        b"{\"a\":01}",
        b"\xff\xfe",
        b"{\"a\":\"\x01\"}",
    ];
    everywhere(|family, kind, call| {
        for text in bad {
            let d = family.codec.decode(kind, call, text).expect_err("no JSON");
            let e = family.codec.encode(kind, call, text).expect_err("no JSON");
            assert_eq!(
                (d.code, e.code),
                (Code::MalformedJson, Code::MalformedJson),
                "{} {kind:?} {text:?}",
                family.name
            );
            assert!(!d.message.is_empty() && !e.message.is_empty());
        }
    });
}

#[test]
fn values_of_the_wrong_type_are_refused_not_guessed() {
    everywhere(|family, kind, call| {
        for text in ["7", "\"x\"", "[]", "{\"messages\":7,\"output\":3}"] {
            let e = family.codec.encode(kind, call, text.as_bytes()).expect_err("no Converse body");
            assert_eq!(e.code, Code::WrongType, "{} {kind:?} {text}: {e}", family.name);
        }
        for text in ["null", "7", "\"x\"", "[]"] {
            family.codec.decode(kind, call, text.as_bytes()).expect_err("no native body");
        }
    });
}

#[test]
fn refusals_name_what_is_there() {
    let mut refused = 0;
    for family in families::all() {
        let mut rng = fastrand::Rng::with_seed(3);
        for example in family.family.examples.iter().filter(|e| e.kind != ExampleKind::Stream) {
            let kind = if example.kind == ExampleKind::Request { Kind::Request } else { Kind::Response };
            let Some(native) = example.native.as_deref().and_then(|text| Tree::parse_text(text).ok()) else { continue };
            let call = Call { model: &example.model, headers: &example.headers, ..Call::default() };
            for _ in 0..20 {
                let (body, _) = mutated(&native, 1, &mut rng);
                let Err(e) = family.codec.decode(kind, &call, body.to_string().as_bytes()) else { continue };
                assert!(!e.to_string().contains("``"), "{}: {e}\non {body}", family.name);
                refused += 1;
            }
        }
    }
    assert!(refused > 500, "{refused}");
}

#[test]
fn two_hundred_levels_of_nesting_are_too_many() {
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
    everywhere(|family, kind, call| {
        let d = family.codec.decode(kind, call, deep.as_bytes()).expect_err("too deep");
        let e = family.codec.encode(kind, call, deep.as_bytes()).expect_err("too deep");
        assert_eq!((d.code, e.code), (Code::TooLarge, Code::TooLarge), "{} {kind:?}", family.name);
    });
}

#[test]
fn a_member_named_twice_is_refused() {
    everywhere(|family, kind, call| {
        let text = b"{\"messages\":[],\"messages\":[]}";
        let e = family.codec.encode(kind, call, text).expect_err("twice");
        assert_eq!(e.code, Code::DuplicateMember, "{} {kind:?}: {e}", family.name);
    });
}

#[test]
fn a_body_of_25_megabytes_goes_through() {
    let big = "tide ".repeat(5_000_000);
    let request = |before: &str| {
        format!(
            "{{\"messages\":[{{\"role\":\"user\",\"content\":[{before}{{\"text\":\"{big}\"}}]}}],\"inferenceConfig\":{{\"maxTokens\":9}}}}"
        )
    };
    // Some formats are about something: a text without it is no request.
    let video = request("{\"video\":{\"format\":\"mp4\",\"source\":{\"bytes\":\"AAAA\"}}},");
    let text = request("");
    // The families of a dialect read texts with the same code: one of each dialect is asked, and each that has none.
    let mut seen = BTreeSet::new();
    let mut is_new = |f: &families::Loaded| f.family.dialect.clone().is_none_or(|dialect| seen.insert(dialect));
    for family in families::all().into_iter().filter(|f| is_new(f)) {
        let call = Call { model: &family.model, ..Call::default() };
        let encode = |request: &str| family.codec.encode(Kind::Request, &call, request.as_bytes());
        let native = match encode(&text) {
            Err(e) if e.code == Code::MissingMember => encode(&video),
            native => native,
        };
        let native = native.expect("a long text is still a text");
        let back = family.codec.decode(Kind::Request, &call, &native.body).expect("reads its own body");
        assert!(back.body.len() > big.len(), "{}", family.name);
    }
}

#[test]
fn random_damage_to_good_bodies_never_panics() {
    let mut rng = fastrand::Rng::with_seed(11);
    for family in families::all() {
        let call = Call { model: &family.model, ..Call::default() };
        for (kind, native, converse) in family.bodies() {
            for text in [native, converse].into_iter().flatten() {
                for _ in 0..60 {
                    let mut bytes = text.clone().into_bytes();
                    for _ in 0..=rng.usize(..3) {
                        let at = rng.usize(..bytes.len());
                        match rng.usize(..4) {
                            0 => bytes[at] = rng.u8(..),
                            1 => bytes.truncate(at),
                            2 => bytes.insert(at, *b"{}[]\",:0n\\".get(rng.usize(..10)).expect("ten")),
                            _ => {
                                bytes.remove(at);
                            }
                        }
                        if bytes.is_empty() {
                            break;
                        }
                    }
                    if kind == Kind::Stream {
                        let _ = family.stream_decode(&call, &[bytes.clone()]);
                        let _ = family.stream_encode(&call, &[bytes]);
                    } else {
                        let _ = family.codec.decode(kind, &call, &bytes);
                        let _ = family.codec.encode(kind, &call, &bytes);
                        let _ = family.codec.check(kind, &call, &bytes);
                    }
                }
            }
        }
    }
}
