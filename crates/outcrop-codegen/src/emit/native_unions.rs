//! Unions on the wire.

use outcrop_lang::ir::{Case, CaseBody, Struct, Tag, Trailing, Ty, TypeDef, TypeKind, Union};

use super::merge::merge;
use super::shape::{
    ByShape, External, Internal, Item, ItemKind, Member, RustTy, Shape, ShapeTest, ShapeVariant, TagMember,
    UnknownForm, Variant, Word,
};
use super::types::{Lower, scalar, words};
use crate::names::Scope;

impl Lower<'_> {
    /// An object that may have a member for each case, and others.
    pub(super) fn all_arms(&mut self, def: &TypeDef, union: &Union) -> Shape {
        let mut scope = Scope::default();
        let mut fields = Scope::default();
        let mut members = Vec::new();
        for (value, cases) in by_value(union) {
            let variant = self.payload_variant(def, &cases, value, &mut scope);
            members.push(Member {
                ident: fields.field_ident(value, "case"),
                key: value.clone(),
                aliases: Vec::new(),
                ty: variant.ty,
                required: false,
                nullable: false,
                doc: variant.doc,
            });
        }
        Shape { tag: None, members, extra: Some(fields.field_ident("extra", "members")) }
    }

    pub(super) fn union(&mut self, def: &TypeDef, union: &Union) -> ItemKind {
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
        let struct_doc = super::doc::or(&doc, || format!("`{value}` of `{}`.", def.name));
        let mut shape = merge(shapes);
        if shape.extra.is_none() && !shape.members.iter().any(|m| m.ty.borrows()) {
            // Every type has a lifetime, so something in it must borrow.
            let taken: Vec<String> = shape.members.iter().map(|m| m.ident.to_string()).collect();
            let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
            shape.extra = Some(Scope::with(&taken).field_ident("extra", "members"));
        }
        self.items.push(Item { ident: item.clone(), doc: struct_doc, kind: ItemKind::Struct(shape) });
        Variant { ident: scope.type_ident(name, "case"), key: value.to_owned(), ty: RustTy::Named(item, true), doc }
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
