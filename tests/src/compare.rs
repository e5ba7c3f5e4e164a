//! Two codecs of one family, run on the same input: the interpreter, which is the reference, and compiled code.

use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Code, Codec, Error, Kind, Loss, Output};

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
        (Ok(wanted), Ok(_)) if wanted.3 => None,
        (Ok(wanted), Ok(got)) => {
            if let Some(at) = wanted.0.difference(&got.0) {
                return Some(format!("they differ at `{at}`\ninterpreted {}\ncompiled    {}", wanted.0, got.0));
            }
            let open: Vec<&String> = wanted.2.iter().filter(|line| !got.1.contains(line)).collect();
            let wanted = (&wanted.0, wanted.1.iter().filter(|line| !open.contains(line)).collect::<Vec<_>>());
            (wanted.1 != got.1.iter().collect::<Vec<_>>())
                .then(|| format!("interpreted reports {:?}\ncompiled reports    {:?}", wanted.1, got.1))
        }
        (Err(wanted), Err(got)) => {
            let place = |e: &Error| if operation == Operation::Encode { e.path.clone() } else { e.native_path.clone() };
            // What Converse requires and a body does not say has a place on the Converse side only, and chunks have none.
            let placeless = kind == Kind::Stream || wanted.code == Code::MissingMember && wanted.native_path.is_empty();
            let placeless = placeless && (kind == Kind::Stream || operation != Operation::Encode);
            let same = wanted.code == got.code && (placeless || place(wanted) == place(got));
            (!same && faults == Faults::One)
                .then(|| format!("interpreted refuses {}\ncompiled refuses    {}", shown(wanted), shown(got)))
        }
        (Ok(_), Err(e)) => Some(format!("only the compiled codec refuses: {}", shown(e))),
        (Err(e), Ok(_)) if e.message.starts_with(KEPT) => None,
        (Err(e), Ok(_)) => Some(format!("only the interpreter refuses: {}", shown(e))),
    }
}

fn shown(e: &Error) -> String {
    format!("{} at `{}` / `{}`: {}", e.code.as_str(), e.path, e.native_path, e.message)
}

/// Losses that only the interpreter reports so far, by how their reasons begin.
const OPEN: [&str; 3] = ["beside the other members", "the native form reads back", "this reads back as an element"];
/// A refusal that only the interpreter makes so far: an element kept whole that is a faulty one of those that the format knows.
const KEPT: &str = "this reads as an element that the format knows";
/// Instructions among the messages become part of `system` in the interpreter only so far.
const HEADS: &str = "it reads back as";

/// What came out (chunks or events for streams), and headers and report as lines.
fn run(
    codec: &dyn Codec,
    kind: Kind,
    operation: Operation,
    call: &Call<'_>,
    input: &Tree,
) -> Result<(Tree, Vec<String>, Vec<String>, bool), Error> {
    if kind == Kind::Stream {
        let mut stream =
            if operation == Operation::Encode { codec.stream_encoder(call)? } else { codec.stream_decoder(call)? };
        let mut items = Vec::new();
        let mut take = |item: &[u8]| items.push(Tree::parse(item).expect("what streams say is JSON"));
        for item in input.as_list().unwrap_or_default() {
            stream.push(item.to_string().as_bytes(), &mut take)?;
        }
        let report = stream.finish(&mut take)?;
        let (lines, open, heads) = lines(&Output { report, ..Output::default() });
        return Ok((Tree::list(items), lines, open, heads));
    }
    let text = input.to_string();
    let output = match operation {
        Operation::Decode => codec.decode(kind, call, text.as_bytes())?,
        Operation::Encode => codec.encode(kind, call, text.as_bytes())?,
        Operation::Check => codec.check(kind, call, text.as_bytes())?,
    };
    let (lines, open, heads) = lines(&output);
    Ok((Tree::parse(&output.body).expect("bodies are JSON"), lines, open, heads))
}

/// Headers and losses as lines; those that are open; whether instructions were among the messages.
fn lines(output: &Output) -> (Vec<String>, Vec<String>, bool) {
    let headers = output.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    let line = |l: &Loss| format!("{} {}", l.fate.as_str(), l.path);
    let losses = &output.report.losses;
    let open = losses.iter().filter(|l| OPEN.iter().any(|why| l.why.starts_with(why))).map(line);
    let heads = losses.iter().any(|l| l.why.starts_with(HEADS) && l.path.starts_with("messages["));
    (headers.chain(losses.iter().map(line)).collect(), open.collect(), heads)
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
            *other = match rng.u8(..7) {
                0 => Tree::Bool(true),
                1 => Tree::Num("28.0".into()),
                2 => Tree::Num("-3.5".into()),
                3 => Tree::str("a \"q\"\n<x> é"),
                4 => Tree::list(Vec::new()),
                5 => Tree::object(Vec::new()),
                _ => Tree::str("user"),
            };
        }
    }
}
