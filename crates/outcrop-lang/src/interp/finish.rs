//! Decoded trees in the form that Converse prints.

use outcrop_runtime::Tree;
use outcrop_runtime::tree::Object;

use super::facade::sum;
use crate::ir::{Facade, FacadeKind, FacadeTy, FacadeType};

/// Brings a decoded value into the form that Converse prints: members in order, sums computed, required lists there.
#[must_use]
pub(crate) fn finish(facade: &Facade, ty: &FacadeTy, mut tree: Tree) -> Tree {
    match (ty, &mut tree) {
        (FacadeTy::List(item), Tree::Arr(a)) => {
            for t in a.items_mut() {
                *t = finish(facade, item, std::mem::take(t));
            }
        }
        (FacadeTy::Map(item), Tree::Obj(o)) => {
            for (_, t) in o.members_mut() {
                *t = finish(facade, item, std::mem::take(t));
            }
        }
        (FacadeTy::Named(name), Tree::Obj(o)) => {
            if let Some(ty) = facade.types.get(name).filter(|_| o.len() != 1 || o.get("native").is_none()) {
                finish_named(facade, ty, o);
            }
        }
        _ => {}
    }
    tree
}

fn finish_named(facade: &Facade, ty: &FacadeType, object: &mut Object) {
    let mut old = std::mem::take(object);
    for member in ty.members.iter().filter(|m| !m.is_virtual) {
        let empty = || {
            (member.required && ty.kind == FacadeKind::Struct && matches!(member.ty, FacadeTy::List(_)))
                .then(|| Tree::list(Vec::new()))
        };
        if let Some(tree) = old.remove(&member.name).or_else(empty) {
            object.set(member.name.as_str(), finish(facade, &member.ty, tree));
        } else if let Some(total) = Some(&member.sum_of).filter(|s| !s.is_empty()).and_then(|s| {
            // Siblings that were moved already and siblings that are still to come.
            let mut both = object.members().to_vec();
            both.extend_from_slice(old.members());
            sum(&both.into(), s)
        }) {
            object.set(member.name.as_str(), Tree::int(total));
        }
    }
    for (name, tree) in old.into_members() {
        object.set(name, tree);
    }
}
