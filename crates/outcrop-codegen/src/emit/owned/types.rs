//! Definitions of the types that own, and what makes them of the types that borrow, and those of them.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::super::doc::{attrs, or};
use super::super::shape::{Item, ItemKind, Member, RustTy, Shape, Words};
use super::{Owned, arms, members};

/// The module of the types.
#[must_use]
pub fn emit(owned: &Owned) -> TokenStream {
    let defaults = owned.defaults();
    let items = owned.items.iter().map(|item| match &item.kind {
        ItemKind::Struct(shape) => structure(owned, item, shape, defaults.contains(&item.ident.to_string())),
        _ => union(owned, item),
    });
    let words = owned.words.iter().filter_map(|item| match &item.kind {
        ItemKind::Words(words) => Some(self::words(item, words)),
        _ => None,
    });
    let names = owned.items.iter().map(|item| &item.ident);
    quote! {
        #![doc = " Converse as plain types."]
        // How large variants are is up to the format.
        #![allow(clippy::large_enum_variant)]
        use crate::types::owned::{Owned, member};
        use crate::types::{Blob, Document, Map};
        use ::outcrop::converse;
        use ::outcrop_runtime::Error;
        use ::outcrop_runtime::json::{Arena, Str};
        #(#items)*
        #(#words)*
        crate::types::json::json_forms!(#(#names),*);
    }
}

fn structure(owned: &Owned, item: &Item, shape: &Shape, default: bool) -> TokenStream {
    let (name, doc) = (&item.ident, attrs(&item.doc));
    let derive_default = default.then(|| quote!(, Default));
    let fields = shape.members.iter().map(|m| {
        let (ident, ty) = (&m.ident, owned.ty(item, &m.key, &m.ty));
        let doc = attrs(&or(&m.doc, || format!("The member `{}`.", m.key)));
        if m.is_option() { quote!(#doc pub #ident: Option<#ty>) } else { quote!(#doc pub #ident: #ty) }
    });
    let new = new(owned, item, shape);
    let idents: Vec<&Ident> = members(item).iter().map(|m| &m.ident).collect();
    let keys = members(item).iter().map(|m| &m.key);
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq #derive_default)]
        pub struct #name {
            #(#fields,)*
            #[doc = " Members that this version does not know."]
            pub extra: Map<Document>,
        }
        #new
        impl Owned for #name {
            type View<'v> = converse::#name<'v>;
            fn view<'v>(&'v self, arena: &'v Arena) -> converse::#name<'v> {
                converse::#name { #(#idents: self.#idents.view(arena),)* extra: self.extra.view(arena) }
            }
            fn own(view: &converse::#name<'_>) -> Result<Self, Error> {
                Ok(Self { #(#idents: member(&view.#idents, #keys)?,)* extra: Map::own(&view.extra)? })
            }
        }
    }
}

/// `new` for a struct with required members.
fn new(owned: &Owned, item: &Item, shape: &Shape) -> TokenStream {
    let given = |m: &&Member| !m.is_option();
    if !shape.members.iter().any(|m| given(&m)) {
        return quote!();
    }
    let name = &item.ident;
    let plain = |m: &Member| matches!(m.ty, RustTy::Int | RustTy::Bool | RustTy::Num);
    let parameters = shape.members.iter().filter(given).map(|m| {
        let (ident, ty) = (&m.ident, owned.ty(item, &m.key, &m.ty));
        if plain(m) { quote!(#ident: #ty) } else { quote!(#ident: impl Into<#ty>) }
    });
    let fields = shape.members.iter().map(|m| {
        let ident = &m.ident;
        match (m.is_option(), plain(m)) {
            (true, _) => quote!(#ident: None),
            (false, true) => quote!(#ident),
            (false, false) => quote!(#ident: #ident.into()),
        }
    });
    quote! {
        impl #name {
            #[doc = " With its required members; all others are absent."]
            #[must_use]
            pub fn new(#(#parameters),*) -> Self {
                Self { #(#fields,)* extra: Map::default() }
            }
        }
    }
}

fn union(owned: &Owned, item: &Item) -> TokenStream {
    let (name, doc) = (&item.ident, attrs(&item.doc));
    let variants = arms(item).iter().map(|v| {
        let (ident, ty) = (&v.ident, owned.ty(item, &v.key, &v.ty));
        let doc = attrs(&or(&v.doc, || format!("`{}`.", v.key)));
        quote!(#doc #ident(#ty))
    });
    let idents: Vec<&Ident> = arms(item).iter().map(|v| &v.ident).collect();
    let keys: Vec<&String> = arms(item).iter().map(|v| &v.key).collect();
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq)]
        pub enum #name {
            #(#variants,)*
            #[doc = " A member that this version does not know."]
            Unknown {
                #[doc = " Its name."]
                name: String,
                #[doc = " Its value."]
                value: Document,
            },
        }
        impl Owned for #name {
            type View<'v> = converse::#name<'v>;
            fn view<'v>(&'v self, arena: &'v Arena) -> converse::#name<'v> {
                match self {
                    #(Self::#idents(value) => converse::#name::#idents(value.view(arena)),)*
                    Self::Unknown { name, value } => {
                        converse::#name::Unknown { name: name.view(arena), value: value.view(arena) }
                    }
                }
            }
            fn own(view: &converse::#name<'_>) -> Result<Self, Error> {
                Ok(match view {
                    #(converse::#name::#idents(value) => Self::#idents(member(value, #keys)?),)*
                    converse::#name::Unknown { name, value } => {
                        Self::Unknown { name: String::own(name)?, value: Document::own(value)? }
                    }
                })
            }
        }
    }
}

fn words(item: &Item, words: &Words) -> TokenStream {
    let (name, doc) = (&item.ident, attrs(&item.doc));
    let variants = words.words.iter().map(|w| {
        let ident = &w.ident;
        let doc = attrs(&or(&w.doc, || format!("`{}`.", w.text)));
        quote!(#doc #ident)
    });
    let idents: Vec<&Ident> = words.words.iter().map(|w| &w.ident).collect();
    let texts: Vec<&String> = words.words.iter().map(|w| &w.text).collect();
    let other = &words.other;
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum #name {
            #(#variants,)*
            #[doc = " A word that this version does not know."]
            Unknown(String),
        }
        impl #name {
            #[doc = " The word."]
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self { #(Self::#idents => #texts,)* Self::Unknown(text) => text }
            }
        }
        impl From<&str> for #name {
            fn from(text: &str) -> Self {
                match text { #(#texts => Self::#idents,)* _ => Self::Unknown(text.to_owned()) }
            }
        }
        impl From<String> for #name {
            fn from(text: String) -> Self {
                let known = Self::from(text.as_str());
                if matches!(known, Self::Unknown(_)) { Self::Unknown(text) } else { known }
            }
        }
        impl std::fmt::Display for #name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl Owned for #name {
            type View<'v> = converse::#name<'v>;
            fn view<'v>(&'v self, _: &'v Arena) -> converse::#name<'v> {
                match self {
                    #(Self::#idents => converse::#name::#idents,)*
                    Self::Unknown(text) => converse::#name::from(Str::plain(text)),
                }
            }
            fn own(view: &converse::#name<'_>) -> Result<Self, Error> {
                Ok(match view {
                    #(converse::#name::#idents => Self::#idents,)*
                    converse::#name::#other(text) => Self::Unknown(String::own(text)?),
                })
            }
        }
    }
}
