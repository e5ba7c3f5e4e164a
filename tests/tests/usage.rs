//! Token counts come from bodies, chunks, metrics and headers, in this order of trust, and the report says which.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use outcrop::registry;
use outcrop::runtime::usage::{COUNTS, Source};
use outcrop::runtime::{Call, Codec, Kind, Report, Tree};
use outcrop_lang::interp::Interp;
use outcrop_lang::{Sources, load_family};

const METRICS: &str = "amazon-bedrock-invocationMetrics";

/// What is known in the end: counts with their sources, in the order of `COUNTS`.
type Known = [Option<(i64, Source)>; 5];

/// Both codecs of each family, and an id that its spec is for.
fn codecs() -> Vec<(Box<dyn Codec>, String)> {
    let specs: Sources = outcrop_specs::FILES.iter().map(|(path, text)| (*path, *text)).collect();
    let mut all: Vec<(Box<dyn Codec>, String)> = Vec::new();
    for entry in registry::FAMILIES {
        let id = entry.spec.models.first().map_or(String::new(), |model| model.pattern.replace('*', "0"));
        let family = load_family(&specs, entry.codec.family()).family.expect("the spec is sound");
        all.push((Box::new(entry.codec), id.clone()));
        all.push((Box::new(Interp::new(family)), id));
    }
    all
}

fn headers() -> Vec<(String, String)> {
    let counts = [("input", 21), ("output", 9), ("cache-read-input", 4), ("cache-write-input", 6)];
    counts.map(|(name, n)| (format!("X-Amzn-Bedrock-{name}-Token-Count"), n.to_string())).to_vec()
}

fn known(usage: Option<&Tree>, report: &Report) -> Known {
    COUNTS.map(|name| {
        let n = usage.and_then(Tree::as_object).and_then(|usage| usage.get(name)).and_then(Tree::as_int);
        let source = report.usage.source(name);
        assert_eq!(n.is_some(), source.is_some(), "{name} is {n:?}, and was said by {source:?}");
        n.zip(source)
    })
}

/// The native body of an answer with these counts, or none if the format does not do without others.
fn body(codec: &dyn Codec, model: &str, usage: &str) -> Option<Vec<u8>> {
    let converse = format!(
        r#"{{"output":{{"message":{{"role":"assistant","content":[{{"text":"Tin."}}]}}}},"stopReason":"end_turn"{usage}}}"#
    );
    let call = Call { model, ..Call::default() };
    codec.encode(Kind::Response, &call, converse.as_bytes()).ok().map(|out| out.body)
}

fn answer(codec: &dyn Codec, model: &str, headers: &[(String, String)], body: &[u8]) -> Known {
    let call = Call { model, headers, ..Call::default() };
    let out = codec.decode(Kind::Response, &call, body).expect("it is read");
    let tree = Tree::parse(&out.body).expect("JSON");
    known(tree.as_object().and_then(|tree| tree.get("usage")), &out.report)
}

/// The chunks of an answer with these counts, without what the service adds.
fn chunks(codec: &dyn Codec, model: &str, usage: &str) -> Option<Vec<Tree>> {
    let call = Call { model, ..Call::default() };
    let mut encoder = codec.stream_encoder(&call).ok()?;
    let mut chunks = Vec::new();
    let mut out = |chunk: &[u8]| {
        let mut chunk = Tree::parse(chunk).expect("JSON");
        if let Tree::Obj(members) = &mut chunk {
            members.remove(METRICS);
        }
        chunks.push(chunk);
    };
    let metadata = format!(r#"{{"metadata":{{{usage}}}}}"#);
    for event in [
        r#"{"messageStart":{"role":"assistant"}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Tin."}}}"#,
        r#"{"contentBlockStop":{"contentBlockIndex":0}}"#,
        r#"{"messageStop":{"stopReason":"end_turn"}}"#,
        &metadata,
    ] {
        encoder.push(event.as_bytes(), &mut out).expect("it is written");
    }
    encoder.finish(&mut out).expect("it is written");
    Some(chunks)
}

fn stream(codec: &dyn Codec, model: &str, headers: &[(String, String)], chunks: &[Tree]) -> Known {
    let call = Call { model, headers, ..Call::default() };
    let mut decoder = codec.stream_decoder(&call).expect("it has streams");
    let mut usage = None;
    let mut out = |event: &[u8]| {
        let event = Tree::parse(event).expect("JSON");
        let metadata = event.as_object().and_then(|event| event.get("metadata")).and_then(Tree::as_object);
        usage = usage.take().or(metadata.and_then(|metadata| metadata.get("usage")).cloned());
    };
    for chunk in chunks {
        decoder.push(chunk.to_string().as_bytes(), &mut out).expect("it is read");
    }
    let report = decoder.finish(&mut out).expect("it is complete");
    known(usage.as_ref(), &report)
}

/// The same chunks with the service's metrics on the last.
fn measured(mut chunks: Vec<Tree>) -> Vec<Tree> {
    let metrics = r#"{"inputTokenCount":31,"outputTokenCount":13,"cacheReadInputTokenCount":5}"#;
    if let Some(Tree::Obj(members)) = chunks.last_mut() {
        members.set(METRICS, Tree::parse_text(metrics).expect("JSON"));
    }
    chunks
}

const SAID: &str = r#""usage":{"inputTokens":11,"outputTokens":7,"totalTokens":18}"#;

fn from(source: Source, counts: [Option<i64>; 5]) -> Known {
    let mut known = counts.map(|count| count.map(|n| (n, source)));
    known[2] = known[2].map(|(n, _)| (n, Source::Sum));
    known
}

const NOTHING: Known = [None; 5];

#[test]
fn answers_are_counted_by_their_bodies_before_their_headers() {
    let mut said_by_body = 0;
    for (codec, model) in codecs() {
        let (codec, name) = (codec.as_ref(), codec.family().to_owned());
        let Some(full) = body(codec, &model, &format!(",{SAID}")) else { continue };
        let alone = answer(codec, &model, &[], &full);
        let both = answer(codec, &model, &headers(), &full);
        let by_headers = from(Source::Header, [21, 9, 40, 4, 6].map(Some));
        if alone == NOTHING {
            // The format says no counts, and none is made up.
            assert_eq!(both, by_headers, "{name}");
        } else {
            said_by_body += 1;
            let [input, output, total, ..] = alone;
            let body = Source::Body;
            assert_eq!([input, output], [Some((11, body)), Some((7, body))], "{name}");
            assert_eq!(total, Some((18, Source::Sum)), "{name}");
            assert_eq!(both[..2], alone[..2], "{name}: headers do not replace what the body says");
            let sum: i64 = [0, 1, 3, 4].iter().filter_map(|i| both[*i]).map(|(n, _)| n).sum();
            assert_eq!(both[2], Some((sum, Source::Sum)), "{name}: {both:?}");
        }
        if let Some(bare) = body(codec, &model, "")
            && answer(codec, &model, &[], &bare) == NOTHING
        {
            assert_eq!(answer(codec, &model, &headers(), &bare), by_headers, "{name}");
        }
    }
    assert!(said_by_body > 40, "{said_by_body}");
}

#[test]
fn streams_are_counted_by_chunks_before_metrics_before_headers() {
    let mut said_by_chunks = 0;
    for (codec, model) in codecs() {
        let (codec, name) = (codec.as_ref(), codec.family().to_owned());
        let (Some(full), Some(bare)) = (chunks(codec, &model, SAID), chunks(codec, &model, "")) else { continue };
        let alone = stream(codec, &model, &[], &full);
        let all = stream(codec, &model, &headers(), &measured(full.clone()));
        let source = if alone == NOTHING {
            assert_eq!(all[..2], [Some((31, Source::Metrics)), Some((13, Source::Metrics))], "{name}");
            Source::Metrics
        } else {
            said_by_chunks += 1;
            assert_eq!(alone[..3], from(Source::Chunk, [Some(11), Some(7), Some(18), None, None])[..3], "{name}");
            assert_eq!(all[..2], alone[..2], "{name}: neither metrics nor headers replace what chunks say");
            Source::Chunk
        };
        // Each count comes from the best that says it.
        let told: Vec<_> = all.iter().map(|count| count.map(|(_, source)| source)).collect();
        assert!(told[3] == Some(Source::Metrics) || told[3] == Some(source), "{name}: {all:?}");
        assert!(told[4] == Some(Source::Header) || told[4] == Some(source), "{name}: {all:?}");
        let sum: i64 = [0, 1, 3, 4].iter().filter_map(|i| all[*i]).map(|(n, _)| n).sum();
        assert_eq!(all[2], Some((sum, Source::Sum)), "{name}: {all:?}");
        if stream(codec, &model, &[], &bare) == NOTHING {
            let metrics = from(Source::Metrics, [Some(31), Some(13), Some(49), Some(5), None]);
            assert_eq!(stream(codec, &model, &[], &measured(bare.clone())), metrics, "{name}");
            let by_headers = from(Source::Header, [21, 9, 40, 4, 6].map(Some));
            assert_eq!(stream(codec, &model, &headers(), &bare), by_headers, "{name}");
        }
    }
    assert!(said_by_chunks > 40, "{said_by_chunks}");
}
