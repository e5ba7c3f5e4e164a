//! Regions: one native string that holds several kinds of blocks, told apart by literal tags.

use outcrop_runtime::{Code, Error, Fate, Tree};

use super::Cx;
use super::at::At;
use super::decode::{wrap, wrong};
use super::node::{Node, Value};
use crate::ir::Region;

impl Cx<'_> {
    /// Joins blocks into one string.
    pub(crate) fn encode_regions(&mut self, regions: &[Region], node: &mut Node, at: &At<'_>) -> Result<Option<Tree>, Error> {
        let mut text = String::new();
        let mut wanted: Vec<(usize, String)> = Vec::new();
        let mut places = Vec::new();
        let mut texts = 0;
        let list = node.at.clone();
        for block in node.items_mut().into_iter().flatten() {
            let found = regions.iter().position(|r| block.has_arm(&r.arm));
            let Some((index, region)) = found.and_then(|i| regions.get(i).map(|r| (i, r))) else { continue };
            let Some(leaf) = block.find(&region.arm.0)? else { continue };
            let content = leaf.as_str().unwrap_or_default().to_owned();
            leaf.value = Value::Taken;
            if content.is_empty() {
                continue;
            }
            if !(region.implied && text.is_empty()) {
                text.push_str(&region.open);
            }
            text.push_str(&content);
            text.push_str(&region.close);
            places.push(leaf.at.clone());
            match wanted.last_mut() {
                Some((last, before)) if *last == index && region.open.is_empty() => {
                    texts += 1;
                    before.push_str(&content);
                }
                _ => wanted.push((index, content)),
            }
        }
        if texts > 0 {
            self.lose(Fate::Approximated, &list, "several texts become one");
        }
        let read = split(regions, &text);
        if read.len() != wanted.len() || read.iter().zip(&wanted).any(|((i, t), (j, u))| i != j || t != u) {
            let at_block = read.iter().zip(&wanted).position(|((i, t), (j, u))| i != j || t != u).unwrap_or(0);
            let path = places.get(at_block).or(places.last()).cloned().unwrap_or(list);
            return Err(Error::new(
                Code::ReservedMarker,
                "the text would be read as a tagged region, or stands before one; change the text or the order of blocks",
            )
            .at(path)
            .native(at.path()));
        }
        Ok(Some(Tree::Str(text)))
    }

    /// Splits a string into blocks.
    pub(crate) fn decode_regions(&mut self, regions: &[Region], value: &Tree, at: &At<'_>) -> Result<Tree, Error> {
        let Tree::Str(text) = value else { return Err(wrong(value, "a string", at)) };
        let blocks = split(regions, text).into_iter().filter(|(_, t)| !t.is_empty());
        let blocks = blocks.filter_map(|(i, t)| regions.get(i).map(|r| wrap(&r.arm, Tree::str(t))));
        Ok(Tree::list(blocks.collect()))
    }
}

/// The pieces of a string and the regions they belong to.
fn split<'t>(regions: &[Region], text: &'t str) -> Vec<(usize, &'t str)> {
    let plain = regions.iter().position(|r| r.open.is_empty() && r.close.is_empty());
    let mut out = Vec::new();
    let mut rest = text;
    if let Some((i, r)) = regions.iter().enumerate().find(|(_, r)| r.implied) {
        if !rest.starts_with(&r.open) || r.open.is_empty() {
            if let Some((inside, after)) = rest.split_once(r.close.as_str()) {
                out.push((i, inside));
                rest = after;
            }
        }
    }
    let mut seen_plain = false;
    while !rest.is_empty() {
        let tagged = regions.iter().enumerate().filter(|(_, r)| !r.open.is_empty() && !(r.at_start && seen_plain));
        let next = tagged
            .filter_map(|(i, r)| {
                let at = if r.at_start { rest.starts_with(&r.open).then_some(0) } else { rest.find(&r.open) }?;
                let inside = rest.get(at + r.open.len()..)?;
                let (inside, after) = inside.split_once(r.close.as_str())?;
                Some((at, i, inside, after))
            })
            .min_by_key(|(at, ..)| *at);
        let Some((at, i, inside, after)) = next else { break };
        if at > 0 {
            seen_plain = true;
            out.extend(plain.zip(rest.get(..at)));
        }
        out.push((i, inside));
        rest = after;
    }
    if !rest.is_empty() {
        out.extend(plain.map(|p| (p, rest)));
    }
    out
}
