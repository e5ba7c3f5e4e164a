//! Generated codecs against the reference interpreter: every operation of every family, on every example and on mutations of them.
//!
//! Both give the same bodies, events, headers and reports, or refuse with the same code at the same place.

use std::collections::{BTreeMap, BTreeSet};

use outcrop::registry;
use outcrop_lang::interp::Interp;
use outcrop_lang::ir::{Example, ExampleKind};
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Codec, Kind};
use outcrop_tests::compare::{Faults, Operation, difference};
use outcrop_tests::families;
use outcrop_tests::mutations::mutated;

const MUTATIONS: usize = 25;

#[test]
fn generated_codecs_do_what_the_interpreter_does_on_every_example() {
    let ran = each(0);
    assert!(ran > 400, "only {ran} ran");
}

#[test]
fn generated_codecs_do_what_the_interpreter_does_on_mutated_bodies() {
    let ran = each(MUTATIONS);
    assert!(ran > 3000, "only {ran} ran");
}

#[test]
fn compiled_families_have_the_validator_of_their_spec() {
    let sources = families::sources();
    let mut words = BTreeSet::new();
    for name in outcrop_lang::family_names(&sources) {
        let Some(entry) = registry::by_name(&name) else { continue };
        let said = format!("{:?}", families::load(&sources, &name).family.validator);
        assert_eq!(format!("{:?}", entry.spec.validator), said, "{name}");
        words.insert(said);
    }
    assert_eq!(words.len(), 2, "families of both kinds are among them: {words:?}");
}

fn each(mutations: usize) -> usize {
    let mut ran = 0;
    let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let sources = families::sources();
    for name in outcrop_lang::family_names(&sources) {
        let Some(entry) = registry::by_name(&name) else { continue };
        let family = families::load(&sources, &name).family;
        let examples = family.examples.clone();
        let interp = Interp::new(family);
        // By the name, so that a new family does not change what the others are tried on.
        let seed = std::env::var("OUTCROP_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
        let mut rng = fastrand::Rng::with_seed(name.bytes().fold(seed, |seed, b| seed.wrapping_mul(31) + u64::from(b)));
        let mut compare = |example: &Example, kind: Kind, operation: Operation, input: &Tree, faults: Faults<'_>| {
            // A stream that is not compiled is listed by name; nothing else may be.
            let stream = if operation == Operation::Encode { "encode_stream" } else { "decode_stream" };
            if kind == Kind::Stream && entry.unsupported.iter().any(|u| u.starts_with(stream)) {
                return;
            }
            let headers: &[_] = if operation == Operation::Encode { &[] } else { &example.headers };
            let call = Call { model: &example.model, headers, ..Call::default() };
            if let Some(difference) = difference(&interp, entry.codec, kind, operation, &call, input, faults) {
                failures
                    .entry(name.clone())
                    .or_default()
                    .push(format!("{} {operation:?}: {difference}\non {input}", example.id));
            }
            ran += 1;
        };
        for example in &examples {
            let kind = match example.kind {
                ExampleKind::Request => Kind::Request,
                ExampleKind::Response => Kind::Response,
                ExampleKind::Stream => Kind::Stream,
            };
            let sides = [
                (&example.native, Operation::Decode),
                (&example.native, Operation::Check),
                (&example.converse, Operation::Encode),
            ];
            for (text, operation) in sides {
                let Some(tree) = text.as_deref().and_then(|text| Tree::parse_text(text).ok()) else { continue };
                for round in 0..=mutations {
                    let (input, parts) = mutated(&tree, if round == 0 { 0 } else { 1 + round % 2 }, &mut rng);
                    // The fault that an example is about stays where it is.
                    let all = example.error.is_none() || round == 0;
                    compare(example, kind, operation, &input, if all { Faults::Of(&parts) } else { Faults::Any });
                }
            }
            // What a stream says, written again.
            if let (Kind::Stream, Some(native)) = (kind, &example.native) {
                let call = Call { model: &example.model, headers: &example.headers, ..Call::default() };
                let events = Tree::parse_text(native).ok().and_then(|chunks| events(&interp, &call, &chunks));
                if let Some(events) = &events {
                    compare(example, kind, Operation::Encode, events, Faults::Of(&[]));
                }
            }
        }
    }
    let count: usize = failures.values().map(Vec::len).sum();
    let text: Vec<String> =
        failures.iter().flat_map(|(name, all)| all.iter().map(move |f| format!("{name}/{f}"))).collect();
    assert!(failures.is_empty(), "{count} of {ran} differ:\n{}", text.join("\n\n"));
    ran
}

/// The events of a stream, if it is one.
fn events(codec: &dyn Codec, call: &Call<'_>, chunks: &Tree) -> Option<Tree> {
    let mut events = Vec::new();
    let mut take = |event: &[u8]| events.push(Tree::parse(event).unwrap_or_default());
    let mut stream = codec.stream_decoder(call).ok()?;
    for chunk in chunks.as_list()? {
        stream.push(chunk.to_string().as_bytes(), &mut take).ok()?;
    }
    stream.finish(&mut take).ok()?;
    Some(Tree::list(events))
}

#[test]
fn an_opening_that_says_text_and_seal_keeps_both() {
    let name = "anthropic-messages";
    let sources = families::sources();
    let loaded = families::load(&sources, name);
    let entry = registry::by_name(name).expect("it is compiled");
    let chunks = r#"[{"type":"message_start","message":{"id":"i","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}},
        {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"Hm.","signature":"seal"}},
        {"type":"content_block_stop","index":0},
        {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}},{"type":"message_stop"}]"#;
    let chunks = Tree::parse_text(chunks).expect("JSON");
    let call = Call { model: &loaded.model, ..Call::default() };
    let said = events(entry.codec, &call, &chunks).expect("a stream").to_string();
    for part in [r#"{"reasoningContent":{"text":"Hm."}}"#, r#"{"reasoningContent":{"signature":"seal"}}"#] {
        assert!(said.contains(part), "{said}");
    }
    for operation in [Operation::Decode, Operation::Check] {
        let differs = difference(&*loaded.codec, entry.codec, Kind::Stream, operation, &call, &chunks, Faults::Of(&[]));
        assert_eq!(differs, None);
    }
}

#[test]
fn what_a_chunk_cannot_say_of_an_event_is_named_at_its_place() {
    // A call among the parts of a chunk, and an event that ends a stream and that nobody knows.
    let cases = [
        (
            "openai-gpt-oss",
            r#"[{"messageStart":{"role":"assistant"}},
                {"contentBlockStart":{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a","name":"warmth","more":"b"}}}}]"#,
            "contentBlockStart.start.toolUse.more",
        ),
        (
            "custom-model-import-generation",
            r#"[{"messageStart":{"role":"assistant"}},{"tideException":{"reason":"low"}}]"#,
            "tideException.message",
        ),
    ];
    for (name, events, place) in cases {
        let loaded = families::load(&families::sources(), name);
        let entry = registry::by_name(name).expect("it is compiled");
        let call = Call { model: &loaded.model, ..Call::default() };
        for codec in [&*loaded.codec, entry.codec] {
            let mut stream = codec.stream_encoder(&call).expect("a stream");
            let events = Tree::parse_text(events).expect("JSON");
            let push = |event: &Tree| stream.push(event.to_string().as_bytes(), &mut |_| ());
            let refusal = events.as_list().expect("events").iter().map(push).find_map(Result::err).expect("a refusal");
            assert_eq!((refusal.code.as_str(), refusal.path.as_str()), ("unsupported", place), "{name}");
        }
    }
}
