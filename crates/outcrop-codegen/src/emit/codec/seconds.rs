//! Several members that say one thing: what is only read yields to what is written, too, whatever the order on the wire.

use outcrop_lang::ir::{FacadeTy, Field, Lens};
use proc_macro2::TokenStream;
use quote::quote;

use super::decode::{Object, Reader};
use super::schemas;
use super::scope::Scope;

/// Statements around the reading of a member whose place others read as well.
pub(crate) struct Around {
    pub(crate) before: TokenStream,
    pub(crate) after: TokenStream,
}

/// What stands around a field, if it yields or others yield to it. In streams what came last counts.
pub(crate) fn around(
    scope: &mut Scope<'_>,
    object: &Object<'_>,
    reader: &mut Reader,
    fields: &[Field],
    field: &Field,
) -> Option<Around> {
    let Lens::Path(path) = &field.lens else { return None };
    if matches!(object.view, FacadeTy::Named(name) if name == "Signal") {
        return None;
    }
    // The common case, which asks for no place at all.
    let shares = |f: &&Field| f.key != field.key && matches!(&f.lens, Lens::Path(p) if p == path);
    fields.iter().find(shares)?;
    let there = schemas::target(scope, object.view, path);
    let yields = |f: &Field| f.is_second(fields, there.as_ref());
    let second = yields(field);
    let other = if second { field } else { fields.iter().filter(shares).find(|f| yields(f))? };
    let (slot, key) = (reader.slots.of(path), &other.key);
    let before = quote!(let whole = at; let said = #slot.take(););
    let differs = quote!(#slot.is_some() && #slot != said);
    let after = if second {
        quote!(if said.is_some() { if #differs { cx.unheard(&whole.key(#key)); } #slot = said; })
    } else {
        quote!(if said.is_some() { if #differs { cx.unheard(&whole.key(#key)); } if #slot.is_none() { #slot = said; } })
    };
    Some(Around { before, after })
}
