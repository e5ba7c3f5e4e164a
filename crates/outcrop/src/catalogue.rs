//! What is known of model ids beside their formats: limits, abilities, prices, where they can be called, how long they live.
//!
//! A snapshot, in tables that are compiled in; `specs/catalogue` has them as text, and `cargo xtask catalogue import`
//! makes those from tables of the same kind. Nothing here decides how a body is translated.

use outcrop_runtime::model_id::ModelId;

use crate::generated::catalogue as data;

/// A model that InvokeModel serves.
#[derive(Debug)]
pub struct Model {
    /// Its id, without geography.
    pub id: &'static str,
    /// What it is for.
    pub mode: Mode,
    /// Most tokens of a prompt.
    pub context_tokens: Option<u32>,
    /// Most tokens of an answer.
    pub max_output_tokens: Option<u32>,
    /// Least tokens of a prompt that is worth caching.
    pub cache_min_tokens: Option<u32>,
    /// The day on which it ends, as `2031-12-31`.
    pub ends: Option<&'static str>,
    /// Words for what it can do, and with `no_` for what it cannot; those of public price lists.
    pub capabilities: &'static [&'static str],
    /// What it costs.
    pub prices: &'static [Price],
    /// Where it can be called.
    pub access: &'static [Access],
}

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// Conversations and completions.
    Chat,
    /// Vectors for texts and images.
    Embedding,
    /// Making and changing images.
    Image,
    /// Sorting texts by relevance.
    Rerank,
}

/// How a model is called in some regions.
#[derive(Debug)]
pub struct Access {
    /// By which id.
    pub way: Way,
    /// How long it lives there.
    pub lifecycle: Lifecycle,
    /// Where.
    pub regions: Regions,
}

/// By which ids a model can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// By the plain id.
    OnDemand,
    /// By inference profiles alone.
    Profile,
    /// By either.
    Both,
}

/// Whether a model is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lifecycle {
    /// It is not.
    Active,
    /// It is.
    Legacy,
}

/// A set of regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Regions(pub(crate) u64);

impl Regions {
    /// All that the service has, also those that no table knows.
    pub const ALL: Self = Self(u64::MAX);

    /// Whether a region is in it.
    #[must_use]
    pub fn contains(self, region: &str) -> bool {
        let at = data::REGIONS.binary_search(&region);
        self == Self::ALL || at.is_ok_and(|at| self.0 >> at & 1 == 1)
    }

    /// The names of its regions.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        data::REGIONS.iter().enumerate().filter(move |(at, _)| self.0 >> at & 1 == 1).map(|(_, name)| *name)
    }
}

/// What tokens cost in some places: the plain id (`-`), geographies of inference profiles, regions.
#[derive(Debug)]
pub struct Price {
    /// The places.
    pub scopes: &'static [&'static str],
    pub(crate) rates: [u32; 11],
}

/// What a price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tokens {
    /// Of the prompt.
    Input,
    /// Of the answer.
    Output,
    /// Of the prompt, read from a cache.
    CacheRead,
    /// Of the prompt, written to a cache for five minutes.
    CacheWrite,
    /// Of the prompt, written to a cache for an hour.
    CacheWriteHour,
    /// Of the prompt, in a batch.
    BatchInput,
    /// Of the answer, in a batch.
    BatchOutput,
    /// Of the prompt, in the tier `flex`.
    FlexInput,
    /// Of the answer, in the tier `flex`.
    FlexOutput,
    /// Of the prompt, in the tier `priority`.
    PriorityInput,
    /// Of the answer, in the tier `priority`.
    PriorityOutput,
}

impl Tokens {
    /// All kinds, in the order of the tables.
    pub const ALL: [Self; 11] = [
        Self::Input,
        Self::Output,
        Self::CacheRead,
        Self::CacheWrite,
        Self::CacheWriteHour,
        Self::BatchInput,
        Self::BatchOutput,
        Self::FlexInput,
        Self::FlexOutput,
        Self::PriorityInput,
        Self::PriorityOutput,
    ];

    /// The name in the tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::CacheRead => "cache_read",
            Self::CacheWrite => "cache_write",
            Self::CacheWriteHour => "cache_write_1h",
            Self::BatchInput => "batch_input",
            Self::BatchOutput => "batch_output",
            Self::FlexInput => "flex_input",
            Self::FlexOutput => "flex_output",
            Self::PriorityInput => "priority_input",
            Self::PriorityOutput => "priority_output",
        }
    }
}

impl Price {
    /// US dollars for a million tokens of a kind; none if no table says.
    #[must_use]
    pub fn usd_per_million(&self, tokens: Tokens) -> Option<f64> {
        self.picodollars(tokens).map(|rate| rate as f64 / 1e6)
    }

    /// The price of one token in picodollars (10⁻¹² US dollars): exact, for sums.
    #[must_use]
    pub fn picodollars(&self, tokens: Tokens) -> Option<u64> {
        let rate = self.rates.get(tokens as usize).copied();
        rate.filter(|rate| *rate != u32::MAX).map(u64::from)
    }
}

impl Model {
    /// The price of a call through a geography's inference profile, or by the plain id in a region. None if no table
    /// says; the price of another place is no answer, for they differ.
    #[must_use]
    pub fn price(&self, geography: Option<&str>, region: Option<&str>) -> Option<&'static Price> {
        let of = |scope: &str| self.prices.iter().find(|price| price.scopes.contains(&scope));
        match geography {
            Some(geography) => of(geography),
            None => region.and_then(of).or_else(|| of("-")),
        }
    }

    /// How it is called in a region; none if no table has it there.
    #[must_use]
    pub fn access_in(&self, region: &str) -> Option<&'static Access> {
        self.access.iter().find(|access| access.regions.contains(region))
    }

    /// How far it is in its life; none if no table says.
    #[must_use]
    pub fn lifecycle(&self) -> Option<Lifecycle> {
        self.access.iter().map(|access| access.lifecycle).min()
    }

    /// The inference profiles that lead to it.
    pub fn profiles(&self) -> impl Iterator<Item = &'static Profile> {
        data::PROFILES.iter().filter(|profile| profile.model() == self.id)
    }
}

/// An inference profile of the system.
#[derive(Debug)]
pub struct Profile {
    /// Its id, with the geography before that of the model.
    pub id: &'static str,
    /// From where it may be called, and where such a call may be answered.
    pub routes: &'static [(Regions, Regions)],
}

impl Profile {
    /// Its geography.
    #[must_use]
    pub fn geography(&self) -> &'static str {
        self.id.split_once('.').map_or("", |(geography, _)| geography)
    }

    /// The id of its model.
    #[must_use]
    pub fn model(&self) -> &'static str {
        self.id.split_once('.').map_or("", |(_, model)| model)
    }

    /// Where calls from a region may be answered; none if it cannot be called from there.
    #[must_use]
    pub fn destinations(&self, region: &str) -> Option<Regions> {
        self.routes.iter().find(|(sources, _)| sources.contains(region)).map(|(_, destinations)| *destinations)
    }

    /// From where it may be called.
    #[must_use]
    pub fn sources(&self) -> Regions {
        Regions(self.routes.iter().fold(0, |all, (sources, _)| all | sources.0))
    }
}

/// All models, by id.
#[must_use]
pub fn models() -> &'static [Model] {
    data::MODELS
}

/// The model of an id, an inference profile, or an ARN that names a model. None if no table has it; an id is never taken
/// for a similar one, save that variants of provisioned throughput go by the model that they are of.
#[must_use]
pub fn model(id: &str) -> Option<&'static Model> {
    let base = ModelId::parse(id).base?;
    let find = |id: &str| data::MODELS.binary_search_by(|model| model.id.cmp(id)).ok();
    let unversioned = || base.rsplit_once(':').and_then(|(id, _)| find(id));
    data::MODELS.get(find(&base).or_else(unversioned)?)
}

/// The inference profile of an id.
#[must_use]
pub fn profile(id: &str) -> Option<&'static Profile> {
    let at = data::PROFILES.binary_search_by(|profile| profile.id.cmp(id)).ok()?;
    data::PROFILES.get(at)
}
