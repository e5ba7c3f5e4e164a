//! The order-free form of a conversation: what a format may rearrange without losing anything.

use outcrop_lang::ir::Grammar;
use outcrop_runtime::tree::Tree;

/// Merges neighbouring messages of one role, leaves out texts of no length and empty containers that say nothing, and sorts the blocks of each
/// message by arm (stable, so that blocks of one arm keep their order).
#[must_use]
pub fn conversation(tree: &Tree) -> Tree {
    let plain = plain(tree);
    let Tree::Obj(object) = &plain else { return plain };
    let mut members = Vec::new();
    for (name, value) in object.members() {
        let value = match (name.as_str(), value) {
            ("messages", Tree::Arr(list)) => messages(list.items()),
            ("system", Tree::Arr(list)) => texts_joined(list.items()),
            (_, value) => value.clone(),
        };
        if !says_nothing(&value) {
            members.push((name.clone(), value));
        }
    }
    Tree::object(members)
}

/// A conversation as it reads back where instructions have no turn of their own: at the head of what the user says.
#[must_use]
pub fn with_instructions_where_they_go(grammar: &Grammar, converse: &Tree) -> Tree {
    let system = grammar.turns.iter().find(|turn| turn.role == "system");
    let Some(joint) = system.filter(|turn| turn.into.is_some()).map(|turn| turn.close.as_str()) else {
        return converse.clone();
    };
    let mut whole = converse.clone();
    let Tree::Obj(members) = &mut whole else { return whole };
    let system = members.remove("system");
    let blocks = system.as_ref().and_then(Tree::as_list).unwrap_or_default();
    let text: String = blocks.iter().filter_map(|block| block.get("text").and_then(Tree::as_str)).collect();
    let Some(Tree::Arr(messages)) = members.get_mut("messages").filter(|_| !text.is_empty()) else { return whole };
    let first = messages.items().first().filter(|m| m.get("role").and_then(Tree::as_str) == Some("user"));
    let own = first.and_then(|m| m.get("content")).and_then(Tree::as_list).map(<[Tree]>::to_vec);
    let is_joined = own.is_some();
    let head = Tree::arm("text", Tree::Str(if is_joined { format!("{text}{joint}") } else { text }));
    let content = std::iter::once(head).chain(own.unwrap_or_default()).collect();
    let user = Tree::object(vec![("role".to_owned(), Tree::str("user")), ("content".to_owned(), Tree::list(content))]);
    match messages.items_mut().first_mut().filter(|_| is_joined) {
        Some(first) => *first = user,
        None => messages.items_mut().insert(0, user),
    }
    whole
}

/// A conversation without messages of nothing but white space.
#[must_use]
pub fn trimmed(tree: &Tree) -> Tree {
    let says = |block: &Tree| block.get("text").and_then(Tree::as_str).is_none_or(|t| !t.trim().is_empty());
    let Tree::Obj(object) = tree else { return tree.clone() };
    let mut members = Vec::new();
    for (name, value) in object.members() {
        let items = value.as_list().unwrap_or_default();
        let kept: Vec<Tree> = match name.as_str() {
            "system" => items.iter().filter(|b| says(b)).cloned().collect(),
            _ => items
                .iter()
                .filter(|m| m.get("content").and_then(Tree::as_list).is_some_and(|c| c.iter().any(says)))
                .cloned()
                .collect(),
        };
        if !kept.is_empty() {
            members.push((name.clone(), Tree::list(kept)));
        }
    }
    conversation(&Tree::object(members))
}

/// Without members that say nothing, at any depth.
fn plain(tree: &Tree) -> Tree {
    match tree {
        Tree::Arr(a) => Tree::list(a.items().iter().map(plain).collect()),
        Tree::Obj(o) => {
            let said = o.members().iter().filter(|(_, v)| !says_nothing(v));
            Tree::object(said.map(|(name, v)| (name.clone(), plain(v))).collect())
        }
        leaf => leaf.clone(),
    }
}

fn says_nothing(tree: &Tree) -> bool {
    match tree {
        Tree::Null => true,
        Tree::Arr(a) => a.items().is_empty(),
        Tree::Obj(o) => o.members().iter().all(|(_, v)| says_nothing(v)),
        _ => false,
    }
}

fn messages(items: &[Tree]) -> Tree {
    let mut out: Vec<(Tree, Vec<Tree>)> = Vec::new();
    for message in items {
        let role = message.get("role").cloned().unwrap_or_default();
        let content = message.get("content").and_then(Tree::as_list).unwrap_or_default();
        match out.last_mut() {
            Some((last, blocks)) if *last == role => blocks.extend_from_slice(content),
            _ => out.push((role, content.to_vec())),
        }
    }
    let message = |(role, mut blocks): (Tree, Vec<Tree>)| {
        blocks.sort_by_key(arm);
        Tree::object(vec![("role".to_owned(), role), ("content".to_owned(), texts_joined(&blocks))])
    };
    Tree::list(out.into_iter().map(message).collect())
}

fn arm(block: &Tree) -> String {
    block.as_object().and_then(|o| o.members().first()).map(|(n, _)| n.clone()).unwrap_or_default()
}

/// Reasoning of no length.
fn thinks_nothing(block: &Tree) -> bool {
    let text = block.get("reasoningContent").and_then(|r| r.get("reasoningText"));
    text.and_then(Tree::as_object).is_some_and(|t| t.len() == 1 && t.get("text").and_then(Tree::as_str) == Some(""))
}

/// Neighbouring text blocks as one, none of them empty.
fn texts_joined(blocks: &[Tree]) -> Tree {
    let mut out: Vec<Tree> = Vec::new();
    for block in blocks {
        let text = block.get("text").and_then(Tree::as_str);
        match (text, out.last_mut()) {
            (Some(""), _) => {}
            (None, _) if thinks_nothing(block) => {}
            (Some(text), Some(last)) if last.get("text").is_some() => {
                let joined = format!("{}{text}", last.get("text").and_then(Tree::as_str).unwrap_or_default());
                *last = Tree::arm("text", Tree::str(joined));
            }
            _ => out.push(block.clone()),
        }
    }
    Tree::list(out)
}
