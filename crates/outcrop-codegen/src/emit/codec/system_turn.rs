//! The façade as the generator sees it: with a type for the leading system turn, and views of JSON as what they travel as.

use std::sync::Arc;

use outcrop_lang::ir::{FacadeKind, FacadeMember, FacadeTy, FacadeType, Family, Span};
use proc_macro2::TokenStream;
use quote::quote;

/// Name of the type that stands for the leading system turn; it exists in the generator only.
pub(crate) const SYSTEM_TURN: &str = "SystemTurn";

/// The family over that façade.
pub(crate) fn with_system_turn(family: &Family) -> Family {
    let mut family = family.clone();
    let mut facade = (*family.facade).clone();
    let system = facade.types.get("ConverseRequest").and_then(|t| t.members.iter().find(|m| m.name == "system"));
    if let Some(ty) = system.map(|m| m.ty.clone()) {
        let content = FacadeMember {
            name: "content".into(),
            ty,
            required: true,
            is_virtual: false,
            sum_of: Vec::new(),
            doc: String::new(),
        };
        facade.types.insert(
            SYSTEM_TURN.into(),
            FacadeType {
                doc: String::new(),
                kind: FacadeKind::Struct,
                view_of: None,
                members: vec![content],
                span: Span::default(),
            },
        );
    }
    // Members of what is only a view of JSON travel as JSON.
    for name in crate::emit::views::of_json(&facade) {
        for member in facade.types.get_mut(&name).into_iter().flat_map(|def| &mut def.members) {
            member.is_virtual = true;
            if matches!(member.ty, FacadeTy::Enum(_)) {
                member.ty = FacadeTy::Str;
            }
        }
    }
    family.facade = Arc::new(facade);
    family
}

/// Whether a view is the leading system turn.
pub(crate) fn is_system_turn(view: &FacadeTy) -> bool {
    matches!(view, FacadeTy::Named(name) if name == SYSTEM_TURN)
}

/// Whether the block `x` of the instructions is an empty text, which is none: without blocks there is no turn.
pub(crate) fn is_blank() -> TokenStream {
    quote!(matches!(x, converse::SystemContentBlock::Text(x) if x.is_empty()))
}
