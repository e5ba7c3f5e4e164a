//! Stop reasons of answers that hold calls, where the format says why they ended in the same words as without.

use outcrop_lang::ir::Family;
use proc_macro2::TokenStream;
use quote::quote;

use super::root::Part;

/// What stop reasons mean in answers without calls, and with some.
pub(crate) fn rows(family: &Family, stream: bool) -> Vec<TokenStream> {
    family.with_calls(stream).into_iter().map(|(plain, with)| quote!((#plain, #with))).collect()
}

/// The rows of a body.
fn told(family: &Family, part: Part) -> Vec<TokenStream> {
    if part.word() == "response" { rows(family, false) } else { Vec::new() }
}

/// A body that was read, with what its stop reason means.
pub(crate) fn read(family: &Family, part: Part, value: TokenStream) -> TokenStream {
    let told = told(family, part);
    if told.is_empty() { value } else { quote!(converse::stops::read(#value, &[#(#told),*])) }
}

/// Statements that give the body that is written, `v`, the stop reason that the format has.
pub(crate) fn written(family: &Family, part: Part) -> TokenStream {
    let told = told(family, part);
    if told.is_empty() {
        return TokenStream::new();
    }
    quote! {
        let told = converse::stops::written(v, &[#(#told),*], cx);
        let v = told.as_ref().unwrap_or(v);
    }
}
