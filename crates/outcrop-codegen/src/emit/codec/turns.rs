//! The view `turns`: `system` and `messages` as one list of native elements, in both directions.

use outcrop_lang::ir::{FacadeTy, Field, Path, Step, Ty, TypeKind, Union, Way};
use proc_macro2::TokenStream;
use quote::quote;

use super::decode::Object;
use super::scope::{Instance, Job, Scope};
use super::system_turn::SYSTEM_TURN;
use super::turn::{role, role_of, roles, struct_of};
use super::turn_decode::{dispatch, want_case};
use super::{prompts, rep};

/// Whether a field holds the turns before the last.
fn is_rest(path: &Path) -> bool {
    matches!(path.0.as_slice(), [Step::Member(all), Step::Member(name)] if all == "messages" && name == "rest")
}

fn is_turns(path: &Path) -> bool {
    matches!(path.0.as_slice(), [Step::Member(name)] if name == "turns")
}

/// Whether a field holds all turns without the instructions, in elements that need not be one for each turn.
fn is_messages(scope: &Scope<'_>, path: &Path, ty: &Ty) -> bool {
    matches!(path.0.as_slice(), [Step::Member(name)] if name == "messages")
        && union_of(scope, ty).is_some_and(|(_, u)| u.view == "Turn")
}

/// What tells functions over all messages from those over all but the last.
fn all_messages(scope: &Scope<'_>, path: &Path, ty: &Ty) -> Vec<Path> {
    if is_messages(scope, path, ty) { vec![path.clone()] } else { Vec::new() }
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
    (done, absent): (&TokenStream, &TokenStream),
    place: &str,
) -> Option<TokenStream> {
    if prompts::is_images(path) {
        return Some(noted(prompts::encode_images(scope, field, key, place), done));
    }
    if matches!(field.ty, Ty::Prompt) {
        return Some(noted(prompts::encode_field(scope, path, field, key, place), done));
    }
    let known = all_messages(scope, path, &field.ty);
    if !is_turns(path) && !is_rest(path) && known.is_empty() {
        return None;
    }
    let Some((id, _)) = union_of(scope, &field.ty) else {
        return Some(scope.refuse(place, "turns that are no list of a union"));
    };
    let (single, all) = (!is_turns(path), !known.is_empty());
    let f = scope.want(Instance { job: Job::EncodeTurns, id, view: view.clone(), known, single });
    let write = quote!(rt::member(o, #key); #f(v, o, cx, at)?;);
    if all {
        return Some(quote!(if v.messages.is_some() { #write #done } else { #absent }));
    }
    Some(if single {
        quote!(if v.messages.as_ref().is_some_and(|x| x.len() > 1) { #write #done })
    } else {
        quote!(#write #done)
    })
}

/// Statements that write a member, and note that they did.
fn noted(write: TokenStream, done: &TokenStream) -> TokenStream {
    if done.is_empty() { write } else { quote!(let from = o.len(); #write if o.len() > from { #done }) }
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
    let known = all_messages(scope, path, &field.ty);
    if !is_turns(path) && !is_rest(path) && known.is_empty() {
        return None;
    }
    let Some((id, _)) = union_of(scope, &field.ty) else {
        return Some(scope.refuse(place, "turns that are no list of a union"));
    };
    let single = !is_turns(path);
    let f = scope.want(Instance { job: Job::DecodeTurns, id, view: object.view.clone(), known, single });
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

/// Body of the function that writes all turns as a list.
pub(crate) fn encode_function(scope: &mut Scope<'_>, instance: &Instance) -> TokenStream {
    let def = scope.def(instance.id);
    let TypeKind::Union(u) = &def.kind else { return scope.refuse(&def.name, "turns that are no union") };
    let system = if instance.single { None } else { role(scope, u, instance.id, "system", SYSTEM_TURN) };
    let roles = roles(scope, u, instance.id);
    let count = if instance.single && instance.known.is_empty() {
        quote!(v.messages.as_ref().map_or(0, |x| x.len().saturating_sub(1)))
    } else {
        quote!(usize::MAX)
    };
    let blank = super::system_turn::is_blank();
    let system = if instance.single {
        TokenStream::new()
    } else if system.is_none() {
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
                #system(v, o, cx, at, &mut run)?;
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
            before = if v.content.is_empty() { rt::Ended::default() } else { run.ends(role) };
        }
        o.push(b']');
        Ok(())
    }}
}

/// Body of the function that reads a list of turns: gives `system` and `messages`.
pub(crate) fn decode_function(scope: &mut Scope<'_>, instance: &Instance) -> TokenStream {
    let def = scope.def(instance.id);
    let TypeKind::Union(u) = &def.kind else { return scope.refuse(&def.name, "turns that are no union") };
    let mut cases = Vec::new();
    for (index, case) in u.cases.iter().enumerate().filter(|(_, c)| c.way != Way::Encode) {
        let (Some(role), Some(_)) = (role_of(case), struct_of(scope, case)) else {
            return scope.refuse(&format!("{}.{}", def.name, case.name), "a turn that is no object");
        };
        let each = case.each.is_some();
        let f = want_case(scope, instance.id, index, "Message");
        // A turn without blocks is written as the last case of its role.
        let last = u.cases.iter().rposition(|c| role_of(c) == Some(role) && c.each.is_none() && c.way != Way::Decode);
        let other = last != Some(index);
        // A case that is only read is another spelling of a whole turn, not a part of one.
        let (joins, at) = if case.way == Way::Both {
            let rank = scope.family.rank(u, index);
            (quote!(run.joins(#role, #rank, #each)), quote!(#rank))
        } else {
            (quote!(false), quote!(usize::MAX))
        };
        let start = quote! {
            if let Some((role, content)) = run.start(#role) {
                messages.push(converse::Message { role: Str::plain(role).into(), content, extra: Extra::EMPTY });
            }
        };
        let ordinary = if each {
            quote! {
                let x = #f(c, cx, at)?;
                if !#joins { #start }
                run.at(#at);
                run.push(x);
            }
        } else {
            let empty = other.then(|| quote!(else { cx.empty_turn(at); }));
            quote! {
                let x = #f(c, cx, at)?.filter(|x| !x.is_empty());
                if x.is_none() || !#joins { #start }
                run.at(#at);
                if let Some(x) = x { run.extend(&x); } #empty
            }
        };
        if role == "system" && !instance.single {
            let empty_head = other.then(|| quote!(cx.empty_turn(at);));
            let head = want_case(scope, instance.id, index, SYSTEM_TURN);
            cases.push((
                case,
                quote! {
                    if messages.is_empty() && run.is_idle() {
                        systems += 1;
                        let count = system.len();
                        if let Some(x) = #head(c, cx, at)? {
                            rt::extend(&mut system, &x);
                        }
                        if system.len() == count {
                            cx.empty_system();
                            #empty_head
                        }
                    } else {
                        #ordinary
                    }
                },
            ));
        } else {
            cases.push((case, ordinary));
        }
    }
    let read = dispatch(u, &cases);
    quote! {{
        let mut system = c.arena().list();
        let mut systems = 0;
        let mut messages = c.arena().list();
        let mut run = rt::Run::new(c);
        rt::items(c, at, |c, at| {
            #read
            Ok(())
        })?;
        if let Some((role, content)) = run.start("") {
            messages.push(converse::Message { role: Str::plain(role).into(), content, extra: Extra::EMPTY });
        }
        cx.systems(systems);
        Ok((if systems > 0 { Some(system.finish()) } else { None }, messages.finish()))
    }}
}
