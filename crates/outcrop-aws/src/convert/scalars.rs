//! Texts, numbers, bytes and free JSON.

use aws_smithy_types::{Blob as SdkBlob, Document as SdkDocument, Number};
use outcrop_runtime::tree::same_number;
use outcrop_runtime::{Code, Error, Tree};

use super::{FromSdk, ToSdk, from, to};
use crate::types::{Blob, Document};

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

fn finite(value: f64) -> Result<f64, Error> {
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

impl ToSdk<SdkDocument> for Document {
    fn to_sdk(self) -> Result<SdkDocument, Error> {
        self.tree().to_sdk()
    }
}
impl FromSdk<SdkDocument> for Document {
    fn from_sdk(value: SdkDocument) -> Result<Self, Error> {
        Document::parse(&Tree::from_sdk(value)?.to_string())
    }
}

/// The SDK keeps numbers as 64 bits; what does not fit is refused.
impl ToSdk<SdkDocument> for Tree {
    fn to_sdk(self) -> Result<SdkDocument, Error> {
        Ok(match self {
            Tree::Null => SdkDocument::Null,
            Tree::Bool(value) => SdkDocument::Bool(value),
            Tree::Num(text) => SdkDocument::Number(number(&text)?),
            Tree::Str(text) => SdkDocument::String(text),
            Tree::Arr(list) => SdkDocument::Array(list.into_items().to_sdk()?),
            Tree::Obj(object) => {
                let member = |(name, value): (String, Tree)| to(value, &name).map(|value| (name, value));
                SdkDocument::Object(object.into_members().into_iter().map(member).collect::<Result<_, _>>()?)
            }
        })
    }
}
impl FromSdk<SdkDocument> for Tree {
    fn from_sdk(value: SdkDocument) -> Result<Self, Error> {
        Ok(match value {
            SdkDocument::Null => Tree::Null,
            SdkDocument::Bool(value) => Tree::Bool(value),
            SdkDocument::Number(Number::PosInt(n)) => Tree::Num(n.to_string()),
            SdkDocument::Number(Number::NegInt(n)) => Tree::Num(n.to_string()),
            SdkDocument::Number(Number::Float(n)) => Tree::Num(format!("{:?}", finite(n)?)),
            SdkDocument::String(text) => Tree::Str(text),
            SdkDocument::Array(list) => Tree::list(from(list, "")?),
            SdkDocument::Object(object) => {
                let mut members: Vec<_> = object.into_iter().collect();
                members.sort_by(|(a, _), (b, _)| a.cmp(b));
                let member = |(name, value): (String, SdkDocument)| from(value, &name).map(|value| (name, value));
                Tree::object(members.into_iter().map(member).collect::<Result<_, _>>()?)
            }
        })
    }
}

fn number(text: &str) -> Result<Number, Error> {
    if let Ok(n) = text.parse() {
        return Ok(Number::PosInt(n));
    }
    if let Ok(n) = text.parse() {
        return Ok(Number::NegInt(n));
    }
    let n = text.parse::<f64>().ok().filter(|n| n.is_finite() && same_number(&format!("{n:?}"), text));
    let why = || format!("the SDK keeps numbers as 64 bits, which {text} does not fit; give it fewer digits");
    n.map(Number::Float).ok_or_else(|| Error::new(Code::OutOfRange, why()))
}
