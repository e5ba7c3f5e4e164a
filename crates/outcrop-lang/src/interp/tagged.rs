//! Regions: one native string that holds several kinds of blocks, told apart by literal tags.

use outcrop_runtime::regions::{self, LACKS_LEAD, join, lacks_lead, split};
use outcrop_runtime::{Code, Error, Fate, Tree};

use super::Cx;
use super::at::At;
use super::decode::{wrap, wrong};
use super::node::{Node, Value};
use crate::ir::Region;

impl Cx<'_> {
    /// Joins blocks into one string.
    pub(crate) fn encode_regions(
        &mut self,
        table: &[Region],
        node: &mut Node,
        at: &At<'_>,
    ) -> Result<Option<Tree>, Error> {
        let mut parts: Vec<(usize, String)> = Vec::new();
        let mut places = Vec::new();
        for block in node.items_mut().into_iter().flatten() {
            let Some((index, region)) = table.iter().enumerate().find(|(_, r)| block.has_arm(&r.arm)) else { continue };
            if let Some(leaf) = block.find(&region.arm.0)? {
                parts.push((index, leaf.as_str().unwrap_or_default().to_owned()));
                places.push(leaf.at.clone());
                leaf.value = Value::Taken;
            }
        }
        let parts: Vec<(usize, &str)> = parts.iter().map(|(i, t)| (*i, t.as_str())).collect();
        let joined = join(&runtime(table), &parts).map_err(|part| {
            Error::new(
                Code::ReservedMarker,
                "the text would be read as a tagged region, or stands before one; change the text or the order of blocks",
            )
            .at(places.get(part).unwrap_or(&node.at).clone())
            .native(at.path())
        })?;
        if joined.approximated {
            let place = node.at.clone();
            self.lose(Fate::Approximated, &place, "texts that are empty or of one kind run together");
        }
        Ok(Some(Tree::Str(joined.text)))
    }

    /// Splits a string into blocks.
    pub(crate) fn decode_regions(&mut self, table: &[Region], value: &Tree, at: &At<'_>) -> Result<Tree, Error> {
        let Tree::Str(text) = value else { return Err(wrong(value, "a string", at)) };
        let regions = runtime(table);
        if lacks_lead(&regions, text) {
            self.lose(Fate::Approximated, &at.path(), LACKS_LEAD);
        }
        let parts = split(&regions, text).into_iter();
        let blocks = parts.filter_map(|(i, text)| table.get(i).map(|r| wrap(&r.arm, Tree::str(text))));
        Ok(Tree::list(blocks.collect()))
    }
}

/// The table as the runtime reads it.
pub(crate) fn runtime(table: &[Region]) -> Vec<regions::Region<'_>> {
    table
        .iter()
        .map(|r| regions::Region {
            open: r.open.as_str(),
            close: r.close.as_str(),
            at_start: r.at_start,
            implied: r.implied,
            lead: r.lead.as_str(),
        })
        .collect()
}
