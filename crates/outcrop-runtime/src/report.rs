//! Losses: what a translation did not carry over unchanged.

use std::borrow::Cow;

use crate::usage::Sources;
use crate::{Code, Error, Place};

/// What became of a value that did not go through unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It is gone.
    Dropped,
    /// It goes by another name (tool-call ids, for example).
    Renamed,
    /// It was not there and had to be made.
    Synthesised,
    /// It went through in another form that does not read back the same.
    Approximated,
}

impl Fate {
    /// The word that users see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Fate::Dropped => "dropped",
            Fate::Renamed => "renamed",
            Fate::Synthesised => "synthesised",
            Fate::Approximated => "approximated",
        }
    }
}

/// One entry of a [`Report`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// What became of it.
    pub fate: Fate,
    /// Path on the side it was read from (Converse when encoding, native when decoding).
    pub path: Place,
    /// Why.
    pub why: Cow<'static, str>,
}

/// Everything that a translation did not carry over unchanged. Empty for a faithful translation; costs nothing then.
/// With it, where token counts came from, which is no loss.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// By path, each once, when the translation is done.
    pub losses: Vec<Loss>,
    /// Who said each token count of a decoded answer.
    pub usage: Sources,
    /// How many were added that none of the last few was.
    added: usize,
}

impl PartialEq for Report {
    fn eq(&self, other: &Self) -> bool {
        self.losses == other.losses && self.usage == other.usage
    }
}

impl Eq for Report {}

/// The same loss comes again soon (a stream) or not at all: so many are looked through before it is added.
const RECENT: usize = 32;

impl Report {
    /// Adds an entry, unless the same value met the same fate lately. In the end each is there once.
    pub fn add(&mut self, fate: Fate, path: impl Into<Place>, why: impl Into<Cow<'static, str>>) {
        let path = path.into();
        if self.losses.iter().rev().take(RECENT).any(|l| l.fate == fate && l.path == path) {
            return;
        }
        if self.losses.len() == self.losses.capacity() {
            // A stream may say the same again and again: what is there twice goes before more room is taken.
            self.settle();
            // Few steps up to any size, and a first one for which allocators have room at hand.
            if self.losses.len() * 2 >= self.losses.capacity() {
                self.losses.reserve(self.losses.len().saturating_mul(3).max(8));
            }
        }
        self.losses.push(Loss { fate, path, why: why.into() });
        self.added += 1;
    }

    /// How many entries there have been so far: another number later says that something was lost in between.
    #[must_use]
    pub fn added(&self) -> usize {
        self.added
    }

    /// Brings the entries into the order of their paths, whatever the order in which they were met, each once.
    pub fn sort(&mut self) {
        self.settle();
    }

    fn settle(&mut self) {
        if self.losses.len() > 1 {
            let key = |l: &Loss| l.fate.as_str();
            self.losses.sort_unstable_by(|a, b| {
                by_place(&a.path, &b.path).then_with(|| key(a).cmp(key(b))).then_with(|| a.why.cmp(&b.why))
            });
            self.losses.dedup_by(|b, a| a.fate == b.fate && a.path == b.path);
        }
    }

    /// In strict mode, the first loss that is a drop or an approximation as an error.
    pub fn strict(&self) -> Result<(), Error> {
        match self.losses.iter().find(|l| !matches!(l.fate, Fate::Renamed | Fate::Synthesised)) {
            Some(l) => Err(Error::new(
                Code::Strict,
                format!("would be {}: {}; leave it out or translate without strict mode", l.fate.as_str(), l.why),
            )
            .at(l.path.as_str())),
            None => Ok(()),
        }
    }
}

/// Compares paths: indexes by number, everything else as text.
fn by_place(a: &str, b: &str) -> std::cmp::Ordering {
    let number = |part: &str| part.strip_suffix(']').and_then(|n| n.parse::<u64>().ok());
    let (mut a, mut b) = (a.split(['.', '[']), b.split(['.', '[']));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return std::cmp::Ordering::Equal,
            (None, Some(_)) => return std::cmp::Ordering::Less,
            (Some(_), None) => return std::cmp::Ordering::Greater,
            (Some(a), Some(b)) => match (number(a), number(b)) {
                (Some(a), Some(b)) => a.cmp(&b),
                _ => a.cmp(b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fate, Report};

    #[test]
    fn a_report_goes_by_place() {
        let mut report = Report::default();
        let paths = [
            "messages[10].role",
            "messages[2].content[1]",
            "system",
            "messages[2].content",
            "messages[2].content[0].text",
        ];
        for path in paths {
            report.add(Fate::Dropped, path, "why");
        }
        report.sort();
        let sorted: Vec<&str> = report.losses.iter().map(|l| l.path.as_str()).collect();
        let wanted = [
            "messages[2].content",
            "messages[2].content[0].text",
            "messages[2].content[1]",
            "messages[10].role",
            "system",
        ];
        assert_eq!(sorted, wanted);
    }

    #[test]
    fn a_loss_that_is_met_again_and_again_takes_no_room() {
        let mut report = Report::default();
        for i in 0..100_000 {
            report.add(Fate::Dropped, format!("chunks.{}", i % 50), "why");
        }
        assert!(report.losses.capacity() <= 1024, "{}", report.losses.capacity());
        report.sort();
        assert_eq!(report.losses.len(), 50);
    }
}
