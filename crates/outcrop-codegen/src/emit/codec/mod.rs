//! Codecs: straight-line Rust that translates between the typed Converse values and native bytes, for one family.

mod assemble;
mod decode;
mod decode_take;
mod decode_union;
mod decode_value;
mod encode;
mod encode_list;
mod encode_union;
mod encode_value;
mod literal;
mod places;
mod prompts;
mod rep;
mod root;
mod schemas;
mod scope;
mod shared;
mod stream;
mod stream_encode;
mod stream_events;
mod system_turn;
mod tables;
mod turns;
mod unmapped;
mod virtuals;

use outcrop_lang::ir::Family;
use proc_macro2::TokenStream;
use quote::quote;

use scope::{Job, Scope};
use shared::Module;

/// The codec module of a family. What [`unsupported`] names is left out: those bodies are refused at run time.
#[must_use]
pub fn emit(family: &Family, options: &crate::Options) -> TokenStream {
    generate(family, options).0
}

/// What the generator cannot express of a family yet; empty if its codecs are complete.
#[must_use]
pub fn unsupported(family: &Family) -> Vec<String> {
    generate(family, &crate::Options::default()).1
}

fn generate(family: &Family, options: &crate::Options) -> (TokenStream, Vec<String>) {
    let family = &system_turn::with_system_turn(family);
    let (mut parts, mut modules) = (Vec::new(), Vec::new());
    let mut refused = Vec::new();
    for part in root::PARTS {
        let mut scope = Scope::new(family);
        let tokens = root::emit(&mut scope, part);
        let functions = self::functions(&mut scope);
        if scope.refused.is_empty() {
            let name = quote::format_ident!("{}", part.name);
            modules.push(Module { before: TokenStream::new(), name, tokens, functions });
            parts.push((part, true));
        } else {
            refused.extend(scope.refused.iter().map(|why| format!("{}: {why}", part.name)));
            parts.push((part, false));
        }
    }
    let mut scope = Scope::new(family);
    scope.chunks = true;
    let tokens = stream::decoder(&mut scope);
    let functions = self::functions(&mut scope);
    let mut streams = false;
    if scope.refused.is_empty() {
        if family.chat.stream.is_some() {
            streams = true;
            modules.push(Module {
                before: quote! {
                    /// Streams to Converse events.
                    pub
                },
                name: quote::format_ident!("decode_stream"),
                tokens: quote! {
                    use rt::{Block, Blocks, Source};
                    #tokens
                },
                functions,
            });
        }
    } else {
        refused.extend(scope.refused.iter().map(|why| format!("decode_stream: {why}")));
    }
    let mut scope = Scope::new(family);
    let tokens = stream_encode::encoder(&mut scope);
    let functions = self::functions(&mut scope);
    let mut events = false;
    if !scope.refused.is_empty() {
        refused.extend(scope.refused.iter().map(|why| format!("encode_stream: {why}")));
    } else if family.chat.stream.is_some() {
        events = true;
        modules.push(Module {
            before: quote! {
                /// Converse events to streams.
                pub
            },
            name: quote::format_ident!("encode_stream"),
            tokens,
            functions,
        });
    }
    let codec = root::codec(family, &parts, streams, events);
    let tables = tables::emit(family);
    let bodies = shared::emit(modules);
    let (runtime, converse) = (&options.runtime, &options.converse);
    let tokens = quote! {
        #![allow(unused_assignments, unused_braces, unused_parens, unused_imports, unused_variables, unused_mut, unreachable_code, clippy::all, clippy::pedantic)]
        #![doc = " Codecs between the format and Converse."]
        use #runtime::cx::{self as rt, At, Decode, Encode, FateRule, Model, Spec};
        use #runtime::json::*;
        use #runtime::prompt::{Grammar, TurnGrammar};
        use #runtime::regions::Region;
        use #runtime::{Call, Code, Codec, Error, Kind, Output, Report, StreamCodec};
        use #converse as converse;
        #tables
        /// What these codecs refuse although the spec describes it; empty if they are complete.
        pub static UNSUPPORTED: &[&str] = &[#(#refused),*];
        #codec
        #bodies
    };
    (tokens, refused)
}

/// All functions that are wanted, until none is new, by name.
fn functions(scope: &mut Scope<'_>) -> Vec<(proc_macro2::Ident, TokenStream)> {
    let mut out = Vec::new();
    let mut n = 0;
    while let Some((instance, ident)) = scope.nth(n) {
        n += 1;
        let ty = rep::rust(&instance.view);
        let function = match instance.job {
            Job::Decode => {
                let body = decode::function(scope, &instance);
                if scope.is_union(instance.id) {
                    quote!(fn #ident<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, at: &At<'_>, out: &mut dyn FnMut(#ty)) -> Result<()> #body)
                } else {
                    quote!(fn #ident<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, at: &At<'_>) -> Result<#ty> #body)
                }
            }
            Job::Encode => {
                let body = encode::function(scope, &instance);
                let result = if scope.is_union(instance.id) { quote!(usize) } else { quote!(()) };
                quote!(fn #ident<'a>(v: &#ty, o: &mut Vec<u8>, cx: &mut Encode<'_>, at: &At<'_>) -> std::result::Result<#result, Error> #body)
            }
            Job::DecodeTurns => {
                let body = turns::decode_function(scope, &instance);
                quote! {
                    fn #ident<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, at: &At<'_>)
                        -> Result<(Option<List<'a, converse::SystemContentBlock<'a>>>, List<'a, converse::Message<'a>>)> #body
                }
            }
            Job::DecodeTurn => {
                let body = turns::decode_one(scope, &instance);
                quote!(fn #ident<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, at: &At<'_>) -> Result<#ty> #body)
            }
            Job::EncodeTurn => {
                let body = turns::encode_one(scope, &instance);
                quote!(fn #ident<'a>(v: &#ty, o: &mut Vec<u8>, cx: &mut Encode<'_>, at: &At<'_>) -> std::result::Result<(), Error> #body)
            }
            Job::EncodeTurns => {
                let body = turns::encode_function(scope, &instance);
                quote!(fn #ident<'a>(v: &#ty, o: &mut Vec<u8>, cx: &mut Encode<'_>, at: &At<'_>) -> std::result::Result<(), Error> #body)
            }
        };
        out.push((ident, function));
    }
    out
}
