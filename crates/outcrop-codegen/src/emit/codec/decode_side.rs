//! What a whole body has beside its type: members of the service, headers, and additional fields.

use outcrop_lang::ir::{Field, Header, Lens};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::decode::{Object, Reader};
use super::places::resolve;
use super::root::Part;
use super::scope::Scope;
use super::service_body::{self, Owned};

/// What a whole body has beside its type.
pub(crate) struct Side {
    /// Members of the service whose value replaces what the body says.
    pub(crate) wins: Vec<Field>,
    /// Headers that fill what the body left empty.
    pub(crate) headers: Vec<Header>,
    /// The façade member for additional fields.
    pub(crate) extras: &'static str,
    /// Façade members that only the service says.
    pub(crate) owned: Vec<Owned>,
    pub(crate) part: Part,
}

/// The façade members that only the service says, each with a variable.
fn owned_vars(side: &Side) -> impl Iterator<Item = (Ident, &Owned)> {
    side.owned.iter().enumerate().map(|(i, owned)| (format_ident!("own{i}"), owned))
}

/// Members of the service, headers and additional fields of a whole body.
pub(crate) fn emit(
    scope: &mut Scope<'_>,
    object: &Object<'_>,
    reader: &mut Reader,
    side: &Side,
) -> (TokenStream, TokenStream) {
    let (mut arms, mut after) = (TokenStream::new(), TokenStream::new());
    for (i, field) in side.wins.iter().enumerate() {
        let (Lens::Path(path), var) = (&field.lens, format_ident!("win{i}")) else {
            scope.refuse(&field.key, "a member of the service that is no plain value");
            continue;
        };
        let slot = reader.slots.of(path);
        reader.late_vars.push(var.clone());
        let (key, value) = (&field.key, service_body::win(side.part, field));
        arms.extend(quote!(#key => { let at = &at.key(#key); #var = #value; }));
        after.extend(quote!(if #var.is_some() { #slot = #var; }));
    }
    after.extend(super::counts::said(scope.facade, object.view, &reader.slots));
    for header in &side.headers {
        let Some(target) = resolve(scope.facade, object.view, &header.path) else { continue };
        let slot = reader.slots.of(&header.path);
        let value = super::root::read_header(scope, header, &target.ty);
        let name = &header.name;
        after.extend(if super::root::is_plain_header(header, &target.ty) {
            quote!(cx.header_slot(c, #name, &mut #slot);)
        } else {
            quote! {
                if #slot.is_none() && let Some(text) = cx.header(#name) {
                    #slot = #value;
                }
            }
        });
    }
    for (var, owned) in owned_vars(side) {
        let slot = reader.slots.of(&super::rep::path(&owned.name));
        let (.., value) = owned.reads(side.part, &var);
        after.extend(quote!(#slot = #value;));
    }
    let extras = reader.slots.of(&super::rep::path(side.extras));
    after.extend(quote!(#extras = cx.extras(c);));
    (arms, after)
}

/// The state of what the service says in members that the format does not list, and what becomes of such a member: that,
/// or what `other` does with it.
pub(crate) fn others(side: &Side, other: TokenStream) -> (TokenStream, TokenStream) {
    let (mut states, mut reads) = (TokenStream::new(), Vec::new());
    for (var, owned) in owned_vars(side) {
        let (state, read, _) = owned.reads(side.part, &var);
        states.extend(state);
        reads.extend(read);
    }
    let other = if reads.is_empty() { other } else { quote!(if !(#(#reads)||*) { #other }) };
    (states, other)
}
