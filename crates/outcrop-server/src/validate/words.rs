//! What is wrong with a native body, in the words of the validator that judges it.
//!
//! Seen from the service: required and extraneous keys, types, the least number of items and the longest text of the schema
//! kind; `Field required` and `Extra inputs are not permitted` of the dotted kind. The others of each kind are made alike,
//! after the usual texts of such validators.

use outcrop_runtime::Tree;
use outcrop_runtime::cx::Validator;

use super::{Place, Step, kind};
use crate::failure::Failure;

/// What is wrong at a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    Required(String),
    Extraneous(String),
    Type(Wanted, &'static str),
    Items { least: Option<f64>, most: Option<f64>, count: usize },
    Length { least: Option<f64>, most: Option<f64>, count: usize },
    Low(String, f64),
    High(String, f64),
    NoSuchValue(String),
    Other(String),
}

/// Types, as both name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    String,
    Integer,
    Number,
    Boolean,
    List,
    Object,
}

impl Wanted {
    fn schema(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Integer => "Integer",
            Self::Number => "Number",
            Self::Boolean => "Boolean",
            Self::List => "JSONArray",
            Self::Object => "JSONObject",
        }
    }

    fn dotted(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::List => "list",
            Self::Object => "dictionary",
        }
    }
}

impl What {
    /// Another type than the one that is wanted.
    pub(super) fn of_type(wanted: Wanted, value: &Tree) -> Self {
        Self::Type(wanted, kind(value))
    }

    /// As it is told.
    pub(super) fn told(&self, place: &Place, validator: Validator) -> String {
        match validator {
            Validator::Schema => format!("{}: {}", place.pointer(), self.schema()),
            Validator::Dotted => self.dotted(place),
        }
    }

    fn schema(&self) -> String {
        match self {
            Self::Required(key) => format!("required key [{key}] not found"),
            Self::Extraneous(key) => format!("extraneous key [{key}] is not permitted"),
            Self::Type(wanted, found) => format!("expected type: {}, found: {found}", wanted.schema()),
            Self::Items { least: Some(least), count, .. } => {
                format!("expected minimum item count: {least}, found: {count}")
            }
            Self::Items { most, count, .. } => {
                format!("expected maximum item count: {}, found: {count}", most.unwrap_or_default())
            }
            Self::Length { least: Some(least), count, .. } => format!("expected minLength: {least}, actual: {count}"),
            Self::Length { most, count, .. } => {
                format!("expected maxLength: {}, actual: {count}", most.unwrap_or_default())
            }
            Self::Low(value, least) => format!("{value} is not greater or equal to {least}"),
            Self::High(value, most) => format!("{value} is not less or equal to {most}"),
            Self::NoSuchValue(value) => format!("{value} is not a valid enum value"),
            Self::Other(why) => why.clone(),
        }
    }

    fn dotted(&self, place: &Place) -> String {
        let path = |last: Option<&str>| {
            let steps = place.0.iter().map(|step| match step {
                Step::Key(key) => key.clone(),
                Step::Index(index) => index.to_string(),
            });
            steps.chain(last.map(str::to_owned)).collect::<Vec<_>>().join(".")
        };
        let at = |what: String| format!("{}: {what}", path(None));
        match self {
            Self::Required(key) => format!("{}: Field required", path(Some(key))),
            Self::Extraneous(key) => format!("{}: Extra inputs are not permitted", path(Some(key))),
            Self::Type(wanted, _) => at(format!("Input should be a valid {}", wanted.dotted())),
            Self::Items { least: Some(least), count, .. } => {
                at(format!("List should have at least {least} item after validation, not {count}"))
            }
            Self::Items { most, count, .. } => {
                at(format!("List should have at most {} items after validation, not {count}", most.unwrap_or_default()))
            }
            Self::Length { least: Some(least), .. } => at(format!("String should have at least {least} character")),
            Self::Length { most, .. } => {
                at(format!("String should have at most {} characters", most.unwrap_or_default()))
            }
            Self::Low(_, least) => at(format!("Input should be greater than or equal to {least}")),
            Self::High(_, most) => at(format!("Input should be less than or equal to {most}")),
            Self::NoSuchValue(value) => at(format!("Input '{value}' does not match any of the expected values")),
            Self::Other(why) => at(why.clone()),
        }
    }
}

/// The refusal of a body, from all that is wrong with it as it is told.
pub(super) fn refusal(told: &[String], validator: Validator) -> Failure {
    match validator {
        Validator::Schema => Failure::malformed(&told.concat()),
        Validator::Dotted => Failure::invalid(told.join("\n")),
    }
}
