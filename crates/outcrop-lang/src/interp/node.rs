//! A façade value that is being consumed. Every leaf is taken by the field that carries it; what nobody took at the end
//! is judged by the fates, so that nothing can be lost by forgetting it.

use outcrop_runtime::{Code, Error, Tree};

use super::at;
use crate::ir::Step;

/// A façade value with the path it came from.
#[derive(Debug, Clone)]
pub struct Node {
    /// Path from the root: `messages[2].content[0].text`.
    pub at: String,
    /// Position in the list it came from.
    pub order: usize,
    /// What is left of it.
    pub value: Value,
    /// What it means if it is left over.
    pub rest: Rest,
    /// Whether Converse has text here, so that JSON has to be written as text.
    pub text: bool,
    /// Whether Converse has any JSON here, so that `null` is a value.
    pub json: bool,
    /// Whether it is made from other values, so that it is no part of the value that it is in.
    pub made: bool,
}

/// What is left of a node.
#[derive(Debug, Clone)]
pub enum Value {
    /// Nothing: consumed.
    Taken,
    /// A scalar, an opaque value, or the empty object of an arm.
    Leaf(Tree),
    /// A list.
    List(Vec<Node>),
    /// An object.
    Object(Vec<(String, Node)>),
}

/// What a left-over leaf means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// The fates decide.
    Fates,
    /// The sum of these siblings' values was there: nothing is lost.
    Silent,
    /// It has no place in the other notation: reported as approximated.
    Approximated,
}

impl Node {
    /// A leaf.
    #[must_use]
    pub fn leaf(at: impl Into<String>, tree: Tree) -> Self {
        Self {
            at: at.into(),
            order: 0,
            value: Value::Leaf(tree),
            rest: Rest::Fates,
            text: false,
            json: false,
            made: false,
        }
    }
    /// An object.
    #[must_use]
    pub fn object(at: impl Into<String>, members: Vec<(String, Node)>) -> Self {
        Self {
            at: at.into(),
            order: 0,
            value: Value::Object(members),
            rest: Rest::Fates,
            text: false,
            json: false,
            made: false,
        }
    }
    /// A list.
    #[must_use]
    pub fn list(at: impl Into<String>, items: Vec<Node>) -> Self {
        Self {
            at: at.into(),
            order: 0,
            value: Value::List(items),
            rest: Rest::Fates,
            text: false,
            json: false,
            made: false,
        }
    }

    /// Whether there is anything here: consumed is nothing, and so is `null` where Converse has a type.
    #[must_use]
    pub fn is_present(&self) -> bool {
        match &self.value {
            Value::Taken => false,
            Value::Leaf(Tree::Null) => self.json,
            _ => true,
        }
    }

    /// Whether no leaf is left below.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        match &self.value {
            Value::Taken => true,
            Value::Leaf(_) => false,
            Value::List(items) => items.iter().all(Node::is_spent),
            Value::Object(members) => members.iter().all(|(_, n)| n.is_spent()),
        }
    }

    /// Consumes all that is left and gives it as a tree.
    pub fn take(&mut self) -> Tree {
        let tree = self.whole();
        if let Value::Object(members) = &mut self.value
            && members.iter().any(|(_, n)| n.made)
        {
            members.retain(|(_, n)| n.made);
        } else {
            self.value = Value::Taken;
        }
        tree
    }

    /// What is left, consumed but for what is made from other values.
    fn whole(&mut self) -> Tree {
        if let Value::Object(members) = &mut self.value {
            let there = members.iter_mut().filter(|(_, n)| !n.made && !matches!(n.value, Value::Taken));
            return Tree::object(there.map(|(name, n)| (name.clone(), n.take())).collect());
        }
        match std::mem::replace(&mut self.value, Value::Taken) {
            Value::Taken => Tree::Null,
            Value::Leaf(tree) => tree,
            Value::List(mut items) => Tree::list(items.iter_mut().map(Node::take).collect()),
            Value::Object(_) => Tree::object(Vec::new()),
        }
    }

    /// What is left, without consuming it.
    #[must_use]
    pub fn tree(&self) -> Tree {
        self.clone().take()
    }

    /// Breaks an opaque container up, so that its parts can be consumed one by one.
    pub fn open(&mut self) {
        if !matches!(self.value, Value::Leaf(Tree::Obj(_) | Tree::Arr(_))) {
            return;
        }
        let rest = self.rest;
        self.value = match std::mem::replace(&mut self.value, Value::Taken) {
            Value::Leaf(Tree::Obj(o)) => Value::Object(
                o.into_members()
                    .into_iter()
                    .map(|(name, tree)| {
                        let mut path = self.at.clone();
                        at::member(&mut path, &name);
                        (name, Node { rest, ..Node::leaf(path, tree) })
                    })
                    .collect(),
            ),
            Value::Leaf(Tree::Arr(a)) => Value::List(
                a.into_items()
                    .into_iter()
                    .enumerate()
                    .map(|(order, tree)| Node { order, rest, ..Node::leaf(format!("{}[{order}]", self.at), tree) })
                    .collect(),
            ),
            other => other,
        };
    }

    /// A member that is there, consumed or not.
    pub fn member_mut(&mut self, name: &str) -> Option<&mut Node> {
        self.open();
        match &mut self.value {
            Value::Object(members) => members.iter_mut().find(|(n, _)| n == name).map(|(_, n)| n),
            _ => None,
        }
    }

    /// A member that is there.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Node> {
        match &self.value {
            Value::Object(members) => members.iter().find(|(n, _)| n == name).map(|(_, n)| n),
            _ => None,
        }
    }

    /// Takes a member out, with its node.
    pub fn remove(&mut self, name: &str) -> Option<Node> {
        self.open();
        match &mut self.value {
            Value::Object(members) => {
                let at = members.iter().position(|(n, _)| n == name)?;
                Some(members.remove(at).1)
            }
            _ => None,
        }
    }

    /// Adds a member.
    pub fn insert(&mut self, name: &str, node: Node) {
        if let Value::Object(members) = &mut self.value {
            members.push((name.to_owned(), node));
        }
    }

    /// The elements of a list; none for anything else.
    pub fn items_mut(&mut self) -> Option<&mut Vec<Node>> {
        self.open();
        match &mut self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text of a string leaf.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Leaf(tree) => tree.as_str(),
            _ => None,
        }
    }

    /// The role of a message or turn.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        self.member("role").and_then(Node::as_str)
    }

    /// Whether a member is this text.
    fn picks(&self, member: &str, value: &str) -> bool {
        self.member(member).and_then(Node::as_str) == Some(value)
    }

    /// The node at a path, virtual members made on the way. None if it is absent, consumed or `null`.
    pub fn find(&mut self, path: &[Step]) -> Result<Option<&mut Node>, Error> {
        let mut node = self;
        for step in path {
            match step {
                Step::Member(name) => {
                    super::turns::make_virtual(node, name)?;
                    if node.role().is_some_and(|r| r == name) {
                        if let Some(role) = node.member_mut("role") {
                            role.rest = Rest::Silent;
                        }
                        continue;
                    }
                    match node.member_mut(name) {
                        Some(n) => node = n,
                        None => return Ok(None),
                    }
                }
                Step::Only => {
                    let path = node.at.clone();
                    let Some(items) = node.items_mut() else { return Ok(None) };
                    match items.len() {
                        0 => return Ok(None),
                        1 => {}
                        n => {
                            return Err(Error::new(
                                Code::NotSingle,
                                format!("the format has room for one element and there are {n}; send one"),
                            )
                            .at(path));
                        }
                    }
                    match items.first_mut() {
                        Some(n) => node = n,
                        None => return Ok(None),
                    }
                }
                Step::Pick { member, value } => {
                    let found = node
                        .items_mut()
                        .and_then(|items| items.iter_mut().find(|n| n.picks(member, value) && !n.is_spent()));
                    match found {
                        Some(n) => {
                            if let Some(tag) = n.member_mut(member) {
                                tag.rest = Rest::Silent;
                            }
                            node = n;
                        }
                        None => return Ok(None),
                    }
                }
            }
        }
        Ok(Some(node).filter(|n| !matches!(n.value, Value::Taken)))
    }

    /// Whether something is at a path that has no virtual members.
    #[must_use]
    pub fn has(&self, path: &[Step]) -> bool {
        let Some((step, rest)) = path.split_first() else { return self.is_present() };
        match (step, &self.value) {
            (Step::Member(name), Value::Object(_)) if self.role().is_some_and(|r| r == name) => self.has(rest),
            (Step::Member(name), Value::Object(_)) => self.member(name).is_some_and(|n| n.has(rest)),
            (Step::Pick { member, value }, Value::List(items)) => {
                items.iter().any(|n| n.picks(member, value) && n.has(rest))
            }
            (Step::Only, Value::List(items)) => items.len() == 1 && items.iter().all(|n| n.has(rest)),
            (_, Value::Leaf(Tree::Obj(_) | Tree::Arr(_))) => {
                let mut opened = self.clone();
                opened.open();
                opened.has(path)
            }
            _ => false,
        }
    }

    /// The path of the first member: the arm of a block.
    pub(crate) fn first_member(&self) -> String {
        match &self.value {
            Value::Object(members) => members.first().map_or(&self.at, |(_, n)| &n.at).clone(),
            _ => self.at.clone(),
        }
    }

    /// The value at a path.
    #[must_use]
    pub fn value_at(&self, path: &[Step]) -> Option<Tree> {
        let mut copy = self.clone();
        copy.find(path).ok().flatten().map(|n| n.tree())
    }

    /// The elements of the list at a path.
    #[must_use]
    pub fn list_at(&self, path: &[Step]) -> Option<Vec<Node>> {
        let mut copy = self.clone();
        copy.find(path).ok().flatten().and_then(|n| n.items_mut().map(std::mem::take))
    }
}
