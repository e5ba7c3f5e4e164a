//! One turn as native elements.

use outcrop_lang::ir::{
    Case, CaseBody, FacadeTy, Field, Lens, Literal, Path, Step, Struct, Tag, Ty, TypeKind, Union, Way,
};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::places::resolve;
use super::scope::{Instance, Job, Scope};
use super::system_turn::is_system_turn;
use super::{encode, encode_list, literal, rep, unmapped, virtuals};

pub(super) fn tag_of(u: &Union) -> Option<&str> {
    match &u.tag {
        Tag::Internal { key, .. } => Some(key),
        _ => None,
    }
}

/// Whether the elements of a case are those without tag.
pub(super) fn is_untagged(u: &Union, case: &Case) -> bool {
    matches!(&u.tag, Tag::Internal { absent: Some(at), .. } if u.cases.get(*at).is_some_and(|c| std::ptr::eq(c, case)))
}

pub(super) fn struct_of<'a>(scope: &Scope<'a>, case: &'a Case) -> Option<&'a Struct> {
    match &case.body {
        CaseBody::Struct(s) => Some(s),
        CaseBody::Value(Ty::Named(id)) => match &scope.def(*id).kind {
            TypeKind::Struct(s) => Some(s),
            _ => None,
        },
        CaseBody::Value(_) => None,
    }
}

pub(super) fn role_of(case: &Case) -> Option<&str> {
    match case.arm.as_ref()?.0.as_slice() {
        [Step::Member(role)] => Some(role),
        _ => None,
    }
}

/// The body of the function that writes one message as one native element.
pub(crate) fn encode_one(scope: &mut Scope<'_>, instance: &Instance) -> TokenStream {
    let def = scope.def(instance.id);
    let TypeKind::Union(u) = &def.kind else { return scope.refuse(&def.name, "a turn that is no union") };
    let roles = roles(scope, u, instance.id);
    quote! {{
        let mut run = rt::Written::default();
        match &*v.role.to_str().text() {
            #roles
            _ => cx.unmapped(at, v)?,
        }
        Ok(())
    }}
}

/// Whether a native type looks at messages as turns.
pub(crate) fn is_turn(scope: &Scope<'_>, id: usize, target: &FacadeTy) -> bool {
    matches!(&scope.def(id).kind, TypeKind::Union(u) if u.view == "Turn")
        && matches!(target, FacadeTy::Named(n) if n == "Message")
}

/// Arms of a match on the role of the message `v` that write it.
pub(super) fn roles(scope: &mut Scope<'_>, u: &Union, id: usize) -> TokenStream {
    let arms = ["system", "user", "assistant"].into_iter().filter_map(|name| {
        let f = role(scope, u, id, name, "Message")?;
        Some(quote!(#name => #f(v, o, cx, at, &mut run)?,))
    });
    arms.collect()
}

/// The function that writes a turn of a role; none if the format has none of it.
pub(super) fn role(scope: &mut Scope<'_>, u: &Union, id: usize, role: &'static str, view: &str) -> Option<Ident> {
    cases_of(u, role).next()?;
    let view = FacadeTy::Named(view.to_owned());
    Some(scope.want(Instance { job: Job::EncodeRole(role), id, view, known: Vec::new(), single: false }))
}

/// The cases that turns of a role are written as.
fn cases_of<'u>(u: &'u Union, role: &str) -> impl Iterator<Item = &'u Case> {
    u.cases.iter().filter(move |c| c.way != Way::Decode && role_of(c) == Some(role))
}

/// The blocks of a turn.
pub(super) fn element(scope: &Scope<'_>, view: &FacadeTy) -> Option<FacadeTy> {
    match resolve(scope.facade, view, content_path())?.ty {
        FacadeTy::List(element) => Some(*element),
        _ => None,
    }
}

/// The type of a turn of a role, and the body of the function that writes the elements of such a turn `v`.
pub(crate) fn encode_role(scope: &mut Scope<'_>, instance: &Instance, role: &str) -> (TokenStream, TokenStream) {
    let (view, place) = (&instance.view, &scope.def(instance.id).name);
    let (TypeKind::Union(u), Some(element)) = (&scope.def(instance.id).kind, element(scope, view)) else {
        return (quote!(()), scope.refuse(place, "turns that are no union"));
    };
    let ty = if is_system_turn(view) {
        let element = rep::rust(&element);
        quote!(rt::SystemTurn<'_, #element>)
    } else {
        rep::rust(view)
    };
    let body = elements(scope, u, &cases_of(u, role).collect::<Vec<_>>(), view, &element, place);
    (ty, quote!({ #body Ok(()) }))
}

/// Statements that write the elements of one turn `v`, which is of some cases.
fn elements(
    scope: &mut Scope<'_>,
    u: &Union,
    cases: &[&Case],
    view: &FacadeTy,
    element: &FacadeTy,
    place: &str,
) -> TokenStream {
    let content = if is_system_turn(view) { "" } else { "content" };
    let mut out = TokenStream::new();
    let mut all: Vec<Path> = Vec::new();
    let last = cases.iter().rposition(|c| c.each.is_none());
    let mut many_fields = false;
    // What earlier cases take, and when they do if that depends on other blocks; their places in the turn.
    let mut before: Vec<(Vec<Path>, Option<TokenStream>, usize)> = Vec::new();
    for (n, case) in cases.iter().enumerate() {
        let place = format!("{place}.{}", case.name);
        let index = u.cases.iter().position(|c| std::ptr::eq(c, *case)).unwrap_or_default();
        let rank = scope.family.rank(u, index);
        let ordered = (cases.len() > 1).then(|| quote!(run.block(i);));
        let Some(s) = struct_of(scope, case) else {
            out.extend(scope.refuse(&place, "a turn that is no object"));
            continue;
        };
        if cases.len() > 1 && case.each.is_none() && has_content(scope, &s.fields) {
            let what = "content as a whole beside other elements of the same turn; `take:` its blocks by their arms";
            out.extend(scope.refuse(&place, what));
            continue;
        }
        let tag = tag_of(u).filter(|_| !is_untagged(u, case)).map(|key| (key, case.value.as_str()));
        let (open, close) = braces(u, case);
        if let Some(each) = &case.each {
            let Some(target) = resolve(scope.facade, element, each) else {
                continue;
            };
            all.push(each.clone());
            let bind = super::navigate::bind(&target, quote!(x), &quote!(v), &quote!(continue));
            let members = encode::object(scope, s, &target.ty, tag, &place, &[], false);
            let leftovers = unmapped::check(scope, &target.ty, &s.fields, &s.assume, &[]);
            let step = encode::dotted(each);
            out.extend(quote! {
                for (i, x) in v.content.iter().enumerate() {
                    #bind
                    let at = &at.key(#content);
                    let at = &at.index(i);
                    let at = &at.key(#step);
                    rt::sep(o);
                    #open
                    #members
                    #close
                    #leftovers
                    wrote = true;
                    run.wrote(#rank, true);
                    #ordered
                }
            });
            continue;
        }
        let arms = taken(scope, view, &s.fields);
        let test = encode_list::is_any(scope, element, &arms);
        let test =
            if arms.is_empty() { quote!(!v.content.is_empty()) } else { quote!(v.content.iter().any(|x| #test)) };
        let orders = virtuals::content_order(scope, element, &s.fields, cases.len() > 1);
        many_fields |= orders.is_some();
        let needed = s.needed_blocks().filter(|_| last != Some(n)).map(|arms| {
            let test = encode_list::is_any(scope, element, arms);
            quote!(v.content.iter().any(|x| #test))
        });
        let needed: Vec<_> = needed.collect();
        let needed = (!needed.is_empty()).then(|| quote!((#(#needed)&&*)));
        let mut test = match &needed {
            Some(needed) => quote!(#needed && #test),
            None => test,
        };
        for (earlier, when, at) in &before {
            if !arms.iter().any(|arm| earlier.contains(arm)) {
                continue;
            }
            match when {
                Some(when) if *at == rank => test = quote!(!#when && #test),
                _ => out
                    .extend(scope.refuse(&place, "cases of one role that share blocks, and no blocks that tell when")),
            }
        }
        before.push((arms.clone(), needed, rank));
        let when = if last == Some(n) { quote!(!wrote && v.content.is_empty() || #test) } else { test };
        let members = encode::object(scope, s, view, tag, &place, &[], false);
        out.extend(quote! {
            if #when {
                rt::sep(o);
                #open
                #members
                #close
                wrote = true;
                run.wrote(#rank, false);
                #orders
            }
        });
        all.extend(arms);
    }
    let test = encode_list::is_any(scope, element, &all);
    let step = if is_system_turn(view) { "" } else { "content" };
    let sorted = (cases.len() > 1 || many_fields).then(|| {
        quote! {
            if !run.is_sorted() {
                cx.approximated(&at.key(#step), "the format groups blocks by kind; they read back in another order");
            }
        }
    });
    let each_only = if all.is_empty() {
        quote!()
    } else {
        quote! {
            for (i, x) in v.content.iter().enumerate() {
                if !(#test) {
                    let at = &at.key(#step);
                    cx.unmapped_block(&at.index(i), x)?;
                }
            }
        }
    };
    let rest = if is_system_turn(view) {
        TokenStream::new()
    } else {
        unmapped::rest(scope, view, &[rep::path("role"), rep::path("content")])
    };
    quote! {
        let mut wrote = false;
        #out
        let _ = wrote;
        #sorted
        #each_only
        #rest
    }
}

/// What begins and ends an element of a case.
fn braces(u: &Union, case: &Case) -> (TokenStream, TokenStream) {
    if u.tag != Tag::External {
        return (quote!(o.push(b'{');), quote!(o.push(b'}');));
    }
    let open = format!("{{{}:{{", literal::json(&Literal::Str(case.value.clone())));
    (quote!(write::raw(o, #open);), quote!(write::raw(o, "}}");))
}

fn content_path() -> &'static Path {
    static PATH: std::sync::LazyLock<Path> = std::sync::LazyLock::new(|| rep::path("content"));
    &PATH
}

/// Whether a field of a turn has its content as a whole.
fn has_content(scope: &Scope<'_>, fields: &[Field]) -> bool {
    fields.iter().filter(|f| f.way != Way::Decode).any(|field| match (&field.lens, &field.ty) {
        (Lens::Path(path), _) => path == content_path(),
        (Lens::Group, Ty::Named(id)) => {
            matches!(&scope.def(*id).kind, TypeKind::Struct(s) if has_content(scope, &s.fields))
        }
        _ => false,
    })
}

/// The arms that the fields of a turn take out of its content.
fn taken(scope: &Scope<'_>, view: &FacadeTy, fields: &[Field]) -> Vec<Path> {
    let mut out = Vec::new();
    for field in fields.iter().filter(|f| f.way != Way::Decode) {
        match &field.lens {
            Lens::Take { path, arms, .. } => match resolve(scope.facade, view, path).map(|p| p.ty) {
                Some(FacadeTy::List(element)) => out.extend(encode_list::taken_arms(scope, &field.ty, &element, arms)),
                _ => out.extend(arms.iter().cloned()),
            },
            Lens::Group => {
                if let Ty::Named(id) = &field.ty
                    && let TypeKind::Struct(s) = &scope.def(*id).kind
                {
                    out.extend(taken(scope, view, &s.fields));
                }
            }
            Lens::Extra | Lens::Path(_) => {}
        }
    }
    out
}
