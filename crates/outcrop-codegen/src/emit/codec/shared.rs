//! Functions that several bodies of a family have in common are emitted once: requests and responses are made of the same
//! blocks.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::items::Items;
use super::scope::Refusal;
use crate::share::{Common, Piece, Place};

/// The module of one body.
#[derive(Debug, Clone)]
pub(crate) struct Module {
    /// What stands before the name: documentation and visibility.
    before: TokenStream,
    name: Ident,
    /// Imports, and names for types.
    ambient: TokenStream,
    /// Contents beside the functions.
    rest: TokenStream,
}

/// The codecs of a family, before it is known what it has in common with others.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    head: TokenStream,
    modules: Vec<Module>,
    /// All functions.
    pub(crate) pieces: Vec<Piece>,
    /// What the generator cannot express, and in which part.
    pub(crate) refused: Vec<(&'static str, Refusal)>,
}

/// Module, name, contents, functions.
type Parts = (TokenStream, &'static str, TokenStream, Vec<(Ident, TokenStream)>);

impl Code {
    pub(super) fn new(head: TokenStream, parts: Vec<Parts>, refused: Vec<(&'static str, Refusal)>) -> Self {
        let (mut modules, mut pieces) = (Vec::new(), Vec::new());
        // The family's own data may be named by anything.
        let mut own = BTreeSet::from(["SPEC".to_owned(), "UNSUPPORTED".to_owned()]);
        for (before, name, tokens, functions) in parts {
            let items = Items::of(tokens);
            let functions = functions.into_iter().map(|(ident, tokens)| (ident, false, tokens));
            let functions = items.functions.into_iter().chain(functions);
            pieces.extend(functions.map(|(ident, shown, tokens)| Piece::function(name, ident, shown, tokens)));
            own.extend(items.names);
            modules.push(Module { before, name: format_ident!("{name}"), ambient: items.ambient, rest: items.rest });
        }
        for piece in &mut pieces {
            piece.pinned = piece.mentions.iter().any(|name| own.contains(name));
        }
        Self { head, modules, pieces: lift(pieces), refused }
    }

    /// The module of the family. With `common`: without what is there, of which this is the family of that number.
    pub(crate) fn tokens(&self, common: Option<(&Common, usize)>, paths: &[TokenStream]) -> TokenStream {
        let is_own = |piece: &&Piece| common.is_none_or(|(common, i)| common.group_of(i, &piece.place()).is_none());
        let mut needed = common.map_or(BTreeMap::new(), |(c, i)| c.needed(i, self.pieces.iter().filter(is_own), None));
        for piece in self.pieces.iter().filter(|p| p.shown) {
            let group = common.and_then(|(common, i)| common.group_of(i, &piece.place()));
            needed.extend(group.map(|group| (piece.place(), group)));
        }
        // What stands beside the functions may mention those that no module has.
        let rest = || format_ident!("rest");
        let around = self.modules.iter().map(|m| Piece::function(&m.name.to_string(), rest(), false, m.rest.clone()));
        let around: Vec<Piece> = around.chain([Piece::of_type(rest(), self.head.clone())]).collect();
        needed.extend(common.map_or(BTreeMap::new(), |(c, i)| c.needed(i, around.iter(), None)));
        let functions = |module: Option<&Ident>| -> TokenStream {
            self.pieces.iter().filter(|p| p.is_in(module)).filter(is_own).map(Piece::in_place).collect()
        };
        let modules = self.modules.iter().map(|module| {
            let Module { before, name, ambient, rest } = module;
            let (imports, functions) =
                (imports(&needed, Some(name), paths, &quote!(pub(super))), functions(Some(name)));
            quote!(#before mod #name { use super::*; #imports #ambient #rest #functions })
        });
        let (head, imports, functions) = (&self.head, imports(&needed, None, paths, &quote!()), functions(None));
        quote!(#head #imports #functions #(#modules)*)
    }
}

/// Imports of what is needed in a module, from the groups at `paths`.
fn imports(
    needed: &BTreeMap<Place, usize>,
    module: Option<&Ident>,
    paths: &[TokenStream],
    vis: &TokenStream,
) -> TokenStream {
    let mut names: BTreeMap<usize, Vec<Ident>> = BTreeMap::new();
    for ((_, name), group) in needed.iter().filter(|((of, _), _)| *of == module.map(Ident::to_string)) {
        names.entry(*group).or_default().push(format_ident!("{name}"));
    }
    let module = module.iter();
    let module = quote!(#(::#module)*);
    names
        .into_iter()
        .filter_map(|(group, names)| {
            let path = paths.get(group)?;
            Some(quote!(#vis use #path #module ::{#(#names),*};))
        })
        .collect()
}

/// The module of a group of what families have in common.
pub(crate) fn emit(
    common: &Common,
    number: usize,
    codes: &[&Code],
    paths: &[TokenStream],
    options: &crate::Options,
) -> TokenStream {
    let Some(group) = common.groups.get(number) else { return TokenStream::new() };
    let Some((family, code)) = group.users.first().and_then(|i| Some((*i, codes.get(*i)?))) else {
        return TokenStream::new();
    };
    let needed = common.needed(family, group.pieces.values(), Some(number));
    let modules = code.modules.iter().filter_map(|module| {
        let pieces: Vec<TokenStream> = group.in_module(Some(&module.name)).map(Piece::in_common).collect();
        let Module { name, ambient, .. } = module;
        let imports = imports(&needed, Some(name), paths, &quote!());
        (!pieces.is_empty()).then(|| quote!(pub(crate) mod #name { use super::*; #imports #ambient #(#pieces)* }))
    });
    let (first, outer) = (super::imports(options), group.in_module(None).map(Piece::in_common));
    let imports = imports(&needed, None, paths, &quote!());
    quote!(#first #imports #(#outer)* #(#modules)*)
}

/// Functions that are the same in several bodies stand outside of their modules, which see them through their
/// `use super::*`.
fn lift(pieces: Vec<Piece>) -> Vec<Piece> {
    let common = common(&pieces);
    let mut seen = BTreeSet::new();
    let lift = |mut piece: Piece| {
        let name = piece.ident.to_string();
        if common.contains(&name) {
            piece.module = None;
            return seen.insert(name).then_some(piece);
        }
        Some(piece)
    };
    pieces.into_iter().filter_map(lift).collect()
}

/// Names of functions that are there more than once, always the same, and call only such functions.
fn common(pieces: &[Piece]) -> BTreeSet<String> {
    let mut named: BTreeMap<String, Vec<&Piece>> = BTreeMap::new();
    for piece in pieces {
        named.entry(piece.ident.to_string()).or_default().push(piece);
    }
    let same = |pieces: &[&Piece]| {
        let mut texts = pieces.iter().map(|piece| piece.tokens.to_string());
        pieces.len() > 1 && texts.next().is_some_and(|first| texts.all(|text| text == first))
    };
    let mut common: BTreeSet<String> = named.iter().filter(|(_, p)| same(p)).map(|(n, _)| n.clone()).collect();
    loop {
        let calls_own = |name: &String| {
            let mut called = named.get(name).into_iter().flatten().flat_map(|piece| &piece.mentions);
            called.any(|c| named.contains_key(c) && !common.contains(c))
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
