//! Additional fields of several chunks.

use std::collections::BTreeMap;

use outcrop_runtime::Tree;

/// Members in the order they first came, the last value of each. Objects are merged.
#[derive(Debug, Default)]
pub(super) struct Kept {
    members: Vec<(String, Tree)>,
    places: BTreeMap<String, usize>,
}

impl Kept {
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Adds the fields of one chunk.
    pub(super) fn add(&mut self, fields: Tree) {
        let Tree::Obj(fields) = fields else { return };
        for (name, value) in fields.into_members() {
            if let Some((_, old)) = self.places.get(&name).and_then(|at| self.members.get_mut(*at)) {
                merge(old, value);
            } else {
                self.places.insert(name.clone(), self.members.len());
                self.members.push((name, value));
            }
        }
    }

    pub(super) fn into_tree(self) -> Tree {
        Tree::object(self.members)
    }
}

fn merge(old: &mut Tree, new: Tree) {
    match (old, new) {
        (old @ Tree::Obj(_), Tree::Obj(new)) => {
            let mut kept = Kept::default();
            kept.add(std::mem::take(old));
            kept.add(Tree::Obj(new));
            *old = kept.into_tree();
        }
        (old, new) => *old = new,
    }
}
