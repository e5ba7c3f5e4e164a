//! From the values of façade paths (slots) to the façade value that holds them.

use outcrop_lang::ir::{FacadeKind, FacadeMember, FacadeTy, FacadeType, Literal, Path, Step};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::places::named;
use super::scope::Scope;
use super::{literal, rep};

/// Paths that a struct's decoder fills, each in a local variable.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    paths: Vec<Path>,
}

impl Slots {
    /// The variable of a path.
    pub(crate) fn of(&mut self, path: &Path) -> proc_macro2::Ident {
        let at = self.paths.iter().position(|p| p == path).unwrap_or_else(|| {
            self.paths.push(path.clone());
            self.paths.len() - 1
        });
        format_ident!("s{at}")
    }

    /// The variable of a path that is one of [`Self::paths`].
    pub(crate) fn var(&self, path: &Path) -> proc_macro2::Ident {
        format_ident!("s{}", self.paths.iter().position(|p| p == path).unwrap_or_default())
    }

    /// The paths, in the order of their variables.
    pub(crate) fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// `let mut s0 = None;` for each.
    pub(crate) fn declare(&self) -> TokenStream {
        let idents = (0..self.paths.len()).map(|i| format_ident!("s{i}"));
        quote!(#(let mut #idents = None;)*)
    }

    /// Fills paths that are still empty with what the spec assumes.
    pub(crate) fn assume(&mut self, scope: &mut Scope<'_>, view: &FacadeTy, rows: &[(Path, Literal)]) -> TokenStream {
        let mut out = TokenStream::new();
        for (path, value) in rows {
            let Some(place) = super::places::resolve(scope.facade, view, path) else { continue };
            let holder = match view {
                FacadeTy::Named(name) => scope.facade.optional_steps(name, path),
                _ => 0,
            };
            // What is assumed of an object makes none.
            let held = (holder > 0).then(|| {
                let inside = |p: &&Path| **p != *path && p.0.get(..holder) == path.0.get(..holder);
                let slots: Vec<_> = self.paths.iter().filter(inside).map(|p| self.var(p)).collect();
                slots
            });
            if held.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let held = held.map(|slots| quote!(&& (#(#slots.is_some())||*)));
            let slot = self.of(path);
            let value = literal::facade(scope, value, &place.ty);
            out.extend(quote!(if #slot.is_none() #held { #slot = Some(#value); }));
        }
        out
    }

    /// An `Option` of the view, from all slots.
    pub(crate) fn assemble(&self, scope: &mut Scope<'_>, view: &FacadeTy) -> TokenStream {
        let all: Vec<(&[Step], usize)> = self.paths.iter().enumerate().map(|(i, p)| (p.0.as_slice(), i)).collect();
        node(scope, view, &all)
    }
}

/// The value at a place, from the slots at and below it.
pub(crate) fn node(scope: &mut Scope<'_>, ty: &FacadeTy, paths: &[(&[Step], usize)]) -> TokenStream {
    let whole: Vec<_> = paths.iter().filter(|(p, _)| p.is_empty()).map(|(_, i)| format_ident!("s{i}")).collect();
    let rest: Vec<_> = paths.iter().filter(|(p, _)| !p.is_empty()).copied().collect();
    let parts = if rest.is_empty() { None } else { Some(inner(scope, ty, &rest, whole.first())) };
    match (whole.first(), parts) {
        (Some(whole), None) => quote!(#whole),
        (_, Some(parts)) => parts,
        (None, None) => quote!(None),
    }
}

/// A container of slots that lie deeper; `base`: a slot that holds the container as another field gave it.
fn inner(scope: &mut Scope<'_>, ty: &FacadeTy, paths: &[(&[Step], usize)], base: Option<&Ident>) -> TokenStream {
    let mut heads: Vec<&Step> = Vec::new();
    for (path, _) in paths {
        if let Some(head) = path.first()
            && !heads.contains(&head)
        {
            heads.push(head);
        }
    }
    let below = |head: &Step| -> Vec<(&[Step], usize)> {
        paths.iter().filter(|(p, _)| p.first() == Some(head)).filter_map(|(p, i)| Some((p.get(1..)?, *i))).collect()
    };
    if let FacadeTy::List(item) = ty
        && heads.iter().any(|h| matches!(h, Step::Pick { .. }))
    {
        return picked(scope, item, &heads, paths);
    }
    if heads.iter().any(|h| matches!(h, Step::Member(name) if name == "last" || name == "rest")) {
        return super::virtuals::joined(scope, paths);
    }
    if let FacadeTy::List(item) = ty {
        let only = node(scope, item, &below(&Step::Only));
        return quote!(#only.map(|x| rt::one(c, x)));
    }
    let facade = scope.facade;
    if *ty == FacadeTy::Json
        && let Some(Step::Member(first)) = heads.first()
        && let Some(view) = crate::emit::views::with_member(facade, first)
    {
        let view = inner(scope, &view, paths, None);
        return quote!(#view.map(|x| rt::close_view(c, &x)));
    }
    let Some((name, def)) = named(facade, ty) else {
        scope.refuse("path", "members of a value that has none");
        return quote!(None);
    };
    let rust = rep::named(name);
    let mut values = Vec::new();
    for head in heads {
        let Step::Member(member) = head else { continue };
        let Some(member) = def.members.iter().find(|m| m.name == *member) else { continue };
        // A result says a part of its call.
        let partial = scope.partial;
        scope.partial |= member.is_virtual;
        values.push((member, node(scope, &member.ty, &below(head))));
        scope.partial = partial;
    }
    if def.kind == FacadeKind::Union && scope.chunks && values.len() > 1 {
        // A chunk may say several arms at once; the stream takes them apart.
        let arms = values.into_iter().map(|(member, value)| {
            let arm = rep::variant(&member.name);
            quote!(if let Some(x) = #value { arms.push(#rust::#arm(x)); })
        });
        let base = base.map(|b| quote!(.or(#b)));
        return quote!({
            let mut arms = c.arena().list();
            #(#arms)*
            converse::stream::several(c, arms, |name, value| #rust::Unknown { name, value })#base
        });
    }
    if def.kind == FacadeKind::Union {
        let arms = values.into_iter().map(|(member, value)| {
            let arm = rep::variant(&member.name);
            quote!(if let Some(x) = #value { Some(#rust::#arm(x)) } else)
        });
        let base = base.map_or(quote!(None), |b| quote!(#b));
        return quote!(#(#arms)* { #base });
    }
    let lets = values.iter().enumerate().map(|(i, (_, value))| {
        let var = format_ident!("m{i}");
        quote!(let #var = #value;)
    });
    let vars: Vec<_> = (0..values.len()).map(|i| format_ident!("m{i}")).collect();
    if let Some(base) = base {
        // Another field gave the whole; these members are set on it.
        let sets = values.iter().zip(&vars).map(|((member, _), var)| {
            let field = rep::field(&member.name);
            if rep::is_option(member) {
                quote!(if whole.#field.is_none() { whole.#field = #var; })
            } else {
                quote!(if let Some(x) = #var { whole.#field = x; })
            }
        });
        let sets: Vec<_> = sets.collect();
        let sums = |member: &&FacadeMember| !member.sum_of.is_empty() && rep::is_option(member) && !scope.chunks;
        // A total that only adds up what was known adds up what is known now.
        let (summed, sum) = match def.members.iter().find(sums) {
            None => (TokenStream::new(), TokenStream::new()),
            Some(member) => {
                let (total, parts) = (rep::field(&member.name), member.sum_of.iter().map(|part| rep::field(part)));
                let parts = quote!(&[#(whole.#parts),*]);
                (
                    quote!(let summed = whole.#total == rt::total(None, #parts);),
                    quote!(if summed { whole.#total = rt::total(None, #parts); }),
                )
            }
        };
        let fresh = build(scope, name, def, &values, &vars);
        return quote! {{
            #(#lets)*
            match #base {
                Some(mut whole) => {
                    #summed
                    #(#sets)*
                    #sum
                    Some(whole)
                }
                None => #fresh,
            }
        }};
    }
    let built = build(scope, name, def, &values, &vars);
    quote!({ #(#lets)* #built })
}

/// A list whose elements are told apart by a member; they come in field order.
fn picked(scope: &mut Scope<'_>, item: &FacadeTy, heads: &[&Step], paths: &[(&[Step], usize)]) -> TokenStream {
    let facade = scope.facade;
    let Some((name, def)) = named(facade, item) else {
        scope.refuse("path", "picking from a list of values that have no members");
        return quote!(None);
    };
    let mut elements = TokenStream::new();
    for head in heads {
        let Step::Pick { member, value } = head else { continue };
        let Some(tag) = def.members.iter().find(|m| m.name == *member) else { continue };
        let literal = literal::facade(scope, &Literal::Str(value.clone()), &tag.ty);
        let below: Vec<(&[Step], usize)> = paths
            .iter()
            .filter(|(p, _)| p.first() == Some(*head))
            .filter_map(|(p, i)| Some((p.get(1..)?, *i)))
            .collect();
        let mut values: Vec<(&FacadeMember, TokenStream)> = Vec::new();
        for m in def.members.iter().filter(|m| m.name != *member) {
            let inner: Vec<(&[Step], usize)> = below
                .iter()
                .filter(|(p, _)| matches!(p.first(), Some(Step::Member(first)) if *first == m.name))
                .filter_map(|(p, i)| Some((p.get(1..)?, *i)))
                .collect();
            if !inner.is_empty() {
                let value = node(scope, &m.ty, &inner);
                values.push((m, value));
            }
        }
        let vars: Vec<_> = (0..=values.len()).map(|i| format_ident!("m{i}")).collect();
        let given = vars.get(..values.len()).unwrap_or_default().to_vec();
        let lets = values.iter().zip(&given).map(|((_, value), var)| quote!(let #var = #value;));
        let last = format_ident!("m{}", values.len());
        let lets = quote!(#(#lets)* let #last = if #(#given.is_some())||* { Some(#literal) } else { None };);
        values.push((tag, quote!()));
        let built = build(scope, name, def, &values, &vars);
        elements.extend(quote!({ #lets if let Some(x) = #built { items.push(x); } }));
    }
    quote! {{
        let mut items = c.arena().list();
        #elements
        if items.is_empty() { None } else { Some(items.finish()) }
    }}
}

/// A struct out of the variables of its mapped members; none if all of them are empty.
fn build(
    scope: &Scope<'_>,
    name: &str,
    def: &FacadeType,
    values: &[(&FacadeMember, TokenStream)],
    vars: &[Ident],
) -> TokenStream {
    let rust = rep::named(name);
    let present = if vars.is_empty() { quote!(true) } else { quote!(#(#vars.is_some())||*) };
    let sets = def.members.iter().filter(|m| !m.is_virtual).map(|member| {
        let field = rep::field(&member.name);
        let mapped = values.iter().zip(vars).find(|((m, _), _)| m.name == member.name).map(|(_, var)| var);
        if !member.sum_of.is_empty() && rep::is_option(member) && !scope.chunks {
            let parts =
                values.iter().zip(vars).filter(|((m, _), _)| member.sum_of.contains(&m.name)).map(|(_, var)| var);
            let total = mapped.map_or(quote!(None), |var| quote!(#var));
            return quote!(#field: rt::total(#total, &[#(#parts),*]));
        }
        match (mapped, rep::is_option(member)) {
            (Some(var), true) => quote!(#field: #var),
            (None, true) => quote!(#field: None),
            (mapped, false) => {
                let missing = rep::fallback(scope, &member.ty, &member.name);
                match mapped {
                    Some(var) => quote!(#field: match #var { Some(x) => x, None => #missing }),
                    None => quote!(#field: #missing),
                }
            }
        }
    });
    let sets: Vec<_> = sets.collect();
    // Members that only a view has travel with those that the type does not know.
    let views = values.iter().zip(vars).filter(|((m, _), _)| m.is_virtual).map(|((m, _), var)| {
        let name = &m.name;
        quote!(if let Some(x) = &#var { extra.push((Str::plain(#name), rt::as_json(c, x))); })
    });
    let views: Vec<_> = views.collect();
    let extra = if views.is_empty() {
        quote!(Extra::EMPTY)
    } else {
        quote!({ let mut extra = c.arena().list(); #(#views)* Map(extra.finish()) })
    };
    quote! {
        if #present {
            Some(#rust { #(#sets,)* extra: #extra })
        } else {
            None
        }
    }
}
