//! `patch:`: four verbs on the tree that a dialect left. A target that is not there is a fault, never a silent no-op.

use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::keys;
use crate::lower::table::{Faults, Table, text, wrong_kind};
use crate::node::{Key, Node, NodeKind};
use crate::ty::inner_span;

/// Applies the operations of a `patch:` list in order.
pub(crate) fn apply(tree: &mut Node, patch: &Node, faults: &mut Faults) {
    let NodeKind::Seq(operations) = &patch.kind else {
        faults.push(wrong_kind(patch, "`patch:` takes a list"));
        return;
    };
    for node in operations {
        let Some(table) = Table::new(node, &keys::PATCH, faults) else { continue };
        let verbs: Vec<(&'static str, &Node)> = ["rename", "remove", "set", "add"]
            .into_iter()
            .filter_map(|verb| table.get(verb).map(|target| (verb, target)))
            .collect();
        let [(verb, target)] = verbs.as_slice() else {
            let message = "a patch has exactly one of `rename:`, `remove:`, `set:` and `add:`";
            faults.push(Diagnostic::new(Code::Conflict, table.head(), message));
            continue;
        };
        let operation = match *verb {
            "rename" => table.need("to", faults).and_then(|to| Some(Operation::Rename(text(to, "to", faults)?, to))),
            "remove" => Some(Operation::Remove),
            "set" => table.need("value", faults).map(Operation::Set),
            _ => table.need("value", faults).map(Operation::Add),
        };
        if let (Some(operation), Some(path)) = (operation, text(target, verb, faults)) {
            let mut cursor = Cursor { path: &path, at: 0, target };
            if let Err(fault) = cursor.run(tree, &operation) {
                faults.push(*fault);
            }
        }
    }
}

enum Operation<'n> {
    Rename(String, &'n Node),
    Remove,
    Set(&'n Node),
    Add(&'n Node),
}

struct Cursor<'a> {
    path: &'a str,
    at: usize,
    target: &'a Node,
}

type Outcome = Result<(), Box<Diagnostic>>;

impl Cursor<'_> {
    fn rest(&self) -> &str {
        self.path.get(self.at..).unwrap_or("")
    }

    fn fault(&self, code: Code, message: String) -> Diagnostic {
        Diagnostic::new(code, inner_span(self.target, self.path, self.at, self.path.len()), message)
    }

    fn run(&mut self, here: &mut Node, operation: &Operation<'_>) -> Outcome {
        match &mut here.kind {
            NodeKind::Map(entries) => self.in_map(entries, operation),
            NodeKind::Seq(items) => {
                let (first, rest) = self.rest().split_once('.').unwrap_or((self.rest(), ""));
                let index = first.parse::<usize>().ok().filter(|index| *index < items.len());
                let Some(index) = index else {
                    let message = format!("the list has {} elements and none is number `{first}`", items.len());
                    return Err(self.fault(Code::PatchTarget, message).into());
                };
                if !rest.is_empty() {
                    self.at += first.len() + 1;
                    return items.get_mut(index).map_or(Ok(()), |item| self.run(item, operation));
                }
                match operation {
                    Operation::Remove => drop(items.remove(index)),
                    Operation::Set(value) => {
                        if let Some(item) = items.get_mut(index) {
                            item.clone_from(value);
                        }
                    }
                    Operation::Add(value) => items.insert(index, (*value).clone()),
                    Operation::Rename(..) => {
                        return Err(self.fault(Code::PatchTarget, "elements of lists have no names".to_owned()).into());
                    }
                }
                Ok(())
            }
            _ => {
                let message = format!("there is nothing below this point but {}", here.kind_name());
                Err(self.fault(Code::PatchTarget, message).into())
            }
        }
    }

    fn in_map(&mut self, entries: &mut Vec<(Key, Node)>, operation: &Operation<'_>) -> Outcome {
        // Keys may have dots themselves (`dropped: {image.error: …}`), so the longest key that fits wins.
        let rest = self.rest().to_owned();
        let fits = |key: &str| rest.strip_prefix(key).is_some_and(|after| after.is_empty() || after.starts_with('.'));
        let found = entries
            .iter()
            .enumerate()
            .filter(|(_, (key, _))| fits(&key.text))
            .max_by_key(|(_, (key, _))| key.text.len())
            .map(|(index, (key, _))| (index, key.text.len()));
        let Some((index, len)) = found else {
            return self.absent(entries, operation, &rest);
        };
        if len < rest.len() {
            let below =
                entries.get(index).is_some_and(|(_, node)| matches!(node.kind, NodeKind::Map(_) | NodeKind::Seq(_)));
            self.at += len + usize::from(below);
            return match entries.get_mut(index) {
                Some((_, node)) => self.run(node, operation),
                None => Ok(()),
            };
        }
        match operation {
            Operation::Remove => drop(entries.remove(index)),
            Operation::Rename(to, node) => {
                if let Some((other, _)) = entries.iter().find(|(key, _)| key.text == *to) {
                    let fault = Diagnostic::new(Code::PatchExists, node.span, format!("there is a `{to}` already"))
                        .label(other.span, "here");
                    return Err(Box::new(fault));
                }
                if let Some((key, _)) = entries.get_mut(index) {
                    key.text.clone_from(to);
                    key.span = node.span;
                }
            }
            Operation::Set(value) => {
                if let Some((_, node)) = entries.get_mut(index) {
                    node.clone_from(value);
                }
            }
            Operation::Add(value) => {
                if let Some((key, node)) = entries.get_mut(index) {
                    let place = key.span;
                    return self.add_to(node, value).map_err(|fault| Box::new(fault.label(place, "here")));
                }
            }
        }
        Ok(())
    }

    /// Adds to something that is there: elements to a list, entries to a mapping.
    fn add_to(&self, here: &mut Node, value: &Node) -> Result<(), Diagnostic> {
        match (&mut here.kind, &value.kind) {
            (NodeKind::Seq(items), NodeKind::Seq(more)) => items.extend(more.iter().cloned()),
            (NodeKind::Seq(items), _) => items.push(value.clone()),
            (NodeKind::Map(entries), NodeKind::Map(more)) => {
                for (key, node) in more {
                    if entries.iter().any(|(other, _)| other.text == key.text) {
                        let message = format!("there is a `{}` already", key.text);
                        return Err(Diagnostic::new(Code::PatchExists, key.span, message));
                    }
                    entries.push((key.clone(), node.clone()));
                }
            }
            _ => {
                let message = format!("`{}` is there already", self.path);
                return Err(self.fault(Code::PatchExists, message));
            }
        }
        Ok(())
    }

    fn absent(&self, entries: &mut Vec<(Key, Node)>, operation: &Operation<'_>, rest: &str) -> Outcome {
        if let (Operation::Add(value), false) = (operation, rest.contains('.')) {
            let span = inner_span(self.target, self.path, self.at, self.path.len());
            entries.push((Key { text: rest.to_owned(), quoted: false, span }, (*value).clone()));
            return Ok(());
        }
        let word = rest.split('.').next().unwrap_or(rest);
        let fault = self.fault(Code::PatchTarget, format!("there is no `{word}` here"));
        Err(fault.suggest(word, entries.iter().map(|(key, _)| key.text.as_str())).into())
    }
}
