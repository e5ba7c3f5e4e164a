//! Façade members that only a view has: the last turn and the rest, and the call that a result repeats. The latter travel
//! among the members that the type does not know.

use outcrop_lang::ir::{FacadeTy, Family, Field, Lens, Path, Repeats, Step, Ty, TypeKind, Way};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::places::{Hop, Place, resolve};
use super::scope::Scope;
use super::stream::structs;
use super::{encode, encode_list, encode_value, rep};

fn is(step: Option<&Step>, wanted: &str) -> bool {
    matches!(step, Some(Step::Member(name)) if name == wanted)
}

/// Whether a path leads into the last turn.
fn is_last(path: &Path) -> bool {
    is(path.0.first(), "messages") && is(path.0.get(1), "last")
}

/// What results are written with of the call that they answer.
pub(crate) fn repeats(family: &Family) -> TokenStream {
    let Repeats { name, input } = family.repeats();
    quote!(rt::Repeats { name: #name, input: #input })
}

/// Whether a path leads to a call of which results say only a part.
pub(crate) fn is_part_of_call(family: &Family, path: &Path) -> bool {
    is(path.0.first(), "call") && family.repeats() != Repeats::ALL
}

/// Whether instructions are turns of the conversation.
pub(crate) fn uses_turns(family: &Family) -> bool {
    structs(family).flat_map(|s| &s.fields).any(|f| matches!(&f.lens, Lens::Path(p) if is(p.0.first(), "turns")))
}

/// A check that the last turn is the user's, if fields look into it.
pub(crate) fn last_turn(scope: &Scope<'_>, fields: &[Field]) -> TokenStream {
    let found = takes(scope, fields).iter().any(|(path, _)| is_last(path));
    if !found {
        return TokenStream::new();
    }
    quote! {
        if let Some((n, last)) = v.messages.iter().flat_map(|x| x.iter()).enumerate().last() {
            if &*last.role.to_str().text() != "user" {
                return Err(rt::turn_order(&at.key("messages").index(n)));
            }
            if !last.extra.is_empty() {
                cx.unknown(&at.key("messages").index(n), &last.extra)?;
            }
        }
    }
}

/// Statements that judge the turns before the last if no field has them.
pub(crate) fn turns_before(scope: &Scope<'_>, view: &FacadeTy, fields: &[Field]) -> TokenStream {
    let is_last_taken = takes(scope, fields).iter().any(|(path, _)| is_last(path));
    let mapped = super::unmapped::paths_as_written(scope, view, fields);
    let has_rest = mapped.iter().any(|p| is(p.0.first(), "turns") || is(p.0.first(), "messages") && !is_last(p));
    if !is_last_taken || has_rest {
        return TokenStream::new();
    }
    quote! {
        let count = v.messages.as_ref().map_or(0, |x| x.len());
        for (i, x) in v.messages.iter().flat_map(|x| x.iter()).enumerate().take(count.saturating_sub(1)) {
            cx.unmapped(&at.key("messages").index(i), x)?;
        }
    }
}

/// Statements that make `at` the place of a list that blocks are taken out of; `step`: its path if that is plain.
pub(crate) fn place_of(path: &Path, step: &str) -> TokenStream {
    if !is_last(path) {
        return quote!(let at = &at.key(#step););
    }
    let rest = encode::dotted(&Path(path.0.get(3..).unwrap_or_default().to_vec()));
    quote! {
        let at = &at.key("messages");
        let at = &at.index(v.messages.as_ref().map_or(0, |x| x.len().saturating_sub(1)));
        let at = &at.key(#rest);
    }
}

/// Statements that write a field over a member that only the view has; none if the field is no such one.
// What a field is written with; its caller has it in a struct of its own module.
#[allow(clippy::too_many_arguments)]
pub(crate) fn encode_member(
    scope: &mut Scope<'_>,
    view: &FacadeTy,
    path: &Path,
    field: &Field,
    key: &str,
    done: &TokenStream,
    absent: &TokenStream,
    place: &str,
) -> Option<TokenStream> {
    let target = resolve(scope.facade, view, path)?;
    let (Hop::Member(_, member), below) = target.hops.split_first()? else { return None };
    if !member.is_virtual {
        return None;
    }
    let name = &member.name;
    let ty = rep::elided(&member.ty);
    let write = encode_value::field(scope, field, &target.ty, Vec::new(), place);
    let write = quote!(rt::member(o, #key); #write);
    let write = if below.is_empty() {
        write
    } else {
        // A member of it: what the format says of it beside is written by other fields.
        let inner = Place { hops: below.to_vec(), ty: target.ty.clone() };
        let found = super::navigate::bind(&inner, quote!(x), &quote!(x), &quote!(break 'member));
        quote!('member: { #found #write })
    };
    let otherwise = if absent.is_empty() { quote!() } else { quote!(else { #absent }) };
    let (null, left_out) = (unless_null(&field.ty), left_out(field));
    // A copy of what is elsewhere: nobody misses what is left of it.
    let (silent, heard) = if super::schemas::is_view(scope, view) {
        (TokenStream::new(), TokenStream::new())
    } else {
        (quote!(let before = cx.silence(true);), quote!(cx.silence(before);))
    };
    Some(quote! {
        if let Some(copy) = v.extra.get(#name) #null #left_out {
            let arena = Arena::new();
            let at = &at.key(#name);
            let x = &rt::read_back::<#ty>(copy.as_str(), &arena, at)?;
            #silent
            let mark = o.len();
            #write
            #heard
            if rt::kept(o, mark) { #done }
        } #otherwise
    })
}

/// Where any JSON may be, null is a value; elsewhere it is as good as absent.
fn unless_null(ty: &Ty) -> TokenStream {
    if matches!(ty, Ty::Json) { TokenStream::new() } else { quote!(.filter(|x| !rt::is_null(x))) }
}

/// What an absent member reads as is written by leaving it out.
fn left_out(field: &Field) -> TokenStream {
    let Some(absent) = &field.absent else { return TokenStream::new() };
    let text = super::literal::json(absent);
    quote!(.filter(|x| !rt::is_json(*x, #text)))
}

/// The last turn and those before it as one list.
pub(crate) fn joined(scope: &mut Scope<'_>, paths: &[(&[Step], usize)]) -> TokenStream {
    let (mut rest, mut last) = (quote!(None), quote!(None));
    for (path, slot) in paths {
        let slot = format_ident!("s{slot}");
        match path {
            [step] if is(Some(step), "rest") => rest = quote!(#slot),
            [first, Step::Member(_), content] if is(Some(first), "last") && is(Some(content), "content") => {
                last = quote!(#slot);
            }
            _ => return scope.refuse("messages", "a part of a turn that is not its content"),
        }
    }
    quote! {{
        let rest: Option<List<'a, converse::Message<'a>>> = #rest;
        let last: Option<List<'a, converse::ContentBlock<'a>>> = #last;
        if last.is_none() && rest.as_ref().is_some_and(|x| !x.is_empty()) {
            cx.no_last_turn();
        }
        if rest.is_some() || last.is_some() {
            let mut all = c.arena().list();
            if let Some(rest) = &rest {
                rt::extend(&mut all, rest);
            }
            if let Some(content) = last {
                all.push(converse::Message { role: Str::plain("user").into(), content, extra: Extra::EMPTY });
            }
            Some(all.finish())
        } else {
            None
        }
    }}
}

/// The types of fields that take blocks, with the arms that each takes.
type Taken<'s> = Vec<(&'s Ty, &'s [Path])>;
/// What is taken of each list.
type Takes<'s> = Vec<(&'s Path, Taken<'s>)>;

/// The lists that fields take blocks out of, each with the fields' types and arms in field order.
fn takes<'s>(scope: &Scope<'s>, fields: &'s [Field]) -> Takes<'s> {
    let mut out: Takes<'s> = Vec::new();
    let mut add = |path: &'s Path, taken: Taken<'s>| match out.iter_mut().find(|(p, _)| *p == path) {
        Some((_, all)) => all.extend(taken),
        None => out.push((path, taken)),
    };
    for field in fields.iter().filter(|f| f.way != Way::Decode) {
        match &field.lens {
            Lens::Take { path, arms, .. } => add(path, vec![(&field.ty, arms.as_slice())]),
            Lens::Path(path) if !path.0.is_empty() => {}
            Lens::Group | Lens::Path(_) => {
                for (path, taken) in inner(scope, &field.ty) {
                    add(path, taken);
                }
            }
            Lens::Extra => {}
        }
    }
    out
}

fn inner<'s>(scope: &Scope<'s>, ty: &Ty) -> Takes<'s> {
    let ty = if let Ty::Only { item, .. } = ty { item } else { ty };
    let Ty::Named(id) = ty else { return Vec::new() };
    match &scope.def(*id).kind {
        TypeKind::Struct(s) => takes(scope, &s.fields),
        _ => Vec::new(),
    }
}

/// Statements that note the blocks of a turn `v` in the order of the fields that take them; none where no order can change.
pub(crate) fn content_order(
    scope: &Scope<'_>,
    element: &FacadeTy,
    fields: &[Field],
    several_cases: bool,
) -> Option<TokenStream> {
    let is_content = |path: &Path| matches!(path.0.as_slice(), [Step::Member(name)] if name == "content");
    let all = takes(scope, fields).into_iter().filter(|(path, _)| is_content(path)).flat_map(|(_, taken)| taken);
    let tests: Vec<_> = all
        .map(|(ty, arms)| encode_list::is_any(scope, element, &encode_list::taken_arms(scope, ty, element, arms)))
        .collect();
    let each = quote!(#(for (i, x) in v.content.iter().enumerate() { if #tests { run.block(i); } })*);
    match (several_cases, tests.len() > 1) {
        (true, _) => Some(each),
        (false, true) => Some(quote!(if v.content.len() > 1 { #each })),
        (false, false) => None,
    }
}

/// Statements that settle the fate of blocks that no field of a body takes, and report those that change their order.
pub(crate) fn untaken(scope: &Scope<'_>, view: &FacadeTy, fields: &[Field]) -> TokenStream {
    let mut out = TokenStream::new();
    if encode::is_signal(view) {
        return out;
    }
    for (path, taken) in takes(scope, fields) {
        let Some(target) = resolve(scope.facade, view, path) else { continue };
        let FacadeTy::List(element) = &target.ty else { continue };
        let found = super::navigate::when(&target, quote!(v), &quote!(x));
        let tests = taken.iter().enumerate().map(|(n, (ty, arms))| {
            let test = encode_list::is_any(scope, element, &encode_list::taken_arms(scope, ty, element, arms));
            quote!(if #test { #n } else)
        });
        let here = place_of(path, &encode::dotted(path));
        out.extend(quote! {
            if #found {
                #here
                let (mut last, mut sorted) = (0, true);
                for (i, x) in x.iter().enumerate() {
                    let field = #(#tests)* {
                        cx.unmapped_block(&at.index(i), x)?;
                        continue
                    };
                    sorted &= field >= last;
                    last = field.max(last);
                }
                if !sorted {
                    cx.approximated(at, "the format groups blocks by kind; they read back in another order");
                }
            }
        });
    }
    out
}
