//! Deltas of a stream to the text of native chunks.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::{Region, Splitter};
use crate::{Code, Error};

/// Writes deltas: each fragment of a tagged region in a pair of tags of its own, so that every chunk stands for itself.
#[derive(Debug, Clone)]
pub struct Wrapper<'r> {
    regions: Cow<'r, [Region<'r>]>,
    /// The string still is inside the implied region.
    implied: Option<usize>,
    /// No plain text yet.
    at_lead: bool,
    /// Reads what was written.
    reader: Splitter<'r>,
    /// What it must still read.
    expected: VecDeque<(usize, String)>,
}

impl<'r> Wrapper<'r> {
    /// At the beginning of a string.
    pub fn new(regions: impl Into<Cow<'r, [Region<'r>]>>) -> Self {
        let regions = regions.into();
        let implied = regions.iter().position(|r| r.implied);
        Self { reader: Splitter::new(regions.clone()), regions, implied, at_lead: true, expected: VecDeque::new() }
    }

    /// The native text of a delta.
    pub fn push(&mut self, region: usize, text: &str) -> Result<String, Error> {
        if text.is_empty() {
            return Ok(String::new());
        }
        let here = self.regions.get(region).copied().unwrap_or_default();
        let mut out = String::new();
        match self.implied.take() {
            Some(implied) if implied == region => {
                self.implied = Some(implied);
                out.push_str(text);
            }
            before => {
                out.push_str(before.and_then(|i| self.regions.get(i)).map_or("", |r| r.close));
                if region + 1 == self.regions.len() && std::mem::take(&mut self.at_lead) {
                    out.push_str(here.lead);
                }
                for part in within(text, here.close) {
                    out.push_str(here.open);
                    out.push_str(part);
                    out.push_str(here.close);
                }
            }
        }
        match self.expected.back_mut() {
            Some((last, all)) if *last == region => all.push_str(text),
            _ => self.expected.push_back((region, text.to_owned())),
        }
        let (mut same, expected) = (true, &mut self.expected);
        self.reader.push(&out, &mut |region, text| same &= took(expected, region, text));
        if same { Ok(out) } else { Err(misread()) }
    }

    /// Ends the string.
    pub fn finish(&mut self) -> Result<(), Error> {
        let (mut same, expected) = (true, &mut self.expected);
        self.reader.finish(&mut |region, text| same &= took(expected, region, text));
        if same && self.expected.is_empty() { Ok(()) } else { Err(misread()) }
    }
}

/// The parts of a fragment of a region: none has the closing tag in it, whose halves are in tags of their own. So it makes
/// no difference whether a stream is cut within the tag or not.
fn within<'t>(text: &'t str, close: &str) -> Vec<&'t str> {
    let Some(first) = close.chars().next().filter(|c| c.len_utf8() < close.len()) else { return vec![text] };
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((part, after)) = rest.find(close).and_then(|at| rest.split_at_checked(at + first.len_utf8())) {
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

/// Takes what was read off what is expected.
fn took(expected: &mut VecDeque<(usize, String)>, region: usize, text: &str) -> bool {
    let Some((wanted, all)) = expected.front_mut() else { return false };
    if *wanted != region || !all.starts_with(text) {
        return false;
    }
    all.drain(..text.len());
    if all.is_empty() {
        expected.pop_front();
    }
    true
}

fn misread() -> Error {
    Error::new(
        Code::ReservedMarker,
        "the text would be read back as another kind of block; change the text or the order of the blocks",
    )
}
