//! The types that a family's bodies are made of.

use std::collections::BTreeSet;

use outcrop_lang::ir::{CaseBody, Family, Field, Tag, Ty, TypeId, TypeKind};

/// Types that the root types lead to, in the order of the spec.
pub(super) fn reachable(family: &Family) -> BTreeSet<TypeId> {
    let roots = [family.chat.request, family.chat.response, family.chat.stream];
    let mut open: Vec<TypeId> = roots.into_iter().flatten().collect();
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if found.insert(id)
            && let Some(def) = family.types.get(id)
        {
            uses(family, &def.kind, &mut open);
        }
    }
    found
}

fn uses(family: &Family, kind: &TypeKind, into: &mut Vec<TypeId>) {
    match kind {
        TypeKind::Struct(body) => fields(&body.fields, into),
        TypeKind::TextOrList(list) => into.push(list.item),
        TypeKind::Map(_) | TypeKind::Regions(_) => {}
        TypeKind::Union(union) => {
            union.trailing.iter().for_each(|t| named(&t.ty, into));
            for case in &union.cases {
                match &case.body {
                    CaseBody::Struct(body) => fields(&body.fields, into),
                    // Beside a tag, a struct's members are the case's own.
                    CaseBody::Value(Ty::Named(id)) if matches!(union.tag, Tag::Internal { .. }) => {
                        if let Some(TypeKind::Struct(body)) = family.types.get(*id).map(|def| &def.kind) {
                            fields(&body.fields, into);
                        }
                    }
                    CaseBody::Value(ty) => named(ty, into),
                }
            }
        }
    }
}

fn fields(fields: &[Field], into: &mut Vec<TypeId>) {
    for field in fields {
        named(&field.ty, into);
    }
}

fn named(ty: &Ty, into: &mut Vec<TypeId>) {
    match ty {
        Ty::Named(id) => into.push(*id),
        Ty::List(item, _) | Ty::OneOrList(item) | Ty::Map(item) | Ty::Only { item, .. } => named(item, into),
        _ => {}
    }
}
