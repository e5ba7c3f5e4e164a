//! The list of built-in families, each behind the feature of its name.

use outcrop_lang::ir::Family;
use proc_macro2::TokenStream;
use quote::quote;

use crate::names::{ident, module_name};

/// The module that finds families by name and by model id.
#[must_use]
pub fn emit(families: &[Family], options: &crate::Options) -> TokenStream {
    let runtime = &options.runtime;
    let entries = families.iter().map(|family| {
        let (feature, module) = (&family.name, ident(&module_name(&family.name)));
        quote! {
            #[cfg(feature = #feature)]
            Entry { spec: &super::#module::codec::SPEC, codec: &super::#module::codec::Family, unsupported: super::#module::codec::UNSUPPORTED, streams: super::#module::codec::STREAMS, typed: Some(Typed { encode_request: super::#module::codec::encode_request, decode_response: super::#module::codec::decode_response }) }
        }
    });
    let specs = families.iter().map(|family| {
        let (feature, module) = (&family.name, ident(&module_name(&family.name)));
        quote!(#[cfg(feature = #feature)] &super::#module::codec::SPEC)
    });
    quote! {
        //! The built-in families.
        use #runtime::cx::{Model, Spec};
        use #runtime::json::Arena;
        use #runtime::{Call, Codec, Error, Output, Report};
        use #runtime::resolve::{Families, Resolution, Resolve};
        use super::converse::{ConverseRequest, ConverseResponse};

        /// A built-in family.
        pub struct Entry {
            /// Its catalogue and grammars.
            pub spec: &'static Spec,
            /// Its codecs.
            pub codec: &'static dyn Codec,
            /// What its codecs refuse although the spec describes it; empty for a complete family.
            pub unsupported: &'static [&'static str],
            /// What its streams are like, for a typed decoder.
            pub streams: Option<&'static super::stream::Plan>,
            /// Its codecs on typed values; without them, those on bytes do.
            pub typed: Option<Typed>,
        }

        /// A family's codecs on typed values.
        #[derive(Debug, Clone, Copy)]
        pub struct Typed {
            /// Writes the native request.
            pub encode_request: fn(&ConverseRequest<'_>, &Call<'_>) -> Result<Output, Error>,
            /// Reads the native response: the Converse value, and what did not go through unchanged.
            pub decode_response: DecodeResponse,
        }

        /// Reads a native response, which borrows from the body and from the arena.
        pub type DecodeResponse =
            for<'a> fn(&'a [u8], &'a Arena, &Call<'a>) -> Result<(ConverseResponse<'a>, Report), Error>;

        /// All families that are compiled in, by name.
        pub static FAMILIES: &[Entry] = &[#(#entries),*];

        /// The family of a name.
        #[must_use]
        pub fn by_name(name: &str) -> Option<&'static Entry> {
            FAMILIES.iter().find(|entry| entry.spec.family == name)
        }

        /// The constants of all families that are compiled in, by name.
        pub static SPECS: &[&Spec] = &[#(#specs),*];

        /// What knows the families of model ids: those that are compiled in.
        pub static RESOLVER: Families<'static> = Families(SPECS);

        /// The formats that a model id, inference profile or ARN may mean. The error is `unresolved`, and says what to do.
        pub fn resolve(id: &str) -> Result<Resolution<'_>, Error> {
            RESOLVER.resolve(id)
        }

        /// The family of a model id, inference profile or ARN, and the catalogue entry that decided; of several formats,
        /// the one to write.
        #[must_use]
        pub fn by_model(id: &str) -> Option<(&'static Entry, &'static Model)> {
            let found = resolve(id).ok()?;
            let found = found.to_write().ok()?;
            Some((by_name(found.family)?, found.model?))
        }
    }
}
