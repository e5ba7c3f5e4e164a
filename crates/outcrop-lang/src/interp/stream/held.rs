//! What an encoder keeps between chunks.

use std::collections::{BTreeMap, BTreeSet};

use outcrop_runtime::regions::Wrapper;
use outcrop_runtime::{Error, Kind, Tree};

use super::SIGNAL;
use crate::interp::at::At;
use crate::interp::node::{Node, Value};
use crate::interp::patch::Patch;
use crate::interp::{Cx, tagged};
use crate::ir::{Field, Lens, Path, Region, Step, Struct, TypeId};

/// State that the parts of a chunk share with those of other chunks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held<'a> {
    /// Additional fields; every chunk still to come may say them.
    pub extras: Patch,
    /// Names of those that were said.
    pub filled: BTreeSet<String>,
    /// What the chunk has said so far: another member may have the same place.
    pub said: BTreeMap<Path, Node>,
    wrappers: BTreeMap<TypeId, Wrapper<'a>>,
}

impl Held<'_> {
    /// Ends all strings with regions.
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        self.wrappers.values_mut().try_for_each(Wrapper::finish)
    }
}

impl<'a> Cx<'a> {
    /// The additional fields for a member: in chunks, names are counted from the innermost object over `Signal`.
    pub(crate) fn part_for(&mut self, s: &Struct, field: &Field, patch: &mut Patch) -> Patch {
        if s.view != SIGNAL {
            let names = std::iter::once(&field.key).chain(&field.aliases);
            return names.map(|name| patch.member(name)).find(|part| !part.is_empty()).unwrap_or_default();
        }
        let inner = match &field.lens {
            Lens::Group => true,
            Lens::Path(to) => to.0.is_empty() || self.struct_of(item(&field.ty)).is_some_and(|s| s.view == SIGNAL),
            Lens::Extra | Lens::Take { .. } => false,
        };
        if inner {
            return Patch::default();
        }
        let part = self.held.extras.clone().member(&field.key);
        if !part.is_empty() {
            self.held.filled.insert(field.key.clone());
        }
        part
    }

    /// A signal that another member of this chunk took: both are written.
    pub(crate) fn said_before(&mut self, s: &Struct, field: &Field, node: &mut Node) -> Result<Option<Node>, Error> {
        let Lens::Path(path) = &field.lens else { return Ok(None) };
        if s.view != SIGNAL || self.kind != Kind::Stream || path.0.is_empty() {
            return Ok(None);
        }
        if let Some(there) = node.find(&path.0)? {
            self.held.said.insert(path.clone(), there.clone());
            return Ok(None);
        }
        let Some(said) = self.held.said.get(path) else { return Ok(None) };
        let nest = |inner: Node, step: &Step| match step {
            Step::Member(name) => Node::object(String::new(), vec![(name.clone(), inner)]),
            Step::Only | Step::Pick { .. } => Node::list(String::new(), vec![inner]),
        };
        Ok(Some(path.0.iter().rev().fold(said.clone(), nest)))
    }

    /// The native text of a delta in a string with regions; none if the delta is of another kind.
    pub(crate) fn encode_fragment(
        &mut self,
        id: TypeId,
        table: &'a [Region],
        node: &mut Node,
        at: &At<'_>,
    ) -> Result<Option<Tree>, Error> {
        for (index, region) in table.iter().enumerate() {
            let Some(leaf) = node.find(&region.delta.0)? else { continue };
            let text = leaf.as_str().unwrap_or_default();
            let wrapper = self.held.wrappers.entry(id).or_insert_with(|| Wrapper::new(tagged::runtime(table)));
            let native = wrapper.push(index, text).map_err(|e| e.at(leaf.at.clone()).native(at.path()))?;
            leaf.value = Value::Taken;
            return Ok(Some(Tree::Str(native)));
        }
        Ok(None)
    }
}

/// The type of a list's elements, or the type itself.
fn item(ty: &crate::ir::Ty) -> &crate::ir::Ty {
    match ty {
        crate::ir::Ty::List(item, _) => item,
        ty => ty,
    }
}
