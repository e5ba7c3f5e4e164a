//! Tool calls and their results: the virtual member `call` of a result, and ids that are not on the wire.

use std::collections::BTreeMap;

use outcrop_runtime::answers::{self, Answers, Repeats};
use outcrop_runtime::tree::Object;
use outcrop_runtime::{Code, Error, Fate, Tree};

use super::Cx;
use super::node::{Node, Rest, Value};
use crate::ir::ToolIds;

/// The id of the tool call at a position in a body.
fn positional(n: usize) -> String {
    format!("call_{n}")
}

impl Cx<'_> {
    /// Before encoding a request: gives every result a copy of the call it answers, and takes ids that are not on the wire.
    pub(crate) fn link_calls(&mut self, root: &mut Node) -> Result<(), Error> {
        let positional_ids = self.family.tool_ids == ToolIds::Positional;
        let mut calls: Vec<Node> = Vec::new();
        let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
        let mut answers = Answers::new(self.repeats);
        let messages: &mut [Node] = match root.member_mut("messages").and_then(Node::items_mut) {
            Some(items) => items,
            None => match root.member_mut("output").and_then(|o| o.member_mut("message")) {
                Some(message) => std::slice::from_mut(message),
                None => return Ok(()),
            },
        };
        for message in messages {
            let Some(blocks) = message.member_mut("content").and_then(Node::items_mut) else { continue };
            for block in blocks {
                if let Some(call) = block.member_mut("toolUse").filter(|n| matches!(n.value, Value::Object(_))) {
                    let name = positional(calls.len());
                    if let Some(id) = call.member_mut("toolUseId") {
                        let text = id.as_str().unwrap_or_default().to_owned();
                        if positional_ids {
                            if text != name {
                                let why = format!("the format has no call ids; it reads back as `{name}`");
                                self.lose(Fate::Renamed, &id.at, &why);
                            }
                            id.value = Value::Taken;
                        }
                        by_id.insert(text, calls.len());
                        if positional_ids || self.repeats.any() {
                            answers.call(&call.tree());
                            calls.push(call.clone());
                        } else {
                            calls.push(Node::leaf(String::new(), Tree::Null));
                        }
                    }
                }
                if let Some(result) = block.member_mut("toolResult").filter(|n| matches!(n.value, Value::Object(_))) {
                    self.link_result(result, &calls, &by_id, &mut answers)?;
                }
            }
        }
        Ok(())
    }

    fn link_result(
        &mut self,
        result: &mut Node,
        calls: &[Node],
        by_id: &BTreeMap<String, usize>,
        answers: &mut Answers,
    ) -> Result<(), Error> {
        let Some(id) = result.member_mut("toolUseId") else { return Ok(()) };
        let text = id.as_str().unwrap_or_default();
        let Some(at) = by_id.get(text).copied() else {
            if self.repeats.any() || self.family.tool_ids == ToolIds::Positional {
                return Err(Error::new(
                    Code::UnknownCall,
                    format!("no earlier tool call has the id `{text}`; send the call before its result"),
                )
                .at(id.at.clone()));
            }
            return Ok(());
        };
        if self.family.tool_ids == ToolIds::Positional {
            let call = calls.get(at).map(Node::tree).unwrap_or_default();
            let found = answers.answered(&call).unwrap_or(at);
            let name = positional(found);
            let path = id.at.clone();
            if calls.get(found).is_some_and(|found| !Repeats::are_same(&found.tree(), &call)) {
                self.lose(Fate::Approximated, &path, &self.repeats.confused(&name));
            } else if text != name {
                let why = format!("the format has no call ids; it reads back as `{name}`");
                self.lose(Fate::Renamed, &path, &why);
            }
            id.value = Value::Taken;
        }
        if self.repeats.any()
            && let Some(call) = calls.get(at)
        {
            let mut call = call.clone();
            silence(&mut call);
            result.insert("call", call);
        }
        Ok(())
    }

    /// After decoding: makes ids that are not on the wire, and pairs results with the calls they repeat. A call that is in
    /// no earlier turn gets a turn of its own before the result's.
    ///
    /// Gives whether there are such turns: then additional fields that lead into turns have lost their places.
    pub(crate) fn settle_calls(&mut self, root: &mut Tree) -> bool {
        if self.family.tool_ids != ToolIds::Positional {
            return false;
        }
        let Tree::Obj(root) = root else { return false };
        let mut known = Known::new(self.repeats);
        if let Some(message) = message_of(root) {
            known.message(message);
            if !std::mem::take(&mut known.made).is_empty() {
                self.lose(Fate::Synthesised, "output.message", answers::MADE_UP);
            }
        }
        let Some(Tree::Arr(messages)) = root.get_mut("messages") else { return false };
        let mut all: Vec<Tree> = Vec::new();
        let messages_before = messages.items().len();
        for (index, mut message) in std::mem::take(messages.items_mut()).into_iter().enumerate() {
            known.message(&mut message);
            let made = std::mem::take(&mut known.made);
            if !made.is_empty() {
                self.lose(Fate::Synthesised, &format!("messages[{index}]"), answers::MADE_UP);
                let role = ("role".to_owned(), Tree::str("assistant"));
                all.push(Tree::object(vec![role, ("content".to_owned(), Tree::list(made))]));
            }
            all.push(message);
        }
        let moved = all.len() > messages_before;
        *messages.items_mut() = all;
        moved
    }

    /// Takes additional fields that lead into turns, whose positions are those of others now.
    pub(crate) fn displace(&mut self, extras: &mut Tree) {
        let Tree::Obj(extras) = extras else { return };
        let lists = self.family.turn_lists();
        let lists: Vec<&str> = lists.iter().map(String::as_str).collect();
        for place in answers::displaced(extras, &lists) {
            self.lose(Fate::Dropped, &place, answers::DISPLACED);
        }
    }
}

/// The calls of a decoded conversation so far.
struct Known {
    repeats: Repeats,
    answers: Answers,
    ids: Vec<Tree>,
    /// Blocks of calls that only a result of this message mentions.
    made: Vec<Tree>,
}

impl Known {
    fn new(repeats: Repeats) -> Self {
        Self { repeats, answers: Answers::new(repeats), ids: Vec::new(), made: Vec::new() }
    }

    fn message(&mut self, message: &mut Tree) {
        let Tree::Obj(message) = message else { return };
        let Some(Tree::Arr(blocks)) = message.get_mut("content") else { return };
        for block in blocks.items_mut() {
            let Tree::Obj(block) = block else { continue };
            if let Some(Tree::Obj(call)) = block.get_mut("toolUse") {
                self.name(call);
            }
            let Some(Tree::Obj(result)) = block.get_mut("toolResult") else { continue };
            let id = match result.remove("call") {
                Some(copy) => self.answered(copy),
                None if self.repeats.any() => continue,
                None => match self.answers.answered(&Tree::Null).and_then(|at| self.ids.get(at)) {
                    Some(id) => id.clone(),
                    None => continue,
                },
            };
            result.members_mut().insert(0, ("toolUseId".to_owned(), id));
        }
    }

    /// Takes note of a call and gives it an id if it has none.
    fn name(&mut self, call: &mut Object) -> Tree {
        let at = self.answers.call(&Tree::Obj(call.clone()));
        if call.get("toolUseId").is_none() {
            call.members_mut().insert(0, ("toolUseId".to_owned(), Tree::str(positional(at))));
        }
        let id = call.get("toolUseId").cloned().unwrap_or_default();
        self.ids.push(id.clone());
        id
    }

    /// The id of the call that a result answers; it is made if there is none.
    fn answered(&mut self, mut copy: Tree) -> Tree {
        if let Some(at) = self.answers.answered(&copy) {
            return self.ids.get(at).cloned().unwrap_or_default();
        }
        let id = match &mut copy {
            Tree::Obj(call) => {
                if call.get("input").is_none() {
                    call.set("input", Tree::object(Vec::new()));
                }
                self.name(call)
            }
            _ => Tree::Null,
        };
        self.answers.answered(&copy);
        self.made.push(Tree::arm("toolUse", copy));
        id
    }
}

fn message_of(root: &mut Object) -> Option<&mut Tree> {
    match root.get_mut("output") {
        Some(Tree::Obj(output)) => output.get_mut("message"),
        _ => None,
    }
}

/// A copy that nobody misses if it is left over.
fn silence(node: &mut Node) {
    node.rest = Rest::Silent;
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(silence),
        Value::Object(members) => members.iter_mut().for_each(|(_, n)| silence(n)),
        _ => {}
    }
}
