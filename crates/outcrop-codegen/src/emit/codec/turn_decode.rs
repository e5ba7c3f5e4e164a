//! One native element as what a turn holds.

use outcrop_lang::ir::{Case, FacadeTy, Tag, TypeKind, Union, Way};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::decode::{Object, read};
use super::places::resolve;
use super::scope::{Instance, Job, Scope};
use super::turn::{element, is_untagged, role_of, struct_of, tag_of};
use super::{decode_union, rep};

/// Statements that do what belongs to the case of the element at the cursor; an element of no case is refused.
pub(super) fn dispatch(u: &Union, cases: &[(&Case, TokenStream)]) -> TokenStream {
    if u.tag == Tag::External {
        let arms = cases.iter().map(|(case, body)| {
            let (value, has) = (&case.value, &case.has);
            let guard = if has.is_empty() { quote!() } else { quote!(if rt::has_in(c, #value, &[#(#has),*])?) };
            quote!(Some(#value) #guard => { #body })
        });
        let keys = cases.iter().map(|(case, _)| &case.value);
        return quote! {
            let tag = rt::arm_key(c, &[#(#keys),*])?;
            match tag {
                #(#arms)*
                _ => return Err(rt::unknown_tag(c.position())),
            }
        };
    }
    let Some(tag) = tag_of(u) else {
        let arms = cases.iter().map(|(case, body)| {
            let test = decode_union::shape_test(case, &[]);
            quote!(if #test { #body } else)
        });
        return quote!(#(#arms)* { return Err(rt::unknown_tag(c.position())); });
    };
    let arms = cases.iter().map(|(case, body)| {
        let (value, has) = (&case.value, &case.has);
        let untagged = is_untagged(u, case).then(|| quote!(None |));
        let guard = if has.is_empty() { quote!() } else { quote!(if rt::has(c, &[#(#has),*])?) };
        quote!(#untagged Some(#value) #guard => { #body })
    });
    quote! {
        let tag = rt::tag(c, #tag)?;
        match tag {
            #(#arms)*
            _ => return Err(rt::unknown_tag(c.position())),
        }
    }
}

/// The body of the function that reads one native element as a message.
pub(crate) fn decode_one(scope: &mut Scope<'_>, instance: &Instance) -> TokenStream {
    let def = scope.def(instance.id);
    let TypeKind::Union(u) = &def.kind else { return scope.refuse(&def.name, "a turn that is no union") };
    let mut cases = Vec::new();
    for (index, case) in u.cases.iter().enumerate().filter(|(_, c)| c.way != Way::Encode && c.each.is_none()) {
        let (Some(role), Some(_)) = (role_of(case), struct_of(scope, case)) else {
            return scope.refuse(&format!("{}.{}", def.name, case.name), "a turn that is no object");
        };
        let f = want_case(scope, instance.id, index, "Message");
        let read = quote! {
            let content = #f(c, cx, at)?.unwrap_or(List::EMPTY);
            Ok(converse::Message { role: Str::plain(#role).into(), content, extra: Extra::EMPTY })
        };
        cases.push((case, read));
    }
    let body = dispatch(u, &cases);
    quote!({ #body })
}

/// The function that reads an element of a case as what its turn holds.
pub(super) fn want_case(scope: &mut Scope<'_>, id: usize, case: usize, view: &str) -> Ident {
    let view = FacadeTy::Named(view.to_owned());
    scope.want(Instance { job: Job::DecodeCase(case), id, view, known: Vec::new(), single: false })
}

/// What the function for the elements of a case gives, and its body: the content of the turn if the element has any, or
/// the one block of a case that has an element for each.
pub(crate) fn decode_case(scope: &mut Scope<'_>, instance: &Instance, index: usize) -> (TokenStream, TokenStream) {
    let def = scope.def(instance.id);
    let (TypeKind::Union(u), Some(element)) = (&def.kind, element(scope, &instance.view)) else {
        return (quote!(()), scope.refuse(&def.name, "turns that are no union"));
    };
    let Some(case) = u.cases.get(index) else { return (quote!(()), quote!()) };
    let tag = tag_of(u);
    let place = format!("{}.{}", def.name, case.name);
    let Some(s) = struct_of(scope, case) else {
        return (quote!(()), scope.refuse(&place, "a turn that is no object"));
    };
    let Some(each) = &case.each else {
        let only = Some(rep::path("content"));
        let read = read(scope, &Object { tag, only, ..Object::of(&s.fields, &instance.view, &place) });
        let element = rep::rust(&element);
        return (quote!(Option<List<'a, #element>>), within(u, case, &read, &quote!(value)));
    };
    let Some(payload) = resolve(scope.facade, &element, each) else {
        return (quote!(()), scope.refuse(&place, "an arm that leads nowhere"));
    };
    let given = s.assume.clone();
    let object = Object { tag, outer: &element, given, ..Object::of(&s.fields, &payload.ty, &place) };
    let read = read(scope, &object);
    let block = decode_union::in_arm(scope, &element, Some(each), quote!(x));
    let whole = rep::or_fallback(scope, &payload.ty, quote!(value), &place);
    (rep::rust(&element), within(u, case, &quote!(#read let x = #whole;), &block))
}

/// The body of a function that reads an element of a case and gives what was found; the element is the value of its only
/// key where that tells it.
fn within(u: &Union, case: &Case, read: &TokenStream, found: &TokenStream) -> TokenStream {
    if u.tag != Tag::External {
        return quote!({ #read Ok(#found) });
    }
    let value = &case.value;
    quote! {{
        let mut found = None;
        rt::object(c, |c, key| {
            match key {
                #value => {
                    let at = &at.key(key);
                    #read
                    found = Some(#found);
                }
                _ => cx.extra(c, at, key)?,
            }
            Ok(())
        })?;
        found.ok_or_else(|| rt::unknown_tag(c.position()))
    }}
}
