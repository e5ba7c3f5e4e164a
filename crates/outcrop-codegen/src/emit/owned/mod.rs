//! Converse as plain types that own all they hold, for programs, and their conversions to and from those of the SDK.
//!
//! They are the façade types once more, under the same names: a member is a field, an arm a variant, a set of words an
//! enum. Whatever reads, writes or encodes them goes through the types that borrow, so nothing here knows JSON.

mod sdk;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use outcrop_lang::ir::{Facade, FacadeTy, FacadeType};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::facade::FacadeShapes;
use super::shape::{Item, ItemKind, Member, RustTy, Variant};

pub use sdk::emit as sdk;
pub use types::emit as types;

/// The bodies and events that programs hold; the other roots of the façade are about chunks.
const ROOTS: [&str; 3] = ["ConverseRequest", "ConverseResponse", "ConverseStreamOutput"];

/// What to emit.
pub struct Owned {
    /// Structs and unions, by their names in the façade.
    items: Vec<Item>,
    /// Sets of words.
    words: Vec<Item>,
    /// The members that are bytes, as `Type.member`.
    blobs: BTreeSet<String>,
}

impl Owned {
    /// What the three roots lead to.
    #[must_use]
    pub fn of(facade: &Facade) -> Self {
        let FacadeShapes { types, words, .. } = super::facade::shapes(facade);
        let reached = reached(facade);
        let blobs = reached.iter().flat_map(|(name, ty)| {
            let bytes = ty.members.iter().filter(|m| m.ty == FacadeTy::Blob);
            bytes.map(move |m| format!("{name}.{}", m.name))
        });
        let blobs = blobs.collect();
        let items: Vec<Item> =
            types.into_iter().filter(|(n, _)| reached.contains_key(n.as_str())).map(|(_, i)| i).collect();
        let mut named = BTreeSet::new();
        for ty in items.iter().flat_map(parts) {
            named.extend(name_in(ty).map(ToString::to_string));
        }
        let words = words.into_iter().filter(|(name, _)| named.contains(name)).map(|(_, item)| item).collect();
        Self { items, words, blobs }
    }

    /// The type of a member or of what an arm holds.
    fn ty(&self, item: &Item, key: &str, ty: &RustTy) -> TokenStream {
        match ty {
            RustTy::Str if self.is_blob(item, key) => quote!(Blob),
            RustTy::Str => quote!(String),
            RustTy::Int => quote!(i64),
            RustTy::Num => quote!(f64),
            RustTy::Bool => quote!(bool),
            RustTy::Json => quote!(Document),
            RustTy::Named(name, _) => quote!(#name),
            RustTy::List(inner) | RustTy::OneOrList(inner) => {
                let inner = self.ty(item, key, inner);
                quote!(Vec<#inner>)
            }
            RustTy::Map(inner) => {
                let inner = self.ty(item, key, inner);
                quote!(Map<#inner>)
            }
            RustTy::One(inner) => {
                let inner = self.ty(item, key, inner);
                quote!(Box<#inner>)
            }
        }
    }

    fn is_blob(&self, item: &Item, key: &str) -> bool {
        self.blobs.contains(&format!("{}.{key}", item.ident))
    }

    /// The structs of which every required member has a default.
    fn defaults(&self) -> BTreeSet<String> {
        super::items::defaults(self.items.iter())
    }
}

fn reached(facade: &Facade) -> BTreeMap<&str, &FacadeType> {
    let mut open: Vec<&str> = ROOTS.to_vec();
    let mut found = BTreeMap::new();
    while let Some(name) = open.pop() {
        if let Some((name, ty)) =
            facade.types.get_key_value(name).filter(|(name, _)| !found.contains_key(name.as_str()))
        {
            found.insert(name.as_str(), ty);
            open.extend(super::facade::refers(ty));
        }
    }
    found
}

/// The types that an item is made of.
fn parts(item: &Item) -> Vec<&RustTy> {
    match &item.kind {
        ItemKind::Struct(shape) => shape.members.iter().map(|m| &m.ty).collect(),
        ItemKind::External(union) => union.variants.iter().map(|v| &v.ty).collect(),
        // The façade has no others.
        _ => Vec::new(),
    }
}

fn name_in(ty: &RustTy) -> Option<&Ident> {
    match ty {
        RustTy::Named(name, _) => Some(name),
        RustTy::List(inner) | RustTy::OneOrList(inner) | RustTy::Map(inner) | RustTy::One(inner) => name_in(inner),
        _ => None,
    }
}

/// The members of a struct, or nothing.
fn members(item: &Item) -> &[Member] {
    match &item.kind {
        ItemKind::Struct(shape) => &shape.members,
        _ => &[],
    }
}

/// The arms of a union, or nothing.
fn arms(item: &Item) -> &[Variant] {
    match &item.kind {
        ItemKind::External(union) => &union.variants,
        _ => &[],
    }
}
