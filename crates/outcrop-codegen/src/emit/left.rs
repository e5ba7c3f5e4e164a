//! Which members of a façade value are there, as bits: codecs say by a mask which they leave, and what is left is told.

use outcrop_lang::ir::{Facade, FacadeKind, FacadeMember, FacadeTy, FacadeType};
use proc_macro2::TokenStream;
use quote::quote;

use super::facade::FacadeShapes;
use super::shape::{Item, ItemKind};

/// The bit of a member; that of the members which Converse does not list comes after the last.
pub(crate) fn bit(def: &FacadeType, name: Option<&str>) -> u64 {
    let mut members = def.members.iter().filter(|m| !m.is_virtual);
    let place = match name {
        Some(name) => members.position(|m| m.name == name),
        None => Some(members.count()),
    };
    place.and_then(|n| u32::try_from(n).ok()).and_then(|n| 1u64.checked_shl(n)).unwrap_or(0)
}

/// Whether values of a type have nothing inside that could have a fate of its own.
fn is_plain(ty: &FacadeTy) -> bool {
    matches!(ty, FacadeTy::Str | FacadeTy::Enum(_) | FacadeTy::Int | FacadeTy::Float | FacadeTy::Bool | FacadeTy::Blob)
}

fn is_union(facade: &Facade, ty: &FacadeTy) -> bool {
    matches!(ty, FacadeTy::Named(name) if facade.types.get(name).is_some_and(|def| def.kind == FacadeKind::Union))
}

/// Whether a member is a list of plain values.
fn is_list(member: &FacadeMember) -> bool {
    matches!(&member.ty, FacadeTy::List(item) if is_plain(item))
}

/// How a member that nothing maps is told. An arm says something even when there is nothing in it.
fn how(facade: &Facade, def: &FacadeType, member: &FacadeMember) -> TokenStream {
    match (def.kind, &member.ty) {
        (_, FacadeTy::Json) => quote!(rt::Left::Whole),
        (FacadeKind::Union, _) => quote!(rt::Left::Arm),
        (_, ty) if is_union(facade, ty) => quote!(rt::Left::Block),
        _ if is_list(member) => quote!(rt::Left::List),
        _ => quote!(rt::Left::Values),
    }
}

/// What codecs know of the members of each façade type.
pub(crate) fn emit(facade: &Facade, shapes: &FacadeShapes) -> TokenStream {
    let types = shapes.types.iter().filter_map(|(name, item)| Some(of_type(facade, facade.types.get(name)?, item)));
    types.collect()
}

fn of_type(facade: &Facade, def: &FacadeType, item: &Item) -> TokenStream {
    let members: Vec<&FacadeMember> = def.members.iter().filter(|m| !m.is_virtual).collect();
    let bits = members.iter().map(|m| bit(def, Some(&m.name)));
    let mut number = quote!(number);
    let (present, write) = match &item.kind {
        ItemKind::Struct(shape) => {
            let there = members.iter().zip(bits).zip(&shape.members).map(|((member, bit), of)| {
                let field = &of.ident;
                match (is_list(member), member.required) {
                    // An empty list has nothing to tell.
                    (true, true) => quote!(rt::bit(!self.#field.is_empty(), #bit)),
                    (true, false) => quote!(rt::bit(self.#field.as_ref().is_some_and(|x| !x.is_empty()), #bit)),
                    (false, true) => quote!(#bit),
                    (false, false) => quote!(rt::bit(self.#field.is_some(), #bit)),
                }
            });
            let extra = shape.extra.iter().map(|extra| {
                let bit = bit(def, None);
                quote!(rt::bit(!self.#extra.is_empty(), #bit))
            });
            let all = there.chain(extra);
            let one = members.iter().zip(&shape.members).enumerate().map(|(n, (member, of))| {
                let field = &of.ident;
                if member.required {
                    quote!(#n => self.#field.write(out),)
                } else {
                    quote!(#n => rt::write_some(self.#field.as_ref(), out),)
                }
            });
            let write = match (&shape.extra, members.is_empty()) {
                (Some(extra), true) => {
                    number = quote!(_);
                    quote!(rt::write_extra(&self.#extra, out);)
                }
                (Some(extra), false) => quote!(match number { #(#one)* _ => rt::write_extra(&self.#extra, out) }),
                (None, _) => quote!(match number { #(#one)* _ => {} }),
            };
            (quote!(#(#all)|*), write)
        }
        ItemKind::External(union) => {
            let arms = union.variants.iter().map(|variant| &variant.ident);
            let all = arms.clone();
            // The one arm that is there.
            number = quote!(_);
            (
                quote!(match self { #(Self::#arms(_) => #bits,)* Self::Unknown { .. } => 0 }),
                quote!(match self { #(Self::#all(x) => x.write(out),)* Self::Unknown { .. } => {} }),
            )
        }
        _ => return TokenStream::new(),
    };
    let table = members.iter().map(|member| {
        let (name, how) = (&member.name, how(facade, def, member));
        quote!((#name, #how))
    });
    let ident = &item.ident;
    quote! {
        impl rt::Members for #ident<'_> {
            const MEMBERS: &'static [(&'static str, rt::Left)] = &[#(#table),*];
            #[inline]
            fn present(&self) -> u64 {
                #present
            }
            fn write_member(&self, #number: usize, out: &mut Vec<u8>) {
                #write
            }
        }
    }
}
