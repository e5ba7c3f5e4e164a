//! What the fuzz targets run, on their seeds and on inputs that once failed. `SEEDS=1` writes the seeds to `tests/fuzz/corpus`.

#![allow(clippy::expect_used)]

use std::path::Path;

use outcrop_runtime::{Call, Kind, Tree};
use outcrop_tests::compare::Operation;
use outcrop_tests::families;
use outcrop_tests::fuzzing::{self, CHANGED, MODES, PAIRS};
use outcrop_tests::fuzzing_prompts;

type Target = (&'static str, fn(&[u8]), Vec<Vec<u8>>);

/// Family and mode before the text; a stream is one item a line.
fn input(family: usize, mode: usize, kind: Kind, tree: &Tree) -> Vec<u8> {
    let mut bytes = vec![family as u8, mode as u8];
    if kind == Kind::Stream {
        let items = tree.as_list().unwrap_or_default().iter().map(one_line);
        bytes.extend(items.collect::<Vec<_>>().join("\n").into_bytes());
    } else {
        bytes.extend(tree.to_string().into_bytes());
    }
    bytes
}

fn one_line(tree: &Tree) -> String {
    let mut tree = tree.clone();
    tree.forget_source();
    tree.to_string()
}

fn targets() -> Vec<Target> {
    let (mut bodies, mut streams, mut agree, mut prompts, mut spec) = (vec![], vec![], vec![], vec![], vec![]);
    for (at, pair) in PAIRS.iter().enumerate() {
        for (n, (kind, operation, tree)) in pair.examples.iter().enumerate() {
            let mode = MODES.iter().position(|m| m == &(*kind, *operation)).expect("a mode");
            agree.push(input(at, mode, *kind, tree));
            agree.push(vec![at as u8, mode as u8 | CHANGED, n as u8]);
            match kind {
                Kind::Request => bodies.push(input(at, 0, *kind, tree)),
                Kind::Response => bodies.push(input(at, 1, *kind, tree)),
                Kind::Stream => streams.push(input(at, 0, *kind, tree)),
            }
        }
    }
    for grammar in 0..fuzzing_prompts::grammars() {
        // A message each of words, of whole literals and of pieces, with and without flags.
        for flags in 0..4 {
            prompts.push(vec![grammar as u8, flags, 172, 1, 173, 0, 174]);
            prompts.push(vec![grammar as u8, flags, 172, 0, 44, 1, 173, 1, 45, 2, 0, 172]);
            prompts.push(vec![grammar as u8, flags, 108, 3, 1, 1, 24, 109, 3, 2, 0, 1, 172, 44, 4]);
        }
    }
    spec.extend(families::sources().files().iter().map(|file| file.text.as_bytes().to_vec()));
    vec![
        ("bodies", fuzzing::bodies, bodies),
        ("streams", fuzzing::streams, streams),
        ("agree", fuzzing::agree, agree),
        ("prompts", fuzzing_prompts::prompts, prompts),
        ("spec", |bytes| fuzzing::spec(&String::from_utf8_lossy(bytes)), spec),
    ]
}

#[test]
fn seeds_of_the_fuzz_targets_pass() {
    for (name, run, seeds) in targets() {
        assert!(seeds.len() >= 20, "{name} has {} seeds", seeds.len());
        if std::env::var_os("SEEDS").is_some() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
            std::fs::create_dir_all(&folder).expect("a folder");
            for (n, seed) in seeds.iter().enumerate() {
                std::fs::write(folder.join(format!("seed-{n}")), seed).expect("a file");
            }
        }
        for seed in &seeds {
            run(seed);
        }
    }
}

/// Inputs that once failed.
#[test]
fn what_failed_once_passes() {
    // Instructions of no text: compiled codecs wrote an empty turn for them, the interpreter none.
    for grammar in 0..fuzzing_prompts::grammars() {
        fuzzing_prompts::prompts(&[grammar as u8, 2]);
        // Nothing, then a word; and a word, then nothing.
        fuzzing_prompts::prompts(&[grammar as u8, 2, 30, 172, 0, 172]);
        fuzzing_prompts::prompts(&[grammar as u8, 2, 172, 30, 0, 172]);
    }
    let said = br#"{"system":[{"text":""},{"text":"Be brief."},{"text":""}],"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#;
    let nothing = br#"{"system":[{"text":""}],"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#;
    let mode = MODES.iter().position(|m| m == &(Kind::Request, Operation::Encode)).expect("a mode");
    for family in 0..PAIRS.len() {
        for body in [&said[..], nothing] {
            fuzzing::agree(&[&[family as u8, mode as u8], body].concat());
        }
    }
}

/// JSON that is any JSON is passed on as it is written, a member that stands in it twice included; where it has to be read
/// again it is refused.
#[test]
fn members_named_twice_are_passed_on_or_refused() {
    let twice = r#"{"weight":1,"weight":2}"#;
    let schema = format!(
        r#"{{"messages":[{{"role":"user","content":[{{"text":"Hi"}}]}}],"toolConfig":{{"tools":[{{"toolSpec":{{"name":"weigh","inputSchema":{{"json":{twice}}}}}}}]}}}}"#
    );
    let block = format!(r#"{{"messages":[{{"role":"user","content":[{{"native":{{"parcel":{twice}}}}}]}}]}}"#);
    let mut passed_on = 0;
    for (entry, model) in PAIRS.iter().filter_map(|pair| Some((pair.entry?, &pair.loaded.model))) {
        let call = Call { model, ..Call::default() };
        for body in [&schema, &block] {
            match entry.codec.encode(Kind::Request, &call, body.as_bytes()) {
                Ok(native) => passed_on += usize::from(String::from_utf8_lossy(&native.body).contains(twice)),
                Err(error) => assert!(!error.message.is_empty(), "{}", entry.codec.family()),
            }
        }
    }
    assert!(passed_on > 5, "most formats take a schema as it is");
    for family in 0..PAIRS.len() {
        let body = format!(r#"{{"messages":[{{"role":"user","content":[{{"parcel":{twice}}}]}}]}}"#);
        fuzzing::bodies(&[&[family as u8, 0], body.as_bytes()].concat());
    }
}

#[test]
fn random_conversations_forge_no_turn() {
    let mut rng = fastrand::Rng::with_seed(31);
    for _ in 0..4_000 {
        let bytes: Vec<u8> = (0..rng.usize(2..48)).map(|_| rng.u8(..)).collect();
        fuzzing_prompts::prompts(&bytes);
    }
}
