//! Decoding lists of façade blocks: text-or-list, regions, and the fields that take some arms out of a list.

use outcrop_lang::ir::{Case, CaseBody, FacadeTy, Field, Lens, Path, Region, TextOrList, Ty, TypeKind, Union};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::assemble::Slots;
use super::places::{named, resolve};
use super::scope::Scope;
use super::{decode_union, decode_value, rep};

/// A `take` field: an expression that gives a list builder of the blocks.
pub(crate) fn value(
    scope: &mut Scope<'_>,
    view: &FacadeTy,
    path: &Path,
    arms: &[Path],
    ty: &Ty,
    place: &str,
) -> TokenStream {
    let target = resolve(scope.facade, view, path);
    let Some(FacadeTy::List(element)) = target.map(|t| t.ty) else {
        scope.refuse(place, "a take from what is no list");
        return quote!(return Err(rt::not_generated(c)));
    };
    let push = list(scope, arms, ty, &element, place);
    quote! {
        let mut items = c.arena().list();
        #push
        items
    }
}

/// The façade list of each taken path: the takes in field order.
pub(crate) fn gather(slots: &mut Slots, takes: &[(Ident, Path)]) -> TokenStream {
    let mut paths: Vec<&Path> = Vec::new();
    for (_, path) in takes {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let mut out = TokenStream::new();
    for path in paths {
        let slot = slots.of(path);
        let vars = takes.iter().filter(|(_, p)| p == path).map(|(var, _)| var);
        out.extend(quote!(#slot = rt::gather([#(#vars),*]);));
    }
    out
}

/// Statements that read the value at `c` and push the blocks it stands for onto `items`.
pub(crate) fn list(scope: &mut Scope<'_>, arms: &[Path], ty: &Ty, element: &FacadeTy, place: &str) -> TokenStream {
    match ty {
        Ty::Named(id) => match &scope.def(*id).kind {
            TypeKind::TextOrList(t) => return text_or_list(scope, t, arms, element, place),
            TypeKind::Regions(regions) => return self::regions(scope, regions, element, place),
            _ => {}
        },
        Ty::List(item, _) => {
            let push = one(scope, arms, item, element, place);
            return quote!(rt::items(c, at, |c, at| { #push Ok(()) })?;);
        }
        Ty::OneOrList(item) => {
            let push = one(scope, arms, item, element, place);
            return quote!(rt::one_or_items(c, at, |c, at| { #push Ok(()) })?;);
        }
        _ => {}
    }
    one(scope, arms, ty, element, place)
}

/// Statements that read one native value and push the block it stands for.
fn one(scope: &mut Scope<'_>, arms: &[Path], ty: &Ty, element: &FacadeTy, place: &str) -> TokenStream {
    let facade = scope.facade;
    let payload = match arms {
        [arm] => resolve(facade, element, arm).map(|p| (arm, p.ty)),
        [text, ..] if matches!(ty, Ty::Str(_)) => resolve(facade, element, text).map(|p| (text, p.ty)),
        _ => None,
    };
    if let Ty::Named(id) = ty
        && let TypeKind::Union(u) = &scope.def(*id).kind
        && !payload
            .as_ref()
            .is_some_and(|(_, p)| named(facade, p).is_some_and(|(name, _)| name == u.view) && *p != *element)
    {
        let f = decode_value::want(scope, *id, element);
        return quote!(#f(c, cx, at, &mut |x| items.push(x))?;);
    }
    let Some((arm, payload)) = payload else {
        let item = decode_value::value(scope, ty, element, place);
        return quote!(items.push(#item););
    };
    let read = decode_value::value(scope, ty, &payload, place);
    match rep::wrap(scope, element, arm, quote!(x)) {
        Some(block) if matches!(ty, Ty::Str(_)) => {
            quote!({ let x = #read; if !x.is_empty() { items.push(#block); } })
        }
        Some(block) => quote!({ let x = #read; items.push(#block); }),
        None => scope.refuse(place, "an arm that leads nowhere"),
    }
}

fn text_or_list(scope: &mut Scope<'_>, t: &TextOrList, arms: &[Path], element: &FacadeTy, place: &str) -> TokenStream {
    let TypeKind::Union(union) = &scope.def(t.item).kind else {
        return scope.refuse(place, "a text-or-list whose element is no union");
    };
    let Some(case) = union.cases.iter().find(|c| c.name == t.case) else {
        return scope.refuse(place, "a text-or-list without its text case");
    };
    let text = text_block(scope, union, case, element, place);
    let push = one(scope, arms, &Ty::Named(t.item), element, place);
    quote! {
        if rt::is_string(c)? {
            let text = c.str()?;
            if !text.is_empty() {
                #text
            }
        } else {
            rt::items_or_object(c, at, |c, at| { #push Ok(()) })?;
        }
    }
}

/// The façade path of a case's text, relative to the arm's payload.
pub(crate) fn text_path(case: &Case) -> Option<(&Field, &Path)> {
    let CaseBody::Struct(s) = &case.body else { return None };
    s.fields.iter().find_map(|f| match &f.lens {
        Lens::Path(path) if f.constant.is_none() && f.required => Some((f, path)),
        _ => None,
    })
}

/// Pushes the block that the bare string `text` stands for.
fn text_block(scope: &mut Scope<'_>, union: &Union, case: &Case, element: &FacadeTy, place: &str) -> TokenStream {
    let whole = match &case.body {
        CaseBody::Value(Ty::Str(_)) => quote!(text),
        CaseBody::Value(_) => return scope.refuse(place, "a text case that holds no text"),
        CaseBody::Struct(_) => {
            let Some((_, path)) = text_path(case) else {
                return scope.refuse(place, "a text case without a text");
            };
            let payload = match &case.arm {
                Some(arm) => resolve(scope.facade, element, arm).map(|p| p.ty),
                None => Some(element.clone()),
            };
            let Some(payload) = payload else { return scope.refuse(place, "an arm that leads nowhere") };
            let mut slots = Slots::default();
            let slot = slots.of(path);
            let given = slots.assume(scope, &payload, &case.where_);
            let declare = slots.declare();
            let value = slots.assemble(scope, &payload);
            let value = rep::or_fallback(scope, &payload, value, place);
            quote!({ #declare #slot = Some(text); #given #value })
        }
    };
    let _ = union;
    let block = decode_union::in_arm(scope, element, case.arm.as_ref(), quote!(x));
    quote!({ let x = #whole; items.push(#block); })
}

fn regions(scope: &mut Scope<'_>, regions: &[Region], element: &FacadeTy, place: &str) -> TokenStream {
    let table = region_table(regions);
    let mut arms = Vec::new();
    for (i, region) in regions.iter().enumerate() {
        let Some(block) = rep::wrap(scope, element, &region.arm, quote!(text)) else {
            return scope.refuse(place, "a region whose arm leads nowhere");
        };
        arms.push(quote!(#i => items.push(#block),));
    }
    let is_led = regions.last().is_some_and(|plain| !plain.lead.is_empty());
    let led = is_led.then(|| quote!(rt::led(cx, at, &text, &#table);));
    quote! {
        let text = c.str()?;
        #led
        rt::regions(c, text, &#table, |region, text| match region {
            #(#arms)*
            _ => {}
        });
    }
}

/// The regions as a static table.
pub(crate) fn region_table(regions: &[Region]) -> TokenStream {
    let rows = regions.iter().map(|r| {
        let Region { open, close, at_start, implied, lead, .. } = r;
        quote!(Region { open: #open, close: #close, at_start: #at_start, implied: #implied, lead: #lead })
    });
    quote!([#(#rows),*])
}
