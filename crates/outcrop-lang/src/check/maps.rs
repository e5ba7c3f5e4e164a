//! Value maps: bijective, and never closed by accident where models answer.

use super::{fields, reachable};
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Family, Lens, Literal, Path, Span, Step, Ty, TypeKind, ValueMap, Way};

/// Checks every value map of the family.
pub fn check(family: &Family, faults: &mut Vec<Diagnostic>) {
    let maps = family.types.iter().filter_map(|def| match &def.kind {
        TypeKind::Map(map) => Some((map, def.span)),
        _ => None,
    });
    let in_place = fields(family).filter_map(|field| field.map.as_ref().map(|map| (map, field.span)));
    for (map, span) in maps.chain(in_place) {
        bijection(map, span, faults);
    }
    closed(family, faults);
    calls(family, faults);
}

/// Rows for answers that hold calls go beside rows for those that hold none, where it is said why answers end.
fn calls(family: &Family, faults: &mut Vec<Diagnostic>) {
    for (record, field) in
        family.types.iter().flat_map(super::structs).flat_map(|s| s.fields.iter().map(move |field| (s, field)))
    {
        let named = super::named(&field.ty).and_then(|id| family.types.get(id)).map(|def| &def.kind);
        let ((Some(map), _) | (None, Some(TypeKind::Map(map)))) = (&field.map, named) else { continue };
        if map.with_calls.is_empty() {
            continue;
        }
        let mut fault = |message| faults.push(Diagnostic::new(Code::BadCallRow, field.span, message));
        let wanted: &[&str] = match record.view.as_str() {
            "ConverseResponse" => &["stopReason"],
            super::SIGNAL => &["stop", "reason"],
            _ => &[],
        };
        let at_stop = matches!(&field.lens, Lens::Path(Path(steps)) if !wanted.is_empty()
            && steps.len() == wanted.len()
            && steps.iter().zip(wanted).all(|(step, name)| matches!(step, Step::Member(own) if own == name)));
        if !at_stop {
            fault(format!("`{}` does not say why an answer ended, and its map has `with_calls:`", field.key));
        }
        for (native, with) in &map.with_calls {
            if !map.rows.iter().any(|(own, _)| own == native) {
                fault(format!("`with_calls:` has the row `{}`, and `map:` has none of that name", text(native)));
            }
            if map.rows.iter().any(|(_, own)| own == with) {
                fault(format!("`{}` stands in `map:` and in `with_calls:`", text(with)));
            }
        }
    }
}

/// Where a row stands, or the map if rows have no places.
fn row_span(map: &ValueMap, row: usize, fallback: Span) -> Span {
    map.row_spans.get(row).copied().unwrap_or(if map.span == Span::default() { fallback } else { map.span })
}

fn bijection(map: &ValueMap, fallback: Span, faults: &mut Vec<Diagnostic>) {
    let span = |row| row_span(map, row, fallback);
    let all: Vec<&(Literal, Literal)> = map.rows.iter().chain(&map.reads).collect();
    for (row, (native, facade)) in all.iter().enumerate() {
        let before = all.get(..row).unwrap_or_default();
        if let Some(first) = before.iter().position(|(other, _)| other == native) {
            let message = format!("the native value `{}` stands in two rows", text(native));
            faults.push(Diagnostic::new(Code::NativeTwice, span(row), message).label(span(first), "first here"));
        }
        let canonical = row < map.rows.len();
        if let Some(first) = before.iter().position(|(_, other)| other == facade).filter(|_| canonical) {
            let message = format!("two native values stand for `{}`", text(facade));
            faults.push(
                Diagnostic::new(Code::FacadeTwice, span(row), message).label(span(first), "first here").help(format!(
                    "if this one is only read, move it: `reads: {{{}: {}}}`",
                    text(native),
                    text(facade)
                )),
            );
        }
    }
    let mut offset = all.len();
    for when in &map.when {
        for (row, (native, _)) in when.rows.iter().enumerate() {
            let before = when.rows.get(..row).unwrap_or_default();
            if let Some(first) = before.iter().position(|(other, _)| other == native) {
                let message = format!("the native value `{}` stands in two rows", text(native));
                faults.push(
                    Diagnostic::new(Code::NativeTwice, span(offset + row), message)
                        .label(span(offset + first), "first here"),
                );
            }
        }
        offset += when.rows.len();
    }
}

/// A response may bring values that nobody has seen yet, so its maps must say what becomes of them.
fn closed(family: &Family, faults: &mut Vec<Diagnostic>) {
    let roots = [family.chat.response, family.chat.stream];
    let answers = reachable(family, roots.into_iter().flatten());
    for id in answers {
        let Some(def) = family.types.get(id) else { continue };
        if let TypeKind::Map(map) = &def.kind
            && !map.stated
        {
            faults.push(open_question(&def.name, map, def.span));
        }
        for field in super::structs(def).into_iter().flat_map(|record| &record.fields) {
            if let Some(map) = &field.map
                && !map.stated
                && field.way != Way::Encode
                && !is_complete(map, &field.ty)
            {
                faults.push(open_question(&field.key, map, field.span));
            }
        }
    }
}

/// A map over booleans with both of them has nothing left to say.
fn is_complete(map: &ValueMap, ty: &Ty) -> bool {
    let has = |value| map.rows.iter().any(|(native, _)| *native == Literal::Bool(value));
    matches!(ty, Ty::Bool) && has(true) && has(false)
}

fn open_question(name: &str, map: &ValueMap, fallback: Span) -> Diagnostic {
    let span = if map.span == Span::default() { fallback } else { map.span };
    Diagnostic::new(
        Code::ClosedMap,
        span,
        format!("the map of `{name}` is read from responses and says nothing of other values"),
    )
    .help("`unknown: other` keeps them as they are, `unknown: refuse` makes them errors")
}

/// A literal as the spec would write it.
pub(super) fn text(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Num(text) | Literal::Str(text) => text.clone(),
        Literal::List(items) => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(", ")),
        Literal::Object(members) => {
            let members: Vec<String> = members.iter().map(|(key, value)| format!("{key}: {}", text(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}
