//! Codecs: straight-line Rust that translates between the typed Converse values and native bytes, for one family.

mod assemble;
mod beside;
mod counts;
mod decode;
mod decode_side;
mod decode_take;
mod decode_union;
mod decode_value;
mod encode;
mod encode_list;
mod encode_union;
mod encode_value;
mod items;
mod literal;
mod navigate;
mod places;
mod prompts;
mod rep;
mod root;
mod said;
mod schemas;
mod scope;
mod seconds;
pub mod service;
mod service_body;
mod shared;
mod stops;
mod stream;
mod stream_encode;
mod system_turn;
mod tables;
mod turn;
mod turn_decode;
mod turns;
mod unmapped;
mod virtuals;

use outcrop_lang::codes;
use outcrop_lang::diag::Diagnostic;
use outcrop_lang::ir::Family;
use proc_macro2::TokenStream;
use quote::quote;

use scope::{Job, Refusal, Scope};

pub(crate) use shared::{Code, emit as common};

/// The codec module of a family. What [`unsupported`] names is left out: those bodies are refused at run time.
#[must_use]
pub fn emit(family: &Family, options: &crate::Options) -> TokenStream {
    code(family, options).tokens(None, &[])
}

/// What the generator cannot express of a family yet; empty if its codecs are complete.
#[must_use]
pub fn unsupported(family: &Family) -> Vec<String> {
    code(family, &crate::Options::default()).refused.iter().map(told).collect()
}

/// What the generator cannot express of a family that the checker accepts and the interpreter runs, for the author of the spec.
#[must_use]
pub fn faults(family: &Family) -> Vec<Diagnostic> {
    let mut faults: Vec<Diagnostic> = Vec::new();
    for (_, Refusal { span, place, what }) in code(family, &crate::Options::default()).refused {
        let code = codes::Code::NotGenerated;
        let fault = Diagnostic::new(code, span, format!("no code can be generated for `{place}`: {what}"));
        // Both directions, and requests and responses, meet the same declarations.
        if faults.iter().all(|f| f.span != span) {
            faults.push(fault.help("say it in another form, or leave the spec to the interpreter"));
        }
    }
    faults.sort_by_key(|fault| (fault.span.file, fault.span.start));
    faults
}

fn told((part, Refusal { place, what, .. }): &(&'static str, Refusal)) -> String {
    format!("{part}: {place}: {what}")
}

/// The first lines of a module of codecs.
pub(crate) fn imports(options: &crate::Options) -> TokenStream {
    let (runtime, converse) = (&options.runtime, &options.converse);
    quote! {
        #![allow(unused_assignments, unused_braces, unused_parens, unused_imports, unused_variables, unused_mut, unreachable_code, irrefutable_let_patterns, clippy::all, clippy::pedantic)]
        #![doc = " Codecs between the format and Converse."]
        use #runtime::cx::{self as rt, At, Decode, Encode, FateRule, Model, Spec};
        use #runtime::json::*;
        use #runtime::prompt::{Grammar, TurnGrammar, TurnPlace};
        use #runtime::regions::Region;
        use #runtime::{Call, Code, Codec, Error, Kind, Output, Report, StreamCodec};
        use #converse as converse;
    }
}

/// The codecs of a family in pieces.
pub(crate) fn code(family: &Family, options: &crate::Options) -> Code {
    let family = &system_turn::with_system_turn(family);
    let (mut parts, mut modules) = (Vec::new(), Vec::new());
    let mut refused = Vec::new();
    for part in root::PARTS {
        let mut scope = Scope::new(family);
        let tokens = root::emit(&mut scope, part);
        let functions = self::functions(&mut scope);
        let whole = scope.refused.is_empty();
        if whole {
            modules.push((TokenStream::new(), part.name, tokens, functions));
        }
        refused.extend(scope.refused.into_iter().map(|why| (part.name, why)));
        parts.push((part, whole));
    }
    let mut stream = |name: &'static str, doc: &str, emit: fn(&mut Scope<'_>) -> TokenStream, chunks: bool| {
        let mut scope = Scope::new(family);
        scope.chunks = chunks;
        let tokens = emit(&mut scope);
        let functions = self::functions(&mut scope);
        let whole = scope.refused.is_empty() && family.chat.stream.is_some();
        if whole {
            modules.push((quote!(#[doc = #doc] pub), name, tokens, functions));
        }
        refused.extend(scope.refused.into_iter().map(|why| (name, why)));
        whole
    };
    let decoder = |scope: &mut Scope<'_>| {
        let tokens = stream::decoder(scope);
        quote!(use rt::{Block, Blocks}; #tokens)
    };
    let streams = stream("decode_stream", " Streams to Converse events.", decoder, true);
    let events = stream("encode_stream", " Converse events to streams.", stream_encode::encoder, false);
    let codec = root::codec(family, &parts, streams, events);
    let tables = tables::emit(family);
    let imports = imports(options);
    let told = refused.iter().map(told);
    let head = quote! {
        #imports
        #tables
        /// What these codecs refuse although the spec describes it; empty if they are complete.
        pub static UNSUPPORTED: &[&str] = &[#(#told),*];
        #codec
    };
    Code::new(head, modules, refused)
}

/// All functions that are wanted, until none is new, by name.
fn functions(scope: &mut Scope<'_>) -> Vec<(proc_macro2::Ident, TokenStream)> {
    let mut out = Vec::new();
    let mut n = 0;
    while let Some((instance, ident)) = scope.nth(n) {
        n += 1;
        scope.here = scope.def(instance.id).span;
        let ty = rep::rust(&instance.view);
        let function = match instance.job {
            Job::Decode => {
                let body = decode::function(scope, &instance);
                let ty = if scope.is_delta(&instance.view) { quote!(converse::stream::Delta<'a>) } else { ty };
                if scope.is_said(&instance.view) {
                    quote!(fn #ident<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, at: &At<'_>, said: &mut converse::stream::Said<'a>) -> Result<()> #body)
                } else if scope.is_union(instance.id) {
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
                let body = turn_decode::decode_one(scope, &instance);
                quote!(fn #ident<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, at: &At<'_>) -> Result<#ty> #body)
            }
            Job::EncodeTurn => {
                let body = turn::encode_one(scope, &instance);
                quote!(fn #ident<'a>(v: &#ty, o: &mut Vec<u8>, cx: &mut Encode<'_>, at: &At<'_>) -> std::result::Result<(), Error> #body)
            }
            Job::DecodeCase(case) => {
                let (ty, body) = turn_decode::decode_case(scope, &instance, case);
                quote!(fn #ident<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, at: &At<'_>) -> Result<#ty> #body)
            }
            Job::EncodeRole(role) => {
                let (ty, body) = turn::encode_role(scope, &instance, role);
                quote!(fn #ident<'a>(v: &#ty, o: &mut Vec<u8>, cx: &mut Encode<'_>, at: &At<'_>, run: &mut rt::Written) -> std::result::Result<(), Error> #body)
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
