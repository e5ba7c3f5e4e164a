//! Refusals: one error type, stable codes.

use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal,)*) => {
        /// Stable code of a refusal.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[doc = $doc])* $name,)* }
        impl Code {
            /// All codes, for tests and documentation.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];
            /// The kebab-case text that users see.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// The input is not JSON (or not UTF-8).
    MalformedJson = "malformed-json",
    /// The input nests too deep or is too large.
    TooLarge = "too-large",
    /// An object names a member twice.
    DuplicateMember = "duplicate-member",
    /// A value has another JSON type than the format says.
    WrongType = "wrong-type",
    /// A required member is missing.
    MissingMember = "missing-member",
    /// A tag or word that no case knows.
    UnknownTag = "unknown-tag",
    /// A value that a closed table does not know.
    UnknownValue = "unknown-value",
    /// A value outside its range.
    OutOfRange = "out-of-range",
    /// Text that is not base64, or not a data URL.
    BadEncoding = "bad-encoding",
    /// A list that must have exactly one element has another number.
    NotSingle = "not-single",
    /// A façade value that the format cannot express.
    Unsupported = "unsupported",
    /// A value that the format has, and this model does not take.
    NotForModel = "not-for-model",
    /// A value would be dropped, and strict mode forbids it.
    Strict = "strict",
    /// Text contains a marker of the prompt grammar or a region tag.
    ReservedMarker = "reserved-marker",
    /// A block has no element before it to attach to.
    NothingToAttach = "nothing-to-attach",
    /// Turns in an order that the format cannot express.
    TurnOrder = "turn-order",
    /// A tool result without the call that it answers.
    UnknownCall = "unknown-call",
    /// An additional field contradicts a mapped one.
    ConflictingField = "conflicting-field",
    /// Stream events or chunks in an impossible order.
    StreamOrder = "stream-order",
    /// The stream ended before it was complete.
    StreamTruncated = "stream-truncated",
    /// The family has no such operation.
    NoOperation = "no-operation",
    /// The model id does not lead to a family.
    Unresolved = "unresolved",
}

/// A refusal: what, where on both sides, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Stable code.
    pub code: Code,
    /// Path in the Converse value, such as `messages[2].content[0].toolResult.status`; empty when none applies.
    pub path: String,
    /// Path in the native value; empty when none applies.
    pub native_path: String,
    /// One lower-case sentence that ends with the remedy.
    pub message: String,
}

impl Error {
    /// An error at no particular place.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, path: String::new(), native_path: String::new(), message: message.into() }
    }
    /// The same error at a façade path.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }
    /// The same error at a native path.
    #[must_use]
    pub fn native(mut self, path: impl Into<String>) -> Self {
        self.native_path = path.into();
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code.as_str())?;
        match (self.path.as_str(), self.native_path.as_str()) {
            ("", "") => {}
            ("", n) => write!(f, " at native `{n}`")?,
            (p, "") => write!(f, " at Converse `{p}`")?,
            (p, n) => write!(f, " at Converse `{p}` (native `{n}`)")?,
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for Error {}
