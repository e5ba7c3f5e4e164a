//! Objects with free keys.

// The SDK has no other maps.
#![allow(clippy::disallowed_types)]

use std::collections::HashMap;

use outcrop_runtime::Error;

use super::{FromSdk, ToSdk, from, to};
use crate::types::Map;

impl<S, T: ToSdk<S>> ToSdk<HashMap<String, S>> for Map<T> {
    fn to_sdk(self) -> Result<HashMap<String, S>, Error> {
        self.into_iter().map(|(name, value)| to(value, &name).map(|value| (name, value))).collect()
    }
}
/// The SDK keeps no order; that of the alphabet is as good as any, and always the same.
impl<S, T: FromSdk<S>> FromSdk<HashMap<String, S>> for Map<T> {
    fn from_sdk(value: HashMap<String, S>) -> Result<Self, Error> {
        let mut members: Vec<(String, S)> = value.into_iter().collect();
        members.sort_by(|(a, _), (b, _)| a.cmp(b));
        members.into_iter().map(|(name, value)| from(value, &name).map(|value| (name, value))).collect()
    }
}
