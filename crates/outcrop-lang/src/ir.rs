//! The checked intermediate representation: the contract between the front end and everything behind it.
//!
//! Desugared and closed: `extends` and `patch` are applied, every name is resolved to an index, every `as:` is a parsed
//! [`Path`]. The interpreter executes it and the generator compiles it; neither ever sees YAML.

mod catalogue;
mod facade;
mod fields;
mod letters;
mod prompts;
mod repeats;
mod streams;
mod unions;
mod values;

pub use catalogue::{Bodies, Example, ExampleKind, Keys, Model, Rule, RuleForm, RuleMember};
pub use facade::{Facade, FacadeKind, FacadeMember, FacadeTy, FacadeType, Header, SideKey, SideKeys};
pub use fields::{Default_, Field, Lens, Path, Step, Struct, Way};
pub use letters::Letters;
pub use prompts::{Grammar, TurnGrammar};
pub use repeats::Repeats;
pub use streams::{Blocks, Input, Signal};
pub use unions::{Case, CaseBody, CaseSignal, Region, Tag, TextOrList, Trailing, Union, Unknown};
pub use values::{JsonKind, Literal, Range, Ty, ValueMap, When};

use std::sync::Arc;

/// A place in a spec file, for diagnostics: byte offsets into the text of one of the files that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    /// Index of the file in the order it was read (the family first, then its dialects).
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// One family, ready to run.
#[derive(Debug, Clone)]
pub struct Family {
    /// Kebab-case name.
    pub name: String,
    /// One line for tables.
    pub title: String,
    /// URL of the documentation the spec was written from.
    pub source: String,
    /// Prose for the reference page.
    pub doc: String,
    /// The dialect at the end of the chain of `extends`, if there is one. Families that share it share generated code.
    pub dialect: Option<String>,
    /// Root types of the chat operation.
    pub chat: Operation,
    /// All types; a [`TypeId`] is an index into this list.
    pub types: Vec<TypeDef>,
    /// Prompt grammars; the first is the default.
    pub prompts: Vec<Grammar>,
    /// Whether tool-call ids are on the wire.
    pub tool_ids: ToolIds,
    /// What becomes of façade leaves that no field maps.
    pub fates: Vec<Fate>,
    /// Catalogue entries.
    pub models: Vec<Model>,
    /// Rules on the requests of single models.
    pub rules: Vec<Rule>,
    /// Who judges native requests before a model sees them.
    pub validator: Validator,
    /// Executable examples.
    pub examples: Vec<Example>,
    /// The façade that the paths refer to.
    pub facade: Arc<Facade>,
}

/// Index into [`Family::types`].
pub type TypeId = usize;

/// Root types of an operation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Operation {
    /// The InvokeModel request body.
    pub request: Option<TypeId>,
    /// The InvokeModel response body.
    pub response: Option<TypeId>,
    /// Whether the response is a list of one such body.
    pub listed: bool,
    /// One chunk of InvokeModelWithResponseStream.
    pub stream: Option<TypeId>,
}

/// A named (or inline) native type.
#[derive(Debug, Clone)]
pub struct TypeDef {
    /// Name in the spec; inline types are named after their place (`Request.thinking`).
    pub name: String,
    /// Prose for the reference page.
    pub doc: String,
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TypeKind,
}

/// The forms of a native type.
#[derive(Debug, Clone)]
pub enum TypeKind {
    /// A JSON object with known members.
    Struct(Struct),
    /// One of several shapes, each standing for a façade arm.
    Union(Union),
    /// A string, or a list of `item`.
    TextOrList(TextOrList),
    /// A table of values.
    Map(ValueMap),
    /// One string that carries several kinds of façade blocks.
    Regions(Vec<Region>),
}

impl TypeKind {
    /// The objects in it: its own, or those of its cases.
    pub fn structs(&self) -> impl Iterator<Item = &Struct> {
        let (one, cases) = match self {
            TypeKind::Struct(s) => (Some(s), [].as_slice()),
            TypeKind::Union(u) => (None, u.cases.as_slice()),
            _ => (None, [].as_slice()),
        };
        one.into_iter().chain(cases.iter().filter_map(|case| match &case.body {
            CaseBody::Struct(s) => Some(s),
            CaseBody::Value(_) => None,
        }))
    }
}

/// Whether tool-call ids are on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ToolIds {
    /// They are.
    #[default]
    Wire,
    /// They are made, in order of appearance.
    Positional,
}

/// Who judges native requests before a model sees them, and so how a refusal is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Validator {
    /// The service's schema validator.
    #[default]
    Schema,
    /// A vendor's own, which names places with dots.
    Dotted,
}

/// What becomes of façade leaves that match `pattern` and that no field maps.
#[derive(Debug, Clone)]
pub struct Fate {
    /// A run of member names.
    pub pattern: Vec<String>,
    /// Reason for dropping; none refuses.
    pub dropped: Option<String>,
    /// Where it stands.
    pub span: Span,
}
