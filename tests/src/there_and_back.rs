//! A Converse body or stream to a format and back: the same, different as the report says, or refused.

use outcrop_runtime::fold::fold;
use outcrop_runtime::{Call, Code, Codec, Error, Kind, Report, StreamCodec, Tree};

use crate::canon;
use crate::explained::{of_events, unexplained};
use crate::families::Loaded;

/// What became of one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It came back as it was, up to canonical forms.
    Same,
    /// Every leaf in which it came back otherwise is in the report.
    Reported,
    /// It was refused at a place.
    Refused(Code),
}

/// What a body that Converse took or gave may meet in a format that knows less. Refusals of what is no Converse body at all
/// (`wrong-type`, `bad-encoding`, …) are not among them.
const REFUSALS: &[Code] = &[
    Code::Unsupported,
    Code::OutOfRange,
    Code::NotSingle,
    Code::ReservedMarker,
    Code::NothingToAttach,
    Code::TurnOrder,
    // A word that the format has none for, what it cannot do without, and what single models do not take.
    Code::UnknownValue,
    Code::MissingMember,
    Code::NotForModel,
];

/// A request or an answer. Anything but an [`Outcome`] is a fault.
pub fn whole(family: &Loaded, codec: &dyn Codec, kind: Kind, call: &Call<'_>, body: &Tree) -> Result<Outcome, String> {
    let native = match codec.encode(kind, call, body.to_string().as_bytes()) {
        Ok(native) => native,
        Err(e) => return refused(&e),
    };
    let headers = Call { headers: &native.headers, ..*call };
    let back = codec.decode(kind, &headers, &native.body).map_err(|e| format!("own body not read: {e}"))?;
    if let Some(loss) = back.report.losses.first() {
        return Err(format!("own body reads with a loss: {} at {}", loss.fate.as_str(), loss.path));
    }
    let tree = |bytes: &[u8]| Tree::parse(bytes).map_err(|e| format!("no JSON: {e}"));
    let first = tree(&native.body)?;
    let outcome = judged(family, body, &first, &tree(&back.body)?, &native.report)?;
    let again = codec.encode(kind, call, &back.body).map_err(|e| format!("what was decoded is refused: {e}"))?;
    match first.difference(&tree(&again.body)?) {
        Some(at) => Err(format!("encodes differently again at `{at}`")),
        None => Ok(outcome),
    }
}

/// The events of a stream.
pub fn stream(family: &Loaded, codec: &dyn Codec, call: &Call<'_>, events: &[Tree]) -> Result<Outcome, String> {
    let encoder = codec.stream_encoder(call).map_err(|e| format!("no stream: {e}"))?;
    let (chunks, report) = match through(encoder, events) {
        Ok(done) => done,
        Err(e) => return refused(&e),
    };
    let decoder = codec.stream_decoder(call).map_err(|e| format!("no stream: {e}"))?;
    let (back, _) = through(decoder, &chunks).map_err(|e| format!("own chunks not read: {e}"))?;
    let sum = |events: &[Tree]| fold(events).map_err(|e| format!("fold: {e}"));
    judged(family, &sum(events)?, &Tree::list(chunks), &sum(&back)?, &of_events(&report))
}

fn through(mut stream: Box<dyn StreamCodec + '_>, items: &[Tree]) -> Result<(Vec<Tree>, Report), Error> {
    let mut out = Vec::new();
    let mut take = |item: &[u8]| out.push(Tree::parse(item).expect("what streams say is JSON"));
    for item in items {
        stream.push(item.to_string().as_bytes(), &mut take)?;
    }
    let report = stream.finish(&mut take)?;
    Ok((out, report))
}

fn refused(e: &Error) -> Result<Outcome, String> {
    let placed = !e.path.is_empty() || !e.native_path.is_empty();
    let known = REFUSALS.contains(&e.code) && placed;
    if known { Ok(Outcome::Refused(e.code)) } else { Err(format!("refused as nothing from Converse should be: {e}")) }
}

fn judged(family: &Loaded, before: &Tree, native: &Tree, after: &Tree, report: &Report) -> Result<Outcome, String> {
    let outcome = if report.losses.is_empty() { Outcome::Same } else { Outcome::Reported };
    let (wanted, got) = (canon::conversation(before), canon::conversation(after));
    if wanted.difference(&got).is_none() {
        return Ok(outcome);
    }
    if let Some(fault) = unexplained(&family.family, before, native, after, report) {
        return Err(format!("{fault}; reported {:?}", report.losses));
    }
    // Leaves do not tell the order of unlike blocks. Without a word conversations are in their canonical order.
    for member in ["system", "messages"] {
        let part = |tree: &Tree| tree.get(member).cloned().unwrap_or_default();
        if let Some(at) = part(&wanted).difference(&part(&got)).filter(|_| outcome == Outcome::Same) {
            return Err(format!("{member} differs at `{at}` without a report: {native:.400}"));
        }
    }
    Ok(outcome)
}
