//! The checker: what a well-formed spec must keep to so that no value is lost and every body reads back.
//!
//! Each check looks at the whole family and adds to the list; none stops at the first fault.

use crate::diag::Diagnostic;
use crate::ir::{Case, CaseBody, Family, Field, Struct, Ty, TypeDef, TypeId, TypeKind, Union};
use std::collections::BTreeSet;

pub mod catalogue;
pub mod coverage;
pub mod examples;
mod exercise;
mod fits;
mod injective;
mod leaves;
pub mod literals;
pub mod maps;
pub mod paths;
mod places;
pub mod prompt;
mod reach;
#[cfg(feature = "interp")]
pub mod replay;
mod rules;
pub mod shapes;
pub mod stream;
pub mod unions;

/// The view of stream types.
const SIGNAL: &str = "Signal";

/// Everything that can be said about a family, in the order of its files.
#[must_use]
pub fn all(family: &Family) -> Vec<Diagnostic> {
    let mut faults = local(family);
    shapes::unused(family, &mut faults);
    coverage::check(family, &mut faults);
    stream::check(family, &mut faults);
    examples::check(family, &mut faults);
    #[cfg(feature = "interp")]
    if faults.is_empty() {
        // Running a spec that is not sound would only show the same faults from another side.
        replay::check(family, &mut faults);
    }
    sorted(faults)
}

/// The checks that look at one declaration at a time. They make sense on a family of which parts could not be read,
/// when the others would only repeat what the missing parts cause.
#[must_use]
pub fn local(family: &Family) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    paths::check(family, &mut faults);
    shapes::check(family, &mut faults);
    literals::check(family, &mut faults);
    maps::check(family, &mut faults);
    unions::check(family, &mut faults);
    prompt::check(family, &mut faults);
    catalogue::check(family, &mut faults);
    rules::check(family, &mut faults);
    sorted(faults)
}

fn sorted(mut faults: Vec<Diagnostic>) -> Vec<Diagnostic> {
    faults.sort_by_key(|fault| (fault.span.file, fault.span.start, fault.code));
    faults.dedup();
    faults
}

/// The structs of a type: itself, or those of its cases.
fn structs(def: &TypeDef) -> Vec<&Struct> {
    match &def.kind {
        TypeKind::Struct(record) => vec![record],
        TypeKind::Union(union) => case_structs(union).collect(),
        TypeKind::TextOrList(_) | TypeKind::Map(_) | TypeKind::Regions(_) => Vec::new(),
    }
}

fn case_structs(union: &Union) -> impl Iterator<Item = &Struct> {
    union.cases.iter().filter_map(|case| match &case.body {
        CaseBody::Struct(record) => Some(record),
        CaseBody::Value(_) => None,
    })
}

/// The members of a case: its own, or those of the object that it shares with others.
fn case_record<'f>(family: &'f Family, case: &'f Case) -> Option<&'f Struct> {
    match &case.body {
        CaseBody::Struct(record) => Some(record),
        CaseBody::Value(Ty::Named(id)) => match family.types.get(*id).map(|def| &def.kind) {
            Some(TypeKind::Struct(record)) => Some(record),
            _ => None,
        },
        CaseBody::Value(_) => None,
    }
}

/// Every member of every native object.
fn fields(family: &Family) -> impl Iterator<Item = &Field> {
    family.types.iter().flat_map(structs).flat_map(|record| &record.fields)
}

/// The named types in a type expression.
fn named(ty: &Ty) -> Option<TypeId> {
    match ty {
        Ty::Named(id) => Some(*id),
        Ty::List(item, _) | Ty::OneOrList(item) | Ty::Only { item, .. } | Ty::Map(item) => named(item),
        _ => None,
    }
}

/// The types that are elements of a list somewhere.
fn listed(family: &Family) -> BTreeSet<TypeId> {
    let element = |ty: &Ty| match ty {
        Ty::List(item, _) | Ty::OneOrList(item) => named(item),
        _ => None,
    };
    let of_fields = fields(family).filter_map(|field| element(&field.ty));
    let of_types = family.types.iter().filter_map(|def| match &def.kind {
        TypeKind::TextOrList(list) => Some(list.item),
        _ => None,
    });
    of_fields.chain(of_types).collect()
}

/// All types that can be met below these roots.
fn reachable(family: &Family, roots: impl IntoIterator<Item = TypeId>) -> BTreeSet<TypeId> {
    let mut met = BTreeSet::new();
    let mut open: Vec<TypeId> = roots.into_iter().collect();
    while let Some(id) = open.pop() {
        let Some(def) = family.types.get(id) else { continue };
        if !met.insert(id) {
            continue;
        }
        open.extend(structs(def).iter().flat_map(|record| &record.fields).filter_map(|field| named(&field.ty)));
        match &def.kind {
            TypeKind::Union(union) => {
                open.extend(union.trailing.iter().filter_map(|trailing| named(&trailing.ty)));
                open.extend(union.cases.iter().filter_map(|case| match &case.body {
                    CaseBody::Value(ty) => named(ty),
                    CaseBody::Struct(_) => None,
                }));
            }
            TypeKind::TextOrList(list) => open.push(list.item),
            TypeKind::Struct(_) | TypeKind::Map(_) | TypeKind::Regions(_) => {}
        }
    }
    met
}
