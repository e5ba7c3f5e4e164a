//! `extends:` and `patch:`: from files to one tree per family. Every node keeps the place it was written at.

use crate::codes::Code;
use crate::diag::{Diagnostic, Source};
use crate::ir::Span;
use crate::lower::table::{Faults, text};
use crate::node::{Key, Node, NodeKind};
use crate::patch;
use crate::{Sources, yaml};

/// Files read so far, and what was wrong with them.
pub(crate) struct Reading<'s> {
    pub(crate) sources: &'s Sources,
    pub(crate) files: Vec<Source>,
    pub(crate) faults: Faults,
}

impl Reading<'_> {
    /// Parses a file and checks its first line.
    pub(crate) fn file(&mut self, source: &Source) -> Option<Node> {
        let index = self.files.len() as u32;
        self.files.push(source.clone());
        let (node, mut faults) = yaml::parse(&source.text, index);
        self.faults.append(&mut faults);
        let node = node?;
        let version = node.get("spec");
        match version.map(|node| &node.kind) {
            Some(NodeKind::Num(version)) if version == "1" => {}
            _ => {
                let span = version.map_or(Span { file: index, ..Span::default() }, |node| node.span);
                self.faults.push(Diagnostic::new(Code::Version, span, "a spec starts with `spec: 1`"));
            }
        }
        Some(node)
    }

    /// The tree of a family or dialect after `extends` and `patch`.
    pub(crate) fn tree(&mut self, source: &Source) -> Option<Node> {
        let mut chain = Vec::new();
        self.extended(source, &mut chain)
    }

    fn extended(&mut self, source: &Source, chain: &mut Vec<String>) -> Option<Node> {
        chain.push(source.path.clone());
        let own = self.file(source)?;
        let Some(extends) = own.get("extends") else {
            if let Some(patch) = own.get("patch") {
                self.faults.push(
                    Diagnostic::new(Code::Conflict, patch.span, "there is nothing to patch without `extends:`")
                        .help("change this file's own keys instead"),
                );
            }
            return Some(own);
        };
        // Without its dialect, whatever else could be said of the file would only repeat that it is missing.
        let mut base = self.dialect(extends, chain)?;
        if let NodeKind::Map(entries) = &mut base.kind {
            entries.retain(|(key, _)| {
                !matches!(key.text.as_str(), "spec" | "dialect" | "patch" | "title" | "source" | "doc")
            });
        }
        if let Some(patch) = own.get("patch") {
            patch::apply(&mut base, patch, &mut self.faults);
        }
        // The end of the chain is what families may have in common.
        let root = base.get("extends").cloned();
        let mut tree = merge(base, own);
        if let (Some(root), NodeKind::Map(entries)) = (root, &mut tree.kind) {
            entries.iter_mut().filter(|(key, _)| key.text == "extends").for_each(|(_, node)| *node = root.clone());
        }
        Some(tree)
    }

    fn dialect(&mut self, extends: &Node, chain: &mut Vec<String>) -> Option<Node> {
        let name = text(extends, "extends", &mut self.faults)?;
        let sources = self.sources;
        let Some(source) = sources.named("dialect", &name) else {
            let known: Vec<&str> = sources.names("dialect").collect();
            let fault = Diagnostic::new(Code::UnknownDialect, extends.span, format!("there is no dialect `{name}`"))
                .suggest(&name, known.iter().copied());
            self.faults.push(match known.as_slice() {
                [] => fault.help("no dialect is among the files that were given"),
                _ => fault.help(format!("there are {}", known.join(", "))),
            });
            return None;
        };
        if chain.contains(&source.path) {
            self.faults.push(Diagnostic::new(Code::ExtendsLoop, extends.span, format!("`{name}` extends itself")));
            return None;
        }
        self.extended(source, chain)
    }
}

/// The base with the entries of `own` over it: mappings merge by key, everything else is replaced.
fn merge(base: Node, own: Node) -> Node {
    match (base.kind, own.kind) {
        (NodeKind::Map(mut entries), NodeKind::Map(more)) => {
            for (key, node) in more {
                match entries.iter().position(|(other, _)| other.text == key.text) {
                    Some(index) => {
                        let (_, old) = entries.remove(index);
                        entries.insert(index, merge_entry(key, old, node));
                    }
                    None => entries.push((key, node)),
                }
            }
            Node { kind: NodeKind::Map(entries), span: own.span }
        }
        (_, kind) => Node { kind, span: own.span },
    }
}

fn merge_entry(key: Key, old: Node, new: Node) -> (Key, Node) {
    (key, merge(old, new))
}
