//! The view `turns`: `system` and `messages` as one list of native elements, in both directions.

use outcrop_lang::ir::{Case, CaseBody, FacadeTy, Field, Lens, Path, Step, Struct, Tag, Ty, TypeKind, Union, Way};
use proc_macro2::TokenStream;
use quote::quote;

use super::decode::{Object, read};
use super::places::resolve;
use super::scope::{Instance, Job, Scope};
use super::system_turn::{SYSTEM_TURN, is_system_turn};
use super::{decode_union, encode, encode_list, prompts, rep, unmapped, virtuals};

/// Whether a field holds the turns before the last.
fn is_rest(path: &Path) -> bool {
    matches!(path.0.as_slice(), [Step::Member(all), Step::Member(name)] if all == "messages" && name == "rest")
}

fn is_turns(path: &Path) -> bool {
    matches!(path.0.as_slice(), [Step::Member(name)] if name == "turns")
}

fn union_of<'a>(scope: &Scope<'a>, ty: &Ty) -> Option<(usize, &'a Union)> {
    let Ty::List(item, _) = ty else { return None };
    let Ty::Named(id) = **item else { return None };
    match &scope.def(id).kind {
        TypeKind::Union(u) => Some((id, u)),
        _ => None,
    }
}

/// Statements that write a field over `turns`; none if the field is no such one.
pub(crate) fn encode_field(
    scope: &mut Scope<'_>,
    view: &FacadeTy,
    path: &Path,
    field: &Field,
    key: &str,
    place: &str,
) -> Option<TokenStream> {
    if prompts::is_images(path) {
        return Some(prompts::encode_images(scope, field, key, place));
    }
    if matches!(field.ty, Ty::Prompt) {
        return Some(prompts::encode_field(scope, path, field, key, place));
    }
    if !is_turns(path) && !is_rest(path) {
        return None;
    }
    let Some((id, _)) = union_of(scope, &field.ty) else {
        return Some(scope.refuse(place, "turns that are no list of a union"));
    };
    let single = is_rest(path);
    let f = scope.want(Instance { job: Job::EncodeTurns, id, view: view.clone(), known: Vec::new(), single });
    let write = quote!(rt::member(o, #key); #f(v, o, cx, at)?;);
    Some(if single { quote!(if v.messages.as_ref().is_some_and(|x| x.len() > 1) { #write }) } else { write })
}

/// Statements that read a field over `turns`; none if the field is no such one.
pub(crate) fn decode_field(
    scope: &mut Scope<'_>,
    object: &Object<'_>,
    slots: &mut super::assemble::Slots,
    path: &Path,
    field: &Field,
    place: &str,
) -> Option<TokenStream> {
    if !is_turns(path) && !is_rest(path) {
        return None;
    }
    let Some((id, _)) = union_of(scope, &field.ty) else {
        return Some(scope.refuse(place, "turns that are no list of a union"));
    };
    let single = is_rest(path);
    let f = scope.want(Instance { job: Job::DecodeTurns, id, view: object.view.clone(), known: Vec::new(), single });
    let call = quote!(#f(c, cx, at)?);
    if single {
        let slot = slots.of(path);
        return Some(quote!(#slot = Some(#call.1);));
    }
    let (system, messages) = (slots.of(&rep::path("system")), slots.of(&rep::path("messages")));
    Some(quote! {
        let (system, messages) = #call;
        #system = system;
        #messages = Some(messages);
    })
}

fn tag_of(u: &Union) -> Option<&str> {
    match &u.tag {
        Tag::Internal { key, .. } => Some(key),
        _ => None,
    }
}

/// Whether the elements of a case are those without tag.
fn is_untagged(u: &Union, case: &Case) -> bool {
    matches!(&u.tag, Tag::Internal { absent: Some(at), .. } if u.cases.get(*at).is_some_and(|c| std::ptr::eq(c, case)))
}

fn struct_of<'a>(scope: &Scope<'a>, case: &'a Case) -> Option<&'a Struct> {
    match &case.body {
        CaseBody::Struct(s) => Some(s),
        CaseBody::Value(Ty::Named(id)) => match &scope.def(*id).kind {
            TypeKind::Struct(s) => Some(s),
            _ => None,
        },
        CaseBody::Value(_) => None,
    }
}

fn role_of(case: &Case) -> Option<&str> {
    match case.arm.as_ref()?.0.as_slice() {
        [Step::Member(role)] => Some(role),
        _ => None,
    }
}

/// Body of the function that writes all turns as a list.
pub(crate) fn encode_function(scope: &mut Scope<'_>, instance: &Instance) -> TokenStream {
    let def = scope.def(instance.id);
    let TypeKind::Union(u) = &def.kind else { return scope.refuse(&def.name, "turns that are no union") };
    let system = role(scope, u, "system", SYSTEM_TURN, &def.name);
    let mut roles = TokenStream::new();
    for name in ["system", "user", "assistant"] {
        let body = role(scope, u, name, "Message", &def.name);
        if !body.is_empty() {
            roles.extend(quote!(#name => { #body }));
        }
    }
    let count = if instance.single {
        quote!(v.messages.as_ref().map_or(0, |x| x.len().saturating_sub(1)))
    } else {
        quote!(usize::MAX)
    };
    let blank = super::system_turn::is_blank();
    let system = if instance.single {
        TokenStream::new()
    } else if system.is_empty() {
        quote!(if let Some(x) = v.system.as_ref().filter(|x| x.iter().any(|x| !#blank)) {
            cx.unmapped(&at.key("system"), x)?;
        })
    } else {
        quote! {
            let x = rt::said(v.system.as_ref(), |x| !#blank);
            if !x.is_empty() {
                let at = &at.key("system");
                let v = &rt::SystemTurn::new(&x);
                let mut run = rt::Written::default();
                #system
                before = run.ends("system");
            }
        }
    };
    quote! {{
        o.push(b'[');
        let mut before = rt::Ended::default();
        #system
        let messages = at.key("messages");
        for (i, v) in v.messages.iter().flat_map(|x| x.iter()).enumerate().take(#count) {
            let at = &messages.index(i);
            let role = v.role.to_str();
            let role = role.text();
            let role = &*role;
            let mut run = rt::Written::default();
            match role {
                #roles
                _ => cx.unmapped(at, v)?,
            }
            if !v.content.is_empty() && run.joins(&before, role) {
                cx.approximated(at, "this turn and the one before it read back as one");
            }
            before = run.ends(role);
        }
        o.push(b']');
        Ok(())
    }}
}

/// The body of the function that writes one message as one native element.
pub(crate) fn encode_one(scope: &mut Scope<'_>, instance: &Instance) -> TokenStream {
    let def = scope.def(instance.id);
    let TypeKind::Union(u) = &def.kind else { return scope.refuse(&def.name, "a turn that is no union") };
    let mut roles = TokenStream::new();
    for name in ["system", "user", "assistant"] {
        let body = role(scope, u, name, "Message", &def.name);
        if !body.is_empty() {
            roles.extend(quote!(#name => { #body }));
        }
    }
    quote! {{
        let mut run = rt::Written::default();
        match &*v.role.to_str().text() {
            #roles
            _ => cx.unmapped(at, v)?,
        }
        Ok(())
    }}
}

/// The body of the function that reads one native element as a message.
pub(crate) fn decode_one(scope: &mut Scope<'_>, instance: &Instance) -> TokenStream {
    let def = scope.def(instance.id);
    let TypeKind::Union(u) = &def.kind else { return scope.refuse(&def.name, "a turn that is no union") };
    let Some(tag) = tag_of(u) else { return scope.refuse(&def.name, "turns without a tag") };
    let mut arms = TokenStream::new();
    for case in u.cases.iter().filter(|c| c.way != Way::Encode && c.each.is_none()) {
        let place = format!("{}.{}", def.name, case.name);
        let (Some(role), Some(s)) = (role_of(case), struct_of(scope, case)) else {
            arms.extend(scope.refuse(&place, "a turn that is no object"));
            continue;
        };
        let value = &case.value;
        let untagged = is_untagged(u, case).then(|| quote!(None |));
        let has = &case.has;
        let guard = if has.is_empty() { quote!() } else { quote!(if rt::has(c, &[#(#has),*])?) };
        let read = content(scope, s, &FacadeTy::Named("Message".into()), tag, &place, quote!(content = x;));
        arms.extend(quote!(#untagged Some(#value) #guard => {
            let mut content = List::EMPTY;
            #read
            Ok(converse::Message { role: Str::plain(#role).into(), content, extra: Extra::EMPTY })
        }));
    }
    quote! {{
        let tag = rt::tag(c, #tag)?;
        match tag {
            #arms
            _ => Err(rt::unknown_tag(c.position())),
        }
    }}
}

/// Whether a native type looks at messages as turns.
pub(crate) fn is_turn(scope: &Scope<'_>, id: usize, target: &FacadeTy) -> bool {
    matches!(&scope.def(id).kind, TypeKind::Union(u) if u.view == "Turn")
        && matches!(target, FacadeTy::Named(n) if n == "Message")
}

/// Statements that write the elements of one turn `v` of a role.
fn role(scope: &mut Scope<'_>, u: &Union, role: &str, view: &str, place: &str) -> TokenStream {
    let view = FacadeTy::Named(view.to_owned());
    let Some(content) = resolve(scope.facade, &view, content_path()) else { return TokenStream::new() };
    let FacadeTy::List(element) = content.ty else { return TokenStream::new() };
    let cases: Vec<&Case> = u.cases.iter().filter(|c| c.way != Way::Decode && role_of(c) == Some(role)).collect();
    if cases.is_empty() {
        return TokenStream::new();
    }
    let content = if is_system_turn(&view) { "" } else { "content" };
    let mut out = TokenStream::new();
    let mut all: Vec<Path> = Vec::new();
    let last = cases.iter().rposition(|c| c.each.is_none());
    let mut many_fields = false;
    for (n, case) in cases.iter().enumerate() {
        let place = format!("{place}.{}", case.name);
        let index = u.cases.iter().position(|c| std::ptr::eq(c, *case)).unwrap_or_default();
        let ordered = (cases.len() > 1).then(|| quote!(run.block(i);));
        let Some(s) = struct_of(scope, case) else {
            out.extend(scope.refuse(&place, "a turn that is no object"));
            continue;
        };
        let tag = tag_of(u).filter(|_| !is_untagged(u, case)).map(|key| (key, case.value.as_str()));
        if let Some(each) = &case.each {
            let Some(target) = resolve(scope.facade, &element, each) else {
                continue;
            };
            all.push(each.clone());
            let find = encode::navigate(&target, quote!(x));
            let members = encode::object(scope, s, &target.ty, tag, &place, &[], false);
            let leftovers = unmapped::check(scope, &target.ty, &s.fields, &s.assume, &[]);
            let step = encode::dotted(each);
            out.extend(quote! {
                for (i, x) in v.content.iter().enumerate() {
                    let Some(v) = ({ #find }) else { continue };
                    let at = &at.key(#content);
                    let at = &at.index(i);
                    let at = &at.key(#step);
                    rt::sep(o);
                    o.push(b'{');
                    #members
                    o.push(b'}');
                    #leftovers
                    wrote = true;
                    run.wrote(#index, true);
                    #ordered
                }
            });
            continue;
        }
        let arms = taken(scope, &view, &s.fields);
        let test = encode_list::is_any(scope, &element, &arms);
        let test =
            if arms.is_empty() { quote!(!v.content.is_empty()) } else { quote!(v.content.iter().any(|x| #test)) };
        let orders = virtuals::content_order(scope, &element, &s.fields, cases.len() > 1);
        many_fields |= orders.is_some();
        let when = if last == Some(n) { quote!(!wrote && v.content.is_empty() || #test) } else { test };
        let members = encode::object(scope, s, &view, tag, &place, &[], false);
        out.extend(quote! {
            if #when {
                rt::sep(o);
                o.push(b'{');
                #members
                o.push(b'}');
                wrote = true;
                run.wrote(#index, false);
                #orders
            }
        });
        all.extend(arms);
    }
    let test = encode_list::is_any(scope, &element, &all);
    let step = if is_system_turn(&view) { "" } else { "content" };
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
    let rest = if is_system_turn(&view) {
        TokenStream::new()
    } else {
        unmapped::rest(scope, &view, &[rep::path("role"), rep::path("content")])
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

fn content_path() -> &'static Path {
    static PATH: std::sync::LazyLock<Path> = std::sync::LazyLock::new(|| rep::path("content"));
    &PATH
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

/// Body of the function that reads a list of turns: gives `system` and `messages`.
pub(crate) fn decode_function(scope: &mut Scope<'_>, instance: &Instance) -> TokenStream {
    let def = scope.def(instance.id);
    let TypeKind::Union(u) = &def.kind else { return scope.refuse(&def.name, "turns that are no union") };
    let Some(tag) = tag_of(u) else { return scope.refuse(&def.name, "turns without a tag") };
    let mut arms = TokenStream::new();
    for (index, case) in u.cases.iter().enumerate().filter(|(_, c)| c.way != Way::Encode) {
        let place = format!("{}.{}", def.name, case.name);
        let (Some(role), Some(s)) = (role_of(case), struct_of(scope, case)) else {
            arms.extend(scope.refuse(&place, "a turn that is no object"));
            continue;
        };
        let value = &case.value;
        let untagged = is_untagged(u, case).then(|| quote!(None |));
        let has = &case.has;
        let guard = if has.is_empty() { quote!() } else { quote!(if rt::has(c, &[#(#has),*])?) };
        let each = case.each.is_some();
        let message = FacadeTy::Named("Message".into());
        let body = match &case.each {
            Some(each) => {
                let element = FacadeTy::Named("ContentBlock".into());
                let Some(payload) = resolve(scope.facade, &element, each) else {
                    arms.extend(scope.refuse(&place, "an arm that leads nowhere"));
                    continue;
                };
                let read = read(
                    scope,
                    &Object {
                        tag: Some(tag),
                        outer: &element,
                        given: s.assume.clone(),
                        ..Object::of(&s.fields, &payload.ty, &place)
                    },
                );
                let block = decode_union::in_arm(scope, &element, Some(each), quote!(x));
                let whole = rep::or_fallback(scope, &payload.ty, quote!(value), &place);
                quote!(#read let x = #whole; run.push(#block);)
            }
            None => content(scope, s, &message, tag, &place, quote!(run.extend(&x);)),
        };
        // A turn without blocks is written as the last case of its role.
        let last = u.cases.iter().rposition(|c| role_of(c) == Some(role) && c.each.is_none() && c.way != Way::Decode);
        let other = last != Some(index);
        let before = (other && !each).then(|| quote!(let count = run.len();));
        let empty = (other && !each).then(|| {
            quote!(if run.len() == count {
                cx.empty_turn(at);
            })
        });
        let ordinary = quote! {
            if !run.joins(#role, #index, #each) {
                if let Some((role, content)) = run.start(#role) {
                    messages.push(converse::Message { role: Str::plain(role).into(), content, extra: Extra::EMPTY });
                }
            }
            run.at(#index);
            #before
            #body
            #empty
        };
        if role == "system" && !instance.single {
            let empty_head = other.then(|| quote!(cx.empty_turn(at);));
            let leading = content(
                scope,
                s,
                &FacadeTy::Named(SYSTEM_TURN.into()),
                tag,
                &place,
                quote!(rt::extend(&mut system, &x);),
            );
            arms.extend(quote!(#untagged Some(#value) #guard => {
                if messages.is_empty() && run.is_idle() {
                    systems += 1;
                    let count = system.len();
                    #leading
                    if system.len() == count {
                        cx.empty_system();
                        #empty_head
                    }
                } else {
                    #ordinary
                }
            }));
        } else {
            arms.extend(quote!(#untagged Some(#value) #guard => { #ordinary }));
        }
    }
    quote! {{
        let mut system = c.arena().list();
        let mut systems = 0;
        let mut messages = c.arena().list();
        let mut run = rt::Run::new(c);
        rt::items(c, at, |c, at| {
            let tag = rt::tag(c, #tag)?;
            match tag {
                #arms
                _ => return Err(rt::unknown_tag(c.position())),
            }
            Ok(())
        })?;
        if let Some((role, content)) = run.start("") {
            messages.push(converse::Message { role: Str::plain(role).into(), content, extra: Extra::EMPTY });
        }
        cx.systems(systems);
        Ok((if systems > 0 { Some(system.finish()) } else { None }, messages.finish()))
    }}
}

/// Statements that read a turn's object and do something with its content `x`.
fn content(
    scope: &mut Scope<'_>,
    s: &Struct,
    view: &FacadeTy,
    tag: &str,
    place: &str,
    then: TokenStream,
) -> TokenStream {
    let read =
        read(scope, &Object { tag: Some(tag), only: Some(rep::path("content")), ..Object::of(&s.fields, view, place) });
    quote!(#read if let Some(x) = value { #then })
}
