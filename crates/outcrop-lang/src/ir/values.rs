//! Native types, constants and value maps.

use super::{Letters, Span, TypeId};

/// A native type expression, ranges kept.
#[derive(Debug, Clone)]
pub enum Ty {
    /// Text; length range in characters.
    Str(Range),
    /// Text of few characters, in which others are spelt; length range in characters.
    Spelt(Range, Letters),
    /// Integer.
    Int(Range),
    /// Number.
    Float(Range),
    /// Boolean.
    Bool,
    /// Any value, opaque.
    Json,
    /// Base64 text; `wrap`: the façade holds the base64 of the native text.
    Base64 {
        /// See above.
        wrap: bool,
    },
    /// Base64 text over `{format, source.bytes}`; how the text begins and the format that it means.
    Media(Vec<(String, String)>),
    /// JSON inside a string.
    JsonText,
    /// `data:` URL over `{format, source.bytes}`; media type and format.
    DataUrl(Vec<(String, String)>),
    /// A prompt in one of the family's grammars.
    Prompt,
    /// A named or inline type.
    Named(TypeId),
    /// A list; range of its length.
    List(Box<Ty>, Range),
    /// A list that may be written as a bare element.
    OneOrList(Box<Ty>),
    /// A list with exactly one element (`optional`: or none), standing for the element.
    Only {
        /// The element.
        item: Box<Ty>,
        /// Whether the list may be empty.
        optional: bool,
        /// Whether further elements are kept in the additional fields.
        more: bool,
    },
    /// An object with free keys.
    Map(Box<Ty>),
}

/// The kind of JSON value that a native type is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonKind {
    /// A string, whatever it stands for.
    Text,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A boolean.
    Bool,
    /// Any value.
    Any,
    /// A list.
    List,
    /// A list, or its only element.
    OneOrList,
    /// An object with free keys.
    Object,
    /// What the named type says.
    Named,
}

impl Ty {
    /// The kind of JSON value that it is written as, as far as the expression alone says so.
    #[must_use]
    pub fn json_kind(&self) -> JsonKind {
        match self {
            Self::Str(_)
            | Self::Spelt(..)
            | Self::Base64 { .. }
            | Self::Media(_)
            | Self::JsonText
            | Self::DataUrl(_)
            | Self::Prompt => JsonKind::Text,
            Self::Int(_) => JsonKind::Int,
            Self::Float(_) => JsonKind::Float,
            Self::Bool => JsonKind::Bool,
            Self::Json => JsonKind::Any,
            Self::List(..) | Self::Only { .. } => JsonKind::List,
            Self::OneOrList(_) => JsonKind::OneOrList,
            Self::Map(_) => JsonKind::Object,
            Self::Named(_) => JsonKind::Named,
        }
    }

    /// Whether its native values are JSON strings, whatever they stand for.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.json_kind() == JsonKind::Text
    }
}

/// An inclusive numeric range; numbers as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Range {
    /// Least.
    pub min: Option<f64>,
    /// Greatest.
    pub max: Option<f64>,
}

/// A scalar or JSON constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// JSON null.
    Null,
    /// Boolean.
    Bool(bool),
    /// Number, as written.
    Num(String),
    /// Text.
    Str(String),
    /// List.
    List(Vec<Literal>),
    /// Object, in order.
    Object(Vec<(String, Literal)>),
}

impl Literal {
    /// Whether it says something as the value of a plain member, which null and empty values do not.
    #[must_use]
    pub fn says_something(&self) -> bool {
        matches!(self, Self::Bool(_) | Self::Num(_)) || matches!(self, Self::Str(text) if !text.is_empty())
    }
}

/// A table of values.
#[derive(Debug, Clone, Default)]
pub struct ValueMap {
    /// Native and façade value, a bijection.
    pub rows: Vec<(Literal, Literal)>,
    /// Further readings.
    pub reads: Vec<(Literal, Literal)>,
    /// Keep raw values that are in no row.
    pub open: bool,
    /// Whether the spec says what becomes of raw values that are in no row.
    pub stated: bool,
    /// Rows that depend on a sibling.
    pub when: Vec<When>,
    /// Native values that mean something else in answers that hold calls.
    pub with_calls: Vec<(Literal, Literal)>,
    /// Where it stands.
    pub span: Span,
    /// Where the rows stand: those of `rows`, then `reads`, then of each `when`. May be shorter.
    pub row_spans: Vec<Span>,
}

/// Rows that depend on a sibling of the field.
#[derive(Debug, Clone)]
pub struct When {
    /// Native sibling.
    pub field: String,
    /// What it must be; none: present, not null, not empty.
    pub is: Option<Literal>,
    /// Native and façade value.
    pub rows: Vec<(Literal, Literal)>,
}
