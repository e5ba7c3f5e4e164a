//! Free JSON, such as the input of a tool.

use std::fmt;

use outcrop_runtime::json::{Arena, Json};
use outcrop_runtime::{Code, Error, Tree};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Owned;

/// One JSON value, kept as its text. Compares by meaning: members in any order, numbers by value.
///
/// ```
/// use outcrop_aws::types::Document;
///
/// let schema = Document::parse(r#"{"type":"object","properties":{"depth":{"maximum":1.50}}}"#)?;
/// assert!(schema.as_str().contains("1.50"));
///
/// let input = Document::of(&std::collections::BTreeMap::from([("depth", 3)]))?;
/// assert_eq!(input.as_str(), r#"{"depth":3}"#);
/// # Ok::<(), outcrop_runtime::Error>(())
/// ```
#[derive(Clone)]
pub struct Document(Json<'static>);

impl Document {
    /// `null`.
    pub const NULL: Self = Self(Json::NULL);

    /// A JSON text.
    ///
    /// # Errors
    ///
    /// Those of JSON, with the place in the text.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Json::new(text.to_owned()).map(Self)
    }

    /// What a value says of itself to serde.
    ///
    /// # Errors
    ///
    /// `wrong-type` for what has no JSON, such as keys that are no texts.
    pub fn of(value: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        let told = |e: serde_json::Error| Error::new(Code::WrongType, format!("{e}; give a value that JSON can say"));
        let text = serde_json::to_string(value).map_err(told)?;
        Json::new(text).map(Self)
    }

    /// The value as another type, such as the input of a tool as the tool's own.
    ///
    /// # Errors
    ///
    /// `wrong-type`, with what serde says.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let told = |e: serde_json::Error| Error::new(Code::WrongType, format!("{e}; read it as a type that fits"));
        serde_json::from_str(self.as_str()).map_err(told)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The value of a text, as a tree.
    pub(crate) fn tree(&self) -> Tree {
        // It has been checked; what is deeper than a tree may be was refused then.
        Tree::parse_text(self.as_str()).unwrap_or(Tree::Null)
    }
}

impl Default for Document {
    fn default() -> Self {
        Self::NULL
    }
}
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str() || self.tree() == other.tree()
    }
}
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl std::str::FromStr for Document {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl Owned for Document {
    type View<'v> = Json<'v>;
    fn view<'v>(&'v self, _: &'v Arena) -> Json<'v> {
        self.0.share()
    }
    fn own(view: &Json<'_>) -> Result<Self, Error> {
        use outcrop_runtime::json::IntoOwned as _;
        Ok(Self(view.clone().into_owned()))
    }
}
