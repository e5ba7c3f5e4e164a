//! What emitters share: the family, and the functions that the code they emit still needs.

use std::collections::BTreeMap;

use outcrop_lang::ir::{Facade, FacadeTy, Family, Path, Span, TypeDef, TypeId};
use proc_macro2::Ident;
use quote::format_ident;

/// What a generated function does with a native type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Job {
    /// Native value to façade value.
    Decode,
    /// Façade value to native value.
    Encode,
    /// Native list of turns to system and messages.
    DecodeTurns,
    /// System and messages to a native list of turns.
    EncodeTurns,
    /// One native element to a message.
    DecodeTurn,
    /// One message to a native element.
    EncodeTurn,
    /// One native element, which is of the case with this index, to what its turn holds.
    DecodeCase(usize),
    /// A turn of this role to native elements.
    EncodeRole(&'static str),
}

/// One generated function: the native type `id` over a façade type. The same native type may be used over several.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Instance {
    pub(crate) job: Job,
    pub(crate) id: TypeId,
    pub(crate) view: FacadeTy,
    /// Façade paths of the same view that the enclosing type maps.
    pub(crate) known: Vec<Path>,
    /// Outside lists, what no case knows is kept in the additional fields.
    pub(crate) single: bool,
}

/// Something that the generator cannot express.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The declaration.
    pub(crate) span: Span,
    /// What it is called in generated code.
    pub(crate) place: String,
    pub(crate) what: String,
}

/// The family, and the worklist of functions.
// The switches are independent of each other.
#[allow(clippy::struct_excessive_bools)]
pub(crate) struct Scope<'a> {
    pub(crate) family: &'a Family,
    pub(crate) facade: &'a Facade,
    wanted: Vec<Instance>,
    /// What the generator cannot express.
    pub(crate) refused: Vec<Refusal>,
    /// The declaration that code is emitted for.
    pub(crate) here: Span,
    /// Additional fields of chunks are counted from the body all the same: in what the service adds.
    pub(crate) absolute: bool,
    /// Chunks say parts; totals are computed when all are known.
    pub(crate) chunks: bool,
    /// What is read by the function that is being emitted is only part of its view: another field says the rest.
    pub(crate) partial: bool,
    /// The same of functions that are asked for now.
    pub(crate) wants_partial: bool,
    names: BTreeMap<String, usize>,
    idents: Vec<Ident>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(family: &'a Family) -> Self {
        Scope {
            family,
            facade: &family.facade,
            wanted: Vec::new(),
            refused: Vec::new(),
            here: family.types.first().map(|def| def.span).unwrap_or_default(),
            absolute: false,
            chunks: false,
            partial: false,
            wants_partial: false,
            names: BTreeMap::new(),
            idents: Vec::new(),
        }
    }

    /// The function for an instance, to be emitted if it is new.
    pub(crate) fn want(&mut self, instance: Instance) -> Ident {
        if let Some(i) = self.wanted.iter().position(|w| *w == instance) {
            return self.idents[i].clone();
        }
        let verb = match instance.job {
            Job::Decode => "decode",
            Job::Encode => "encode",
            Job::DecodeTurns => "decode_turns",
            Job::EncodeTurns => "encode_turns",
            Job::DecodeTurn => "decode_turn",
            Job::EncodeTurn => "encode_turn",
            Job::DecodeCase(_) => "decode_case",
            Job::EncodeRole(_) => "encode_role",
        };
        let mut base = format!("{verb}_{}", crate::names::module_name(&self.def(instance.id).name));
        match instance.job {
            Job::EncodeRole(role) => base = format!("{base}_{role}"),
            Job::DecodeCase(case) => {
                if let outcrop_lang::ir::TypeKind::Union(u) = &self.def(instance.id).kind
                    && let Some(case) = u.cases.get(case)
                {
                    base = format!("{base}_{}", crate::names::module_name(&case.name));
                }
            }
            _ => {}
        }
        if super::system_turn::is_system_turn(&instance.view) {
            base.push_str("_head");
        }
        let count = self.names.entry(base.clone()).or_insert(0);
        *count += 1;
        let ident = if *count == 1 { format_ident!("{base}") } else { format_ident!("{base}_{}", *count) };
        self.wanted.push(instance);
        self.idents.push(ident.clone());
        ident
    }

    /// The `n`th function wanted so far.
    pub(crate) fn nth(&self, n: usize) -> Option<(Instance, Ident)> {
        Some((self.wanted.get(n)?.clone(), self.idents.get(n)?.clone()))
    }

    /// Whether a façade type is what a chunk says, which is filled in place instead of returned.
    pub(crate) fn is_said(&self, view: &FacadeTy) -> bool {
        self.chunks && matches!(view, FacadeTy::Named(name) if name == "Signal")
    }

    /// Whether a façade type is what a block grows by, which streams have a small form of.
    pub(crate) fn is_delta(&self, view: &FacadeTy) -> bool {
        self.chunks && matches!(view, FacadeTy::Named(name) if name == "ContentBlockDelta")
    }

    /// Whether a type is a union.
    pub(crate) fn is_union(&self, id: TypeId) -> bool {
        matches!(self.def(id).kind, outcrop_lang::ir::TypeKind::Union(_))
    }

    /// A type of the family.
    pub(crate) fn def(&self, id: TypeId) -> &'a TypeDef {
        &self.family.types[id]
    }

    /// Notes something that cannot be generated: the author hears of it with the code E901 ([`super::faults`]), and the
    /// code that is returned refuses at run time, should somebody compile the family nevertheless. Places that lead nowhere are
    /// here for specs that nobody checked: the checker refuses them before (E301, E302, E304).
    pub(crate) fn refuse(&mut self, place: &str, what: &str) -> proc_macro2::TokenStream {
        let refusal = Refusal { span: self.here, place: place.to_owned(), what: what.to_owned() };
        if !self.refused.contains(&refusal) {
            self.refused.push(refusal);
        }
        quote::quote!(return Err(rt::unsupported_here(at)))
    }
}
