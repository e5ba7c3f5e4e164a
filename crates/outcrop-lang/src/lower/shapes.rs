//! The forms of a type definition, told apart by their keys; and the two small ones: text-or-list and regions.

use super::table::{self, Table};
use super::{Cx, View};
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Path, Region, Span, Struct, TextOrList, Ty, TypeDef, TypeId, TypeKind};
use crate::node::Node;

/// Keys that only one form has.
const FORMS: &[(&str, &[&str])] = &[
    ("a struct", &["fields", "assume"]),
    ("a union", &["cases", "tag", "words", "trailing"]),
    ("a text-or-list type", &["text_or_list"]),
    ("a value map", &["map"]),
    ("regions", &["regions"]),
];

impl Cx {
    /// A type definition. `view` is that of the place for types written in place.
    pub(super) fn type_def(&mut self, id: TypeId, name: &str, span: Span, node: &Node, view: View) -> TypeDef {
        let mut def =
            TypeDef { name: name.to_owned(), doc: String::new(), span, kind: TypeKind::Struct(Struct::default()) };
        let Some(mut table) = Table::new(node, "a type", &mut self.faults) else { return def };
        def.doc = table.text_or_empty("doc", &mut self.faults);
        let forms: Vec<(&str, &str)> = FORMS
            .iter()
            .filter_map(|(form, keys)| keys.iter().find(|key| table.has(key)).map(|key| (*form, *key)))
            .collect();
        if let [(first, key), (second, other), ..] = forms.as_slice() {
            let message = format!("`{key}:` makes this {first} and `{other}:` {second}");
            self.fault(Code::Conflict, span, message);
        }
        def.kind = match forms.first().map(|(_, key)| *key) {
            Some("text_or_list") => self.text_or_list(name, &mut table),
            Some("map") => TypeKind::Map(self.value_map(&mut table)),
            Some("regions") => TypeKind::Regions(self.regions(&mut table)),
            Some("fields" | "assume") | None => {
                if forms.is_empty() && !table.has("view") {
                    let fault = Diagnostic::new(Code::MissingKey, span, format!("nothing says what `{name}` is")).help(
                        "give it `fields:` (an object), `cases:` (a union), `text_or_list:`, `map:` (a value table) or `regions:`",
                    );
                    self.faults.push(fault);
                }
                TypeKind::Struct(self.struct_(name, &mut table, view))
            }
            Some(_) => TypeKind::Union(self.union(id, name, &mut table, view)),
        };
        table.finish(&mut self.faults);
        def
    }

    fn text_or_list(&mut self, name: &str, table: &mut Table<'_>) -> TypeKind {
        let item = match table.get("text_or_list") {
            Some(node) if node.as_map().is_some() => {
                let place = format!("{name}.item");
                Some(self.hoist(&place, node.span, |cx, id| cx.type_def(id, &place, node.span, node, None)))
            }
            Some(node) => self.type_name(node),
            None => None,
        };
        let case = table.need("text", &mut self.faults).and_then(|node| table::text(node, "text", &mut self.faults));
        let text_if_single =
            table.word("emit", &[("list", false), ("text_if_single", true)], &mut self.faults).unwrap_or(false);
        match item {
            Some(item) => {
                self.elements.insert(item);
                TypeKind::TextOrList(TextOrList { item, case: case.unwrap_or_default(), text_if_single })
            }
            None => TypeKind::Struct(Struct::default()),
        }
    }

    fn regions(&mut self, table: &mut Table<'_>) -> Vec<Region> {
        table.list("regions", &mut self.faults).iter().filter_map(|node| self.region(node)).collect()
    }

    fn region(&mut self, node: &Node) -> Option<Region> {
        let mut table = Table::new(node, "a region", &mut self.faults)?;
        let arm = table.need("arm", &mut self.faults).and_then(|node| self.path(node));
        let delta = table.get("delta").and_then(|node| self.path(node));
        let open = table.text_or_empty("open", &mut self.faults);
        let close = table.text_or_empty("close", &mut self.faults);
        let at_start = table.word("at", &[("start", ())], &mut self.faults).is_some();
        let implied = table.flag("implied", &mut self.faults);
        table.finish(&mut self.faults);
        let arm = arm?;
        let delta = delta.unwrap_or_else(|| arm.clone());
        Some(Region { arm, delta, open, close, at_start, implied })
    }

    /// A payload type: an expression, or a type written in place.
    pub(super) fn payload(&mut self, node: &Node, place: &str, view: View) -> Option<Ty> {
        if node.as_map().is_some() {
            return Some(Ty::Named(self.hoist(place, node.span, |cx, id| cx.type_def(id, place, node.span, node, view))));
        }
        self.expr(node).map(|typed| typed.ty)
    }

    /// A path made of member names only, as arms are.
    pub(super) fn arm(&mut self, node: &Node) -> Option<Path> {
        let path = self.path(node)?;
        if path.0.iter().any(|step| matches!(step, crate::ir::Step::Only)) {
            self.fault(Code::BadPath, node.span, "an arm is made of member names only");
            return None;
        }
        Some(path)
    }
}
