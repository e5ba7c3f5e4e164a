//! Native bytes to façade values: one function per native type and façade type, straight from the cursor.

use outcrop_lang::ir::{FacadeTy, Field, Lens, Literal, Path, Struct, Trailing, Ty, TypeKind, ValueMap, Way};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::assemble::Slots;
use super::decode_side::Side;
use super::scope::{Instance, Scope};
use super::{decode_side, decode_take, decode_union, decode_value, literal, said, schemas, seconds, turns, virtuals};

/// What the decoder of an object has to know beside its fields.
pub(crate) struct Object<'a> {
    pub(crate) fields: &'a [Field],
    pub(crate) view: &'a FacadeTy,
    /// The tag, which the caller has read.
    pub(crate) tag: Option<&'a str>,
    /// Members that stand for a block after this one; they fill variables `after0`, `after1` …
    pub(crate) trailing: &'a [Trailing],
    /// The view of the union that this is a case of; trailing blocks are its arms.
    pub(crate) outer: &'a FacadeTy,
    /// Façade values that the wire does not say.
    pub(crate) given: Vec<(Path, Literal)>,
    /// Name for messages of the generator.
    pub(crate) place: &'a str,
    /// Only for whole bodies: what is not in the type.
    pub(crate) side: Option<&'a Side>,
    /// Instead of the view, only the value of this path is wanted.
    pub(crate) only: Option<Path>,
    /// A chunk itself: members that no field maps may be the service's.
    pub(crate) root: bool,
}

impl<'a> Object<'a> {
    /// An object of its own, over a view.
    pub(crate) fn of(fields: &'a [Field], view: &'a FacadeTy, place: &'a str) -> Self {
        let (trailing, given) = (&[], Vec::new());
        Self { fields, view, tag: None, trailing, outer: view, given, place, only: None, side: None, root: false }
    }
}

/// The function for an instance whose type is no union.
pub(crate) fn function(scope: &mut Scope<'_>, instance: &Instance) -> TokenStream {
    let def = scope.def(instance.id);
    scope.partial = !instance.known.is_empty();
    let body = match &def.kind {
        TypeKind::Struct(s) => structure(scope, s, &instance.view, &def.name),
        TypeKind::Union(u) => decode_union::function(scope, u, instance, &def.name),
        TypeKind::TextOrList(_) | TypeKind::Map(_) | TypeKind::Regions(_) => {
            scope.refuse(&def.name, "no function of its own")
        }
    };
    scope.partial = false;
    body
}

/// The body of a struct's decoder: an expression of type `Result`.
fn structure(scope: &mut Scope<'_>, s: &Struct, view: &FacadeTy, place: &str) -> TokenStream {
    let object = Object {
        fields: &s.fields,
        view,
        tag: None,
        trailing: &[],
        outer: view,
        given: s.assume.clone(),
        place,
        only: None,
        side: None,
        root: false,
    };
    let read = read(scope, &object);
    if scope.is_said(view) {
        return quote!({ #read Ok(()) });
    }
    let value = super::rep::or_fallback(scope, view, quote!(value), place);
    quote!({ #read Ok(#value) })
}

/// Reads the object at `c` and binds `value`, an `Option` of the view.
pub(crate) fn read(scope: &mut Scope<'_>, object: &Object<'_>) -> TokenStream {
    let mut reader = Reader::default();
    let Members { arms, checks } = members(scope, object, &mut reader, object.fields);
    let tag = object.tag.map(|tag| quote!(#tag => c.skip()?,));
    let trailing = object.trailing.iter().enumerate().map(|(i, t)| {
        let (key, var) = (&t.key, format_ident!("after{i}"));
        let value = decode_union::trailing(scope, t, object.outer);
        quote!(#key => { let at = &at.key(#key); if !c.null()? { #var = Some(#value); } })
    });
    let trailing: Vec<_> = trailing.collect();
    let mut given = if scope.is_said(object.view) {
        said::assume(scope, &mut reader.slots, object)
    } else {
        reader.slots.assume(scope, object.view, &object.given)
    };
    let takes = decode_take::gather(&mut reader.slots, &reader.takes);
    let (win_arms, after) = match object.side {
        Some(side) => decode_side::emit(scope, object, &mut reader, side),
        None => (TokenStream::new(), TokenStream::new()),
    };
    let late = &reader.late;
    let late_vars = &reader.late_vars;
    let value = match &object.only {
        Some(path) => {
            let slot = reader.slots.of(path);
            quote!(let value = #slot;)
        }
        None if scope.is_said(object.view) => said::fill(scope, &reader.slots),
        None => {
            let value = reader.slots.assemble(scope, object.view);
            quote!(let value = #value;)
        }
    };
    let declare = reader.slots.declare();
    let flags: Vec<_> = (0..reader.flags).map(|i| format_ident!("seen{i}")).collect();
    let take_vars = reader.takes.iter().map(|(var, _)| var);
    if given.is_empty() {
        given = TokenStream::new();
    }
    let base = base(scope, object.view);
    let (other, only_service) = if object.root {
        let tagged = object.tag.map(|_| quote!(tag.is_none() &&));
        let judge = quote!(if #tagged !converse::stream::is_chunk(beside, &[#(#flags),*]) { return Ok(()); });
        (quote!(converse::stream::other(c, cx, key, beside)?), judge)
    } else {
        (quote!(cx.extra(c, at, key)?), TokenStream::new())
    };
    let (states, other) = match object.side {
        Some(side) => decode_side::others(side, other),
        None => (TokenStream::new(), other),
    };
    quote! {
        #base
        #declare
        #states
        #(let mut #flags = false;)*
        #(let mut #take_vars = None;)*
        #(let mut #late_vars = None;)*
        rt::object(c, |c, key| {
            match key {
                #tag
                #(#arms)*
                #(#trailing)*
                #win_arms
                _ => #other,
            }
            Ok(())
        })?;
        #only_service
        #(#checks)*
        #late
        #takes
        #given
        #after
        #value
    }
}

/// Reads the value of the one field, which is at the cursor, into what a chunk says.
pub(crate) fn value_of(scope: &mut Scope<'_>, object: &Object<'_>, field: &Field) -> TokenStream {
    let mut reader = Reader::default();
    let body = member(scope, object, &mut reader, field);
    let body = if field.nullable { quote!(if !c.null()? { #body }) } else { body };
    let fill = said::fill(scope, &reader.slots);
    let declare = reader.slots.declare();
    let flags = (0..reader.flags).map(|i| format_ident!("seen{i}"));
    let key = &field.key;
    quote! {
        let at = &at.key(#key);
        #declare
        #(let mut #flags = false;)*
        #body
        #fill
    }
}

/// Additional fields of chunks are counted from the innermost object over `Signal`.
fn base(scope: &Scope<'_>, view: &FacadeTy) -> TokenStream {
    if matches!(view, FacadeTy::Named(name) if name == "Signal") && !scope.absolute {
        quote!(let at = &At::ROOT;)
    } else {
        TokenStream::new()
    }
}

/// Match arms for fields, and the checks once their object is read.
pub(crate) struct Members {
    pub(crate) arms: Vec<TokenStream>,
    checks: Vec<TokenStream>,
}

/// The state of emitting one decoder.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) slots: Slots,
    /// Variables of `take` fields in field order, with the list that they are part of.
    pub(crate) takes: Vec<(Ident, Path)>,
    flags: usize,
    /// What is done after all members are read.
    late: TokenStream,
    pub(crate) late_vars: Vec<Ident>,
}

impl Reader {
    /// How many members are noted as met.
    pub(crate) fn flags(&self) -> usize {
        self.flags
    }
}

pub(crate) fn members(scope: &mut Scope<'_>, object: &Object<'_>, reader: &mut Reader, fields: &[Field]) -> Members {
    let (mut arms, mut checks) = (Vec::new(), Vec::new());
    let mut watched = siblings(scope, fields);
    if !scope.chunks {
        watched.extend(fields.iter().filter_map(|f| f.with.clone().filter(|_| f.constant.is_some())));
    }
    for field in fields {
        if field.way == Way::Encode {
            continue;
        }
        scope.here = field.span;
        let seen = format_ident!("seen{}", reader.flags);
        reader.flags += 1;
        let key = &field.key;
        let keys = std::iter::once(&field.key).chain(&field.aliases);
        let watching = watched.contains(key);
        let watch = watched.iter().find(|w| w.as_str() == key).map(|_| {
            let var = format_ident!("near_{}", super::rep::plain(key));
            reader.late_vars.push(var.clone());
            quote!(#var = Some(rt::peek(c)?);)
        });
        if let (Some(constant), Some(with), false) = (&field.constant, &field.with, scope.chunks) {
            // Written again, its companion would be missed, so it would not be.
            let (text, late) = (literal::json(constant), format_ident!("late{}", reader.late_vars.len()));
            let near = format_ident!("near_{}", super::rep::plain(with));
            let check = decode_value::check(&field.ty);
            let nullable = fields.iter().any(|f| f.key == *with && f.nullable);
            let said = if nullable { quote!(rt::is_said(&#near)) } else { quote!(#near.is_some()) };
            reader.late_vars.push(late.clone());
            arms.push(quote!(#(#keys)|* => { rt::once(&mut #seen, c)?; #watch #late = Some(c.mark()); c.skip()?; }));
            checks.push(quote!(if let Some(from) = #late {
                let end = c.mark();
                c.rewind(from);
                let at = &at.key(#key);
                #check
                if #said { cx.constant_here(c, at, #text)?; } else { cx.extra_here(c, at)?; }
                c.rewind(end);
            }));
            required(&mut checks, field, &seen);
            continue;
        }
        if !watching && let Some(kept) = kept(field, &seen, scope.chunks) {
            arms.push(quote!(#(#keys)|* => #kept,));
            required(&mut checks, field, &seen);
            continue;
        }
        let mut body = member(scope, object, reader, field);
        let absent = absent(scope, object, reader, field);
        if field.nullable || absent.is_some() {
            body = quote!(if c.null()? { #absent } else { #body });
        }
        if let Some(absent) = absent {
            reader.late.extend(quote!(if !#seen { #absent }));
        }
        let at = super::places::speaks_of(&body, "at").then(|| quote!(let at = &at.key(#key);));
        arms.push(match seconds::around(scope, object, reader, fields, field) {
            None => quote!(#(#keys)|* => { rt::once(&mut #seen, c)?; #at #watch #body }),
            Some(seconds::Around { before, after }) => {
                quote!(#(#keys)|* => { rt::once(&mut #seen, c)?; #before { #at #watch #body } #after })
            }
        });
        required(&mut checks, field, &seen);
    }
    Members { arms, checks }
}

/// The check that a required member was met.
fn required(checks: &mut Vec<TokenStream>, field: &Field, seen: &Ident) {
    let key = &field.key;
    if field.required && (field.default.is_none() || field.constant.is_some()) {
        checks.push(quote!(if !#seen { return Err(rt::missing(c, &const { Fault::missing(#key) })); }));
    }
}

/// For members that are kept, or always say the same: the one call that reads them. A chunk says null for what is not
/// known yet.
fn kept(field: &Field, seen: &Ident, chunks: bool) -> Option<TokenStream> {
    let (key, sample) = (&field.key, decode_value::sample(&field.ty)?);
    match (&field.constant, &field.lens, field.nullable || chunks) {
        (Some(constant), _, false) => {
            let text = literal::json(constant);
            Some(quote!(cx.constant(c, at, &mut #seen, #key, (#sample, #text))?))
        }
        (None, Lens::Extra, false) => Some(quote!(cx.extra_field(c, at, &mut #seen, #key, #sample)?)),
        (None, Lens::Extra, true) => Some(quote!(cx.extra_or_null(c, at, &mut #seen, #key, #sample)?)),
        _ => None,
    }
}

/// What a member that is absent or null stands for.
fn absent(scope: &mut Scope<'_>, object: &Object<'_>, reader: &mut Reader, field: &Field) -> Option<TokenStream> {
    let (Some(absent), Lens::Path(path)) = (&field.absent, &field.lens) else { return None };
    let target = schemas::target(scope, object.view, path)?;
    let slot = reader.slots.of(path);
    let value = literal::facade(scope, absent, &target);
    Some(quote!(#slot = Some(#value);))
}

/// Siblings that decide how a value map reads.
fn siblings(scope: &Scope<'_>, fields: &[Field]) -> Vec<String> {
    let maps = fields.iter().filter_map(|f| when_map_of(scope, f, fields));
    maps.flat_map(|m| m.when.into_iter().map(|w| w.field)).collect()
}

/// The value map of a field, written in place or named, if its reading depends on siblings that are there.
fn when_map_of(scope: &Scope<'_>, field: &Field, siblings: &[Field]) -> Option<ValueMap> {
    let mut map = match (&field.map, &field.ty) {
        (Some(map), _) => map.clone(),
        (None, Ty::Named(id)) => match &scope.def(*id).kind {
            TypeKind::Map(map) => map.clone(),
            _ => return None,
        },
        _ => return None,
    };
    // A named map may be used where a sibling is not a member: its rows then never hold.
    map.when.retain(|when| siblings.iter().any(|f| f.key == when.field));
    Some(map).filter(|map| !map.when.is_empty())
}

fn member(scope: &mut Scope<'_>, object: &Object<'_>, reader: &mut Reader, field: &Field) -> TokenStream {
    let place = format!("{}.{}", object.place, field.key);
    if let Some(constant) = &field.constant {
        let text = literal::json(constant);
        let check = decode_value::check(&field.ty);
        let unless_null = scope.chunks.then(|| quote!(if !c.null()?));
        return quote!(#unless_null { #check cx.constant_here(c, at, #text)?; });
    }
    match &field.lens {
        Lens::Extra => {
            let check = decode_value::check(&field.ty);
            if scope.chunks {
                // A chunk names members that are not known yet, and what the chunk before said has passed the check.
                return quote!(if !c.null()? && !cx.again(c, at) { #check cx.extra_here(c, at)?; });
            }
            quote!(#check cx.extra_here(c, at)?;)
        }
        Lens::Group => group(scope, object, reader, &field.ty, &place),
        Lens::Take { path, arms, join: _ } => {
            let var = format_ident!("take{}", reader.takes.len());
            reader.takes.push((var.clone(), path.clone()));
            let value = decode_take::value(scope, object.view, path, arms, &field.ty, &place);
            quote!(#var = Some({ #value });)
        }
        Lens::Path(path) => {
            if matches!(field.ty, Ty::Prompt) {
                let (body, late) = super::prompts::decode_field(scope, &mut reader.slots, path, &place);
                reader.late.extend(late);
                reader.late_vars.extend([format_ident!("prompt_turns"), format_ident!("prompt_images")]);
                return body;
            }
            if super::prompts::is_images(path) {
                return super::prompts::decode_images(scope, field, &place);
            }
            if let Some(special) = turns::decode_field(scope, object, &mut reader.slots, path, field, &place) {
                return special;
            }
            let Some(target) = schemas::target(scope, object.view, path) else {
                return scope.refuse(&place, "a façade path that leads nowhere");
            };
            if scope.is_said(object.view)
                && let Some(read) = said::member(scope, &mut reader.slots, path, field, &place)
            {
                return read;
            }
            let slot = reader.slots.of(path);
            if let Some(map) = when_map_of(scope, field, object.fields) {
                let var = format_ident!("late{}", reader.late_vars.len());
                reader.late_vars.push(var.clone());
                let value = decode_value::when_map(scope, &map, &target);
                let read = if decode_value::says_nothing(&map) {
                    quote!(if let Some(x) = #value { #slot = Some(x); })
                } else {
                    quote!(#slot = Some(#value);)
                };
                let key = &field.key;
                reader.late.extend(quote! {
                    if let Some(raw) = #var {
                        let at = &at.key(#key);
                        #read
                    }
                });
                return quote!(#var = Some(rt::string(c)?););
            }
            // What is read over the whole view leaves the rest of it to other fields.
            scope.wants_partial = path.0.is_empty() || virtuals::is_part_of_call(scope.family, path);
            if let Some(id) = decode_value::loose_union(scope, &field.ty, &target) {
                let f = decode_value::want_single(scope, id, &target);
                scope.wants_partial = false;
                return quote!({ let mut single = None; #f(c, cx, at, &mut |x| single = Some(x))?; #slot = single; });
            }
            if let Some(value) = decode_value::perhaps(scope, field, &target) {
                scope.wants_partial = false;
                return quote!(if let Some(x) = #value { #slot = Some(x); });
            }
            let value = decode_value::field(scope, field, &target, &place);
            scope.wants_partial = false;
            let only = path.0.contains(&outcrop_lang::ir::Step::Only) && matches!(field.ty, Ty::Str(_));
            if only {
                // An empty text is no block.
                return quote!({ let x = #value; if !x.is_empty() { #slot = Some(x); } });
            }
            quote!(#slot = Some(#value);)
        }
    }
}

fn group(scope: &mut Scope<'_>, object: &Object<'_>, reader: &mut Reader, ty: &Ty, place: &str) -> TokenStream {
    let (id, only) = match ty {
        Ty::Named(id) => (*id, None),
        Ty::Only { item, optional, more } => match **item {
            Ty::Named(id) => (id, Some((*optional, *more))),
            _ => return scope.refuse(place, "a group that is no object"),
        },
        _ => return scope.refuse(place, "a group that is no object"),
    };
    let TypeKind::Struct(s) = &scope.def(id).kind else {
        return scope.refuse(place, "a group that is no object");
    };
    let inner = Object {
        fields: &s.fields,
        view: object.view,
        tag: None,
        trailing: &[],
        outer: object.view,
        given: Vec::new(),
        place,
        only: None,
        side: None,
        root: false,
    };
    let absolute = scope.absolute;
    // Beside others, the members of the first have their full place.
    scope.absolute |= only.is_some_and(|(_, more)| more);
    let Members { arms, checks } = members(scope, &inner, reader, &s.fields);
    let base = base(scope, object.view);
    scope.absolute = absolute;
    let body = quote! {
        #base
        rt::object(c, |c, key| {
            match key {
                #(#arms)*
                _ => cx.extra(c, at, key)?,
            }
            Ok(())
        })?;
        #(#checks)*
    };
    match only {
        None => body,
        Some((_, true)) => quote! {
            if rt::first(c)? {
                {
                    let at = &at.index(0);
                    #body
                }
                cx.further(c, at)?;
            }
        },
        Some((optional, false)) => quote! {
            rt::only(c, at, #optional, |c, at| {
                #body
                Ok(())
            })?;
        },
    }
}
