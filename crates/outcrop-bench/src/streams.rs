//! What is measured of a stream.

use std::hint::black_box;

use anyhow::{Context, Result, ensure};
use outcrop::converse::ConverseStreamOutput;
use outcrop::runtime::json::Value;
use outcrop::runtime::{Call, Codec, Error, Report, Tree, event_stream};
use outcrop::stream::{Decoder, Typed};

use crate::cases::{Case, call, must};
use crate::families::Family;
use crate::workloads::Work;

/// Calls `f` with each chunk of a stream of frames.
fn walk(mut bytes: &[u8], f: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
    let mut chunk = Vec::new();
    while let Some((frame, rest)) = event_stream::first(bytes)? {
        event_stream::chunk(frame.payload, &mut chunk)?;
        f(&chunk)?;
        bytes = rest;
    }
    Ok(())
}

/// All events of a stream of frames.
fn framed(codec: &dyn Codec, call: &Call<'_>, bytes: &[u8], out: &mut dyn FnMut(&[u8])) -> Result<Report, Error> {
    let mut decoder = codec.stream_decoder(call)?;
    walk(bytes, &mut |chunk| decoder.push(chunk, out))?;
    decoder.finish(out)
}

/// All events of chunks out of their frames.
fn loose(codec: &dyn Codec, call: &Call<'_>, chunks: &[Vec<u8>], out: &mut dyn FnMut(&[u8])) -> Result<Report, Error> {
    let mut decoder = codec.stream_decoder(call)?;
    for chunk in chunks {
        decoder.push(chunk, out)?;
    }
    decoder.finish(out)
}

/// All typed events of a stream of frames. They borrow from the chunk.
fn framed_typed(mut decoder: Decoder<'_>, bytes: &[u8], out: Typed<'_>) -> Result<Report, Error> {
    walk(bytes, &mut |chunk| decoder.push_typed(chunk, out))?;
    decoder.finish_typed(out)
}

/// All typed events of chunks out of their frames.
fn loose_typed(mut decoder: Decoder<'_>, chunks: &[Vec<u8>], out: Typed<'_>) -> Result<Report, Error> {
    for chunk in chunks {
        decoder.push_typed(chunk, out)?;
    }
    decoder.finish_typed(out)
}

/// Takes an event, whole.
fn sink(event: ConverseStreamOutput<'_>) {
    black_box(&event);
}

/// The cases of a stream; none if the family refuses it.
pub(crate) fn of<'w>(family: &'w Family, work: &'w Work, bytes: &'w [u8]) -> Result<Vec<Case<'w>>> {
    let (call, codec) = (call(family), family.codec);
    let (mut got, mut want, mut chunks) = (Vec::new(), Vec::new(), Vec::new());
    let parsed = |event: &[u8]| Tree::parse(event).unwrap_or_default();
    walk(bytes, &mut |chunk| {
        chunks.push(chunk.to_vec());
        Ok(())
    })?;
    if let Err(e) = framed(codec, &call, bytes, &mut |event| got.push(parsed(event))) {
        eprintln!("{} is left out: {e}", work.case("stream"));
        return Ok(Vec::new());
    }
    loose(&family.oracle, &call, &chunks, &mut |event| want.push(parsed(event))).context("the interpreter refuses")?;
    let mut typed = Vec::new();
    let decoder = (family.stream)(&call);
    framed_typed(decoder, bytes, &mut |event| typed.push(parsed(&event.to_json())))?;
    for (kind, got) in [("stream", &got), ("tstream", &typed)] {
        for (i, (got, want)) in got.iter().zip(&want).enumerate() {
            ensure!(got == want, "{}: event {i} differs:\n{got}\n{want}", work.case(kind));
        }
        ensure!(got.len() == want.len(), "{}: {} and {} events", work.case(kind), got.len(), want.len());
    }

    let (units, inner) = (chunks.len(), chunks.iter().map(Vec::len).sum());
    let case = |kind: &str, bytes: usize, op: Box<dyn FnMut() + 'w>| Case {
        name: work.case(kind),
        bytes,
        units,
        ops: vec![("outcrop", op)],
    };
    let json = move || {
        let mut all = Vec::with_capacity(bytes.len());
        must(framed(codec, &call, black_box(bytes), &mut |event| all.extend_from_slice(event)));
        drop(black_box(all));
    };
    let decoder = family.stream;
    let events = move || must(framed_typed(decoder(&call), black_box(bytes), &mut sink));
    let chunk = move || must(loose_typed(decoder(&call), black_box(&chunks), &mut sink));
    Ok(vec![
        case("stream", bytes.len(), Box::new(json)),
        case("tstream", bytes.len(), Box::new(events)),
        case("chunk", inner, Box::new(chunk)),
    ])
}
