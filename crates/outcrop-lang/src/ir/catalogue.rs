//! Models and examples.

use super::{Span, Way};
use std::collections::BTreeMap;

/// A catalogue entry.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Glob on the base model id; empty if the entry is for a kind of ARN.
    pub pattern: String,
    /// The kind of ARN that it is for.
    pub resource: Option<String>,
    /// Which bodies are the family's, where others share the ids.
    pub bodies: Option<Bodies>,
    /// Whether the family is the one to write, where others share the ids.
    pub preferred: bool,
    /// Display name.
    pub name: String,
    /// Prompt grammar.
    pub prompt: Option<String>,
    /// Named limits.
    pub limits: BTreeMap<String, u64>,
    /// Feature words.
    pub capabilities: Vec<String>,
    /// Numbers of the family's rules that hold for it.
    pub rules: Vec<usize>,
    /// Where it stands.
    pub span: Span,
}

impl Model {
    /// What it is for: the pattern, or the kind of ARN.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.resource.as_deref().unwrap_or(&self.pattern)
    }
}

/// A rule on the requests of single models.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Name in the spec.
    pub name: String,
    /// What it forbids or asks for.
    pub form: RuleForm,
    /// The native members that it is about.
    pub members: Vec<RuleMember>,
    /// The values of [`RuleForm::Refuses`], as JSON.
    pub values: Vec<String>,
    /// The limit of [`RuleForm::AtMost`].
    pub limit: String,
    /// Members and values, as JSON: the rule holds if each member has one of its values.
    pub when: Vec<(RuleMember, Vec<String>)>,
    /// Why.
    pub why: String,
    /// Where it stands.
    pub span: Span,
}

/// A member that a rule is about.
#[derive(Debug, Clone)]
pub struct RuleMember {
    /// Dotted path in the native request; `[last]` is the last element of a list.
    pub native: String,
    /// Path in the Converse value.
    pub facade: String,
    /// Where it stands.
    pub span: Span,
}

/// What a rule forbids or asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleForm {
    /// At most one of the members.
    OneOf,
    /// None of the members.
    NoneOf,
    /// All of the members.
    Needs,
    /// The member has none of the values.
    Refuses,
    /// The member is at most the limit of the model.
    AtMost,
    /// The model ignores the members.
    Ignores,
}

/// Which bodies are a family's.
#[derive(Debug, Clone, Default)]
pub struct Bodies {
    /// Requests.
    pub request: Keys,
    /// Responses.
    pub response: Keys,
    /// Chunks of streams.
    pub stream: Keys,
    /// Where it stands.
    pub span: Span,
}

/// Members of a body, by dotted paths; `[last]` is the last element of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// It has all of these.
    pub has: Vec<String>,
    /// It has none of these.
    pub lacks: Vec<String>,
}

/// An executable example.
#[derive(Debug, Clone)]
pub struct Example {
    /// Unique identifier.
    pub id: String,
    /// What it shows.
    pub doc: String,
    /// Model id of the call.
    pub model: String,
    /// Directions it claims.
    pub way: Way,
    /// Which body it shows.
    pub kind: ExampleKind,
    /// Native side (a list of chunks for streams), as JSON text.
    pub native: Option<String>,
    /// Converse side (a list of events for streams), as JSON text.
    pub converse: Option<String>,
    /// HTTP headers of the native side.
    pub headers: Vec<(String, String)>,
    /// Expected refusal: code and façade path.
    pub error: Option<(String, String)>,
    /// Façade paths that the report must name.
    pub report: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// Which body an example shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExampleKind {
    /// Request body.
    Request,
    /// Response body.
    Response,
    /// Stream.
    Stream,
}
