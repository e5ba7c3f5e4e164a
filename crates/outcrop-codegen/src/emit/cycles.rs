//! Types that contain themselves need a pointer somewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::shape::{Item, ItemKind, RustTy};

/// Puts [`RustTy::One`] around every direct use of a type that leads back to the item it stands in.
pub(super) fn break_up<'i>(items: impl Iterator<Item = &'i mut Item>) {
    let mut items: Vec<&mut Item> = items.collect();
    for i in 0..items.len() {
        // Looked at again for each item: a pointer put in before breaks the cycle for the others.
        let edges: BTreeMap<String, BTreeSet<String>> = items
            .iter_mut()
            .map(|item| (item.ident.to_string(), types_mut(item).into_iter().filter_map(name_of).collect()))
            .collect();
        let Some(item) = items.get_mut(i) else { return };
        let home = item.ident.to_string();
        for ty in types_mut(item) {
            if name_of(ty).is_some_and(|name| leads_to(&name, &home, &edges)) {
                *ty = RustTy::One(Box::new(ty.clone()));
            }
        }
    }
}

fn name_of(ty: &mut RustTy) -> Option<String> {
    ty.inline_name().map(ToString::to_string)
}

fn leads_to(from: &str, to: &str, edges: &BTreeMap<String, BTreeSet<String>>) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(name) = open.pop() {
        if name == to {
            return true;
        }
        if seen.insert(name) {
            open.extend(edges.get(name).into_iter().flatten().map(String::as_str));
        }
    }
    false
}

fn types_mut(item: &mut Item) -> Vec<&mut RustTy> {
    match &mut item.kind {
        ItemKind::Struct(shape) => shape.members.iter_mut().map(|m| &mut m.ty).collect(),
        ItemKind::External(union) => union.variants.iter_mut().map(|v| &mut v.ty).collect(),
        ItemKind::Internal(union) => union.variants.iter_mut().map(|v| &mut v.ty).collect(),
        ItemKind::ByShape(union) => union.variants.iter_mut().map(|v| &mut v.variant.ty).collect(),
        ItemKind::TextOrList(_) | ItemKind::Words(_) => Vec::new(),
    }
}
