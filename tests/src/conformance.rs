//! What the generated conformance tests call: an example, by family and id, in one direction.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use outcrop_lang::ir::{Example, ExampleKind};
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Kind, Report};

use crate::families::{self, Loaded};

static FAMILIES: LazyLock<BTreeMap<String, Loaded>> =
    LazyLock::new(|| families::all().into_iter().map(|f| (f.name.clone(), f)).collect());

fn with<T>(family: &str, id: &str, f: impl FnOnce(&Loaded, &Example, &Call<'_>) -> T) -> T {
    let Some(loaded) = FAMILIES.get(family) else { panic!("no family {family}; run cargo xtask gen") };
    let Some(example) = loaded.family.examples.iter().find(|e| e.id == id) else {
        panic!("{family} has no example {id}; run cargo xtask gen")
    };
    f(loaded, example, &Call { model: &example.model, headers: &example.headers, ..Call::default() })
}

fn kind(e: &Example) -> Kind {
    match e.kind {
        ExampleKind::Request => Kind::Request,
        ExampleKind::Response => Kind::Response,
        ExampleKind::Stream => Kind::Stream,
    }
}

fn tree(text: Option<&String>) -> Tree {
    Tree::parse(text.expect("the example has this side").as_bytes()).expect("examples are JSON")
}

fn same(what: &str, expected: &Tree, got: &Tree) {
    if let Some(at) = expected.difference(got) {
        panic!("{what} differs at {at}\nexpected {expected}\ngot      {got}");
    }
}

fn reported(e: &Example, report: &Report) {
    for path in &e.report {
        assert!(report.losses.iter().any(|l| l.path == *path), "the report does not name {path}: {:?}", report.losses);
    }
}

fn items(list: &Tree) -> Vec<Vec<u8>> {
    list.as_list().expect("a stream is a list").iter().map(|i| i.to_string().into_bytes()).collect()
}

fn list(items: &[Vec<u8>]) -> Tree {
    Tree::list(items.iter().map(|i| Tree::parse(i).expect("codecs write JSON")).collect())
}

/// Native to Converse.
pub fn decodes(family: &str, id: &str) {
    with(family, id, |loaded, e, call| {
        let (native, converse) = (tree(e.native.as_ref()), tree(e.converse.as_ref()));
        if kind(e) == Kind::Stream {
            let events = loaded.stream_decode(call, &items(&native)).expect("decodes");
            return same("the events", &converse, &list(&events));
        }
        let out = loaded.codec.decode(kind(e), call, native.to_string().as_bytes()).expect("decodes");
        same("the Converse side", &converse, &Tree::parse(&out.body).expect("JSON"));
    });
}

/// Converse to native.
pub fn encodes(family: &str, id: &str) {
    with(family, id, |loaded, e, call| {
        let (native, converse) = (tree(e.native.as_ref()), tree(e.converse.as_ref()));
        let out = loaded.codec.encode(kind(e), call, converse.to_string().as_bytes()).expect("encodes");
        same("the native side", &native, &Tree::parse(&out.body).expect("JSON"));
        reported(e, &out.report);
    });
}

/// Converse to native and back. For streams the chunks need not be the recorded ones, the events must be.
pub fn round_trips(family: &str, id: &str) {
    with(family, id, |loaded, e, call| {
        let converse = tree(e.converse.as_ref());
        if kind(e) == Kind::Stream {
            let chunks = loaded.stream_encode(call, &items(&converse)).expect("encodes");
            let events = loaded.stream_decode(call, &chunks).expect("decodes what it wrote");
            let without_extras =
                |t: &Tree| Tree::list(t.as_list().unwrap_or_default().iter().map(plain_stop).collect());
            return same("the events", &without_extras(&converse), &without_extras(&list(&events)));
        }
        let out = loaded.codec.encode(kind(e), call, converse.to_string().as_bytes()).expect("encodes");
        let first = Tree::parse(&out.body).expect("JSON");
        let back = loaded.codec.decode(kind(e), call, &out.body).expect("decodes what it wrote");
        let again = loaded.codec.encode(kind(e), call, &back.body).expect("encodes what it decoded");
        same("the second native body", &first, &Tree::parse(&again.body).expect("JSON"));
        if out.report.losses.is_empty() {
            same("the Converse side", &converse, &Tree::parse(&back.body).expect("JSON"));
        }
    });
}

/// A `messageStop` without the additional fields: chunks carry those of the family's defaults, not those of other chunks.
fn plain_stop(event: &Tree) -> Tree {
    match event.get("messageStop").and_then(|s| s.get("stopReason")) {
        Some(reason) => Tree::arm("messageStop", Tree::arm("stopReason", reason.clone())),
        None => event.clone(),
    }
}

/// The refusal that the example claims, in whichever direction it has a body for.
pub fn refuses(family: &str, id: &str) {
    with(family, id, |loaded, e, call| {
        let (code, at) = e.error.as_ref().expect("a refusal");
        let result = match (&e.converse, &e.native, kind(e)) {
            (Some(c), _, Kind::Stream) => loaded.stream_encode(call, &items(&tree(Some(c)))).map(drop),
            (None, Some(n), Kind::Stream) => loaded.stream_decode(call, &items(&tree(Some(n)))).map(drop),
            (Some(c), _, k) => loaded.codec.encode(k, call, c.as_bytes()).map(drop),
            (None, Some(n), k) => loaded.codec.decode(k, call, n.as_bytes()).map(drop),
            (None, None, _) => panic!("the example has no body"),
        };
        let error = result.expect_err("refused");
        assert_eq!(error.code.as_str(), code, "{error}");
        assert!(at.is_empty() || error.path == *at || error.native_path == *at, "expected at {at}: {error}");
    });
}
