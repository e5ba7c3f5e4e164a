//! Where a façade path leads: the hops through the façade's types.

use outcrop_lang::ir::{Facade, FacadeKind, FacadeMember, FacadeTy, FacadeType, Path, Step};
use proc_macro2::{TokenStream, TokenTree};

/// One step of a resolved path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Hop<'a> {
    /// A member of a struct.
    Member(&'a str, &'a FacadeMember),
    /// An arm of a union.
    Arm(&'a str, &'a FacadeMember),
    /// The single element of a list.
    Only,
    /// The last element of a list.
    Last,
    /// The element of a list whose member has this text.
    Pick(&'a str, &'a str),
}

/// A resolved path.
#[derive(Debug, Clone)]
pub(crate) struct Place<'a> {
    /// The way there.
    pub(crate) hops: Vec<Hop<'a>>,
    /// What is there.
    pub(crate) ty: FacadeTy,
}

/// The named type behind a façade type, if it is one.
pub(crate) fn named<'a>(facade: &'a Facade, ty: &FacadeTy) -> Option<(&'a str, &'a FacadeType)> {
    let FacadeTy::Named(name) = ty else { return None };
    facade.types.get_key_value(name).map(|(name, ty)| (name.as_str(), ty))
}

/// Follows `path` from a value of type `root`.
pub(crate) fn resolve<'a>(facade: &'a Facade, root: &FacadeTy, path: &'a Path) -> Option<Place<'a>> {
    let mut place = Place { hops: Vec::new(), ty: root.clone() };
    for step in &path.0 {
        match step {
            Step::Only => {
                let FacadeTy::List(item) = place.ty else { return None };
                place.ty = *item;
                place.hops.push(Hop::Only);
            }
            Step::Pick { member, value } => {
                let FacadeTy::List(item) = place.ty else { return None };
                place.ty = *item;
                place.hops.push(Hop::Pick(member, value));
            }
            Step::Member(name) if name == "last" && matches!(place.ty, FacadeTy::List(_)) => {
                let FacadeTy::List(item) = place.ty else { return None };
                place.ty = *item;
                place.hops.push(Hop::Last);
            }
            // A message seen by its role, which is known by then.
            Step::Member(name) if name == "user" && matches!(place.hops.last(), Some(Hop::Last)) => {}
            Step::Member(name) => {
                let (owner, ty) = named(facade, &place.ty)?;
                let member = ty.members.iter().find(|m| m.name == *name)?;
                place.ty = member.ty.clone();
                place.hops.push(match ty.kind {
                    FacadeKind::Struct => Hop::Member(owner, member),
                    FacadeKind::Union => Hop::Arm(owner, member),
                });
            }
        }
    }
    Some(place)
}

/// Whether tokens mention a variable.
pub(crate) fn speaks_of(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => speaks_of(&group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
