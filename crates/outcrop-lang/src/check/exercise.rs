//! Which declarations the native sides of examples use: the walk behind the check that each is used.

use super::{case_record, reachable};
use crate::ir::{
    Case, CaseBody, Example, ExampleKind, Family, Field, JsonKind, Literal, Span, Struct, Tag, Ty, TypeId, TypeKind,
    Union, ValueMap, Way,
};
use crate::node::{Key, Node, NodeKind};
use crate::yaml;
use std::collections::BTreeSet;

/// A declaration that no example uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unused {
    /// Where it stands.
    pub(super) span: Span,
    /// What it is.
    pub(super) what: String,
}

/// Declarations are known by their places, as one struct may be shared by several types.
pub(super) struct Exercise<'f> {
    family: &'f Family,
    used: BTreeSet<(u32, u32, u32)>,
}

fn id(span: Span) -> (u32, u32, u32) {
    (span.file, span.start, span.end)
}

impl<'f> Exercise<'f> {
    pub(super) fn new(family: &'f Family) -> Self {
        Self { family, used: BTreeSet::new() }
    }

    /// Everything that the native side of an example uses.
    pub(super) fn example(&mut self, example: &Example) {
        let root = match example.kind {
            ExampleKind::Request => self.family.chat.request,
            ExampleKind::Response => self.family.chat.response,
            ExampleKind::Stream => self.family.chat.stream,
        };
        // JSON is YAML.
        let tree = example.native.as_ref().and_then(|text| yaml::parse(text, 0).0);
        let (Some(root), Some(tree)) = (root, tree) else { return };
        match example.kind {
            ExampleKind::Stream => tree.items().iter().for_each(|chunk| self.named(root, chunk)),
            ExampleKind::Response if self.family.chat.listed => {
                tree.items().iter().for_each(|one| self.named(root, one));
            }
            ExampleKind::Request | ExampleKind::Response => self.named(root, &tree),
        }
    }

    fn use_(&mut self, span: Span) {
        self.used.insert(id(span));
    }

    fn ty(&mut self, ty: &Ty, node: &Node) {
        match ty {
            Ty::Named(id) => self.named(*id, node),
            Ty::List(item, _) | Ty::Only { item, .. } => node.items().iter().for_each(|element| self.ty(item, element)),
            Ty::OneOrList(item) if node.items().is_empty() => self.ty(item, node),
            Ty::OneOrList(item) => node.items().iter().for_each(|element| self.ty(item, element)),
            Ty::Map(item) => {
                for (_, value) in node.as_map().unwrap_or_default() {
                    self.ty(item, value);
                }
            }
            _ => {}
        }
    }

    fn named(&mut self, id: TypeId, node: &Node) {
        match self.family.types.get(id).map(|def| &def.kind) {
            Some(TypeKind::Struct(record)) => self.record(record, node),
            Some(TypeKind::Union(union)) => self.union(union, node),
            Some(TypeKind::Map(map)) => self.map(map, node),
            Some(TypeKind::TextOrList(list)) => {
                if node.as_str().is_some()
                    && let Some(TypeKind::Union(union)) = self.family.types.get(list.item).map(|def| &def.kind)
                    && let Some(case) = union.cases.iter().find(|case| case.name == list.case)
                {
                    self.use_(case.span);
                }
                let bare = node.as_map().is_some().then_some(node);
                node.items().iter().chain(bare).for_each(|element| self.named(list.item, element));
            }
            Some(TypeKind::Regions(_)) | None => {}
        }
    }

    fn record(&mut self, record: &Struct, node: &Node) {
        for field in &record.fields {
            let value = std::iter::once(&field.key).chain(&field.aliases).find_map(|name| node.get(name));
            if let Some(value) = value {
                self.use_(field.span);
                match &field.map {
                    Some(map) => self.map(map, value),
                    None => self.ty(&field.ty, value),
                }
            }
        }
    }

    fn map(&mut self, map: &ValueMap, node: &Node) {
        let native = node.literal();
        let rows = map.rows.iter().chain(&map.reads).chain(map.when.iter().flat_map(|when| &when.rows));
        for ((value, _), span) in rows.zip(&map.row_spans) {
            if *value == native {
                self.used.insert(id(*span));
            }
        }
    }

    fn union(&mut self, union: &Union, node: &Node) {
        if let Some(case) = chosen(self.family, union, node) {
            self.use_(case.span);
            let payload = if union.tag == Tag::External { node.get(&case.value) } else { Some(node) };
            match (case_record(self.family, case), &case.body, payload) {
                (Some(record), _, Some(payload)) => self.record(record, payload),
                (None, CaseBody::Value(ty), Some(payload)) => self.ty(ty, payload),
                _ => {}
            }
            // Cases that only write share their form with the one that reads it.
            for other in union.cases.iter().filter(|other| other.way == Way::Encode && other.value == case.value) {
                self.use_(other.span);
                if let (Some(record), Some(payload)) = (case_record(self.family, other), payload) {
                    self.record(record, payload);
                }
            }
        }
        for trailing in &union.trailing {
            if let Some(value) = node.get(&trailing.key) {
                self.use_(trailing.span);
                self.ty(&trailing.ty, value);
            }
        }
    }

    /// What is left of all that can be reached from the roots.
    pub(super) fn unused(&self) -> Vec<Unused> {
        let chat = self.family.chat;
        let roots = [chat.request, chat.response, chat.stream];
        let mut found = Vec::new();
        let mut add = |span: Span, what: String| {
            let one = Unused { span, what };
            if !self.used.contains(&id(span)) && !found.contains(&one) {
                found.push(one);
            }
        };
        for id in reachable(self.family, roots.into_iter().flatten()) {
            let Some(def) = self.family.types.get(id) else { continue };
            match &def.kind {
                TypeKind::Struct(record) => unused_members(record, &def.name, &mut add),
                TypeKind::Union(union) => {
                    for case in &union.cases {
                        add(case.span, format!("the case `{}` of `{}`", case.name, def.name));
                        if let CaseBody::Struct(record) = &case.body {
                            unused_members(record, &format!("{}.{}", def.name, case.name), &mut add);
                        }
                    }
                    for trailing in &union.trailing {
                        add(trailing.span, format!("the trailing member `{}` of `{}`", trailing.key, def.name));
                    }
                }
                TypeKind::Map(map) => unused_rows(map, &def.name, &mut add),
                TypeKind::TextOrList(_) | TypeKind::Regions(_) => {}
            }
        }
        found
    }
}

fn unused_members(record: &Struct, owner: &str, add: &mut impl FnMut(Span, String)) {
    for field in &record.fields {
        add(field.span, format!("the member `{}` of `{owner}`", field.key));
        if let Some(map) = &field.map {
            unused_rows(map, &format!("{owner}.{}", field.key), add);
        }
    }
}

fn unused_rows(map: &ValueMap, name: &str, add: &mut impl FnMut(Span, String)) {
    let rows = map.rows.iter().chain(&map.reads).chain(map.when.iter().flat_map(|when| &when.rows));
    for ((native, _), span) in rows.zip(&map.row_spans) {
        add(*span, format!("the row `{}` of the map `{name}`", super::maps::text(native)));
    }
}

/// The case that reading would choose.
fn chosen<'f>(family: &'f Family, union: &'f Union, node: &Node) -> Option<&'f Case> {
    let mut reading = union.cases.iter().filter(|case| {
        let holder = if union.tag == Tag::External { node.get(&case.value) } else { Some(node) };
        let present = |key: &String| holder.and_then(|h| h.get(key)).is_some_and(|v| v.literal() != Literal::Null);
        case.way != Way::Encode && case.has.iter().all(present)
    });
    match &union.tag {
        Tag::Internal { key, absent } => match node.get(key) {
            Some(tag) => {
                let tag = super::maps::text(&tag.literal());
                reading.find(|case| case.value == tag)
            }
            None => absent.and_then(|index| union.cases.get(index)),
        },
        Tag::External => reading.find(|case| node.get(&case.value).is_some()),
        Tag::Shape => reading.find(|case| has_shape(family, case, node)),
    }
}

fn has_shape(family: &Family, case: &Case, node: &Node) -> bool {
    let Some(record) = case_record(family, case) else {
        return matches!(&case.body, CaseBody::Value(ty) if is_kind(ty, node));
    };
    let Some(entries) = node.as_map() else { return false };
    // What the service adds to a chunk is no matter of its shape.
    let is_beside = |key: &Key| family.facade.side_keys.stream.iter().any(|side| side.field.key == key.text);
    let names = |field: &Field, key: &str| field.key == key || field.aliases.iter().any(|alias| alias == key);
    record
        .fields
        .iter()
        .filter(|field| field.required)
        .all(|field| entries.iter().any(|(key, _)| names(field, &key.text)))
        && entries.iter().all(|(key, _)| is_beside(key) || record.fields.iter().any(|field| names(field, &key.text)))
        && record.fields.iter().all(|field| match (&field.constant, node.get(&field.key)) {
            (Some(constant), Some(value)) => value.literal() == *constant,
            _ => true,
        })
}

fn is_kind(ty: &Ty, node: &Node) -> bool {
    match ty.json_kind() {
        JsonKind::Any | JsonKind::Named | JsonKind::OneOrList => true,
        JsonKind::Int | JsonKind::Float => matches!(node.kind, NodeKind::Num(_)),
        JsonKind::Bool => matches!(node.kind, NodeKind::Bool(_)),
        JsonKind::List => matches!(node.kind, NodeKind::Seq(_)),
        JsonKind::Object => matches!(node.kind, NodeKind::Map(_)),
        JsonKind::Text => matches!(node.kind, NodeKind::Str(_)),
    }
}
