//! JSON in and out of every type.

use outcrop_runtime::Error;
use outcrop_runtime::json::{Arena, Value};

use super::Owned;

/// The JSON of a value.
pub(crate) fn print<T: Owned>(value: &T) -> Vec<u8>
where
    for<'v> T::View<'v>: Value<'v>,
{
    value.view(&Arena::new()).to_json()
}

/// The value of a JSON text.
pub(crate) fn parse<T: Owned>(input: &[u8]) -> Result<T, Error>
where
    for<'v> T::View<'v>: Value<'v>,
{
    let arena = Arena::for_input(input.len());
    T::own(&T::View::from_json(input, &arena)?)
}

/// What every type has in common: JSON by the core's printer and parser, and serde over those.
macro_rules! json_forms {
    ($($name:ident),* $(,)?) => {$(
        impl $name {
            /// Reads Converse JSON. The error names the path of what is wrong.
            pub fn from_json(input: &[u8]) -> Result<Self, Error> {
                crate::types::json::parse(input)
            }
            /// The value as Converse JSON.
            #[must_use]
            pub fn to_json(&self) -> Vec<u8> {
                crate::types::json::print(self)
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                crate::types::transcode::serialize(&self.to_json(), to)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::from_json(&crate::types::transcode::deserialize(from)?).map_err(serde::de::Error::custom)
            }
        }
    )*};
}
pub(crate) use json_forms;
