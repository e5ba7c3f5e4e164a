//! What is measured of a workload, after a look at whether it is right.

use std::hint::black_box;

use anyhow::{Result, ensure};
use outcrop::converse::ConverseRequest;
use outcrop::runtime::json::{Arena, Value};
use outcrop::runtime::{Call, Codec, Error, Kind, Output, Tree};

use crate::families::Family;
use crate::streams;
use crate::workloads::{Input, Work};

/// An implementation and its operation. An operation that fails while it is measured would be quick, so it says so.
pub(crate) type Op<'w> = (&'static str, Box<dyn FnMut() + 'w>);

/// A row of the table.
pub(crate) struct Case<'w> {
    pub(crate) name: String,
    pub(crate) bytes: usize,
    /// One, or chunks in a stream.
    pub(crate) units: usize,
    pub(crate) ops: Vec<Op<'w>>,
}

/// The circumstances of all calls.
pub(crate) fn call(family: &Family) -> Call<'_> {
    Call { model: family.model, ..Call::default() }
}

/// Reports a failure of an operation that has worked once.
pub(crate) fn must<T>(result: Result<T, Error>) {
    match result {
        Ok(value) => drop(black_box(value)),
        Err(e) => eprintln!("{e}"),
    }
}

/// The cases of a workload; those that the family refuses are left out, and said on standard error.
pub(crate) fn of<'w>(family: &'w Family, work: &'w Work, baseline: bool) -> Result<Vec<Case<'w>>> {
    let (mut cases, bytes) = match &work.input {
        Input::Request(bytes) => (request(family, work, bytes)?, bytes),
        Input::Response(bytes) => (response(family, work, bytes)?, bytes),
        Input::Stream(bytes) => (streams::of(family, work, bytes)?, bytes),
    };
    for case in &mut cases {
        if baseline {
            case.ops.push(("memcpy", Box::new(move || drop(black_box(black_box(bytes).clone())))));
        }
        if baseline && case.units == 1 {
            let pass =
                move || drop(black_box(serde_json::from_slice::<&serde_json::value::RawValue>(black_box(bytes))));
            case.ops.push(("serde_json", Box::new(pass)));
        }
    }
    Ok(cases)
}

/// Compares with the interpreter. False: both refuse, or the codecs do not know how.
fn agrees(work: &Work, kind: &str, got: Result<Output, Error>, want: Result<Output, Error>) -> Result<bool> {
    let name = work.case(kind);
    match (got, want) {
        (Ok(got), Ok(want)) => {
            let same = matches!((Tree::parse(&got.body), Tree::parse(&want.body)), (Ok(a), Ok(b)) if a == b);
            let texts = || format!("{}\n{}", String::from_utf8_lossy(&got.body), String::from_utf8_lossy(&want.body));
            ensure!(same, "{name}: the codec and the interpreter differ:\n{}", texts());
            Ok(true)
        }
        (Err(e), _) => {
            eprintln!("{name} is left out: {e}");
            Ok(false)
        }
        (Ok(_), Err(e)) => anyhow::bail!("{name}: the interpreter refuses what the codec takes: {e}"),
    }
}

fn request<'w>(family: &'w Family, work: &'w Work, bytes: &'w [u8]) -> Result<Vec<Case<'w>>> {
    let call = call(family);
    let (codec, encode) = (family.codec, family.encode);
    let (got, want) = (codec.encode(Kind::Request, &call, bytes), family.oracle.encode(Kind::Request, &call, bytes));
    if !agrees(work, "enc", got, want)? {
        return Ok(Vec::new());
    }
    // The typed request lives as long as the program.
    let arena: &'static Arena = Box::leak(Box::default());
    let bytes_of: &'static [u8] = Vec::leak(bytes.to_vec());
    let typed = ConverseRequest::from_json(bytes_of, arena)?;
    let case = |kind: &str, op: Box<dyn FnMut() + 'w>| Case {
        name: work.case(kind),
        bytes: bytes.len(),
        units: 1,
        ops: vec![("outcrop", op)],
    };
    Ok(vec![
        case("enc", Box::new(move || must(codec.encode(Kind::Request, &call, black_box(bytes))))),
        case("tenc", Box::new(move || must(encode(black_box(&typed), &call)))),
    ])
}

fn response<'w>(family: &'w Family, work: &'w Work, bytes: &'w [u8]) -> Result<Vec<Case<'w>>> {
    let call = call(family);
    let (codec, decode) = (family.codec, family.decode);
    let (got, want) = (codec.decode(Kind::Response, &call, bytes), family.oracle.decode(Kind::Response, &call, bytes));
    if !agrees(work, "dec", got, want)? {
        return Ok(Vec::new());
    }
    let case = |kind: &str, op: Box<dyn FnMut() + 'w>| Case {
        name: work.case(kind),
        bytes: bytes.len(),
        units: 1,
        ops: vec![("outcrop", op)],
    };
    let typed = move || {
        let arena = Arena::for_input(bytes.len());
        match decode(black_box(bytes), &arena, &call) {
            Ok(value) => drop(black_box(value)),
            Err(e) => eprintln!("{e}"),
        }
    };
    Ok(vec![
        case("dec", Box::new(move || must(codec.decode(Kind::Response, &call, black_box(bytes))))),
        case("tdec", Box::new(typed)),
    ])
}
