//! Decoding one value: an expression that reads at the cursor `c` and gives a façade value.

use outcrop_lang::ir::{FacadeTy, Field, JsonKind, Literal, Path, Step, Ty, TypeKind, ValueMap};
use proc_macro2::TokenStream;
use quote::quote;

use super::assemble::Slots;
use super::scope::{Instance, Job, Scope};
use super::{decode_take, literal, rep};
use crate::docs::type_text;

/// The value of a field, its map and its reading of the empty string included.
pub(crate) fn field(scope: &mut Scope<'_>, field: &Field, target: &FacadeTy, place: &str) -> TokenStream {
    if let Some(map) = &field.map {
        return table(scope, map, target, place, Rows::Plain);
    }
    if let (Ty::JsonText, Some(empty)) = (&field.ty, &field.empty) {
        let empty = literal::json(empty);
        return quote!(rt::json_text(c, #empty)?);
    }
    let read = value(scope, &field.ty, target, place);
    match &field.empty {
        Some(empty) => {
            let empty = literal::facade(scope, empty, target);
            quote!(if rt::empty_string(c)? { #empty } else { #read })
        }
        None => read,
    }
}

/// A value of type `ty` as the façade type `target`.
pub(crate) fn value(scope: &mut Scope<'_>, ty: &Ty, target: &FacadeTy, place: &str) -> TokenStream {
    match (ty, target) {
        (Ty::Named(id), _) => by_name(scope, *id, target, place),
        (Ty::Json, FacadeTy::Json) => quote!(c.json()?),
        (Ty::Json, FacadeTy::Str) => quote!(rt::json_as_text(c)?),
        (Ty::Json, _) => {
            let ty = rep::rust(target);
            quote!(<#ty as Value>::parse(c)?)
        }
        (Ty::JsonText, FacadeTy::Json) => quote!(rt::json_text(c, "{}")?),
        (Ty::Str(_) | Ty::Int(_) | Ty::Float(_) | Ty::Bool, FacadeTy::Json) => {
            let check = check(ty);
            quote!({ #check c.json()? })
        }
        (Ty::Str(_), FacadeTy::Enum(_)) => rep::enumerated(target, quote!(c.str()?)),
        (Ty::Str(_), FacadeTy::Str | FacadeTy::Blob) => quote!(c.str()?),
        (Ty::Spelt(_, letters), FacadeTy::Str) => {
            let letters = super::literal::letters(letters);
            quote!(rt::spelt(c, &#letters)?)
        }
        (Ty::Int(_) | Ty::Float(_), FacadeTy::Int) => quote!(c.int()?),
        (Ty::Int(_), FacadeTy::Float) => quote!(rt::whole(c)?),
        (Ty::Float(_), FacadeTy::Float) => quote!(c.num()?),
        (Ty::Bool, FacadeTy::Bool) => quote!(c.bool()?),
        (Ty::Base64 { wrap: false }, FacadeTy::Blob | FacadeTy::Str) => quote!(rt::base64(c)?),
        (Ty::Base64 { wrap: true }, FacadeTy::Blob | FacadeTy::Str) => quote!(rt::wrap(c)?),
        (Ty::DataUrl(rows), FacadeTy::Named(_)) => media(scope, rows, target, false),
        (Ty::Media(rows), FacadeTy::Named(_)) => media(scope, rows, target, true),
        (Ty::List(item, _), FacadeTy::List(element)) => {
            let push = element_into(scope, item, element, place);
            quote! {{
                let mut items = c.arena().list();
                rt::items(c, at, |c, at| { #push Ok(()) })?;
                items.finish()
            }}
        }
        (Ty::OneOrList(item), FacadeTy::List(element)) => {
            let push = element_into(scope, item, element, place);
            quote! {{
                let mut items = c.arena().list();
                rt::one_or_items(c, at, |c, at| { #push Ok(()) })?;
                items.finish()
            }}
        }
        (Ty::List(..) | Ty::Map(_) | Ty::OneOrList(_), FacadeTy::Json) => {
            let check = check(ty);
            quote!({ #check c.json()? })
        }
        (Ty::Only { item, more: true, .. }, _) => {
            let item = value(scope, item, target, place);
            let whole = rep::or_fallback(scope, target, quote!(single), place);
            quote! {{
                let mut single = None;
                if rt::first(c)? {
                    {
                        let at = &at.index(0);
                        single = Some(#item);
                    }
                    cx.further(c, at)?;
                }
                #whole
            }}
        }
        (Ty::Only { item, optional, .. }, _) => {
            let item = value(scope, item, target, place);
            let whole = rep::or_fallback(scope, target, quote!(single), place);
            quote! {{
                let mut single = None;
                rt::only(c, at, #optional, |c, at| { single = Some(#item); Ok(()) })?;
                #whole
            }}
        }
        (Ty::Map(item), FacadeTy::Map(element)) => {
            let item = value(scope, item, element, place);
            quote! {{
                let mut map = c.arena().list();
                rt::object(c, |c, key| { let at = &at.key(key); let _ = at; map.push((Str::plain(key), #item)); Ok(()) })?;
                Map(map.finish())
            }}
        }
        _ => {
            let what = format!("reading `{}` as `{target}`", type_text(scope.family, ty));
            scope.refuse(place, &what);
            quote!(return Err(rt::not_generated(c)))
        }
    }
}

/// Statements that push the elements that one native element stands for onto `items`.
fn element_into(scope: &mut Scope<'_>, item: &Ty, element: &FacadeTy, place: &str) -> TokenStream {
    if let Ty::Named(id) = item
        && matches!(scope.def(*id).kind, TypeKind::Union(_))
        && !super::turn::is_turn(scope, *id, element)
    {
        let f = want(scope, *id, element);
        return quote!(#f(c, cx, at, &mut |x| items.push(x))?;);
    }
    let item = value(scope, item, element, place);
    quote!(items.push(#item);)
}

pub(crate) fn want(scope: &mut Scope<'_>, id: usize, view: &FacadeTy) -> proc_macro2::Ident {
    let known = partly(scope);
    scope.want(Instance { job: Job::Decode, id, view: view.clone(), known, single: false })
}

/// Marks decoders of values that another field says the rest of: they know the view itself.
fn partly(scope: &Scope<'_>) -> Vec<Path> {
    if scope.wants_partial { vec![Path::default()] } else { Vec::new() }
}

/// The decoder of a union outside lists; in streams there is no such difference.
pub(crate) fn want_single(scope: &mut Scope<'_>, id: usize, view: &FacadeTy) -> proc_macro2::Ident {
    let single = !scope.chunks;
    let known = partly(scope);
    scope.want(Instance { job: Job::Decode, id, view: view.clone(), known, single })
}

/// The union that a field holds, if what it reads may stand for no façade value.
pub(crate) fn loose_union(scope: &Scope<'_>, ty: &Ty, target: &FacadeTy) -> Option<usize> {
    let (Ty::Named(id), FacadeTy::Named(_)) = (ty, target) else { return None };
    if super::turn::is_turn(scope, *id, target) {
        return None;
    }
    match &scope.def(*id).kind {
        TypeKind::Union(u) if u.unknown != outcrop_lang::ir::Unknown::Refuse => Some(*id),
        _ => None,
    }
}

/// For tables with rows to nothing: an expression of type `Option`.
pub(crate) fn perhaps(scope: &mut Scope<'_>, field: &Field, target: &FacadeTy) -> Option<TokenStream> {
    let map = match (&field.map, &field.ty) {
        (Some(map), _) => map.clone(),
        (None, Ty::Named(id)) => match &scope.def(*id).kind {
            TypeKind::Map(map) => map.clone(),
            _ => return None,
        },
        _ => return None,
    };
    says_nothing(&map).then(|| table(scope, &map, target, &field.key, Rows::Some))
}

/// Whether a table has a row to nothing.
pub(crate) fn says_nothing(map: &ValueMap) -> bool {
    let rows = map.rows.iter().chain(&map.reads).chain(map.when.iter().flat_map(|when| &when.rows));
    rows.into_iter().any(|(_, facade)| *facade == Literal::Null)
}

/// What the rows of a table give.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// The façade value.
    Plain,
    /// An `Option` of it: a row may say nothing.
    Some,
}

impl Rows {
    /// The value of a row.
    fn row(self, scope: &mut Scope<'_>, value: &Literal, target: &FacadeTy) -> TokenStream {
        match (self, value) {
            (Self::Plain, value) => literal::facade(scope, value, target),
            (Self::Some, Literal::Null) => quote!(None),
            (Self::Some, value) => {
                let value = literal::facade(scope, value, target);
                quote!(Some(#value))
            }
        }
    }

    /// Rows by the text that is read.
    fn texts<'r>(
        self,
        scope: &mut Scope<'_>,
        rows: impl Iterator<Item = &'r (Literal, Literal)>,
        target: &FacadeTy,
    ) -> TokenStream {
        let mut arms = TokenStream::new();
        for (native, value) in rows {
            let Literal::Str(native) = native else { continue };
            let value = self.row(scope, value, target);
            arms.extend(quote!(#native => #value,));
        }
        arms
    }

    /// A text in no row.
    fn other(self, map: &ValueMap, target: &FacadeTy) -> TokenStream {
        let text = matches!(target, FacadeTy::Str | FacadeTy::Enum(_) | FacadeTy::Blob);
        if !(map.open && text) {
            return quote!(return Err(rt::unknown_value(start)));
        }
        let raw = rep::enumerated(target, quote!(raw));
        if self == Self::Some { quote!(Some(#raw)) } else { raw }
    }
}

fn by_name(scope: &mut Scope<'_>, id: usize, target: &FacadeTy, place: &str) -> TokenStream {
    if super::turn::is_turn(scope, id, target) {
        let f =
            scope.want(Instance { job: Job::DecodeTurn, id, view: target.clone(), known: Vec::new(), single: true });
        return quote!(#f(c, cx, at)?);
    }
    match (&scope.def(id).kind, target) {
        (TypeKind::Map(map), _) => table(scope, map, target, place, Rows::Plain),
        (TypeKind::TextOrList(_) | TypeKind::Regions(_), FacadeTy::List(element)) => {
            let push = decode_take::list(scope, &[], &Ty::Named(id), element, place);
            quote! {{
                let mut items = c.arena().list();
                #push
                items.finish()
            }}
        }
        // Text deltas of a stream: the runtime splits them, because tags may spread over chunks.
        (TypeKind::Regions(_), FacadeTy::Named(name)) if name == "ContentBlockDelta" => {
            quote!(converse::stream::Delta::Fragment(c.str()?))
        }
        (TypeKind::Struct(_), FacadeTy::Named(_)) => {
            let f = want(scope, id, target);
            quote!(#f(c, cx, at)?)
        }
        (TypeKind::Struct(_), FacadeTy::Json) if super::schemas::viewed(scope, id).is_some() => {
            let view = super::schemas::viewed(scope, id).unwrap_or(FacadeTy::Json);
            let f = want(scope, id, &view);
            quote!({ let view = #f(c, cx, at)?; rt::close_schema(c, &view) })
        }
        (TypeKind::Union(_), FacadeTy::Named(_)) => {
            let f = want(scope, id, target);
            let whole = rep::or_fallback(scope, target, quote!(single), place);
            quote! {{
                let mut single = None;
                #f(c, cx, at, &mut |x| single = Some(x))?;
                #whole
            }}
        }
        _ => {
            let what = format!("reading the type `{}` as `{target}`", scope.def(id).name);
            scope.refuse(place, &what);
            quote!(return Err(rt::not_generated(c)))
        }
    }
}

fn media(scope: &mut Scope<'_>, media: &[(String, String)], target: &FacadeTy, bare: bool) -> TokenStream {
    let member = |name: &str| Step::Member(name.to_owned());
    let mut slots = Slots::default();
    let format = slots.of(&Path(vec![member("format")]));
    let bytes = slots.of(&Path(vec![member("source"), member("bytes")]));
    let declare = slots.declare();
    let whole = slots.assemble(scope, target);
    let whole = rep::or_fallback(scope, target, whole, "format");
    let rows = media.iter().map(|(media, format)| quote!((#media, #format)));
    let format_path = Path(vec![member("format")]);
    let format_ty = super::places::resolve(scope.facade, target, &format_path);
    let text = match format_ty {
        Some(place) => rep::enumerated(&place.ty, quote!(url.0)),
        None => return scope.refuse("data_url", "a façade value without a format"),
    };
    let read = if bare {
        quote! {
            let url = rt::media(c, &[#(#rows),*])?;
            if !url.2 {
                cx.guessed(at);
            }
        }
    } else {
        quote!(let url = rt::data_url(c, &[#(#rows),*])?;)
    };
    quote! {{
        #declare
        #read
        #format = Some(#text);
        #bytes = Some(url.1);
        #whole
    }}
}

/// A value through a table.
fn table(scope: &mut Scope<'_>, map: &ValueMap, target: &FacadeTy, place: &str, give: Rows) -> TokenStream {
    let rows = map.rows.iter().chain(&map.reads);
    let kind = map.rows.first().map(|(native, _)| native);
    match kind {
        Some(Literal::Str(_)) => {
            let arms = give.texts(scope, rows, target);
            let other = give.other(map, target);
            quote! {{
                let start = c.position();
                let raw = c.str()?;
                match &*raw.text() { #arms _ => #other }
            }}
        }
        Some(Literal::Bool(_)) => {
            let arm = |scope: &mut Scope<'_>, want: bool| {
                let row = map.rows.iter().chain(&map.reads).find(|(n, _)| *n == Literal::Bool(want));
                match row {
                    Some((_, value)) => give.row(scope, value, target),
                    None => quote!(return Err(rt::unknown_value(start))),
                }
            };
            let (yes, no) = (arm(scope, true), arm(scope, false));
            quote!({ let start = c.position(); if c.bool()? { #yes } else { #no } })
        }
        Some(Literal::Num(_)) => {
            let mut arms = Vec::new();
            for (native, value) in rows {
                let Literal::Num(n) = native else { continue };
                let value = give.row(scope, value, target);
                arms.push(quote!(if rt::same_number(raw.as_str(), #n) { #value } else));
            }
            quote!({ let start = c.position(); let raw = c.num()?; #(#arms)* { return Err(rt::unknown_value(start)) } })
        }
        _ => {
            scope.refuse(place, "a table over values that are no scalars");
            quote!(return Err(rt::not_generated(c)))
        }
    }
}

/// The table of a field whose reading depends on siblings: `raw` is the string, `near_x` the siblings. An `Option` if a row
/// may say nothing.
pub(crate) fn when_map(scope: &mut Scope<'_>, map: &ValueMap, target: &FacadeTy) -> TokenStream {
    let give = if says_nothing(map) { Rows::Some } else { Rows::Plain };
    let arms = give.texts(scope, map.rows.iter().chain(&map.reads), target);
    let other = give.other(map, target);
    let mut whens = TokenStream::new();
    for when in &map.when {
        let near = quote::format_ident!("near_{}", rep::plain(&when.field));
        let holds = match &when.is {
            None => quote!(rt::is_there(&#near)),
            Some(is) => {
                let text = literal::json(is);
                quote!(rt::is_value(&#near, #text))
            }
        };
        let rows = when.rows.iter().filter_map(|(native, value)| match native {
            Literal::Str(native) => Some((native, value)),
            _ => None,
        });
        for (native, value) in rows {
            let value = give.row(scope, value, target);
            whens.extend(quote!(if #holds && raw == *#native { #value } else));
        }
    }
    let out = quote!(#whens { match &*raw.text() { #arms _ => #other } });
    quote!({ let (start, raw) = raw; #out })
}

/// A check of the JSON kind of a value that is kept as it is.
pub(crate) fn check(ty: &Ty) -> TokenStream {
    match (sample(ty), ty) {
        (Some(""), _) => TokenStream::new(),
        (Some(sample), _) => quote!(rt::expect_kind(c, #sample)?;),
        (None, Ty::List(item, _)) => {
            let sample = sample(item).unwrap_or_default();
            quote!(rt::expect_items(c, #sample)?;)
        }
        (None, _) => TokenStream::new(),
    }
}

/// A sample of the first byte of a type's values, empty if they may begin with any; none if there is more to check.
pub(crate) fn sample(ty: &Ty) -> Option<&'static str> {
    if let Ty::List(item, _) = ty
        && matches!(**item, Ty::Str(_) | Ty::Int(_) | Ty::Float(_) | Ty::Bool)
    {
        return None;
    }
    Some(match ty.json_kind() {
        JsonKind::Text => "\"",
        JsonKind::Int => "1",
        JsonKind::Float => "0",
        JsonKind::Bool => "t",
        JsonKind::List => "[",
        JsonKind::Object => "{",
        JsonKind::Any | JsonKind::OneOrList | JsonKind::Named => "",
    })
}
