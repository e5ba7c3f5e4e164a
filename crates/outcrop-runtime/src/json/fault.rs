//! What goes wrong while reading JSON: small on the hot path, a full [`Error`] only when somebody looks.

use std::fmt::Write as _;

use super::Str;
use crate::{Code, Error};

/// A kind of problem. Always a constant, so that a [`JsonError`] is two words.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable code.
    pub code: Code,
    /// What was expected or is wrong, in the middle of a sentence.
    pub what: &'static str,
    /// It is a member of Converse that a native body says nowhere.
    pub unsaid: bool,
}

impl Fault {
    /// Code of a missing member. Generated code writes `&Fault { code: Fault::MISSING, what: "…", unsaid: false }`,
    /// which compiles faster than a constant of its own for each member.
    pub const MISSING: Code = Code::MissingMember;
    /// The input is not JSON.
    #[must_use]
    pub const fn malformed(what: &'static str) -> Self {
        Self { code: Code::MalformedJson, what, unsaid: false }
    }
    /// The value has another type; `what` is the one expected.
    #[must_use]
    pub const fn wrong_type(what: &'static str) -> Self {
        Self { code: Code::WrongType, what, unsaid: false }
    }
    /// The required member `what` is missing.
    #[must_use]
    pub const fn missing(what: &'static str) -> Self {
        Self { code: Code::MissingMember, what, unsaid: false }
    }
    /// A native body says the member `what` nowhere, which Converse requires; without a name, it says nothing at all.
    #[must_use]
    pub const fn unsaid(what: &'static str) -> Self {
        Self { code: Code::MissingMember, what, unsaid: true }
    }
    /// The member before the cursor was there already.
    pub const DUPLICATE: Self = Self { code: Code::DuplicateMember, what: "", unsaid: false };
    /// A tag that no case of a union knows.
    pub const UNKNOWN_TAG: Self = Self { code: Code::UnknownTag, what: "", unsaid: false };
    /// A value that a closed table does not know.
    pub const UNKNOWN_VALUE: Self = Self { code: Code::UnknownValue, what: "", unsaid: false };
    /// A list that does not hold exactly one element.
    pub const NOT_SINGLE: Self = Self { code: Code::NotSingle, what: "", unsaid: false };
    /// Nesting beyond [`super::MAX_DEPTH`].
    pub const TOO_DEEP: Self = Self { code: Code::TooLarge, what: "nests deeper than 128 levels", unsaid: false };
}

/// A problem and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonError {
    /// The problem.
    pub fault: &'static Fault,
    /// Byte offset into the input.
    pub at: usize,
}

/// Result of everything that reads JSON.
pub type Result<T> = std::result::Result<T, JsonError>;

impl JsonError {
    /// A problem at a byte offset.
    #[cold]
    #[must_use]
    pub const fn new(fault: &'static Fault, at: usize) -> Self {
        Self { fault, at }
    }
    /// The error for reading a native body.
    #[cold]
    #[must_use]
    pub fn in_native(self, input: &[u8]) -> Error {
        let (error, path) = (self.describe(), self.path(input));
        let error = if self.fault.unsaid && path.is_empty() { error.at(self.fault.what) } else { error };
        error.native(path)
    }
    /// The error for reading a Converse body.
    #[cold]
    #[must_use]
    pub fn in_facade(self, input: &[u8]) -> Error {
        let error = self.describe();
        error.at(self.path(input))
    }
    /// A missing member goes by its own name in the object that lacks it. What is unsaid is nowhere in that.
    fn path(self, input: &[u8]) -> String {
        let own = if self.fault.unsaid { "" } else { self.fault.what };
        let missing = (self.fault.code == Code::MissingMember).then_some(own);
        path_with(input, self.at, missing)
    }
    fn describe(self) -> Error {
        let (what, at) = (self.fault.what, self.at);
        let message = match self.fault.code {
            Code::MalformedJson => format!("{what} at byte {at}; the body must be one JSON value in UTF-8"),
            Code::TooLarge => format!("the body {what} (byte {at}); make it smaller"),
            Code::WrongType => format!("expected {what} at byte {at}; write the value in that form"),
            Code::MissingMember if self.fault.unsaid && what.is_empty() => {
                format!("nothing in the body, which ends at byte {at}, is what the format has for it; send such a body")
            }
            Code::MissingMember if self.fault.unsaid => format!(
                "nothing in the object that ends at byte {at} says `{what}`, which Converse requires; add the member for it"
            ),
            Code::MissingMember => {
                format!("the member `{what}` is missing from the object that ends at byte {at}; add it")
            }
            Code::DuplicateMember => format!("the member is named a second time at byte {at}; keep one of them"),
            Code::UnknownTag => format!("no case has this tag (byte {at}); use one that the format documents"),
            Code::UnknownValue => {
                format!("the value at byte {at} is not one of those the format knows; use one of them")
            }
            Code::NotSingle => format!("the list at byte {at} must have exactly one element; leave one"),
            _ => format!("{what} (byte {at}); correct the value"),
        };
        Error::new(self.fault.code, message)
    }
}

/// The path, such as `messages[2].content`, of the value at or around a byte offset. It reads the input again from
/// the start: errors are rare, breadcrumbs on the way there would not be.
#[must_use]
pub fn path_at(input: &[u8], at: usize) -> String {
    path_with(input, at, None)
}

/// As [`path_at`]; `last` takes the place of the last key.
fn path_with(input: &[u8], at: usize, last: Option<&str>) -> String {
    // One frame per open container: the index of the current element, or the current key.
    enum Step {
        Index(usize),
        Key(String),
    }
    let mut steps: Vec<Step> = Vec::new();
    let mut i = 0;
    while let Some(&b) = input.get(i).filter(|_| i < at || (i == at && matches!(input.get(i), Some(b'"')))) {
        match b {
            b'{' => steps.push(Step::Key(String::new())),
            b'[' => steps.push(Step::Index(0)),
            b'}' | b']' => drop(steps.pop()),
            b',' => match steps.last_mut() {
                Some(Step::Index(n)) => *n += 1,
                Some(Step::Key(k)) => k.clear(),
                None => {}
            },
            b'"' => {
                let from = i + 1;
                i = from;
                while let Some(&c) = input.get(i).filter(|c| **c != b'"') {
                    i += if c == b'\\' { 2 } else { 1 };
                }
                let is_key = after_space(input, i + 1) == Some(b':');
                if let (true, Some(Step::Key(key))) = (is_key, steps.last_mut()) {
                    let raw = input.get(from..i).and_then(|raw| std::str::from_utf8(raw).ok()).unwrap_or("");
                    *key = Str::raw(raw).text().into_owned();
                }
            }
            _ => {}
        }
        i += 1;
    }
    if let (Some(last), Some(Step::Key(key))) = (last, steps.last_mut()) {
        last.clone_into(key);
    }
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Index(n) => drop(write!(path, "[{n}]")),
            Step::Key(k) if k.is_empty() => {}
            Step::Key(k) if path.is_empty() => path = k,
            Step::Key(k) => drop(write!(path, ".{k}")),
        }
    }
    path
}

fn after_space(input: &[u8], from: usize) -> Option<u8> {
    input.get(from..)?.iter().copied().find(|b| !b.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_names_the_value_at_the_offset() {
        let input = br#"{"a": [1, {"b,\"": "x", "c" : 7}], "d": true}"#;
        let at = |needle: &str| std::str::from_utf8(input).unwrap().find(needle).unwrap();
        assert_eq!(path_at(input, at("1,")), "a[0]");
        assert_eq!(path_at(input, at("\"x\"")), "a[1].b,\"");
        assert_eq!(path_at(input, at("7")), "a[1].c");
        assert_eq!(path_at(input, at("true")), "d");
        assert_eq!(path_at(input, at("}]")), "a[1].c");
        assert_eq!(path_at(b"", 0), "");
        assert_eq!(path_at(b"\"\\", 9), "");
    }

    #[test]
    fn what_a_body_says_nowhere_is_no_member_of_it() {
        let input = br#"{"a": [{"b": 1}]}"#;
        let error = |fault, at| JsonError::new(fault, at).in_native(input);
        let (inner, outer) = (input.len() - 3, input.len() - 1);
        let places = |e: &Error| (e.path.clone(), e.native_path.clone());
        let nested = error(const { &Fault::unsaid("role") }, inner);
        assert_eq!(places(&nested), (String::new(), "a[0]".to_owned()));
        assert!(nested.message.contains("says `role`, which Converse requires"), "{nested}");
        assert_eq!(places(&error(const { &Fault::unsaid("output") }, outer)), ("output".to_owned(), String::new()));
        assert!(error(const { &Fault::unsaid("") }, outer).message.contains("nothing in the body"));
        assert_eq!(places(&error(&const { Fault::missing("c") }, inner)), (String::new(), "a[0].c".to_owned()));
    }
}
