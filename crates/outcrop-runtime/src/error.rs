//! Refusals and losses: one error type, one report type, stable codes.

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

/// What became of a value that did not go through unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It is gone.
    Dropped,
    /// It goes by another name (tool-call ids, for example).
    Renamed,
    /// It was not there and had to be made.
    Synthesised,
    /// It went through in another form that does not read back the same.
    Approximated,
}

impl Fate {
    /// The word that users see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Fate::Dropped => "dropped",
            Fate::Renamed => "renamed",
            Fate::Synthesised => "synthesised",
            Fate::Approximated => "approximated",
        }
    }
}

/// One entry of a [`Report`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// What became of it.
    pub fate: Fate,
    /// Path on the side it was read from (Converse when encoding, native when decoding).
    pub path: String,
    /// Why.
    pub why: String,
}

/// Everything that a translation did not carry over unchanged. Empty for a faithful translation; costs nothing then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// By path, once the translation is done.
    pub losses: Vec<Loss>,
}

impl Report {
    /// Adds an entry.
    pub fn add(&mut self, fate: Fate, path: impl Into<String>, why: impl Into<String>) {
        self.losses.push(Loss { fate, path: path.into(), why: why.into() });
    }
    /// Brings the entries into the order of their paths, whatever the order in which they were met.
    pub fn sort(&mut self) {
        if self.losses.len() > 1 {
            self.losses.sort_by(|a, b| by_place(&a.path, &b.path).then_with(|| a.fate.as_str().cmp(b.fate.as_str())));
        }
    }
    /// In strict mode, the first loss that is a drop or an approximation as an error.
    pub fn strict(&self) -> Result<(), Error> {
        match self.losses.iter().find(|l| !matches!(l.fate, Fate::Renamed | Fate::Synthesised)) {
            Some(l) => Err(Error::new(
                Code::Strict,
                format!("would be {}: {}; leave it out or translate without strict mode", l.fate.as_str(), l.why),
            )
            .at(l.path.clone())),
            None => Ok(()),
        }
    }
}

/// Compares paths: indexes by number, everything else as text.
fn by_place(a: &str, b: &str) -> std::cmp::Ordering {
    let steps = |path: &str| -> Vec<(String, Option<u64>)> {
        let parts = path.split(['.', '[']);
        parts.map(|part| (part.to_owned(), part.strip_suffix(']').and_then(|n| n.parse().ok()))).collect()
    };
    let (a, b) = (steps(a), steps(b));
    for ((a, m), (b, n)) in a.iter().zip(&b) {
        let order = match (m, n) {
            (Some(m), Some(n)) => m.cmp(n),
            _ => a.cmp(b),
        };
        if order.is_ne() {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

#[cfg(test)]
mod tests {
    use super::{Fate, Report};

    #[test]
    fn a_report_goes_by_place() {
        let mut report = Report::default();
        let paths = [
            "messages[10].role",
            "messages[2].content[1]",
            "system",
            "messages[2].content",
            "messages[2].content[0].text",
        ];
        paths.iter().for_each(|path| report.add(Fate::Dropped, *path, "why"));
        report.sort();
        let sorted: Vec<&str> = report.losses.iter().map(|l| l.path.as_str()).collect();
        let wanted = [
            "messages[2].content",
            "messages[2].content[0].text",
            "messages[2].content[1]",
            "messages[10].role",
            "system",
        ];
        assert_eq!(sorted, wanted);
    }
}
