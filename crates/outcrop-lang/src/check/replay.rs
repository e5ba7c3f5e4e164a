//! Examples are run: each direction that an example claims must give what it says.

use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::interp::Interp;
use crate::ir::{Example, ExampleKind, Family, Rule, Way};
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Codec, Error, Kind, Report, StreamCodec};

/// Runs every example through the reference interpreter.
pub fn check(family: &Family, faults: &mut Vec<Diagnostic>) {
    let interp = Interp::recording(family.clone());
    for example in &family.examples {
        for way in ways(example) {
            if let Err(fault) = hold(&interp, example, way) {
                faults.push(*fault);
            }
        }
    }
    // What only models with a rule do shows when the examples run. Rules of a dialect are proved by any of its families.
    let covered = interp.covered();
    let idle = |rule: &&Rule| rule.span.file == 0 && !covered.contains(&rule.span);
    for rule in family.rules.iter().filter(|_| !family.examples.is_empty()).filter(idle) {
        let message = format!("no example shows what the rule `{}` does", rule.name);
        faults.push(Diagnostic::new(Code::NotExercised, rule.span, message));
    }
}

fn ways(example: &Example) -> impl Iterator<Item = Way> {
    [Way::Encode, Way::Decode].into_iter().filter(|way| example.way == Way::Both || example.way == *way)
}

type Outcome = Result<(), Box<Diagnostic>>;

fn hold(interp: &Interp, example: &Example, way: Way) -> Outcome {
    let (from, to) = match way {
        Way::Encode => (&example.converse, &example.native),
        _ => (&example.native, &example.converse),
    };
    // A side that is missing is a fault of its own.
    let Some(from) = from else { return Ok(()) };
    let headers: &[_] = if way == Way::Decode { &example.headers } else { &[] };
    let call = Call { model: &example.model, headers, strict: false, escape: false };
    match (translate(interp, example.kind, way, &call, from), &example.error) {
        (Err(error), None) => Err(fault(example, way, "is refused").help(error.to_string()).into()),
        (Err(error), Some((code, at))) => refused(example, way, &error, code, at),
        (Ok((got, _)), Some((code, at))) => Err(fault(example, way, "is not refused")
            .help(format!("expected `{code}` at `{at}`"))
            .help(format!("got {}", short(&got)))
            .into()),
        (Ok((got, report)), None) => match to {
            Some(to) => same(example, way, &got, to).and_then(|()| reported(example, way, &report)),
            None => Ok(()),
        },
    }
}

fn fault(example: &Example, way: Way, what: &str) -> Diagnostic {
    let verb = if way == Way::Encode { "encoding" } else { "decoding" };
    Diagnostic::new(Code::ExampleFails, example.span, format!("{verb} `{}` {what}", example.id))
}

fn refused(example: &Example, way: Way, error: &Error, code: &str, at: &str) -> Outcome {
    if error.code.as_str() == code && (error.path == at || error.native_path == at) {
        return Ok(());
    }
    let fault = fault(example, way, "is refused for another reason");
    Err(fault.help(format!("expected `{code}` at `{at}`")).help(format!("got {error}")).into())
}

fn same(example: &Example, way: Way, got: &Tree, to: &str) -> Outcome {
    let expected = match Tree::parse(to.as_bytes()) {
        Ok(tree) => tree,
        Err(error) => {
            return Err(fault(example, way, "is compared with what is no JSON").help(error.to_string()).into());
        }
    };
    let Some(path) = got.difference(&expected) else { return Ok(()) };
    let value = |tree: &Tree| at(tree, &path).map_or_else(|| "nothing".to_owned(), short);
    Err(fault(example, way, &format!("differs at `{path}`"))
        .help(format!("expected {}", value(&expected)))
        .help(format!("got {}", value(got)))
        .into())
}

fn reported(example: &Example, way: Way, report: &Report) -> Outcome {
    let named = |path: &str| report.losses.iter().any(|loss| loss.path == path);
    let paths = || report.losses.iter().map(|loss| format!("`{}`", loss.path)).collect::<Vec<_>>().join(", ");
    if let Some(path) = example.report.iter().find(|path| !named(path)) {
        let got = if report.losses.is_empty() { "nothing".to_owned() } else { paths() };
        return Err(fault(example, way, &format!("does not report `{path}`")).help(format!("it reports {got}")).into());
    }
    if example.report.is_empty() && !report.losses.is_empty() {
        let fault = fault(example, way, "reports losses that the example does not mention");
        return Err(fault.help(format!("list them under `report:`: {}", paths())).into());
    }
    Ok(())
}

/// The value at a path as [`Tree::difference`] writes it.
fn at<'t>(tree: &'t Tree, path: &str) -> Option<&'t Tree> {
    if path == "." {
        return Some(tree);
    }
    let mut here = tree;
    for part in path.split('.') {
        let mut pieces = part.split('[');
        if let Some(name) = pieces.next().filter(|name| !name.is_empty()) {
            here = here.get(name)?;
        }
        for index in pieces {
            here = here.as_list()?.get(index.trim_end_matches(']').parse::<usize>().ok()?)?;
        }
    }
    Some(here)
}

/// JSON on one line that is not too long.
fn short(tree: &Tree) -> String {
    let text = tree.to_string();
    match text.char_indices().nth(160) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or(&text)),
        None => text,
    }
}

fn translate(
    interp: &Interp,
    kind: ExampleKind,
    way: Way,
    call: &Call<'_>,
    from: &str,
) -> Result<(Tree, Report), Error> {
    let kind = match kind {
        ExampleKind::Request => Kind::Request,
        ExampleKind::Response => Kind::Response,
        ExampleKind::Stream => {
            let through = match way {
                Way::Encode => interp.stream_encoder(call)?,
                _ => interp.stream_decoder(call)?,
            };
            return stream(through, from);
        }
    };
    let output = match way {
        Way::Encode => interp.encode(kind, call, from.as_bytes())?,
        _ => interp.decode(kind, call, from.as_bytes())?,
    };
    Ok((Tree::parse(&output.body)?, output.report))
}

fn stream(mut through: Box<dyn StreamCodec + '_>, from: &str) -> Result<(Tree, Report), Error> {
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    for item in Tree::parse(from.as_bytes())?.as_list().unwrap_or_default() {
        through.push(item.to_string().as_bytes(), &mut |body| bodies.push(body.to_vec()))?;
    }
    let report = through.finish(&mut |body| bodies.push(body.to_vec()))?;
    let items = bodies.iter().map(|body| Tree::parse(body)).collect::<Result<Vec<_>, _>>()?;
    Ok((Tree::list(items), report))
}
