//! Additional fields: native members that Converse has no name for.
//!
//! Decoding collects them in [`Extras`]; encoding walks them as a [`Patch`] beside the native value it builds. Members
//! reached through objects only keep their nested names; a member inside a list goes by a JSON pointer from the root.

use outcrop_runtime::tree::Object;
use outcrop_runtime::{Code, Error, Tree};

use super::at::{At, Key};

/// Additional fields while decoding.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    members: Object,
    /// Steps from the root to the place that names are counted from: the innermost object over `Signal` of a chunk.
    pub base: usize,
    /// Names are counted from the root all the same: in what the service adds to chunks.
    pub absolute: bool,
}

impl Extras {
    /// Keeps the native member `name` of the object at `at`.
    pub fn put(&mut self, at: &At<'_>, name: &str, value: Tree) {
        let mut keys = at.keys().split_off(self.base);
        keys.push(Key::Member(name.to_owned()));
        let nested = keys.iter().all(|k| matches!(k, Key::Member(_)));
        if nested && !matches!(keys.first(), Some(Key::Member(first)) if first.starts_with('/')) {
            nest(&mut self.members, &keys, value);
        } else {
            self.members.members_mut().push((pointer(&keys), value));
        }
    }
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
    /// The façade value.
    #[must_use]
    pub fn into_tree(self) -> Tree {
        Tree::Obj(self.members)
    }
}

fn nest(object: &mut Object, keys: &[Key], value: Tree) {
    let Some((Key::Member(name), rest)) = keys.split_first() else { return };
    if rest.is_empty() {
        // Members of one object are unique, so that there is nothing to replace.
        object.members_mut().push((name.clone(), value));
        return;
    }
    if !matches!(object.get(name), Some(Tree::Obj(_))) {
        object.set(name.as_str(), Tree::object(Vec::new()));
    }
    if let Some(Tree::Obj(inner)) = object.get_mut(name) {
        nest(inner, rest, value);
    }
}

fn pointer(keys: &[Key]) -> String {
    let mut out = String::new();
    for key in keys {
        out.push('/');
        match key {
            Key::Member(name) => out.push_str(&name.replace('~', "~0").replace('/', "~1")),
            Key::Index(i) => out.push_str(&i.to_string()),
        }
    }
    out
}

/// Additional fields while encoding, at one native place.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    own: Option<Tree>,
    parts: Vec<(String, Patch)>,
}

impl Patch {
    /// Reads the façade value: nested names, and keys that are JSON pointers.
    pub fn read(tree: Tree, path: &str) -> Result<Self, Error> {
        let mut root = Self::default();
        let members = match tree {
            Tree::Null => return Ok(root),
            Tree::Obj(o) => o.into_members(),
            other => {
                return Err(Error::new(
                    Code::WrongType,
                    format!("additional fields are an object, not {}; send an object of native members", other.kind()),
                )
                .at(path));
            }
        };
        for (name, value) in members {
            let Some(rest) = name.strip_prefix('/') else {
                root.parts.push((name, Self { own: Some(value), parts: Vec::new() }));
                continue;
            };
            let mut place = &mut root;
            for key in rest.split('/') {
                place = place.part(&key.replace("~1", "/").replace("~0", "~"));
            }
            if !place.is_empty() {
                return Err(Error::new(
                    Code::ConflictingField,
                    format!("`{name}` and a nested member give two values for one place; give one"),
                )
                .at(path));
            }
            place.own = Some(value);
        }
        Ok(root)
    }

    /// The part for a member or element, made if it is not there.
    fn part(&mut self, key: &str) -> &mut Patch {
        self.open();
        let at = self.parts.iter().position(|(n, _)| n == key).unwrap_or_else(|| {
            self.parts.push((key.to_owned(), Patch::default()));
            self.parts.len() - 1
        });
        &mut self.parts[at].1
    }

    /// Breaks an own object up into parts.
    fn open(&mut self) {
        if let Some(Tree::Obj(o)) = &self.own {
            let members = o.members().to_vec();
            self.own = None;
            if self.parts.is_empty() {
                let whole = |value| Patch { own: Some(value), parts: Vec::new() };
                self.parts = members.into_iter().map(|(name, value)| (name, whole(value))).collect();
                return;
            }
            for (name, value) in members {
                let part = self.part(&name);
                part.own.get_or_insert(value);
            }
        }
    }

    /// The part for a member, taken out.
    #[must_use]
    pub fn member(&mut self, name: &str) -> Patch {
        self.open();
        match self.parts.iter().position(|(n, _)| n == name) {
            Some(at) => self.parts.remove(at).1,
            None => Patch::default(),
        }
    }

    /// The part for an element, taken out.
    #[must_use]
    pub fn element(&mut self, index: usize) -> Patch {
        if self.parts.is_empty() { Patch::default() } else { self.member(&index.to_string()) }
    }

    /// The names at its top.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let own = self.own.as_ref().and_then(Tree::as_object).map(Object::members).unwrap_or_default();
        own.iter().map(|(name, _)| name.as_str()).chain(self.parts.iter().map(|(name, _)| name.as_str()))
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.own.is_none() && self.parts.iter().all(|(_, p)| p.is_empty())
    }

    /// Whether it reaches into the value rather than giving it whole.
    #[must_use]
    pub fn has_parts(&self) -> bool {
        self.parts.iter().any(|(_, p)| !p.is_empty())
    }

    /// All that is left, as one value.
    pub fn take(&mut self) -> Option<Tree> {
        if let Some(own) = self.own.take() {
            if self.parts.is_empty() {
                return Some(own);
            }
            self.own = Some(own);
            self.open();
        }
        let members = self.rest();
        if members.is_empty() { None } else { Some(Tree::object(members)) }
    }

    /// The members that are left.
    pub fn rest(&mut self) -> Vec<(String, Tree)> {
        self.open();
        std::mem::take(&mut self.parts).into_iter().filter_map(|(name, mut p)| p.take().map(|t| (name, t))).collect()
    }
}
