//! Every example of every spec does what it says, in each direction that it claims.
//!
//! `OUTCROP_FAMILY=name cargo test -p outcrop-tests --test examples` runs one family.

use outcrop_lang::ir::{Example, ExampleKind, Way};
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Error, Kind, Report, StreamCodec};
use outcrop_tests::families::Loaded;
use outcrop_tests::side_by_side::wanted_families;

#[test]
fn every_example_holds() {
    let mut ran = 0;
    let mut failures = Vec::new();
    for family in wanted_families() {
        let name = &family.name;
        assert!(!family.family.examples.is_empty(), "{name} has no examples");
        for example in &family.family.examples {
            for way in ways(example) {
                ran += 1;
                if let Err(why) = run(&family, example, way) {
                    let way = if way == Way::Encode { "encode" } else { "decode" };
                    failures.push(format!("{name}/{} ({way}): {why}", example.id));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} of {ran} fail:\n{}", failures.len(), failures.join("\n"));
}

/// The directions that an example claims; one that shows a single side can only start there.
fn ways(example: &Example) -> Vec<Way> {
    match example.way {
        Way::Both => vec![Way::Encode, Way::Decode],
        way => vec![way],
    }
}

fn run(family: &Loaded, example: &Example, way: Way) -> Result<(), String> {
    let (from, to) = match way {
        Way::Encode => (&example.converse, &example.native),
        _ => (&example.native, &example.converse),
    };
    let from = from.as_deref().ok_or("this side is not given")?;
    let headers: &[_] = if way == Way::Decode { &example.headers } else { &[] };
    let call = Call { model: &example.model, headers, strict: false, escape: false };
    let outcome = translate(family, example.kind, way, &call, from);
    match (&example.error, outcome) {
        (None, Err(e)) => Err(e.to_string()),
        (Some((code, at)), Err(e)) => {
            let same = e.code.as_str() == code && (e.path == *at || e.native_path == *at);
            if same { Ok(()) } else { Err(format!("refused as {e}, not as {code} at `{at}`")) }
        }
        (Some((code, _)), Ok((got, _))) => Err(format!("not refused as {code} but translated to {got}")),
        (None, Ok((got, report))) => {
            let to = to.as_deref().ok_or("the other side is not given")?;
            let wanted = Tree::parse(to.as_bytes()).map_err(|e| e.to_string())?;
            if let Some(difference) = got.difference(&wanted) {
                return Err(format!("{difference}\n    got    {got}\n    wanted {wanted}"));
            }
            reported(example, &report)
        }
    }
}

fn reported(example: &Example, report: &Report) -> Result<(), String> {
    let paths: Vec<&str> = report.losses.iter().map(|loss| loss.path.as_str()).collect();
    match example.report.iter().find(|path| !paths.contains(&path.as_str())) {
        Some(path) => Err(format!("the report does not name `{path}` but {paths:?}")),
        None if example.report.is_empty() && !paths.is_empty() => {
            Err(format!("the report names {paths:?} and the example none"))
        }
        None => Ok(()),
    }
}

fn translate(
    family: &Loaded,
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
                Way::Encode => family.codec.stream_encoder(call)?,
                _ => family.codec.stream_decoder(call)?,
            };
            return stream(through, from);
        }
    };
    let output = match way {
        Way::Encode => family.codec.encode(kind, call, from.as_bytes())?,
        _ => family.codec.decode(kind, call, from.as_bytes())?,
    };
    Ok((Tree::parse(&output.body)?, output.report))
}

/// All items of a stream through a codec, as one list.
fn stream(mut through: Box<dyn StreamCodec + '_>, from: &str) -> Result<(Tree, Report), Error> {
    let mut bodies = Vec::new();
    for item in Tree::parse(from.as_bytes())?.as_list().unwrap_or_default() {
        through.push(item.to_string().as_bytes(), &mut |out| bodies.push(out.to_vec()))?;
    }
    let report = through.finish(&mut |out| bodies.push(out.to_vec()))?;
    let items = bodies.iter().map(|body| Tree::parse(body)).collect::<Result<_, _>>()?;
    Ok((Tree::list(items), report))
}
