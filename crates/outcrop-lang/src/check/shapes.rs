//! Native shapes: members are told apart by name, siblings exist, texts can be split, and types end somewhere.

use super::{case_record, reachable, structs, unions::unknown_case};
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{
    Case, CaseBody, Family, Field, Region, Span, Struct, Tag, TextOrList, Ty, TypeDef, TypeId, TypeKind, Union,
    ValueMap,
};
use std::collections::BTreeSet;

/// Checks every type by itself.
pub fn check(family: &Family, faults: &mut Vec<Diagnostic>) {
    for (id, def) in family.types.iter().enumerate() {
        for record in structs(def) {
            members(record, faults);
            siblings(record, faults);
        }
        match &def.kind {
            TypeKind::Struct(_) => endless(family, id, def, faults),
            TypeKind::Union(union) => cases(family, union, faults),
            TypeKind::TextOrList(list) => text_case(family, list, def.span, faults),
            TypeKind::Regions(list) => regions(list, def.span, faults),
            TypeKind::Map(map) => shared_map(family, id, map, def.span, faults),
        }
    }
}

/// A type of the family's own that no body holds: mostly a slip in the place that should use it.
pub(super) fn unused(family: &Family, faults: &mut Vec<Diagnostic>) {
    let chat = family.chat;
    let side_keys = &family.facade.side_keys;
    let beside = side_keys.request.iter().chain(&side_keys.response).chain(&side_keys.stream);
    let roots = [chat.request, chat.response, chat.stream].into_iter().flatten();
    let used = reachable(family, roots.chain(beside.filter_map(|key| super::named(&key.field.ty))));
    for (id, def) in family.types.iter().enumerate() {
        if def.span.file == 0 && !used.contains(&id) {
            faults.push(Diagnostic::new(Code::UnusedType, def.span, format!("no body holds a `{}`", def.name)));
        }
    }
}

fn members(record: &Struct, faults: &mut Vec<Diagnostic>) {
    let mut met: Vec<(&str, Span)> = Vec::new();
    for field in &record.fields {
        for name in std::iter::once(&field.key).chain(&field.aliases) {
            if let Some((_, first)) = met.iter().find(|(other, _)| other == name) {
                let message = format!("the member `{name}` is declared twice");
                faults.push(Diagnostic::new(Code::MemberTwice, field.span, message).label(*first, "first here"));
            }
            met.push((name, field.span));
        }
    }
}

fn siblings(record: &Struct, faults: &mut Vec<Diagnostic>) {
    let mut need = |field: &Field, key: &str, name: &str| {
        if !record.fields.iter().any(|other| other.key == *name) {
            let message = format!("`{key}:` of `{}` names `{name}`, which is no member beside it", field.key);
            let others = record.fields.iter().map(|other| other.key.as_str()).filter(|other| *other != field.key);
            faults.push(Diagnostic::new(Code::UnknownSibling, field.span, message).suggest(name, others));
        }
    };
    for field in &record.fields {
        if let Some(with) = &field.with {
            need(field, "with", with);
        }
        for when in field.map.iter().flat_map(|map| &map.when) {
            need(field, "when", &when.field);
        }
    }
}

/// A map that several members share may name siblings that only some of them have; one that none has is a slip.
fn shared_map(family: &Family, id: TypeId, map: &ValueMap, span: Span, faults: &mut Vec<Diagnostic>) {
    let has_use = |record: &&Struct| record.fields.iter().any(|field| super::named(&field.ty) == Some(id));
    let users: Vec<&Struct> = family.types.iter().flat_map(structs).filter(has_use).collect();
    let siblings = || users.iter().flat_map(|record| &record.fields).map(|field| field.key.as_str());
    for when in map.when.iter().filter(|when| !users.is_empty() && !siblings().any(|key| key == when.field)) {
        let message = format!("`when:` names `{}`, which stands beside no member of this type", when.field);
        faults.push(Diagnostic::new(Code::UnknownSibling, span, message).suggest(&when.field, siblings()));
    }
}

fn cases(family: &Family, union: &Union, faults: &mut Vec<Diagnostic>) {
    for case in &union.cases {
        let Some(record) = case_record(family, case) else { continue };
        for name in case.has.iter().filter(|name| !record.fields.iter().any(|field| field.key == **name)) {
            let message = format!("`has:` names `{name}`, which is no member of `{}`", case.name);
            let members = record.fields.iter().map(|field| field.key.as_str());
            faults.push(Diagnostic::new(Code::UnknownSibling, case.span, message).suggest(name, members));
        }
        if let Tag::Internal { key, .. } = &union.tag
            && let Some(field) = record.fields.iter().find(|field| field.key == *key)
        {
            let message = format!("`{key}` is the tag of the union, so it cannot be a member of `{}` too", case.name);
            faults.push(Diagnostic::new(Code::MemberTwice, field.span, message));
        }
    }
}

/// A bare string can stand for a case only if one text is all that the case needs.
fn text_case(family: &Family, list: &TextOrList, span: Span, faults: &mut Vec<Diagnostic>) {
    let Some(TypeDef { kind: TypeKind::Union(union), name, .. }) = family.types.get(list.item) else {
        let name = family.types.get(list.item).map_or("", |def| &def.name);
        let message = format!("`{name}` is no union, so a bare string cannot stand for one of its cases");
        faults.push(Diagnostic::new(Code::BadTextOrList, span, message));
        return;
    };
    let Some(case) = union.cases.iter().find(|case| case.name == list.case) else {
        faults.push(unknown_case(span, &list.case, union));
        return;
    };
    if !is_one_text(family, case) {
        let message = format!("the case `{}` of `{name}` is not made of one text", case.name);
        faults.push(
            Diagnostic::new(Code::BadTextOrList, span, message)
                .label(case.span, "needs exactly one string, beside constants and optional members"),
        );
    }
}

fn is_one_text(family: &Family, case: &Case) -> bool {
    let is_text = |ty: &Ty| match ty {
        Ty::Str(_) => true,
        Ty::Named(id) => matches!(family.types.get(*id).map(|def| &def.kind), Some(TypeKind::Regions(_))),
        _ => false,
    };
    if let CaseBody::Value(ty) = &case.body
        && is_text(ty)
    {
        return true;
    }
    let Some(record) = case_record(family, case) else { return false };
    let mut needed = record.fields.iter().filter(|field| field.required && field.constant.is_none());
    matches!((needed.next(), needed.next()), (Some(text), None) if is_text(&text.ty))
}

fn regions(regions: &[Region], span: Span, faults: &mut Vec<Diagnostic>) {
    let mut fault = |message: String| faults.push(Diagnostic::new(Code::BadRegions, span, message));
    let Some((plain, tagged)) = regions.split_last() else {
        return fault("there are no regions".to_owned());
    };
    if !plain.open.is_empty() || !plain.close.is_empty() {
        fault(format!("the last region is the plain text, and `{}` has tags", plain.arm));
    }
    for (index, region) in tagged.iter().enumerate() {
        if region.open.is_empty() || region.close.is_empty() {
            fault(format!("`{}` needs `open:` and `close:`, as only the last region is plain text", region.arm));
        }
        if !region.lead.is_empty() {
            fault(format!("`{}` has `lead:`, which is for the plain text", region.arm));
        }
        if region.implied && !region.at_start {
            fault(format!("`{}` is `implied:`, which makes sense only `at: start`", region.arm));
        }
        let earlier = tagged.iter().take(index);
        let clash = |other: &&Region| !region.open.is_empty() && region.open.starts_with(&other.open);
        if let Some(other) = earlier.filter(|other| !other.open.is_empty()).find(clash) {
            fault(format!("the tag `{}` of `{}` begins with that of `{}`", region.open, region.arm, other.arm));
        }
    }
}

/// A struct that needs itself could never be read: its JSON would have no end.
fn endless(family: &Family, id: TypeId, def: &TypeDef, faults: &mut Vec<Diagnostic>) {
    let mut met = BTreeSet::new();
    let mut open = vec![id];
    while let Some(here) = open.pop() {
        let Some(TypeKind::Struct(record)) = family.types.get(here).map(|def| &def.kind) else { continue };
        for field in record.fields.iter().filter(|field| field.required && !field.nullable) {
            let inner = match &field.ty {
                Ty::Named(inner) => *inner,
                Ty::Only { item, optional: false, .. } => match item.as_ref() {
                    Ty::Named(inner) => *inner,
                    _ => continue,
                },
                _ => continue,
            };
            if inner == id {
                let message = format!("`{}` needs itself, so no JSON could ever satisfy it", def.name);
                faults.push(
                    Diagnostic::new(Code::TypeLoop, def.span, message).label(field.span, "required, and leads back"),
                );
                return;
            }
            if met.insert(inner) {
                open.push(inner);
            }
        }
    }
}
