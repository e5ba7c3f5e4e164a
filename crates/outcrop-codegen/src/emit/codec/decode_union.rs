//! Decoding unions: the tag is looked up first (usually the first member), then the case reads the object.

use outcrop_lang::ir::{Case, CaseBody, CaseSignal, FacadeTy, JsonKind, Path, Tag, Trailing, Ty, Union, Unknown, Way};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::decode::{Object, read};
use super::places::resolve;
use super::scope::{Instance, Scope};
use super::{decode_value, rep};

/// The function body: gives the blocks that the value at `c` stands for to `out`.
pub(crate) fn function(scope: &mut Scope<'_>, u: &Union, instance: &Instance, place: &str) -> TokenStream {
    let view = &instance.view;
    let words = words(scope, u, view, instance.single);
    let unknown = unknown(scope, u, view, instance.single);
    let body = body(scope, u, view, &unknown, place, false);
    quote!({ #words #body Ok(()) })
}

/// A chunk: statements that read it into `said`, and what is not the family's into `beside`.
pub(crate) fn chunk(scope: &mut Scope<'_>, u: &Union, view: &FacadeTy, place: &str) -> TokenStream {
    let then = match u.unknown {
        Unknown::Keep => quote!(Keep),
        Unknown::Skip => quote!(Skip),
        Unknown::Refuse => quote!(Refuse),
    };
    let told = match &u.tag {
        Tag::Internal { key, .. } => quote!(Tag(#key)),
        Tag::External => quote!(Member),
        Tag::Shape => quote!(Shape),
    };
    let then = quote!((converse::stream::Unknown::#then, converse::stream::Told::#told));
    let unknown = quote!(converse::stream::unknown(c, cx, said, beside, #then)?);
    body(scope, u, view, &unknown, place, true)
}

fn body(
    scope: &mut Scope<'_>,
    u: &Union,
    view: &FacadeTy,
    unknown: &TokenStream,
    place: &str,
    root: bool,
) -> TokenStream {
    match &u.tag {
        Tag::Internal { key, absent } => internal(scope, u, view, (key, *absent), unknown, place, root),
        Tag::External => external(scope, u, view, unknown, place, root),
        Tag::Shape => shape(scope, u, view, unknown, place, root),
    }
}

fn words(scope: &mut Scope<'_>, u: &Union, view: &FacadeTy, single: bool) -> TokenStream {
    if u.words.is_empty() {
        return TokenStream::new();
    }
    let mut arms = TokenStream::new();
    for (word, arm) in &u.words {
        let payload = resolve(scope.facade, view, arm).map(|p| rep::fallback(scope, &p.ty, word));
        let value = in_arm(scope, view, Some(arm), payload.unwrap_or_default());
        arms.extend(quote!(#word => #value,));
    }
    let unknown = match u.unknown {
        Unknown::Keep if single => quote!({
            c.rewind(mark);
            return cx.extra_here(c, at);
        }),
        Unknown::Keep if rep::keeps(scope.facade, view) => {
            let block = in_arm(scope, view, Some(&rep::path("native")), quote!(x));
            quote!({ c.rewind(mark); let x = c.json()?; #block })
        }
        Unknown::Skip => quote!({
            cx.skipped(at, "");
            return Ok(());
        }),
        _ => quote!(return Err(rt::unknown_tag(start))),
    };
    if scope.is_said(view) {
        return scope.refuse("words", "a signal that is a word");
    }
    quote! {
        if rt::is_string(c)? {
            let mark = c.mark();
            let start = c.position();
            let text = c.str()?;
            let _ = (mark, start);
            out(match &*text.text() { #arms _ => #unknown });
            return Ok(());
        }
    }
}

/// What is done with a value that no case takes. The cursor stands before it.
fn unknown(scope: &mut Scope<'_>, u: &Union, view: &FacadeTy, single: bool) -> TokenStream {
    match u.unknown {
        Unknown::Keep if single => quote!(cx.extra_here(c, at)?),
        Unknown::Keep if rep::keeps(scope.facade, view) => {
            let block = in_arm(scope, view, Some(&rep::path("native")), quote!(x));
            quote!({ let x = c.json()?; out(#block); })
        }
        Unknown::Keep => quote!(cx.extra_here(c, at)?),
        Unknown::Skip => match &u.tag {
            Tag::Internal { key, .. } => quote!({ let name = rt::skip_tagged(c, Some(#key))?; cx.skipped(at, &name); }),
            Tag::External => quote!({
                let name = rt::skip_tagged(c, None)?;
                cx.skipped(at, &name);
            }),
            Tag::Shape => quote!({
                c.skip()?;
                cx.skipped(at, "");
            }),
        },
        Unknown::Refuse => quote!(return Err(rt::unknown_tag(c.position()))),
    }
}

fn internal(
    scope: &mut Scope<'_>,
    u: &Union,
    view: &FacadeTy,
    (key, absent): (&str, Option<usize>),
    unknown: &TokenStream,
    place: &str,
    root: bool,
) -> TokenStream {
    let mut arms = TokenStream::new();
    for (i, case) in u.cases.iter().enumerate() {
        if case.way == Way::Encode {
            continue;
        }
        let body = case_body(scope, u, case, view, Some(key), place, root);
        let value = &case.value;
        let has = &case.has;
        let guard = if has.is_empty() { quote!() } else { quote!(if rt::has(c, &[#(#has),*])?) };
        let absent = (absent == Some(i)).then(|| quote!(None |));
        let ends = ends(case);
        arms.extend(quote!(#absent Some(#value) #guard => { #ends #body }));
    }
    quote! {
        let tag = rt::tag(c, #key)?;
        match tag {
            #arms
            _ => #unknown
        }
    }
}

fn external(
    scope: &mut Scope<'_>,
    u: &Union,
    view: &FacadeTy,
    unknown: &TokenStream,
    place: &str,
    root: bool,
) -> TokenStream {
    let mut arms = TokenStream::new();
    for case in u.cases.iter().filter(|c| c.way != Way::Encode) {
        let body = case_body(scope, u, case, view, None, place, false);
        let ends = ends(case);
        let value = &case.value;
        let trailing = trailing_of(u, case);
        let vars: Vec<_> = (0..trailing.len()).map(|i| format_ident!("after{i}")).collect();
        let (mut reads, mut afters) = (TokenStream::new(), TokenStream::new());
        for (t, var) in trailing.iter().zip(&vars) {
            let (key, value) = (&t.key, self::trailing(scope, t, view));
            reads.extend(quote!(#key => { let at = &at.key(#key); if !c.null()? { #var = Some(#value); } }));
            let block = in_arm(scope, view, Some(&t.arm), quote!(x));
            afters.extend(quote!(if let Some(x) = #var { out(#block); }));
        }
        let has = &case.has;
        let guard = if has.is_empty() { quote!() } else { quote!(if rt::has_in(c, #value, &[#(#has),*])?) };
        let other =
            if root { quote!(converse::stream::other(c, cx, key, beside)?) } else { quote!(cx.extra(c, at, key)?) };
        arms.extend(quote! {
            Some(#value) #guard => {
                #ends
                #(let mut #vars = None;)*
                rt::object(c, |c, key| {
                    match key {
                        #value => {
                            let at = &at.key(key);
                            #body
                        }
                        #reads
                        _ => #other,
                    }
                    Ok(())
                })?;
                #afters
            }
        });
    }
    let keys = u.cases.iter().filter(|c| c.way != Way::Encode).map(|c| &c.value);
    quote! {
        let tag = rt::arm_key(c, &[#(#keys),*])?;
        match tag {
            #arms
            _ => #unknown
        }
    }
}

fn shape(
    scope: &mut Scope<'_>,
    u: &Union,
    view: &FacadeTy,
    unknown: &TokenStream,
    place: &str,
    root: bool,
) -> TokenStream {
    // What the service adds to a chunk is no matter of its shape.
    let beside: Vec<&str> =
        scope.facade.side_keys.stream.iter().map(|k| k.field.key.as_str()).filter(|_| root).collect();
    let mut arms = TokenStream::new();
    for case in u.cases.iter().filter(|c| c.way != Way::Encode) {
        let test = shape_test(case, &beside);
        let body = case_body(scope, u, case, view, None, place, root);
        let ends = ends(case);
        arms.extend(quote!(if #test { #ends #body } else));
    }
    quote!(#arms { #unknown })
}

/// Whether the value at the cursor has the shape of a case; `beside`: members that belong to no shape.
pub(super) fn shape_test(case: &Case, beside: &[&str]) -> TokenStream {
    match &case.body {
        CaseBody::Struct(s) => {
            let needed = s.fields.iter().filter(|f| f.required).map(|f| &f.key);
            let all = s.fields.iter().flat_map(|f| std::iter::once(&f.key).chain(&f.aliases));
            let fits = quote!(rt::fits(c, &[#(#needed),*], &[#(#all,)* #(#beside),*])?);
            let constants = s.fields.iter().filter_map(|f| {
                let (key, text) = (&f.key, super::literal::json(f.constant.as_ref()?));
                Some(quote!((#key, #text)))
            });
            let constants: Vec<_> = constants.collect();
            if constants.is_empty() { fits } else { quote!(#fits && rt::agrees(c, &[#(#constants),*])?) }
        }
        CaseBody::Value(ty) => {
            let kinds = match ty.json_kind() {
                JsonKind::Text => "\"",
                JsonKind::Int | JsonKind::Float => "0",
                JsonKind::Bool => "t",
                JsonKind::List => "[",
                JsonKind::Named | JsonKind::Object => "{",
                JsonKind::Any | JsonKind::OneOrList => "",
            };
            quote!(rt::is_kind(c, #kinds)?)
        }
    }
}

/// A case that is the last chunk of its stream.
fn ends(case: &Case) -> Option<TokenStream> {
    (case.signal == Some(CaseSignal::End)).then(|| quote!(cx.ended = true;))
}

/// The members that can trail a case.
fn trailing_of(u: &Union, case: &Case) -> Vec<Trailing> {
    u.trailing.iter().filter(|t| t.on.is_empty() || t.on.contains(&case.name)).cloned().collect()
}

/// Statements that read a case and give its block, and the one that trails it, to `out`.
fn case_body(
    scope: &mut Scope<'_>,
    u: &Union,
    case: &Case,
    view: &FacadeTy,
    tag: Option<&str>,
    place: &str,
    root: bool,
) -> TokenStream {
    let place = format!("{place}.{}", case.name);
    scope.here = case.span;
    let payload = match &case.arm {
        Some(arm) => match resolve(scope.facade, view, arm) {
            Some(place) => place.ty,
            None => return scope.refuse(&place, "an arm that leads nowhere"),
        },
        None => view.clone(),
    };
    // Beside an external tag they are no members of the payload; the caller reads them.
    let trailing = if u.tag == Tag::External { Vec::new() } else { trailing_of(u, case) };
    let block = in_arm(scope, view, case.arm.as_ref(), quote!(x));
    let whole = rep::or_fallback(scope, &payload, quote!(value), &case.name);
    let give = if scope.is_said(&payload) {
        TokenStream::new()
    } else if scope.is_said(view) {
        said(scope, case, quote!(Some(#whole)), &place)
    } else {
        quote!(let x = #whole; out(#block);)
    };
    let vars: Vec<_> = (0..trailing.len()).map(|i| format_ident!("after{i}")).collect();
    let afters = trailing.iter().zip(&vars).map(|(t, var)| {
        let block = in_arm(scope, view, Some(&t.arm), quote!(x));
        quote!(if let Some(x) = #var { out(#block); })
    });
    let afters: Vec<_> = afters.collect();
    match &case.body {
        CaseBody::Struct(s) => {
            let given = case.where_.iter().chain(&s.assume).cloned().collect();
            let read = read(
                scope,
                &Object {
                    fields: &s.fields,
                    view: &payload,
                    tag,
                    trailing: &trailing,
                    outer: view,
                    given,
                    place: &place,
                    only: None,
                    side: None,
                    root,
                },
            );
            quote! {
                #(let mut #vars = None;)*
                #read
                #give
                #(#afters)*
            }
        }
        CaseBody::Value(ty) => {
            if let (Ty::Named(id), Some(tag)) = (ty, tag)
                && let outcrop_lang::ir::TypeKind::Struct(s) = &scope.def(*id).kind
            {
                let given = case.where_.iter().chain(&s.assume).cloned().collect();
                let object = Object {
                    fields: &s.fields,
                    view: &payload,
                    tag: Some(tag),
                    trailing: &trailing,
                    outer: view,
                    given,
                    place: &place,
                    only: None,
                    side: None,
                    root,
                };
                let read = read(scope, &object);
                return quote! {
                    #(let mut #vars = None;)*
                    #read
                    #give
                    #(#afters)*
                };
            }
            if scope.is_said(&payload) {
                let Ty::Named(id) = ty else { return scope.refuse(&place, "a signal that is no object") };
                let f = decode_value::want(scope, *id, &payload);
                return quote!(#f(c, cx, at, said)?;);
            }
            let value = decode_value::value(scope, ty, &payload, &place);
            if scope.is_said(view) {
                let put = said(scope, case, quote!(Some(#value)), &place);
                return quote!({ #put });
            }
            if scope.is_delta(&payload) && matches!(ty, Ty::Named(id) if scope.is_union(*id)) {
                return quote!(let x = #value; out(x););
            }
            quote!(let x = #value; out(#block);)
        }
    }
}

/// Statements that put the payload of a case into what a chunk says.
fn said(scope: &mut Scope<'_>, case: &Case, value: TokenStream, place: &str) -> TokenStream {
    let Some(arm) = &case.arm else { return scope.refuse(place, "a signal that is no object") };
    let mut slots = super::assemble::Slots::default();
    let slot = slots.of(arm);
    let fill = super::said::fill(scope, &slots);
    quote!(let #slot = #value; #fill)
}

/// The payload of a trailing member, read at `c`.
pub(crate) fn trailing(scope: &mut Scope<'_>, t: &Trailing, view: &FacadeTy) -> TokenStream {
    let holder = resolve(scope.facade, view, &t.arm).map(|p| p.ty);
    match holder {
        Some(payload) => decode_value::value(scope, &t.ty, &payload, &t.key),
        None => scope.refuse(&t.key, "an arm that leads nowhere"),
    }
}

/// A payload inside its arm; without arm the value itself.
pub(crate) fn in_arm(scope: &mut Scope<'_>, view: &FacadeTy, arm: Option<&Path>, value: TokenStream) -> TokenStream {
    let block = match arm {
        Some(arm) => rep::wrap(scope, view, arm, value),
        None => Some(value),
    };
    match block {
        Some(block) if scope.is_delta(view) => quote!(converse::stream::Delta::of(c.arena(), #block)),
        Some(block) => block,
        None => scope.refuse("arm", "an arm that leads nowhere"),
    }
}
