//! Which façade members a native type does not map: their fate is decided when a value has them.

use outcrop_lang::ir::{FacadeKind, FacadeTy, Field, Lens, Literal, Path, Step, TypeKind, Way};
use proc_macro2::TokenStream;
use quote::quote;

use super::places::named;
use super::rep;
use super::scope::Scope;
use crate::emit::left;

/// The façade paths that fields map, groups included.
pub(crate) fn paths(scope: &Scope<'_>, view: &FacadeTy, fields: &[Field]) -> Vec<Path> {
    paths_as_written(scope, view, fields).iter().flat_map(real).collect()
}

/// The façade paths that fields map as the spec writes them, groups included.
pub(crate) fn paths_as_written(scope: &Scope<'_>, view: &FacadeTy, fields: &[Field]) -> Vec<Path> {
    let mut out = Vec::new();
    for field in fields {
        match &field.lens {
            Lens::Extra => {}
            Lens::Group => {
                let mut ty = &field.ty;
                if let outcrop_lang::ir::Ty::Only { item, .. } = ty {
                    ty = item;
                }
                if let outcrop_lang::ir::Ty::Named(id) = ty
                    && let TypeKind::Struct(s) = &scope.def(*id).kind
                {
                    out.extend(paths_as_written(scope, view, &s.fields));
                }
            }
            Lens::Path(path) if path.0.is_empty() && super::encode::is_struct(scope, &field.ty) => {
                if let outcrop_lang::ir::Ty::Named(id) = &field.ty
                    && let TypeKind::Struct(s) = &scope.def(*id).kind
                {
                    out.extend(paths_as_written(scope, view, &s.fields));
                }
            }
            Lens::Path(path) | Lens::Take { path, .. } if field.way != Way::Decode => out.push(path.clone()),
            Lens::Path(_) | Lens::Take { .. } => {}
        }
    }
    out
}

/// The paths behind a path through virtual members.
fn real(path: &Path) -> Vec<Path> {
    let Some(last) = path.0.last() else { return vec![path.clone()] };
    let Step::Member(name) = last else { return vec![path.clone()] };
    let hidden = |step: &Step| matches!(step, Step::Member(name) if name == "last");
    if path.0.iter().any(hidden) {
        return vec![rep::path("messages")];
    }
    match name.as_str() {
        "turns" => vec![rep::path("system"), rep::path("messages")],
        "last" | "rest" if path.0.first() == Some(&Step::Member("messages".to_owned())) => vec![rep::path("messages")],
        "images" => Vec::new(),
        _ => vec![path.clone()],
    }
}

/// Statements over `v` that settle the fate of every member that is there and not mapped.
pub(crate) fn check(
    scope: &Scope<'_>,
    view: &FacadeTy,
    fields: &[Field],
    given: &[(Path, Literal)],
    known: &[Path],
) -> TokenStream {
    let mut mapped = paths(scope, view, fields);
    mapped.extend(given.iter().map(|(path, _)| path.clone()));
    mapped.extend(known.iter().cloned());
    if super::encode::is_signal(view) {
        // Blocks are numbered anew anyway, and nobody misses an answer that is not repeated.
        let member = |name: &&str| Step::Member((*name).to_owned());
        let keys: [&[&str]; 4] = [&["key"], &["open", "key"], &["delta", "key"], &["whole"]];
        mapped.extend(keys.iter().map(|key| Path(key.iter().map(member).collect())));
    }
    let mapped: Vec<&[Step]> = mapped.iter().map(|p| p.0.as_slice()).collect();
    node(scope, view, &mapped, &quote!(v), "")
}

/// The same over a value at a place, some of whose paths are mapped.
pub(crate) fn node(scope: &Scope<'_>, ty: &FacadeTy, mapped: &[&[Step]], value: &TokenStream, at: &str) -> TokenStream {
    if mapped.iter().any(|p| p.is_empty()) {
        return TokenStream::new();
    }
    if let FacadeTy::List(item) = ty
        && mapped.iter().any(|p| matches!(p.first(), Some(Step::Pick { .. })))
    {
        return picked(scope, item, mapped, value, at);
    }
    if let FacadeTy::List(item) = ty {
        let below: Vec<&[Step]> = mapped.iter().filter_map(|p| p.get(1..)).collect();
        let inner = node(scope, item, &below, &quote!(x), &format!("{at}[0]"));
        return if inner.is_empty() { inner } else { quote!(for x in #value.iter() { #inner }) };
    }
    if *ty == FacadeTy::Json {
        return if mapped.is_empty() { TokenStream::new() } else { super::schemas::rest(scope, value, at, mapped) };
    }
    let Some((name, def)) = named(scope.facade, ty) else { return TokenStream::new() };
    let (mut out, mut run) = (TokenStream::new(), 0);
    let flush = |run: &mut u64, out: &mut TokenStream| {
        let which = std::mem::take(run);
        if which != 0 {
            let at = if at.is_empty() { quote!(at) } else { quote!(&at.key(#at)) };
            out.extend(quote!(cx.rest(#at, #value, #which)?;));
        }
    };
    for member in def.members.iter().filter(|m| !m.is_virtual) {
        let below: Vec<&[Step]> = mapped
            .iter()
            .filter(|p| matches!(p.first(), Some(Step::Member(first)) if *first == member.name))
            .filter_map(|p| p.get(1..))
            .collect();
        // Ids that are not on the wire are told by position.
        if member.name == "toolUseId" && scope.family.tool_ids == outcrop_lang::ir::ToolIds::Positional {
            continue;
        }
        let step = if at.is_empty() { member.name.clone() } else { format!("{at}.{}", member.name) };
        if below.is_empty() && !member.sum_of.is_empty() && rep::is_option(member) {
            flush(&mut run, &mut out);
            // A sum of what is there says nothing new.
            let parts = def.members.iter().filter(|m| member.sum_of.contains(&m.name)).map(|m| rep::field(&m.name));
            let field = rep::field(&member.name);
            out.extend(quote! {
                if rt::total(None, &[#(#value.#parts),*]) != #value.#field && let Some(x) = &#value.#field {
                    cx.unmapped(&at.key(#step), x)?;
                }
            });
            continue;
        }
        if below.is_empty() {
            run |= left::bit(def, Some(&member.name));
            continue;
        }
        let inner = node(scope, &member.ty, &below, &quote!(x), &step);
        if inner.is_empty() {
            continue;
        }
        flush(&mut run, &mut out);
        let field = rep::field(&member.name);
        out.extend(match def.kind {
            FacadeKind::Struct if rep::is_option(member) => quote!(if let Some(x) = &#value.#field { #inner }),
            FacadeKind::Struct => quote!({ let x = &#value.#field; #inner }),
            FacadeKind::Union => {
                let (rust, arm) = (rep::named(name), rep::variant(&member.name));
                quote!(if let #rust::#arm(x) = #value { #inner })
            }
        });
    }
    if def.kind == FacadeKind::Struct {
        let step = at;
        let is_mapped =
            |name: &String| mapped.iter().any(|p| matches!(p.first(), Some(Step::Member(first)) if first == name));
        let views: Vec<&String> =
            def.members.iter().filter(|m| m.is_virtual).map(|m| &m.name).filter(|n| is_mapped(n)).collect();
        if super::schemas::is_view(scope, ty) {
            flush(&mut run, &mut out);
            out.extend(super::schemas::left(scope, ty, value, step, &views));
            return out;
        }
        if !views.is_empty() {
            flush(&mut run, &mut out);
            out.extend(quote!(cx.unknown_but(&at.key(#step), &#value.extra, &[#(#views),*])?;));
            return out;
        }
        run |= left::bit(def, None);
    }
    flush(&mut run, &mut out);
    out
}

/// Elements that are told apart by a member: those that no path picks are not mapped.
fn picked(scope: &Scope<'_>, item: &FacadeTy, mapped: &[&[Step]], value: &TokenStream, at: &str) -> TokenStream {
    let mut picks: Vec<(&String, &String)> = Vec::new();
    for path in mapped {
        if let Some(Step::Pick { member, value }) = path.first()
            && !picks.contains(&(member, value))
        {
            picks.push((member, value));
        }
    }
    let (mut tests, mut seen) = (TokenStream::new(), Vec::new());
    for (n, (member, text)) in picks.into_iter().enumerate() {
        let tag = [Step::Member(member.clone())];
        let mut below: Vec<&[Step]> = mapped
            .iter()
            .filter(|p| matches!(p.first(), Some(Step::Pick { member: m, value: v }) if m == member && v == text))
            .filter_map(|p| p.get(1..))
            .collect();
        below.push(&tag);
        let inner = node(scope, item, &below, &quote!(x), "");
        let field = rep::field(member);
        // Only the first of its kind is picked.
        let var = quote::format_ident!("seen{n}");
        tests.extend(quote!(if rt::says(&x.#field, #text) && !std::mem::replace(&mut #var, true) { #inner } else));
        seen.push(var);
    }
    quote! {
        #(let mut #seen = false;)*
        for (i, x) in #value.iter().enumerate() {
            let at = &at.key(#at);
            let at = &at.index(i);
            #tests { cx.unmapped(at, x)?; }
        }
    }
}

/// As [`check`], with the mapped paths given.
pub(crate) fn rest(scope: &Scope<'_>, view: &FacadeTy, mapped: &[Path]) -> TokenStream {
    let mapped: Vec<&[Step]> = mapped.iter().map(|p| p.0.as_slice()).collect();
    node(scope, view, &mapped, &quote!(v), "")
}

/// Statements over the block `x`, which is of an arm: what else than the value at the arm's path is in it.
pub(crate) fn within(scope: &Scope<'_>, element: &FacadeTy, arm: &Path) -> TokenStream {
    of_arm(scope, element, &arm.0, "")
}

/// The same of a union at `at`; no other arm can be there.
fn of_arm(scope: &Scope<'_>, ty: &FacadeTy, path: &[Step], at: &str) -> TokenStream {
    let union = named(scope.facade, ty).filter(|(_, def)| def.kind == FacadeKind::Union);
    let (Some((name, def)), Some((Step::Member(first), below))) = (union, path.split_first()) else {
        return node(scope, ty, &[path], &quote!(x), at);
    };
    let Some(member) = def.members.iter().find(|m| m.name == *first) else { return TokenStream::new() };
    let inner = of_arm(scope, &member.ty, below, &if at.is_empty() { first.clone() } else { format!("{at}.{first}") });
    if inner.is_empty() {
        return inner;
    }
    let (rust, arm) = (rep::named(name), rep::variant(first));
    quote!(if let #rust::#arm(x) = x { #inner })
}
