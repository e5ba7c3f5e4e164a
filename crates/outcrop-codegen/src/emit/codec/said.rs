//! What a chunk says: the slots of a type over `Signal` go straight into the one value that is applied to the stream.

use outcrop_lang::ir::{FacadeTy, Field, Lens, Literal, Path, Step, Ty, TypeKind};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::assemble::{Slots, node};
use super::decode::Object;
use super::scope::Scope;
use super::{decode_value, rep};

/// The members of a path.
fn names(path: &Path) -> Vec<&str> {
    path.0.iter().map(|s| if let Step::Member(name) = s { name.as_str() } else { "" }).collect()
}

/// Whether a path leads to the key of a block. Its slot holds the number, if it is one.
fn is_key(path: &Path) -> bool {
    matches!(names(path).as_slice(), ["key"] | ["open" | "delta" | "close", "key"])
}

/// Statements that read a field into its slot, where that is not as for other façade types.
pub(crate) fn member(
    scope: &mut Scope<'_>,
    slots: &mut Slots,
    path: &Path,
    field: &Field,
    place: &str,
) -> Option<TokenStream> {
    if path.0.is_empty() {
        let Ty::Named(id) = field.ty else { return Some(scope.refuse(place, "a signal that is no object")) };
        let f = decode_value::want(scope, id, &signal());
        return Some(quote!(#f(c, cx, at, said)?;));
    }
    if is_key(path) {
        let slot = slots.of(path);
        return Some(match field.ty {
            Ty::Int(_) => quote!(#slot = Some(Some(c.int()?));),
            _ => {
                let value = decode_value::field(scope, field, &FacadeTy::Json, place);
                quote!(#slot = Some(rt::block_key(&#value));)
            }
        });
    }
    match names(path).as_slice() {
        ["parts"] => {
            let (item, walk) = match &field.ty {
                Ty::List(item, _) => (item, quote!(items)),
                Ty::OneOrList(item) => (item, quote!(one_or_items)),
                _ => return Some(scope.refuse(place, "parts that are no list")),
            };
            let Ty::Named(id) = **item else { return Some(scope.refuse(place, "parts that are no objects")) };
            let f = decode_value::want(scope, id, &signal());
            let slot = slots.of(path);
            Some(quote! {
                let mut items = c.arena().list();
                rt::#walk(c, at, |c, at| {
                    items.push(Default::default());
                    items.last_mut().map_or(Ok(()), |said| #f(c, cx, at, said))
                })?;
                #slot = Some(items.finish());
            })
        }
        ["delta", "value"] => {
            let small = match &field.ty {
                Ty::Named(id) => matches!(scope.def(*id).kind, TypeKind::Regions(_)) || scope.is_union(*id),
                _ => false,
            };
            if small {
                return None;
            }
            let value = decode_value::field(scope, field, &rep_delta(), place);
            let slot = slots.of(path);
            Some(quote!(let x = #value; #slot = Some(converse::stream::Delta::of(c.arena(), x));))
        }
        _ => None,
    }
}

fn signal() -> FacadeTy {
    FacadeTy::Named("Signal".to_owned())
}

fn rep_delta() -> FacadeTy {
    FacadeTy::Named("ContentBlockDelta".to_owned())
}

/// Whether some field, perhaps in a group, is over the whole signal.
fn says_whole(scope: &Scope<'_>, fields: &[Field]) -> bool {
    fields.iter().any(|field| match &field.lens {
        Lens::Path(path) => path.0.is_empty(),
        Lens::Group => {
            let ty = if let Ty::Only { item, .. } = &field.ty { item } else { &field.ty };
            let Ty::Named(id) = ty else { return false };
            matches!(&scope.def(*id).kind, TypeKind::Struct(s) if says_whole(scope, &s.fields))
        }
        Lens::Take { .. } | Lens::Extra => false,
    })
}

/// Fills paths that are still empty with what the spec assumes.
pub(crate) fn assume(scope: &mut Scope<'_>, slots: &mut Slots, object: &Object<'_>) -> TokenStream {
    let (keys, others): (Vec<_>, Vec<_>) = object.given.iter().cloned().partition(|(path, _)| is_key(path));
    let mut out = slots.assume(scope, object.view, &others);
    // A member over the whole signal has said what it says already.
    if !others.is_empty() && says_whole(scope, object.fields) {
        out = quote!(if said.start.is_none() { #out });
    }
    for (path, value) in keys {
        let slot = slots.of(&path);
        let key = match &value {
            Literal::Num(n) => n.parse::<i64>().ok(),
            _ => None,
        };
        let key = match key {
            Some(n) => quote!(Some(#n)),
            None => quote!(None),
        };
        out.extend(quote!(if #slot.is_none() { #slot = Some(#key); }));
    }
    out
}

/// Statements that put all slots into `said`.
pub(crate) fn fill(scope: &mut Scope<'_>, slots: &Slots) -> TokenStream {
    let all: Vec<(&[Step], usize)> = slots.paths().iter().enumerate().map(|(i, p)| (p.0.as_slice(), i)).collect();
    let mut heads: Vec<&str> = Vec::new();
    for (path, _) in &all {
        if let Some(Step::Member(name)) = path.first()
            && !heads.contains(&name.as_str())
        {
            heads.push(name);
        }
    }
    let mut out = TokenStream::new();
    for head in heads {
        let below: Vec<(&[Step], usize)> = below(&all, head);
        out.extend(match head {
            "key" => keyed(&below, &format_ident!("key"), false),
            "open" => {
                let key = keyed(&self::below(&below, "key"), &format_ident!("open_key"), false);
                let block = value(scope, "SignalOpen", "block", &self::below(&below, "block"));
                quote!(#key if let Some(x) = #block { said.open = Some(c.arena().value(x)); })
            }
            "delta" => {
                let key = keyed(&self::below(&below, "key"), &format_ident!("delta_key"), false);
                let grows = grows(scope, &self::below(&below, "value"));
                quote!(#key #grows)
            }
            "close" => keyed(&self::below(&below, "key"), &format_ident!("close"), true),
            "parts" | "whole" => {
                let slots = below.iter().map(|(_, i)| format_ident!("s{i}"));
                let field = rep::field(head);
                quote!(#(if let Some(x) = #slots { said.#field = x; })*)
            }
            // No event tells it.
            "firstByteLatency" => {
                let slots = below.iter().map(|(_, i)| format_ident!("s{i}"));
                quote!(#(let _: Option<i64> = #slots;)*)
            }
            _ => {
                let field = rep::field(head);
                let value = value(scope, "Signal", head, &below);
                quote!(let x = #value; if x.is_some() { said.#field = x; })
            }
        });
    }
    out
}

/// The slots below a member.
fn below<'p>(paths: &[(&'p [Step], usize)], head: &str) -> Vec<(&'p [Step], usize)> {
    let is_head = |p: &[Step]| matches!(p.first(), Some(Step::Member(name)) if name == head);
    paths.iter().filter(|(p, _)| is_head(p)).filter_map(|(p, i)| Some((p.get(1..)?, *i))).collect()
}

/// The key of a block; `whole`: that it is there says something, too.
fn keyed(slots: &[(&[Step], usize)], field: &proc_macro2::Ident, whole: bool) -> TokenStream {
    let slots = slots.iter().map(|(_, i)| format_ident!("s{i}"));
    if whole {
        quote!(#(if #slots.is_some() { said.#field = #slots; })*)
    } else {
        quote!(#(if let Some(x) = #slots { said.#field = x; })*)
    }
}

/// The value of a member of a façade type.
fn value(scope: &mut Scope<'_>, of: &str, member: &str, paths: &[(&[Step], usize)]) -> TokenStream {
    let ty = scope.facade.types.get(of).and_then(|t| t.members.iter().find(|m| m.name == member)).map(|m| &m.ty);
    match ty {
        Some(ty) => node(scope, ty, paths),
        None => scope.refuse(member, "a signal that the façade does not have"),
    }
}

/// What blocks grow by, an arm each.
fn grows(scope: &mut Scope<'_>, paths: &[(&[Step], usize)]) -> TokenStream {
    let mut out = TokenStream::new();
    let mut rest: Vec<(&[Step], usize)> = Vec::new();
    for (path, i) in paths {
        let slot = format_ident!("s{i}");
        let path_names: Vec<&str> =
            path.iter().map(|s| if let Step::Member(name) = s { name.as_str() } else { "" }).collect();
        let form = match path_names.as_slice() {
            [] => {
                out.extend(quote!(if let Some(x) = #slot { said.grow(c, x); }));
                continue;
            }
            ["text"] => quote!(Text),
            ["reasoningContent", "text"] => quote!(Reasoning),
            ["reasoningContent", "signature"] => quote!(Signature),
            ["toolUse", "input"] => quote!(Input),
            _ => {
                rest.push((path, *i));
                continue;
            }
        };
        out.extend(quote!(if let Some(x) = #slot { said.grow(c, converse::stream::Delta::#form(x)); }));
    }
    if !rest.is_empty() {
        let value = value(scope, "SignalDelta", "value", &rest);
        out.extend(quote!(if let Some(x) = #value { said.grow(c, converse::stream::Delta::of(c.arena(), x)); }));
    }
    out
}

/// Whether the texts that blocks grow by go through as they are, and nothing else depends on what they say.
pub(crate) fn is_steady(scope: &Scope<'_>, views: &[&str]) -> bool {
    let plain = |field: &Field| match &field.lens {
        Lens::Path(path) => {
            let about_text = !matches!(names(path).first(), Some(&("start" | "stop" | "usage" | "open" | "close")));
            let other =
                matches!(field.ty, Ty::Base64 { .. } | Ty::JsonText | Ty::DataUrl(_) | Ty::Media(_) | Ty::Prompt);
            let tables = field.map.as_ref().is_some_and(|m| !m.when.is_empty()) || about_text && field.map.is_some();
            let spelt = matches!(field.ty, Ty::Spelt(..));
            !(other || tables || about_text && (field.empty.is_some() || spelt))
        }
        _ => true,
    };
    super::stream::structs(scope.family)
        .filter(|s| views.contains(&s.view.as_str()))
        .all(|s| s.fields.iter().all(plain))
}
