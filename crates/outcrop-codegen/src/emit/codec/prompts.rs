//! Fields that hold a whole prompt: turns rendered by one of the family's grammars, and read back.

use outcrop_lang::ir::{FacadeTy, Path};
use proc_macro2::TokenStream;
use quote::quote;

use super::scope::Scope;

/// Statements that write a prompt.
pub(crate) fn encode_field(scope: &mut Scope<'_>, view: &FacadeTy, path: &Path, key: &str, place: &str) -> TokenStream {
    let _ = (view, path, key);
    scope.refuse(place, "a prompt")
}

/// An expression that reads a prompt into system and messages.
pub(crate) fn decode_value(scope: &mut Scope<'_>, view: &FacadeTy, path: &Path, place: &str) -> TokenStream {
    let _ = (view, path);
    scope.refuse(place, "a prompt");
    quote!(return Err(rt::not_generated(c)))
}
