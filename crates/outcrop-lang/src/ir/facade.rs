//! The Converse side.

use super::{Fate, Field, Path, Span, Step, Ty, ValueMap};
use std::collections::BTreeMap;

/// The façade: Converse, as read from `specs/facade/converse.yaml`.
#[derive(Debug, Clone, Default)]
pub struct Facade {
    /// Types by name.
    pub types: BTreeMap<String, FacadeType>,
    /// Request members that travel as InvokeModel headers.
    pub request_headers: Vec<Header>,
    /// Response headers that fill façade members the body left empty.
    pub response_headers: Vec<Header>,
    /// Members that the service has in every family's bodies.
    pub side_keys: SideKeys,
    /// Fates of leaves that no InvokeModel body has; those of a family come before them.
    pub fates: Vec<Fate>,
}

/// Members that the service adds to bodies of every family, beside the family's own.
#[derive(Debug, Clone, Default)]
pub struct SideKeys {
    /// In request bodies, over `ConverseRequest`.
    pub request: Vec<SideKey>,
    /// In response bodies, over `ConverseResponse`.
    pub response: Vec<SideKey>,
    /// In chunks, over `Signal`.
    pub stream: Vec<SideKey>,
}

/// A member that the service adds.
#[derive(Debug, Clone)]
pub struct SideKey {
    /// The member. Its inline types are among [`Family::types`](super::Family::types).
    pub field: Field,
    /// What it says replaces what the body says; else it fills façade members that the body left empty.
    pub wins: bool,
}

/// A façade type.
#[derive(Debug, Clone)]
pub struct FacadeType {
    /// Documentation.
    pub doc: String,
    /// Struct or union.
    pub kind: FacadeKind,
    /// The type that this is another view of (`Turn` of `Message`): a value of that type can be seen as this one.
    pub view_of: Option<FacadeTy>,
    /// Members or arms, in the order Converse prints them.
    pub members: Vec<FacadeMember>,
    /// Where it stands.
    pub span: Span,
}

/// The forms of a façade type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FacadeKind {
    /// Object.
    Struct,
    /// Object with exactly one member.
    Union,
}

/// A member or arm of a façade type.
#[derive(Debug, Clone)]
pub struct FacadeMember {
    /// Name.
    pub name: String,
    /// Type.
    pub ty: FacadeTy,
    /// Required by the service model.
    pub required: bool,
    /// Not in the JSON: made from other members (see "Fields" in the language reference). A dotted name (`messages.last`)
    /// is a virtual member of the list that the first part names.
    pub is_virtual: bool,
    /// Computed as the sum of these siblings when absent.
    pub sum_of: Vec<String>,
    /// Documentation.
    pub doc: String,
}

/// A façade type expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FacadeTy {
    /// Text.
    Str,
    /// Open enum; known values.
    Enum(Vec<String>),
    /// Integer.
    Int,
    /// Number.
    Float,
    /// Boolean.
    Bool,
    /// Any JSON value.
    Json,
    /// Base64 text.
    Blob,
    /// List.
    List(Box<FacadeTy>),
    /// Object with free keys.
    Map(Box<FacadeTy>),
    /// Named type.
    Named(String),
}

/// A façade member bound to an HTTP header.
#[derive(Debug, Clone)]
pub struct Header {
    /// Header name, lower case.
    pub name: String,
    /// Façade path from the root.
    pub path: Path,
    /// Value type.
    pub ty: Ty,
    /// Value map.
    pub map: Option<ValueMap>,
}

impl Facade {
    /// How many steps of a path lead to the last object on it that may be absent from its holder; 0 if there is none. What
    /// chunks say is there because it is said.
    #[must_use]
    pub fn optional_steps(&self, view: &str, path: &Path) -> usize {
        let (mut ty, mut found) = (&FacadeTy::Named(view.to_owned()), 0);
        let before_last = path.0.len().saturating_sub(1);
        for (index, step) in path.0.iter().take(before_last).enumerate() {
            ty = match (step, ty) {
                (Step::Member(name), FacadeTy::Named(of)) if of != "Signal" => {
                    let Some(def) = self.types.get(of) else { return found };
                    let Some(member) = def.members.iter().find(|m| m.name == *name) else { return found };
                    if def.kind == FacadeKind::Struct && !member.required {
                        found = index + 1;
                    }
                    &member.ty
                }
                (Step::Only | Step::Pick { .. }, FacadeTy::List(item)) => item,
                _ => return found,
            };
        }
        found
    }
}
