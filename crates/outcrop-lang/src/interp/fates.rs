//! What becomes of façade leaves that no field took.

use outcrop_runtime::{Code, Error, Fate, Kind, Tree};

use super::node::{Node, Rest, Value};
use super::{Cx, schemas, stream};

impl<'a> Cx<'a> {
    /// Judges all that is left of a node. A leaf whose refusal is declared is named before one that is merely unknown.
    pub(crate) fn judge(&mut self, node: &mut Node) -> Result<(), Error> {
        let mut refused = None;
        self.judge_below(node, &mut refused);
        match refused {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }

    fn judge_below(&mut self, node: &mut Node, refused: &mut Option<(bool, Error)>) {
        if node.rest == Rest::Approximated {
            schemas::settle(node);
        }
        match &mut node.value {
            Value::Taken => {}
            // A member that is null is absent, but in a schema that a field looks into.
            Value::Leaf(Tree::Null) if !node.json && node.rest != Rest::Approximated => {}
            Value::Leaf(_) => {
                if let Err((declared, error)) = self.judge_leaf(node) {
                    if refused.as_ref().is_none_or(|(before, _)| declared && !before) {
                        *refused = Some((declared, error));
                    }
                    return;
                }
            }
            Value::List(items) => items.iter_mut().for_each(|n| self.judge_below(n, refused)),
            Value::Object(members) => members.iter_mut().for_each(|(_, n)| self.judge_below(n, refused)),
        }
        node.value = Value::Taken;
    }

    /// The error of a leaf that may not be lost, and whether the spec says so.
    fn judge_leaf(&mut self, node: &Node) -> Result<(), (bool, Error)> {
        match node.rest {
            Rest::Silent => return Ok(()),
            Rest::Approximated => {
                self.lose(Fate::Approximated, &node.at, "the format has no place for it");
                return Ok(());
            }
            Rest::Fates => {}
        }
        let (found, path) = if self.kind == Kind::Stream {
            let signal = stream::signal_path(&node.at);
            let found = self.fate_of(&signal);
            let below = found.and_then(|(end, _)| signal.get(end..)).unwrap_or_default();
            (found, node.at.strip_suffix(below).unwrap_or(&node.at).to_owned())
        } else {
            let found = self.fate_of(&node.at);
            (found, found.and_then(|(end, _)| node.at.get(..end)).unwrap_or(&node.at).to_owned())
        };
        self.cover(found.map(|(_, f)| f.span));
        if let Some(reason) = found.and_then(|(_, fate)| fate.dropped.as_deref()) {
            self.lose(Fate::Dropped, &path, reason);
            return Ok(());
        }
        let error =
            Error::new(Code::Unsupported, format!("the {} format cannot express this; leave it out", self.family.name));
        Err((found.is_some(), error.at(path)))
    }

    /// The longest declared fate of a path and where in the path it ends; of equally long ones the one that ends last.
    pub(crate) fn fate_of(&self, path: &str) -> Option<(usize, &'a crate::ir::Fate)> {
        let names = names(path);
        let family = self.family;
        let all = family.fates.iter().chain(&family.facade.fates);
        let hits = all.filter_map(|fate| {
            let n = fate.pattern.len();
            let ends = (n..=names.len()).rev();
            let run = |end: usize| names.get(end.checked_sub(n)?..end).filter(|r| !r.is_empty());
            let end = ends
                .into_iter()
                .find(|end| run(*end).is_some_and(|r| r.iter().map(|(m, _)| *m).eq(fate.pattern.iter())))?;
            let (_, at) = names.get(end.checked_sub(1)?)?;
            Some((n, end, *at, fate))
        });
        // The family's own fates come first and win ties.
        let mut best: Option<(usize, usize, usize, &'a crate::ir::Fate)> = None;
        for hit in hits {
            if best.is_none_or(|b| (hit.0, hit.1) > (b.0, b.1)) {
                best = Some(hit);
            }
        }
        best.map(|(_, _, at, fate)| (at, fate))
    }

    /// Reports a loss once.
    pub(crate) fn lose(&mut self, fate: Fate, path: &str, why: &str) {
        self.report.add(fate, path, why.to_owned());
    }
}

/// The member names of a path and where each ends, without indexes.
fn names(path: &str) -> Vec<(&str, usize)> {
    let mut start = 0;
    path.split('.')
        .map(|part| {
            let name = part.split('[').next().unwrap_or(part);
            let end = start + name.len();
            start += part.len() + 1;
            (name, end)
        })
        .collect()
}
