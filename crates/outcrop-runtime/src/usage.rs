//! Token counts that come from several places of a call.

use std::borrow::Cow;

use crate::Tree;
use crate::tree::Object;

/// Where a count was said. Later ones are believed before earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// An HTTP header.
    Header,
    /// The metrics that the service adds to the last chunk.
    Metrics,
    /// A chunk of the stream.
    Chunk,
    /// The body of an answer that is no stream.
    Body,
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

    /// The most trusted place that any count came from.
    #[must_use]
    pub fn source(&self) -> Option<Source> {
        self.members.iter().map(|(.., from)| *from).max()
    }

    /// The counts, with their total if nobody said one. None if nothing is known.
    #[must_use]
    pub fn finish(self) -> Option<Tree> {
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
}
