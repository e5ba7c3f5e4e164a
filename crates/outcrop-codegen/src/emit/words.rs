//! Sets of words: open enums that keep what they do not know.

use proc_macro2::TokenStream;
use quote::quote;

use super::doc::{attrs, or};
use super::items::Style;
use super::shape::{Item, Words};
use super::structs::{bytes, json_text};

/// Definition, parser and printer of a set of words.
pub(super) fn emit(item: &Item, words: &Words, style: &Style) -> TokenStream {
    let Style { vis, inline } = style;
    let (name, doc) = (&item.ident, attrs(&item.doc));
    let variants = words.words.iter().map(|w| {
        let ident = &w.ident;
        let doc = attrs(&or(&w.doc, || format!("`{}`.", w.text)));
        quote!(#doc #ident)
    });
    let known: Vec<_> = words.words.iter().map(|w| (&w.ident, &w.text)).collect();
    let idents: Vec<_> = known.iter().map(|(ident, _)| ident).collect();
    let texts: Vec<_> = known.iter().map(|(_, text)| text).collect();
    let quoted: Vec<_> = texts.iter().map(|text| bytes(&json_text(text))).collect();
    let known_word = if let ([ident], [text]) = (idents.as_slice(), texts.as_slice()) {
        quote!(if text == *#text { return Self::#ident; })
    } else {
        quote!(match &*text.text() { #(#texts => return Self::#idents,)* _ => {} })
    };
    let Some(other) = &words.other else {
        return quote! {
            #doc
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            #vis enum #name { #(#variants,)* }
            impl #name {
                #[doc = " The word."]
                #[must_use]
                #vis const fn as_str(self) -> &'static str { match self { #(Self::#idents => #texts,)* } }
            }
            impl<'a> Value<'a> for #name {
                #inline fn parse(c: &mut Cursor<'a>) -> Result<Self> {
                    let start = c.mark();
                    match c.plain_str()? {
                        #(#texts => Ok(Self::#idents),)*
                        _ => {
                            c.rewind(start);
                            Err(c.error(&Fault::UNKNOWN_VALUE))
                        }
                    }
                }
                #inline fn write(&self, out: &mut Vec<u8>) {
                    let word: &[u8] = match self { #(Self::#idents => #quoted,)* };
                    out.extend_from_slice(word);
                }
            }
        };
    };
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq)]
        #vis enum #name<'a> {
            #(#variants,)*
            #[doc = " A word that this version does not know."]
            #other(Str<'a>),
        }
        impl<'a> #name<'a> {
            #[doc = " The word, if it is a known one."]
            #[must_use]
            #vis const fn as_known(&self) -> Option<&'static str> {
                match self { #(Self::#idents => Some(#texts),)* Self::#other(_) => None }
            }
            #[doc = " The word as text that borrows from this value."]
            #[must_use]
            #vis fn to_str(&'a self) -> Str<'a> {
                match self { #(Self::#idents => Str::plain(#texts),)* Self::#other(text) => text.share() }
            }
        }
        impl<'a> From<Str<'a>> for #name<'a> {
            fn from(text: Str<'a>) -> Self {
                #known_word
                Self::#other(text)
            }
        }
        impl<'a> From<&'a str> for #name<'a> {
            fn from(text: &'a str) -> Self { Self::from(Str::plain(text)) }
        }
        impl<'a> Value<'a> for #name<'a> {
            #inline fn parse(c: &mut Cursor<'a>) -> Result<Self> { c.str().map(Self::from) }
            #inline fn write(&self, out: &mut Vec<u8>) {
                let word: &[u8] = match self {
                    #(Self::#idents => #quoted,)*
                    Self::#other(text) => return text.write(out),
                };
                out.extend_from_slice(word);
            }
        }
    }
}

/// `IntoOwned` for a set of words.
pub(super) fn emit_owned(item: &Item, words: &Words) -> TokenStream {
    let name = &item.ident;
    let idents: Vec<_> = words.words.iter().map(|w| &w.ident).collect();
    let Some(other) = &words.other else {
        return quote! {
            impl IntoOwned for #name {
                type Owned = Self;
                #[inline]
            fn into_owned(self) -> Self { self }
            }
        };
    };
    quote! {
        impl IntoOwned for #name<'_> {
            type Owned = #name<'static>;
            #[inline]
            fn into_owned(self) -> #name<'static> {
                match self {
                    #(#name::#idents => #name::#idents,)*
                    #name::#other(text) => #name::#other(text.into_owned()),
                }
            }
        }
    }
}
