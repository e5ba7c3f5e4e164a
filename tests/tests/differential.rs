//! Generated codecs against the reference interpreter: on every example, and on mutations of them.
//!
//! On an example both do the same to the letter. On a mutation the generated code may refuse what the interpreter lets
//! pass (its Converse types are stricter), but where both translate, they say the same.

use outcrop::registry::{self, Entry};
use outcrop_lang::interp::Interp;
use outcrop_lang::ir::{Example, ExampleKind, Way};
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Code, Codec, Error, Kind, Output};
use outcrop_tests::families;

const MUTATIONS: usize = 25;

#[test]
fn generated_codecs_do_what_the_interpreter_does_on_every_example() {
    let mut failures = Vec::new();
    let ran = each(0, |name, example, way, difference| {
        failures.push(format!("{name}/{} {way:?}: {difference}", example.id));
    });
    assert!(ran > 300, "only {ran} ran");
    assert!(failures.is_empty(), "{} of {ran} differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn generated_codecs_never_translate_a_mutated_body_differently() {
    let mut failures = Vec::new();
    let ran = each(MUTATIONS, |name, example, way, difference| {
        failures.push(format!("{name}/{} {way:?}: {difference}", example.id));
    });
    assert!(ran > 3000, "only {ran} ran");
    assert!(failures.is_empty(), "{} of {ran} differ:\n{}", failures.len(), failures.join("\n"));
}

fn each(mutations: usize, mut fail: impl FnMut(&str, &Example, Way, String)) -> usize {
    let (mut ran, mut rng) = (0, fastrand::Rng::with_seed(7));
    let sources = families::sources();
    for name in outcrop_lang::family_names(&sources) {
        let Some(entry) = registry::by_name(&name) else { continue };
        let family = families::load(&sources, &name).family;
        let examples = family.examples.clone();
        let interp = Interp::new(family);
        for example in &examples {
            for way in [Way::Decode, Way::Encode] {
                let text = if way == Way::Decode { &example.native } else { &example.converse };
                let Some(text) = text else { continue };
                let Ok(tree) = Tree::parse_text(text) else { continue };
                for round in 0..=mutations {
                    let mut tree = tree.clone();
                    (0..round.min(2)).for_each(|_| mutate(&mut tree, &mut rng));
                    tree.forget_source();
                    if let Some(difference) = compare(entry, &interp, example, way, &tree, round > 0) {
                        fail(&name, example, way, format!("{difference} on {tree}"));
                    }
                    ran += 1;
                }
            }
            // What a stream says, written again.
            if let (ExampleKind::Stream, Some(native)) = (example.kind, &example.native)
                && let Ok(chunks) = Tree::parse_text(native)
                && let call = (Call { model: &example.model, headers: &example.headers, ..Call::default() })
                && let Ok((events, _)) = translate(&interp, example.kind, Way::Decode, &call, &chunks)
            {
                if let Some(difference) = compare(entry, &interp, example, Way::Encode, &events, false) {
                    fail(&name, example, Way::Encode, format!("{difference} on {events}"));
                }
                ran += 1;
            }
        }
    }
    ran
}

/// How the two differ on an input.
fn compare(entry: &Entry, interp: &Interp, example: &Example, way: Way, input: &Tree, mutated: bool) -> Option<String> {
    let headers: &[_] = if way == Way::Decode { &example.headers } else { &[] };
    let call = Call { model: &example.model, headers, strict: false, escape: false };
    let (ours, theirs) =
        (translate(entry.codec, example.kind, way, &call, input), translate(interp, example.kind, way, &call, input));
    match (&ours, &theirs) {
        // What a family's codecs refuse as a whole, its list of what is not supported says.
        (Err(e), _) if e.code == Code::NoOperation && !entry.unsupported.is_empty() => None,
        (Ok(a), Ok(b)) => {
            let difference = a.0.difference(&b.0).map(|at| format!("they differ at {at}"));
            difference.or_else(|| (!mutated && a.1 != b.1).then(|| format!("{:?} is not {:?}", a.1, b.1)))
        }
        (Err(a), Err(b)) if !mutated && a.code != b.code => Some(format!("{a} is not {b}")),
        (Err(_), Err(_)) => None,
        (Err(e), Ok(_)) | (Ok(_), Err(e)) => (!mutated).then(|| format!("only one refuses: {e}")),
    }
}

/// What came out (events for streams), and headers and report as sorted lines.
fn translate(
    codec: &dyn Codec,
    kind: ExampleKind,
    way: Way,
    call: &Call<'_>,
    input: &Tree,
) -> Result<(Tree, Vec<String>), Error> {
    let kind = match kind {
        ExampleKind::Request => Kind::Request,
        ExampleKind::Response => Kind::Response,
        ExampleKind::Stream => {
            let mut stream =
                if way == Way::Decode { codec.stream_decoder(call)? } else { codec.stream_encoder(call)? };
            let mut items = Vec::new();
            let mut take = |item: &[u8]| items.push(Tree::parse(item).unwrap_or_default());
            for item in input.as_list().unwrap_or_default() {
                stream.push(item.to_string().as_bytes(), &mut take)?;
            }
            let report = stream.finish(&mut take)?;
            return Ok((Tree::list(items), lines(&Output { report, ..Output::default() })));
        }
    };
    let text = input.to_string();
    let output = match way {
        Way::Decode => codec.decode(kind, call, text.as_bytes())?,
        _ => codec.encode(kind, call, text.as_bytes())?,
    };
    Ok((Tree::parse(&output.body)?, lines(&output)))
}

fn lines(output: &Output) -> Vec<String> {
    let headers = output.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    let losses = output.report.losses.iter().map(|l| format!("{} {}", l.fate.as_str(), l.path));
    let mut lines: Vec<String> = headers.chain(losses).collect();
    lines.sort();
    lines
}

/// Changes one place: a member goes, moves or comes twice under another name, a value becomes another.
fn mutate(tree: &mut Tree, rng: &mut fastrand::Rng) {
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
