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
            Entry { spec: &super::#module::codec::SPEC, codec: &super::#module::codec::Family, unsupported: super::#module::codec::UNSUPPORTED, streams: super::#module::codec::STREAMS }
        }
    });
    quote! {
        //! The built-in families.
        use #runtime::cx::{Model, Spec};
        use #runtime::Codec;
        use #runtime::model_id::{Glob, ModelId, most_specific};

        /// A built-in family.
        pub struct Entry {
            /// Its catalogue and grammars.
            pub spec: &'static Spec,
            /// Its codecs.
            pub codec: &'static dyn Codec,
            /// What its codecs refuse although the spec describes it; empty for a complete family.
            pub unsupported: &'static [&'static str],
            /// What its streams are like, for a typed decoder.
            pub streams: Option<&'static crate::stream::Plan>,
        }

        /// All families that are compiled in, by name.
        pub static FAMILIES: &[Entry] = &[#(#entries),*];

        /// The family of a name.
        #[must_use]
        pub fn by_name(name: &str) -> Option<&'static Entry> {
            FAMILIES.iter().find(|entry| entry.spec.family == name)
        }

        /// The family of a model id, inference profile or ARN, and the catalogue entry that decided.
        #[must_use]
        pub fn by_model(id: &str) -> Option<(&'static Entry, &'static Model)> {
            let base = ModelId::parse(id).base?;
            let all = FAMILIES.iter().flat_map(|entry| entry.spec.models.iter().map(move |model| (entry, model)));
            most_specific(all.map(|(entry, model)| (Glob(model.pattern), (entry, model))), &base)
        }
    }
}
