//! Which chunk says a signal: the one that consumes most of it.

use outcrop_runtime::{Error, Tree};

use super::SIGNAL;
use crate::interp::Cx;
use crate::interp::at::At;
use crate::interp::node::{Node, Rest, Value};
use crate::interp::patch::Patch;
use crate::ir::{CaseSignal, TypeId, TypeKind, Way};

/// A chunk, and what it does not say.
pub(super) struct Said {
    pub chunk: Tree,
    pub left: Node,
    /// Which of the variants it says.
    pub variant: usize,
}

impl Cx<'_> {
    /// The chunk that says most of one of several ways to put a signal; none if no chunk says any of it. An error only
    /// if a chunk would say it and may not.
    pub(super) fn say(&mut self, root: TypeId, variants: &[Node]) -> Result<Option<Said>, Error> {
        let mut best: Option<(usize, Said)> = None;
        let mut refused = None;
        let before = (self.held.clone(), self.report.clone());
        let mut after = before.clone();
        for (variant, node) in variants.iter().enumerate() {
            for case in self.cases(root) {
                (self.held, self.report) = before.clone();
                let mut left = node.clone();
                match self.write(root, case, &mut left) {
                    Ok(Some(chunk)) => {
                        let said = leaves(node) - leaves(&left);
                        if said > best.as_ref().map_or(0, |(most, _)| *most) {
                            best = Some((said, Said { chunk, left, variant }));
                            after = (self.held.clone(), self.report.clone());
                        }
                    }
                    Ok(None) => {}
                    Err(e) => refused = refused.or(Some(e)),
                }
            }
        }
        (self.held, self.report) = after;
        match (best, refused) {
            (Some((_, said)), _) => Ok(Some(said)),
            (None, Some(e)) => Err(e),
            (None, None) => Ok(None),
        }
    }

    /// Cases of a union that carry signals; a struct is one case.
    fn cases(&self, root: TypeId) -> Vec<Option<usize>> {
        match self.family.types.get(root).map(|t| &t.kind) {
            Some(TypeKind::Union(u)) => {
                let carries =
                    |c: &crate::ir::Case| c.way != Way::Decode && matches!(c.signal, None | Some(CaseSignal::Start));
                u.cases.iter().enumerate().filter(|(_, c)| carries(c)).map(|(i, _)| Some(i)).collect()
            }
            _ => vec![None],
        }
    }

    fn write(&mut self, root: TypeId, case: Option<usize>, node: &mut Node) -> Result<Option<Tree>, Error> {
        let patch = &mut Patch::default();
        self.held.said.clear();
        match (self.family.types.get(root).map(|t| &t.kind), case) {
            (Some(TypeKind::Struct(s)), _) if s.view == SIGNAL => {
                self.encode_object(s, &[], node, patch, &At::Root).map(|m| Some(Tree::object(m)))
            }
            (Some(TypeKind::Union(u)), Some(index)) => match u.cases.get(index) {
                Some(case) if self.matches(case, node) => {
                    let chunk = self.encode_tagged(u, index, case, node, patch, &At::Root)?;
                    self.cover(Some(case.span));
                    Ok(Some(chunk))
                }
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }
}

/// How many leaves are there that somebody would miss.
pub(super) fn leaves(node: &Node) -> usize {
    match &node.value {
        Value::Taken | Value::Leaf(Tree::Null) => 0,
        Value::Leaf(_) => usize::from(node.rest == Rest::Fates),
        Value::List(items) => items.iter().map(leaves).sum(),
        Value::Object(members) => members.iter().map(|(_, n)| leaves(n)).sum(),
    }
}

/// Takes out of `left` what `other` does not have left either.
pub(super) fn also(left: &mut Node, other: &Node) {
    match (&mut left.value, &other.value) {
        (_, Value::Taken) => left.value = Value::Taken,
        (Value::Object(mine), Value::Object(others)) => {
            for (name, node) in mine {
                match others.iter().find(|(n, _)| n == name) {
                    Some((_, other)) => also(node, other),
                    None => node.value = Value::Taken,
                }
            }
        }
        (Value::List(mine), Value::List(others)) => mine.iter_mut().zip(others).for_each(|(n, o)| also(n, o)),
        _ => {}
    }
}
