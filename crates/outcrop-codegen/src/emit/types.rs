//! The native types of a family as Rust types.
//!
//! They describe the wire alone. Cases that share a tag differ only in what they mean to Converse, so they are one
//! variant here, with the members of all of them.

use outcrop_lang::ir::{
    Case, CaseBody, Family, Literal, Struct, Tag, Trailing, Ty, TypeDef, TypeKind, Union, ValueMap,
};
use proc_macro2::Ident;

use super::merge::merge;
use super::shape::{
    ByShape, External, Internal, Item, ItemKind, Member, OnlyForm, RustTy, Shape, ShapeTest, ShapeVariant, TagMember,
    UnknownForm, Variant, Word, Words,
};
use super::{cycles, reserved};
use crate::names::{Scope, ident};

/// Decides names and types, in the order of the spec.
#[must_use]
pub fn shapes(family: &Family) -> Vec<Item> {
    let mut scope = reserved();
    let idents = family.types.iter().map(|def| scope.type_ident(&def.name, "Type")).collect();
    let mut lower = Lower { family, idents, scope, items: Vec::new() };
    for (def, ident) in family.types.iter().zip(lower.idents.clone()) {
        lower.type_def(def, ident);
    }
    cycles::break_up(lower.items.iter_mut());
    lower.items
}

struct Lower<'f> {
    family: &'f Family,
    idents: Vec<Ident>,
    scope: Scope,
    items: Vec<Item>,
}

impl Lower<'_> {
    fn type_def(&mut self, def: &TypeDef, ident: Ident) {
        let kind = match &def.kind {
            TypeKind::Struct(body) => ItemKind::Struct(self.shape(body, &[], None, true)),
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

    fn ty(&self, ty: &Ty) -> RustTy {
        match ty {
            Ty::Str(_) | Ty::Base64 { .. } | Ty::JsonText | Ty::DataUrl(_) | Ty::Media(_) | Ty::Prompt => RustTy::Str,
            Ty::Int(_) => RustTy::Int,
            Ty::Float(_) => RustTy::Num,
            Ty::Bool => RustTy::Bool,
            Ty::Json => RustTy::Json,
            Ty::Named(id) => self.named(*id).unwrap_or(RustTy::Json),
            Ty::List(item, _) => RustTy::List(Box::new(self.ty(item))),
            Ty::OneOrList(item) => RustTy::OneOrList(Box::new(self.ty(item))),
            Ty::Only { item, optional } => {
                let form = if *optional { OnlyForm::OneOrNone } else { OnlyForm::One };
                RustTy::Only(Box::new(self.ty(item)), form)
            }
            Ty::Map(item) => RustTy::Map(Box::new(self.ty(item))),
        }
    }

    fn shape(&self, body: &Struct, trailing: &[&Trailing], tag: Option<TagMember>, open: bool) -> Shape {
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
                required: field.required,
                nullable: field.nullable,
                sum_of: Vec::new(),
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
                sum_of: Vec::new(),
                doc: String::new(),
            });
        }
        Shape { tag, members, extra: open.then(|| scope.field_ident("extra", "members")) }
    }

    fn union(&mut self, def: &TypeDef, union: &Union) -> ItemKind {
        let unknown = match union.unknown {
            outcrop_lang::ir::Unknown::Refuse => UnknownForm::Refused,
            _ => UnknownForm::Whole,
        };
        let mut scope = Scope::with(&["Unknown"]);
        match &union.tag {
            Tag::Internal { key, absent } => {
                let groups = by_value(union);
                let absent_value = absent.and_then(|i| union.cases.get(i)).map(|case| &case.value);
                let mut absent = None;
                let mut variants = Vec::new();
                for (value, cases) in groups {
                    let tag =
                        TagMember { key: key.clone(), value: value.clone(), written: absent_value != Some(value) };
                    let shapes = cases.iter().map(|case| self.case_shape(union, case, Some(tag.clone()), true));
                    let variant = self.variant(def, &cases, value, shapes.collect(), &mut scope);
                    if absent_value == Some(value) {
                        absent = Some(variant.ident.clone());
                    }
                    variants.push(variant);
                }
                let words = union_words(union, &mut scope);
                ItemKind::Internal(Internal { tag: key.clone(), variants, absent, words, unknown })
            }
            Tag::External => {
                let mut variants = Vec::new();
                for (value, cases) in by_value(union) {
                    variants.push(self.payload_variant(def, &cases, value, &mut scope));
                }
                let words = union_words(union, &mut scope);
                ItemKind::External(External { variants, words, unknown })
            }
            Tag::Shape => {
                let mut variants = Vec::new();
                for case in &union.cases {
                    let when = match &case.body {
                        CaseBody::Value(ty) => self.first_bytes(ty),
                        CaseBody::Struct(body) => members_test(body, case, &trailing_of(union, case)),
                    };
                    let variant = match &case.body {
                        CaseBody::Value(ty) => value_variant(case, self.ty(ty), &mut scope),
                        CaseBody::Struct(_) => {
                            let shape = self.case_shape(union, case, None, false);
                            self.variant(def, &[case], &case.name, vec![shape], &mut scope)
                        }
                    };
                    variants.push(ShapeVariant { variant, when });
                }
                let words = union_words(union, &mut scope);
                ItemKind::ByShape(ByShape { variants, words, unknown })
            }
        }
    }

    /// A variant over the payload of an external tag.
    fn payload_variant(&mut self, def: &TypeDef, cases: &[&Case], value: &str, scope: &mut Scope) -> Variant {
        let types: Vec<RustTy> = cases
            .iter()
            .filter_map(|case| match &case.body {
                CaseBody::Value(ty) => Some(self.ty(ty)),
                CaseBody::Struct(_) => None,
            })
            .collect();
        if let (Some(case), Some(ty)) = (cases.first(), types.first()) {
            let same = types.len() == cases.len() && types.iter().all(|other| other == ty);
            return value_variant(case, if same { ty.clone() } else { RustTy::Json }, scope);
        }
        let bodies = cases.iter().filter_map(|case| match &case.body {
            CaseBody::Struct(body) => Some(self.shape(body, &[], None, true)),
            CaseBody::Value(_) => None,
        });
        let bodies = bodies.collect();
        self.variant(def, cases, value, bodies, scope)
    }

    /// A variant over a struct of its own, named after union and case.
    fn variant(
        &mut self,
        def: &TypeDef,
        cases: &[&Case],
        value: &str,
        shapes: Vec<Shape>,
        scope: &mut Scope,
    ) -> Variant {
        let name = cases.first().map_or(value, |case| case.name.as_str());
        let doc = cases.iter().map(|case| case.doc.as_str()).find(|doc| !doc.is_empty()).unwrap_or("").to_owned();
        let item = self.scope.type_ident(&format!("{}.{name}", def.name), "Case");
        let struct_doc = super::doc::or(&doc, || format!("`{value}` of [`{}`].", self.ident_of(def)));
        self.items.push(Item { ident: item.clone(), doc: struct_doc, kind: ItemKind::Struct(merge(shapes)) });
        Variant { ident: scope.type_ident(name, "case"), key: value.to_owned(), ty: RustTy::Named(item, true), doc }
    }

    fn ident_of(&self, def: &TypeDef) -> String {
        let at = self.family.types.iter().position(|other| other.name == def.name);
        at.and_then(|i| self.idents.get(i)).map(Ident::to_string).unwrap_or_default()
    }

    /// The members of a case; a payload type that is a struct gives its own.
    fn case_shape(&self, union: &Union, case: &Case, tag: Option<TagMember>, open: bool) -> Shape {
        let trailing = trailing_of(union, case);
        match &case.body {
            CaseBody::Struct(body) => self.shape(body, &trailing, tag, open),
            CaseBody::Value(Ty::Named(id)) => match self.family.types.get(*id).map(|def| &def.kind) {
                Some(TypeKind::Struct(body)) => self.shape(body, &trailing, tag, open),
                _ => self.shape(&Struct::default(), &trailing, tag, open),
            },
            CaseBody::Value(_) => self.shape(&Struct::default(), &trailing, tag, open),
        }
    }

    /// How the JSON values of a type begin.
    fn first_bytes(&self, ty: &Ty) -> ShapeTest {
        match ty {
            Ty::Json => ShapeTest::Any,
            Ty::Int(_) | Ty::Float(_) => ShapeTest::FirstByte(b"-0123456789".to_vec()),
            Ty::Bool => ShapeTest::FirstByte(b"tf".to_vec()),
            Ty::List(..) | Ty::Only { .. } => ShapeTest::FirstByte(b"[".to_vec()),
            Ty::OneOrList(item) => match self.first_bytes(item) {
                ShapeTest::FirstByte(mut bytes) => {
                    bytes.push(b'[');
                    ShapeTest::FirstByte(bytes)
                }
                other => other,
            },
            Ty::Map(_) => ShapeTest::FirstByte(b"{".to_vec()),
            Ty::Named(id) => match self.family.types.get(*id).map(|def| &def.kind) {
                Some(TypeKind::Struct(_)) => ShapeTest::FirstByte(b"{".to_vec()),
                Some(TypeKind::Union(union)) if union.words.is_empty() => ShapeTest::FirstByte(b"{".to_vec()),
                Some(TypeKind::Union(_)) => ShapeTest::FirstByte(b"{\"".to_vec()),
                Some(TypeKind::TextOrList(_)) => ShapeTest::FirstByte(b"\"[".to_vec()),
                Some(TypeKind::Map(map)) if words(map).is_none() => match scalar(map) {
                    RustTy::Bool => ShapeTest::FirstByte(b"tf".to_vec()),
                    RustTy::Num => ShapeTest::FirstByte(b"-0123456789".to_vec()),
                    _ => ShapeTest::Any,
                },
                _ => ShapeTest::FirstByte(b"\"".to_vec()),
            },
            _ => ShapeTest::FirstByte(b"\"".to_vec()),
        }
    }
}

fn value_variant(case: &Case, ty: RustTy, scope: &mut Scope) -> Variant {
    Variant { ident: scope.type_ident(&case.name, "case"), key: case.value.clone(), ty, doc: case.doc.clone() }
}

fn members_test(body: &Struct, case: &Case, trailing: &[&Trailing]) -> ShapeTest {
    let is_required = |key: &String, required: bool| required || case.has.contains(key);
    let mut required: Vec<String> = Vec::new();
    let mut optional: Vec<String> = Vec::new();
    for field in &body.fields {
        if is_required(&field.key, field.required && !field.nullable && field.aliases.is_empty()) {
            required.push(field.key.clone());
        } else {
            optional.push(field.key.clone());
        }
        optional.extend(field.aliases.iter().cloned());
    }
    optional.extend(trailing.iter().map(|t| t.key.clone()));
    ShapeTest::Members(required, optional)
}

fn trailing_of<'u>(union: &'u Union, case: &Case) -> Vec<&'u Trailing> {
    union.trailing.iter().filter(|t| t.on.is_empty() || t.on.contains(&case.name)).collect()
}

/// The cases with the same tag value, in order of first appearance.
fn by_value(union: &Union) -> Vec<(&String, Vec<&Case>)> {
    let mut groups: Vec<(&String, Vec<&Case>)> = Vec::new();
    for case in &union.cases {
        match groups.iter_mut().find(|(value, _)| **value == case.value) {
            Some((_, cases)) => cases.push(case),
            None => groups.push((&case.value, vec![case])),
        }
    }
    groups
}

fn union_words(union: &Union, scope: &mut Scope) -> Vec<Word> {
    let words = union.words.iter().map(|(text, _)| Word {
        ident: scope.type_ident(text, "word"),
        text: text.clone(),
        doc: String::new(),
    });
    words.collect()
}

/// The native values of a table of strings.
fn words(map: &ValueMap) -> Option<Words> {
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
fn scalar(map: &ValueMap) -> RustTy {
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
pub fn emit(items: &[Item], options: &crate::Options) -> proc_macro2::TokenStream {
    let (runtime, vis) = (&options.runtime, &options.vis);
    let items = super::items::emit(items.iter(), super::items::Owned::No, vis);
    quote::quote! {
        #![doc = " The bodies of the format as types."]
        // How large variants are is up to the format.
        #![allow(clippy::large_enum_variant)]
        use #runtime::json::*;
        #items
    }
}
