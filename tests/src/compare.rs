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

/// Which faults an input may have.
#[derive(Debug, Clone, Copy)]
pub enum Faults<'t> {
    /// Those of these inputs, each of which has a part of them, and of the input itself. Compiled code meets them in the order of
    /// the input, the interpreter in the order of the spec, so either may name any of them.
    Of(&'t [Tree]),
    /// Any: what is drawn at random has more than can be told apart.
    Any,
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
    faults: Faults<'_>,
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
            // What is no value of Converse although the format allows it: the interpreter finds it in the finished value and names
            // the place there, compiled code finds it while it reads the native value that should give it.
            let finished = |e: &Error| {
                operation != Operation::Encode
                    && matches!(e.code, Code::MissingMember | Code::WrongType)
                    && e.native_path.is_empty()
                    && !got.native_path.is_empty()
            };
            // An additional field that is no object beside an object of Converse's is of the wrong type and contradicts it, both.
            let both = [Code::ConflictingField, Code::WrongType];
            let beside =
                |e: &Error| e.path.starts_with("additionalModel") && both.contains(&e.code) && both.contains(&got.code);
            let same = |e: &Error| {
                place(e) == place(got) && (e.code == got.code || beside(e)) || e.code == got.code && finished(e)
            };
            let explained = || match faults {
                Faults::Of(parts) => parts
                    .iter()
                    .any(|part| run(interpreted, kind, operation, call, part).err().as_ref().is_some_and(same)),
                Faults::Any => true,
            };
            (!same(wanted) && !explained())
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
