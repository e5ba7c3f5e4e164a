//! Between the plain types and those of the SDK, both ways, without silent loss: what one side has no place for is an
//! error that names its path.
//!
//! Nearly all of it is generated from the façade (`crate::generated::sdk`), since the SDK's names follow from those of the
//! service model. Here is what the generated code calls, and what the SDK spells otherwise.

mod always;
mod assessments;
mod documents;
mod guardrails;
mod maps;
mod operations;
mod scalars;

pub(crate) use operations::{converse_input, converse_stream_input};
pub(crate) use scalars::widened;

use aws_smithy_types::error::operation::BuildError;
use outcrop_runtime::{Code, Error};

use crate::types::owned::within;
use crate::types::{Document, Map};

/// The release of the SDK whose requests are known here to the last member. Requests of another are read out of their JSON,
/// since types keep nothing of what they do not know.
pub(crate) const RELEASE: &str = "1.153.0";

/// Makes the SDK's value.
pub(crate) trait ToSdk<S> {
    fn to_sdk(self) -> Result<S, Error>;
}

/// Is made of the SDK's value.
pub(crate) trait FromSdk<S>: Sized {
    fn from_sdk(value: S) -> Result<Self, Error>;
}

/// The member `name` as the SDK has it.
pub(crate) fn to<S>(value: impl ToSdk<S>, name: &str) -> Result<S, Error> {
    value.to_sdk().map_err(|e| within(name, e))
}

/// The SDK's member `name`.
pub(crate) fn from<T: FromSdk<S>, S>(value: S, name: &str) -> Result<T, Error> {
    T::from_sdk(value).map_err(|e| within(name, e))
}

/// The same error as one of the item `i` of a list.
#[cold]
fn at(i: usize, e: Error) -> Error {
    within(&format!("[{i}]"), e)
}

/// Refuses members that this version does not know.
pub(crate) fn nothing(extra: &Map<Document>) -> Result<(), Error> {
    extra.iter().next().map_or(Ok(()), |(name, _)| Err(only_here(name)))
}

/// Refuses a member that the SDK has no place for, unless it is absent.
pub(crate) fn none<T>(value: Option<T>, name: &str) -> Result<(), Error> {
    value.map_or(Ok(()), |_| Err(only_here(name)))
}

/// The refusal of what the SDK has no place for.
#[cold]
pub(crate) fn only_here(name: &str) -> Error {
    let why = "the types of the SDK have no place for it; leave it out, or send the request with this crate's client";
    within(name, Error::new(Code::Unsupported, why))
}

/// The refusal of an arm that the SDK does not know: it keeps nothing of it.
#[cold]
pub(crate) fn unknown() -> Error {
    Error::new(Code::UnknownTag, "the SDK does not know this arm and has kept nothing of it; update the SDK")
}

/// What a builder made.
pub(crate) fn built<T>(value: Result<T, BuildError>) -> Result<T, Error> {
    value.map_err(|e| Error::new(Code::MissingMember, format!("the SDK requires more: {e}; give it")))
}

impl<S, T: ToSdk<S>> ToSdk<Option<S>> for Option<T> {
    fn to_sdk(self) -> Result<Option<S>, Error> {
        self.map(T::to_sdk).transpose()
    }
}
impl<S, T: FromSdk<S>> FromSdk<Option<S>> for Option<T> {
    fn from_sdk(value: Option<S>) -> Result<Self, Error> {
        value.map(T::from_sdk).transpose()
    }
}

impl<S, T: ToSdk<S>> ToSdk<Vec<S>> for Vec<T> {
    fn to_sdk(self) -> Result<Vec<S>, Error> {
        self.into_iter().enumerate().map(|(i, item)| item.to_sdk().map_err(|e| at(i, e))).collect()
    }
}
impl<S, T: FromSdk<S>> FromSdk<Vec<S>> for Vec<T> {
    fn from_sdk(value: Vec<S>) -> Result<Self, Error> {
        value.into_iter().enumerate().map(|(i, item)| T::from_sdk(item).map_err(|e| at(i, e))).collect()
    }
}

/// `TryFrom` both ways, and required members, which the SDK has as options where they are structs or unions.
macro_rules! conversions {
    ($($name:ident),* $(,)?) => {$(
        impl TryFrom<sdk::$name> for types::$name {
            type Error = Error;
            fn try_from(value: sdk::$name) -> Result<Self, Error> {
                Self::from_sdk(value)
            }
        }
        impl TryFrom<types::$name> for sdk::$name {
            type Error = Error;
            fn try_from(value: types::$name) -> Result<Self, Error> {
                value.to_sdk()
            }
        }
        impl FromSdk<Option<sdk::$name>> for types::$name {
            fn from_sdk(value: Option<sdk::$name>) -> Result<Self, Error> {
                Self::from_sdk(value.ok_or_else(crate::convert::missing)?)
            }
        }
    )*};
}
pub(crate) use conversions;

/// The refusal of a value that lacks a required member.
#[cold]
pub(crate) fn missing() -> Error {
    Error::new(Code::MissingMember, "the format requires it; give it")
}

/// Sets of words: the SDK's enums are made of texts and tell them, those that they do not know included.
macro_rules! words {
    ($($name:ident),* $(,)?) => {$(
        impl<S: for<'t> From<&'t str>> ToSdk<S> for types::$name {
            fn to_sdk(self) -> Result<S, Error> {
                Ok(S::from(self.as_str()))
            }
        }
        impl<S: AsRef<str>> FromSdk<S> for types::$name {
            fn from_sdk(value: S) -> Result<Self, Error> {
                Ok(Self::from(value.as_ref()))
            }
        }
    )*};
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    #[test]
    fn the_release_of_the_sdk_is_the_one_whose_members_are_known() {
        let why =
            "see what members the SDK's request types have gained, add them to specs/facade, then change `RELEASE`";
        assert_eq!(aws_sdk_bedrockruntime::meta::PKG_VERSION, super::RELEASE, "{why}");
    }
}
