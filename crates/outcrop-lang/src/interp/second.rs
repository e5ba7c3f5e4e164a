//! Native to Converse: several members that say one thing. What is only read yields to what is written, too.

use outcrop_runtime::tree::Object;
use outcrop_runtime::{Error, Fate, Tree};

use super::at::At;
use super::stream::SIGNAL;
use super::{Cx, place};
use crate::ir::{FacadeTy, Field, Lens, Struct, Way};

impl<'a> Cx<'a> {
    /// Whether a field yields to a sibling. In streams what came last counts.
    pub(crate) fn is_second(&self, s: &Struct, field: &Field) -> bool {
        let (Lens::Path(path), Way::Decode, false) = (&field.lens, field.way, s.view == SIGNAL) else { return false };
        let there = place::type_at(&self.family.facade, &FacadeTy::Named(s.view.clone()), path);
        field.is_second(&s.fields, there.as_ref())
    }

    /// The order in which fields read an object: those that yield come last, in the order of their members.
    pub(crate) fn reading_order(&self, s: &Struct, fields: &[&Field], object: &Object) -> Vec<usize> {
        let mut order: Vec<usize> = (0..fields.len()).collect();
        order.sort_by_key(|i| {
            let second = fields.get(*i).filter(|field| self.is_second(s, field));
            second.map(|field| 1 + object.members().iter().position(|(name, _)| *name == field.key).unwrap_or_default())
        });
        order
    }

    /// Reads a member that yields: it fills what nobody said, and is reported where it says something else.
    pub(crate) fn decode_second(
        &mut self,
        field: &'a Field,
        (view, holds): (&str, &[bool]),
        value: Tree,
        out: &mut Tree,
        at: &At<'_>,
    ) -> Result<(), Error> {
        let Lens::Path(path) = &field.lens else { return Ok(()) };
        let mut said = Tree::object(Vec::new());
        self.decode_field(field, view, holds, value, &mut said, at)?;
        let Some(new) = place::at_mut(&mut said, &path.0).map(|new| new.clone()) else { return Ok(()) };
        match place::at_mut(out, &path.0) {
            Some(old) if *old != new => self.lose(Fate::Dropped, &at.path(), "another member says something else"),
            Some(_) => {}
            None => place::put(out, &path.0, new),
        }
        Ok(())
    }
}
