//! Values that read back otherwise beside the members that are written with them.

use outcrop_lang::ir::{FacadeTy, Field, Lens, Literal, Ty, TypeKind, Way};
use proc_macro2::TokenStream;
use quote::quote;

use super::encode::{dotted, is_signal, navigate};
use super::literal;
use super::places::resolve;
use super::scope::Scope;

/// A check of a value whose table depends on siblings, once these are written.
pub(super) fn check(
    scope: &Scope<'_>,
    view: &FacadeTy,
    path_of: Option<&[String]>,
    field: &Field,
) -> Option<TokenStream> {
    let (Lens::Path(path), false) = (&field.lens, field.way == Way::Decode) else { return None };
    let map = match (&field.map, &field.ty) {
        (Some(map), _) => map,
        (None, Ty::Named(id)) => match &scope.def(*id).kind {
            TypeKind::Map(map) => map,
            _ => return None,
        },
        _ => return None,
    };
    let target = resolve(scope.facade, view, path)?;
    if map.when.is_empty() || !matches!(target.ty, FacadeTy::Enum(_) | FacadeTy::Str) {
        return None;
    }
    let words = |rows: &mut dyn Iterator<Item = &(Literal, Literal)>| {
        let rows = rows.filter_map(|row| match row {
            (Literal::Str(native), Literal::Str(facade)) => Some(quote!((#native, #facade))),
            _ => None,
        });
        let rows: Vec<TokenStream> = rows.collect();
        quote!(&[#(#rows),*])
    };
    let rows = words(&mut map.rows.iter().chain(&map.reads));
    let whens = map.when.iter().map(|when| {
        let (field, rows) = (&when.field, words(&mut when.rows.iter()));
        let is = match &when.is {
            Some(is) => {
                let text = literal::json(is);
                quote!(Some(#text))
            }
            None => quote!(None),
        };
        quote!(rt::Beside { field: #field, is: #is, rows: #rows })
    });
    let find = navigate(&target, quote!(v));
    let word = if matches!(target.ty, FacadeTy::Enum(_)) { quote!(x.to_str().text()) } else { quote!(x.text()) };
    // What chunks say of additional fields is written by then.
    let given = match path_of.filter(|_| !is_signal(view)) {
        Some(path) => quote!(Some(&[#(#path),*])),
        None => quote!(None),
    };
    let (step, key) = (dotted(path), &field.key);
    Some(quote! {
        if let Some(x) = ({ #find }) {
            rt::reads_back((o, start), #key, &#word, (#rows, &[#(#whens),*]), #given, cx, &at.key(#step));
        }
    })
}
