//! Models and examples.

use super::{Span, Way};
use std::collections::BTreeMap;

/// A catalogue entry.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Glob on the base model id.
    pub pattern: String,
    /// Display name.
    pub name: String,
    /// Prompt grammar.
    pub prompt: Option<String>,
    /// Named limits.
    pub limits: BTreeMap<String, u64>,
    /// Feature words.
    pub capabilities: Vec<String>,
    /// Where it stands.
    pub span: Span,
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
