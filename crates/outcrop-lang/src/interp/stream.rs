//! Streams: chunks to signals to events, and back. A chunk is a body over the façade type `Signal`; mapping a member to a
//! path in there is the rule for both directions.

mod decode;
mod encode;
mod held;
mod kept;
mod trial;

pub(crate) use decode::Decoder;
pub(crate) use encode::Encoder;
pub(crate) use held::Held;

use outcrop_runtime::tracker::{self, Block};
use outcrop_runtime::{Fate, Tree};

use super::{Cx, facade};
use crate::ir::{
    Blocks, Case, CaseBody, CaseSignal, FacadeTy, Family, Field, Lens, Literal, Signal, Step, Ty, TypeId, TypeKind, Way,
};

/// The façade type of what one chunk says.
pub(crate) const SIGNAL: &str = "Signal";

/// Stands in a decoded chunk for a fragment of a string with regions. No JSON that is mapped has such a member.
const FRAGMENT: &str = "\u{0}fragment";

/// A fragment of a string with regions, for the stream to split.
pub(crate) fn fragment(regions: TypeId, value: Tree) -> Tree {
    Tree::arm(FRAGMENT, Tree::list(vec![Tree::Num(regions.to_string()), value]))
}

/// What the type of the chunks says about the stream as a whole.
#[derive(Debug, Clone, Copy)]
struct Form<'a> {
    blocks: Blocks,
    join: &'a [Signal],
    /// Whether a case is told to be the last chunk.
    says_end: bool,
    /// Whether a member says who speaks.
    says_start: bool,
    /// Whether a member repeats the whole answer.
    says_whole: bool,
    /// Why the answer ended where no member says it.
    assumed_stop: Option<Assumed<'a>>,
}

/// A reason that a stream need not say.
#[derive(Debug, Clone, Copy)]
struct Assumed<'a> {
    reason: &'a Literal,
    /// Whether no member says another.
    always: bool,
}

impl<'a> Form<'a> {
    fn of(family: &'a Family, root: TypeId) -> Self {
        let (blocks, join, says_end): (_, &[Signal], _) = match family.types.get(root).map(|t| &t.kind) {
            Some(TypeKind::Struct(s)) => (s.blocks, &s.join, false),
            Some(TypeKind::Union(u)) => {
                let ends = |c: &Case| c.signal == Some(CaseSignal::End) && c.way != Way::Encode;
                (u.blocks, &u.join, u.cases.iter().any(ends))
            }
            _ => (Blocks::default(), &[], false),
        };
        let says = |signal| says(family, root, signal, 0);
        let starts = match family.types.get(root).map(|t| &t.kind) {
            Some(TypeKind::Union(u)) => u.cases.iter().any(|c| c.signal == Some(CaseSignal::Start)),
            _ => false,
        };
        let assumed_stop = match family.types.get(root).map(|t| &t.kind) {
            Some(TypeKind::Struct(s)) => s.assumed_stop().map(|reason| Assumed { reason, always: !says("stop") }),
            _ => None,
        };
        let (says_start, says_whole) = (starts || says("start"), says("whole"));
        Self { blocks, join, says_end, says_start, says_whole, assumed_stop }
    }

    fn runtime_blocks(&self) -> tracker::Blocks {
        match self.blocks {
            Blocks::Explicit => tracker::Blocks::Explicit,
            Blocks::Implicit => tracker::Blocks::Implicit,
            Blocks::Merge => tracker::Blocks::Merge,
        }
    }
}

/// Whether a type over `Signal` maps a signal. Types may contain each other, so the search has a depth.
fn says(family: &Family, id: TypeId, signal: &str, depth: usize) -> bool {
    let below = |ty: &Ty| match ty {
        Ty::Named(id) => depth < 8 && says(family, *id, signal, depth + 1),
        Ty::Only { item, .. } => matches!(**item, Ty::Named(id) if depth < 8 && says(family, id, signal, depth + 1)),
        _ => false,
    };
    let maps = |f: &Field| match &f.lens {
        Lens::Path(path) | Lens::Take { path, .. } => match path.0.first() {
            Some(Step::Member(first)) => first == signal,
            _ => below(&f.ty),
        },
        Lens::Group => below(&f.ty),
        Lens::Extra => false,
    };
    match family.types.get(id).map(|t| &t.kind) {
        Some(TypeKind::Struct(s)) => s.fields.iter().any(maps),
        Some(TypeKind::Union(u)) => u.cases.iter().any(|c| match &c.body {
            CaseBody::Struct(s) => s.fields.iter().any(maps),
            CaseBody::Value(ty) => below(ty),
        }),
        _ => false,
    }
}

/// An event in the form that Converse prints.
fn event(cx: &Cx<'_>, name: &str, members: Vec<(&str, Tree)>) -> Vec<u8> {
    let members = members.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
    let ty = FacadeTy::Named(facade::root(outcrop_runtime::Kind::Stream).to_owned());
    let tree = super::finish::finish(&cx.family.facade, &ty, Tree::arm(name, Tree::object(members)));
    tree.to_string().into_bytes()
}

/// The first member of an object: its arm and payload.
fn arm_of(tree: &Tree) -> Option<(&str, &Tree)> {
    tree.as_object()?.members().first().map(|(name, value)| (name.as_str(), value))
}

/// The kind of block of an arm; arms that Converse does not have stand for blocks that are kept whole.
fn kind_of(arm: &str) -> Block {
    Block::from_arm(arm).unwrap_or(Block::Other)
}

/// The id of a call whose format has none on the wire.
fn positional(n: usize) -> String {
    format!("call_{n}")
}

/// Reports that a call goes by another id.
fn renamed(cx: &mut Cx<'_>, path: &str, to: &str) {
    cx.lose(Fate::Renamed, path, &format!("the format has no call ids; it reads back as `{to}`"));
}

/// The place of an event member among the signals, as specs name it in fates.
pub(crate) fn signal_path(event: &str) -> String {
    const PLACES: [(&str, &str); 7] = [
        ("messageStart", "start"),
        ("contentBlockStart.start", "open.block"),
        ("contentBlockDelta.delta", "delta.value"),
        ("messageStop.stopReason", "stop.reason"),
        ("metadata.metrics.latencyMs", "latency"),
        ("metadata.", ""),
        ("modelStreamErrorException", "fail"),
    ];
    let place = PLACES.iter().find_map(|(from, to)| event.strip_prefix(from).map(|rest| format!("{to}{rest}")));
    place.unwrap_or_else(|| event.to_owned())
}
