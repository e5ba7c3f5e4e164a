//! Two codecs of one family, run on the same input: the interpreter, which is the reference, and compiled code.

use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Code, Codec, Error, Kind, Output};

/// What is done with the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Native to Converse.
    Decode,
    /// Converse to native.
    Encode,
    /// A native body is judged as it stands.
    Check,
}

/// How many faults an input can have: of several, either codec may name any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faults {
    /// At most one.
    One,
    /// Perhaps several.
    Several,
}

/// How the compiled codec differs from the interpreted one on an input; for streams that is the list of chunks or events.
#[must_use]
pub fn difference(
    interpreted: &dyn Codec,
    compiled: &dyn Codec,
    kind: Kind,
    operation: Operation,
    call: &Call<'_>,
    input: &Tree,
    faults: Faults,
) -> Option<String> {
    let wanted = run(interpreted, kind, operation, call, input);
    let got = run(compiled, kind, operation, call, input);
    match (&wanted, &got) {
        (Ok(wanted), Ok(got)) => {
            if let Some(at) = wanted.0.difference(&got.0) {
                return Some(format!("they differ at `{at}`\ninterpreted {}\ncompiled    {}", wanted.0, got.0));
            }
            (wanted.1 != got.1).then(|| format!("interpreted reports {:?}\ncompiled reports    {:?}", wanted.1, got.1))
        }
        (Err(wanted), Err(got)) => {
            let place = |e: &Error| if operation == Operation::Encode { e.path.clone() } else { e.native_path.clone() };
            // The interpreter knows only the Converse place of what Converse itself refuses, and chunks have none.
            let placeless = kind == Kind::Stream || operation != Operation::Encode && wanted.native_path.is_empty();
            // A pointer into a list that is missing is wrong for either reason.
            let both = [Code::ConflictingField, Code::MissingMember];
            let same = both.contains(&wanted.code) && both.contains(&got.code) && wanted.code != got.code
                || wanted.code == got.code && (placeless || place(wanted) == place(got));
            (!same && faults == Faults::One)
                .then(|| format!("interpreted refuses {}\ncompiled refuses    {}", shown(wanted), shown(got)))
        }
        (Ok(_), Err(e)) => Some(format!("only the compiled codec refuses: {}", shown(e))),
        (Err(e), Ok(_)) => Some(format!("only the interpreter refuses: {}", shown(e))),
    }
}

fn shown(e: &Error) -> String {
    format!("{} at `{}` / `{}`: {}", e.code.as_str(), e.path, e.native_path, e.message)
}

/// What came out (chunks or events for streams), and headers and report as lines.
fn run(
    codec: &dyn Codec,
    kind: Kind,
    operation: Operation,
    call: &Call<'_>,
    input: &Tree,
) -> Result<(Tree, Vec<String>), Error> {
    if kind == Kind::Stream && operation == Operation::Check {
        let items = input.as_list().unwrap_or_default();
        let check = |item: &Tree| codec.check(kind, call, item.to_string().as_bytes());
        let bodies = items.iter().map(|item| check(item).map(|o| Tree::parse(&o.body).expect("chunks are JSON")));
        return Ok((Tree::list(bodies.collect::<Result<_, _>>()?), Vec::new()));
    }
    if kind == Kind::Stream {
        let mut stream =
            if operation == Operation::Encode { codec.stream_encoder(call)? } else { codec.stream_decoder(call)? };
        let mut items = Vec::new();
        let mut take = |item: &[u8]| items.push(Tree::parse(item).expect("what streams say is JSON"));
        for item in input.as_list().unwrap_or_default() {
            stream.push(item.to_string().as_bytes(), &mut take)?;
        }
        let report = stream.finish(&mut take)?;
        return Ok((Tree::list(items), lines(&Output { report, ..Output::default() })));
    }
    let text = input.to_string();
    let output = match operation {
        Operation::Decode => codec.decode(kind, call, text.as_bytes())?,
        Operation::Encode => codec.encode(kind, call, text.as_bytes())?,
        Operation::Check => codec.check(kind, call, text.as_bytes())?,
    };
    Ok((Tree::parse(&output.body).expect("bodies are JSON"), lines(&output)))
}

/// Headers and losses as lines.
fn lines(output: &Output) -> Vec<String> {
    let headers = output.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    headers.chain(output.report.losses.iter().map(|l| format!("{} {}", l.fate.as_str(), l.path))).collect()
}

/// Changes one place: a member goes, moves or comes twice under another name, a value becomes another.
pub fn mutate(tree: &mut Tree, rng: &mut fastrand::Rng) {
    match tree {
        Tree::Obj(o) if !o.is_empty() && rng.u8(..6) > 0 => {
            let at = rng.usize(..o.len());
            let last = o.len() - 1;
            match rng.u8(..10) {
                0 => drop(o.members_mut().remove(at)),
                1 => {
                    let value = o.members()[at].1.clone();
                    o.set(format!("x{}", rng.u8(..)), value);
                }
                2 => o.members_mut().swap(at, last),
                _ => mutate(&mut o.members_mut()[at].1, rng),
            }
        }
        Tree::Arr(a) if !a.items().is_empty() && rng.u8(..6) > 0 => {
            let at = rng.usize(..a.items().len());
            match rng.u8(..10) {
                0 => drop(a.items_mut().remove(at)),
                1 => {
                    let item = a.items()[at].clone();
                    a.items_mut().push(item);
                }
                _ => mutate(&mut a.items_mut()[at], rng),
            }
        }
        other => {
            *other = match rng.u8(..8) {
                0 => Tree::Bool(true),
                1 => Tree::Num("28.0".into()),
                2 => Tree::Num("-3.5".into()),
                3 => Tree::str("a \"q\"\n<x> é"),
                4 => Tree::list(Vec::new()),
                5 => Tree::object(Vec::new()),
                6 => Tree::str("system"),
                _ => Tree::str("user"),
            };
        }
    }
}
