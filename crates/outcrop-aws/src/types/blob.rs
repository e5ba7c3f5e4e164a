//! Bytes, which are base64 in JSON.

use std::fmt;
use std::ops::Deref;

use outcrop_runtime::json::{Arena, Str};
use outcrop_runtime::{Code, Error, base64};

use super::Owned;

/// Bytes of a picture, a document, or reasoning that only its model can read. `Debug` tells their number, not them.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Blob(Vec<u8>);

impl Blob {
    /// The bytes.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl Deref for Blob {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}
impl From<&[u8]> for Blob {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}
impl<const N: usize> From<&[u8; N]> for Blob {
    fn from(bytes: &[u8; N]) -> Self {
        Self(bytes.to_vec())
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

impl Owned for Blob {
    type View<'v> = Str<'v>;
    fn view<'v>(&'v self, arena: &'v Arena) -> Str<'v> {
        Str::plain(arena.base64(&self.0))
    }
    fn own(view: &Str<'_>) -> Result<Self, Error> {
        base64::decode(&view.text())
            .map(Self)
            .ok_or_else(|| Error::new(Code::BadEncoding, "the text is not base64; encode the bytes with padding"))
    }
}
