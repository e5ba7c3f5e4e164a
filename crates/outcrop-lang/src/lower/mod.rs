//! From the spanned tree of a family (after `extends` and `patch`) to the IR. Collects every fault, stops at none.

mod catalogue;
mod examples;
mod expr;
mod facade;
mod fates;
mod field;
mod maps;
mod prompts;
mod rules;
mod shapes;
mod structs;
pub(crate) mod table;
mod transport;
mod turns;
mod unions;

use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{
    CaseBody, Facade, FacadeTy, Family, Field, Lens, Literal, Operation, Path, Signal, Span, Struct, ToolIds, TypeDef,
    TypeId, TypeKind, Unknown, Validator, Way,
};
use crate::keys;
use crate::node::{Key, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use table::{Faults, Table, text};

pub(crate) use facade::lower_facade;

/// What lowering knows and collects.
#[derive(Default)]
pub(crate) struct Cx {
    pub(crate) faults: Faults,
    facade: Facade,
    names: BTreeMap<String, TypeId>,
    types: Vec<TypeDef>,
    /// Unions that say nothing of unknown tags.
    undecided: Vec<TypeId>,
    /// Types that are elements of lists.
    elements: BTreeSet<TypeId>,
    /// Declared types that are objects.
    structs: BTreeSet<TypeId>,
}

/// The façade type that paths are relative to; none when it is unknown.
pub(crate) type View = Option<FacadeTy>;

/// Lowers a merged family. `transports` are the sections of that name in the façade files.
pub(crate) fn lower_family(
    root: &Node,
    facade: Facade,
    transports: &[&Node],
    faults: Faults,
) -> (Option<Family>, Faults) {
    let mut cx = Cx { faults, facade, ..Cx::default() };
    let family = cx.family(root, transports);
    (family, cx.faults)
}

impl Cx {
    fn family(&mut self, root: &Node, transports: &[&Node]) -> Option<Family> {
        let table = Table::new(root, &keys::FAMILY, &mut self.faults)?;
        let name = match table.need("family", &mut self.faults) {
            Some(node) => self.kebab(node),
            None => String::new(),
        };
        let title = table.text_or_empty("title", &mut self.faults);
        let source = table.text_or_empty("source", &mut self.faults);
        let doc = table.text_or_empty("doc", &mut self.faults);
        let dialect = root.get("extends").and_then(|node| text(node, "extends", &mut self.faults));
        let entries = table.map("types", &mut self.faults);
        self.declare(entries);
        let entries = table.map("prompts", &mut self.faults);
        let prompts = self.prompts(entries);
        let chat = self.operations(&table);
        let tool_ids = table
            .word("tool_ids", &[("wire", ToolIds::Wire), ("positional", ToolIds::Positional)], &mut self.faults)
            .unwrap_or_default();
        let fates = self.fates(&table);
        let entries = table.map("rules", &mut self.faults);
        let mut rules = self.rules(entries);
        let validator = table
            .word("validator", &[("schema", Validator::Schema), ("dotted", Validator::Dotted)], &mut self.faults)
            .unwrap_or_default();
        let nodes = table.list("models", &mut self.faults);
        let models = self.models(nodes, &rules);
        let nodes = table.list("examples", &mut self.faults);
        let examples = self.examples(nodes);
        for transport in transports {
            self.transport(transport);
        }
        self.decide_unknown();
        let facade = Arc::new(std::mem::take(&mut self.facade));
        let mut types = std::mem::take(&mut self.types);
        turns::by_role(&mut types);
        for member in rules.iter_mut().flat_map(|rule| &mut rule.members) {
            crate::request_path::place(&types, chat.request, member);
        }
        Some(Family {
            name,
            title,
            source,
            doc,
            dialect,
            chat,
            types,
            prompts,
            tool_ids,
            fates,
            models,
            rules,
            validator,
            examples,
            facade,
        })
    }

    /// Lowers the named types. All names are known before any body is read, so that order does not matter.
    fn declare(&mut self, entries: &[(Key, Node)]) {
        for (key, node) in entries {
            if node.get("fields").is_some() {
                self.structs.insert(self.types.len());
            }
            let camel = key.text.starts_with(|c: char| c.is_ascii_uppercase())
                && key.text.chars().all(|c| c.is_ascii_alphanumeric());
            if !camel {
                self.fault(Code::BadName, key.span, format!("the type name `{}` is not CamelCase", key.text));
            }
            let id = self.reserve(&key.text, key.span);
            self.names.insert(key.text.clone(), id);
        }
        for (id, (key, node)) in entries.iter().enumerate() {
            let def = self.type_def(id, &key.text, key.span, node, None);
            if node.get("view").is_none() && maps_something(&def.kind) {
                let fault = Diagnostic::new(Code::MissingKey, key.span, format!("`{}` needs `view:`", key.text))
                    .help("name the façade type that the paths inside are relative to");
                self.faults.push(fault);
            }
            self.put(id, def);
        }
    }

    /// An id for a type whose body comes later: types may contain each other.
    fn reserve(&mut self, name: &str, span: Span) -> TypeId {
        let kind = TypeKind::Struct(Struct::default());
        self.types.push(TypeDef { name: name.to_owned(), doc: String::new(), span, kind });
        self.types.len() - 1
    }

    fn put(&mut self, id: TypeId, def: TypeDef) {
        if let Some(slot) = self.types.get_mut(id) {
            *slot = def;
        }
    }

    /// A type written in place: named after the place.
    fn hoist(&mut self, place: &str, span: Span, make: impl FnOnce(&mut Self, TypeId) -> TypeDef) -> TypeId {
        let id = self.reserve(place, span);
        let mut def = make(self, id);
        place.clone_into(&mut def.name);
        def.span = span;
        self.put(id, def);
        id
    }

    fn operations(&mut self, table: &Table<'_>) -> Operation {
        let mut chat = Operation::default();
        let Some(node) = table.get("operations") else {
            let span = table.head();
            self.fault(Code::NoOperation, span, "the family has no operation");
            return chat;
        };
        let Some(operations) = Table::new(node, &keys::CHATS, &mut self.faults) else { return chat };
        if let Some(table) = operations
            .need("chat", &mut self.faults)
            .and_then(|node| Table::new(node, &keys::OPERATION, &mut self.faults))
        {
            chat.request = table.need("request", &mut self.faults).and_then(|node| self.type_name(node));
            let response = table.get("response");
            let name = response.and_then(|node| table::text(node, "a type", &mut self.faults));
            let listed = name.as_deref().and_then(|name| name.strip_prefix("list<")?.strip_suffix('>'));
            chat.listed = listed.is_some();
            chat.response =
                response.zip(listed.or(name.as_deref())).and_then(|(node, name)| self.declared(name.trim(), node));
            chat.stream = table.get("stream").and_then(|node| self.type_name(node));
        }
        chat
    }

    /// The id of a declared type.
    fn type_name(&mut self, node: &Node) -> Option<TypeId> {
        let name = table::text(node, "a type", &mut self.faults)?;
        self.declared(&name, node)
    }

    fn declared(&mut self, name: &str, node: &Node) -> Option<TypeId> {
        let id = self.names.get(name).copied();
        if id.is_none() {
            let fault = Diagnostic::new(Code::UnknownType, node.span, format!("there is no type `{name}`"))
                .suggest(name, self.names.keys().map(String::as_str));
            self.faults.push(fault);
        }
        id
    }

    /// Unions in lists keep unknown elements where the façade has a place for them; all others refuse.
    fn decide_unknown(&mut self) {
        for id in std::mem::take(&mut self.undecided) {
            let in_list = self.elements.contains(&id);
            let Some(TypeDef { kind: TypeKind::Union(union), .. }) = self.types.get_mut(id) else { continue };
            let can_keep =
                FacadeTy::of_view(&union.view).is_some_and(|view| self.facade.member(&view, "native").is_some());
            union.unknown = if in_list && can_keep { Unknown::Keep } else { Unknown::Refuse };
        }
    }

    pub(crate) fn fault(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.faults.push(Diagnostic::new(code, span, message));
    }

    /// A name in kebab-case.
    fn kebab(&mut self, node: &Node) -> String {
        let Some(name) = table::text(node, "a name", &mut self.faults) else { return String::new() };
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(good) || name.starts_with('-') || name.ends_with('-') {
            self.fault(Code::BadName, node.span, format!("`{name}` is not kebab-case"));
        }
        name
    }

    fn path(&mut self, node: &Node) -> Option<Path> {
        match crate::path::parse(node) {
            Ok(path) => Some(path),
            Err(fault) => {
                self.faults.push(*fault);
                None
            }
        }
    }

    /// A path that is the key of a mapping.
    fn key_path(&mut self, key: &Key) -> Option<Path> {
        let node = Node { kind: crate::node::NodeKind::Str(key.text.clone()), span: key.span };
        self.path(&node)
    }

    /// Paths with the values they must have.
    fn path_values(&mut self, entries: &[(Key, Node)]) -> Vec<(Path, Literal)> {
        entries.iter().filter_map(|(key, node)| Some((self.key_path(key)?, node.literal()))).collect()
    }

    /// The view at the end of a path; unknown if the path leads nowhere, which is a fault of its own.
    fn view_at(&self, view: &View, path: &Path) -> View {
        self.facade.walk(view.as_ref()?, path).ok()
    }

    /// A view that the spec names.
    fn named_view(&mut self, node: &Node) -> View {
        let name = table::text(node, "view", &mut self.faults)?;
        let view = FacadeTy::of_view(&name)?;
        if let FacadeTy::Named(name) = &view
            && !self.facade.types.contains_key(name)
        {
            let fault = Diagnostic::new(Code::UnknownView, node.span, format!("the façade has no type `{name}`"))
                .suggest(name, self.facade.types.keys().map(String::as_str));
            self.faults.push(fault);
            return None;
        }
        Some(view)
    }

    fn way(&mut self, table: &Table<'_>) -> Way {
        let words = [("both", Way::Both), ("decode", Way::Decode), ("encode", Way::Encode)];
        table.word("way", &words, &mut self.faults).unwrap_or_default()
    }

    fn signals(&mut self, node: &Node) -> Vec<Signal> {
        const WORDS: &[(&str, Signal)] = &[
            ("start", Signal::Start),
            ("open", Signal::Open),
            ("delta", Signal::Delta),
            ("close", Signal::Close),
            ("stop", Signal::Stop),
            ("usage", Signal::Usage),
            ("fail", Signal::Fail),
            ("end", Signal::End),
        ];
        table::list(node, "join", &mut self.faults)
            .iter()
            .filter_map(|node| table::word(node, "join", WORDS, &mut self.faults))
            .collect()
    }
}

/// Whether paths of the type lead into the façade.
fn maps_something(kind: &TypeKind) -> bool {
    let mapped = |fields: &[Field]| fields.iter().any(|field| matches!(field.lens, Lens::Path(_) | Lens::Take { .. }));
    match kind {
        TypeKind::Struct(record) => mapped(&record.fields) || !record.assume.is_empty(),
        TypeKind::Union(union) => {
            !union.words.is_empty()
                || !union.trailing.is_empty()
                || union.cases.iter().any(|case| match &case.body {
                    CaseBody::Struct(record) => case.arm.is_some() || mapped(&record.fields),
                    CaseBody::Value(_) => true,
                })
        }
        TypeKind::TextOrList(_) | TypeKind::Map(_) | TypeKind::Regions(_) => false,
    }
}

/// The spelling of a view in the IR.
fn view_name(view: &View) -> String {
    view.as_ref().map(ToString::to_string).unwrap_or_default()
}
