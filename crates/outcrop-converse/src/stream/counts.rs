//! Token counts and the other facts of the last event, as chunks say them one after the other.

use outcrop_runtime::cx::Source;
use outcrop_runtime::json::{Arena, IntoOwned, Value};
use outcrop_runtime::tree::Object;
use outcrop_runtime::usage::{COUNTS, Sources, Usage};
use outcrop_runtime::{Error, Tree};

use super::Said;
use crate::converse::{ConverseStreamTrace, PerformanceConfiguration, ServiceTier, TokenUsage};

/// What is known of a call. Later values of the same source win, and better sources win over worse ones.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// In the order of `COUNTS`: they come with every chunk of some streams.
    counts: [Option<(i64, Source)>; 5],
    /// Usage members that are no plain counts.
    others: Usage,
    pub(super) latency: Option<i64>,
    pub(super) trace: Option<ConverseStreamTrace<'static>>,
    pub(super) performance_config: Option<PerformanceConfiguration<'static>>,
    pub(super) service_tier: Option<ServiceTier<'static>>,
}

/// Keeps a value that is news.
macro_rules! keep {
    ($slot:expr, $value:expr, $source:expr) => {
        if let Some(value) = &$value
            && ($source == Source::Chunk || $slot.is_none())
            && $slot.as_ref().is_none_or(|old| old != value)
        {
            $slot = Some(value.clone().into_owned());
        }
    };
}

impl Facts {
    /// Adds what a chunk says.
    #[inline]
    pub(super) fn add(&mut self, said: &Said<'_>, source: Source) {
        if let Some(usage) = &said.usage {
            self.usage(usage, source);
        }
        if said.latency.is_some() && (source == Source::Chunk || self.latency.is_none()) {
            self.latency = said.latency;
        }
        if said.trace.is_some() || said.performance_config.is_some() || said.service_tier.is_some() {
            keep!(self.trace, said.trace, source);
            keep!(self.performance_config, said.performance_config, source);
            keep!(self.service_tier, said.service_tier, source);
        }
    }

    pub(super) fn usage(&mut self, usage: &TokenUsage<'_>, source: Source) {
        let TokenUsage {
            input_tokens,
            output_tokens,
            total_tokens,
            cache_read_input_tokens,
            cache_write_input_tokens,
            cache_details,
            extra,
        } = usage;
        let counts = [input_tokens, output_tokens, total_tokens, cache_read_input_tokens, cache_write_input_tokens];
        for (slot, n) in self.counts.iter_mut().zip(counts) {
            if let Some(n) = n
                && slot.is_none_or(|(_, from)| from <= source)
            {
                *slot = Some((*n, source));
            }
        }
        if cache_details.is_some() || !extra.is_empty() {
            self.rest(usage, source);
        }
    }

    #[cold]
    fn rest(&mut self, usage: &TokenUsage<'_>, source: Source) {
        if let Ok(Tree::Obj(mut members)) = Tree::parse(&usage.to_json()) {
            for name in COUNTS {
                members.remove(name);
            }
            self.others.add(source, &members);
        }
    }

    /// The counts, with their total. None if nothing is known.
    pub(super) fn tokens(&mut self) -> Result<Option<TokenUsage<'static>>, Error> {
        if Sources::adds_up(self.counts)
            && let [_, _, total, ..] = &mut self.counts
        {
            *total = None;
        }
        let mut all = std::mem::take(&mut self.others);
        for (name, count) in COUNTS.into_iter().zip(self.counts) {
            if let Some((n, source)) = count {
                let mut one = Object::default();
                one.set(name, Tree::int(n));
                all.add(source, &one);
            }
        }
        let Some(tree) = all.finish() else { return Ok(None) };
        let (text, arena) = (tree.to_string(), Arena::new());
        let mut usage = TokenUsage::from_json(text.as_bytes(), &arena)?.into_owned();
        let parts =
            [usage.input_tokens, usage.output_tokens, usage.cache_read_input_tokens, usage.cache_write_input_tokens];
        // As in an answer: the sum of what is there.
        usage.total_tokens = outcrop_runtime::cx::total(usage.total_tokens, &parts);
        Ok(Some(usage))
    }

    /// Who said the counts of what [`Self::tokens`] gave.
    pub(super) fn sources(&self, usage: &TokenUsage<'_>) -> Sources {
        let mut said = self.counts.into_iter().map(|count| count.map_or(Source::Sum, |(_, source)| source));
        let counts = [
            usage.input_tokens,
            usage.output_tokens,
            usage.total_tokens,
            usage.cache_read_input_tokens,
            usage.cache_write_input_tokens,
        ];
        Sources::of(counts.map(|count| count.zip(said.next())))
    }
}
