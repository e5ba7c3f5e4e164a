//! Unions and their relatives: every case can be reached, in both directions, and tags tell cases apart.

use super::{SIGNAL, case_record, listed};
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{
    Case, CaseBody, Family, Field, JsonKind, Lens, Path, Span, Struct, Tag, Ty, TypeKind, Union, Unknown, Way,
};
use std::collections::BTreeSet;

/// The view in which several cases may share a role.
const TURN: &str = "Turn";

/// Checks every union of the family.
pub fn check(family: &Family, faults: &mut Vec<Diagnostic>) {
    let listed = listed(family);
    for (id, def) in family.types.iter().enumerate() {
        if let TypeKind::Struct(record) = &def.kind
            && record.view == TURN
        {
            let message = format!("`{}` is a struct over `Turn`, and no member of it tells the role", def.name);
            faults.push(Diagnostic::new(Code::TypeMismatch, def.span, message).help(
                "give it a required member with `as: role` and, where its values are others, a `map:` without `unknown: other`; or write a union with `tag:` and a case for each role",
            ));
        }
        let TypeKind::Union(union) = &def.kind else { continue };
        for (index, case) in union.cases.iter().enumerate() {
            let earlier = || union.cases.iter().take(index);
            if case.way != Way::Encode {
                let mut rivals = earlier().filter(|other| other.way != Way::Encode);
                faults.extend(rivals.find_map(|other| decode_rival(family, &union.tag, other, case)));
            }
            if case.way != Way::Decode && union.view != SIGNAL {
                let mut rivals = earlier().filter(|other| other.way != Way::Decode);
                if let Some(other) = rivals.find(|other| encodes_all_of(family, union, other, case)) {
                    let message = format!("`{}` is never written: `{}` matches first", case.name, other.name);
                    faults.push(
                        Diagnostic::new(Code::Unreachable, case.span, message)
                            .label(other.span, "matches everything that this one does")
                            .help(
                                "put the narrower case first, give one of them `where:`, or restrict one with `way:`",
                            ),
                    );
                }
            }
        }
        if union.unknown == Unknown::Keep && listed.contains(&id) && !has_native(family, union) {
            let message = format!("`{}` has no arm `native` to keep unknown elements in", union.view);
            faults.push(
                Diagnostic::new(Code::CannotKeep, def.span, message).help("say `unknown: refuse` or `unknown: skip`"),
            );
        }
        trailing(family, union, faults);
    }
}

fn has_native(family: &Family, union: &Union) -> bool {
    family.facade.types.get(&union.view).is_none_or(|def| def.members.iter().any(|member| member.name == "native"))
}

/// The fault of the later of two cases that decoding cannot tell apart.
fn decode_rival(family: &Family, tag: &Tag, earlier: &Case, later: &Case) -> Option<Diagnostic> {
    if *tag == Tag::Shape {
        return shape_rival(family, earlier, later);
    }
    if earlier.value != later.value {
        return None;
    }
    if earlier.has.is_empty() {
        let message = format!("`{}` and `{}` have the same tag `{}`", earlier.name, later.name, later.value);
        return Some(
            Diagnostic::new(Code::AmbiguousTag, later.span, message)
                .label(earlier.span, "always chosen when decoding")
                .help(format!(
                    "give `{}` `has:` with a member that only it has, or one of them `way: encode`",
                    earlier.name
                )),
        );
    }
    let narrower = earlier.has.iter().all(|key| later.has.contains(key));
    narrower.then(|| never_read(earlier, later))
}

fn never_read(earlier: &Case, later: &Case) -> Diagnostic {
    let message = format!("`{}` is never read: `{}` matches first", later.name, earlier.name);
    Diagnostic::new(Code::Unreachable, later.span, message)
        .label(earlier.span, "matches everything that this one does")
        .help("put the narrower case first")
}

fn shape_rival(family: &Family, earlier: &Case, later: &Case) -> Option<Diagnostic> {
    let shadowed = match (case_record(family, earlier), case_record(family, later)) {
        (Some(a), Some(b)) => {
            let required = |fields: &[Field]| -> BTreeSet<String> {
                fields.iter().filter(|field| field.required).map(|field| field.key.clone()).collect()
            };
            let known = |fields: &[Field]| -> BTreeSet<String> {
                fields.iter().flat_map(|field| field.aliases.iter().chain([&field.key])).cloned().collect()
            };
            let needs: BTreeSet<String> = required(&a.fields).into_iter().chain(earlier.has.iter().cloned()).collect();
            let has: BTreeSet<String> = required(&b.fields).into_iter().chain(later.has.iter().cloned()).collect();
            // Where a constant is there, it must have its value: other values are the later case's.
            let told_apart =
                a.fields.iter().filter(|field| field.constant.is_some()).any(|field| {
                    b.fields.iter().any(|other| other.key == field.key && other.constant != field.constant)
                });
            !told_apart && needs.is_subset(&has) && known(&b.fields).is_subset(&known(&a.fields))
        }
        _ => match (&earlier.body, &later.body) {
            (CaseBody::Value(a), CaseBody::Value(b)) => {
                json_kind(a).is_some_and(|kind| kind == "any" || json_kind(b) == Some(kind))
            }
            _ => false,
        },
    };
    shadowed.then(|| never_read(earlier, later))
}

/// The kind of JSON value that a type is written as, where the expression alone says so.
fn json_kind(ty: &Ty) -> Option<&'static str> {
    match ty.json_kind() {
        JsonKind::Text => Some("string"),
        JsonKind::Int | JsonKind::Float => Some("number"),
        JsonKind::Bool => Some("boolean"),
        JsonKind::Any => Some("any"),
        JsonKind::List => Some("list"),
        JsonKind::Object => Some("object"),
        JsonKind::Named | JsonKind::OneOrList => None,
    }
}

/// Whether encoding would choose the earlier case for every value that the later one matches.
fn encodes_all_of(family: &Family, union: &Union, earlier: &Case, later: &Case) -> bool {
    let wider_where = earlier.where_.iter().all(|condition| later.where_.contains(condition));
    if !wider_where || earlier.each != later.each {
        return false;
    }
    if union.view == TURN && later.each.is_none() {
        // Cases of one role share its blocks: each writes those that its fields take.
        let index = |case: &Case| union.cases.iter().position(|c| std::ptr::eq(c, case)).unwrap_or_default();
        return earlier.arm == later.arm
            && taken(family, later).is_subset(&taken(family, earlier))
            && family.rank(union, index(later)) != index(earlier);
    }
    match (&earlier.arm, &later.arm) {
        (Some(a), Some(b)) => b.0.starts_with(&a.0),
        (None, None) => needed_paths(family, earlier).is_subset(&needed_paths(family, later)),
        _ => false,
    }
}

/// The arms that a case takes out of its turn.
fn taken<'f>(family: &'f Family, case: &'f Case) -> BTreeSet<&'f Path> {
    let Some(record) = case_record(family, case) else { return BTreeSet::new() };
    let takes = record.fields.iter().filter_map(|field| match &field.lens {
        Lens::Take { arms, .. } => Some(arms),
        _ => None,
    });
    takes.flatten().collect()
}

/// The façade paths that must be there for a case without an arm, those of lists with the arms of which one must be in it.
fn needed_paths<'f>(family: &'f Family, case: &'f Case) -> BTreeSet<(&'f Path, &'f [Path])> {
    let Some(record) = case_record(family, case) else { return BTreeSet::new() };
    let needed = record.fields.iter().filter(|field| field.required && field.way != Way::Decode);
    needed
        .filter_map(|field| match &field.lens {
            Lens::Path(path) => Some((path, &[][..])),
            Lens::Take { path, arms, .. } => Some((path, arms.as_slice())),
            Lens::Extra | Lens::Group => None,
        })
        .collect()
}

fn trailing(family: &Family, union: &Union, faults: &mut Vec<Diagnostic>) {
    for trailing in &union.trailing {
        for case in union.cases.iter().filter(|case| trailing.on.is_empty() || trailing.on.contains(&case.name)) {
            if union.tag == Tag::External {
                // Beside the tag, not among the members of the payload.
                continue;
            }
            let Some(record) = record(family, case) else {
                if case.way != Way::Encode && !trailing.on.is_empty() {
                    let message = format!("`{}` is no object, so it cannot carry `{}`", case.name, trailing.key);
                    faults
                        .push(Diagnostic::new(Code::BadTrailing, trailing.span, message).label(case.span, "the case"));
                }
                continue;
            };
            if let Some(field) = record.fields.iter().find(|field| field.key == trailing.key) {
                let message = format!("`{}` is a member of the case `{}` already", trailing.key, case.name);
                faults.push(
                    Diagnostic::new(Code::BadTrailing, trailing.span, message).label(field.span, "declared here"),
                );
            }
        }
        if let Some(case) = union.cases.iter().find(|case| union.tag == Tag::External && case.value == trailing.key) {
            let message = format!("`{}` is the tag of the case `{}`", trailing.key, case.name);
            faults.push(Diagnostic::new(Code::BadTrailing, trailing.span, message).label(case.span, "declared here"));
        }
        let unknown = trailing.on.iter().filter(|name| !union.cases.iter().any(|case| case.name == **name));
        for name in unknown {
            faults.push(unknown_case(trailing.span, name, union));
        }
    }
}

/// The struct that a case is, written in place or named.
fn record<'f>(family: &'f Family, case: &'f Case) -> Option<&'f Struct> {
    match &case.body {
        CaseBody::Struct(record) => Some(record),
        CaseBody::Value(Ty::Named(id)) => match &family.types.get(*id)?.kind {
            TypeKind::Struct(record) => Some(record),
            _ => None,
        },
        CaseBody::Value(_) => None,
    }
}

/// A reference to a case that does not exist.
pub(super) fn unknown_case(span: Span, name: &str, union: &Union) -> Diagnostic {
    Diagnostic::new(Code::UnknownCase, span, format!("there is no case `{name}`"))
        .suggest(name, union.cases.iter().map(|case| case.name.as_str()))
}
