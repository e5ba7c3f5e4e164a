//! All items of a module.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::shape::{Item, ItemKind, RustTy, ShapeVariant, UnknownForm, Variant};
use super::{constructors, structs, unions, words};

/// Who the types are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Programs that build and keep values: constructors and `IntoOwned` too.
    Programs,
    /// Mostly parsers and printers.
    Codecs,
}

/// How items are emitted.
pub(super) struct Style {
    /// Visibility.
    pub(super) vis: TokenStream,
    /// What stands before parsers and printers.
    pub(super) inline: TokenStream,
}

/// Definitions, parsers and printers of these items.
pub(super) fn emit<'i>(
    items: impl Iterator<Item = &'i Item> + Clone,
    audience: Audience,
    vis: &TokenStream,
) -> TokenStream {
    each(items, audience, vis).into_iter().map(|(_, tokens)| tokens).collect()
}

/// Definition, parser and printer of each of these items.
pub(super) fn each<'i>(
    items: impl Iterator<Item = &'i Item> + Clone,
    audience: Audience,
    vis: &TokenStream,
) -> Vec<(Ident, TokenStream)> {
    // Few programs use a family's own types, and those few of them: what is `inline` is compiled where it is called.
    let inline = (audience == Audience::Codecs).then(|| quote!(#[inline]));
    let style = &Style { vis: vis.clone(), inline: quote!(#inline) };
    let defaults = defaults(items.clone());
    let items = items.map(|item| {
        let definition = match &item.kind {
            ItemKind::Struct(shape) => structs::emit(item, shape, defaults.contains(&item.ident.to_string()), style),
            ItemKind::External(union) => unions::external(item, union, style),
            ItemKind::Internal(union) => unions::internal(item, union, style),
            ItemKind::ByShape(union) => unions::by_shape(item, union, style),
            ItemKind::TextOrList(element) => unions::text_or_list(item, element, style),
            ItemKind::Words(words) => words::emit(item, words, style),
        };
        let more = (audience == Audience::Programs).then(|| for_programs(item, vis));
        (item.ident.clone(), quote!(#definition #more))
    });
    items.collect()
}

fn for_programs(item: &Item, vis: &TokenStream) -> TokenStream {
    match &item.kind {
        ItemKind::Struct(shape) => {
            let (new, owned) = (constructors::emit(item, shape, vis), structs::emit_owned(item, shape));
            quote!(#new #owned)
        }
        ItemKind::External(union) => unions::emit_owned(item, &union.variants, &union.words, union.unknown),
        ItemKind::Internal(union) => unions::emit_owned(item, &union.variants, &union.words, union.unknown),
        ItemKind::ByShape(union) => {
            let variants: Vec<Variant> = union.variants.iter().map(|v: &ShapeVariant| v.variant.clone()).collect();
            unions::emit_owned(item, &variants, &union.words, union.unknown)
        }
        ItemKind::TextOrList(_) => {
            let variant = |name: &str| Variant {
                ident: crate::names::ident(name),
                key: String::new(),
                ty: RustTy::Str,
                doc: String::new(),
            };
            unions::emit_owned(item, &[variant("Text"), variant("List")], &[], UnknownForm::Refused)
        }
        ItemKind::Words(words) => words::emit_owned(item, words),
    }
}

/// The structs that can have a default: every required member has one.
pub(super) fn defaults<'i>(items: impl Iterator<Item = &'i Item>) -> BTreeSet<String> {
    let structs: Vec<_> = items
        .filter_map(|item| match &item.kind {
            ItemKind::Struct(shape) => Some((item.ident.to_string(), shape)),
            _ => None,
        })
        .collect();
    let mut with: BTreeSet<String> = structs.iter().map(|(name, _)| name.clone()).collect();
    loop {
        let without = structs.iter().filter(|(name, shape)| {
            with.contains(name) && shape.members.iter().any(|m| !m.is_option() && !has_default(&m.ty, &with))
        });
        let without: Vec<String> = without.map(|(name, _)| name.clone()).collect();
        if without.is_empty() {
            return with;
        }
        with.retain(|name| !without.contains(name));
    }
}

fn has_default(ty: &RustTy, with: &BTreeSet<String>) -> bool {
    match ty {
        RustTy::Named(name, _) => with.contains(&name.to_string()),
        RustTy::One(item) => has_default(item, with),
        _ => true,
    }
}
