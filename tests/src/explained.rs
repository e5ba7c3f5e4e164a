//! Whether the difference between a Converse value and what became of it is explained by reports, leaf by leaf.
//!
//! A value that is encoded for a format and decoded again may differ in order (canonical forms merge and sort blocks, so
//! positions are no guide) and in what the report speaks of. So leaves are compared by *kind of place* (the path with roles
//! in place of the numbers of messages, and no other numbers), in their order:
//!
//! - a leaf of the original at or below a reported path may be gone or another, but texts below one that is only
//!   approximated are in the format's own body still;
//! - every other leaf of the original must be there again, in the order of its kind;
//! - a leaf that was not in the original must be of a kind that the report speaks of, or an approximation beside one: a JSON
//!   value that became a text, say;
//! - an additional field may have become the member of Converse that says the same, and a value that the format made up
//!   for a member of its own (`else:`) is an additional field.
//!
//! Reported paths of streams are those of events; [`of_events`] makes paths of the response that the events add up to.

use std::collections::BTreeMap;

use outcrop_lang::ir;
use outcrop_runtime::{Fate, Report, Tree};

/// Where and how `after` differs from `before` without a word of the report, whose paths are those of `before`; `native` is
/// what it was in between, in the format of `family`.
#[must_use]
pub fn unexplained(family: &ir::Family, before: &Tree, native: &Tree, after: &Tree, report: &Report) -> Option<String> {
    let reported: Vec<&str> = report.losses.iter().map(|loss| loss.path.as_str()).collect();
    let mut spoken: Vec<String> = reported.iter().map(|path| kind_of(before, path)).collect();
    let approximated = report.losses.iter().filter(|loss| loss.fate == Fate::Approximated);
    spoken.extend(approximated.filter_map(|loss| Some(kind_of(before, loss.path.as_str().rsplit_once('.')?.0))));
    let mut wanted: BTreeMap<String, Vec<Leaf>> = BTreeMap::new();
    walk(before, &mut Place::default(), &reported, &mut wanted);
    let mut got: BTreeMap<String, Vec<Leaf>> = BTreeMap::new();
    walk(after, &mut Place::default(), &[], &mut got);
    if let Some(fault) = gone(before, native, report) {
        return Some(fault);
    }
    let mut faults = Faults::default();
    let none = Vec::new();
    let names: Vec<&String> = wanted.keys().chain(got.keys().filter(|k| !wanted.contains_key(*k))).collect();
    for name in names {
        let (wanted, got) = (wanted.get(name).unwrap_or(&none), got.get(name).unwrap_or(&none));
        let spoken_of = spoken.iter().any(|k| under(name, k));
        faults.compare(name, wanted, got, spoken_of);
    }
    faults.new.retain(|(name, _)| !(under_additional(name) && is_made_up(family, name)));
    faults.without_moved()
}

/// A report of events as one of the response that they add up to. Which block it was is not told.
#[must_use]
pub fn of_events(report: &Report) -> Report {
    let mut whole = Report::default();
    for loss in &report.losses {
        let (event, rest) = loss.path.split_once('.').unwrap_or((&loss.path, ""));
        let rest = rest.strip_prefix("start.").or_else(|| rest.strip_prefix("delta.")).unwrap_or(rest);
        let path = if event.starts_with("contentBlock") {
            format!("output.message.content[].{rest}")
        } else {
            rest.to_owned()
        };
        whole.add(loss.fate, path, loss.why.clone());
    }
    whole
}

/// Whether a format makes up a value for the native member that an additional field is named after.
fn is_made_up(family: &ir::Family, name: &str) -> bool {
    let key = name.rsplit('.').next().unwrap_or_default();
    let made = |s: &ir::Struct| {
        s.fields.iter().any(|f| f.key == key && f.default.is_some() && matches!(f.lens, ir::Lens::Extra))
    };
    family.types.iter().any(|t| match &t.kind {
        ir::TypeKind::Struct(s) => made(s),
        ir::TypeKind::Union(u) => u.cases.iter().any(|c| matches!(&c.body, ir::CaseBody::Struct(s) if made(s))),
        _ => false,
    })
}

fn under_additional(name: &str) -> bool {
    name.starts_with("additionalModel")
}

/// A text below what is said to be approximated that is nowhere.
fn gone(before: &Tree, native: &Tree, report: &Report) -> Option<String> {
    let approximated = report.losses.iter().filter(|loss| loss.fate == Fate::Approximated);
    let containers: Vec<&str> = approximated.map(|loss| loss.path.as_str()).collect();
    if containers.is_empty() {
        return None;
    }
    let mut all = BTreeMap::new();
    walk(before, &mut Place::default(), &containers, &mut all);
    let mut held = BTreeMap::new();
    walk(native, &mut Place::default(), &[], &mut held);
    let held: String = held.into_values().flatten().filter_map(|l| l.value.as_str().map(str::to_owned)).collect();
    let texts = all.iter().filter(|(name, _)| name.ends_with(".text"));
    for (name, leaf) in texts.flat_map(|(name, leaves)| leaves.iter().map(move |l| (name, l))) {
        let text = leaf.value.as_str().filter(|_| leaf.covered && !containers.contains(&leaf.path.as_str()));
        if let Some(text) = text
            && !held.contains(text)
        {
            return Some(format!("`{name}` is nowhere, and is said to be only approximated: {}", shown(&leaf.value)));
        }
    }
    None
}

/// Leaves that are gone and leaves that are new, each with its kind, where no report speaks of them.
#[derive(Default)]
struct Faults {
    lost: Vec<(String, Tree)>,
    new: Vec<(String, Tree)>,
}

impl Faults {
    fn compare(&mut self, name: &str, wanted: &[Leaf], got: &[Leaf], spoken_of: bool) {
        let wanted = wanted.iter().filter(|leaf| !leaf.covered).map(|leaf| &leaf.value);
        let got = got.iter().map(|leaf| &leaf.value);
        let (lost, new) = if name.ends_with(".text") {
            texts(wanted, got)
        } else if name.ends_with(".required[]") {
            // The names of required properties are a set.
            values(sorted(wanted).iter(), sorted(got).iter())
        } else {
            values(wanted, got)
        };
        let new = if spoken_of { Vec::new() } else { new };
        self.lost.extend(lost.into_iter().map(|value| (name.to_owned(), value)));
        self.new.extend(new.into_iter().map(|value| (name.to_owned(), value)));
    }

    /// The first fault, apart from additional fields that are members of Converse now.
    fn without_moved(mut self) -> Option<String> {
        self.lost.retain(|(name, value)| {
            let same = |(_, new): &(String, Tree)| new.difference(value).is_none();
            let moved = if under_additional(name) { self.new.iter().position(same) } else { None };
            moved.map(|at| self.new.remove(at)).is_none()
        });
        let lost = self.lost.first().map(|(name, value)| format!("`{name}` is lost without a word: {}", shown(value)));
        lost.or_else(|| self.new.first().map(|(name, value)| format!("`{name}` comes from nowhere: {}", shown(value))))
    }
}

struct Leaf {
    value: Tree,
    path: String,
    /// A report speaks of it.
    covered: bool,
}

#[derive(Default)]
struct Place {
    path: String,
    kind: String,
}

fn walk(tree: &Tree, at: &mut Place, reported: &[&str], out: &mut BTreeMap<String, Vec<Leaf>>) {
    let (path, kind) = (at.path.len(), at.kind.len());
    match tree {
        Tree::Null => {}
        Tree::Obj(o) => {
            for (name, value) in o.members() {
                // The role of a message is in the kinds of its leaves.
                if name == "role" && at.kind.starts_with("messages") {
                    continue;
                }
                let dot = if at.path.is_empty() { "" } else { "." };
                at.path.push_str(&format!("{dot}{name}"));
                at.kind.push_str(&format!("{dot}{name}"));
                walk(value, at, reported, out);
                at.path.truncate(path);
                at.kind.truncate(kind);
            }
        }
        Tree::Arr(a) => {
            for (i, item) in a.items().iter().enumerate() {
                at.path.push_str(&format!("[{i}]"));
                at.kind.push_str(&format!("[{}]", role(&at.kind, item)));
                walk(item, at, reported, out);
                at.path.truncate(path);
                at.kind.truncate(kind);
            }
        }
        leaf => {
            let covered = reported.iter().any(|r| under(&at.path, r) || under(&at.kind, r));
            out.entry(at.kind.clone()).or_default().push(Leaf { value: leaf.clone(), path: at.path.clone(), covered });
        }
    }
}

/// What stands in place of a number: the role in lists of messages.
fn role<'t>(kind: &str, item: &'t Tree) -> &'t str {
    let role = || item.get("role").and_then(Tree::as_str).unwrap_or_default();
    if kind == "messages" { role() } else { "" }
}

/// The kind of the place that a path leads to.
fn kind_of(tree: &Tree, path: &str) -> String {
    let mut kind = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('[') {
        kind.push_str(before);
        let (number, tail) = after.split_once(']').unwrap_or((after, ""));
        let messages = tree.get("messages").and_then(Tree::as_list).unwrap_or_default();
        let message = number.parse::<usize>().ok().and_then(|n| messages.get(n));
        let role = message.map_or("", |m| role(&kind, m));
        kind.push_str(&format!("[{role}]"));
        rest = tail;
    }
    kind.push_str(rest);
    kind
}

/// Whether `path` is `of` or below it.
fn under(path: &str, of: &str) -> bool {
    of.is_empty() || path.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Values of one kind, in their order: those that are gone and those that are new.
fn values<'t>(wanted: impl Iterator<Item = &'t Tree>, got: impl Iterator<Item = &'t Tree>) -> (Vec<Tree>, Vec<Tree>) {
    let got: Vec<&Tree> = got.collect();
    let (mut lost, mut new, mut next) = (Vec::new(), Vec::new(), 0);
    for value in wanted {
        match got[next..].iter().position(|g| g.difference(value).is_none()) {
            Some(skipped) => {
                new.extend(got[next..next + skipped].iter().map(|g| (*g).clone()));
                next += skipped + 1;
            }
            None => lost.push(value.clone()),
        }
    }
    new.extend(got[next..].iter().map(|g| (*g).clone()));
    (lost, new)
}

/// Texts of one kind, which may be joined and cut anew.
fn texts<'t>(wanted: impl Iterator<Item = &'t Tree>, got: impl Iterator<Item = &'t Tree>) -> (Vec<Tree>, Vec<Tree>) {
    let text = |value: &'t Tree| value.as_str().unwrap_or_default();
    let all: String = got.map(text).collect();
    let (mut lost, mut new, mut rest) = (Vec::new(), String::new(), all.as_str());
    for value in wanted {
        let text = text(value);
        match rest.split_once(text) {
            Some((before, after)) => {
                new.push_str(before);
                rest = after;
            }
            None => lost.push(value.clone()),
        }
    }
    new.push_str(rest);
    (lost, if new.is_empty() { Vec::new() } else { vec![Tree::str(new)] })
}

fn sorted<'t>(values: impl Iterator<Item = &'t Tree>) -> Vec<Tree> {
    let mut values: Vec<Tree> = values.cloned().collect();
    values.sort_by_key(Tree::to_string);
    values
}

fn shown(value: &Tree) -> String {
    value.to_string().chars().take(200).collect()
}
