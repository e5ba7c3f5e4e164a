//! A JSON tree that loses nothing: numbers as written, members in order, containers with their exact source text.
//!
//! It carries what is opaque to a translation. A container that came out of a parse remembers the slice of text it was
//! read from and prints as exactly that; touching its content forgets the slice, and it prints compactly from then on.

mod compare;
mod parse;
mod print;

use std::sync::Arc;

pub use compare::same_number;
pub use parse::MAX_DEPTH;
pub use print::write_str;

/// A JSON value.
///
/// Equality is by meaning: members in any order, numbers by value (`28.0` equals `28`).
#[derive(Debug, Clone, Default)]
pub enum Tree {
    /// `null`.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A number as it was written.
    Num(String),
    /// A string, unescaped.
    Str(String),
    /// A list.
    Arr(Array),
    /// An object.
    Obj(Object),
}

/// A list, perhaps with the text it was read from.
#[derive(Debug, Clone, Default)]
pub struct Array {
    items: Vec<Tree>,
    raw: Option<Raw>,
}

/// An object with its members in order, perhaps with the text it was read from.
#[derive(Debug, Clone, Default)]
pub struct Object {
    members: Vec<(String, Tree)>,
    raw: Option<Raw>,
}

/// A slice of a shared source.
#[derive(Debug, Clone)]
struct Raw {
    source: Arc<str>,
    start: usize,
    end: usize,
}

impl Raw {
    fn text(&self) -> &str {
        self.source.get(self.start..self.end).unwrap_or_default()
    }
}

impl Tree {
    /// A string.
    pub fn str(text: impl Into<String>) -> Self {
        Tree::Str(text.into())
    }
    /// A number from an integer.
    #[must_use]
    pub fn int(value: i64) -> Self {
        Tree::Num(value.to_string())
    }
    /// A list.
    #[must_use]
    pub fn list(items: Vec<Tree>) -> Self {
        Tree::Arr(items.into())
    }
    /// An object with one member.
    pub fn arm(name: impl Into<String>, value: Tree) -> Self {
        Tree::Obj(vec![(name.into(), value)].into())
    }
    /// An object.
    #[must_use]
    pub fn object(members: Vec<(String, Tree)>) -> Self {
        Tree::Obj(members.into())
    }
    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Tree::Str(s) = self { Some(s) } else { None }
    }
    /// The list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Tree]> {
        if let Tree::Arr(a) = self { Some(&a.items) } else { None }
    }
    /// The object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        if let Tree::Obj(o) = self { Some(o) } else { None }
    }
    /// The value as an integer, however it is spelt (`28`, `28.0`, `2.8e1`).
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        if let Tree::Num(n) = self { compare::integer(n) } else { None }
    }
    /// The value as a float.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        if let Tree::Num(n) = self { n.parse().ok() } else { None }
    }
    /// A member of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Tree> {
        self.as_object()?.get(name)
    }
    /// What it is, for messages: `a string`, `an object` …
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Tree::Null => "null",
            Tree::Bool(_) => "a boolean",
            Tree::Num(_) => "a number",
            Tree::Str(_) => "a string",
            Tree::Arr(_) => "a list",
            Tree::Obj(_) => "an object",
        }
    }
    /// Whether it says nothing: `null`, `""`, or an object of such.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Tree::Obj(o) => o.members().iter().all(|(_, v)| v.is_blank()),
            Tree::Null => true,
            Tree::Str(s) => s.is_empty(),
            Tree::Bool(_) | Tree::Num(_) | Tree::Arr(_) => false,
        }
    }
    /// Whether it is `null`, `""`, `[]` or `{}`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Tree::Null => true,
            Tree::Bool(_) | Tree::Num(_) => false,
            Tree::Str(s) => s.is_empty(),
            Tree::Arr(a) => a.items.is_empty(),
            Tree::Obj(o) => o.members.is_empty(),
        }
    }
}

impl Array {
    /// The elements.
    #[must_use]
    pub fn items(&self) -> &[Tree] {
        &self.items
    }
    /// The elements, to change; forgets the source text.
    pub fn items_mut(&mut self) -> &mut Vec<Tree> {
        self.raw = None;
        &mut self.items
    }
    /// The elements.
    #[must_use]
    pub fn into_items(self) -> Vec<Tree> {
        self.items
    }
}

impl Object {
    /// The members.
    #[must_use]
    pub fn members(&self) -> &[(String, Tree)] {
        &self.members
    }
    /// The members, to change; forgets the source text.
    pub fn members_mut(&mut self) -> &mut Vec<(String, Tree)> {
        self.raw = None;
        &mut self.members
    }
    /// The members.
    #[must_use]
    pub fn into_members(self) -> Vec<(String, Tree)> {
        self.members
    }
    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Tree> {
        self.members.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }
    /// The value of a member, to change; forgets the source text.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Tree> {
        self.raw = None;
        self.members.iter_mut().find(|(n, _)| n == name).map(|(_, v)| v)
    }
    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<Tree> {
        let at = self.members.iter().position(|(n, _)| n == name)?;
        self.raw = None;
        Some(self.members.remove(at).1)
    }
    /// Appends a member that is not there yet, or replaces the one that is.
    pub fn set(&mut self, name: impl Into<String>, value: Tree) {
        let name = name.into();
        if let Some(old) = self.get_mut(&name) {
            *old = value;
        } else {
            self.members_mut().push((name, value));
        }
    }
    /// Number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }
    /// Whether it has no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl From<Vec<Tree>> for Array {
    fn from(items: Vec<Tree>) -> Self {
        Self { items, raw: None }
    }
}

impl From<Vec<(String, Tree)>> for Object {
    fn from(members: Vec<(String, Tree)>) -> Self {
        Self { members, raw: None }
    }
}
