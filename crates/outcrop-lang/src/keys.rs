//! The registry of keys: which keys each form of the language has, what kind of value each takes, and one line on it.
//! The parser refuses what is not here, the editor schema and the tables of the reference are made from it.

mod facade;
mod files;
mod markdown;
mod types;

pub use facade::*;
pub use files::*;
pub use markdown::form_markdown;
pub use types::*;

/// The kind of value that a key takes.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Int,
    /// `true` or `false`.
    Bool,
    /// Any JSON value.
    Any,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// A type expression.
    Type,
    /// A type expression, or one of [`TYPE_FORMS`].
    AnyType,
    /// A dotted path.
    Path,
    /// A list.
    List(&'static Kind),
    /// A mapping with free keys.
    Map(&'static Kind),
    /// A mapping of this form.
    Form(&'static Form),
    /// Any of several kinds.
    Either(&'static [Kind]),
}

/// A key of a form.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Whether the form cannot do without it.
    pub required: bool,
    /// One line for editors and the reference.
    pub doc: &'static str,
}

/// A mapping with known keys.
#[derive(Debug)]
pub struct Form {
    /// Name for messages (`struct`, `field` …).
    pub name: &'static str,
    /// One line for editors and the reference.
    pub doc: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
}

impl Form {
    /// The key of that name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

const fn need(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: true, doc }
}

const fn may(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: false, doc }
}

const TEXTS: Kind = Kind::List(&Kind::Text);
const WAY: Kind = Kind::Word(&["both", "decode", "encode"]);
const DOC: Key = may("doc", Kind::Text, "Prose for the reference page.");

/// Every form, for the reference and the editor schema.
pub static FORMS: &[&Form] = &[
    &FAMILY,
    &DIALECT,
    &CHATS,
    &OPERATION,
    &PATCH,
    &STRUCT,
    &UNION,
    &TAG,
    &CASE,
    &TRAILING,
    &TEXT_OR_LIST,
    &MAP,
    &WHEN,
    &REGIONS,
    &REGION,
    &FIELD,
    &PROMPT,
    &TURN,
    &HOLES,
    &RULE,
    &MODEL,
    &BODIES,
    &BODY_KEYS,
    &EXAMPLE,
    &SIDES,
    &REFUSAL,
    &FACADE,
    &FACADE_TYPE,
    &FACADE_MEMBER,
    &TRANSPORT,
    &HEADER,
    &SIDE_KEYS,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_form_has_a_key_twice() {
        for form in FORMS {
            let names: BTreeSet<_> = form.keys.iter().map(|key| key.name).collect();
            assert_eq!(names.len(), form.keys.len(), "{}", form.name);
        }
    }

    #[test]
    fn form_names_are_unique_and_lines_end_with_a_full_stop() {
        let names: BTreeSet<_> = FORMS.iter().map(|form| form.name).collect();
        assert_eq!(names.len(), FORMS.len());
        for form in FORMS {
            assert!(form.doc.ends_with('.') && form.keys.iter().all(|key| key.doc.ends_with('.')), "{}", form.name);
        }
    }
}
