//! The leaves of a Converse value, by kind of place.

use std::collections::BTreeMap;

use outcrop_runtime::Tree;

pub(super) struct Leaf {
    pub(super) value: Tree,
    pub(super) path: String,
    /// How many came before, instructions first.
    pub(super) order: usize,
    /// A report speaks of it.
    pub(super) covered: bool,
}

/// All leaves, by kind; those at or below `reported` paths are covered.
pub(super) fn leaves(tree: &Tree, reported: &[&str]) -> BTreeMap<String, Vec<Leaf>> {
    let mut out = BTreeMap::new();
    walk(tree, &mut Place::default(), reported, &mut out);
    out
}

#[derive(Default)]
struct Place {
    path: String,
    kind: String,
    count: usize,
}

fn walk(tree: &Tree, at: &mut Place, reported: &[&str], out: &mut BTreeMap<String, Vec<Leaf>>) {
    let (path, kind) = (at.path.len(), at.kind.len());
    match tree {
        Tree::Null => {}
        Tree::Obj(o) => {
            let mut members: Vec<_> = o.members().iter().collect();
            members.sort_by_key(|(name, _)| path > 0 || name != "system");
            for (name, value) in members {
                // The role of a message is in the kinds of its leaves.
                if name == "role" && at.kind.starts_with("messages") {
                    continue;
                }
                let dot = if at.path.is_empty() { "" } else { "." };
                at.path.extend([dot, name.as_str()]);
                at.kind.extend([dot, name.as_str()]);
                walk(value, at, reported, out);
                at.path.truncate(path);
                at.kind.truncate(kind);
            }
        }
        Tree::Arr(a) => {
            for i in 0..a.items().len() {
                let role = role(&at.kind, a.items(), i);
                at.path.extend(["[", &i.to_string(), "]"]);
                at.kind.extend(["[", role, "]"]);
                walk(&a.items()[i], at, reported, out);
                at.path.truncate(path);
                at.kind.truncate(kind);
            }
        }
        leaf => {
            let covered = reported.iter().any(|r| under(&at.path, r) || under(&at.kind, r));
            let leaf = Leaf { value: leaf.clone(), path: at.path.clone(), order: at.count, covered };
            at.count += 1;
            out.entry(plain(&at.kind)).or_default().push(leaf);
        }
    }
}

/// What stands in place of a number: the role in lists of messages.
fn role<'t>(kind: &str, items: &'t [Tree], at: usize) -> &'t str {
    let role = |item: &'t Tree| item.get("role").and_then(Tree::as_str).unwrap_or_default();
    match items.get(..=at) {
        Some(head) if kind == "messages" && head.iter().all(|m| role(m) == "system") => HEAD,
        Some([.., item]) if kind == "messages" => role(item),
        _ => "",
    }
}

/// Messages of role `system` at the head are part of the instructions.
const HEAD: &str = "^";

fn plain(kind: &str) -> String {
    match kind.strip_prefix("messages[^]") {
        Some(rest) => format!("system{}", rest.strip_prefix(".content").unwrap_or(rest)),
        None => kind.to_owned(),
    }
}

/// The kind of the place that a path leads to.
pub(super) fn kind_of(tree: &Tree, path: &str) -> String {
    let mut kind = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('[') {
        kind.push_str(before);
        let (number, tail) = after.split_once(']').unwrap_or((after, ""));
        let messages = tree.get("messages").and_then(Tree::as_list).unwrap_or_default();
        let role = number.parse::<usize>().map_or("", |n| role(&kind, messages, n));
        kind.extend(["[", role, "]"]);
        rest = tail;
    }
    kind.push_str(rest);
    plain(&kind)
}

/// Whether leaves of a kind are words, which may be joined.
pub(super) fn is_text(kind: &str) -> bool {
    kind.rsplit('.').next() == Some("text")
}

/// Whether `path` is `of` or below it.
pub(super) fn under(path: &str, of: &str) -> bool {
    of.is_empty() || path.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
