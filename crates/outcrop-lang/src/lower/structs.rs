//! Structs.

use super::table::Table;
use super::{Cx, View, view_name};
use crate::ir::{Blocks, Field, Signal, Struct};
use crate::node::{Key, Node};

impl Cx {
    pub(super) fn struct_(&mut self, place: &str, table: &Table<'_>, inherited: View) -> Struct {
        let view = match table.get("view") {
            Some(node) => self.named_view(node),
            None => inherited,
        };
        table.need("fields", &mut self.faults);
        let entries = table.map("fields", &mut self.faults);
        let fields = self.fields(entries, place, &view);
        let entries = table.map("assume", &mut self.faults);
        let assume = self.path_values(entries);
        let (blocks, join) = self.blocks(table);
        Struct { view: view_name(&view), fields, assume, blocks, join }
    }

    pub(super) fn fields(&mut self, entries: &[(Key, Node)], place: &str, view: &View) -> Vec<Field> {
        entries.iter().filter_map(|(key, node)| self.field(key, node, place, view)).collect()
    }

    /// How a stream type delimits its blocks.
    pub(super) fn blocks(&mut self, table: &Table<'_>) -> (Blocks, Vec<Signal>) {
        let words = [("explicit", Blocks::Explicit), ("implicit", Blocks::Implicit), ("merge", Blocks::Merge)];
        let blocks = table.word("blocks", &words, &mut self.faults).unwrap_or_default();
        let join = table.get("join").map(|node| self.signals(node)).unwrap_or_default();
        (blocks, join)
    }
}
