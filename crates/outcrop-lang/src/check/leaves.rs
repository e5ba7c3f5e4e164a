//! The leaves of the façade: every place that can hold a value of its own.

use crate::ir::{Facade, FacadeTy};

/// Member names from a root down. Lists and maps are transparent.
pub(super) type Leaf = Vec<String>;

/// Members that every family has by the rules of the language, mapped or not.
const ALWAYS: [&str; 2] = ["additionalModelRequestFields", "additionalModelResponseFields"];

/// All leaves below a façade type, in the order that Converse prints them; virtual members are not among them.
pub(super) fn leaves(facade: &Facade, root: &str) -> Vec<Leaf> {
    let mut found = Vec::new();
    descend(facade, &FacadeTy::Named(root.to_owned()), &mut Vec::new(), &mut Vec::new(), &mut found);
    found.retain(|leaf| !leaf.first().is_some_and(|name| ALWAYS.contains(&name.as_str())));
    found
}

/// The leaves of what chunks can say that would be lost. Keys of blocks carry no content; every stream starts by itself;
/// `parts` and `whole` say in another way what other signals say; a failure has no other place to go; and arms that open
/// without an event in Converse are optional.
pub(super) fn signal_leaves(facade: &Facade) -> Vec<Leaf> {
    let starts = FacadeTy::Named("ContentBlockStart".to_owned());
    let mut found = leaves(facade, super::SIGNAL);
    found.retain(|leaf| {
        let names: Vec<&str> = leaf.iter().map(String::as_str).collect();
        match names.as_slice() {
            ["key" | "start" | "parts" | "whole" | "fail", ..] | [_, "key"] => false,
            ["open", "block", arm, ..] => facade.member(&starts, arm).is_some(),
            _ => true,
        }
    });
    found
}

fn descend(facade: &Facade, ty: &FacadeTy, path: &mut Leaf, above: &mut Vec<String>, found: &mut Vec<Leaf>) {
    match ty {
        FacadeTy::List(item) | FacadeTy::Map(item) => descend(facade, item, path, above, found),
        FacadeTy::Named(name) => {
            let members = facade.types.get(name).map_or(&[][..], |def| &def.members);
            // A type inside itself, or one without members, has no finer leaves.
            if above.contains(name) || members.iter().all(|member| member.is_virtual) {
                found.push(path.clone());
                return;
            }
            above.push(name.clone());
            // A sum is computed where it is missing, so nothing is lost with it.
            for member in members.iter().filter(|member| !member.is_virtual && member.sum_of.is_empty()) {
                path.push(member.name.clone());
                descend(facade, &member.ty, path, above, found);
                path.pop();
            }
            above.pop();
        }
        _ => found.push(path.clone()),
    }
}
