//! Additional fields: native members that Converse has no name for.
//!
//! Decoding collects them in [`Extras`]; encoding walks them as a [`Patch`] beside the native value it builds. Members
//! reached through objects only keep their nested names; a member inside a list goes by a JSON pointer from the root.

use std::collections::BTreeMap;

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
        self.put_at(at, Key::Member(name.to_owned()), value);
    }

    /// Keeps an element of the list at `at`.
    pub fn put_element(&mut self, at: &At<'_>, index: usize, value: Tree) {
        self.put_at(at, Key::Index(index), value);
    }

    fn put_at(&mut self, at: &At<'_>, key: Key, value: Tree) {
        let mut keys = at.keys().split_off(self.base);
        keys.push(key);
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

/// A step of a pointer.
fn step(name: &str) -> String {
    pointer(&[Key::Member(name.to_owned())])
}

/// Additional fields while encoding, at one native place.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    own: Option<Tree>,
    /// Whether a pointer leads through here.
    by_pointer: bool,
    /// By member name or index, with the order in which they came.
    parts: BTreeMap<String, (usize, Patch)>,
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
            let fits = match name.strip_prefix('/') {
                None => root.part(&name).merge(value),
                Some(rest) => {
                    let keys = rest.split('/').map(|key| key.replace("~1", "/").replace("~0", "~"));
                    let mut place = &mut root;
                    for key in keys {
                        place.by_pointer = true;
                        place = place.part(&key);
                    }
                    place.merge(value)
                }
            };
            if !fits {
                return Err(Error::new(
                    Code::ConflictingField,
                    format!("`{name}` and another member give two values for one place; give one"),
                )
                .at(path));
            }
        }
        Ok(root)
    }

    /// Adds a value; whether there is room for it.
    fn merge(&mut self, value: Tree) -> bool {
        if self.is_empty() {
            self.own = Some(value);
            return true;
        }
        match value {
            Tree::Obj(o) => {
                self.open();
                self.own.is_none() && o.into_members().into_iter().all(|(name, value)| self.part(&name).merge(value))
            }
            _ => false,
        }
    }

    /// The part for a member or element, made if it is not there.
    fn part(&mut self, key: &str) -> &mut Patch {
        self.open();
        let order = self.parts.len();
        &mut self.parts.entry(key.to_owned()).or_insert_with(|| (order, Patch::default())).1
    }

    /// Breaks an own object up into parts.
    fn open(&mut self) {
        if let Some(Tree::Obj(o)) = self.own.take_if(|own| matches!(own, Tree::Obj(_))) {
            for (name, value) in o.into_members() {
                let order = self.parts.len();
                self.parts.entry(name).or_insert((order, Patch { own: Some(value), ..Patch::default() }));
            }
        }
    }

    /// The part for a member, taken out.
    #[must_use]
    pub fn member(&mut self, name: &str) -> Patch {
        self.open();
        self.parts.remove(name).map(|(_, part)| part).unwrap_or_default()
    }

    /// A patch whose first element is another.
    #[must_use]
    pub(crate) fn of_element(element: Patch) -> Patch {
        let mut whole = Patch::default();
        if !element.is_empty() {
            whole.parts.insert("0".to_owned(), (0, element));
        }
        whole
    }

    /// The parts for some members, taken out.
    #[must_use]
    pub(crate) fn split<'n>(&mut self, names: impl Iterator<Item = &'n str>) -> Patch {
        let mut apart = Patch::default();
        if !self.is_empty() {
            for name in names {
                let part = self.member(name);
                if !part.is_empty() {
                    apart.parts.insert(name.to_owned(), (apart.parts.len(), part));
                }
            }
        }
        apart
    }

    /// The part for an element, taken out.
    #[must_use]
    pub fn element(&mut self, index: usize) -> Patch {
        if self.parts.is_empty() { Patch::default() } else { self.member(&index.to_string()) }
    }

    /// The names at its top.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let own = self.own.as_ref().and_then(Tree::as_object).map(Object::members).unwrap_or_default();
        own.iter().map(|(name, _)| name.as_str()).chain(self.parts.keys().map(std::string::String::as_str))
    }

    /// The elements behind the first that are given whole, taken out.
    pub(crate) fn further(&mut self) -> Vec<Tree> {
        let mut found = Vec::new();
        while let Some((_, part)) =
            self.parts.get(&(found.len() + 1).to_string()).filter(|(_, part)| part.own.is_some())
            && let Some(element) = part.own.clone()
        {
            self.parts.remove(&(found.len() + 1).to_string());
            found.push(element);
        }
        found
    }

    /// The additional fields that give the member of this name: itself, or the pointers that lead through it.
    #[must_use]
    pub fn spelt(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        match self.parts.get(name) {
            Some((_, part)) if part.by_pointer => part.pointers(&step(name), &mut found),
            _ => found.push(name.to_owned()),
        }
        found
    }

    fn pointers(&self, path: &str, found: &mut Vec<String>) {
        for (name, (_, part)) in &self.parts {
            let path = format!("{path}{}", step(name));
            if part.by_pointer { part.pointers(&path, found) } else { found.push(path) }
        }
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.own.is_none() && !self.has_parts()
    }

    /// The value as a whole, if it is given so.
    #[must_use]
    pub fn own(&self) -> Option<&Tree> {
        self.own.as_ref()
    }

    /// Whether it reaches into the value rather than giving it whole.
    #[must_use]
    pub fn has_parts(&self) -> bool {
        self.parts.values().any(|(_, part)| !part.is_empty())
    }

    /// Whether a pointer is left that leads to an element: there is no list that has it.
    #[must_use]
    pub fn dangles(&self) -> bool {
        let is_index = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit());
        self.by_pointer && self.parts.iter().any(|(name, (_, part))| is_index(name) && !part.is_empty())
            || self.parts.values().any(|(_, part)| part.dangles())
    }

    /// All that is left, as one value.
    pub fn take(&mut self) -> Option<Tree> {
        if self.parts.is_empty() {
            return self.own.take();
        }
        let members = self.rest();
        if members.is_empty() { None } else { Some(Tree::object(members)) }
    }

    /// The members that are left, in the order in which they came.
    pub fn rest(&mut self) -> Vec<(String, Tree)> {
        self.open();
        let mut parts: Vec<_> = std::mem::take(&mut self.parts).into_iter().collect();
        parts.sort_by_key(|(_, (order, _))| *order);
        parts.into_iter().filter_map(|(name, (_, mut part))| part.take().map(|tree| (name, tree))).collect()
    }
}
