//! Recorded traffic, where it is at hand, through the interpreter and through compiled code: the same bodies, events, headers and reports.

#![allow(clippy::expect_used)]

use std::collections::BTreeMap;

use outcrop::registry;
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Codec, Kind};
use outcrop_tests::compare::{Faults, Operation, difference};
use outcrop_tests::{families, recordings};

#[test]
fn recorded_traffic_goes_through_both_codecs_alike() {
    let Some(recorded) = recordings::all() else { return };
    let families = families::all();
    let mut ran: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for exchange in &recorded {
        let Some(name) = exchange.family() else { continue };
        let (Some(entry), Some(family)) = (registry::by_name(name), families.iter().find(|f| f.name == name)) else {
            continue;
        };
        let mut compare = |kind: Kind, operation: Operation, call: &Call<'_>, input: &Tree| {
            let stream = if operation == Operation::Encode { "encode_stream" } else { "decode_stream" };
            if kind == Kind::Stream && entry.unsupported.iter().any(|u| u.starts_with(stream)) {
                return;
            }
            if let Some(d) = difference(&*family.codec, entry.codec, kind, operation, call, input, Faults::Of(&[])) {
                failures.push(format!("{} {kind:?} {operation:?}: {d}", exchange.id()));
            }
            *ran.entry(name.to_owned()).or_default() += 1;
        };
        let native = exchange.api().starts_with("invoke");
        for (member, kind) in [("request", Kind::Request), ("response", Kind::Response)] {
            let Some(body) = exchange.body(member) else { continue };
            let headers = exchange.headers(member);
            let call = Call { model: exchange.model(), headers: &headers, ..Call::default() };
            if native {
                compare(kind, Operation::Decode, &call, body);
                compare(kind, Operation::Check, &call, body);
                let decoded = family.codec.decode(kind, &call, body.to_string().as_bytes());
                if let Some(converse) = decoded.ok().and_then(|out| Tree::parse(&out.body).ok()) {
                    compare(kind, Operation::Encode, &Call { headers: &[], ..call }, &converse);
                }
            } else {
                compare(kind, Operation::Encode, &Call { headers: &[], ..call }, body);
            }
        }
        let call = Call { model: exchange.model(), ..Call::default() };
        let (chunks, recorded) = (exchange.chunks(), exchange.events());
        if native && !chunks.is_empty() {
            let chunks = Tree::list(chunks);
            compare(Kind::Stream, Operation::Decode, &call, &chunks);
            if let Some(events) = events(&*family.codec, &call, &chunks) {
                compare(Kind::Stream, Operation::Encode, &call, &events);
            }
        }
        if !recorded.is_empty() {
            compare(Kind::Stream, Operation::Encode, &call, &Tree::list(recorded));
        }
    }
    for (name, count) in &ran {
        println!("{name:<24} {count:>6}");
    }
    assert!(!ran.is_empty(), "the recordings hold nothing that is known");
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n\n"));
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
