//! Who said the token counts of an answer: its body, or the headers that came with it.

use outcrop_lang::ir::{Facade, FacadeTy, Step};
use proc_macro2::TokenStream;
use quote::quote;

use super::assemble::Slots;
use super::rep;

/// The member of an answer that holds them.
const USAGE: &str = "usage";

/// The counts, in the order of `outcrop_runtime::usage::COUNTS`.
const COUNTS: [&str; 5] =
    ["inputTokens", "outputTokens", "totalTokens", "cacheReadInputTokens", "cacheWriteInputTokens"];

/// Whether answers of a façade have all of them.
fn exist(facade: &Facade, view: &FacadeTy) -> bool {
    let Some(usage) = facade.member(view, USAGE) else { return false };
    matches!(view, FacadeTy::Named(name) if name == "ConverseResponse")
        && COUNTS.iter().all(|name| facade.member(&usage.ty, name).is_some_and(|count| count.ty == FacadeTy::Int))
}

/// A statement after the body is read and before its headers are: which counts it said.
pub(super) fn said(facade: &Facade, view: &FacadeTy, slots: &Slots) -> TokenStream {
    if !exist(facade, view) {
        return TokenStream::new();
    }
    let of = |steps: &[&str]| {
        let is = |step: &Step, name: &str| matches!(step, Step::Member(member) if member == name);
        let is_path =
            |path: &[Step]| path.len() == steps.len() && path.iter().zip(steps).all(|(step, name)| is(step, name));
        slots.paths().iter().find(|path| is_path(&path.0)).map(|path| slots.var(path))
    };
    let whole = of(&[USAGE]);
    let each = COUNTS.iter().map(|name| {
        let field = rep::field(name);
        let whole = whole
            .as_ref()
            .map(|slot| quote!(#slot.as_ref().is_some_and(|x: &converse::TokenUsage<'_>| x.#field.is_some())));
        let own = of(&[USAGE, name]).map(|slot| quote!(#slot.is_some()));
        match (whole, own) {
            (Some(whole), Some(own)) => quote!(#whole || #own),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => quote!(false),
        }
    });
    quote!(let said = [#(#each),*];)
}

/// A statement after the answer is put together: it tells the report.
pub(super) fn told(facade: &Facade, view: &FacadeTy) -> TokenStream {
    if !exist(facade, view) {
        return TokenStream::new();
    }
    let fields = COUNTS.iter().map(|name| rep::field(name));
    quote! {
        if let Some(x) = value.as_ref().and_then(|x| x.usage.as_ref()) {
            cx.counted(said, [#(x.#fields),*]);
        }
    }
}
