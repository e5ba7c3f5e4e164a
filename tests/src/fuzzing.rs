//! What the fuzz targets in `tests/fuzz` run: bytes to a case, and what must hold of it. An ordinary test runs them on seeds too.
//!
//! The first byte of an input picks the family, the second what is done; `tests/tests/fuzzed.rs` writes inputs of that form.

use std::sync::LazyLock;

use outcrop::registry::{self, Entry};
use outcrop::runtime::json::Value as _;
use outcrop::stream::Decoder;
use outcrop_lang::{Sources, diag, load_family};
use outcrop_runtime::{Call, Code, Codec, Error, Kind, Report, StreamCodec, Tree};

use crate::compare::{Faults, Operation, difference};
use crate::families::{self, Loaded};
use crate::mutations::mutated;

/// A family, interpreted and, if it is built in, compiled.
pub struct Pair {
    /// Run by the interpreter.
    pub loaded: Loaded,
    /// Compiled.
    pub entry: Option<&'static Entry>,
    /// Its examples: what each operation reads.
    pub examples: Vec<(Kind, Operation, Tree)>,
}

/// Every family of the repository, by name.
pub static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let pair = |loaded: Loaded| Pair {
        entry: registry::by_name(&loaded.name),
        examples: loaded.bodies().into_iter().flat_map(examples).collect(),
        loaded,
    };
    families::all().into_iter().map(pair).collect()
});

/// The sides of an example, each with the operations that read it.
fn examples((kind, native, converse): (Kind, Option<String>, Option<String>)) -> Vec<(Kind, Operation, Tree)> {
    let check = (kind != Kind::Stream).then_some((Operation::Check, &native));
    [Some((Operation::Decode, &native)), check, Some((Operation::Encode, &converse))]
        .into_iter()
        .flatten()
        .filter_map(|(operation, text)| Some((kind, operation, Tree::parse_text(text.as_deref()?).ok()?)))
        .collect()
}

static SOURCES: LazyLock<Sources> = LazyLock::new(families::sources);

/// The kinds and operations, as the second byte counts them.
pub const MODES: [(Kind, Operation); 8] = [
    (Kind::Request, Operation::Decode),
    (Kind::Request, Operation::Encode),
    (Kind::Request, Operation::Check),
    (Kind::Response, Operation::Decode),
    (Kind::Response, Operation::Encode),
    (Kind::Response, Operation::Check),
    (Kind::Stream, Operation::Decode),
    (Kind::Stream, Operation::Encode),
];
/// In the second byte: not the bytes that follow are the input, but an example that they change.
pub const CHANGED: u8 = 0x80;

impl Pair {
    fn call(&self) -> Call<'_> {
        Call { model: &self.loaded.model, ..Call::default() }
    }

    fn codecs(&self) -> impl Iterator<Item = &dyn Codec> {
        [Some(&*self.loaded.codec), self.entry.map(|e| e.codec)].into_iter().flatten()
    }

    /// An example of the kind, on the side that the operation reads, changed as the bytes say.
    fn changed(&self, kind: Kind, operation: Operation, bytes: &[u8]) -> Option<Tree> {
        let (&pick, bytes) = bytes.split_first()?;
        let all = || self.examples.iter().filter(|(k, o, _)| (*k, *o) == (kind, operation));
        let mut tree = all().nth(usize::from(pick) % all().count().max(1))?.2.clone();
        for word in bytes.chunks(2) {
            let seed = word.iter().fold(0, |seed, &byte| seed << 8 | u64::from(byte));
            tree = mutated(&tree, 1, &mut fastrand::Rng::with_seed(seed)).0;
        }
        tree.forget_source();
        Some(tree)
    }
}

fn header(data: &[u8]) -> Option<(&'static Pair, u8, &[u8])> {
    let [family, mode, rest @ ..] = data else { return None };
    Some((PAIRS.get(usize::from(*family) % PAIRS.len().max(1))?, *mode, rest))
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|&b| b == b'\n')
}

/// What came out is JSON. A member that stands twice in what went in may stand twice in what is kept whole of it.
fn is_json(out: &[u8], from: &[u8]) {
    let twice = |body| Tree::parse(body).is_err_and(|e| e.code == Code::DuplicateMember);
    if let Err(error) = Tree::parse(out) {
        assert!(twice(out) && twice(from), "a body is JSON: {error}");
    }
}

/// Any bytes as a body: no panic, and what comes out is JSON that goes back or is refused.
pub fn bodies(data: &[u8]) {
    let Some((pair, mode, body)) = header(data) else { return };
    let kind = if mode & 1 == 0 { Kind::Request } else { Kind::Response };
    let call = Call { strict: mode & 2 != 0, escape: mode & 4 != 0, ..pair.call() };
    for codec in pair.codecs() {
        if let Ok(converse) = codec.decode(kind, &call, body) {
            is_json(&converse.body, body);
            let _ = codec.encode(kind, &call, &converse.body);
        }
        if let Ok(native) = codec.encode(kind, &call, body) {
            is_json(&native.body, body);
            let _ = codec.decode(kind, &call, &native.body);
        }
        if let Ok(checked) = codec.check(kind, &call, body) {
            is_json(&checked.body, body);
        }
    }
}

/// Any lines as chunks and as events: no panic, what comes out is JSON, and typed events are the others.
pub fn streams(data: &[u8]) {
    let Some((pair, mode, body)) = header(data) else { return };
    let call = Call { strict: mode & 2 != 0, ..pair.call() };
    let items: Vec<&[u8]> = lines(body).collect();
    for codec in pair.codecs() {
        if let Ok(mut decoder) = codec.stream_decoder(&call) {
            let (events, _) = through(&mut *decoder, &items);
            if let Ok(mut encoder) = codec.stream_encoder(&call) {
                let _ = through(&mut *encoder, &events);
            }
        }
        if let Ok(mut encoder) = codec.stream_encoder(&call) {
            let (chunks, _) = through(&mut *encoder, &items);
            if let Ok(mut decoder) = codec.stream_decoder(&call) {
                let _ = through(&mut *decoder, &chunks);
            }
        }
        for item in &items {
            let _ = codec.check(Kind::Stream, &call, item);
        }
    }
    if let Some(plan) = pair.entry.and_then(|e| e.streams) {
        let json = through(&mut Decoder::new(plan, &call), &items);
        let mut decoder = Decoder::new(plan, &call);
        let mut events = Vec::new();
        let mut run = || {
            for item in &items {
                decoder.push_typed(item, &mut |event| events.push(event.to_json()))?;
            }
            decoder.finish_typed(&mut |event| events.push(event.to_json()))
        };
        let report = run();
        assert_eq!(texts(&json.0), texts(&events), "typed events are the events");
        assert_eq!(json.1, report);
    }
}

fn texts(items: &[Vec<u8>]) -> Vec<String> {
    items.iter().map(|item| String::from_utf8_lossy(item).into_owned()).collect()
}

/// What a stream codec says, as far as it comes, and how it ends.
fn through<T: AsRef<[u8]>>(codec: &mut dyn StreamCodec, items: &[T]) -> (Vec<Vec<u8>>, Result<Report, Error>) {
    let mut out = Vec::new();
    let mut take = |item: &[u8]| {
        Tree::parse(item).expect("what streams say is JSON");
        out.push(item.to_vec());
    };
    let mut run = || {
        for item in items {
            codec.push(item.as_ref(), &mut take)?;
        }
        codec.finish(&mut take)
    };
    let end = run();
    (out, end)
}

/// Compiled and interpreted codecs agree: same success or failure, same bodies, events, headers and reports.
pub fn agree(data: &[u8]) {
    let Some((pair, mode, rest)) = header(data) else { return };
    let Some(entry) = pair.entry else { return };
    let (kind, operation) = MODES[usize::from(mode & !CHANGED) % MODES.len()];
    let input = if mode & CHANGED != 0 {
        pair.changed(kind, operation, rest)
    } else if kind == Kind::Stream {
        lines(rest).map(|line| Tree::parse(line).ok()).collect::<Option<Vec<_>>>().map(Tree::list)
    } else {
        Tree::parse(rest).ok()
    };
    let (interp, call) = (&*pair.loaded.codec, pair.call());
    let Some(input) = input else {
        // What is no JSON, neither takes.
        if mode & CHANGED == 0 && kind != Kind::Stream {
            for codec in pair.codecs() {
                let result = match operation {
                    Operation::Decode => codec.decode(kind, &call, rest),
                    Operation::Encode => codec.encode(kind, &call, rest),
                    Operation::Check => codec.check(kind, &call, rest),
                };
                result.expect_err("the body is no JSON");
            }
        }
        return;
    };
    if let Some(difference) = difference(interp, entry.codec, kind, operation, &call, &input, Faults::Any) {
        panic!("{} {kind:?} {operation:?}: {difference}\non {input}", pair.loaded.name);
    }
}

/// Any text as a spec file: diagnostics, never a panic.
pub fn spec(text: &str) {
    let mut sources = SOURCES.clone();
    sources.add("input.yaml", text);
    let loaded = load_family(&sources, "input.yaml");
    let _ = diag::render(&loaded.diagnostics, &loaded.files_read, diag::Style::Plain);
}
