//! How façade types look in Rust. The only place that knows the shape of the façade's generated types.

use outcrop_lang::ir::{Facade, FacadeKind, FacadeMember, FacadeTy, Path, Step, ToolIds};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::places::{Hop, resolve};
use super::scope::Scope;
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

/// The Rust type of a façade type where its lifetime goes without saying.
pub(crate) fn elided(ty: &FacadeTy) -> TokenStream {
    match ty {
        FacadeTy::Str | FacadeTy::Enum(_) | FacadeTy::Blob => quote!(Str<'_>),
        FacadeTy::Int => quote!(i64),
        FacadeTy::Float => quote!(Num<'_>),
        FacadeTy::Bool => quote!(bool),
        FacadeTy::Json => quote!(Json<'_>),
        FacadeTy::List(item) => {
            let item = elided(item);
            quote!(List<'_, #item>)
        }
        FacadeTy::Map(item) => {
            let item = elided(item);
            quote!(Map<'_, #item>)
        }
        FacadeTy::Named(name) => {
            let name = named(name);
            quote!(#name<'_>)
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
pub(crate) fn enumerated(ty: &FacadeTy, text: TokenStream) -> TokenStream {
    match ty {
        FacadeTy::Enum(_) => quote!(#text.into()),
        _ => text,
    }
}

/// Whether a façade type has a place for values that only the native side knows.
pub(crate) fn keeps(facade: &Facade, view: &FacadeTy) -> bool {
    let FacadeTy::Named(name) = view else { return false };
    facade.types.get(name).is_some_and(|def| def.members.iter().any(|m| m.name == "native"))
}

/// What stands in for a value that the wire does not say: nothing in it, or an error if that cannot be.
pub(crate) fn fallback(scope: &Scope<'_>, ty: &FacadeTy, name: &str) -> TokenStream {
    let facade = scope.facade;
    // A chunk says parts of what Converse requires, and ids that are not on the wire are made in the end.
    let later = scope.chunks || scope.partial || name == "toolUseId" && scope.family.tool_ids == ToolIds::Positional;
    match ty {
        FacadeTy::Str | FacadeTy::Blob if later => quote!(Str::default()),
        FacadeTy::Int if later => quote!(0),
        FacadeTy::Float if later => quote!(Num::default()),
        FacadeTy::Bool if later => quote!(false),
        FacadeTy::Json if later => quote!(Json::NULL),
        FacadeTy::List(_) => quote!(List::EMPTY),
        FacadeTy::Map(_) => quote!(Map::EMPTY),
        FacadeTy::Named(of) => match facade.types.get(of) {
            Some(def) if def.kind == FacadeKind::Struct && def.members.iter().all(|m| m.is_virtual || !m.required) => {
                let rust = named(of);
                let fields = def.members.iter().filter(|m| !m.is_virtual).map(|m| field(&m.name));
                quote!(#rust { #(#fields: None,)* extra: Extra::EMPTY })
            }
            _ => quote!(return Err(rt::missing(c, &const { Fault::unsaid(#name) }))),
        },
        _ => quote!(return Err(rt::missing(c, &const { Fault::unsaid(#name) }))),
    }
}

/// The value of an `Option`, or what stands in for it.
pub(crate) fn or_fallback(scope: &Scope<'_>, ty: &FacadeTy, value: TokenStream, name: &str) -> TokenStream {
    let missing = fallback(scope, ty, name);
    quote!(match #value { Some(x) => x, None => #missing })
}

/// A payload inside its arm, which may lie several unions deep (`reasoningContent.reasoningText`).
pub(crate) fn wrap(scope: &Scope<'_>, view: &FacadeTy, arm: &Path, value: TokenStream) -> Option<TokenStream> {
    let facade = scope.facade;
    let place = resolve(facade, view, arm)?;
    let mut value = value;
    for hop in place.hops.iter().rev() {
        value = match hop {
            Hop::Arm(owner, member) => {
                let (rust, arm) = (named(owner), variant(&member.name));
                quote!(#rust::#arm(#value))
            }
            Hop::Member(owner, member) => {
                let (rust, own) = (named(owner), &member.name);
                let def = facade.types.get(*owner)?;
                let fields = def.members.iter().filter(|m| !m.is_virtual).map(|m| {
                    let ident = field(&m.name);
                    match (m.name == *own, is_option(m)) {
                        (true, true) => quote!(#ident: Some(#value)),
                        (true, false) => quote!(#ident: #value),
                        (false, true) => quote!(#ident: None),
                        (false, false) => {
                            let missing = fallback(scope, &m.ty, &m.name);
                            quote!(#ident: #missing)
                        }
                    }
                });
                quote!(#rust { #(#fields,)* extra: Extra::EMPTY })
            }
            Hop::Only | Hop::Last | Hop::Pick(..) => quote!(rt::one(c, #value)),
        };
    }
    Some(value)
}

/// A path of one member.
pub(crate) fn path(name: &str) -> Path {
    Path(vec![Step::Member(name.to_owned())])
}
