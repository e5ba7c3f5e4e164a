//! Tool calls and their results: ids that are not on the wire, and results that repeat the call that they answer, or a part of
//! it. Such formats are rare, so this works on trees.

use std::collections::BTreeMap;

use super::{At, Decode, lose};
use crate::answers::{self, Answers, Repeats};
use crate::json::{Arena, Cursor, Fault, Result as JsonResult, Value};
use crate::tree::Object;
use crate::{Code, Error, Fate, Report, Tree};

/// Where the additional fields of a request are.
const EXTRAS: &str = "additionalModelRequestFields";

fn positional(n: usize) -> String {
    format!("call_{n}")
}

fn messages(root: &mut Tree) -> &mut [Tree] {
    let Tree::Obj(root) = root else { return &mut [] };
    if root.get("messages").is_some() {
        return match root.get_mut("messages") {
            Some(Tree::Arr(all)) => all.items_mut(),
            _ => &mut [],
        };
    }
    match root.get_mut("output") {
        Some(Tree::Obj(output)) => output.get_mut("message").map_or(&mut [], std::slice::from_mut),
        _ => &mut [],
    }
}

fn blocks(message: &mut Tree) -> &mut [Tree] {
    match message {
        Tree::Obj(message) => match message.get_mut("content") {
            Some(Tree::Arr(blocks)) => blocks.items_mut(),
            _ => &mut [],
        },
        _ => &mut [],
    }
}

fn arm<'t>(block: &'t mut Tree, name: &str) -> Option<&'t mut Object> {
    match block {
        Tree::Obj(block) => match block.get_mut(name) {
            Some(Tree::Obj(payload)) => Some(payload),
            _ => None,
        },
        _ => None,
    }
}

/// The value with a copy of the call in each result that answers it, as `call`. `hidden`: ids are not on the wire;
/// `repeats`: what results say of it. What reads back under another id, or as the answer to another call, is reported.
pub fn link_calls<'v>(
    value: &impl Value<'v>,
    hidden: bool,
    repeats: Repeats,
    report: &mut Report,
) -> Result<Vec<u8>, Error> {
    let repeated = repeats.any();
    let mut root = Tree::parse(&value.to_json())?;
    let front = if root.get("messages").is_some() { "messages" } else { "output.message" };
    let listed = front == "messages";
    let mut calls: Vec<Tree> = Vec::new();
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    let mut answers = Answers::new(repeats);
    for (i, message) in messages(&mut root).iter_mut().enumerate() {
        let place = if listed { format!("{front}[{i}]") } else { front.to_owned() };
        for (j, block) in blocks(message).iter_mut().enumerate() {
            if let Some(call) = arm(block, "toolUse") {
                let id = call.get("toolUseId").and_then(Tree::as_str).unwrap_or_default().to_owned();
                let name = positional(calls.len());
                if hidden && id != name {
                    let why = format!("the format has no call ids; it reads back as `{name}`");
                    lose(report, Fate::Renamed, format!("{place}.content[{j}].toolUse.toolUseId"), why);
                }
                by_id.insert(id, calls.len());
                let call = Tree::Obj(call.clone());
                answers.call(&call);
                calls.push(call);
            }
            let Some(result) = arm(block, "toolResult") else { continue };
            let path = format!("{place}.content[{j}].toolResult.toolUseId");
            let id = result.get("toolUseId").and_then(Tree::as_str).unwrap_or_default();
            let Some((n, call)) = by_id.get(id).and_then(|n| Some((*n, calls.get(*n)?))) else {
                if repeated || hidden {
                    let why = format!("no earlier tool call has the id `{id}`; send the call before its result");
                    return Err(Error::new(Code::UnknownCall, why).at(path));
                }
                continue;
            };
            let found = if hidden { answers.answered(call).unwrap_or(n) } else { n };
            let name = positional(found);
            if calls.get(found).is_some_and(|found| !Repeats::are_same(found, call)) {
                lose(report, Fate::Approximated, path, repeats.confused(&name));
            } else if hidden && id != name {
                let why = format!("the format has no call ids; it reads back as `{name}`");
                lose(report, Fate::Renamed, path, why);
            }
            if repeated {
                result.set("call", call.clone());
            }
        }
    }
    Ok(root.to_string().into_bytes())
}

/// A member that only the format's view of a value has.
pub fn read_back<'a, T: Value<'a>>(text: &'a str, arena: &'a Arena, at: &At<'_>) -> Result<T, Error> {
    let mut c = Cursor::over(text, arena);
    T::parse(&mut c).map_err(|e| {
        let error = e.in_facade(text.as_bytes());
        let dot = if error.path.is_empty() || error.path.starts_with('[') { "" } else { "." };
        let path = format!("{at}{dot}{}", error.path);
        error.at(path)
    })
}

/// After decoding: makes ids that are not on the wire, and pairs results with the calls that they repeat. A call that is
/// in no earlier turn gets a turn of its own before the result's. `lists`: pointers to the native lists of turns.
pub fn settle_calls<'a, T: Value<'a>>(
    value: &T,
    repeats: Repeats,
    lists: &[&str],
    c: &Cursor<'a>,
    cx: &mut Decode<'a>,
) -> JsonResult<T> {
    let text = String::from_utf8(value.to_json()).unwrap_or_default();
    let mut root = Tree::parse_text(&text).unwrap_or_default();
    let listed = root.get("messages").is_some();
    let mut known = Known::new(repeats);
    let mut before: Vec<(usize, Tree)> = Vec::new();
    for (index, message) in messages(&mut root).iter_mut().enumerate() {
        known.message(message);
        let made = std::mem::take(&mut known.made);
        if !made.is_empty() {
            let place = if listed { format!("messages[{index}]") } else { "output.message".to_owned() };
            cx.lose(Fate::Synthesised, place, answers::MADE_UP);
            let role = ("role".to_owned(), Tree::str("assistant"));
            before.push((index, Tree::object(vec![role, ("content".to_owned(), Tree::list(made))])));
        }
    }
    if known.astray {
        return Err(super::missing(c, &const { Fault::unsaid("toolUseId") }));
    }
    if let Tree::Obj(root) = &mut root
        && !before.is_empty()
        && let Some(Tree::Obj(extras)) = root.get_mut(EXTRAS)
    {
        for place in answers::displaced(extras, lists) {
            cx.lose(Fate::Dropped, place, answers::DISPLACED);
        }
        if extras.is_empty() {
            root.remove(EXTRAS);
        }
    }
    if let Tree::Obj(root) = &mut root
        && let Some(Tree::Arr(all)) = root.get_mut("messages")
    {
        for (index, turn) in before.into_iter().rev() {
            all.items_mut().insert(index, turn);
        }
    }
    T::parse(&mut Cursor::over(c.arena().str(&root.to_string()), c.arena()))
}

/// The calls of a decoded conversation so far.
struct Known {
    repeats: Repeats,
    answers: Answers,
    ids: Vec<Tree>,
    /// Blocks of calls that only a result of this message mentions.
    made: Vec<Tree>,
    /// Whether a result answers no call at all.
    astray: bool,
}

impl Known {
    fn new(repeats: Repeats) -> Self {
        Self { repeats, answers: Answers::new(repeats), ids: Vec::new(), made: Vec::new(), astray: false }
    }

    fn message(&mut self, message: &mut Tree) {
        for block in blocks(message) {
            if let Some(call) = arm(block, "toolUse") {
                self.name(call);
            }
            let Some(result) = arm(block, "toolResult") else { continue };
            let copy = result.remove("call");
            let id = match copy {
                Some(copy) => Some(self.answered(copy)),
                None if self.repeats.any() => continue,
                None => self.next(),
            };
            match id {
                Some(id) => result.set("toolUseId", id),
                None => self.astray = true,
            }
        }
    }

    /// Takes note of a call and gives it an id if it has none.
    fn name(&mut self, call: &mut Object) -> Tree {
        let at = self.answers.call(&Tree::Obj(call.clone()));
        let id = match call.get("toolUseId") {
            Some(id) if id.as_str() != Some("") => id.clone(),
            _ => {
                let id = Tree::str(positional(at));
                call.set("toolUseId", id.clone());
                id
            }
        };
        self.ids.push(id.clone());
        id
    }

    /// The id of the call that a result answers which says nothing of it.
    fn next(&mut self) -> Option<Tree> {
        let at = self.answers.answered(&Tree::Null)?;
        self.ids.get(at).cloned()
    }

    /// The id of the call that a result answers; it is made if there is none.
    fn answered(&mut self, mut copy: Tree) -> Tree {
        if let Some(at) = self.answers.answered(&copy) {
            return self.ids.get(at).cloned().unwrap_or_default();
        }
        let id = match &mut copy {
            Tree::Obj(call) => {
                if call.get("input").is_none_or(|input| *input == Tree::Null) {
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
