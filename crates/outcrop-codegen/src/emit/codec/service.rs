//! What the service adds to chunks and bodies of any family: emitted once, beside the façade's types.

use outcrop_lang::ir::{FacadeTy, Family, Field, SideKey, Struct, Way};
use proc_macro2::TokenStream;
use quote::quote;

use super::assemble::Slots;
use super::decode::{Object, value_of};
use super::encode::object;
use super::places::resolve;
use super::scope::Scope;

fn signal() -> FacadeTy {
    FacadeTy::Named("Signal".to_owned())
}

/// The module; any family's types include those of the service's members.
#[must_use]
pub fn emit(family: &Family, options: &crate::Options) -> TokenStream {
    let mut scope = Scope::new(family);
    scope.chunks = true;
    let keys: Vec<&SideKey> = family.facade.side_keys.stream.iter().filter(|k| k.field.way != Way::Encode).collect();
    let names: Vec<&str> = keys.iter().map(|k| k.field.key.as_str()).collect();
    let count = names.len();
    let readers: Vec<TokenStream> = keys.iter().map(|key| reader(&mut scope, &key.field)).collect();
    let headers = headers(&mut scope);
    let functions = super::functions(&mut scope);
    let mut scope = Scope::new(family);
    let keys = family.facade.side_keys.stream.iter().filter(|k| k.field.way != Way::Decode);
    let side = Struct { fields: keys.map(|k| k.field.clone()).collect(), ..Struct::default() };
    let write = object(&mut scope, &side, &signal(), None, "side", &[], false);
    let writers = super::functions(&mut scope);
    let functions = functions.iter().chain(&writers).map(|(_, function)| function);
    let shapes = crate::emit::facade::shapes(&family.facade);
    let bodies = super::root::PARTS.iter().filter(|part| part.writes());
    let bodies = bodies.map(|part| super::service_body::emit(family, *part, &shapes));
    let (runtime, converse) = (&options.runtime, &options.converse);
    quote! {
        #![doc = " What the service adds to the chunks and bodies of any family."]
        #![allow(unused_assignments, unused_braces, unused_parens, unused_imports, unused_variables, unused_mut, unreachable_code, clippy::all, clippy::pedantic)]
        use #runtime::cx::{self as rt, At, Decode, Encode};
        use #runtime::json::*;
        use #runtime::Error;
        use #converse as converse;

        /// Names of its members.
        pub const NAMES: [&str; #count] = [#(#names),*];

        /// Reads the member `key`, whose value is at the cursor.
        pub fn read<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, key: &'a str, said: &mut converse::stream::Said<'a>) -> Result<()> {
            let at = &At::ROOT;
            match key {
                #(#names => { #readers })*
                _ => cx.extra(c, at, key)?,
            }
            Ok(())
        }
        #headers
        /// Writes its members as an object.
        pub fn write(v: &converse::Signal<'_>, o: &mut Vec<u8>, cx: &mut Encode<'_>) -> std::result::Result<(), Error> {
            let at = &At::ROOT;
            o.clear();
            o.push(b'{');
            #write
            o.push(b'}');
            Ok(())
        }
        #(#functions)*
        #(#bodies)*
    }
}

/// Statements that read the value of one member. Its additional fields are counted from the body.
fn reader(scope: &mut Scope<'_>, field: &Field) -> TokenStream {
    scope.absolute = true;
    let view = signal();
    let object = Object::of(&[], &view, "service");
    let read = value_of(scope, &object, field);
    scope.absolute = false;
    read
}

/// What headers say of the last event.
fn headers(scope: &mut Scope<'_>) -> TokenStream {
    let view = FacadeTy::Named("ConverseStreamMetadataEvent".to_owned());
    let facade = scope.facade;
    let mut slots = Slots::default();
    let mut reads = TokenStream::new();
    for header in &facade.response_headers {
        let Some(target) = resolve(facade, &view, &header.path) else { continue };
        let slot = slots.of(&header.path);
        let value = super::root::read_header(scope, header, &target.ty);
        let name = &header.name;
        reads.extend(quote!(if let Some(text) = cx.header(#name) { #slot = #value; }));
    }
    let declare = slots.declare();
    let value = slots.assemble(scope, &view);
    quote! {
        /// What headers say.
        pub fn headers<'a>(c: &Cursor<'a>, cx: &mut Decode<'a>) -> Result<Option<converse::ConverseStreamMetadataEvent<'a>>> {
            #declare
            #reads
            Ok(#value)
        }
    }
}
