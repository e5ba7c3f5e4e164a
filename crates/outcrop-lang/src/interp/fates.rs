//! What becomes of façade leaves that no field took.

use outcrop_runtime::{Code, Error, Fate, Tree};

use super::Cx;
use super::node::{Node, Rest, Value};

impl Cx<'_> {
    /// Judges all that is left of a node: the first leaf that may not be lost is the error, one with a declared fate
    /// before one that nobody thought of, as it says more about the reason.
    pub(crate) fn judge(&mut self, node: &mut Node) -> Result<(), Error> {
        let mut undeclared = None;
        self.judge_all(node, &mut undeclared)?;
        undeclared.map_or(Ok(()), Err)
    }

    fn judge_all(&mut self, node: &mut Node, undeclared: &mut Option<Error>) -> Result<(), Error> {
        match &mut node.value {
            Value::Taken | Value::Leaf(Tree::Null) => {}
            Value::Leaf(_) => match self.judge_leaf(node) {
                Err(e) if !self.is_declared(&e.path) => *undeclared = undeclared.take().or(Some(e)),
                judged => judged?,
            },
            Value::List(items) => items.iter_mut().try_for_each(|n| self.judge_all(n, undeclared))?,
            Value::Object(members) => members.iter_mut().try_for_each(|(_, n)| self.judge_all(n, undeclared))?,
        }
        node.value = Value::Taken;
        Ok(())
    }

    fn judge_leaf(&mut self, node: &Node) -> Result<(), Error> {
        match node.rest {
            Rest::Silent => return Ok(()),
            Rest::Approximated => {
                self.lose(Fate::Approximated, &node.at, "the format has no place for it");
                return Ok(());
            }
            Rest::Fates => {}
        }
        let names = names(&node.at);
        let mut best: Option<(usize, usize, &crate::ir::Fate)> = None;
        let family = self.family;
        for fate in family.fates.iter().chain(&family.facade.fates) {
            let n = fate.pattern.len();
            let hit = (n..=names.len()).rev().find(|end| {
                names.get(end - n..*end).is_some_and(|run| run.iter().map(|(name, _)| *name).eq(fate.pattern.iter()))
            });
            if let Some(end) = hit {
                if best.is_none_or(|(length, at, _)| (n, end) > (length, at)) {
                    best = Some((n, end, fate));
                }
            }
        }
        let path = best
            .and_then(|(_, end, _)| names.get(end.checked_sub(1)?))
            .and_then(|(_, end)| node.at.get(..*end))
            .unwrap_or(&node.at)
            .to_owned();
        self.cover(best.map(|(_, _, f)| f.span));
        match best.map(|(_, _, fate)| fate.dropped.clone()) {
            Some(Some(reason)) => {
                self.lose(Fate::Dropped, &path, &reason);
                Ok(())
            }
            _ => Err(Error::new(
                Code::Unsupported,
                format!("the {} format cannot express this; leave it out", self.family.name),
            )
            .at(path)),
        }
    }

    /// Whether a fate is declared for a path.
    pub(crate) fn is_declared(&self, path: &str) -> bool {
        let names = names(path);
        let run = |p: &[String]| names.windows(p.len().max(1)).any(|w| w.iter().map(|(n, _)| *n).eq(p.iter()));
        self.family.fates.iter().chain(&self.family.facade.fates).any(|f| run(&f.pattern))
    }

    /// Reports a loss once.
    pub(crate) fn lose(&mut self, fate: Fate, path: &str, why: &str) {
        if !self.report.losses.iter().any(|l| l.fate == fate && l.path == path) {
            self.report.add(fate, path, why);
        }
    }
}

/// The member names of a path and where each ends.
fn names(path: &str) -> Vec<(&str, usize)> {
    let mut start = 0;
    path.split('.')
        .map(|part| {
            let end = start + part.len();
            start = end + 1;
            (part.split('[').next().unwrap_or(part), end)
        })
        .collect()
}
