//! The two checks that no content became a marker.

use super::{Place, Renderer};
use crate::literals::Literals;
use crate::prompt::scan::{self, Content};

impl Renderer<'_> {
    /// The first content that a marker runs into: wholly, over several blocks, or together with a literal.
    pub(super) fn marker(&self) -> Option<Place> {
        let markers = Literals::new(self.grammar.markers.iter().copied().chain(self.grammar.image));
        let (mut from, mut runs) = (0, self.runs.iter().peekable());
        while let Some((at, longest)) = markers.find(&self.plain, from) {
            while runs.next_if(|r| r.end <= at).is_some() {}
            if let Some(run) = runs.clone().find(|r| r.start < r.end).filter(|r| r.start < at + longest.len()) {
                return Some(run.place);
            }
            from = at + 1;
        }
        None
    }

    /// The first turn that would not be read back as it was written.
    pub(super) fn misread(&self) -> Option<Place> {
        let read = scan::contents(&self.grammar, &self.plain).unwrap_or_default();
        let mut read = read.iter();
        for turn in &self.turns {
            let same = |c: &Content| (c.role, c.start, c.end) == (turn.grammar.role, turn.content, turn.end);
            if !read.next().is_some_and(same) {
                return Some((turn.ordinal, 0));
            }
        }
        read.next().map(|_| (self.begun.saturating_sub(1), 0))
    }
}
