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

mod texts;
mod walk;

use outcrop_lang::ir;
use outcrop_runtime::{Fate, Report, Tree};
use texts::{Texts, sorted, values};
use walk::{Leaf, is_text, kind_of, leaves, under};

/// Where and how `after` differs from `before` without a word of the report, whose paths are those of `before`; `native` is
/// what it was in between, in the format of `family`.
#[must_use]
pub fn unexplained(family: &ir::Family, before: &Tree, native: &Tree, after: &Tree, report: &Report) -> Option<String> {
    let reported: Vec<&str> = report.losses.iter().map(|loss| loss.path.as_str()).collect();
    let mut spoken: Vec<String> = reported.iter().map(|path| kind_of(before, path)).collect();
    let approximated = report.losses.iter().filter(|loss| loss.fate == Fate::Approximated);
    spoken.extend(approximated.filter_map(|loss| Some(kind_of(before, loss.path.as_str().rsplit_once('.')?.0))));
    let (wanted, got) = (leaves(before, &reported), leaves(after, &[]));
    if let Some(fault) = gone(before, native, report) {
        return Some(fault);
    }
    let mut faults = Faults { approximated: approximated_texts(before, report), ..Faults::default() };
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
            // Text and signature are members of the block, one level deeper.
            let inner = ["text", "signature"].map(|m| (format!("reasoningContent.{m}"), m));
            let deeper = inner.iter().find(|(from, _)| from == rest);
            let rest = deeper.map_or_else(|| rest.to_owned(), |(_, m)| format!("reasoningContent.reasoningText.{m}"));
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
    let dropped: Vec<&str> =
        report.losses.iter().filter(|l| l.fate == Fate::Dropped).map(|l| l.path.as_str()).collect();
    let all = leaves(before, &containers);
    let held: String =
        leaves(native, &[]).into_values().flatten().filter_map(|l| l.value.as_str().map(str::to_owned)).collect();
    let texts = all.iter().filter(|(name, _)| is_text(name));
    for (name, leaf) in texts.flat_map(|(name, leaves)| leaves.iter().map(move |l| (name, l))) {
        let text = leaf.value.as_str().filter(|_| {
            let below = leaf.covered && !containers.contains(&leaf.path.as_str());
            below && !dropped.iter().any(|d| under(&leaf.path, d))
        });
        if let Some(text) = text
            && !held.contains(text)
        {
            return Some(format!("`{name}` is nowhere, and is said to be only approximated: {}", shown(&leaf.value)));
        }
    }
    None
}

/// Texts of `before` at places that are said to be approximated.
fn approximated_texts(before: &Tree, report: &Report) -> Vec<Leaf> {
    let approximated = report.losses.iter().filter(|loss| loss.fate == Fate::Approximated);
    let places: Vec<&str> = approximated.map(|loss| loss.path.as_str()).collect();
    let covered = leaves(before, &places).into_values().flatten().filter(|leaf| leaf.covered);
    covered.filter(|leaf| leaf.value.as_str().is_some()).collect()
}

/// Leaves that are gone and leaves that are new, each with its kind, where no report speaks of them.
#[derive(Default)]
struct Faults {
    lost: Vec<(String, Tree)>,
    new: Vec<(String, Tree)>,
    /// Texts that went through in another form: perhaps among other texts.
    approximated: Vec<Leaf>,
}

impl Faults {
    fn compare(&mut self, name: &str, wanted: &[Leaf], got: &[Leaf], spoken_of: bool) {
        let wanted = wanted.iter().filter(|leaf| !leaf.covered);
        let got = got.iter().map(|leaf| &leaf.value);
        let (lost, new) = if is_text(name) {
            Texts { wanted: wanted.collect(), approximated: &self.approximated, spoken_of }.faults(got)
        } else if name.ends_with(".required[]") {
            // The names of required properties are a set.
            values(sorted(wanted.map(|leaf| &leaf.value)).iter(), sorted(got).iter())
        } else {
            values(wanted.map(|leaf| &leaf.value), got)
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

fn shown(value: &Tree) -> String {
    value.to_string().chars().take(200).collect()
}
