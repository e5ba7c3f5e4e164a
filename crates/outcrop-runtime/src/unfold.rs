//! A whole content block as the start and the deltas that it would have been streamed as.

use crate::Tree;
use crate::tracker::Block;

/// The kind of a block, its start if it is announced, and its deltas; each an object with one arm.
#[must_use]
pub fn unfold(block: &Tree) -> Option<(Block, Option<Tree>, Vec<Tree>)> {
    let (arm, payload) = block.as_object()?.members().first().map(|(name, value)| (name.as_str(), value))?;
    let one = |payload: Tree| vec![Tree::arm(arm, payload)];
    Some(match arm {
        "toolUse" => {
            let (start, input) = without(payload, "input");
            let input =
                input.map_or_else(|| "{}".to_owned(), |i| i.as_str().map_or_else(|| i.to_string(), str::to_owned));
            (Block::ToolUse, Some(Tree::arm(arm, start)), one(Tree::arm("input", Tree::Str(input))))
        }
        "toolResult" => {
            let (start, content) = without(payload, "content");
            let deltas = content.filter(|c| !c.is_empty()).map_or_else(Vec::new, one);
            (Block::ToolResult, Some(Tree::arm(arm, start)), deltas)
        }
        "image" => {
            let (start, source) = without(payload, "source");
            let deltas = source.map_or_else(Vec::new, |s| one(Tree::arm("source", s)));
            (Block::Image, Some(Tree::arm(arm, start)), deltas)
        }
        "reasoningContent" => {
            let reasoning = payload.get("reasoningText").unwrap_or(payload).as_object()?;
            let delta = |(name, part): &(String, Tree)| Tree::arm(arm, Tree::arm(name.as_str(), part.clone()));
            (Block::Reasoning, None, reasoning.members().iter().map(delta).collect())
        }
        "citationsContent" => {
            let list = |name| payload.get(name).and_then(Tree::as_list).unwrap_or_default();
            let citations = list("citations").iter().map(|c| Tree::arm("citation", c.clone()));
            let texts = list("content").iter().filter_map(|t| t.get("text")).map(|t| Tree::arm("text", t.clone()));
            (Block::Text, None, citations.chain(texts).collect())
        }
        "text" => (Block::Text, None, one(payload.clone())),
        _ => (Block::from_arm(arm).unwrap_or(Block::Other), Some(Tree::arm(arm, payload.clone())), Vec::new()),
    })
}

/// An object without one member, and that member.
fn without(payload: &Tree, name: &str) -> (Tree, Option<Tree>) {
    let Tree::Obj(object) = payload else { return (payload.clone(), None) };
    let mut rest = object.clone();
    let taken = rest.remove(name);
    (Tree::Obj(rest), taken)
}
