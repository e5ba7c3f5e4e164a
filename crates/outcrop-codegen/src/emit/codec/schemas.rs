//! Views of JSON that Converse leaves open: flat schemas, whose properties some formats have as a table.

use outcrop_lang::ir::{FacadeTy, Family, Field, Lens, Path, Step, Way};
use proc_macro2::TokenStream;
use quote::quote;

use super::places::{named, resolve};
use super::scope::Scope;
use super::stream::structs;
use super::{encode, rep, virtuals};
use crate::emit::views;

/// Whether a façade type is a view of JSON, or in one.
pub(crate) fn is_view(scope: &Scope<'_>, ty: &FacadeTy) -> bool {
    named(scope.facade, ty).is_some_and(|(name, _)| views::of_json(scope.facade).contains(name))
}

/// A path that leads into JSON: the path of the JSON, the view that has what follows, and the path in there.
pub(crate) fn split(scope: &Scope<'_>, view: &FacadeTy, path: &Path) -> Option<(Path, FacadeTy, Path)> {
    (0..path.0.len()).find_map(|at| {
        let (front, rest) = path.0.split_at_checked(at)?;
        let Some(Step::Member(name)) = rest.first() else { return None };
        let front = Path(front.to_vec());
        let here = resolve(scope.facade, view, &front)?;
        let inner = if here.ty == FacadeTy::Json { views::with_member(scope.facade, name) } else { None };
        Some((front, inner?, Path(rest.to_vec())))
    })
}

/// What is at a path, views of JSON included.
pub(crate) fn target(scope: &Scope<'_>, view: &FacadeTy, path: &Path) -> Option<FacadeTy> {
    if let Some(place) = resolve(scope.facade, view, path) {
        return Some(place.ty);
    }
    let (_, inner, rest) = split(scope, view, path)?;
    resolve(scope.facade, &inner, &rest).map(|place| place.ty)
}

/// The view that a native struct over JSON has.
pub(crate) fn viewed(scope: &Scope<'_>, id: usize) -> Option<FacadeTy> {
    let outcrop_lang::ir::TypeKind::Struct(s) = &scope.def(id).kind else { return None };
    FacadeTy::of_view(&s.view).filter(|view| is_view(scope, view))
}

/// Statements that write a field over a member of a view of JSON; none if the field is no such one.
#[allow(clippy::too_many_arguments)]
pub(crate) fn encode_field(
    scope: &mut Scope<'_>,
    view: &FacadeTy,
    path: &Path,
    field: &Field,
    key: &str,
    done: &TokenStream,
    absent: &TokenStream,
    place: &str,
) -> Option<TokenStream> {
    let (front, inner, rest) = split(scope, view, path)?;
    let target = resolve(scope.facade, view, &front)?;
    let find = encode::navigate(&target, quote!(v));
    let step = encode::dotted(&front);
    let done = quote!(#done break 'view;);
    let write = virtuals::encode_member(scope, &inner, &rest, field, key, &done, &TokenStream::new(), place)?;
    Some(quote! {
        'view: {
            if let Some(x) = { #find } {
                let at = &at.key(#step);
                let arena = Arena::new();
                if let Some(v) = &rt::open_schema(x, &arena, at)? { #write }
            }
            #absent
        }
    })
}

/// Statements that judge what is left of the JSON `value` at `step` whose members `mapped` fields look at.
pub(crate) fn rest(scope: &Scope<'_>, value: &TokenStream, step: &str, mapped: &[&[Step]]) -> TokenStream {
    let names = mapped.iter().filter_map(|p| match p.first() {
        Some(Step::Member(name)) => Some(name),
        _ => None,
    });
    let names: Vec<&String> = names.collect();
    let flags = has_flags(scope.family);
    quote! {
        let at = &at.key(#step);
        let arena = Arena::new();
        match rt::open_schema(#value, &arena, at)? {
            Some(v) => cx.left_of_schema(at, &v, &[#(#names),*], #flags)?,
            None => cx.unmapped_leaf(at)?,
        }
    }
}

/// Statements that judge what is left of the view `value` whose members `mapped` fields look at.
pub(crate) fn left(
    scope: &Scope<'_>,
    ty: &FacadeTy,
    value: &TokenStream,
    step: &str,
    mapped: &[&String],
) -> TokenStream {
    let whole = named(scope.facade, ty).is_some_and(|(_, def)| def.view_of.is_some());
    if whole {
        let flags = has_flags(scope.family);
        quote!(cx.left_of_schema(&at.key(#step), &#value, &[#(#mapped),*], #flags)?;)
    } else {
        quote!(cx.left_of_property(&at.key(#step), &#value, &[#(#mapped),*]);)
    }
}

/// Whether the format says of each property of a schema whether it is required.
fn has_flags(family: &Family) -> bool {
    let views = views::of_json(&family.facade);
    let flag = rep::path("required");
    let is_whole = |view: &str| family.facade.types.get(view).is_some_and(|def| def.view_of.is_some());
    structs(family)
        .filter(|s| views.contains(&s.view) && !is_whole(&s.view))
        .flat_map(|s| &s.fields)
        .any(|f| f.way != Way::Decode && matches!(&f.lens, Lens::Path(path) if *path == flag))
}
