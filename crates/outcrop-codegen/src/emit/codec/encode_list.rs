//! Encoding lists of façade blocks: plain lists, text-or-list, regions, and the fields that take some arms out of a list.

use outcrop_lang::ir::{CaseBody, FacadeTy, Field, Lens, Path, Region, TextOrList, Ty, TypeKind, Union};
use proc_macro2::TokenStream;
use quote::quote;

use super::decode_take::{region_table, text_path};
use super::encode::dotted;
use super::encode_value::{bounds, value, want};
use super::navigate::{bind, found, is_sure, is_there, navigate, sure, when};
use super::places::{named, resolve};
use super::scope::Scope;

/// A condition on the block `x`: whether it is of one of the arms.
pub(crate) fn is_any(scope: &Scope<'_>, element: &FacadeTy, arms: &[Path]) -> TokenStream {
    let places = arms.iter().filter_map(|arm| resolve(scope.facade, element, arm));
    let tests: Vec<_> = places.map(|place| is_there(&place, quote!(x))).collect();
    if tests.is_empty() { quote!(true) } else { quote!(#(#tests)||*) }
}

/// The arms that a field takes: its own, and blocks that were kept whole if its type keeps such.
pub(crate) fn taken_arms(scope: &Scope<'_>, ty: &Ty, element: &FacadeTy, arms: &[Path]) -> Vec<Path> {
    let id = match ty {
        Ty::List(item, _) | Ty::OneOrList(item) => match **item {
            Ty::Named(id) => Some(id),
            _ => None,
        },
        Ty::Named(id) => match &scope.def(*id).kind {
            TypeKind::TextOrList(t) => Some(t.item),
            _ => None,
        },
        _ => None,
    };
    let mut out = arms.to_vec();
    if let Some(id) = id
        && let TypeKind::Union(u) = &scope.def(id).kind
        && u.unknown == outcrop_lang::ir::Unknown::Keep
        && !is_payload(scope, u, element, Some(arms))
        && super::rep::keeps(scope.facade, element)
    {
        out.push(super::rep::path("native"));
    }
    out
}

/// Statements that write the list `x` as a JSON list; `arms`: only the blocks of these.
pub(crate) fn items(
    scope: &mut Scope<'_>,
    item: &Ty,
    element: &FacadeTy,
    arms: Option<&[Path]>,
    place: &str,
) -> TokenStream {
    let filter = arms.map(|arms| {
        let all = taken_arms(scope, &Ty::OneOrList(Box::new(item.clone())), element, arms);
        let test = is_any(scope, element, &all);
        quote!(if !(#test) { continue; })
    });
    if let Ty::Named(id) = item
        && let TypeKind::Union(u) = &scope.def(*id).kind
        && !is_payload(scope, u, element, arms)
    {
        let f = want(scope, *id, element, Vec::new());
        let attach = attach(scope, u, element, place);
        let (last, set) =
            if attach.is_empty() { (quote!(), quote!()) } else { (quote!(let mut last = rt::NONE;), quote!(last =)) };
        return quote! {
            o.push(b'[');
            #last
            for (i, x) in x.iter().enumerate() {
                #filter
                let at = &at.index(i);
                #attach
                #set #f(x, o, cx, at)?;
            }
            o.push(b']');
        };
    }
    let (find, payload) = match arms {
        Some([arm]) => match resolve(scope.facade, element, arm) {
            Some(place) => {
                let bind = bind(&place, quote!(x), &quote!(x), &quote!(continue));
                let step = dotted(arm);
                (quote!(#bind let at = &at.key(#step);), place.ty)
            }
            None => return scope.refuse(place, "an arm that leads nowhere"),
        },
        _ => (quote!(#filter), element.clone()),
    };
    let write = value(scope, item, &payload, Vec::new(), place);
    // What is not inline may be dropped.
    let write = if matches!(item, Ty::DataUrl(_) | Ty::Media(_)) {
        quote! {
            let mark = o.len();
            rt::sep(o);
            let start = o.len();
            #write
            if o.len() == start { o.truncate(mark); }
        }
    } else {
        quote!(rt::sep(o); #write)
    };
    quote! {
        o.push(b'[');
        for (i, x) in x.iter().enumerate() {
            let at = &at.index(i);
            #find
            #write
        }
        o.push(b']');
    }
}

/// Whether a union is over the payload of the one arm that is taken rather than over the blocks.
fn is_payload(scope: &Scope<'_>, u: &Union, element: &FacadeTy, arms: Option<&[Path]>) -> bool {
    let Some([arm]) = arms else { return false };
    let payload = resolve(scope.facade, element, arm).map(|p| p.ty);
    payload.is_some_and(|p| p != *element && named(scope.facade, &p).is_some_and(|(name, _)| name == u.view))
}

/// Statements that make a trailing block a member of the element before it.
fn attach(scope: &mut Scope<'_>, u: &Union, element: &FacadeTy, place: &str) -> TokenStream {
    let mut out = TokenStream::new();
    for t in &u.trailing {
        let Some(target) = resolve(scope.facade, element, &t.arm) else { continue };
        let on: Vec<usize> = u
            .cases
            .iter()
            .enumerate()
            .filter(|(_, c)| t.on.is_empty() || t.on.contains(&c.name))
            .map(|(i, _)| i)
            .collect();
        let found = when(&target, quote!(x), &quote!(x));
        let write = value(scope, &t.ty, &target.ty, Vec::new(), place);
        let key = format!("{}:", super::literal::json(&outcrop_lang::ir::Literal::Str(t.key.clone())));
        let step = dotted(&t.arm);
        out.extend(quote! {
            if #found {
                let at = &at.key(#step);
                rt::attach(o, &mut last, &[#(#on),*], at)?;
                rt::member(o, #key);
                #write
                o.push(b'}');
                continue;
            }
        });
    }
    out
}

/// Statements that write the list `x` as a string or a list.
pub(crate) fn text_or_list(
    scope: &mut Scope<'_>,
    t: &TextOrList,
    element: &FacadeTy,
    arms: Option<&[Path]>,
    place: &str,
) -> TokenStream {
    let list = items(scope, &Ty::Named(t.item), element, arms, place);
    if !t.text_if_single {
        return list;
    }
    let TypeKind::Union(u) = &scope.def(t.item).kind else {
        return scope.refuse(place, "a text-or-list whose element is no union");
    };
    let Some(case) = u.cases.iter().find(|c| c.name == t.case) else {
        return scope.refuse(place, "a text-or-list without its text case");
    };
    let payload = match &case.arm {
        Some(arm) => resolve(scope.facade, element, arm),
        None => resolve(scope.facade, element, dot()),
    };
    let Some(payload) = payload else { return scope.refuse(place, "an arm that leads nowhere") };
    let bind = bind(&payload, quote!(x), &quote!(x), &quote!(break 'bare None));
    let mut others = Vec::new();
    let text = match &case.body {
        CaseBody::Value(Ty::Str(_)) => quote!(Some(x)),
        CaseBody::Struct(s) => {
            let Some((text, path)) = text_path(case) else { return scope.refuse(place, "a text case without a text") };
            for f in s.fields.iter().filter(|f| f.key != text.key) {
                if let Lens::Path(path) = &f.lens
                    && let Some(target) = resolve(scope.facade, &payload.ty, path)
                {
                    let there = is_there(&target, quote!(x));
                    others.push(quote!(!#there));
                }
            }
            match resolve(scope.facade, &payload.ty, path) {
                Some(target) => navigate(&target, quote!(x)),
                None => return scope.refuse(place, "a text that leads nowhere"),
            }
        }
        CaseBody::Value(_) => return scope.refuse(place, "a text case that holds no text"),
    };
    let picked = match arms {
        Some(arms) => {
            let all = taken_arms(scope, &Ty::OneOrList(Box::new(Ty::Named(t.item))), element, arms);
            let is_taken = is_any(scope, element, &all);
            quote!(let mut picked = x.iter().filter(|x| #is_taken);)
        }
        None => quote!(let mut picked = x.iter();),
    };
    let shape = bare_shape(u, case);
    let text = if others.is_empty() { text } else { quote!(if #(#others)&&* { #text } else { None }) };
    quote! {
        let bare = 'bare: {
            #picked
            let (Some(x), None) = (picked.next(), picked.next()) else { break 'bare None };
            #bind
            #text
        };
        if let Some(text) = bare.filter(|text| !text.is_empty()) {
            cx.bare_text(o, text, #shape);
        } else {
            let start = o.len();
            #list
            cx.bare(o, start, #shape);
        }
    }
}

/// What stands before the text in a list of the one element that a bare string stands for.
fn bare_shape(u: &Union, case: &outcrop_lang::ir::Case) -> String {
    use outcrop_lang::ir::{Literal, Tag};
    let quoted = |text: &str| super::literal::json(&Literal::Str(text.to_owned()));
    let field = match &case.body {
        CaseBody::Struct(_) => text_path(case).map(|(f, _)| quoted(&f.key)),
        CaseBody::Value(_) => None,
    };
    match (&u.tag, field) {
        (Tag::External, None) => format!("[{{{}:\"", quoted(&case.value)),
        (Tag::External, Some(field)) => format!("[{{{}:{{{field}:\"", quoted(&case.value)),
        (Tag::Internal { key, .. }, Some(field)) => format!("[{{{}:{},{field}:\"", quoted(key), quoted(&case.value)),
        (_, Some(field)) => format!("[{{{field}:\""),
        (_, None) => "[\"".to_owned(),
    }
}

fn dot() -> &'static Path {
    const DOT: &Path = &Path(Vec::new());
    DOT
}

/// Statements that write the blocks of the list `x` as one string of regions.
pub(crate) fn regions(
    scope: &mut Scope<'_>,
    regions: &[Region],
    element: &FacadeTy,
    arms: Option<&[Path]>,
    place: &str,
) -> TokenStream {
    let table = region_table(regions);
    let _ = arms;
    let mut finds = TokenStream::new();
    for (i, region) in regions.iter().enumerate() {
        let Some(target) = resolve(scope.facade, element, &region.arm) else {
            return scope.refuse(place, "a region whose arm leads nowhere");
        };
        let found = when(&target, quote!(x), &quote!(text));
        let step = dotted(&region.arm);
        let rest = super::unmapped::within(scope, element, &region.arm);
        finds.extend(quote! {
            if #found {
                parts.push((#i, text, i, #step));
                #rest
            }
        });
    }
    let plain = regions.last().and_then(|r| resolve(scope.facade, element, &r.arm));
    let Some(plain) = plain else { return scope.refuse(place, "regions without plain text") };
    let find = navigate(&plain, quote!(x));
    quote! {
        // One plain text is what there is nearly always.
        let mut blocks = x.iter();
        let sole = match (blocks.next(), blocks.next()) {
            (Some(x), None) => ({ #find }),
            _ => None,
        };
        if !sole.is_some_and(|text| rt::write_plain(o, &#table, text)) {
        let mut parts = Vec::new();
        for (i, x) in x.iter().enumerate() {
            let at = &at.index(i);
            let _ = at;
            #finds
        }
        rt::write_regions(o, &#table, &parts, cx, at)?;
        }
    }
}

/// A `take` field: the blocks of some arms out of a list.
#[allow(clippy::too_many_arguments)]
pub(crate) fn take(
    scope: &mut Scope<'_>,
    view: &FacadeTy,
    path: &Path,
    arms: &[Path],
    join: &str,
    field: &Field,
    key: &str,
    done: &TokenStream,
    absent: &TokenStream,
    place: &str,
) -> TokenStream {
    let Some(target) = resolve(scope.facade, view, path) else {
        return scope.refuse(place, "a façade path that leads nowhere");
    };
    let FacadeTy::List(element) = &target.ty else {
        return scope.refuse(place, "a take from what is no list");
    };
    let test = is_any(scope, element, &taken_arms(scope, &field.ty, element, arms));
    let write = match &field.ty {
        Ty::Str(_) => text(scope, element, arms, join, field.required, place),
        Ty::List(item, range) => {
            let check = bounds(range, &quote!(count));
            let _ = check;
            items(scope, item, element, Some(arms), place)
        }
        Ty::OneOrList(item) => items(scope, item, element, Some(arms), place),
        Ty::Named(id) => match &scope.def(*id).kind {
            TypeKind::TextOrList(t) => text_or_list(scope, t, element, Some(arms), place),
            TypeKind::Regions(r) => regions(scope, r, element, Some(arms), place),
            _ => single(scope, &field.ty, element, arms, place),
        },
        ty => single(scope, ty, element, arms, place),
    };
    // The leading system turn is the list itself.
    let step = if super::system_turn::is_system_turn(view) { String::new() } else { dotted(path) };
    let place_here = super::virtuals::place_of(path, &step);
    let otherwise = if absent.is_empty() { quote!() } else { quote!(else { #absent }) };
    // A required member without default is written even if there is nothing to take, unless it has room for one block alone.
    let filter = (!field.required || field.default.is_some() || is_single(scope, &field.ty))
        .then(|| quote!(&& x.iter().any(|x| #test)));
    let found = found(&target, &quote!(v), &quote!(x));
    let kept = if done.is_empty() { quote!(rt::kept(o, mark);) } else { quote!(if rt::kept(o, mark) { #done }) };
    let write = quote!(#place_here let mark = o.len(); rt::member(o, #key); #write #kept);
    if filter.is_none() && is_sure(&target) {
        let sure = sure(&target, &quote!(v), &quote!(x));
        return quote!({ #sure #write });
    }
    quote!(if #found #filter { #write } #otherwise)
}

/// Whether a type that takes blocks has room for one alone.
fn is_single(scope: &Scope<'_>, ty: &Ty) -> bool {
    match ty {
        Ty::Str(_) | Ty::List(..) | Ty::OneOrList(_) => false,
        Ty::Named(id) => !matches!(scope.def(*id).kind, TypeKind::TextOrList(_) | TypeKind::Regions(_)),
        _ => true,
    }
}

/// Texts of several blocks in one string.
fn text(
    scope: &mut Scope<'_>,
    element: &FacadeTy,
    arms: &[Path],
    join: &str,
    required: bool,
    place: &str,
) -> TokenStream {
    let mut finds = TokenStream::new();
    for arm in arms {
        let Some(target) = resolve(scope.facade, element, arm) else {
            return scope.refuse(place, "an arm that leads nowhere");
        };
        let found = when(&target, quote!(x), &quote!(text));
        let rest = super::unmapped::within(scope, element, arm);
        finds.extend(match target.ty {
            FacadeTy::Str | FacadeTy::Enum(_) => quote!(if #found { texts.push(o, text); #rest }),
            FacadeTy::Json => quote!(if #found { texts.push_json(o, text); #rest }),
            _ => return scope.refuse(place, "a text out of an arm that holds none"),
        });
    }
    quote! {
        let mut texts = rt::Texts::new(o, #join);
        for (i, x) in x.iter().enumerate() {
            let at = &at.index(i);
            #finds
        }
        texts.close(o, cx, at, #required);
    }
}

/// The one block of an arm as a single value.
fn single(scope: &mut Scope<'_>, ty: &Ty, element: &FacadeTy, arms: &[Path], place: &str) -> TokenStream {
    let [arm] = arms else { return scope.refuse(place, "several arms in a value that is no list") };
    let Some(target) = resolve(scope.facade, element, arm) else {
        return scope.refuse(place, "an arm that leads nowhere");
    };
    let find = navigate(&target, quote!(x));
    let write = value(scope, ty, &target.ty, Vec::new(), place);
    let step = dotted(arm);
    quote! {
        let mut found = x.iter().enumerate().filter_map(|(i, x)| Some((i, ({ #find })?)));
        if let Some((i, x)) = found.next() {
            if found.next().is_some() {
                return Err(rt::not_single(at));
            }
            let at = &at.index(i);
            let at = &at.key(#step);
            #write
        }
    }
}
