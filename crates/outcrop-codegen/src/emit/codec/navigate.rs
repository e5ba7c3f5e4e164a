//! Expressions that follow façade paths to what is there.

use outcrop_lang::ir::{Path, Step};
use proc_macro2::TokenStream;
use quote::quote;

use super::places::{Hop, Place};
use super::rep;

/// What a pattern is to be held against, and the pattern of a place that gives a name to what is there; none for places
/// that no pattern describes or that are there always.
fn pattern(place: &Place<'_>, start: &TokenStream, name: &TokenStream) -> Option<(TokenStream, TokenStream)> {
    let (first, others) = place.hops.split_first()?;
    if is_sure(place) {
        return None;
    }
    let inner = others.iter().rev().try_fold(name.clone(), |inner, hop| match hop {
        Hop::Arm(owner, member) => {
            let (rust, arm) = (rep::named(owner), rep::variant(&member.name));
            Some(quote!(#rust::#arm(#inner)))
        }
        Hop::Member(owner, member) if !member.is_virtual => {
            let (rust, field) = (rep::named(owner), rep::field(&member.name));
            let inner = if rep::is_option(member) { quote!(Some(#inner)) } else { inner };
            let named = if field == inner.to_string() { inner } else { quote!(#field: #inner) };
            Some(quote!(#rust { #named, .. }))
        }
        Hop::Member(..) | Hop::Only | Hop::Last | Hop::Pick(..) => None,
    })?;
    match first {
        Hop::Arm(owner, member) => {
            let (rust, arm) = (rep::named(owner), rep::variant(&member.name));
            Some((start.clone(), quote!(#rust::#arm(#inner))))
        }
        Hop::Member(_, member) => {
            let field = rep::field(&member.name);
            let inner = if rep::is_option(member) { quote!(Some(#inner)) } else { inner };
            Some((quote!(&#start.#field), inner))
        }
        Hop::Only | Hop::Last | Hop::Pick(..) => None,
    }
}

/// Whether what a path leads to is there whatever the value is.
pub(crate) fn is_sure(place: &Place<'_>) -> bool {
    place.hops.iter().all(|hop| matches!(hop, Hop::Member(_, member) if !rep::is_option(member)))
}

/// The statement that gives `name` to what a sure path leads to, seen from `start` (a reference).
pub(crate) fn sure(place: &Place<'_>, start: &TokenStream, name: &TokenStream) -> TokenStream {
    let fields = place.hops.iter().filter_map(|hop| match hop {
        Hop::Member(_, member) => Some(rep::field(&member.name)),
        _ => None,
    });
    if place.hops.is_empty() { quote!(let #name = #start;) } else { quote!(let #name = &#start #(.#fields)*;) }
}

/// A condition: whether there is something at a place, seen from `start` (a reference).
pub(crate) fn is_there(place: &Place<'_>, start: TokenStream) -> TokenStream {
    if let [Hop::Member(_, member)] = place.hops.as_slice()
        && rep::is_option(member)
    {
        let field = rep::field(&member.name);
        return quote!(#start.#field.is_some());
    }
    if let Some((start, pattern)) = pattern(place, &start, &quote!(_)) {
        return quote!(matches!(#start, #pattern));
    }
    let find = navigate(place, start);
    quote!(({ #find }).is_some())
}

/// A statement that gives `name` to what is at a place, seen from `start` (a reference), or else does `otherwise`.
pub(crate) fn bind(place: &Place<'_>, start: TokenStream, name: &TokenStream, otherwise: &TokenStream) -> TokenStream {
    if let Some((start, pattern)) = pattern(place, &start, name) {
        return quote!(let #pattern = #start else { #otherwise };);
    }
    let find = navigate(place, start);
    quote!(let Some(#name) = ({ #find }) else { #otherwise };)
}

/// The condition of an `if` that gives `name` to what is at a place, seen from `start` (a reference).
pub(crate) fn when(place: &Place<'_>, start: TokenStream, name: &TokenStream) -> TokenStream {
    if let Some((start, pattern)) = pattern(place, &start, name) {
        return quote!(let #pattern = #start);
    }
    let find = navigate(place, start);
    quote!(let Some(#name) = ({ #find }))
}

/// A block that follows a path from `start` (a reference): `Some` of a reference to what is there.
pub(crate) fn navigate(place: &Place<'_>, start: TokenStream) -> TokenStream {
    if place.hops.is_empty() {
        return quote!(Some(#start));
    }
    if let [Hop::Member(_, member)] = place.hops.as_slice()
        && rep::is_option(member)
    {
        let field = rep::field(&member.name);
        return quote!(#start.#field.as_ref());
    }
    if let Some((start, pattern)) = pattern(place, &start, &quote!(x)) {
        return quote!(if let #pattern = #start { Some(x) } else { None });
    }
    let mut steps = TokenStream::new();
    let mut from = start;
    let mut sure = true;
    let mut step = String::new();
    for hop in &place.hops {
        if let Hop::Member(_, member) | Hop::Arm(_, member) = hop {
            if !step.is_empty() {
                step.push('.');
            }
            step.push_str(&member.name);
        }
        match hop {
            Hop::Member(_, member) => {
                let field = rep::field(&member.name);
                if rep::is_option(member) {
                    sure = false;
                    steps.extend(quote!(let Some(x) = &#from.#field else { break 'find None };));
                } else {
                    steps.extend(quote!(let x = &#from.#field;));
                }
            }
            Hop::Arm(owner, member) => {
                sure = false;
                let (rust, arm) = (rep::named(owner), rep::variant(&member.name));
                steps.extend(quote!(let #rust::#arm(x) = #from else { break 'find None };));
            }
            Hop::Only => {
                sure = false;
                steps.extend(quote!(let Some(x) = rt::single(#from, &at.key(#step))? else { break 'find None };));
            }
            Hop::Last => {
                sure = false;
                steps.extend(quote!(let Some(x) = #from.last() else { break 'find None };));
            }
            Hop::Pick(member, value) => {
                sure = false;
                let field = rep::field(member);
                steps.extend(
                    quote!(let Some(x) = #from.iter().find(|x| rt::says(&x.#field, #value)) else { break 'find None };),
                );
            }
        }
        from = quote!(x);
    }
    if sure { quote!(#steps Some(x)) } else { quote!('find: { #steps Some(x) }) }
}

/// The conditions of an `if` that follow a path from `start` and bind its value.
pub(crate) fn found(place: &Place<'_>, start: &TokenStream, name: &TokenStream) -> TokenStream {
    let mut conditions: Vec<TokenStream> = Vec::new();
    let mut from = start.clone();
    let mut step = String::new();
    for (i, hop) in place.hops.iter().enumerate() {
        if let Hop::Member(_, member) | Hop::Arm(_, member) = hop {
            if !step.is_empty() {
                step.push('.');
            }
            step.push_str(&member.name);
        }
        let to = if i + 1 == place.hops.len() { name.clone() } else { quote!(x) };
        conditions.push(match hop {
            Hop::Member(_, member) => {
                let field = rep::field(&member.name);
                if rep::is_option(member) {
                    quote!(let Some(#to) = &#from.#field)
                } else {
                    // Nothing that may be missing: the next step starts there.
                    from = quote!(#from.#field);
                    if i + 1 == place.hops.len() {
                        conditions.push(quote!(let #to = &#from));
                    }
                    continue;
                }
            }
            Hop::Arm(owner, member) => {
                let (rust, arm) = (rep::named(owner), rep::variant(&member.name));
                let borrowed = matches!(i.checked_sub(1).and_then(|i| place.hops.get(i)), Some(Hop::Member(_, m)) if !rep::is_option(m));
                let value = if borrowed { quote!(&#from) } else { from.clone() };
                quote!(let #rust::#arm(#to) = #value)
            }
            Hop::Only => quote!(let Some(#to) = rt::single(&#from, &at.key(#step))?),
            Hop::Last => quote!(let Some(#to) = #from.last()),
            Hop::Pick(member, value) => {
                let field = rep::field(member);
                quote!(let Some(#to) = #from.iter().find(|x| rt::says(&x.#field, #value)))
            }
        });
        from = quote!(x);
    }
    if conditions.is_empty() {
        conditions.push(quote!(let #name = #start));
    }
    quote!(#(#conditions)&&*)
}

/// A path as one step of a place: `inferenceConfig.maxTokens`.
pub(crate) fn dotted(path: &Path) -> String {
    let mut out = String::new();
    for step in &path.0 {
        match step {
            Step::Member(name) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
            }
            Step::Only | Step::Pick { .. } => out.push_str("[0]"),
        }
    }
    out
}
