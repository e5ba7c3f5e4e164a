//! Free JSON in events and in the input of tools: the core's fold reads all of it, and refuses what names a member twice or is
//! too deep. Nearly all JSON is plain, which is seen without making a tree of it.

use outcrop_runtime::json::{self, Arena, Cursor};
use outcrop_runtime::tree::MAX_DEPTH;
use outcrop_runtime::{Error, Tree, fold};

use crate::client::ConverseEvent;
use crate::types::{
    ContentBlockDelta, ContentBlockStart, ConverseStreamMetadataEvent, Document, Map, ToolResultBlockDelta,
};

/// So many levels deeper than in an event may its parts be in an answer: those of a citation are.
const DEEPER: usize = 4;

/// In so many objects and lists of an answer is the input of a tool.
const AROUND_INPUT: usize = 6;

/// Names of so many members are compared as they come.
const SMALL: usize = 16;

/// Whether an event has members whose JSON nobody has looked into. What is rare is the core's to read anyway.
pub(super) fn is_in(event: &ConverseEvent) -> bool {
    match event {
        ConverseEvent::MessageStart(event) => !event.extra.is_empty(),
        ConverseEvent::ContentBlockStart(event) => {
            let inner = match &event.start {
                ContentBlockStart::ToolUse(start) => &start.extra,
                ContentBlockStart::ToolResult(start) => &start.extra,
                _ => return false,
            };
            !inner.is_empty() || !event.extra.is_empty()
        }
        ConverseEvent::ContentBlockDelta(event) => {
            let inner = match &event.delta {
                ContentBlockDelta::ToolUse(delta) => !delta.extra.is_empty(),
                ContentBlockDelta::ToolResult(items) => !items.iter().all(is_text),
                ContentBlockDelta::Citation(_) => true,
                _ => false,
            };
            inner || !event.extra.is_empty()
        }
        ConverseEvent::ContentBlockStop(event) => !event.extra.is_empty(),
        ConverseEvent::MessageStop(event) => {
            event.additional_model_response_fields.is_some() || !event.extra.is_empty()
        }
        ConverseEvent::Metadata(event) => in_metadata(event),
        ConverseEvent::ModelStreamErrorException(_) | ConverseEvent::Unknown { .. } => false,
    }
}

fn is_text(item: &ToolResultBlockDelta) -> bool {
    matches!(item, ToolResultBlockDelta::Text(_))
}

fn in_metadata(event: &ConverseStreamMetadataEvent) -> bool {
    let ConverseStreamMetadataEvent { usage, metrics, trace, performance_config, service_tier, extra } = event;
    let details = usage.iter().flat_map(|usage| usage.cache_details.iter().flatten()).map(|detail| &detail.extra);
    let extras = [
        Some(extra),
        usage.as_ref().map(|usage| &usage.extra),
        metrics.as_ref().map(|metrics| &metrics.extra),
        performance_config.as_ref().map(|config| &config.extra),
        service_tier.as_ref().map(|tier| &tier.extra),
    ];
    trace.is_some() || !extras.into_iter().flatten().chain(details).all(Map::is_empty)
}

/// Reads an event as the core does, which may refuse it, and tells whether it may be too deep for an answer.
pub(super) fn is_deep(event: &ConverseEvent) -> Result<bool, Error> {
    let json = event.to_json();
    if is_plain(&json, DEEPER) {
        return Ok(false);
    }
    Ok(depth(&Tree::parse(&json)?) + DEEPER > MAX_DEPTH)
}

/// The input of a tool out of its text. None if it is too deep for an answer.
pub(super) fn input(text: &str) -> Option<Document> {
    if is_plain(text.as_bytes(), AROUND_INPUT) {
        return Document::parse(text).ok();
    }
    let tree = fold::arguments(text);
    if depth(&tree) + AROUND_INPUT > MAX_DEPTH {
        return None;
    }
    Document::parse(&tree.to_string()).ok()
}

/// Whether a text is JSON of which there is nothing to tell: it leaves so many levels, and small objects name nothing twice.
fn is_plain(json: &[u8], levels: usize) -> bool {
    let arena = Arena::new();
    let read = |mut c: Cursor<'_>| Ok(is_plain_value(&mut c, MAX_DEPTH - levels)? && c.end().is_ok());
    Cursor::new(json, &arena).and_then(read).unwrap_or(false)
}

fn is_plain_value(c: &mut Cursor<'_>, levels: usize) -> json::Result<bool> {
    let levels = match c.peek()? {
        b'{' | b'[' if levels == 0 => return Ok(false),
        b'{' | b'[' => levels - 1,
        _ => return c.skip().map(|()| true),
    };
    if c.peek()? == b'[' {
        let mut more = c.first_item()?;
        while more {
            if !is_plain_value(c, levels)? {
                return Ok(false);
            }
            more = c.next_item()?;
        }
        return Ok(true);
    }
    let mut names = [""; SMALL];
    let mut known = 0;
    let mut next = c.first_key()?;
    while let Some(name) = next {
        let twice = names.iter().take(known).any(|known| *known == name);
        let Some(slot) = names.get_mut(known).filter(|_| !twice) else { return Ok(false) };
        *slot = name;
        known += 1;
        if !is_plain_value(c, levels)? {
            return Ok(false);
        }
        next = c.next_key()?;
    }
    Ok(true)
}

/// How many objects and lists are in one another.
fn depth(tree: &Tree) -> usize {
    let deepest = match tree {
        Tree::Arr(list) => list.items().iter().map(depth).max(),
        Tree::Obj(object) => object.members().iter().map(|(_, value)| depth(value)).max(),
        _ => return 0,
    };
    1 + deepest.unwrap_or(0)
}
