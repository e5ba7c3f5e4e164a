//! Façade types that exist only as a way to look into JSON that Converse leaves open.

use std::collections::BTreeSet;

use outcrop_lang::ir::{Facade, FacadeTy};

/// Names of the views of JSON, and of the types in them.
pub(crate) fn of_json(facade: &Facade) -> BTreeSet<String> {
    let is_view = |name: &&String| facade.types.get(*name).is_some_and(|def| def.view_of == Some(FacadeTy::Json));
    let mut open: Vec<String> = facade.types.keys().filter(is_view).cloned().collect();
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop() {
        let members = facade.types.get(&name).map(|def| def.members.as_slice()).unwrap_or_default();
        if found.insert(name) {
            open.extend(members.iter().filter_map(|m| named(&m.ty)).map(str::to_owned));
        }
    }
    found
}

fn named(ty: &FacadeTy) -> Option<&str> {
    match ty {
        FacadeTy::Named(name) => Some(name),
        FacadeTy::List(item) | FacadeTy::Map(item) => named(item),
        _ => None,
    }
}

/// The view of JSON that has a member of this name.
pub(crate) fn with_member(facade: &Facade, name: &str) -> Option<FacadeTy> {
    let mut views = facade.types.iter().filter(|(_, def)| def.view_of == Some(FacadeTy::Json));
    let found = views.find(|(_, def)| def.members.iter().any(|m| m.name == name));
    found.map(|(name, _)| FacadeTy::Named(name.clone()))
}
