//! A whole content block as the start and the deltas that it would have been streamed as.

use outcrop_runtime::Tree;
use outcrop_runtime::tracker::Block;

use super::{arm_of, kind_of};

/// An arm and its payload.
type Arm = (String, Tree);

/// The kind of a block, its start if it is announced, and its deltas.
pub(super) fn unfold(block: &Tree) -> Option<(Block, Option<Arm>, Vec<Arm>)> {
    let (arm, payload) = arm_of(block)?;
    let one = |arm: &str, payload: Tree| vec![(arm.to_owned(), payload)];
    Some(match arm {
        "toolUse" => {
            let (start, input) = without(payload, "input");
            let input =
                input.map_or_else(|| "{}".to_owned(), |i| i.as_str().map_or_else(|| i.to_string(), str::to_owned));
            (Block::ToolUse, Some((arm.to_owned(), start)), one(arm, Tree::arm("input", Tree::Str(input))))
        }
        "toolResult" => {
            let (start, content) = without(payload, "content");
            let deltas = content.filter(|c| !c.is_empty()).map_or_else(Vec::new, |c| one(arm, c));
            (Block::ToolResult, Some((arm.to_owned(), start)), deltas)
        }
        "image" => {
            let (start, source) = without(payload, "source");
            let deltas = source.map_or_else(Vec::new, |s| one(arm, Tree::arm("source", s)));
            (Block::Image, Some((arm.to_owned(), start)), deltas)
        }
        "reasoningContent" => {
            let reasoning = payload.get("reasoningText").unwrap_or(payload).as_object()?;
            let delta = |(name, part): &(String, Tree)| (arm.to_owned(), Tree::arm(name.as_str(), part.clone()));
            (Block::Reasoning, None, reasoning.members().iter().map(delta).collect())
        }
        "citationsContent" => {
            let list = |name| payload.get(name).and_then(Tree::as_list).unwrap_or_default();
            let citations = list("citations").iter().map(|c| ("citation".to_owned(), c.clone()));
            let texts = list("content").iter().filter_map(|t| t.get("text")).map(|t| ("text".to_owned(), t.clone()));
            (Block::Text, None, citations.chain(texts).collect())
        }
        "text" => (Block::Text, None, one(arm, payload.clone())),
        _ => (kind_of(arm), Some((arm.to_owned(), payload.clone())), Vec::new()),
    })
}

/// An object without one member, and that member.
fn without(payload: &Tree, name: &str) -> (Tree, Option<Tree>) {
    let Tree::Obj(object) = payload else { return (payload.clone(), None) };
    let mut rest = object.clone();
    let taken = rest.remove(name);
    (Tree::Obj(rest), taken)
}
