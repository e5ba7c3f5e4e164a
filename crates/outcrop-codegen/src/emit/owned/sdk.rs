//! Conversions between the types that own and those of the SDK, whose names follow from those of the service model:
//! types alike, members in snake case, arms in camel case. What does not follow is written by hand beside this module's
//! output, and listed here.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::shape::{Item, ItemKind, Member, RustTy, Shape};
use super::{Owned, arms};

/// Converted by hand, since the SDK spells them otherwise: inputs and outputs of operations, which are types of their
/// own; guardrails, of which the SDK has two kinds of settings, and assessments as types where Converse JSON is kept here.
const BY_HAND: [&str; 4] =
    ["ConverseRequest", "ConverseResponse", "GuardrailConfiguration", "GuardrailTraceAssessment"];

/// Arms and members that only translations have: the SDK has no place for them.
const NOT_IN_SDK: [&str; 2] = ["native", "modelStreamErrorException"];

/// Arms without a type in the SDK.
const NO_TYPE: [&str; 1] = ["ModelStreamError"];

/// Structs whose builders may fail although no member is required here: a native body need not say what the service does.
const FALLIBLE: [&str; 1] = ["TokenUsage"];

/// The module of the conversions.
#[must_use]
pub fn emit(owned: &Owned) -> TokenStream {
    let is_of = |list: &[&str], item: &Item| list.iter().any(|name| item.ident == name);
    let items: Vec<&Item> = owned.items.iter().filter(|i| !is_of(&BY_HAND, i) && !is_of(&NO_TYPE, i)).collect();
    let converted = items.iter().map(|item| match &item.kind {
        ItemKind::Struct(shape) => structure(owned, item, shape),
        _ => union(item),
    });
    let names = items.iter().map(|item| &item.ident);
    let words = owned.words.iter().map(|item| &item.ident);
    quote! {
        #![doc = " Converse between its plain types and those of the SDK."]
        use crate::convert::{FromSdk, ToSdk, built, from, none, nothing, only_here, to, unknown};
        use crate::types::{self, Map};
        use ::aws_sdk_bedrockruntime::types as sdk;
        use ::outcrop_runtime::Error;
        #(#converted)*
        crate::convert::conversions!(#(#names),*);
        crate::convert::words!(#(#words),*);
    }
}

fn structure(owned: &Owned, item: &Item, shape: &Shape) -> TokenStream {
    let name = &item.ident;
    let known = || shape.members.iter().filter(|m| is_known(&m.key));
    let nothing = shape.members.iter().filter(|m| !is_known(&m.key)).map(|m| {
        let (ident, key) = (&m.ident, &m.key);
        quote!(none(self.#ident.as_ref(), #key)?;)
    });
    let sets = known().map(|m| {
        let (ident, key) = (&m.ident, &m.key);
        // Setters are named after the plain word, also where a field must be raw.
        let setter = crate::names::ident(&format!("set_{}", ident.to_string().trim_start_matches("r#")));
        if m.is_option() {
            quote!(.#setter(to(self.#ident, #key)?))
        } else {
            quote!(.#setter(Some(to(self.#ident, #key)?)))
        }
    });
    let fields = shape.members.iter().map(|m| {
        let (ident, key) = (&m.ident, &m.key);
        if is_known(key) { quote!(#ident: from(value.#ident, #key)?) } else { quote!(#ident: None) }
    });
    let value = if known().next().is_some() { quote!(value) } else { quote!(_) };
    let built = if is_fallible(owned, item, shape) {
        quote!(built(sdk::#name::builder()#(#sets)*.build()))
    } else {
        quote!(Ok(sdk::#name::builder()#(#sets)*.build()))
    };
    quote! {
        impl ToSdk<sdk::#name> for types::#name {
            fn to_sdk(self) -> Result<sdk::#name, Error> {
                nothing(&self.extra)?;
                #(#nothing)*
                #built
            }
        }
        impl FromSdk<sdk::#name> for types::#name {
            fn from_sdk(#value: sdk::#name) -> Result<Self, Error> {
                Ok(Self { #(#fields,)* extra: Map::default() })
            }
        }
    }
}

/// Builders fail if a required member is missing, save those that hold structs or unions, which the SDK makes optional.
fn is_fallible(owned: &Owned, item: &Item, shape: &Shape) -> bool {
    let is_word = |m: &Member| match &m.ty {
        RustTy::Named(name, _) => owned.words.iter().any(|word| word.ident == *name),
        _ => true,
    };
    shape.members.iter().any(|m| !m.is_option() && is_word(m)) || FALLIBLE.iter().any(|name| item.ident == name)
}

fn union(item: &Item) -> TokenStream {
    let name = &item.ident;
    let (known, here): (Vec<_>, Vec<_>) = arms(item).iter().partition(|v| is_known(&v.key));
    let (idents, keys): (Vec<_>, Vec<_>) = known.iter().map(|v| (&v.ident, &v.key)).unzip();
    let (only, only_keys): (Vec<_>, Vec<_>) = here.iter().map(|v| (&v.ident, &v.key)).unzip();
    quote! {
        impl ToSdk<sdk::#name> for types::#name {
            fn to_sdk(self) -> Result<sdk::#name, Error> {
                match self {
                    #(Self::#idents(value) => Ok(sdk::#name::#idents(to(value, #keys)?)),)*
                    #(Self::#only(_) => Err(only_here(#only_keys)),)*
                    Self::Unknown { name, .. } => Err(only_here(&name)),
                }
            }
        }
        impl FromSdk<sdk::#name> for types::#name {
            fn from_sdk(value: sdk::#name) -> Result<Self, Error> {
                match value {
                    #(sdk::#name::#idents(value) => Ok(Self::#idents(from(value, #keys)?)),)*
                    _ => Err(unknown()),
                }
            }
        }
    }
}

fn is_known(key: &str) -> bool {
    !NOT_IN_SDK.contains(&key)
}
