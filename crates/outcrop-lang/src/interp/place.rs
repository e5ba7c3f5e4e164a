//! Places of the façade: paths into types and into trees.

use outcrop_runtime::Tree;

use super::node::{Node, Value};
use crate::ir::{Facade, FacadeKind, FacadeTy, Path, Step};

/// The façade type at a path from a view, if the path leads through declared members.
#[must_use]
pub(crate) fn type_at(facade: &Facade, view: &FacadeTy, path: &Path) -> Option<FacadeTy> {
    let mut ty = view.clone();
    for step in &path.0 {
        ty = match (step, ty) {
            (Step::Member(name), FacadeTy::Named(of)) => {
                facade.types.get(&of)?.members.iter().find(|m| m.name == *name)?.ty.clone()
            }
            (Step::Only | Step::Pick { .. }, FacadeTy::List(item)) => *item,
            _ => return None,
        };
    }
    Some(ty)
}

/// Whether an arm leads into a façade type rather than the type being what the arm holds.
#[must_use]
pub(crate) fn has_arm(facade: &Facade, view: &str, arm: &Path) -> bool {
    let Some(Step::Member(name)) = arm.0.first() else { return false };
    facade.types.get(view).is_some_and(|t| t.kind == FacadeKind::Union && t.members.iter().any(|m| m.name == *name))
}

/// Puts a value at a path, making what is on the way. Objects merge with objects, lists are appended to lists.
pub(crate) fn put(out: &mut Tree, path: &[Step], value: Tree) {
    match path.split_first() {
        None => match (out, value) {
            (Tree::Obj(o), Tree::Obj(new)) => {
                for (name, tree) in new.into_members() {
                    match o.get_mut(&name) {
                        Some(old) => put(old, &[], tree),
                        None => o.members_mut().push((name, tree)),
                    }
                }
            }
            (Tree::Arr(a), Tree::Arr(new)) => a.items_mut().extend(new.into_items()),
            (out, value) => *out = value,
        },
        Some((Step::Member(name), rest)) => {
            if !matches!(out, Tree::Obj(_)) {
                *out = Tree::object(Vec::new());
            }
            if let Tree::Obj(o) = out {
                if o.get(name).is_none() {
                    let start = if rest.is_empty() { Tree::Null } else { Tree::object(Vec::new()) };
                    o.members_mut().push((name.clone(), start));
                }
                if let Some(inner) = o.get_mut(name) {
                    put(inner, rest, value);
                }
            }
        }
        Some((Step::Only, rest)) => {
            if !matches!(out, Tree::Arr(_)) {
                *out = Tree::list(Vec::new());
            }
            // An empty text is no block.
            if let (Tree::Arr(a), false) = (out, !rest.is_empty() && matches!(&value, Tree::Str(s) if s.is_empty())) {
                if a.items().is_empty() {
                    a.items_mut().push(Tree::object(Vec::new()));
                }
                if let Some(inner) = a.items_mut().first_mut() {
                    put(inner, rest, value);
                }
            }
        }
        Some((Step::Pick { member, value: wanted }, rest)) => {
            if !matches!(out, Tree::Arr(_)) {
                *out = Tree::list(Vec::new());
            }
            let Tree::Arr(a) = out else { return };
            let items = a.items_mut();
            let picked = |t: &Tree| t.get(member).and_then(Tree::as_str) == Some(wanted);
            let at = items.iter().position(picked).unwrap_or_else(|| {
                items.push(Tree::arm(member.as_str(), Tree::str(wanted.as_str())));
                items.len() - 1
            });
            if let Some(inner) = items.get_mut(at) {
                put(inner, rest, value);
            }
        }
    }
}

/// What is at a path of members.
pub(crate) fn at_mut<'t>(tree: &'t mut Tree, path: &[Step]) -> Option<&'t mut Tree> {
    let Some((step, rest)) = path.split_first() else { return Some(tree) };
    let inner = match (step, tree) {
        (Step::Member(name), Tree::Obj(o)) => o.get_mut(name)?,
        (Step::Only, Tree::Arr(a)) => a.items_mut().first_mut()?,
        _ => return None,
    };
    at_mut(inner, rest)
}

/// Whether something is at a path of a tree.
#[must_use]
pub(crate) fn has(tree: &Tree, path: &[Step]) -> bool {
    match path.split_first() {
        None => true,
        Some((Step::Member(name), rest)) => tree.get(name).is_some_and(|t| has(t, rest)),
        Some((Step::Only, rest)) => tree.as_list().and_then(<[Tree]>::first).is_some_and(|t| has(t, rest)),
        Some((Step::Pick { member, value }, rest)) => tree.as_list().is_some_and(|items| {
            items.iter().any(|t| t.get(member).and_then(Tree::as_str) == Some(value) && has(t, rest))
        }),
    }
}

/// Whether a leaf is left below, for messages about what remains.
#[must_use]
pub(crate) fn is_empty_value(node: &Node) -> bool {
    matches!(&node.value, Value::Leaf(t) if t.is_empty())
}
