//! What goes wrong in the field, and what the service does without saying so: each lesson is a test named after it. Every
//! body goes through the compiled codec and through the interpreter, which have to agree.
//!
//! Lessons that do not concern codecs, and where they are seen to:
//!
//! - Which family an id means (routing by substrings, geo prefixes, ARNs, ids of prompt routers and endpoints): parsed by
//!   structure in `outcrop_runtime::model_id`; `tests/catalogue.rs`, `model_ids.rs` and `resolve.rs` of the runtime.
//! - Names of error types in headers, bodies of errors, HTTP statuses, model ids in paths: the caller's HTTP client sees
//!   them; codecs get bodies of answers. Exceptions inside a stream are frames, which `stream_frames.rs` has.
//! - Counts that a client estimates, retries, sync and async decoders that disagree: there is one decoder, without I/O.
//! - Embeddings and rerankers: no chat formats.
//! - Which stop sequences, limits or policies a model honours: the service judges them.

#![allow(clippy::expect_used, clippy::panic)]

mod answers;
mod claude;
mod converse;
mod nova;
mod prompts;
mod requests;
mod service;
mod stream_frames;
mod streams;
mod text_formats;

use std::sync::LazyLock;

use outcrop::registry;
use outcrop_runtime::fold::fold;
use outcrop_runtime::{Call, Code, Codec, Error, Kind, Report, Tree};
use outcrop_tests::families::{self, Loaded};

static FAMILIES: LazyLock<Vec<Loaded>> = LazyLock::new(families::all);

/// A family's codecs, asked for one model.
struct Format {
    family: &'static str,
    model: &'static str,
}

/// What came out, and the paths that the report names.
struct Got {
    body: Tree,
    report: Vec<String>,
}

impl Format {
    fn both<T>(&self, run: impl Fn(&dyn Codec) -> Result<T, Error>, show: impl Fn(&T) -> Tree) -> Result<T, Error> {
        let interpreted = FAMILIES.iter().find(|f| f.name == self.family).expect("a family");
        let compiled = registry::by_name(self.family).expect("the family is compiled in");
        let (wanted, got) = (run(&*interpreted.codec), run(compiled.codec));
        match (&wanted, &got) {
            (Ok(a), Ok(b)) => {
                let (a, b) = (show(a), show(b));
                assert!(a.difference(&b).is_none(), "{}: interpreted {a}\ncompiled {b}", self.family);
            }
            (Err(a), Err(b)) => assert_eq!(a.code, b.code, "{}: interpreted {a}, compiled {b}", self.family),
            (Ok(_), Err(e)) => panic!("only the compiled {} refuses: {e}", self.family),
            (Err(e), Ok(_)) => panic!("only the interpreted {} refuses: {e}", self.family),
        }
        got
    }

    fn try_decode(&self, kind: Kind, headers: &[(&str, &str)], native: &str) -> Result<Got, Error> {
        let headers: Vec<_> = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let call = Call { model: self.model, headers: &headers, ..Call::default() };
        let run = |codec: &dyn Codec| {
            let out = codec.decode(kind, &call, native.as_bytes())?;
            Ok(Got { body: Tree::parse(&out.body)?, report: paths(&out.report) })
        };
        self.both(run, |got| got.body.clone())
    }

    /// The Converse answer that a native one means.
    fn answer(&self, native: impl ToString) -> Got {
        self.answer_with(&[], native)
    }

    /// The same, beside headers.
    fn answer_with(&self, headers: &[(&str, &str)], native: impl ToString) -> Got {
        self.try_decode(Kind::Response, headers, &native.to_string()).expect("the answer is read")
    }

    /// The Converse request that a native one means.
    fn request(&self, native: impl ToString) -> Got {
        self.try_decode(Kind::Request, &[], &native.to_string()).expect("the request is read")
    }

    fn try_write(&self, kind: Kind, converse: &str) -> Result<Got, Error> {
        let call = Call { model: self.model, ..Call::default() };
        let run = |codec: &dyn Codec| {
            let out = codec.encode(kind, &call, converse.as_bytes())?;
            Ok(Got { body: Tree::parse(&out.body)?, report: paths(&out.report) })
        };
        self.both(run, |got| got.body.clone())
    }

    /// The native request that a Converse one becomes.
    fn write(&self, converse: impl ToString) -> Got {
        self.try_write(Kind::Request, &converse.to_string()).expect("the request is written")
    }

    /// The native answer that a Converse one becomes.
    fn write_answer(&self, converse: impl ToString) -> Got {
        self.try_write(Kind::Response, &converse.to_string()).expect("the answer is written")
    }

    /// The refusal of a Converse request, and the place that it names.
    fn refuses(&self, converse: impl ToString, code: Code) -> String {
        match self.try_write(Kind::Request, &converse.to_string()) {
            Err(e) if e.code == code => e.path,
            Err(e) => panic!("{}: refused otherwise: {e}", self.family),
            Ok(got) => panic!("{}: written: {}", self.family, got.body),
        }
    }

    fn through(&self, decode: bool, items: &[String]) -> Result<Vec<Tree>, Error> {
        let call = Call { model: self.model, ..Call::default() };
        let run = |codec: &dyn Codec| {
            let mut out = Vec::new();
            let mut take = |item: &[u8]| out.push(Tree::parse(item).expect("JSON"));
            let mut stream = if decode { codec.stream_decoder(&call)? } else { codec.stream_encoder(&call)? };
            for item in items {
                stream.push(item.as_bytes(), &mut take)?;
            }
            stream.finish(&mut take)?;
            Ok(out)
        };
        self.both(run, |events| Tree::list(events.clone()))
    }

    /// The events of chunks.
    fn events(&self, chunks: &[&str]) -> Vec<Tree> {
        let chunks: Vec<String> = chunks.iter().map(|c| (*c).to_owned()).collect();
        self.through(true, &chunks).expect("the chunks are read")
    }

    /// The response that the events of chunks add up to.
    fn streamed(&self, chunks: &[&str]) -> Tree {
        fold(&self.events(chunks)).expect("the events add up")
    }

    /// The chunks of events.
    fn chunks(&self, events: &[&str]) -> Vec<Tree> {
        let events: Vec<String> = events.iter().map(|c| (*c).to_owned()).collect();
        self.through(false, &events).expect("the events are written")
    }
}

fn paths(report: &Report) -> Vec<String> {
    report.losses.iter().map(|loss| loss.path.to_string()).collect()
}

/// What stands at a dotted path; numbers are elements.
fn at<'t>(tree: &'t Tree, path: &str) -> &'t Tree {
    path.split('.').fold(tree, |tree, step| {
        let below = step.parse::<usize>().map_or_else(|_| tree.get(step), |n| tree.as_list().and_then(|l| l.get(n)));
        below.unwrap_or(&Tree::Null)
    })
}

/// The text at a path.
fn text<'t>(tree: &'t Tree, path: &str) -> &'t str {
    at(tree, path).as_str().unwrap_or_else(|| panic!("no text at {path} of {tree}"))
}

/// Holds a value against JSON.
fn same(got: &Tree, wanted: &str) {
    let wanted = Tree::parse_text(wanted).expect("JSON");
    assert!(got.difference(&wanted).is_none(), "got    {got}\nwanted {wanted}");
}

/// Input, output and total tokens.
fn tokens(got: &Tree) -> (i64, i64, i64) {
    let count = |name| at(got, &format!("usage.{name}")).as_int().unwrap_or(-1);
    (count("inputTokens"), count("outputTokens"), count("totalTokens"))
}
