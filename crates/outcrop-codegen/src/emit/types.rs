//! The native types of a family as Rust types.
//!
//! They describe the wire alone. Cases that share a tag differ only in what they mean to Converse, so they are one
//! variant here, with the members of all of them.

use outcrop_lang::ir::{Family, JsonKind, Literal, Struct, Tag, Trailing, Ty, TypeId, TypeKind, ValueMap, Way};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::reach::reachable;
use super::shape::{Item, ItemKind, Member, RustTy, Shape, TagMember, Word, Words};
use super::{cycles, reserved};
use crate::names::{Scope, ident, type_ident};
use crate::share::Piece;

/// Decides names and types, in the order of the spec.
#[must_use]
pub fn shapes(family: &Family) -> Vec<Item> {
    let (idents, scope) = name_types(family);
    let mut lower = Lower { family, idents, scope, items: Vec::new() };
    for id in reachable(family) {
        lower.type_def(id);
    }
    cycles::break_up(lower.items.iter_mut());
    lower.items
}

/// The Rust name of each type of the family, by its id.
#[must_use]
pub fn idents(family: &Family) -> Vec<Ident> {
    name_types(family).0
}

fn name_types(family: &Family) -> (Vec<Ident>, Scope) {
    let (mut scope, reachable) = (reserved(), reachable(family));
    // Types that only the service's side keys use take no names away.
    let idents = family.types.iter().enumerate().map(|(id, def)| {
        if reachable.contains(&id) { scope.type_ident(&def.name, "Type") } else { type_ident(&def.name) }
    });
    (idents.collect(), scope)
}

pub(super) struct Lower<'f> {
    pub(super) family: &'f Family,
    idents: Vec<Ident>,
    pub(super) scope: Scope,
    pub(super) items: Vec<Item>,
}

impl Lower<'_> {
    fn type_def(&mut self, id: TypeId) {
        let (Some(def), Some(ident)) = (self.family.types.get(id), self.idents.get(id).cloned()) else { return };
        let kind = match &def.kind {
            TypeKind::Struct(body) => ItemKind::Struct(self.shape(body, &[], None, true)),
            // Chunks that are told apart by their one member may have members of the service beside it.
            TypeKind::Union(union) if union.tag == Tag::External && self.family.chat.stream == Some(id) => {
                ItemKind::Struct(self.all_arms(def, union))
            }
            TypeKind::Union(union) => self.union(def, union),
            TypeKind::TextOrList(list) => match self.named(list.item) {
                Some(item) => ItemKind::TextOrList(item),
                None => return,
            },
            TypeKind::Map(map) => match words(map) {
                Some(words) => ItemKind::Words(words),
                None => return,
            },
            TypeKind::Regions(_) => return,
        };
        let doc = super::doc::or(&def.doc, || format!("`{}` of the format.", def.name));
        self.items.push(Item { ident, doc, kind });
    }

    /// The Rust type of a named native type. Types that are only about meaning are plain values.
    fn named(&self, id: usize) -> Option<RustTy> {
        let (def, ident) = (self.family.types.get(id)?, self.idents.get(id)?);
        Some(match &def.kind {
            TypeKind::Regions(_) => RustTy::Str,
            TypeKind::Map(map) => match words(map) {
                Some(words) => RustTy::Named(ident.clone(), words.other.is_some()),
                None => scalar(map),
            },
            _ => RustTy::Named(ident.clone(), true),
        })
    }

    pub(super) fn ty(&self, ty: &Ty) -> RustTy {
        match ty {
            Ty::Named(id) => self.named(*id).unwrap_or(RustTy::Json),
            // How many elements make sense is a matter of the translation.
            Ty::List(item, _) | Ty::Only { item, .. } => RustTy::List(Box::new(self.ty(item))),
            Ty::OneOrList(item) => RustTy::OneOrList(Box::new(self.ty(item))),
            Ty::Map(item) => RustTy::Map(Box::new(self.ty(item))),
            plain => match plain.json_kind() {
                JsonKind::Text => RustTy::Str,
                JsonKind::Int => RustTy::Int,
                JsonKind::Float => RustTy::Num,
                JsonKind::Bool => RustTy::Bool,
                _ => RustTy::Json,
            },
        }
    }

    pub(super) fn shape(&self, body: &Struct, trailing: &[&Trailing], tag: Option<TagMember>, open: bool) -> Shape {
        let mut scope = Scope::default();
        let tag_key = tag.as_ref().map(|tag| tag.key.as_str());
        let mut members: Vec<Member> = Vec::new();
        for field in body.fields.iter().filter(|f| Some(f.key.as_str()) != tag_key) {
            if members.iter().any(|m| m.key == field.key) {
                continue;
            }
            members.push(Member {
                ident: scope.field_ident(&field.key, "member"),
                key: field.key.clone(),
                aliases: field.aliases.clone(),
                ty: self.ty(&field.ty),
                required: field.required && field.way != Way::Encode,
                nullable: field.nullable,
                doc: field.doc.clone(),
            });
        }
        for t in trailing {
            members.push(Member {
                ident: scope.field_ident(&t.key, "trailing"),
                key: t.key.clone(),
                aliases: Vec::new(),
                ty: self.ty(&t.ty),
                required: false,
                nullable: true,
                doc: String::new(),
            });
        }
        Shape { tag, members, extra: open.then(|| scope.field_ident("extra", "members")) }
    }
}

/// The native values of a table of strings.
pub(super) fn words(map: &ValueMap) -> Option<Words> {
    let mut scope = Scope::with(&["Other"]);
    let mut words: Vec<Word> = Vec::new();
    for literal in natives(map) {
        let Literal::Str(text) = literal else { return None };
        if words.iter().all(|word| word.text != *text) {
            words.push(Word { ident: scope.type_ident(text, "word"), text: text.clone(), doc: String::new() });
        }
    }
    Some(Words { words, other: map.open.then(|| ident("Other")) })
}

fn natives(map: &ValueMap) -> impl Iterator<Item = &Literal> {
    let when = map.when.iter().flat_map(|when| &when.rows);
    map.rows.iter().chain(&map.reads).chain(when).map(|(native, _)| native)
}

/// The type of a table that is not all strings.
pub(super) fn scalar(map: &ValueMap) -> RustTy {
    if natives(map).all(|native| matches!(native, Literal::Bool(_))) {
        RustTy::Bool
    } else if natives(map).all(|native| matches!(native, Literal::Num(_))) {
        RustTy::Num
    } else {
        RustTy::Json
    }
}

/// The module of a family's native types.
#[must_use]
pub fn emit(items: &[Item], options: &crate::Options) -> TokenStream {
    module(super::items::emit(items.iter(), super::items::Audience::Codecs, &options.vis), options)
}

/// The types one by one.
pub(crate) fn pieces(items: &[Item], options: &crate::Options) -> Vec<Piece> {
    let each = super::items::each(items.iter(), super::items::Audience::Codecs, &options.vis);
    each.into_iter().map(|(ident, tokens)| Piece::of_type(ident, tokens)).collect()
}

/// A module of these types.
pub(crate) fn module(types: TokenStream, options: &crate::Options) -> TokenStream {
    let runtime = &options.runtime;
    quote! {
        #![doc = " The bodies of the format as types."]
        // How large variants are is up to the format.
        #![allow(clippy::large_enum_variant, unused_imports)]
        use #runtime::json::*;
        #types
    }
}
