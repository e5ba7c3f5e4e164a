//! Encoding unions: the first case that matches writes the value.

use outcrop_lang::ir::{Case, CaseBody, FacadeKind, FacadeTy, Lens, Struct, Tag, Ty, TypeKind, Union, Unknown, Way};
use proc_macro2::TokenStream;
use quote::quote;

use super::encode::{dotted, object};
use super::navigate::{found, is_there, navigate};
use super::places::resolve;
use super::scope::{Instance, Scope};
use super::{encode_value, literal, rep, unmapped};

/// The function body: writes `v` and gives the index of its case, `rt::NONE` if nothing was written.
pub(crate) fn function(scope: &mut Scope<'_>, u: &Union, instance: &Instance, place: &str) -> TokenStream {
    let view = &instance.view;
    let mut tests = TokenStream::new();
    for (word, arm) in &u.words {
        let Some(target) = resolve(scope.facade, view, arm) else { continue };
        let there = is_there(&target, quote!(v));
        let text = literal::json(&outcrop_lang::ir::Literal::Str(word.clone()));
        tests.extend(quote!(if #there { rt::sep(o); write::raw(o, #text); return Ok(rt::WORD); }));
    }
    for (i, case) in u.cases.iter().enumerate() {
        if case.way != Way::Decode {
            tests.extend(self::case(scope, u, i, case, instance, place));
        }
    }
    let mut native = TokenStream::new();
    let path = rep::path("native");
    if let Some(target) =
        resolve(scope.facade, view, &path).filter(|_| u.unknown == Unknown::Keep && rep::keeps(scope.facade, view))
    {
        let found = found(&target, &quote!(v), &quote!(x));
        native = quote!(if #found { cx.keeps(o, x, at); return Ok(rt::WORD); });
    }
    // What other members of the object say is not for this one to judge: other signals, another arm.
    let shared = super::encode::is_signal(view)
        || super::places::named(scope.facade, view).is_some_and(|(_, def)| def.kind == FacadeKind::Union);
    let unsaid = if instance.known.is_empty() || !shared {
        quote!(cx.unmapped_element(at, v)?;)
    } else {
        unmapped::check(scope, view, &[], &[], &instance.known)
    };
    quote!({ #native #tests #unsaid Ok(rt::NONE) })
}

fn case(scope: &mut Scope<'_>, u: &Union, index: usize, case: &Case, instance: &Instance, place: &str) -> TokenStream {
    let place = format!("{place}.{}", case.name);
    scope.here = case.span;
    let view = &instance.view;
    let here = outcrop_lang::ir::Path::default();
    let arm = case.arm.as_ref().unwrap_or(&here);
    let Some(target) = resolve(scope.facade, view, arm) else {
        return scope.refuse(&place, "an arm that leads nowhere");
    };
    let known = if case.arm.is_some() { Vec::new() } else { instance.known.clone() };
    let found = found(&target, &quote!(v), &quote!(v));
    let step = dotted(arm);
    let structure = match &case.body {
        CaseBody::Struct(s) => Some(s),
        CaseBody::Value(Ty::Named(id)) if !matches!(u.tag, Tag::External) => match &scope.def(*id).kind {
            TypeKind::Struct(s) => Some(s),
            _ => None,
        },
        CaseBody::Value(_) => None,
    };
    let mut conditions: Vec<TokenStream> = Vec::new();
    for (path, value) in &case.where_ {
        let Some(place) = resolve(scope.facade, &target.ty, path) else { continue };
        let find = navigate(&place, quote!(v));
        let value = literal::facade(scope, value, &place.ty);
        conditions.push(quote!(matches!({ #find }, Some(x) if *x == #value)));
    }
    if let (None, Some(s)) = (&case.arm, structure) {
        conditions.extend(required(scope, s, &target.ty));
    }
    let tag = match &u.tag {
        Tag::Internal { key, absent } if *absent != Some(index) => Some((key.as_str(), case.value.as_str())),
        _ => None,
    };
    let external = matches!(u.tag, Tag::External);
    let write = match structure {
        Some(s) => {
            let mut given = case.where_.clone();
            given.extend(s.assume.iter().cloned());
            let leftovers = unmapped::check(scope, &target.ty, &s.fields, &given, &known);
            let members = object(scope, s, &target.ty, tag, &place, &known, false);
            let untaken = super::virtuals::untaken(scope, &target.ty, &s.fields);
            quote!(o.push(b'{'); #members o.push(b'}'); #untaken #leftovers)
        }
        None => match &case.body {
            CaseBody::Value(ty) => {
                let write = encode_value::value(scope, ty, &target.ty, known, &place);
                quote!(let x = v; #write)
            }
            CaseBody::Struct(_) => TokenStream::new(),
        },
    };
    let write = if external {
        let open = format!("{{{}:", literal::json(&outcrop_lang::ir::Literal::Str(case.value.clone())));
        quote!(write::raw(o, #open); #write o.push(b'}');)
    } else {
        write
    };
    let oneway = (case.way == Way::Encode)
        .then(|| quote!(cx.approximated(at, "it goes through in a form that reads back differently");));
    // Where the value is itself, nothing needs to be found.
    let found = if target.hops.is_empty() { Vec::new() } else { vec![found] };
    let all: Vec<_> = found.into_iter().chain(conditions).collect();
    let condition = if all.is_empty() { quote!() } else { quote!(if #(#all)&&*) };
    let at = if step.is_empty() { quote!() } else { quote!(let at = &at.key(#step);) };
    quote! {
        #condition {
            #at
            rt::sep(o);
            #write
            #oneway
            return Ok(#index);
        }
    }
}

/// Conditions that the façade has all that a case without arm requires.
fn required(scope: &Scope<'_>, s: &Struct, view: &FacadeTy) -> Vec<TokenStream> {
    let mut out = Vec::new();
    for field in s.fields.iter().filter(|f| f.required && f.constant.is_none() && f.default.is_none()) {
        let (Lens::Path(path) | Lens::Take { path, .. }) = &field.lens else { continue };
        let Some(place) = resolve(scope.facade, view, path) else { continue };
        if place.hops.is_empty() {
            continue;
        }
        if let (Lens::Take { arms, .. }, FacadeTy::List(element)) = (&field.lens, &place.ty) {
            let (find, test) = (navigate(&place, quote!(v)), super::encode_list::is_any(scope, element, arms));
            out.push(quote!(({ #find }).is_some_and(|all| all.iter().any(|x| #test))));
            continue;
        }
        out.push(is_there(&place, quote!(v)));
    }
    out
}
