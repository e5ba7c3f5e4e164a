//! The Converse side: types without mapping.

use super::table::{self, Faults, Table};
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Facade, FacadeKind, FacadeMember, FacadeTy, FacadeType, Span};
use crate::keys;
use crate::node::{Key, Node, NodeKind};
use crate::ty::{self, Bracket, Head};

/// Lowers the types of the façade files into one façade.
pub(crate) fn lower_facade(roots: &[Node]) -> (Facade, Faults) {
    let mut facade = Facade::default();
    let mut faults = Vec::new();
    let mut named = Vec::new();
    for root in roots {
        let Some(table) = Table::new(root, &keys::FACADE, &mut faults) else { continue };
        table.need("facade", &mut faults);
        for (key, node) in table.map("types", &mut faults) {
            let Some(ty) = lower_type(key, node, &mut named, &mut faults) else { continue };
            if let Some(first) = facade.types.insert(key.text.clone(), ty) {
                faults.push(
                    Diagnostic::new(Code::DuplicateKey, key.span, format!("the type `{}` is there twice", key.text))
                        .label(first.span, "first here"),
                );
            }
        }
        let mut cx = super::Cx::default();
        facade.fates.extend(cx.fates(&table));
        faults.append(&mut cx.faults);
    }
    for (name, span) in named {
        if !facade.types.contains_key(&name) {
            let fault = Diagnostic::new(Code::UnknownType, span, format!("the façade has no type `{name}`"))
                .suggest(&name, facade.types.keys().map(String::as_str));
            faults.push(fault);
        }
    }
    (facade, faults)
}

type Named = Vec<(String, Span)>;

fn lower_type(key: &Key, node: &Node, named: &mut Named, faults: &mut Faults) -> Option<FacadeType> {
    let table = Table::new(node, &keys::FACADE_TYPE, faults)?;
    let doc = table.text_or_empty("doc", faults);
    let view_of = table.get("view_of").and_then(|node| lower_expr(node, named, faults)).map(|(ty, _)| ty);
    let (kind, entries) = match (table.get("fields"), table.get("arms")) {
        (Some(fields), None) => (FacadeKind::Struct, table::entries(fields, "fields", faults)),
        (None, Some(arms)) => (FacadeKind::Union, table::entries(arms, "arms", faults)),
        (None, None) => {
            faults.push(Diagnostic::new(Code::MissingKey, key.span, "a façade type has `fields:` or `arms:`"));
            return None;
        }
        (Some(_), Some(arms)) => {
            faults.push(Diagnostic::new(Code::Conflict, arms.span, "a façade type has `fields:` or `arms:`, not both"));
            return None;
        }
    };
    let mut members: Vec<FacadeMember> =
        entries.iter().filter_map(|(key, node)| member(key, node, false, named, faults)).collect();
    members
        .extend(table.map("virtual", faults).iter().filter_map(|(key, node)| member(key, node, true, named, faults)));
    Some(FacadeType { doc, kind, view_of, members, span: key.span })
}

fn member(key: &Key, node: &Node, is_virtual: bool, named: &mut Named, faults: &mut Faults) -> Option<FacadeMember> {
    let mut doc = String::new();
    let mut sum_of = Vec::new();
    let (ty, required) = if let NodeKind::Map(_) = node.kind {
        let table = Table::new(node, &keys::FACADE_MEMBER, faults)?;
        doc = table.text_or_empty("doc", faults);
        sum_of = table.texts("sum_of", faults);
        let ty = table.need("type", faults).and_then(|node| lower_expr(node, named, faults));
        ty?
    } else {
        lower_expr(node, named, faults)?
    };
    Some(FacadeMember { name: key.text.clone(), ty, required, is_virtual, sum_of, doc })
}

fn lower_expr(node: &Node, named: &mut Named, faults: &mut Faults) -> Option<(FacadeTy, bool)> {
    match ty::parse(node) {
        Ok(expr) => Some((head(&expr.head, named, faults)?, expr.required)),
        Err(fault) => {
            faults.push(*fault);
            None
        }
    }
}

fn head(head: &Head, named: &mut Named, faults: &mut Faults) -> Option<FacadeTy> {
    if let Some(Bracket::Range(_, span)) = &head.bracket {
        faults.push(Diagnostic::new(Code::BadType, *span, "ranges belong to native types"));
    }
    let arg = match &head.arg {
        Some(arg) => Some(Box::new(self::head(arg, named, faults)?)),
        None => None,
    };
    Some(match (head.name.as_str(), arg, &head.bracket) {
        ("list", Some(item), _) => FacadeTy::List(item),
        ("map", Some(item), _) => FacadeTy::Map(item),
        ("enum", None, Some(Bracket::Words(words, _))) => FacadeTy::Enum(words.clone()),
        ("string", None, _) => FacadeTy::Str,
        ("int", None, _) => FacadeTy::Int,
        ("float", None, _) => FacadeTy::Float,
        ("bool", None, _) => FacadeTy::Bool,
        ("json", None, _) => FacadeTy::Json,
        ("blob", None, _) => FacadeTy::Blob,
        ("list" | "map" | "enum", ..) | (_, Some(_), _) => {
            faults.push(
                Diagnostic::new(Code::BadType, head.span, format!("`{}` cannot stand like this", head.name))
                    .help("write `list<T>`, `map<T>` or `enum(a|b|c)`"),
            );
            return None;
        }
        (name, None, _) => {
            named.push((name.to_owned(), head.span));
            FacadeTy::Named(name.to_owned())
        }
    })
}
