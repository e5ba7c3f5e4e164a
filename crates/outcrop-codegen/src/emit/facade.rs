//! Converse as Rust types: one struct, union or set of words per façade type.

use std::collections::{BTreeMap, BTreeSet};

use outcrop_lang::ir::{Facade, FacadeKind, FacadeMember, FacadeTy, FacadeType};
use proc_macro2::Ident;

use super::shape::{External, Item, ItemKind, Member, RustTy, Shape, UnknownForm, Variant, Word, Words};
use super::{cycles, reserved};
use crate::names::Scope;

/// The Rust side of the façade.
#[derive(Debug, Clone, Default)]
pub struct FacadeShapes {
    /// The item of each façade type, by its name in the spec.
    pub types: BTreeMap<String, Item>,
    /// Sets of words, in the order of their names.
    pub words: BTreeMap<String, Item>,
    /// Ways to look into JSON, with what they are.
    pub views: Vec<(Ident, String)>,
}

impl FacadeShapes {
    /// All items, types first.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.types.values().chain(self.words.values())
    }
    /// The set of words with this Rust name.
    #[must_use]
    pub fn words_of(&self, ident: &Ident) -> Option<&Words> {
        match self.words.get(&ident.to_string()).map(|item| &item.kind) {
            Some(ItemKind::Words(words)) => Some(words),
            _ => None,
        }
    }
}

/// Decides names and types. What exists only as a view is left out.
#[must_use]
pub fn shapes(facade: &Facade) -> FacadeShapes {
    let mut scope = reserved();
    let in_json = in_json(facade);
    let types: BTreeMap<&str, Ident> = in_json.keys().map(|name| (*name, scope.type_ident(name, "Type"))).collect();
    let mut names = Names { types, words: BTreeMap::new(), word_items: BTreeMap::new() };
    names.name_words(&in_json, &mut scope);
    let mut items: BTreeMap<String, Item> =
        facade.types.iter().filter_map(|(name, ty)| Some((name.clone(), names.item(name, ty)?))).collect();
    cycles::break_up(items.values_mut());
    let views = super::views::of_json(facade).into_iter().filter(|name| !items.contains_key(name)).map(|name| {
        let doc = facade.types.get(&name).map_or("", |def| &def.doc);
        (crate::names::type_ident(&name), format!(" {doc}"))
    });
    FacadeShapes { views: views.collect(), types: items, words: names.word_items }
}

/// The spelling that means "this type's words": type and member.
type Place = (String, String);

/// Type, member and words.
type Use<'f> = (&'f str, &'f FacadeMember, &'f [String]);

struct Names<'f> {
    types: BTreeMap<&'f str, Ident>,
    words: BTreeMap<Place, Ident>,
    word_items: BTreeMap<String, Item>,
}

impl Names<'_> {
    /// A set of words is named after its member (`StopReason`) when that says enough: several words, or the same in
    /// several types. Otherwise after type and member (`ImageBlock.format` is `ImageFormat`).
    fn name_words(&mut self, types: &BTreeMap<&str, &FacadeType>, scope: &mut Scope) {
        let mut uses: BTreeMap<&str, Vec<Use<'_>>> = BTreeMap::new();
        for (name, ty) in types {
            for member in ty.members.iter().filter(|m| !m.is_virtual) {
                if let Some(values) = words_in(&member.ty) {
                    uses.entry(&member.name).or_default().push((name, member, values));
                }
            }
        }
        for (member_name, places) in uses {
            let sets: BTreeSet<&[String]> = places.iter().map(|(_, _, values)| *values).collect();
            let shared = sets.len() == 1 && (places.len() > 1 || member_name.contains(|c: char| c.is_uppercase()));
            let mut common = None;
            for (type_name, member, values) in places {
                let stem = type_name.strip_suffix("Block").unwrap_or(type_name);
                let full = format!("{stem}.{member_name}");
                let ident = match (&common, shared) {
                    (Some(ident), true) => Ident::clone(ident),
                    (None, true) => scope.type_ident(member_name, &full),
                    (_, false) => scope.type_ident(&full, "Word"),
                };
                common = Some(ident.clone());
                self.words.insert((type_name.to_owned(), member_name.to_owned()), ident.clone());
                self.word_items.entry(ident.to_string()).or_insert_with(|| word_item(ident, member, values));
            }
        }
    }

    fn item(&self, name: &str, ty: &FacadeType) -> Option<Item> {
        let members = ty.members.iter().filter(|m| !m.is_virtual);
        let kind = match ty.kind {
            FacadeKind::Struct => {
                let mut scope = Scope::default();
                let members = members.map(|m| self.member(name, m, &mut scope)).collect();
                let extra = Some(scope.field_ident("extra", "members"));
                ItemKind::Struct(Shape { tag: None, members, extra })
            }
            FacadeKind::Union => {
                let mut scope = Scope::with(&["Unknown"]);
                let variants = members.map(|m| Variant {
                    ident: scope.type_ident(&m.name, "arm"),
                    key: m.name.clone(),
                    ty: self.ty(name, m, &m.ty),
                    doc: m.doc.clone(),
                });
                let variants = variants.collect();
                ItemKind::External(External { variants, words: Vec::new(), unknown: UnknownForm::NameAndValue })
            }
        };
        let doc = super::doc::or(&ty.doc, || format!("`{name}` of Converse."));
        Some(Item { ident: self.types.get(name)?.clone(), doc, kind })
    }

    fn member(&self, type_name: &str, m: &FacadeMember, scope: &mut Scope) -> Member {
        Member {
            ident: scope.field_ident(&m.name, "member"),
            key: m.name.clone(),
            aliases: Vec::new(),
            ty: self.ty(type_name, m, &m.ty),
            required: m.required,
            nullable: !m.required,
            doc: m.doc.clone(),
        }
    }

    fn ty(&self, type_name: &str, m: &FacadeMember, ty: &FacadeTy) -> RustTy {
        match ty {
            FacadeTy::Str | FacadeTy::Blob => RustTy::Str,
            FacadeTy::Int => RustTy::Int,
            FacadeTy::Float => RustTy::Num,
            FacadeTy::Bool => RustTy::Bool,
            FacadeTy::Json => RustTy::Json,
            FacadeTy::List(item) => RustTy::List(Box::new(self.ty(type_name, m, item))),
            FacadeTy::Map(item) => RustTy::Map(Box::new(self.ty(type_name, m, item))),
            FacadeTy::Named(name) => {
                self.types.get(name.as_str()).map_or(RustTy::Json, |ident| RustTy::Named(ident.clone(), true))
            }
            FacadeTy::Enum(_) => match self.words.get(&(type_name.to_owned(), m.name.clone())) {
                Some(ident) => RustTy::Named(ident.clone(), true),
                None => RustTy::Str,
            },
        }
    }
}

/// The types of values: those that nothing refers to (bodies, events, and what chunks signal), and what they lead to.
fn in_json(facade: &Facade) -> BTreeMap<&str, &FacadeType> {
    let referred: BTreeSet<&str> =
        facade.types.iter().flat_map(|(name, ty)| refers(ty).filter(move |to| to != name)).collect();
    let is_root = |name: &str, ty: &FacadeType| ty.view_of.is_none() && !referred.contains(name);
    let mut open: Vec<&str> =
        facade.types.iter().filter(|(name, ty)| is_root(name, ty)).map(|(name, _)| name.as_str()).collect();
    let mut found = BTreeMap::new();
    while let Some(name) = open.pop() {
        if let Some(ty) = facade.types.get(name).filter(|_| !found.contains_key(name)) {
            found.insert(name, ty);
            open.extend(refers(ty));
        }
    }
    found
}

/// The types that the members of a type name.
pub(super) fn refers(ty: &FacadeType) -> impl Iterator<Item = &str> {
    fn named(ty: &FacadeTy) -> Option<&str> {
        match ty {
            FacadeTy::Named(name) => Some(name),
            FacadeTy::List(item) | FacadeTy::Map(item) => named(item),
            _ => None,
        }
    }
    ty.members.iter().filter(|m| !m.is_virtual).filter_map(|m| named(&m.ty))
}

fn words_in(ty: &FacadeTy) -> Option<&[String]> {
    match ty {
        FacadeTy::Enum(values) => Some(values),
        FacadeTy::List(item) | FacadeTy::Map(item) => words_in(item),
        _ => None,
    }
}

fn word_item(ident: Ident, member: &FacadeMember, values: &[String]) -> Item {
    let mut scope = Scope::with(&["Other"]);
    let words = values.iter().map(|text| Word {
        ident: scope.type_ident(text, "word"),
        text: text.clone(),
        doc: String::new(),
    });
    let words = Words { words: words.collect(), other: Some(crate::names::ident("Other")) };
    let doc = super::doc::or(&member.doc, || format!("Values of `{}`.", member.name));
    Item { ident, doc, kind: ItemKind::Words(words) }
}

/// The module of the Converse types.
#[must_use]
pub fn emit(facade: &Facade, shapes: &FacadeShapes, options: &crate::Options) -> proc_macro2::TokenStream {
    let (runtime, vis) = (&options.runtime, &options.vis);
    let streams = shapes.types.contains_key("Signal").then(|| {
        quote::quote! {
            #[doc(inline)]
            pub use crate::{stops, stream};
        }
    });
    let left = super::left::emit(facade, shapes);
    let items: Vec<&Item> = shapes.items().collect();
    let items = super::items::emit(items.iter().copied(), super::items::Audience::Programs, vis);
    let views = shapes.views.iter().map(|(ident, doc)| quote::quote!(#[doc = #doc] #vis type #ident<'a> = View<'a>;));
    quote::quote! {
        #![doc = " Converse as types: requests, responses and stream events."]
        // How large variants are is up to the format; arms that write are printed with braces and without.
        #![allow(clippy::large_enum_variant, clippy::semicolon_if_nothing_returned)]
        use #runtime::cx as rt;
        use #runtime::json::*;
        #streams
        #items
        #left
        #(#views)*
    }
}
