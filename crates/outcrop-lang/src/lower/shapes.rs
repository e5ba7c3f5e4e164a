//! The forms of a type definition, told apart by their keys; and the two small ones: text-or-list and regions.

use super::table::{self, Table, wrong_kind};
use super::{Cx, View};
use crate::codes::Code;
use crate::diag::{Diagnostic, did_you_mean};
use crate::ir::{Path, Region, Span, Struct, TextOrList, Ty, TypeDef, TypeId, TypeKind};
use crate::keys::{self, Form};
use crate::node::{Key, Node};

impl Cx {
    /// A type definition. `view` is that of the place for types written in place.
    pub(super) fn type_def(&mut self, id: TypeId, name: &str, span: Span, node: &Node, view: View) -> TypeDef {
        let mut def =
            TypeDef { name: name.to_owned(), doc: String::new(), span, kind: TypeKind::Struct(Struct::default()) };
        let Some(form) = self.form(name, span, node) else { return def };
        let Some(table) = Table::new(node, form, &mut self.faults) else { return def };
        def.doc = table.text_or_empty("doc", &mut self.faults);
        def.kind = match form.name {
            "union" => TypeKind::Union(self.union(id, name, &table, view)),
            "text or list" => self.text_or_list(name, &table),
            "map" => TypeKind::Map(self.value_map(&table)),
            "regions" => TypeKind::Regions(self.regions(&table)),
            _ => TypeKind::Struct(self.struct_(name, &table, view)),
        };
        def
    }

    /// A type's form is known by its keys.
    fn form(&mut self, name: &str, span: Span, node: &Node) -> Option<&'static Form> {
        let Some(entries) = node.as_map() else {
            let fault = wrong_kind(node, "a type is a mapping")
                .help("only fields are made of type expressions; write the expression where the name would stand");
            self.faults.push(fault);
            return None;
        };
        let mut found: Option<(&Key, &'static Form)> = None;
        for (key, form) in keys::TYPE_FORMS {
            let Some((key, _)) = entries.iter().find(|(other, _)| other.text == *key) else { continue };
            if let Some((first, _)) = found {
                let message = format!("a type has `{}:` or `{}:`, not both", first.text, key.text);
                self.faults.push(Diagnostic::new(Code::Conflict, key.span, message).label(first.span, "first here"));
                return None;
            }
            found = Some((key, form));
        }
        if let Some((_, form)) = found {
            return Some(form);
        }
        // Forms that need no key of their own: unions made of words alone, structs that only assume.
        if ["words", "tag", "trailing"].iter().any(|key| node.get(key).is_some()) {
            return Some(&keys::UNION);
        }
        // A misspelt key still tells the form, which then names it.
        let close = |key: &Key| did_you_mean(&key.text, keys::TYPE_FORMS.iter().map(|(key, _)| *key));
        if let Some(word) = entries.iter().find_map(|(key, _)| close(key)) {
            return keys::TYPE_FORMS.iter().find(|(key, _)| *key == word).map(|(_, form)| *form);
        }
        if node.get("assume").is_some() || node.get("view").is_some() {
            return Some(&keys::STRUCT);
        }
        let fault = Diagnostic::new(Code::MissingKey, span, format!("nothing says what `{name}` is")).help(
            "give it `fields:` (an object), `cases:` (a union), `text_or_list:`, `map:` (a value table) or `regions:`",
        );
        self.faults.push(fault);
        None
    }

    fn text_or_list(&mut self, name: &str, table: &Table<'_>) -> TypeKind {
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

    fn regions(&mut self, table: &Table<'_>) -> Vec<Region> {
        table.list("regions", &mut self.faults).iter().filter_map(|node| self.region(node)).collect()
    }

    fn region(&mut self, node: &Node) -> Option<Region> {
        let table = Table::new(node, &keys::REGION, &mut self.faults)?;
        let arm = table.need("arm", &mut self.faults).and_then(|node| self.path(node));
        let delta = table.get("delta").and_then(|node| self.path(node));
        let open = table.text_or_empty("open", &mut self.faults);
        let close = table.text_or_empty("close", &mut self.faults);
        let at_start = table.word("at", &[("start", ())], &mut self.faults).is_some();
        let implied = table.flag("implied", &mut self.faults);
        let lead = table.text_or_empty("lead", &mut self.faults);
        let arm = arm?;
        let delta = delta.unwrap_or_else(|| arm.clone());
        Some(Region { arm, delta, open, close, at_start, implied, lead })
    }

    /// A payload type: an expression, or a type written in place.
    pub(super) fn payload(&mut self, node: &Node, place: &str, view: View) -> Option<Ty> {
        if node.as_map().is_some() {
            return Some(Ty::Named(
                self.hoist(place, node.span, |cx, id| cx.type_def(id, place, node.span, node, view)),
            ));
        }
        self.expr(node).map(|typed| typed.ty)
    }

    /// A path made of member names only, as arms are.
    pub(super) fn arm(&mut self, node: &Node) -> Option<Path> {
        let path = self.path(node)?;
        if path.0.iter().any(|step| !matches!(step, crate::ir::Step::Member(_))) {
            self.fault(Code::BadPath, node.span, "an arm is made of member names only");
            return None;
        }
        Some(path)
    }
}
