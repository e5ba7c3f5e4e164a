//! Streams, written: each event becomes a `Signal`, and the chunk that says most of it is written.

use outcrop_lang::ir::{
    Blocks, Case, CaseBody, CaseSignal, FacadeTy, Field, Input, Lens, Path, Signal, Step, Struct, Tag, ToolIds, Ty,
    TypeKind, Unknown, Way,
};
use proc_macro2::TokenStream;
use quote::quote;

use super::encode::{navigate, object};
use super::navigate::is_there;
use super::places::{Place, resolve};
use super::scope::Scope;
use super::{literal, unmapped};

fn signal() -> FacadeTy {
    FacadeTy::Named("Signal".to_owned())
}

/// A kind of chunk.
struct Chunk<'a> {
    body: &'a Struct,
    tag: Option<(&'a str, &'a str)>,
    external: Option<&'a str>,
    /// Whether it says that the message starts, by being there.
    starts: bool,
}

/// The encoder of the family's streams.
pub(crate) fn encoder(scope: &mut Scope<'_>) -> TokenStream {
    let family = scope.family;
    let Some(id) = family.chat.stream else { return TokenStream::new() };
    let def = scope.def(id);
    let (mut chunks, mut last) = (Vec::new(), None);
    let (blocks, join) = match &def.kind {
        TypeKind::Struct(s) => {
            chunks.push(Chunk { body: s, tag: None, external: None, starts: false });
            (s.blocks, &s.join)
        }
        TypeKind::Union(u) => {
            for (index, case) in u.cases.iter().enumerate().filter(|(_, c)| c.way != Way::Decode) {
                let Some(body) = structure(scope, case) else {
                    return scope.refuse(&def.name, "a chunk that is no object");
                };
                let value = case.value.as_str();
                let (tag, external) = match &u.tag {
                    Tag::Internal { key, absent } if *absent != Some(index) => (Some((key.as_str(), value)), None),
                    Tag::External => (None, Some(value)),
                    Tag::Internal { .. } | Tag::Shape => (None, None),
                };
                let chunk = Chunk { body, tag, external, starts: case.signal == Some(CaseSignal::Start) };
                match case.signal {
                    None | Some(CaseSignal::Start) => chunks.push(chunk),
                    Some(CaseSignal::End) if last.is_none() => last = Some(chunk),
                    Some(CaseSignal::End | CaseSignal::None) => {}
                }
            }
            (u.blocks, &u.join)
        }
        _ => return scope.refuse(&def.name, "a chunk that is no object"),
    };
    let whole = chunks.iter().any(|c| maps(scope, &c.body.fields, "whole"));
    let positional = family.tool_ids == ToolIds::Positional;
    let says_start = chunks.iter().any(|c| c.starts || maps(scope, &c.body.fields, "start"));
    let joins = join.contains(&Signal::Usage);
    let input = match family.input() {
        Input::Fragments => quote!(Fragments),
        Input::Whole => quote!(Whole),
        Input::WithCall => quote!(WithCall),
    };
    let with_calls = super::stops::rows(family, true);
    let divides = blocks == Blocks::Explicit;
    let keys = family.facade.side_keys.stream.iter().filter(|k| k.field.way != Way::Decode);
    let side: Vec<Field> = keys.map(|k| k.field.clone()).collect();
    let known = unmapped::paths(scope, &signal(), &side);
    let mut tests = TokenStream::new();
    let mut writes = TokenStream::new();
    let paths: Vec<Vec<Path>> = chunks.iter().map(|c| unmapped::paths(scope, &signal(), &c.body.fields)).collect();
    for (i, chunk) in chunks.iter().enumerate() {
        // What other chunks say as well.
        let others = paths.iter().enumerate().filter(|(other, _)| *other != i);
        let rivals: Vec<&Path> = others.flat_map(|(_, paths)| paths).collect();
        let needs = needs(scope, &chunk.body.fields, &rivals);
        let (sure, mut weigh) = score(scope, &chunk.body.fields, &needs, &rivals);
        if chunk.starts {
            weigh.extend(quote!(if v.start.is_some() {
                n += 1;
            }));
        }
        if chunks.len() > 1 && chunk.body.assumed_stop().is_some() {
            weigh.extend(quote!(if v.stop.is_some() {
                n += 1;
            }));
        }
        let weigh = if weigh.is_empty() {
            quote!(if #sure > best.0 { best = (#sure, #i); })
        } else {
            quote!(let mut n = #sure; #weigh if n > best.0 { best = (n, #i); })
        };
        tests.extend(if needs.is_empty() { quote!({ #weigh }) } else { quote!(if #(#needs)&&* { #weigh }) });
        let given = &chunk.body.assume;
        let leftovers = unmapped::check(scope, &signal(), &chunk.body.fields, given, &known);
        let write = write(scope, chunk, &def.name, &known);
        writes.extend(quote!(#i => { #write #leftovers Ok(true) }));
    }
    let given: Vec<_> = match &def.kind {
        TypeKind::Struct(s) => s.assume.iter().filter(|(path, _)| path.is_stop()).cloned().collect(),
        _ => Vec::new(),
    };
    let assumed = given.iter().map(|(path, reason)| super::encode::assumed(scope, &signal(), path, reason));
    let assumed: Vec<_> = assumed.collect();
    let unsaid = unmapped::check(scope, &signal(), &[], &given, &known);
    let end = match &last {
        Some(chunk) => {
            let write = write(scope, chunk, &def.name, &known);
            quote!(#write Ok(true))
        }
        None => quote!(Ok(false)),
    };
    quote! {
        /// What writes the chunks of the family.
        pub static WRITERS: converse::stream::Writers = converse::stream::Writers {
            spec: &SPEC,
            plan: rt::EventPlan {
                says_start: #says_start,
                joins: #joins,
                divides: #divides,
                input: rt::Input::#input,
                with_calls: &[#(#with_calls),*],
            },
            positional: #positional,
            whole: #whole,
            chunk,
            end,
        };
        /// Writes the chunk that says most of a signal. Whether there is one.
        fn chunk(v: &converse::Signal<'_>, o: &mut Vec<u8>, cx: &mut Encode<'_>) -> std::result::Result<bool, Error> {
            let written = whole_chunk(v, o, cx);
            cx.said(written)
        }
        /// The same; a chunk that lacks what it requires is an error.
        fn whole_chunk(v: &converse::Signal<'_>, o: &mut Vec<u8>, cx: &mut Encode<'_>) -> std::result::Result<bool, Error> {
            let at = &At::ROOT;
            o.clear();
            let mut best = (0usize, usize::MAX);
            #tests
            match best.1 {
                #writes
                _ => { #(#assumed)* #unsaid Ok(false) }
            }
        }
        /// Writes the last chunk of formats that have one.
        fn end(o: &mut Vec<u8>, cx: &mut Encode<'_>) -> std::result::Result<bool, Error> {
            let (at, v) = (&At::ROOT, &converse::Signal::default());
            o.clear();
            #end
        }
    }
}

fn structure<'a>(scope: &Scope<'a>, case: &'a Case) -> Option<&'a Struct> {
    match &case.body {
        CaseBody::Struct(s) => Some(s),
        CaseBody::Value(Ty::Named(id)) => match &scope.def(*id).kind {
            TypeKind::Struct(s) => Some(s),
            _ => None,
        },
        CaseBody::Value(_) => None,
    }
}

/// The fields of a group over the same signal.
fn inner<'a>(scope: &Scope<'a>, field: &Field) -> Option<&'a [Field]> {
    let same = match &field.lens {
        Lens::Group => true,
        Lens::Path(path) => path.0.is_empty(),
        Lens::Extra | Lens::Take { .. } => false,
    };
    let ty = match &field.ty {
        Ty::Only { item, .. } => item,
        ty => ty,
    };
    match ty {
        Ty::Named(id) if same => match &scope.def(*id).kind {
            TypeKind::Struct(s) => Some(&s.fields),
            _ => None,
        },
        _ => None,
    }
}

fn begins(path: &Path, name: &str) -> bool {
    matches!(path.0.first(), Some(Step::Member(first)) if first == name)
}

fn maps(scope: &Scope<'_>, fields: &[Field], name: &str) -> bool {
    fields.iter().filter(|f| f.way != Way::Decode).any(|f| match (inner(scope, f), &f.lens) {
        (Some(fields), _) => maps(scope, fields, name),
        (None, Lens::Path(path) | Lens::Take { path, .. }) => begins(path, name),
        (None, Lens::Extra | Lens::Group) => false,
    })
}

/// Conditions that a signal has all that a chunk requires.
fn needs(scope: &Scope<'_>, fields: &[Field], rivals: &[&Path]) -> Vec<TokenStream> {
    let mut out = Vec::new();
    for field in fields.iter().filter(|f| f.way != Way::Decode && f.required) {
        if field.constant.is_some() || field.default.is_some() {
            continue;
        }
        if let Some(fields) = inner(scope, field) {
            out.extend(needs(scope, fields, rivals));
        } else if let Lens::Path(path) = &field.lens
            && let Some(place) = resolve(scope.facade, &signal(), path)
        {
            out.push(says(scope, field, path, &place, rivals));
        }
    }
    out
}

/// Whether a signal `v` has what a member says. Where another chunk says some of it, of a union only the arms of its cases.
fn says(scope: &Scope<'_>, field: &Field, path: &Path, place: &Place, rivals: &[&Path]) -> TokenStream {
    let there = is_there(place, quote!(v));
    let Ty::Named(id) = &field.ty else { return there };
    let TypeKind::Union(u) = &scope.def(*id).kind else { return there };
    let cases = || u.cases.iter().filter(|c| c.way != Way::Decode);
    let contested = rivals.iter().any(|rival| rival.0.len() > path.0.len() && rival.0.starts_with(&path.0));
    if !contested || u.unknown == Unknown::Keep || cases().any(|c| c.arm.is_none()) {
        return there;
    }
    let arms = cases().filter_map(|c| c.arm.as_ref()).chain(u.words.iter().map(|(_, arm)| arm));
    let tests: Vec<_> = arms.filter_map(|arm| resolve(scope.facade, &place.ty, arm)).collect();
    let tests = tests.iter().map(|arm| is_there(arm, quote!(x)));
    let find = navigate(place, quote!(v));
    quote!(({ #find }).is_some_and(|x| #(#tests)||*))
}

/// How much of a signal some fields say at least where it has all that they need, and statements that count in `n` what of
/// a signal `v` they say beside that.
fn score(scope: &Scope<'_>, fields: &[Field], needs: &[TokenStream], rivals: &[&Path]) -> (usize, TokenStream) {
    let mut out = TokenStream::new();
    let mut sure = 0;
    for field in fields.iter().filter(|f| f.way != Way::Decode && f.constant.is_none()) {
        if let Some(fields) = inner(scope, field) {
            let (more, inner) = score(scope, fields, needs, rivals);
            sure += more;
            out.extend(inner);
            continue;
        }
        let Lens::Path(path) = &field.lens else { continue };
        let Some(place) = resolve(scope.facade, &signal(), path) else { continue };
        // The number of a block alone says nothing, but that the block closes.
        let last = path.0.last();
        if matches!(last, Some(Step::Member(name)) if name == "key") && !begins(path, "close") {
            continue;
        }
        let find = navigate(&place, quote!(v));
        let named = match &field.ty {
            Ty::Named(id) => Some(&scope.def(*id).kind),
            Ty::List(item, _) => match **item {
                Ty::Named(id) if begins(path, "parts") => Some(&scope.def(id).kind),
                _ => None,
            },
            _ => None,
        };
        match named {
            Some(TypeKind::Struct(s)) if begins(path, "parts") => {
                let (more, inner) = score(scope, &s.fields, &[], &[]);
                let inner = if more == 0 { inner } else { quote!(n += #more; #inner) };
                out.extend(quote!(if let Some(x) = ({ #find }) { for v in x.iter() { #inner } }));
            }
            Some(TypeKind::Regions(regions)) => {
                for region in regions {
                    if let Some(arm) = resolve(scope.facade, &place.ty, &region.delta) {
                        let text = is_there(&arm, quote!(x));
                        out.extend(quote!(if let Some(x) = ({ #find }) && #text { n += 1; }));
                    }
                }
            }
            _ => {
                let there = says(scope, field, path, &place, rivals);
                if needs.iter().any(|need| need.to_string() == there.to_string()) {
                    sure += 1;
                } else {
                    out.extend(quote!(if #there { n += 1; }));
                }
            }
        }
    }
    (sure, out)
}

/// `known`: what the service's own members say beside the chunk's.
fn write(scope: &mut Scope<'_>, chunk: &Chunk<'_>, place: &str, known: &[Path]) -> TokenStream {
    let members = object(scope, chunk.body, &signal(), chunk.tag, place, known, false);
    let object = quote!(o.push(b'{'); #members o.push(b'}'););
    match chunk.external {
        Some(name) => {
            let open = format!("{{{}:", literal::json(&outcrop_lang::ir::Literal::Str(name.to_owned())));
            quote!(write::raw(o, #open); #object o.push(b'}');)
        }
        None => object,
    }
}
