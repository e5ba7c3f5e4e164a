//! The leading system turn: a type that exists in the generator only.

use std::sync::Arc;

use outcrop_lang::ir::{FacadeKind, FacadeMember, FacadeTy, FacadeType, Family, Span};

/// Name of the type that stands for the leading system turn; it exists in the generator only.
pub(crate) const SYSTEM_TURN: &str = "SystemTurn";

/// The family with the type of the leading system turn added to its façade.
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
    family.facade = Arc::new(facade);
    family
}

/// Whether a view is the leading system turn.
pub(crate) fn is_system_turn(view: &FacadeTy) -> bool {
    matches!(view, FacadeTy::Named(name) if name == SYSTEM_TURN)
}
