//! Streams: the signals that every stream needs are on the wire, blocks are told apart, joins make sense.

use super::{SIGNAL, case_record, structs};
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Blocks, Case, CaseSignal, Family, Lens, Path, Signal, Span, Step, Struct, TypeDef, TypeKind};
use std::collections::BTreeSet;

/// Checks the stream type of the family, and that no other type uses its forms.
pub fn check(family: &Family, faults: &mut Vec<Diagnostic>) {
    for def in &family.types {
        misplaced(def, faults);
    }
    let Some(root) = family.chat.stream.and_then(|id| family.types.get(id)) else { return };
    let (blocks, join) = match &root.kind {
        TypeKind::Struct(record) => (record.blocks, &record.join),
        TypeKind::Union(union) => (union.blocks, &union.join),
        _ => return,
    };
    let chunks = chunks(family, root);
    let all: BTreeSet<&str> = chunks.iter().flat_map(|chunk| &chunk.heads).map(String::as_str).collect();
    needed(root, blocks, &all, faults);
    if blocks != Blocks::Implicit {
        for chunk in &chunks {
            keys(chunk, faults);
        }
    }
    let carries = |chunk: &&Chunk| join.iter().all(|signal| chunk.has(*signal));
    if join.len() > 1 && !chunks.iter().any(|chunk| carries(&chunk)) {
        let words: Vec<String> = join.iter().map(|signal| format!("`{}`", word(*signal))).collect();
        let message = format!("no chunk carries {} together", words.join(" and "));
        faults.push(Diagnostic::new(Code::BadJoin, root.span, message));
    }
}

/// What one kind of chunk says.
struct Chunk {
    span: Span,
    /// First members of its signal paths.
    heads: BTreeSet<String>,
    /// Structs that map a block signal: its word, whether a key stands beside it, and the place.
    blocks: Vec<(String, bool, Span)>,
    end: bool,
}

impl Chunk {
    fn has(&self, signal: Signal) -> bool {
        match signal {
            Signal::End => self.end,
            other => self.heads.contains(word(other)),
        }
    }
}

fn word(signal: Signal) -> &'static str {
    match signal {
        Signal::Start => "start",
        Signal::Open => "open",
        Signal::Delta => "delta",
        Signal::Close => "close",
        Signal::Stop => "stop",
        Signal::Usage => "usage",
        Signal::Fail => "fail",
        Signal::End => "end",
    }
}

fn chunks(family: &Family, root: &TypeDef) -> Vec<Chunk> {
    let start = |span, end| Chunk { span, heads: BTreeSet::new(), blocks: Vec::new(), end };
    if let TypeKind::Union(union) = &root.kind {
        let of_case = |case: &Case| {
            let mut chunk = start(case.span, case.signal == Some(CaseSignal::End));
            if case.signal == Some(CaseSignal::Start) {
                chunk.heads.insert(word(Signal::Start).to_owned());
            }
            if let Some(record) = case_record(family, case) {
                gather(family, record, false, &mut chunk, &mut BTreeSet::new());
            }
            chunk
        };
        return union.cases.iter().map(of_case).collect();
    }
    let mut chunk = start(root.span, false);
    for record in structs(root) {
        gather(family, record, false, &mut chunk, &mut BTreeSet::new());
    }
    vec![chunk]
}

/// Collects signal paths of a struct and of what it holds. `outer`: a key stands in a struct around it.
fn gather(family: &Family, record: &Struct, outer: bool, chunk: &mut Chunk, met: &mut BTreeSet<usize>) {
    let keyed = outer || record.fields.iter().any(|field| matches!(&field.lens, Lens::Path(path) if is_key(path)));
    if record.assumed_stop().is_some() {
        chunk.heads.insert(word(Signal::Stop).to_owned());
    }
    for field in &record.fields {
        match &field.lens {
            Lens::Path(path) | Lens::Take { path, .. } => {
                if let Some(Step::Member(head)) = path.0.first() {
                    chunk.heads.insert(head.clone());
                    if matches!(head.as_str(), "open" | "delta" | "close") {
                        chunk.blocks.push((head.clone(), keyed, field.span));
                    }
                }
            }
            Lens::Group | Lens::Extra => {}
        }
        let inner = super::named(&field.ty).filter(|id| met.insert(*id)).and_then(|id| family.types.get(id));
        for nested in inner.map(structs).unwrap_or_default() {
            if nested.view == SIGNAL {
                gather(family, nested, keyed, chunk, met);
            }
        }
    }
}

fn is_key(path: &Path) -> bool {
    matches!(path.0.last(), Some(Step::Member(name)) if name == "key")
}

fn needed(root: &TypeDef, blocks: Blocks, all: &BTreeSet<&str>, faults: &mut Vec<Diagnostic>) {
    let mut need = |signal: &str, why: &str| {
        if !all.contains(signal) {
            let message = format!("no chunk of `{}` says `{signal}`: {why}", root.name);
            faults.push(Diagnostic::new(Code::NoSignal, root.span, message));
        }
    };
    need("stop", "why the answer ended would be lost");
    if !all.contains("whole") {
        need("delta", "the answer itself would be lost");
    }
    if blocks != Blocks::Implicit {
        need("close", "with `blocks: explicit` and `blocks: merge` blocks end on the wire");
    }
}

fn keys(chunk: &Chunk, faults: &mut Vec<Diagnostic>) {
    let mut told = BTreeSet::new();
    for (signal, keyed, span) in &chunk.blocks {
        if !keyed && told.insert(signal) {
            let message = format!("nothing in this chunk says which block `{signal}` is about");
            faults.push(
                Diagnostic::new(Code::NoKey, *span, message)
                    .label(chunk.span, "the chunk")
                    .help(format!("map the block's number to `{signal}.key`, or say `blocks: implicit`")),
            );
        }
    }
}

/// `signal:`, `blocks:` and `join:` mean something in streams only.
fn misplaced(def: &TypeDef, faults: &mut Vec<Diagnostic>) {
    let (view, blocks, join) = match &def.kind {
        TypeKind::Struct(record) => (&record.view, record.blocks, &record.join),
        TypeKind::Union(union) => (&union.view, union.blocks, &union.join),
        _ => return,
    };
    if view == SIGNAL {
        return;
    }
    let mut fault = |span, key: &str| {
        let message = format!("`{key}:` stands in a type over `{view}`, which is no stream");
        faults.push(Diagnostic::new(Code::NotASignal, span, message).help("streams have `view: Signal`"));
    };
    if blocks != Blocks::default() {
        fault(def.span, "blocks");
    }
    if !join.is_empty() {
        fault(def.span, "join");
    }
    if let TypeKind::Union(union) = &def.kind {
        for case in union.cases.iter().filter(|case| case.signal.is_some()) {
            fault(case.span, "signal");
        }
    }
}
