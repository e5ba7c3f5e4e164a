//! Formats that nobody compiled into Outcrop: the codecs of the macro and of the build script do what the interpreter does.

#![allow(clippy::expect_used, clippy::panic)]

use outcrop::runtime::tree::Tree;
use outcrop::runtime::{Call, Codec, Error, Kind, Output};
use outcrop_tests::families;

/// The two families: interpreted, and compiled.
fn both(name: &str) -> (families::Loaded, &'static dyn Codec, &'static [&'static str]) {
    let loaded = families::load(&families::sources(), name);
    match name {
        "harbor-log" => (loaded, &outcrop_downstream::harbor_log::Family, outcrop_downstream::harbor_log::UNSUPPORTED),
        _ => (loaded, &outcrop_downstream::moth_script::Family, outcrop_downstream::moth_script::UNSUPPORTED),
    }
}

fn same(what: &str, interpreted: &Result<Output, Error>, compiled: &Result<Output, Error>) {
    match (interpreted, compiled) {
        (Ok(i), Ok(c)) => {
            let (a, b) = (Tree::parse(&i.body).expect("JSON"), Tree::parse(&c.body).expect("JSON"));
            assert_eq!(a.difference(&b), None, "{what}:\ninterpreted {a}\ncompiled    {b}");
            assert_eq!(i.report, c.report, "{what}");
        }
        (Err(i), Err(c)) => assert_eq!((i.code, &i.path), (c.code, &c.path), "{what}"),
        (i, c) => panic!("{what}:\ninterpreted {i:?}\ncompiled    {c:?}"),
    }
}

#[test]
fn compiled_and_interpreted_codecs_agree_on_every_example() {
    for name in ["harbor-log", "moth-script"] {
        let (loaded, compiled, unsupported) = both(name);
        let mut compared = 0;
        for example in &loaded.family.examples {
            let call = Call { model: &example.model, headers: &example.headers, ..Call::default() };
            let kind = match example.kind {
                outcrop_lang::ir::ExampleKind::Request => Kind::Request,
                outcrop_lang::ir::ExampleKind::Response => Kind::Response,
                outcrop_lang::ir::ExampleKind::Stream => continue,
            };
            let refused = |op: &str| unsupported.iter().any(|u| u.starts_with(op));
            let (request, id) = (kind == Kind::Request, &example.id);
            if let Some(native) = example
                .native
                .as_deref()
                .filter(|_| !refused(if request { "decode_request" } else { "decode_response" }))
            {
                let native = native.as_bytes();
                same(
                    &format!("{name}/{id} decoded"),
                    &loaded.codec.decode(kind, &call, native),
                    &compiled.decode(kind, &call, native),
                );
                compared += 1;
            }
            if let Some(converse) = example
                .converse
                .as_deref()
                .filter(|_| !refused(if request { "encode_request" } else { "encode_response" }))
            {
                let converse = converse.as_bytes();
                same(
                    &format!("{name}/{id} encoded"),
                    &loaded.codec.encode(kind, &call, converse),
                    &compiled.encode(kind, &call, converse),
                );
                compared += 1;
            }
        }
        assert!(compared > 4, "{name}: only {compared} comparisons; the compiled codec says {unsupported:?}");
    }
}
