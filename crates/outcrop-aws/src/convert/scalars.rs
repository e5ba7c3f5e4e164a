//! Texts, numbers and bytes.

use aws_smithy_types::Blob as SdkBlob;
use outcrop_runtime::{Code, Error};

use super::{FromSdk, ToSdk};
use crate::types::Blob;

macro_rules! same {
    ($($ty:ty),*) => {$(
        impl ToSdk<$ty> for $ty {
            fn to_sdk(self) -> Result<$ty, Error> {
                Ok(self)
            }
        }
        impl FromSdk<$ty> for $ty {
            fn from_sdk(value: $ty) -> Result<Self, Error> {
                Ok(value)
            }
        }
    )*};
}
same!(String, bool, i64);

/// Counts that may be absent here, and are always there in the SDK.
impl FromSdk<i32> for Option<i64> {
    fn from_sdk(value: i32) -> Result<Self, Error> {
        Ok(Some(value.into()))
    }
}

impl ToSdk<i32> for i64 {
    fn to_sdk(self) -> Result<i32, Error> {
        let why = || format!("{self} does not fit the 32 bits that the SDK has for it; give a smaller number");
        self.try_into().map_err(|_| Error::new(Code::OutOfRange, why()))
    }
}
impl FromSdk<i32> for i64 {
    fn from_sdk(value: i32) -> Result<Self, Error> {
        Ok(value.into())
    }
}

/// Through the shortest decimal, so that 0.7 stays 0.7.
impl ToSdk<f32> for f64 {
    fn to_sdk(self) -> Result<f32, Error> {
        let short = self as f32;
        let why = || format!("{self} has more digits than the 32 bits that the SDK has for it; round it");
        let same = format!("{short:?}").parse() == Ok(self);
        same.then_some(short).ok_or_else(|| Error::new(Code::OutOfRange, why()))
    }
}
impl FromSdk<f32> for f64 {
    fn from_sdk(value: f32) -> Result<Self, Error> {
        finite(widened(value))
    }
}

/// The number with the shortest decimal of another.
pub(crate) fn widened(value: f32) -> f64 {
    use std::io::Write as _;
    // Twice as long as any of 32 bits.
    const ROOM: usize = 64;
    let mut text = [0; ROOM];
    let mut rest = text.as_mut_slice();
    let left = write!(rest, "{value:?}").map_or(ROOM, |()| rest.len());
    let used = text.get(..ROOM - left).and_then(|text| str::from_utf8(text).ok());
    used.and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
}

pub(super) fn finite(value: f64) -> Result<f64, Error> {
    let why = "JSON has no number that is not finite; leave it out";
    value.is_finite().then_some(value).ok_or_else(|| Error::new(Code::OutOfRange, why))
}

impl ToSdk<SdkBlob> for Blob {
    fn to_sdk(self) -> Result<SdkBlob, Error> {
        Ok(SdkBlob::new(self.into_vec()))
    }
}
impl FromSdk<SdkBlob> for Blob {
    fn from_sdk(value: SdkBlob) -> Result<Self, Error> {
        Ok(value.into_inner().into())
    }
}
