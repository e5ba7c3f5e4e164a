//! Constructors for programs that build values: the required members in, the others absent.

use proc_macro2::TokenStream;
use quote::quote;

use super::shape::{Item, Member, RustTy, Shape};

/// `new` for a struct with required members.
pub(super) fn emit(item: &Item, shape: &Shape, vis: &TokenStream) -> TokenStream {
    let given = |m: &&Member| !m.is_option();
    if !shape.members.iter().any(|m| given(&m)) {
        return quote!();
    }
    let name = &item.ident;
    let parameters = shape.members.iter().filter(given).map(|m| {
        let (ident, ty) = (&m.ident, m.ty.tokens());
        if is_plain(&m.ty) { quote!(#ident: #ty) } else { quote!(#ident: impl Into<#ty>) }
    });
    let fields = shape.members.iter().map(|m| {
        let ident = &m.ident;
        let value = if m.is_option() {
            quote!(: None)
        } else if is_plain(&m.ty) {
            quote!()
        } else {
            quote!(: #ident.into())
        };
        quote!(#ident #value)
    });
    let extra = &shape.extra;
    let extra = extra.iter().map(|extra| quote!(#extra: Extra::default()));
    quote! {
        impl<'a> #name<'a> {
            #[doc = " With its required members; all others are absent."]
            #[must_use]
            #[inline]
            #vis fn new(#(#parameters),*) -> Self {
                Self { #(#fields,)* #(#extra,)* }
            }
        }
    }
}

/// Types that have no other spelling worth converting from.
fn is_plain(ty: &RustTy) -> bool {
    matches!(ty, RustTy::Int | RustTy::Bool | RustTy::Json)
}
