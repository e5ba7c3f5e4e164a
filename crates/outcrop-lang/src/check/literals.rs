//! Native literals: constants, fallbacks and rows of maps are values of the type that they stand beside.

use super::fields;
use super::maps::text;
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Default_, Family, Field, JsonKind, Literal, Ty};

/// Checks the literals of every member.
pub fn check(family: &Family, faults: &mut Vec<Diagnostic>) {
    for field in fields(family) {
        let fallback = match &field.default {
            Some(Default_::Literal(literal)) => Some(literal),
            _ => None,
        };
        for (key, literal) in [("const", field.constant.as_ref()), ("else", fallback)] {
            if let Some(literal) = literal.filter(|literal| !is_value(literal, field)) {
                let message =
                    format!("`{key}:` of `{}` is {}, and the type is {}", field.key, shown(literal), kind(&field.ty));
                faults.push(Diagnostic::new(Code::LiteralMismatch, field.span, message));
            }
        }
        let Some(map) = &field.map else { continue };
        for ((native, _), span) in map.rows.iter().chain(&map.reads).zip(&map.row_spans) {
            if !is_value(native, field) {
                let message = format!(
                    "{} cannot be a native value of `{}`, whose type is {}",
                    shown(native),
                    field.key,
                    kind(&field.ty)
                );
                faults.push(
                    Diagnostic::new(Code::LiteralMismatch, *span, message)
                        .help("quoted, it is text; bare `true`, `7` and `null` are what they look like"),
                );
            }
        }
    }
}

fn is_value(literal: &Literal, field: &Field) -> bool {
    match (literal, &field.ty) {
        (Literal::Null, _) => field.nullable || !field.required,
        (literal, ty) => fits(literal, ty),
    }
}

fn fits(literal: &Literal, ty: &Ty) -> bool {
    match (ty, literal) {
        (Ty::Int(_), Literal::Num(text)) => !text.contains(['.', 'e', 'E']),
        (Ty::List(item, _) | Ty::Only { item, .. }, Literal::List(items)) => {
            items.iter().all(|literal| fits(literal, item))
        }
        (Ty::OneOrList(item), Literal::List(items)) => items.iter().all(|literal| fits(literal, item)),
        (Ty::OneOrList(item), literal) => fits(literal, item),
        (Ty::Map(item), Literal::Object(members)) => members.iter().all(|(_, literal)| fits(literal, item)),
        // What a named type takes is its own affair.
        (ty, literal) => matches!(
            (ty.json_kind(), literal),
            (JsonKind::Any | JsonKind::Named, _)
                | (JsonKind::Float, Literal::Num(_))
                | (JsonKind::Bool, Literal::Bool(_))
                | (JsonKind::Text, Literal::Str(_))
        ),
    }
}

fn shown(literal: &Literal) -> String {
    match literal {
        Literal::Str(text) => format!("the text `{text}`"),
        Literal::List(_) => format!("the list `{}`", text(literal)),
        Literal::Object(_) => format!("the mapping `{}`", text(literal)),
        other => format!("`{}`", text(other)),
    }
}

fn kind(ty: &Ty) -> &'static str {
    match ty {
        Ty::Int(_) => "a whole number",
        Ty::Float(_) => "a number",
        Ty::Bool => "a boolean",
        Ty::List(..) | Ty::Only { .. } | Ty::OneOrList(_) => "a list",
        Ty::Map(_) => "a mapping",
        _ => "text",
    }
}
