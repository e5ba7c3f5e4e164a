//! Tokens of a call, who counted them, and what they cost.

use std::fmt;

use outcrop::catalogue::{self, Mode, Price, Tokens};
use outcrop::runtime::model_id::ModelId;
use outcrop::runtime::usage::{Source, Sources};

/// A count of tokens and who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub tokens: u64,
    /// Who said so.
    pub source: Source,
}

/// The tokens of a call. A count that nobody said is none: nothing is estimated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Of the prompt.
    pub input: Option<Count>,
    /// Of the answer.
    pub output: Option<Count>,
    /// All together.
    pub total: Option<Count>,
    /// Of the prompt, read from a cache.
    pub cache_read: Option<Count>,
    /// Of the prompt, written to a cache.
    pub cache_write: Option<Count>,
    /// Of those, for an hour instead of five minutes (`usage.cacheDetails`).
    pub cache_write_hour: Option<u64>,
}

impl Usage {
    /// From the counts of Converse's `usage` in the order of [`outcrop::runtime::usage::COUNTS`], and the sources of the
    /// translation's report. Negative counts are nonsense and left out.
    #[must_use]
    pub fn new(counts: [Option<i64>; 5], sources: &Sources) -> Self {
        let mut named = counts.into_iter().zip(outcrop::runtime::usage::COUNTS);
        let mut next = || {
            let (count, name) = named.next()?;
            let tokens = u64::try_from(count?).ok()?;
            // A translation that says a count says its source; without one it stands in the body.
            Some(Count { tokens, source: sources.source(name).unwrap_or(Source::Body) })
        };
        let (input, output, total) = (next(), next(), next());
        Self { input, output, total, cache_read: next(), cache_write: next(), cache_write_hour: None }
    }

    /// The tokens of the whole prompt, cached ones included, whether the family counts those in or beside its input.
    #[must_use]
    pub fn prompt(&self) -> Option<u64> {
        let input = self.input?.tokens;
        if self.cached_beside()? { input.checked_add(self.read())?.checked_add(self.written()) } else { Some(input) }
    }

    fn read(&self) -> u64 {
        self.cache_read.map_or(0, |count| count.tokens)
    }

    fn written(&self) -> u64 {
        self.cache_write.map_or(0, |count| count.tokens)
    }

    /// Whether cached tokens are counted beside the input and not in it: the total tells. None if it does not.
    fn cached_beside(&self) -> Option<bool> {
        let cached = self.read().checked_add(self.written())?;
        if cached == 0 {
            return Some(true);
        }
        let plain = self.input?.tokens.checked_add(self.output?.tokens)?;
        match self.total?.tokens {
            total if total == plain.checked_add(cached)? => Some(true),
            total if total == plain => Some(false),
            _ => None,
        }
    }
}

/// In which tier of the service a call is answered; prices differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Tier {
    /// The usual one.
    #[default]
    Default,
    /// Cheaper and slower.
    Flex,
    /// Dearer and faster.
    Priority,
    /// Paid otherwise: no price.
    Reserved,
}

impl Tier {
    /// From the word of the service (`X-Amzn-Bedrock-Service-Tier`); words it does not know have no price.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "default" => Self::Default,
            "flex" => Self::Flex,
            "priority" => Self::Priority,
            _ => Self::Reserved,
        }
    }

    fn input_and_output(self) -> Option<(Tokens, Tokens)> {
        match self {
            Self::Default => Some((Tokens::Input, Tokens::Output)),
            Self::Flex => Some((Tokens::FlexInput, Tokens::FlexOutput)),
            Self::Priority => Some((Tokens::PriorityInput, Tokens::PriorityOutput)),
            Self::Reserved => None,
        }
    }
}

/// What a call costs by the catalogue's prices, which are those of lists: discounts and taxes are not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// In 10⁻¹² US dollars: exact, for sums.
    pub picodollars: u128,
}

impl Cost {
    /// In US dollars, rounded as floating point does.
    #[must_use]
    pub fn usd(self) -> f64 {
        self.picodollars as f64 / 1e12
    }

    /// The cost of a call of this model id (id, profile or ARN) from this region. None if the catalogue has no price for
    /// model and place, or for one of the kinds of tokens that were used: a cost is complete or not there.
    ///
    /// Cached tokens that a family counts in its input and tells in fields of its own alone (not as `cacheReadInputTokens`)
    /// are paid at the price of input here.
    #[must_use]
    pub fn of(model_id: &str, region: Option<&str>, usage: &Usage, tier: Tier) -> Option<Self> {
        Rates::of(model_id, region)?.cost(usage, tier)
    }
}

/// What the catalogue says of a model's prices in a place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rates {
    price: &'static Price,
    mode: Mode,
}

impl Rates {
    /// By model id (id, profile or ARN) and region. None if there is no price.
    pub(crate) fn of(model_id: &str, region: Option<&str>) -> Option<Self> {
        let id = ModelId::parse(model_id);
        let model = catalogue::model(model_id)?;
        let price = model.price(id.geography.as_deref(), id.region.as_deref().or(region))?;
        Some(Self { price, mode: model.mode })
    }

    /// See [`Cost::of`].
    pub(crate) fn cost(self, usage: &Usage, tier: Tier) -> Option<Cost> {
        let (input_kind, output_kind) = tier.input_and_output()?;
        let (read, written) = (usage.read(), usage.written());
        // Only the usual tier has prices for what is cached.
        if (read > 0 || written > 0) && tier != Tier::Default {
            return None;
        }
        let input = usage.input?.tokens;
        let input = if usage.cached_beside()? { input } else { input.checked_sub(read)?.checked_sub(written)? };
        let output = match (usage.output, self.mode) {
            (Some(count), _) => count.tokens,
            (None, Mode::Embedding | Mode::Rerank) => 0,
            (None, _) => return None,
        };
        let hour = usage.cache_write_hour.unwrap_or(0);
        let parts = [
            (input, input_kind),
            (output, output_kind),
            (read, Tokens::CacheRead),
            (written.checked_sub(hour)?, Tokens::CacheWrite),
            (hour, Tokens::CacheWriteHour),
        ];
        let cost =
            |(tokens, kind): &(u64, Tokens)| Some(u128::from(*tokens) * u128::from(self.price.picodollars(*kind)?));
        let mut picodollars = 0_u128;
        for part in parts.iter().filter(|(tokens, _)| *tokens > 0) {
            picodollars = picodollars.checked_add(cost(part)?)?;
        }
        Some(Cost { picodollars })
    }
}

impl std::ops::Add for Cost {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { picodollars: self.picodollars.saturating_add(other.picodollars) }
    }
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self { picodollars: 0 }, |sum, cost| sum + cost)
    }
}

impl fmt::Display for Cost {
    /// US dollars with all their digits: `$0.000123`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DOLLAR: u128 = 1_000_000_000_000;
        let fraction = format!("{:012}", self.picodollars % DOLLAR);
        match fraction.trim_end_matches('0') {
            "" => write!(f, "${}", self.picodollars / DOLLAR),
            digits => write!(f, "${}.{digits}", self.picodollars / DOLLAR),
        }
    }
}
