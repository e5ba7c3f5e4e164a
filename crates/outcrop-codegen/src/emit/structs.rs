//! Structs: one pass over the members in, straight-line text out.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::doc::{attrs, or};
use super::items::Style;
use super::shape::{Item, Member, RustTy, Shape};
use crate::names::local_ident;

/// Definition, parser and printer of a struct.
pub(super) fn emit(item: &Item, shape: &Shape, default: bool, style: &Style) -> TokenStream {
    let Style { vis, inline } = style;
    let (name, doc) = (&item.ident, attrs(&item.doc));
    let derive_default = default.then(|| quote!(, Default));
    let fields = shape.members.iter().map(|m| {
        let (ident, ty) = (&m.ident, m.ty.tokens());
        let doc = attrs(&or(&m.doc, || format!("The member `{}`.", m.key)));
        if m.is_option() { quote!(#doc #vis #ident: Option<#ty>) } else { quote!(#doc #vis #ident: #ty) }
    });
    let extra = shape
        .extra
        .iter()
        .map(|extra| quote!(#[doc = " Members that the format does not list."] #vis #extra: Extra<'a>));
    let (parse, write) = (parse(shape), write(shape));
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq #derive_default)]
        #vis struct #name<'a> { #(#fields,)* #(#extra,)* }
        impl<'a> Value<'a> for #name<'a> {
            #inline fn parse(c: &mut Cursor<'a>) -> Result<Self> { #parse }
            #inline fn write(&self, out: &mut Vec<u8>) { #write }
        }
    }
}

/// `IntoOwned` for a struct.
pub(super) fn emit_owned(item: &Item, shape: &Shape) -> TokenStream {
    let name = &item.ident;
    let fields: Vec<_> = shape.members.iter().map(|m| &m.ident).chain(&shape.extra).collect();
    quote! {
        impl IntoOwned for #name<'_> {
            type Owned = #name<'static>;
            #[inline]
            fn into_owned(self) -> #name<'static> {
                #name { #(#fields: self.#fields.into_owned(),)* }
            }
        }
    }
}

fn parse(shape: &Shape) -> TokenStream {
    let slots = shape.members.iter().map(|m| {
        let slot = slot(m);
        quote!(let mut #slot = None;)
    });
    let tag = shape.tag.iter().map(|tag| {
        let key = &tag.key;
        // The union has looked at the value already.
        quote!(#key => member::tag(&mut tagged, c),)
    });
    let tag_slot = shape.tag.iter().map(|_| quote!(let mut tagged = false;));
    let arms: Vec<_> = shape.members.iter().map(member_arm).collect();
    let (new_extra, other, end_extra) = match &shape.extra {
        Some(extra) => (
            quote!(let mut unknown = ExtraBuilder::new(c);),
            quote!(unknown.take(key, c)),
            quote!(#extra: unknown.finish(),),
        ),
        None => (quote!(), quote!(c.skip()), quote!()),
    };
    // One `?` for all members: each costs the compiler more than the arm before it.
    let read = if arms.is_empty() && shape.tag.is_none() {
        quote!(#other?;)
    } else {
        quote!(let read = match key { #(#tag)* #(#arms)* _ => #other }; read?;)
    };
    let ends = shape.members.iter().map(|m| {
        let ident = &m.ident;
        let end = end_of(m);
        quote!(#ident #end,)
    });
    quote! {
        #(#slots)* #(#tag_slot)* #new_extra
        let mut next = c.first_key()?;
        while let Some(key) = next {
            #read
            next = c.next_key()?;
        }
        Ok(Self { #(#ends)* #end_extra })
    }
}

/// The variable that holds a member's value until the object has been read.
fn slot(m: &Member) -> Ident {
    local_ident(&m.ident, &["c", "key", "next", "read", "tagged", "unknown"])
}

/// The arm of the parser's match for a member.
fn member_arm(m: &Member) -> TokenStream {
    let (ident, keys) = (slot(m), std::iter::once(&m.key).chain(&m.aliases));
    let set = match (m.nullable, parser(&m.ty)) {
        (false, None) => quote!(member::set(&mut #ident, c)),
        (true, None) => quote!(member::set_nullable(&mut #ident, c)),
        (false, Some(parser)) => quote!(member::set_with(&mut #ident, c, #parser)),
        (true, Some(parser)) => quote!(member::set_nullable_with(&mut #ident, c, #parser)),
    };
    quote!(#(#keys)|* => #set,)
}

/// How a member's slot becomes its field.
fn end_of(m: &Member) -> TokenStream {
    let (ident, slot, key) = (&m.ident, slot(m), &m.key);
    match (m.required, m.nullable) {
        (true, _) => quote!(: member::required(#slot, c, &Fault { code: Fault::MISSING, what: #key, unsaid: false })?),
        (false, true) => quote!(: #slot.flatten()),
        (false, false) if slot == *ident => quote!(),
        (false, false) => quote!(: #slot),
    }
}

/// The parse function of types that are not read by [`Value::parse`] of their Rust type.
fn parser(ty: &RustTy) -> Option<TokenStream> {
    matches!(ty, RustTy::OneOrList(_)).then(|| quote!(member::one_or_list))
}

/// Whether anything has been written into the object so far.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Nothing,
    Perhaps,
    Something,
}

fn write(shape: &Shape) -> TokenStream {
    let mut text = String::from("{");
    let mut before = Before::Nothing;
    let mut out = TokenStream::new();
    if let Some(tag) = shape.tag.as_ref().filter(|tag| tag.written) {
        text.extend([json_text(&tag.key), ":".to_owned(), json_text(&tag.value)]);
        before = Before::Something;
    }
    for m in &shape.members {
        let (ident, key) = (&m.ident, format!("{}:", json_text(&m.key)));
        let separator = (before == Before::Perhaps).then(|| quote!(write::separator(out);));
        let prefix = if before == Before::Something { format!(",{key}") } else { key };
        if !m.required {
            out.extend(flush(&mut text));
            let prefix = bytes(&prefix);
            out.extend(quote!(if let Some(value) = &self.#ident {
                #separator
                out.extend_from_slice(#prefix);
                value.write(out);
            }));
            before = if before == Before::Something { before } else { Before::Perhaps };
            continue;
        }
        if separator.is_some() {
            out.extend(flush(&mut text));
            out.extend(separator);
        }
        text.push_str(&prefix);
        out.extend(flush(&mut text));
        out.extend(if m.nullable {
            quote!(match &self.#ident { Some(value) => value.write(out), None => out.extend_from_slice(b"null") })
        } else {
            quote!(self.#ident.write(out);)
        });
        before = Before::Something;
    }
    if let Some(extra) = &shape.extra {
        out.extend(flush(&mut text));
        out.extend(quote!(self.#extra.write_members(out);));
    }
    text.push('}');
    out.extend(flush(&mut text));
    out
}

/// The text collected so far, as a statement.
fn flush(text: &mut String) -> TokenStream {
    let text = std::mem::take(text);
    match text.as_str() {
        "" => quote!(),
        "{" => quote!(out.push(b'{');),
        "}" => quote!(out.push(b'}');),
        _ => {
            let text = bytes(&text);
            quote!(out.extend_from_slice(#text);)
        }
    }
}

/// A byte string literal.
pub(super) fn bytes(text: &str) -> Literal {
    Literal::byte_string(text.as_bytes())
}

/// A JSON string.
pub(super) fn json_text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if u32::from(c) < 0x20 => out.extend(format!("\\u{:04x}", u32::from(c)).chars()),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
