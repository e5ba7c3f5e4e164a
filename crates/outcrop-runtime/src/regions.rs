//! One string that carries several kinds of content between tags, such as reasoning before the answer.
//!
//! [`Splitter`] is the only reader: a whole string is one chunk of a stream. So cutting the string into other chunks
//! never changes what each region holds. Both writers read back what they wrote and refuse what would read differently.

mod join;
mod wrap;

pub use join::{Joined, join};
pub use wrap::Wrapper;

use std::borrow::Cow;

use memchr::memmem;

use crate::literals::Literals;

/// A region of a string. Borrowed, so that generated code can hold it in a constant.
#[derive(Debug, Clone, Copy, Default)]
pub struct Region<'a> {
    /// Opening tag; empty for plain text, which comes last in a list of regions.
    pub open: &'a str,
    /// Closing tag.
    pub close: &'a str,
    /// Only before any plain text.
    pub at_start: bool,
    /// The string begins inside this region: its opening tag stands in the prompt.
    pub implied: bool,
    /// What plain text begins with that is not part of it.
    pub lead: &'a str,
}

/// Splits a string that arrives in chunks. What might be the beginning of a tag is held back until it is decided.
#[derive(Debug, Clone)]
pub struct Splitter<'r> {
    regions: Cow<'r, [Region<'r>]>,
    /// Index of the region that the next text belongs to.
    current: usize,
    /// No plain text yet.
    at_start: bool,
    /// The opening tag of an implied region may still come: some models repeat it.
    repeated: bool,
    lead: Lead,
    held: String,
}

/// What became of what plain text begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// It may still come.
    Due,
    /// It came, or there is none.
    Settled,
    /// Plain text came without it.
    Lacking,
}

/// Why a string whose plain text lacks its lead is reported.
pub const LACKS_LEAD: &str = "the text does not begin as the format's texts do; it would be written so";

/// A piece of a string: index of its region, and text.
pub type Part<'t> = (usize, Cow<'t, str>);

/// Splits a whole string. Adjacent parts are of different regions; none is empty.
#[must_use]
pub fn split<'t>(regions: &[Region<'_>], text: &str) -> Vec<Part<'t>> {
    let mut parts: Vec<(usize, String)> = Vec::new();
    let mut add = |region, text: &str| match parts.last_mut() {
        Some((last, all)) if *last == region => all.push_str(text),
        _ => parts.push((region, text.to_owned())),
    };
    let mut splitter = Splitter::new(regions);
    splitter.push(text, &mut add);
    splitter.finish(&mut add);
    parts.into_iter().map(|(region, text)| (region, Cow::Owned(text))).collect()
}

/// Whether the plain text of a whole string does not begin with its lead.
#[must_use]
pub fn lacks_lead(regions: &[Region<'_>], text: &str) -> bool {
    if lead(regions).is_empty() {
        return false;
    }
    let mut splitter = Splitter::new(regions);
    splitter.push(text, &mut |_, _| {});
    splitter.finish(&mut |_, _| {});
    splitter.lacks_lead()
}

/// What plain text begins with.
fn lead<'r>(regions: &[Region<'r>]) -> &'r str {
    regions.last().map_or("", |plain| plain.lead)
}

impl<'r> Splitter<'r> {
    /// At the beginning of a string.
    pub fn new(regions: impl Into<Cow<'r, [Region<'r>]>>) -> Self {
        let regions = regions.into();
        let implied = regions.iter().position(|r| r.implied);
        let current = implied.unwrap_or(regions.len().saturating_sub(1));
        let lead = if lead(&regions).is_empty() { Lead::Settled } else { Lead::Due };
        Self { regions, current, at_start: true, repeated: implied.is_some(), lead, held: String::new() }
    }

    /// Whether plain text came without its lead.
    #[must_use]
    pub fn lacks_lead(&self) -> bool {
        self.lead == Lead::Lacking
    }

    /// The region that a chunk belongs to as a whole, told by the bytes that could begin a tag; `raw`: the chunk as it
    /// stands between quotes. Nothing is noted, and nothing would have to be.
    #[must_use]
    pub fn passes(&self, raw: &str) -> Option<usize> {
        let region = self.regions.get(self.current)?;
        let plain = self.current + 1 == self.regions.len();
        if !self.held.is_empty() || self.repeated || plain && (self.at_start || self.lead == Lead::Due) {
            return None;
        }
        let free = |tag: &str| {
            // What is escaped in JSON looks different there.
            tag.bytes().next().is_none_or(|b| b >= b' ' && memchr::memchr(b, raw.as_bytes()).is_none())
        };
        let none = if plain { self.regions.iter().all(|r| free(r.open)) } else { free(region.close) };
        (none && memmem::find(raw.as_bytes(), b"\\u").is_none()).then_some(self.current)
    }

    /// Takes a chunk and gives the pieces that are decided, each with the index of its region.
    pub fn push(&mut self, chunk: &str, out: &mut dyn FnMut(usize, &str)) {
        let text = if self.held.is_empty() {
            Cow::Borrowed(chunk)
        } else {
            self.held.push_str(chunk);
            Cow::Owned(std::mem::take(&mut self.held))
        };
        let mut rest = &*text;
        while !rest.is_empty() {
            let plain = self.current + 1 == self.regions.len();
            match if plain { self.plain(rest, out) } else { self.tagged(rest, out) } {
                Some(after) => rest = after,
                None => return,
            }
        }
    }

    /// Ends the string: what was held back is text after all.
    pub fn finish(&mut self, out: &mut dyn FnMut(usize, &str)) {
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            if self.lead == Lead::Due && self.current + 1 == self.regions.len() {
                self.lead = Lead::Lacking;
            }
            out(self.current, &held);
        }
    }

    /// Inside a tagged region. Gives what is left to look at; none if the chunk is used up.
    fn tagged<'t>(&mut self, text: &'t str, out: &mut dyn FnMut(usize, &str)) -> Option<&'t str> {
        let region = *self.regions.get(self.current)?;
        if std::mem::take(&mut self.repeated) && !region.open.is_empty() {
            if let Some(rest) = text.strip_prefix(region.open) {
                return Some(rest);
            }
            if region.open.starts_with(text) {
                self.repeated = true;
                return self.hold(text, text.len(), out);
            }
        }
        if let Some(at) = memmem::find(text.as_bytes(), region.close.as_bytes()) {
            self.emit(text.get(..at)?, out);
            self.current = self.regions.len() - 1;
            return text.get(at + region.close.len()..);
        }
        self.hold(text, overlap(text, region.close), out)
    }

    /// Inside plain text.
    fn plain<'t>(&mut self, text: &'t str, out: &mut dyn FnMut(usize, &str)) -> Option<&'t str> {
        let tagged = || self.regions.iter().enumerate().filter(|(_, r)| !r.open.is_empty());
        if self.at_start {
            let mut first = tagged().filter(|(_, r)| r.at_start);
            if let Some((index, region)) = first.clone().find(|(_, r)| text.starts_with(r.open)) {
                let rest = text.get(region.open.len()..);
                self.current = index;
                return rest;
            }
            if first.any(|(_, r)| r.open.starts_with(text)) {
                return self.hold(text, text.len(), out);
            }
        }
        if self.lead == Lead::Due {
            let lead = lead(&self.regions);
            if let Some(rest) = text.strip_prefix(lead) {
                (self.lead, self.at_start) = (Lead::Settled, false);
                return Some(rest);
            }
            if lead.starts_with(text) {
                return self.hold(text, text.len(), out);
            }
            self.lead = Lead::Lacking;
        }
        let anywhere = || tagged().filter(|(_, r)| !r.at_start);
        if let Some((at, open)) = Literals::new(anywhere().map(|(_, r)| r.open)).find(text, 0) {
            let index = anywhere().find(|(_, r)| r.open == open).map_or(self.current, |(index, _)| index);
            let (before, rest) = (text.get(..at)?, text.get(at + open.len()..));
            self.emit(before, out);
            self.current = index;
            return rest;
        }
        let keep = anywhere().map(|(_, r)| overlap(text, r.open)).max().unwrap_or_default();
        self.hold(text, keep, out)
    }

    /// Gives all but the last `keep` bytes and keeps those.
    fn hold<'t>(&mut self, text: &'t str, keep: usize, out: &mut dyn FnMut(usize, &str)) -> Option<&'t str> {
        let (now, later) = text.split_at_checked(text.len() - keep)?;
        self.emit(now, out);
        self.held.push_str(later);
        None
    }

    fn emit(&mut self, text: &str, out: &mut dyn FnMut(usize, &str)) {
        if !text.is_empty() {
            self.at_start &= self.current + 1 != self.regions.len();
            out(self.current, text);
        }
    }
}

/// Length of the longest end of `text` that may be the beginning of `tag`.
fn overlap(text: &str, tag: &str) -> usize {
    let longest = tag.len().saturating_sub(1).min(text.len());
    (1..=longest)
        .rev()
        .find(|n| tag.as_bytes().get(..*n).is_some_and(|head| text.as_bytes().ends_with(head)))
        .unwrap_or_default()
}
