//! Where a translation stands: a list of steps on the program's own stack, rendered only when something is said about it.

use std::fmt;

use crate::Place;

/// A place, as the steps that lead to it. Making one costs nothing; nothing has to be undone on the way back.
#[derive(Debug, Clone, Copy)]
pub struct At<'p> {
    up: Option<&'p At<'p>>,
    step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    Root,
    Key(&'p str),
    Index(usize),
}

impl<'p> At<'p> {
    /// The whole value.
    pub const ROOT: At<'static> = At { up: None, step: Step::Root };

    /// The member `name` of the value here; an empty name stays here.
    #[inline]
    #[must_use]
    pub fn key<'q>(&'q self, name: &'q str) -> At<'q>
    where
        'p: 'q,
    {
        At { up: Some(self), step: Step::Key(name) }
    }

    /// The element `index` of the list here.
    #[inline]
    #[must_use]
    pub fn index<'q>(&'q self, index: usize) -> At<'q>
    where
        'p: 'q,
    {
        At { up: Some(self), step: Step::Index(index) }
    }

    /// The name, if this is a member of the whole value.
    #[inline]
    #[must_use]
    pub fn only_key(&self) -> Option<&'p str> {
        match (self.step, self.up) {
            (Step::Key(name), Some(up)) if up.up.is_none() && !name.is_empty() => Some(name),
            _ => None,
        }
    }

    /// Whether this is the whole value.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.up.is_none()
    }

    /// Calls `f` with each step from the root: a name, or none and an index.
    pub fn walk(&self, f: &mut dyn FnMut(Option<&str>, usize)) {
        if let Some(up) = self.up {
            up.walk(f);
        }
        match self.step {
            Step::Root | Step::Key("") => {}
            Step::Key(name) => f(Some(name), 0),
            Step::Index(index) => f(None, index),
        }
    }

    /// The steps as a JSON pointer, escaped (`/messages/0/name`).
    #[must_use]
    pub fn pointer(&self) -> String {
        let mut out = String::new();
        self.walk(&mut |name, index| {
            out.push('/');
            match name {
                Some(name) => out.push_str(&name.replace('~', "~0").replace('/', "~1")),
                None => out.push_str(&index.to_string()),
            }
        });
        out
    }

    /// Whether any step is a list element.
    #[must_use]
    pub fn in_list(&self) -> bool {
        matches!(self.step, Step::Index(_)) || self.up.is_some_and(At::in_list)
    }
}

impl At<'_> {
    /// The steps as a path (`messages[0].name`).
    #[must_use]
    pub fn path(&self) -> String {
        self.place().into()
    }

    /// As [`Self::path`], for a report.
    #[must_use]
    pub fn place(&self) -> Place {
        let (mut out, mut first) = (Place::default(), true);
        self.walk(&mut |name, index| {
            match name {
                Some(name) if first => out.push_str(name),
                Some(name) => {
                    out.push('.');
                    out.push_str(name);
                }
                None => {
                    out.push('[');
                    out.push_str(itoa::Buffer::new().format(index));
                    out.push(']');
                }
            }
            first = false;
        });
        out
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place())
    }
}

#[cfg(test)]
mod tests {
    use super::At;

    #[test]
    fn a_place_renders_as_a_path_and_as_a_pointer() {
        let messages = At::ROOT.key("messages");
        let second = messages.index(1);
        let name = second.key("a/b");
        assert_eq!(name.to_string(), "messages[1].a/b");
        assert_eq!(name.pointer(), "/messages/1/a~1b");
        assert_eq!(At::ROOT.to_string(), "");
        assert!(name.in_list() && !messages.in_list());
    }
}
