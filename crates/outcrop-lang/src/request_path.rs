//! Paths in native requests, as rules on models name them, and where the members are in Converse.

use crate::ir::{Lens, Path, RuleMember, Struct, Ty, TypeDef, TypeId, TypeKind};

/// Where additional fields of requests are.
const EXTRA: &str = "additionalModelRequestFields";

/// Fills in where the members of a rule are in Converse.
pub(crate) fn place(types: &[TypeDef], root: Option<TypeId>, member: &mut RuleMember) {
    if let Some(Ok(facade)) = root.map(|root| facade(types, root, &member.native)) {
        member.facade = facade;
    }
}

/// The Converse path of a native one. The error is the step that leads nowhere, and what could stand there.
pub(crate) fn facade<'t>(types: &'t [TypeDef], root: TypeId, native: &str) -> Result<String, (String, Vec<&'t str>)> {
    let steps: Vec<&str> = native.split('.').collect();
    walk(types, root, &steps, 0, "")
}

fn walk<'t>(
    types: &'t [TypeDef],
    id: TypeId,
    steps: &[&str],
    at: usize,
    view: &str,
) -> Result<String, (String, Vec<&'t str>)> {
    let name = |step: &str| step.strip_suffix("[last]").unwrap_or(step).to_owned();
    let (Some(step), Some(record)) = (steps.get(at), record(types, id)) else { return Ok(view.to_owned()) };
    let field = record.fields.iter().find(|field| field.key == name(step) || field.aliases.contains(&name(step)));
    let Some(field) = field else {
        return Err((name(step), record.fields.iter().map(|field| field.key.as_str()).collect()));
    };
    let inner = match &field.ty {
        Ty::Named(id) => Some(*id),
        Ty::Only { item, .. } => match &**item {
            Ty::Named(id) => Some(*id),
            _ => None,
        },
        _ => None,
    };
    let more = |view: &str| match inner.filter(|_| at + 1 < steps.len()) {
        Some(inner) => walk(types, inner, steps, at + 1, view),
        None => Ok(view.to_owned()),
    };
    match &field.lens {
        Lens::Group => more(view),
        Lens::Path(path) | Lens::Take { path, .. } => more(&joined(view, path)),
        Lens::Extra => {
            let here = steps.iter().take(at + 1).map(|step| name(step)).collect::<Vec<_>>().join(".");
            more(&format!("{EXTRA}.{here}"))
        }
    }
}

fn record(types: &[TypeDef], id: TypeId) -> Option<&Struct> {
    match &types.get(id)?.kind {
        TypeKind::Struct(record) => Some(record),
        _ => None,
    }
}

fn joined(view: &str, path: &Path) -> String {
    let path = if path.0.is_empty() { String::new() } else { path.to_string().replace("[only]", "[0]") };
    [view, &path].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".")
}
