//! Token counts that come from several places of a call.

use std::borrow::Cow;

use crate::Tree;
use crate::tree::Object;

/// Where a count was said. Later ones are believed before earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Source {
    /// It is the sum of the other counts, whoever may have written it as well.
    Sum,
    /// An HTTP header.
    Header,
    /// The metrics that the service adds to the last chunk.
    Metrics,
    /// A chunk of the stream.
    Chunk,
    /// The body of an answer that is no stream.
    Body,
}

impl Source {
    /// The word that users see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Header => "header",
            Self::Metrics => "metrics",
            Self::Chunk => "chunk",
            Self::Body => "body",
        }
    }
}

/// The counts of `TokenUsage`, in the order of its members.
pub const COUNTS: [&str; 5] =
    ["inputTokens", "outputTokens", "totalTokens", "cacheReadInputTokens", "cacheWriteInputTokens"];

/// Who said each count of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sources([Option<Source>; 5]);

impl Sources {
    /// From counts in the order of [`COUNTS`]. A total that is the sum of the others is told as one.
    #[must_use]
    pub fn of(counts: [Option<(i64, Source)>; 5]) -> Self {
        let [input, output, total, read, write] = counts;
        let parts = [input, output, read, write].into_iter().flatten().map(|(n, _)| n);
        let is_sum = total.is_some_and(|(n, _)| parts.reduce(i64::saturating_add) == Some(n));
        let mut sources = counts.map(|count| count.map(|(_, source)| source));
        if let (true, [_, _, total, ..]) = (is_sum, &mut sources) {
            *total = Some(Source::Sum);
        }
        Self(sources)
    }

    /// Whether a total only adds up what its source or better ones knew: then it adds up what worse ones know, too.
    #[must_use]
    pub fn adds_up(counts: [Option<(i64, Source)>; 5]) -> bool {
        let [input, output, total, read, write] = counts;
        let Some((total, source)) = total else { return false };
        let parts = [input, output, read, write].into_iter().flatten().filter(|(_, from)| *from >= source);
        parts.map(|(n, _)| n).reduce(i64::saturating_add) == Some(total)
    }

    /// Who said a count of this name (`inputTokens`); none if it is not there.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<Source> {
        COUNTS.iter().zip(self.0).find(|(count, _)| **count == name).and_then(|(_, source)| source)
    }
}

/// Collects the members of `TokenUsage`. Nothing is estimated: a count that nobody said is not there.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    members: Vec<(Cow<'static, str>, Count, Source)>,
}

/// A member's value; whole numbers come with every chunk of some streams and cost nothing.
#[derive(Debug, Clone)]
enum Count {
    Whole(i64),
    Other(Tree),
}

impl Count {
    fn whole(&self) -> Option<i64> {
        match self {
            Self::Whole(n) => Some(*n),
            Self::Other(tree) => tree.as_int(),
        }
    }
    fn tree(self) -> Tree {
        match self {
            Self::Whole(n) => Tree::int(n),
            Self::Other(tree) => tree,
        }
    }
}

/// The members that a total adds up.
const PARTS: [&str; 4] = ["inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens"];
const TOTAL: &str = "totalTokens";

impl Usage {
    /// Adds what one source says. Of the same source, the last value of each member counts.
    pub fn add(&mut self, source: Source, usage: &Object) {
        for (name, value) in usage.members().iter().filter(|(_, v)| !matches!(v, Tree::Null)) {
            self.set(source, name, || Cow::Owned(name.clone()), Count::Other(value.clone()));
        }
    }

    /// Adds a whole number that one source says.
    pub fn count(&mut self, source: Source, name: &'static str, n: i64) {
        self.set(source, name, || Cow::Borrowed(name), Count::Whole(n));
    }

    fn set(&mut self, source: Source, name: &str, owned: impl FnOnce() -> Cow<'static, str>, value: Count) {
        match self.members.iter_mut().find(|(n, ..)| *n == name) {
            Some((_, old, from)) if *from <= source => (*old, *from) = (value, source),
            Some(_) => {}
            None => self.members.push((owned(), value, source)),
        }
    }

    /// Who said each count that is a whole number, and that the total is their sum, if nobody said one.
    #[must_use]
    pub fn sources(&self) -> Sources {
        let mut counts = self.counts();
        if let [input, output, total, read, write] = &mut counts
            && (total.is_none() || Sources::adds_up(self.counts()))
        {
            let parts = [input, output, read, write].into_iter().flatten().map(|(n, _)| *n);
            *total = parts.reduce(i64::saturating_add).map(|n| (n, Source::Sum));
        }
        Sources::of(counts)
    }

    fn counts(&self) -> [Option<(i64, Source)>; 5] {
        COUNTS.map(|name| {
            let (_, count, source) = self.members.iter().find(|(n, ..)| n == name)?;
            Some((count.whole()?, *source))
        })
    }

    /// The counts, with their total if nobody said another. None if nothing is known.
    #[must_use]
    pub fn finish(mut self) -> Option<Tree> {
        if Sources::adds_up(self.counts()) {
            self.members.retain(|(name, ..)| name != TOTAL);
        }
        let count = |name: &str| self.members.iter().find(|(n, ..)| n == name).and_then(|(_, v, _)| v.whole());
        let total = if self.members.iter().all(|(n, ..)| n != TOTAL) {
            let [input, output, read, write] = PARTS.map(count);
            input.zip(output).and_then(|(i, o)| {
                [read, write].into_iter().flatten().try_fold(i.checked_add(o)?, |sum: i64, n| sum.checked_add(n))
            })
        } else {
            None
        };
        let mut members: Vec<(String, Tree)> =
            self.members.into_iter().map(|(n, v, _)| (n.into_owned(), v.tree())).collect();
        members.extend(total.map(|n| (TOTAL.to_owned(), Tree::int(n))));
        (!members.is_empty()).then(|| Tree::object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(adds: &[(Source, &str)]) -> Option<Tree> {
        let mut usage = Usage::default();
        for (source, json) in adds {
            usage.add(*source, Tree::parse_text(json).unwrap().as_object().unwrap());
        }
        usage.finish()
    }

    #[test]
    fn the_last_value_of_the_best_source_counts() {
        let found = usage(&[
            (Source::Chunk, r#"{"inputTokens":5,"outputTokens":1}"#),
            (Source::Chunk, r#"{"outputTokens":9,"cacheReadInputTokens":null}"#),
            (Source::Metrics, r#"{"inputTokens":7,"outputTokens":8,"cacheReadInputTokens":2}"#),
            (Source::Header, r#"{"cacheReadInputTokens":4}"#),
        ]);
        let wanted = r#"{"inputTokens":5,"outputTokens":9,"cacheReadInputTokens":2,"totalTokens":16}"#;
        assert_eq!(found, Some(Tree::parse_text(wanted).unwrap()));
    }

    #[test]
    fn nothing_is_estimated() {
        assert_eq!(usage(&[]), None);
        let only_input = r#"{"inputTokens":5}"#;
        assert_eq!(usage(&[(Source::Chunk, only_input)]), Some(Tree::parse_text(only_input).unwrap()));
    }

    #[test]
    fn a_total_that_adds_up_goes_on_adding_up() {
        let chunk = r#"{"inputTokens":5,"outputTokens":2,"totalTokens":7}"#;
        let found = usage(&[(Source::Chunk, chunk), (Source::Header, r#"{"cacheReadInputTokens":4}"#)]);
        let wanted = r#"{"inputTokens":5,"outputTokens":2,"cacheReadInputTokens":4,"totalTokens":11}"#;
        assert_eq!(found, Some(Tree::parse_text(wanted).unwrap()));
        let other = r#"{"inputTokens":5,"outputTokens":2,"totalTokens":9}"#;
        let found = usage(&[(Source::Chunk, other), (Source::Header, r#"{"cacheReadInputTokens":4}"#)]);
        let wanted = r#"{"inputTokens":5,"outputTokens":2,"totalTokens":9,"cacheReadInputTokens":4}"#;
        assert_eq!(found, Some(Tree::parse_text(wanted).unwrap()), "what says more than a sum is believed");
    }

    #[test]
    fn each_count_has_its_source() {
        let mut usage = Usage::default();
        for (source, json) in [
            (Source::Header, r#"{"inputTokens":1,"outputTokens":1,"cacheReadInputTokens":4}"#),
            (Source::Metrics, r#"{"inputTokens":7,"outputTokens":8}"#),
            (Source::Chunk, r#"{"outputTokens":9}"#),
        ] {
            usage.add(source, Tree::parse_text(json).unwrap().as_object().unwrap());
        }
        let sources = COUNTS.map(|name| usage.sources().source(name));
        let [header, metrics, chunk] = [Source::Header, Source::Metrics, Source::Chunk].map(Some);
        assert_eq!(sources, [metrics, chunk, Some(Source::Sum), header, None]);
        assert_eq!(usage.sources().source("serverToolUsage"), None);
        usage.count(Source::Chunk, "totalTokens", 99);
        assert_eq!(usage.sources().source("totalTokens"), chunk, "it is no sum");
    }
}
