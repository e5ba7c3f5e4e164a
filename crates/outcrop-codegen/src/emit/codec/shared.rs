//! Functions that several bodies have in common are emitted once: requests and responses are made of the same blocks.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;

/// The module of one body before its functions are shared.
pub(crate) struct Module {
    /// What stands before the name: documentation and visibility.
    pub(crate) before: TokenStream,
    /// Name.
    pub(crate) name: Ident,
    /// Contents beside the functions.
    pub(crate) tokens: TokenStream,
    /// Functions by name.
    pub(crate) functions: Vec<(Ident, TokenStream)>,
}

/// The modules, with the functions that are the same in more than one of them beside them. The modules see these through
/// their `use super::*`.
pub(crate) fn emit(modules: Vec<Module>) -> TokenStream {
    let common = common(&modules);
    let mut shared: BTreeMap<String, TokenStream> = BTreeMap::new();
    let mut out = TokenStream::new();
    for Module { before, name, tokens, functions } in modules {
        let mut own = TokenStream::new();
        for (ident, function) in functions {
            if common.contains(&ident.to_string()) {
                shared.entry(ident.to_string()).or_insert(function);
            } else {
                own.extend(function);
            }
        }
        out.extend(quote!(#before mod #name { use super::*; #tokens #own }));
    }
    let shared = shared.into_values();
    quote!(#(#shared)* #out)
}

/// Names of functions that are there more than once, always the same, and call only such functions.
fn common(modules: &[Module]) -> BTreeSet<String> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut calls: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (ident, function) in modules.iter().flat_map(|m| &m.functions) {
        let name = ident.to_string();
        texts.entry(name.clone()).or_default().push(function.to_string());
        let mut idents = BTreeSet::new();
        mentions(function.clone(), &mut idents);
        calls.entry(name).or_default().extend(idents);
    }
    let same = |texts: &Vec<String>| texts.len() > 1 && texts.iter().all(|t| Some(t) == texts.first());
    let mut common: BTreeSet<String> = texts.iter().filter(|(_, t)| same(t)).map(|(n, _)| n.clone()).collect();
    loop {
        let calls_own = |name: &String| {
            let called = calls.get(name).into_iter().flatten();
            called.into_iter().any(|c| texts.contains_key(c) && !common.contains(c))
        };
        let out: Vec<String> = common.iter().filter(|n| calls_own(n)).cloned().collect();
        if out.is_empty() {
            return common;
        }
        for name in &out {
            common.remove(name);
        }
    }
}

fn mentions(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                found.insert(ident.to_string());
            }
            TokenTree::Group(group) => mentions(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
