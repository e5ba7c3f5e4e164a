//! Where in a native body the interpreter is: a linked list on the stack, rendered only for errors and extras.

/// A place in a native value.
#[derive(Debug, Clone, Copy)]
pub enum At<'a> {
    /// The whole body.
    Root,
    /// A member.
    Member(&'a At<'a>, &'a str),
    /// An element.
    Index(&'a At<'a>, usize),
    /// A value that stands where lists of it stand elsewhere: its only element is the place itself.
    One(&'a At<'a>),
}

/// A step from the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Into an object.
    Member(String),
    /// Into a list.
    Index(usize),
}

impl At<'_> {
    /// The member `name` of this place.
    #[must_use]
    pub fn member<'a>(&'a self, name: &'a str) -> At<'a> {
        At::Member(self, name)
    }
    /// The element at `index` of this place.
    #[must_use]
    pub fn index(&self, index: usize) -> At<'_> {
        match self {
            At::One(place) => **place,
            _ => At::Index(self, index),
        }
    }
    /// The steps from the root.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::new();
        let mut at = self;
        loop {
            match at {
                At::Root => break,
                At::Member(up, name) => {
                    keys.push(Key::Member((*name).to_owned()));
                    at = up;
                }
                At::One(place) => at = place,
                At::Index(up, index) => {
                    keys.push(Key::Index(*index));
                    at = up;
                }
            }
        }
        keys.reverse();
        keys
    }
    /// The path as users see it: `choices[0].message`.
    #[must_use]
    pub fn path(&self) -> String {
        let mut out = String::new();
        for key in self.keys() {
            match key {
                Key::Member(name) => member(&mut out, &name),
                Key::Index(index) => {
                    out.push('[');
                    out.push_str(&index.to_string());
                    out.push(']');
                }
            }
        }
        out
    }
}

/// Appends a member step to a path.
pub(crate) fn member(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}
