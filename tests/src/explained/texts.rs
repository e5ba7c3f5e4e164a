//! Leaves of one kind, before and after.

use std::collections::BTreeSet;

use outcrop_runtime::Tree;

use super::walk::Leaf;

/// Values of one kind, in their order: those that are gone and those that are new.
pub(super) fn values<'t>(
    wanted: impl Iterator<Item = &'t Tree>,
    got: impl Iterator<Item = &'t Tree>,
) -> (Vec<Tree>, Vec<Tree>) {
    let got: Vec<&Tree> = got.collect();
    let (mut lost, mut new, mut next) = (Vec::new(), Vec::new(), 0);
    for value in wanted {
        match got[next..].iter().position(|g| g.difference(value).is_none()) {
            Some(skipped) => {
                new.extend(got[next..next + skipped].iter().map(|g| (*g).clone()));
                next += skipped + 1;
            }
            None => lost.push(value.clone()),
        }
    }
    new.extend(got[next..].iter().map(|g| (*g).clone()));
    (lost, new)
}

/// Texts of one kind, which may be joined and cut anew. Those that are approximated may stand among them, whatever their kind
/// was, and anything may where a report speaks of the kind.
pub(super) struct Texts<'l> {
    pub(super) wanted: Vec<&'l Leaf>,
    pub(super) approximated: &'l [Leaf],
    pub(super) spoken_of: bool,
}

impl Texts<'_> {
    /// Texts that are gone and what is new.
    pub(super) fn faults<'t>(&self, got: impl Iterator<Item = &'t Tree>) -> (Vec<Tree>, Vec<Tree>) {
        let all: String = got.filter_map(Tree::as_str).collect();
        let (lost, new) = self.one_after_the_other(&all);
        if lost.is_empty() && (new.is_empty() || self.spoken_of) || self.with_approximated(&all) {
            return (Vec::new(), Vec::new());
        }
        (lost, if new.is_empty() { Vec::new() } else { vec![Tree::str(new)] })
    }

    /// Those that are not there, and what there is between the others.
    fn one_after_the_other(&self, all: &str) -> (Vec<Tree>, String) {
        let (mut lost, mut new, mut rest) = (Vec::new(), String::new(), all);
        for leaf in &self.wanted {
            match rest.split_once(leaf.value.as_str().unwrap_or_default()) {
                Some((before, after)) => {
                    new.push_str(before);
                    rest = after;
                }
                None => lost.push(leaf.value.clone()),
            }
        }
        new.push_str(rest);
        (lost, new)
    }

    /// Whether `all` is made of these and of approximated ones alone, in the order of the original, with white space between.
    fn with_approximated(&self, all: &str) -> bool {
        let must = self.wanted.iter().map(|leaf| (leaf.order, true, *leaf));
        let may = self.approximated.iter().map(|leaf| (leaf.order, false, leaf));
        let mut items: Vec<_> = must.chain(may).collect();
        items.sort_by_key(|(order, must, _)| (*order, *must));
        // All places up to which `all` can be made of the texts so far.
        let mut ends = BTreeSet::from([0]);
        for (_, must, leaf) in items {
            let text = leaf.value.as_str().unwrap_or_default();
            let mut next = if must { BTreeSet::new() } else { ends.clone() };
            for end in ends {
                let rest = &all[end..];
                let space = rest.len() - rest.trim_start().len();
                for start in (0..=space).filter(|n| rest.is_char_boundary(*n)) {
                    if let Some(rest) = rest[start..].strip_prefix(text) {
                        next.insert(all.len() - rest.len());
                    }
                }
            }
            ends = next;
        }
        ends.iter().any(|end| all[*end..].trim().is_empty())
    }
}

pub(super) fn sorted<'t>(values: impl Iterator<Item = &'t Tree>) -> Vec<Tree> {
    let mut values: Vec<Tree> = values.cloned().collect();
    values.sort_by_key(Tree::to_string);
    values
}
