//! Unions: objects with one member, objects with a tag, and values told apart by their shape.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::doc::{attrs, or};
use super::items::Style;
use super::shape::{ByShape, External, Internal, Item, RustTy, ShapeTest, UnknownForm, Variant, Word};
use super::structs::{bytes, json_text};

/// An object with one member.
pub(super) fn external(item: &Item, union: &External, style: &Style) -> TokenStream {
    let inline = &style.inline;
    let name = &item.ident;
    let arms = union.variants.iter().map(|v| {
        let (ident, key) = (&v.ident, &v.key);
        let arm = if v.ty == RustTy::Json { quote!(arm_json) } else { quote!(arm) };
        // A second member makes the whole something else, where such a thing may be kept.
        let first = (union.unknown == UnknownForm::Whole).then(|| quote!(if arm.is_none()));
        quote!(#key #first => member::#arm(&mut arm, c, Self::#ident),)
    });
    let other = match union.unknown {
        UnknownForm::NameAndValue => {
            quote!(_ => member::arm_json(&mut arm, c, |value| Self::Unknown { name: Str::plain(key), value }),)
        }
        UnknownForm::Whole => quote!(_ => {
            c.rewind(start);
            return Ok(Self::Unknown(c.json()?));
        }),
        UnknownForm::Refused => quote!(_ => return Err(c.error(&Fault::UNKNOWN_TAG)),),
    };
    let start = (union.unknown == UnknownForm::Whole).then(|| quote!(let start = c.mark();));
    let words = read_words(&union.words, union.unknown);
    let parse = quote! {
        #words
        #start
        let mut arm = None;
        let mut next = c.first_key()?;
        while let Some(key) = next {
            let read = match key { #(#arms)* #other };
            read?;
            next = c.next_key()?;
        }
        member::one_arm(arm, c)
    };
    let writes = union.variants.iter().map(|v| {
        let (ident, open) = (&v.ident, bytes(&format!("{{{}:", json_text(&v.key))));
        quote!(Self::#ident(value) => { out.extend_from_slice(#open); value.write(out); out.push(b'}'); })
    });
    let unknown = match union.unknown {
        UnknownForm::NameAndValue => quote!(Self::Unknown { name, value } => {
            out.push(b'{');
            name.write(out);
            out.push(b':');
            value.write(out);
            out.push(b'}');
        }),
        UnknownForm::Whole => quote!(Self::Unknown(value) => value.write(out),),
        UnknownForm::Refused => quote!(),
    };
    let word_writes = write_words(&union.words);
    let definition = definition(item, &union.variants, &union.words, union.unknown, &style.vis);
    quote! {
        #definition
        impl<'a> Value<'a> for #name<'a> {
            #inline fn parse(c: &mut Cursor<'a>) -> Result<Self> { #parse }
            #inline fn write(&self, out: &mut Vec<u8>) { match self { #(#writes)* #(#word_writes)* #unknown } }
        }
    }
}

/// An object that names its variant in a member. The tag is looked up first, wherever it stands; then the variant's
/// struct reads the object from the start.
pub(super) fn internal(item: &Item, union: &Internal, style: &Style) -> TokenStream {
    let (name, tag) = (&item.ident, &union.tag);
    let arms = union.variants.iter().map(|v| {
        let (ident, value) = (&v.ident, &v.key);
        let absent = (union.absent.as_ref() == Some(ident)).then(|| quote!(| None));
        quote!(Some(#value) #absent => Value::parse(c).map(Self::#ident),)
    });
    let other = if union.unknown == UnknownForm::Refused {
        quote!(Err(c.error(&Fault::UNKNOWN_TAG)))
    } else {
        quote!(c.json().map(Self::Unknown))
    };
    let words = read_words(&union.words, union.unknown);
    // A union of words alone has no tag.
    let tagged = if union.variants.is_empty() {
        other
    } else {
        quote!(match member::find_tag(c, #tag)? { #(#arms)* _ => #other, })
    };
    let parse = quote!(#words #tagged);
    whole(item, &union.variants, &union.words, union.unknown, &parse, style, name)
}

/// Variants told apart by the type of the JSON value and, for objects, by the members present.
pub(super) fn by_shape(item: &Item, union: &ByShape, style: &Style) -> TokenStream {
    let tests = union.variants.iter().map(|v| {
        let ident = &v.variant.ident;
        match &v.when {
            ShapeTest::Any => quote!(return Value::parse(c).map(Self::#ident);),
            ShapeTest::FirstByte(bytes) => quote!(if matches!(c.peek()?, #(#bytes)|*) {
                return Value::parse(c).map(Self::#ident);
            }),
            ShapeTest::Members(required, optional) => quote!(
                if member::has_shape(c, &[#(#required),*], &[#(#optional),*])? {
                    return Value::parse(c).map(Self::#ident);
                }
            ),
        }
    });
    let variants: Vec<_> = union.variants.iter().map(|v| v.variant.clone()).collect();
    let other = match (union.unknown, union.variants.iter().any(|v| matches!(v.when, ShapeTest::Any))) {
        (_, true) => quote!(),
        (UnknownForm::Refused, _) => quote!(Err(c.error(&Fault::UNKNOWN_TAG))),
        _ => quote!(c.json().map(Self::Unknown)),
    };
    let words = read_words(&union.words, union.unknown);
    let parse = quote!(#words #(#tests)* #other);
    whole(item, &variants, &union.words, union.unknown, &parse, style, &item.ident)
}

/// A string, or a list.
pub(super) fn text_or_list(item: &Item, element: &RustTy, style: &Style) -> TokenStream {
    let Style { vis, inline } = style;
    let (name, doc, element) = (&item.ident, attrs(&item.doc), element.tokens());
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq)]
        #vis enum #name<'a> {
            #[doc = " A bare text."]
            Text(Str<'a>),
            #[doc = " Elements."]
            List(List<'a, #element>),
        }
        impl<'a> Value<'a> for #name<'a> {
            #inline fn parse(c: &mut Cursor<'a>) -> Result<Self> {
                if c.peek()? == b'"' { c.str().map(Self::Text) } else { member::one_or_list(c).map(Self::List) }
            }
            #inline fn write(&self, out: &mut Vec<u8>) {
                match self { Self::Text(text) => text.write(out), Self::List(list) => list.write(out) }
            }
        }
    }
}

/// `IntoOwned` for a union.
pub(super) fn emit_owned(item: &Item, variants: &[Variant], words: &[Word], unknown: UnknownForm) -> TokenStream {
    let name = &item.ident;
    let arms = variants.iter().map(|v| {
        let ident = &v.ident;
        quote!(#name::#ident(value) => #name::#ident(value.into_owned()),)
    });
    let words = words.iter().map(|w| {
        let ident = &w.ident;
        quote!(#name::#ident => #name::#ident,)
    });
    let unknown = match unknown {
        UnknownForm::NameAndValue => quote!(#name::Unknown { name, value } => {
            #name::Unknown { name: name.into_owned(), value: value.into_owned() }
        }),
        UnknownForm::Whole => quote!(#name::Unknown(value) => #name::Unknown(value.into_owned()),),
        UnknownForm::Refused => quote!(),
    };
    quote! {
        impl IntoOwned for #name<'_> {
            type Owned = #name<'static>;
            #[inline]
            fn into_owned(self) -> #name<'static> { match self { #(#arms)* #(#words)* #unknown } }
        }
    }
}

fn whole(
    item: &Item,
    variants: &[Variant],
    words: &[Word],
    unknown: UnknownForm,
    parse: &TokenStream,
    style: &Style,
    name: &Ident,
) -> TokenStream {
    let writes = variants.iter().map(|v| {
        let ident = &v.ident;
        quote!(Self::#ident(value) => value.write(out),)
    });
    let word_writes = write_words(words);
    let unknown_write = (unknown != UnknownForm::Refused).then(|| quote!(Self::Unknown(value) => value.write(out),));
    let definition = definition(item, variants, words, unknown, &style.vis);
    let inline = &style.inline;
    quote! {
        #definition
        impl<'a> Value<'a> for #name<'a> {
            #inline fn parse(c: &mut Cursor<'a>) -> Result<Self> { #parse }
            #inline fn write(&self, out: &mut Vec<u8>) { match self { #(#writes)* #(#word_writes)* #unknown_write } }
        }
    }
}

fn definition(
    item: &Item,
    variants: &[Variant],
    words: &[Word],
    unknown: UnknownForm,
    vis: &TokenStream,
) -> TokenStream {
    let (name, doc) = (&item.ident, attrs(&item.doc));
    let variants = variants.iter().map(|v| {
        let (ident, ty) = (&v.ident, v.ty.tokens());
        let doc = attrs(&or(&v.doc, || format!("`{}`.", v.key)));
        quote!(#doc #ident(#ty))
    });
    let words = words.iter().map(|w| {
        let ident = &w.ident;
        let doc = attrs(&or(&w.doc, || format!("The bare string `{}`.", w.text)));
        quote!(#doc #ident)
    });
    let unknown = match unknown {
        UnknownForm::NameAndValue => quote! {
            #[doc = " A member that this version does not know."]
            Unknown {
                #[doc = " Its name."]
                name: Str<'a>,
                #[doc = " Its value."]
                value: Json<'a>,
            }
        },
        UnknownForm::Whole => quote! {
            #[doc = " A value that the format does not list, kept whole."]
            Unknown(Json<'a>)
        },
        UnknownForm::Refused => quote!(),
    };
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq)]
        #vis enum #name<'a> { #(#variants,)* #(#words,)* #unknown }
    }
}

fn read_words(words: &[Word], unknown: UnknownForm) -> TokenStream {
    if words.is_empty() {
        return quote!();
    }
    let arms = words.iter().map(|w| {
        let (ident, text) = (&w.ident, &w.text);
        quote!(#text => Ok(Self::#ident),)
    });
    let other = if unknown == UnknownForm::Whole {
        quote!(_ => {
            c.rewind(start);
            c.json().map(Self::Unknown)
        })
    } else {
        quote!(_ => Err(c.error(&Fault::UNKNOWN_VALUE)),)
    };
    let start = (unknown == UnknownForm::Whole).then(|| quote!(let start = c.mark();));
    quote! {
        if c.peek()? == b'"' {
            #start
            return match c.plain_str()? { #(#arms)* #other };
        }
    }
}

fn write_words(words: &[Word]) -> Vec<TokenStream> {
    let arms = words.iter().map(|w| {
        let (ident, text) = (&w.ident, bytes(&json_text(&w.text)));
        quote!(Self::#ident => out.extend_from_slice(#text),)
    });
    arms.collect()
}
