//! Façade values to native bytes: one function per native type and façade type, written in field order.

use outcrop_lang::ir::{Default_, FacadeTy, Field, Lens, Literal, Path, Struct, Ty, TypeKind, Way};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

pub(crate) use super::navigate::{dotted, found, navigate};
use super::places::resolve;
use super::scope::{Instance, Scope};
use super::{
    beside, encode_list, encode_union, encode_value, literal, rep, schemas, tables, turns, unmapped, virtuals,
};

/// The function body for an instance: writes the façade value `v` to `o`.
pub(crate) fn function(scope: &mut Scope<'_>, instance: &Instance) -> TokenStream {
    let def = scope.def(instance.id);
    match &def.kind {
        TypeKind::Struct(s) => {
            let leftovers = unmapped::check(scope, &instance.view, &s.fields, &s.assume, &instance.known);
            let members = object(scope, s, &instance.view, None, &def.name, &instance.known, false);
            let untaken = virtuals::untaken(scope, &instance.view, &s.fields);
            quote!({ o.push(b'{'); #members o.push(b'}'); #untaken #leftovers Ok(()) })
        }
        TypeKind::Union(u) => encode_union::function(scope, u, instance, &def.name),
        TypeKind::TextOrList(_) | TypeKind::Map(_) | TypeKind::Regions(_) => {
            scope.refuse(&def.name, "no function of its own")
        }
    }
}

/// Statements that write the members of an object over `v`, and check what the spec assumes.
/// `root`: the object is the whole body, whose members the additional fields may give.
pub(crate) fn object(
    scope: &mut Scope<'_>,
    s: &Struct,
    view: &FacadeTy,
    tag: Option<(&str, &str)>,
    place: &str,
    known: &[Path],
    root: bool,
) -> TokenStream {
    let tag = tag.map(|(key, value)| {
        let text = format!(
            "{}:{}",
            literal::json(&Literal::Str(key.to_owned())),
            literal::json(&Literal::Str(value.to_owned()))
        );
        quote!(rt::member(o, #text);)
    });
    let mut maps: Vec<Path> = unmapped::paths(scope, view, &s.fields);
    maps.extend(known.iter().cloned());
    // What a field maps as well is said by it.
    let assumed = s.assume.iter().filter(|(path, _)| !maps.contains(path));
    let assumed: Vec<_> = assumed.map(|(path, value)| self::assumed(scope, view, path, value)).collect();
    let mut writer = Writer {
        view,
        known: maps,
        any: None,
        withs: Vec::new(),
        path: (root || is_signal(view)).then(Vec::new),
        lack: None,
    };
    let images = super::prompts::has_prompt(&s.fields)
        .then(|| quote!(let mut prompt_images: Vec<(usize, usize, &converse::ImageBlock<'_>)> = Vec::new();));
    let fields = fields(scope, &mut writer, &s.fields, place);
    let withs = writer.withs.iter().map(|w| format_ident!("wrote_{}", rep::plain(w)));
    let untaken = if root { virtuals::untaken(scope, view, &s.fields) } else { TokenStream::new() };
    quote! {
        #tag
        #images
        #(let mut #withs = false;)*
        #fields
        #untaken
        #(#assumed)*
    }
}

/// The state of emitting one encoder.
struct Writer<'a> {
    view: &'a FacadeTy,
    /// All façade paths that this object maps.
    known: Vec<Path>,
    /// The variable to set when a mapped member of the current group is written.
    any: Option<Ident>,
    /// Keys whose being written other fields depend on.
    withs: Vec<String>,
    /// Inside an optional group: where to note a missing member until it is known whether the group is written.
    lack: Option<Ident>,
    /// Native path from the body's root, unless a list is on the way.
    path: Option<Vec<String>>,
}

fn fields(scope: &mut Scope<'_>, writer: &mut Writer<'_>, fields: &[Field], place: &str) -> TokenStream {
    let watched: Vec<&String> = fields.iter().filter_map(|f| f.with.as_ref()).collect();
    writer.withs.extend(watched.iter().map(|w| (*w).clone()));
    let mut out = TokenStream::new();
    for field in fields.iter().filter(|f| f.way != Way::Decode) {
        let place = format!("{place}.{}", field.key);
        scope.here = field.span;
        let mut done = TokenStream::new();
        if let Some(any) = &writer.any
            && !matches!(field.lens, Lens::Extra)
        {
            done.extend(quote!(#any = true;));
        }
        if watched.contains(&&field.key) {
            let var = format_ident!("wrote_{}", rep::plain(&field.key));
            done.extend(quote!(#var = true;));
        }
        let mut body = self::field(scope, writer, field, &done, &place);
        if is_signal(writer.view) && !is_inner(scope, field) {
            let (name, key) = (&field.key, format!("{}:", literal::json(&Literal::Str(field.key.clone()))));
            let given = writer.any.as_ref().map(|any| quote!(#any = true;));
            body = quote!({ let from = o.len(); #body if cx.hold(o, from, #key, #name)? { #given #done } });
        }
        // Rules ask the finished body for members: only those that it has, and its lists are not walked through.
        let is_top = writer.path.as_ref().is_some_and(Vec::is_empty) && !is_signal(writer.view);
        if is_top && !scope.family.rules.is_empty() {
            let (bit, key) = (tables::bit(&field.key), format!("{}:", literal::json(&Literal::Str(field.key.clone()))));
            let note = if matches!(field.ty, Ty::List(..)) {
                quote!(cx.passed(o, from, #key, #bit);)
            } else {
                quote!(cx.wrote(o, from, #bit);)
            };
            body = quote!({ let from = o.len(); #body #note });
        }
        if let Some(with) = &field.with {
            if fields.iter().position(|f| f.key == *with) > fields.iter().position(|f| f.key == field.key) {
                return scope.refuse(&place, "a member that is written `with:` one that comes later");
            }
            let var = format_ident!("wrote_{}", rep::plain(with));
            // What the additional fields bring stands on its own.
            let check = if is_signal(writer.view) { TokenStream::new() } else { check_extra(writer, field) };
            body = quote!(#check if #var { #body });
        }
        out.extend(body);
    }
    let checks: Vec<TokenStream> =
        fields.iter().filter_map(|f| beside::check(scope, writer.view, writer.path.as_deref(), f)).collect();
    if checks.is_empty() { out } else { quote!(let start = o.len(); #out #(#checks)*) }
}

fn field(
    scope: &mut Scope<'_>,
    writer: &mut Writer<'_>,
    field: &Field,
    done: &TokenStream,
    place: &str,
) -> TokenStream {
    let key = format!("{}:", literal::json(&Literal::Str(field.key.clone())));
    if let Some(constant) = &field.constant {
        let text = format!("{key}{}", literal::json(constant));
        let check = check_extra(writer, field);
        let write = unless_given(writer, field, quote!(rt::member(o, #text);));
        return quote!(#check #write);
    }
    let absent = absent(writer, field, &key);
    let absent = if absent.is_empty() { absent } else { unless_given(writer, field, absent) };
    match &field.lens {
        Lens::Extra => {
            let check = check_extra(writer, field);
            quote!(#check #absent)
        }
        Lens::Group => group(scope, writer, field, &key, done, place),
        // A named struct over the same view is a group by another spelling.
        Lens::Path(path) if path.0.is_empty() && is_struct(scope, &field.ty) => {
            group(scope, writer, field, &key, done, place)
        }
        Lens::Take { path, arms, join } => {
            encode_list::take(scope, writer.view, path, arms, join, field, &key, done, &absent, place)
        }
        Lens::Path(path) => {
            if let Some(special) = turns::encode_field(scope, writer.view, path, field, &key, (done, &absent), place) {
                return special;
            }
            if let Some(special) = virtuals::encode_member(scope, writer.view, path, field, &key, done, &absent, place)
            {
                return special;
            }
            if let Some(special) = schemas::encode_field(scope, writer.view, path, field, &key, done, &absent, place) {
                return special;
            }
            let Some(target) = resolve(scope.facade, writer.view, path) else {
                return scope.refuse(place, "a façade path that leads nowhere");
            };
            let known = if path.0.is_empty() {
                writer.known.iter().filter(|p| !p.0.is_empty()).cloned().collect()
            } else {
                below(&writer.known, path)
            };
            let write = encode_value::field(scope, field, &target.ty, known, place);
            let found = found(&target, &quote!(v), &quote!(x));
            let step = dotted(path);
            let min_one =
                matches!(&field.ty, Ty::List(_, range) if !field.required && range.min.is_some_and(|m| m >= 1.0));
            let filter = min_one.then(|| quote!(&&!x.is_empty()));
            // What an absent member reads as is written by leaving it out; it is mapped all the same.
            let left_out = field.absent.as_ref().map(|value| {
                if target.ty == FacadeTy::Json {
                    let text = literal::json(value);
                    return quote!(!rt::is_json(x, #text));
                }
                let value = literal::facade(scope, value, &target.ty);
                quote!(*x != #value)
            });
            let otherwise = if absent.is_empty() { quote!() } else { quote!(else { #absent }) };
            let write = step_into(&step, write);
            let write = if may_be_nothing(scope, field) {
                let required = field.required && !field.nullable && field.default.is_none() && writer.lack.is_none();
                let kept = if is_signal(writer.view) && required && is_union(scope, field) {
                    let (step, key) = (dotted(path), &field.key);
                    quote!(if !rt::kept(o, mark) { return Err(cx.hollow(&at.key(#step), #key)); } #done)
                } else if done.is_empty() {
                    quote!(rt::kept(o, mark);)
                } else {
                    quote!(if rt::kept(o, mark) { #done })
                };
                quote!(let mark = o.len(); rt::member(o, #key); #write #kept)
            } else {
                quote!(rt::member(o, #key); #write #done)
            };
            // Where absent or null means something, null in Converse cannot be told from that.
            let null = (matches!(field.ty, Ty::Json) && target.ty == FacadeTy::Json)
                .then_some(())
                .filter(|()| field.nullable || field.absent.is_some())
                .map(|()| quote!(if #found && rt::is_null(x) { cx.null_is_absent(&at.key(#step)); #absent } else));
            let written = match left_out {
                // Leaving it out says it, so a default must not say something else.
                Some(says) if !field.required => quote!(if #found #filter { if #says { #write } } #otherwise),
                Some(says) => quote!(if #found #filter && #says { #write } #otherwise),
                None if filter.is_none() && super::navigate::is_sure(&target) => {
                    let sure = super::navigate::sure(&target, &quote!(v), &quote!(x));
                    quote!({ #sure #write })
                }
                None => quote!(if #found #filter { #write } #otherwise),
            };
            match null {
                Some(null) => quote!(#null { #written }),
                None => written,
            }
        }
    }
}

/// Statements at the place of a member, which is bound only if they speak of it.
fn step_into(step: &str, write: TokenStream) -> TokenStream {
    if super::places::speaks_of(&write, "at") { quote!(let at = &at.key(#step); #write) } else { write }
}

/// Whether a field's value has cases, none of which may write it.
fn is_union(scope: &Scope<'_>, field: &Field) -> bool {
    matches!(&field.ty, Ty::Named(id) if matches!(scope.def(*id).kind, TypeKind::Union(_)))
}

/// Whether a value may be written as nothing at all, so that its name is taken back.
fn may_be_nothing(scope: &Scope<'_>, field: &Field) -> bool {
    match &field.ty {
        Ty::Named(id) if field.map.is_none() => {
            matches!(scope.def(*id).kind, TypeKind::Union(_) | TypeKind::Regions(_) | TypeKind::TextOrList(_))
        }
        _ => false,
    }
}

/// Whether a façade type is what a chunk says.
pub(crate) fn is_signal(view: &FacadeTy) -> bool {
    matches!(view, FacadeTy::Named(name) if name == "Signal")
}

/// Whether a member of a chunk is an object (or a list of objects) over signals, whose members additional fields name.
fn is_inner(scope: &Scope<'_>, field: &Field) -> bool {
    let item = match &field.ty {
        Ty::List(item, _) | Ty::Only { item, .. } => item,
        ty => ty,
    };
    let over = |ty: &Ty| matches!(ty, Ty::Named(id) if matches!(&scope.def(*id).kind, TypeKind::Struct(s) if s.view == "Signal"));
    match &field.lens {
        Lens::Group => true,
        Lens::Path(path) => path.0.is_empty() || over(item),
        Lens::Extra | Lens::Take { .. } => false,
    }
}

/// Whether a type expression names a struct.
pub(crate) fn is_struct(scope: &Scope<'_>, ty: &Ty) -> bool {
    matches!(ty, Ty::Named(id) if matches!(scope.def(*id).kind, TypeKind::Struct(_)))
}

/// Those of `paths` that lie below `path`, relative to it.
fn below(paths: &[Path], path: &Path) -> Vec<Path> {
    paths
        .iter()
        .filter_map(|p| p.0.strip_prefix(path.0.as_slice()))
        .filter(|p| !p.is_empty())
        .map(|p| Path(p.to_vec()))
        .collect()
}

/// What is written when the façade has nothing.
fn absent(writer: &Writer<'_>, field: &Field, key: &str) -> TokenStream {
    // Leaving out the group would say something else.
    let given = writer.any.as_ref().filter(|_| field.absent.is_some()).map(|any| quote!(#any = true;));
    match &field.default {
        Some(Default_::Literal(value)) => {
            let text = format!("{key}{}", literal::json(value));
            let report = match &field.lens {
                Lens::Path(path) if field.reads_back(value) && !is_signal(writer.view) => {
                    let path = dotted(path);
                    quote!(cx.defaulted(&at.key(#path));)
                }
                _ => TokenStream::new(),
            };
            quote!(#report rt::member(o, #text); #given)
        }
        Some(Default_::ModelId) => quote!(rt::member(o, #key); rt::plain_string(o, cx.model()); #given),
        Some(Default_::Limit(name)) => {
            let missing = field.required.then(|| missing(writer, field));
            let path = match &field.lens {
                Lens::Path(path) | Lens::Take { path, .. } => dotted(path),
                Lens::Extra | Lens::Group => String::new(),
            };
            quote!(if let Some(n) = cx.limit(#name) {
                cx.synthesised(&at.key(#path));
                rt::member(o, #key);
                rt::number(o, n);
                #given
            } else {
                #missing
            })
        }
        None if field.required && field.nullable && !matches!(field.lens, Lens::Extra) => {
            let text = format!("{key}null");
            quote!(rt::member(o, #text);)
        }
        None if field.required => missing(writer, field),
        None => TokenStream::new(),
    }
}

fn missing(writer: &Writer<'_>, field: &Field) -> TokenStream {
    let key = &field.key;
    if let Some(lack) = &writer.lack {
        let path = match &field.lens {
            Lens::Path(path) | Lens::Take { path, .. } => dotted(path),
            Lens::Extra | Lens::Group => String::new(),
        };
        return quote!(if #lack.is_none() { #lack = Some((#path, #key)); });
    }
    match &field.lens {
        Lens::Take { path, .. } => {
            let path = dotted(path);
            quote!(return Err(rt::absent(&at.key(#path), #key));)
        }
        Lens::Path(path) => {
            let path = dotted(path);
            quote!(return Err(rt::absent(&at.key(#path), #key));)
        }
        _ => quote!(return Err(rt::absent(&at.key(cx.extra_path()), #key));),
    }
}

/// Statements that are left out when the additional fields give the member.
fn unless_given(writer: &Writer<'_>, field: &Field, write: TokenStream) -> TokenStream {
    match &writer.path {
        Some(path) => {
            let key = &field.key;
            quote!(if !cx.has_extra(&[#(#path,)* #key]) { #write })
        }
        None => write,
    }
}

/// A check of an additional field that the format documents.
fn check_extra(writer: &Writer<'_>, field: &Field) -> TokenStream {
    let Some(path) = &writer.path else { return TokenStream::new() };
    let none = outcrop_lang::ir::Range::default();
    let (sample, range) = match &field.ty {
        Ty::Str(range) | Ty::Spelt(range, _) => ("\"", range),
        Ty::Int(range) => ("1", range),
        Ty::Float(range) => ("0", range),
        Ty::List(item, range) => match **item {
            Ty::Str(_) => ("[\"", range),
            Ty::Int(_) => ("[1", range),
            Ty::Float(_) => ("[0", range),
            _ => ("[", range),
        },
        Ty::Bool => ("t", &none),
        Ty::Map(_) => ("{", &none),
        Ty::Named(_) if matches!(field.lens, Lens::Group) => ("{", &none),
        _ => return TokenStream::new(),
    };
    let bound = |b: Option<f64>| match b {
        Some(b) => quote!(Some(#b)),
        None => quote!(None),
    };
    let (min, max, key) = (bound(range.min), bound(range.max), &field.key);
    quote!(cx.check_extra(&[#(#path,)* #key], #sample, #min, #max)?;)
}

fn group(
    scope: &mut Scope<'_>,
    writer: &mut Writer<'_>,
    field: &Field,
    key: &str,
    done: &TokenStream,
    place: &str,
) -> TokenStream {
    let (id, only) = match &field.ty {
        Ty::Named(id) => (*id, None),
        Ty::Only { item, optional, .. } => match **item {
            Ty::Named(id) => (id, Some(*optional)),
            _ => return scope.refuse(place, "a group that is no object"),
        },
        _ => return scope.refuse(place, "a group that is no object"),
    };
    let TypeKind::Struct(s) = &scope.def(id).kind else {
        return scope.refuse(place, "a group that is no object");
    };
    let any = format_ident!("any_{}", rep::plain(place));
    let lack = format_ident!("lack_{}", rep::plain(place));
    let optional = !field.required || only == Some(true);
    let outer_lack = writer.lack.clone();
    if optional {
        writer.lack = Some(lack.clone());
    }
    let outer = writer.any.replace(any.clone());
    let outer_path = writer.path.clone();
    writer.path = match (&outer_path, only) {
        (Some(path), _) if is_signal(writer.view) => Some(path.clone()),
        (Some(path), None) => Some(path.iter().chain([&field.key]).cloned().collect()),
        _ => None,
    };
    let members = fields(scope, writer, &s.fields, place);
    writer.path = outer_path;
    writer.lack = outer_lack;
    let (declare, judge) = if optional && super::places::speaks_of(&members, &lack.to_string()) {
        (quote!(let mut #lack: Option<(&str, &str)> = None;), quote!(cx.lacking(at, #lack)?;))
    } else {
        (quote!(), quote!())
    };
    writer.any = outer;
    let (open, close) = if only.is_some() { ("[{", "}]") } else { ("{", "}") };
    let open = format!("{key}{open}");
    let empty = match (field.required, only) {
        (_, Some(true)) => {
            let text = format!("{key}[]");
            quote!(else { o.truncate(mark); rt::member(o, #text); })
        }
        (true, _) => quote!(else { o.extend_from_slice(#close.as_bytes()); }),
        (false, _) if scope.family.is_constant(field) => quote!(else { o.extend_from_slice(#close.as_bytes()); }),
        (false, _) if field.default.is_some() => {
            let absent = absent(writer, field, key);
            quote!(else { o.truncate(mark); #absent })
        }
        (false, _) => quote!(else { o.truncate(mark); }),
    };
    let withs: Vec<_> =
        s.fields.iter().filter_map(|f| f.with.as_ref()).map(|w| format_ident!("wrote_{}", rep::plain(w))).collect();
    writer.withs.retain(|w| !withs.contains(&format_ident!("wrote_{}", rep::plain(w))));
    let check = if is_signal(writer.view) { TokenStream::new() } else { check_extra(writer, field) };
    quote! {{
        #check
        let mark = o.len();
        rt::member(o, #open);
        let mut #any = false;
        #declare
        #(let mut #withs = false;)*
        #members
        if #any {
            #judge
            o.extend_from_slice(#close.as_bytes());
            #done
        } #empty
    }}
}

/// A value that the wire never says: one that differs is lost, and the report says so.
pub(crate) fn assumed(scope: &mut Scope<'_>, view: &FacadeTy, path: &Path, value: &Literal) -> TokenStream {
    let Some(place) = resolve(scope.facade, view, path) else { return TokenStream::new() };
    let found = super::navigate::when(&place, quote!(v), &quote!(x));
    let value = literal::facade(scope, value, &place.ty);
    let step = dotted(path);
    quote! {
        if #found && *x != #value {
            cx.assumed(&at.key(#step));
        }
    }
}
