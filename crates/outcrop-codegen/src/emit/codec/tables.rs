//! What a family knows as data: fates, catalogue, prompt grammars.

use outcrop_lang::ir::{Family, Fate, Model};
use proc_macro2::TokenStream;
use quote::quote;

use super::prompts;

/// The constant `SPEC`.
pub(crate) fn emit(family: &Family) -> TokenStream {
    // The family's own come first and win ties.
    let fates = family.fates.iter().chain(&family.facade.fates).map(fate);
    let models = family.models.iter().map(model);
    let prompts = prompts::table(family);
    let name = &family.name;
    quote! {
        /// What the family knows as data.
        pub static SPEC: Spec = Spec { family: #name, fates: &[#(#fates),*], models: &[#(#models),*], prompts: #prompts };
    }
}

fn fate(fate: &Fate) -> TokenStream {
    let pattern = &fate.pattern;
    let dropped = match &fate.dropped {
        Some(why) => quote!(Some(#why)),
        None => quote!(None),
    };
    quote!(FateRule { pattern: &[#(#pattern),*], dropped: #dropped })
}

fn model(model: &Model) -> TokenStream {
    let Model { pattern, name, limits, capabilities, prompt, .. } = model;
    let prompt = match prompt {
        Some(prompt) => quote!(Some(#prompt)),
        None => quote!(None),
    };
    let limits = limits.iter().map(|(name, limit)| quote!((#name, #limit)));
    quote!(Model { pattern: #pattern, name: #name, prompt: #prompt, limits: &[#(#limits),*], capabilities: &[#(#capabilities),*] })
}
