//! Encoding one value: statements that write the façade value `x` (a reference) to `o`.

use outcrop_lang::ir::{FacadeTy, Field, Literal, Path, Range, Step, Ty, TypeKind, ValueMap};
use proc_macro2::TokenStream;
use quote::quote;

use super::places::resolve;
use super::scope::{Instance, Job, Scope};
use super::{encode, encode_list, literal};
use crate::docs::type_text;

/// The value of a field, its table included. `known`: paths of the same view that the field's object maps.
pub(crate) fn field(
    scope: &mut Scope<'_>,
    field: &Field,
    target: &FacadeTy,
    known: Vec<Path>,
    place: &str,
) -> TokenStream {
    match &field.map {
        Some(map) => table(scope, map, target, place),
        None => value(scope, &field.ty, target, known, place),
    }
}

/// A value of the façade type `target` as type `ty`.
pub(crate) fn value(scope: &mut Scope<'_>, ty: &Ty, target: &FacadeTy, known: Vec<Path>, place: &str) -> TokenStream {
    match (ty, target) {
        (Ty::Named(id), _) => by_name(scope, *id, target, known, place),
        (Ty::Json, FacadeTy::Str) => quote!(rt::json_of_text(o, x, at)?;),
        (Ty::Json, _) if super::schemas::is_view(scope, target) => quote!(rt::write_view(o, x);),
        (Ty::Json, _) => quote!(Value::write(x, o);),
        (Ty::JsonText, FacadeTy::Json) => quote!(rt::text_of_json(o, x);),
        (
            Ty::Str(_) | Ty::Int(_) | Ty::Float(_) | Ty::Bool | Ty::List(..) | Ty::Map(_) | Ty::OneOrList(_),
            FacadeTy::Json,
        ) => {
            quote!(Value::write(x, o);)
        }
        (Ty::Str(range), FacadeTy::Enum(_)) => {
            let check = bounds(range, &quote!(length));
            quote!({ let x = &x.to_str(); #check x.write_json(o); })
        }
        (Ty::Str(range), FacadeTy::Str | FacadeTy::Blob) => {
            let check = bounds(range, &quote!(length));
            quote!(#check x.write_json(o);)
        }
        (Ty::Spelt(range, letters), FacadeTy::Str) => {
            let (check, letters) = (bounds(range, &quote!(length)), super::literal::letters(letters));
            quote! {{
                let plain = x.text();
                let x = &rt::spell(&plain, &#letters);
                #check
                x.write_json(o);
            }}
        }
        (Ty::Int(range) | Ty::Float(range), FacadeTy::Int) => {
            let check = bounds(range, &quote!(integer));
            quote!(#check write::int(o, *x);)
        }
        (Ty::Int(range), FacadeTy::Float) => {
            let check = bounds(range, &quote!(number));
            quote!(#check rt::write_whole(o, x, at)?;)
        }
        (Ty::Float(range), FacadeTy::Float) => {
            let check = bounds(range, &quote!(number));
            quote!(#check write::raw(o, x.as_str());)
        }
        (Ty::Bool, FacadeTy::Bool) => quote!(Value::write(x, o);),
        (Ty::Base64 { wrap: false }, FacadeTy::Blob | FacadeTy::Str) => quote!(rt::write_base64(o, x, at)?;),
        (Ty::Base64 { wrap: true }, FacadeTy::Blob | FacadeTy::Str) => quote!(cx.unwrap(o, x, at)?;),
        (Ty::DataUrl(media), FacadeTy::Named(_)) => media_value(scope, media, target, &quote!(write_data_url)),
        (Ty::Media(media), FacadeTy::Named(_)) => media_value(scope, media, target, &quote!(write_media)),
        (Ty::List(item, range), FacadeTy::List(element)) => {
            let check = bounds(range, &quote!(count));
            let list = encode_list::items(scope, item, element, None, place);
            quote!(#check #list)
        }
        (Ty::OneOrList(item), FacadeTy::List(element)) => encode_list::items(scope, item, element, None, place),
        (Ty::Only { item, .. }, _) => {
            let item = value(scope, item, target, known, place);
            quote!(o.push(b'['); #item o.push(b']');)
        }
        (Ty::Map(item), FacadeTy::Map(element)) => {
            let item = value(scope, item, element, Vec::new(), place);
            quote! {
                o.push(b'{');
                for (name, x) in x.iter() {
                    write::separator(o);
                    name.write_json(o);
                    o.push(b':');
                    let name = name.text();
                    let at = &at.key(&name);
                    #item
                }
                o.push(b'}');
            }
        }
        _ => {
            let what = format!("writing `{target}` as `{}`", type_text(scope.family, ty));
            scope.refuse(place, &what)
        }
    }
}

/// A check that a value is in its range; nothing if it has none.
pub(crate) fn bounds(range: &Range, what: &TokenStream) -> TokenStream {
    if range.min.is_none() && range.max.is_none() {
        return TokenStream::new();
    }
    let bound = |b: Option<f64>| match b {
        Some(b) => quote!(Some(#b)),
        None => quote!(None),
    };
    let (min, max) = (bound(range.min), bound(range.max));
    quote!(cx.within(rt::Measure::#what(x), #min, #max, at)?;)
}

pub(crate) fn want(scope: &mut Scope<'_>, id: usize, view: &FacadeTy, known: Vec<Path>) -> proc_macro2::Ident {
    scope.want(Instance { job: Job::Encode, id, view: view.clone(), known, single: false })
}

fn by_name(scope: &mut Scope<'_>, id: usize, target: &FacadeTy, known: Vec<Path>, place: &str) -> TokenStream {
    if super::turn::is_turn(scope, id, target) {
        let f =
            scope.want(Instance { job: Job::EncodeTurn, id, view: target.clone(), known: Vec::new(), single: true });
        return quote!(#f(x, o, cx, at)?;);
    }
    match (&scope.def(id).kind, target) {
        (TypeKind::Map(map), _) => table(scope, map, target, place),
        (TypeKind::TextOrList(t), FacadeTy::List(element)) => encode_list::text_or_list(scope, t, element, None, place),
        (TypeKind::Regions(regions), FacadeTy::List(element)) => {
            encode_list::regions(scope, regions, element, None, place)
        }
        (TypeKind::Regions(regions), FacadeTy::Named(_)) => {
            let table = super::decode_take::region_table(regions);
            let arms = regions.iter().enumerate().filter_map(|(i, r)| {
                let find = encode::navigate(&resolve(scope.facade, target, &r.delta)?, quote!(x));
                let step = encode::dotted(&r.delta);
                Some(quote!(if let Some(x) = ({ #find }) { cx.fragment(o, &#table, #i, x, &at.key(#step))?; } else))
            });
            quote!(#(#arms)* {})
        }
        (TypeKind::Struct(_), FacadeTy::Named(_)) => {
            let f = want(scope, id, target, known);
            quote!(#f(x, o, cx, at)?;)
        }
        (TypeKind::Struct(_), FacadeTy::Json) if super::schemas::viewed(scope, id).is_some() => {
            let view = super::schemas::viewed(scope, id).unwrap_or(FacadeTy::Json);
            let f = want(scope, id, &view, known);
            quote! {{
                let arena = Arena::new();
                #f(&rt::view(x, &arena, at)?, o, cx, at)?;
            }}
        }
        (TypeKind::Union(_), FacadeTy::Named(_)) => {
            let f = want(scope, id, target, known);
            quote!(#f(x, o, cx, at)?;)
        }
        _ => {
            let what = format!("writing `{target}` as the type `{}`", scope.def(id).name);
            scope.refuse(place, &what)
        }
    }
}

fn media_value(
    scope: &mut Scope<'_>,
    media: &[(String, String)],
    target: &FacadeTy,
    write: &TokenStream,
) -> TokenStream {
    let member = |name: &str| Step::Member(name.to_owned());
    let (format, bytes) = (Path(vec![member("format")]), Path(vec![member("source"), member("bytes")]));
    let (Some(format), Some(source)) = (resolve(scope.facade, target, &format), resolve(scope.facade, target, &bytes))
    else {
        return scope.refuse("media", "a façade value without format and bytes");
    };
    let word = if matches!(format.ty, FacadeTy::Enum(_)) { quote!(x.to_str()) } else { quote!(x.share()) };
    let format = encode::navigate(&format, quote!(x));
    let source = encode::navigate(&source, quote!(x));
    let rest = super::unmapped::rest(scope, target, &[Path(vec![member("format")]), bytes.clone()]);
    let rows = media.iter().map(|(media, format)| quote!((#media, #format)));
    quote! {{
        let format = ({ #format }).map(|x| #word);
        if let Some(bytes) = { #source } {
            rt::#write(o, &[#(#rows),*], format, bytes, cx, at)?;
            let v = x;
            #rest
        } else {
            cx.unmapped(at, x)?;
        }
    }}
}

/// A value through a table.
fn table(scope: &mut Scope<'_>, map: &ValueMap, target: &FacadeTy, place: &str) -> TokenStream {
    let rows = map.rows.iter().chain(map.when.iter().flat_map(|w| &w.rows));
    match target {
        FacadeTy::Str | FacadeTy::Enum(_) | FacadeTy::Blob => {
            let mut arms = TokenStream::new();
            let mut seen: Vec<&str> = Vec::new();
            for (native, value) in rows {
                let Literal::Str(value) = value else { continue };
                if seen.contains(&value.as_str()) {
                    continue;
                }
                seen.push(value);
                let text = literal::json(native);
                arms.extend(quote!(#value => write::raw(o, #text),));
            }
            let open = map.open && map.rows.iter().all(|(n, _)| matches!(n, Literal::Str(_)));
            let other = if open { quote!(x.write_json(o)) } else { quote!(return Err(rt::unknown_word(x, at))) };
            let word = matches!(target, FacadeTy::Enum(_)).then(|| quote!(let x = &x.to_str();));
            quote!({ #word match &*x.text() { #arms _ => #other } })
        }
        FacadeTy::Bool => {
            let find =
                |want: bool| map.rows.iter().find(|(_, f)| *f == Literal::Bool(want)).map(|(n, _)| literal::json(n));
            let write = |text: Option<String>| match text {
                Some(text) => quote!(write::raw(o, #text)),
                None => quote!(return Err(rt::unknown_flag(*x, at))),
            };
            let (yes, no) = (write(find(true)), write(find(false)));
            quote!(if *x { #yes } else { #no })
        }
        _ if map.open => scope.refuse(place, "a table with `unknown: other` over façade values that are no texts"),
        _ => {
            let mut seen: Vec<&Literal> = Vec::new();
            let mut arms = TokenStream::new();
            for (native, value) in rows {
                if !seen.contains(&value) {
                    seen.push(value);
                    let (text, value) = (literal::json(native), literal::json(value));
                    arms.extend(quote!(if rt::equals(x, #value) { write::raw(o, #text); } else));
                }
            }
            quote!(#arms { return Err(rt::unknown_of(x, at)); })
        }
    }
}
