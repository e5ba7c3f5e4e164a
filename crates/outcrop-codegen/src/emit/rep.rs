//! How façade types look in Rust. The only place that knows the shape of the façade's generated types.

use outcrop_lang::ir::{Facade, FacadeMember, FacadeTy, Path, Step};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::places::{Hop, resolve};
use crate::names;

/// A named façade type.
pub(crate) fn named(name: &str) -> TokenStream {
    let ident = names::type_ident(name);
    quote!(converse::#ident)
}

/// The Rust type of a façade type, borrowing for `'a`.
pub(crate) fn rust(ty: &FacadeTy) -> TokenStream {
    match ty {
        FacadeTy::Str | FacadeTy::Enum(_) | FacadeTy::Blob => quote!(Str<'a>),
        FacadeTy::Int => quote!(i64),
        FacadeTy::Float => quote!(Num<'a>),
        FacadeTy::Bool => quote!(bool),
        FacadeTy::Json => quote!(Json<'a>),
        FacadeTy::List(item) => {
            let item = rust(item);
            quote!(List<'a, #item>)
        }
        FacadeTy::Map(item) => {
            let item = rust(item);
            quote!(Map<'a, #item>)
        }
        FacadeTy::Named(name) => {
            let name = named(name);
            quote!(#name<'a>)
        }
    }
}

/// Field of a façade struct.
pub(crate) fn field(name: &str) -> Ident {
    names::field_ident(name)
}

/// Variant of a façade union.
pub(crate) fn variant(name: &str) -> Ident {
    names::type_ident(name)
}

/// A native key as part of an identifier.
pub(crate) fn plain(key: &str) -> String {
    names::module_name(key)
}

/// Whether the struct field is an `Option`.
pub(crate) fn is_option(member: &FacadeMember) -> bool {
    !member.required
}

/// A string as a value of an enumerated (or plain) text type.
pub(crate) fn enumerated(_ty: &FacadeTy, text: TokenStream) -> TokenStream {
    text
}

/// A payload as what the union's variant holds.
pub(crate) fn into_arm(_facade: &Facade, _union: &str, _arm: &FacadeMember, value: TokenStream) -> TokenStream {
    value
}

/// A value as what the struct's field holds.
pub(crate) fn into_member(_facade: &Facade, _owner: &str, _member: &FacadeMember, value: TokenStream) -> TokenStream {
    value
}

/// A payload inside its arm, which may lie several unions deep (`reasoningContent.reasoningText`).
pub(crate) fn wrap(facade: &Facade, view: &FacadeTy, arm: &Path, value: TokenStream) -> Option<TokenStream> {
    let place = resolve(facade, view, arm)?;
    let mut value = value;
    for hop in place.hops.iter().rev() {
        value = match hop {
            Hop::Arm(owner, member) => {
                let (rust, arm) = (named(owner), variant(&member.name));
                let value = into_arm(facade, owner, member, value);
                quote!(#rust::#arm(#value))
            }
            Hop::Member(owner, member) => {
                let (rust, field) = (named(owner), field(&member.name));
                let inner = into_member(facade, owner, member, value);
                let inner = if is_option(member) { quote!(Some(#inner)) } else { inner };
                quote!(#rust { #field: #inner, ..#rust::default() })
            }
            Hop::Only => quote!(cx.one(#value)),
        };
    }
    Some(value)
}

/// A path of one member.
pub(crate) fn path(name: &str) -> Path {
    Path(vec![Step::Member(name.to_owned())])
}
