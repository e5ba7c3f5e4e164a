//! Façade views that are not plain members: the whole conversation as turns, its last turn and the rest.
//!
//! A turn is a message whose role may also be `system`; the arm of a turn is its role.

use outcrop_runtime::{Code, Error, Fate, Tree};

use super::node::{Node, Rest, Value};
use super::{Cx, schemas};

/// Makes the virtual member `name` of a node if it is one.
pub(crate) fn make_virtual(node: &mut Node, name: &str) -> Result<(), Error> {
    match (name, &node.value) {
        ("turns", Value::Object(_)) if node.member("turns").is_none() => turns(node),
        ("last" | "rest", Value::List(_)) => return split(node),
        ("properties", Value::Leaf(Tree::Obj(_)) | Value::Object(_)) => schemas::open(node),
        // A list is no schema of an object. It is one value, so that an empty one is not lost without a word.
        ("properties", Value::Leaf(Tree::Arr(_))) => node.value = Value::Leaf(Tree::Bool(true)),
        _ => {}
    }
    Ok(())
}

fn turns(request: &mut Node) {
    let mut system = request.remove("system").unwrap_or_else(|| Node::list("system", Vec::new()));
    let mut messages = request.remove("messages");
    let mut rest = messages.as_mut().and_then(Node::items_mut).map(std::mem::take).unwrap_or_default();
    // Messages of the system at the head read back as instructions, so they are.
    let heads = rest.iter().take_while(|m| m.role() == Some("system")).count();
    for mut head in rest.drain(..heads) {
        let blocks = head.member_mut("content").and_then(Node::items_mut).map(std::mem::take).unwrap_or_default();
        if let Some(items) = system.items_mut() {
            items.extend(blocks);
        }
    }
    // An empty text is no block, and without blocks there is no turn.
    if let Some(items) = system.items_mut() {
        items.retain(|block| block.member("text").and_then(Node::as_str) != Some(""));
        items.iter_mut().enumerate().for_each(|(order, block)| block.order = order);
    }
    let mut turns = Vec::new();
    if system.items_mut().is_some_and(|items| !items.is_empty()) {
        let role = Node { rest: Rest::Silent, ..Node::leaf("system", Tree::str("system")) };
        turns.push(Node::object("system", vec![("role".to_owned(), role), ("content".to_owned(), system)]));
    }
    turns.extend(rest);
    for (order, turn) in turns.iter_mut().enumerate() {
        turn.order = order;
    }
    request.insert("turns", Node::list("messages", turns));
}

fn split(messages: &mut Node) -> Result<(), Error> {
    let Value::List(items) = &mut messages.value else { return Ok(()) };
    let Some(mut last) = items.pop() else { return Ok(()) };
    if last.role() != Some("user") {
        return Err(Error::new(
            Code::TurnOrder,
            "the format ends with the user's turn; end the conversation with a user message",
        )
        .at(last.at));
    }
    if let Some(role) = last.member_mut("role") {
        role.rest = Rest::Silent;
    }
    let mut parts = vec![("last".to_owned(), last)];
    if !items.is_empty() {
        parts.push(("rest".to_owned(), Node::list(messages.at.clone(), std::mem::take(items))));
    }
    messages.value = Value::Object(parts);
    Ok(())
}

impl Cx<'_> {
    /// Before encoding a request: a message of the system at the head reads back as instructions.
    pub(crate) fn announce_turns(&mut self, request: &mut Node) -> Result<(), Error> {
        if !self.uses_turns {
            return Ok(());
        }
        let has_system = request.member_mut("system").and_then(Node::items_mut).is_some_and(|s| !s.is_empty());
        let blocks = self.family.facade.types.get("SystemContentBlock").map(|t| t.members.as_slice());
        let (mut heads, mut strange) = (Vec::new(), Vec::new());
        for head in request.member_mut("messages").and_then(Node::items_mut).into_iter().flatten() {
            if head.role() != Some("system") {
                break;
            }
            if let Some(content) = head.member_mut("content").and_then(Node::items_mut) {
                // Instructions have fewer kinds of blocks.
                let fits = |block: &Node| match &block.value {
                    Value::Object(arms) => {
                        arms.iter().all(|(name, _)| blocks.iter().copied().flatten().any(|b| b.name == *name))
                    }
                    _ => true,
                };
                let (fit, others) = std::mem::take(content).into_iter().partition(fits);
                *content = fit;
                strange.extend::<Vec<Node>>(others);
            }
            let Value::Object(members) = &head.value else { continue };
            let others = members.iter().filter(|(name, n)| name != "role" && name != "content" && n.is_present());
            heads.push((head.at.clone(), others.map(|(_, other)| other.at.clone()).collect::<Vec<_>>()));
        }
        for (i, (place, others)) in heads.iter().enumerate() {
            if i == 0 {
                let why = if has_system { "it reads back as part of `system`" } else { "it reads back as `system`" };
                self.lose(Fate::Approximated, place, why);
            }
            for other in others {
                self.lose(Fate::Dropped, other, "instructions have no place for it");
            }
        }
        strange.iter_mut().try_for_each(|block| self.judge(block))
    }

    /// Turns the virtual members of a decoded request into plain ones.
    pub(crate) fn settle_turns(&mut self, request: &mut Tree) {
        let Tree::Obj(o) = request else { return };
        if let Some(Tree::Arr(turns)) = o.remove("turns") {
            let mut system = Vec::new();
            let mut systems = 0;
            let mut messages = Vec::new();
            for turn in turns.into_items() {
                if messages.is_empty() && turn.get("role").and_then(Tree::as_str) == Some("system") {
                    systems += 1;
                    let blocks = content(turn);
                    if blocks.is_empty() {
                        self.lose(Fate::Approximated, "messages", "an empty turn of the system says nothing");
                    }
                    system.extend(blocks);
                } else {
                    messages.push(turn);
                }
            }
            if systems > 1 {
                self.lose(Fate::Approximated, "messages", "several leading system turns become one");
            }
            if systems > 0 {
                o.set("system", Tree::list(system));
            }
            o.set("messages", Tree::list(messages));
        }
        if let Some(Tree::Obj(parts)) = o.get_mut("messages") {
            let mut all = match parts.remove("rest") {
                Some(Tree::Arr(rest)) => rest.into_items(),
                _ => Vec::new(),
            };
            let last = match parts.remove("last") {
                Some(Tree::Obj(mut last)) => {
                    let mut inner = match last.remove("user") {
                        Some(Tree::Obj(inner)) => inner,
                        _ => last,
                    };
                    inner.set("role", Tree::str("user"));
                    Some(Tree::Obj(inner))
                }
                _ => None,
            };
            if last.is_none() && !all.is_empty() {
                self.lose(Fate::Approximated, "messages", "without a last turn of the user the one before becomes it");
            }
            all.extend(last);
            o.set("messages", Tree::list(all));
        }
    }
}

fn content(turn: Tree) -> Vec<Tree> {
    match turn {
        Tree::Obj(mut o) => match o.remove("content") {
            Some(Tree::Arr(a)) => a.into_items(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
