//! Constants of a spec as JSON text and as Rust values.

use outcrop_lang::ir::{FacadeKind, FacadeTy, Letters, Literal};
use proc_macro2::TokenStream;
use quote::quote;

use super::places::named;
use super::rep;
use super::scope::Scope;

/// A set of characters.
pub(crate) fn letters(letters: &Letters) -> TokenStream {
    let Letters { bits, mark } = letters;
    quote!(const { rt::Letters::of(#bits, #mark) })
}

/// The JSON text of a constant.
pub(crate) fn json(value: &Literal) -> String {
    let mut out = String::new();
    print(value, &mut out);
    out
}

fn print(value: &Literal, out: &mut String) {
    match value {
        Literal::Null => out.push_str("null"),
        Literal::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Literal::Num(n) => out.push_str(n),
        Literal::Str(s) => string(s, out),
        Literal::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                print(item, out);
            }
            out.push(']');
        }
        Literal::Object(members) => {
            out.push('{');
            for (i, (name, value)) in members.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                string(name, out);
                out.push(':');
                print(value, out);
            }
            out.push('}');
        }
    }
}

/// Appends a JSON string.
fn string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                out.push_str("\\u00");
                out.extend([c as u32 >> 4, c as u32 & 15].map(|d| char::from_digit(d, 16).unwrap_or('0')));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A constant as a value of a façade type.
pub(crate) fn facade(scope: &mut Scope<'_>, value: &Literal, ty: &FacadeTy) -> TokenStream {
    match (ty, value) {
        (FacadeTy::Str | FacadeTy::Blob | FacadeTy::Enum(_), Literal::Str(s)) => {
            rep::enumerated(ty, quote!(Str::plain(#s)))
        }
        (FacadeTy::Bool, Literal::Bool(b)) => quote!(#b),
        (FacadeTy::Int, Literal::Num(n)) => match n.parse::<i64>() {
            Ok(n) => quote!(#n),
            Err(_) => scope.refuse("constant", "an integer that is none"),
        },
        (FacadeTy::Float, Literal::Num(n)) => quote!(rt::fixed_num(#n)),
        (FacadeTy::Json, value) => {
            let text = json(value);
            quote!(rt::fixed_json(#text))
        }
        (FacadeTy::List(_), Literal::List(items)) if items.is_empty() => quote!(List::EMPTY),
        (FacadeTy::List(item), Literal::List(items)) => {
            let items: Vec<_> = items.iter().map(|value| facade(scope, value, item)).collect();
            quote!(List::from([#(#items),*]))
        }
        (FacadeTy::Map(_), Literal::Object(members)) if members.is_empty() => quote!(Map::EMPTY),
        (FacadeTy::Named(_), Literal::Object(members)) => object(scope, members, ty),
        _ => scope.refuse("constant", "a façade constant of this type"),
    }
}

fn object(scope: &mut Scope<'_>, members: &[(String, Literal)], ty: &FacadeTy) -> TokenStream {
    let facade = scope.facade;
    let Some((name, def)) = named(facade, ty) else { return quote!(Default::default()) };
    let rust = rep::named(name);
    if def.kind == FacadeKind::Union {
        let Some((key, value)) = members.first() else { return scope.refuse("constant", "a union without arm") };
        let Some(member) = def.members.iter().find(|m| m.name == *key) else {
            return scope.refuse("constant", "an unknown arm");
        };
        let (arm, value) = (rep::variant(key), self::facade(scope, value, &member.ty));
        return quote!(#rust::#arm(#value));
    }
    let mut sets = Vec::new();
    for member in def.members.iter().filter(|m| !m.is_virtual) {
        let field = rep::field(&member.name);
        let given = members.iter().find(|(key, _)| *key == member.name);
        let value = match given {
            Some((_, value)) => self::facade(scope, value, &member.ty),
            None => rep::fallback(scope, &member.ty, &member.name),
        };
        sets.push(match (given.is_some(), rep::is_option(member)) {
            (true, true) => quote!(#field: Some(#value)),
            (false, true) => quote!(#field: None),
            (_, false) => quote!(#field: #value),
        });
    }
    quote!(#rust { #(#sets,)* extra: Extra::EMPTY })
}
