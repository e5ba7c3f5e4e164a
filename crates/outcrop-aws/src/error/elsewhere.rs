//! Where and by which ids a model can be called instead, from the catalogue.

use outcrop::catalogue::{self, Model, Way};
use outcrop::runtime::model_id::ModelId;

/// Where and by which ids a model can be called. Empty lists: the catalogue knows none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Regions that have the plain id on demand, or from which the profile that was called may be called.
    pub regions: Vec<&'static str>,
    /// Inference profiles of the model that may be called from the caller's region (all, if that is not known).
    pub profiles: Vec<&'static str>,
    /// The day on which the model ends, as `2031-12-31`.
    pub ends: Option<&'static str>,
}

impl Elsewhere {
    /// What the catalogue knows for an id, profile or ARN, called from a region.
    #[must_use]
    pub fn of(model_id: &str, region: Option<&str>) -> Self {
        let Some(model) = catalogue::model(model_id) else { return Self::default() };
        let usable = |profile: &&catalogue::Profile| region.is_none_or(|region| profile.destinations(region).is_some());
        let regions = match named_profile(model_id) {
            Some(profile) => profile.sources().names().collect(),
            None => on_demand(model),
        };
        Self {
            regions,
            profiles: model.profiles().filter(usable).map(|profile| profile.id).collect(),
            ends: model.ends,
        }
    }

    /// Whether the catalogue has the model, but not by this id from this region.
    #[must_use]
    pub fn is_wrong_region(model_id: &str, region: &str) -> bool {
        let Some(model) = catalogue::model(model_id) else { return false };
        let parsed = ModelId::parse(model_id);
        if parsed.region.as_deref().is_some_and(|own| own != region) {
            return true;
        }
        match (named_profile(model_id), parsed.geography) {
            (Some(profile), _) => profile.destinations(region).is_none(),
            // A geography without a profile of this model is a wrong id.
            (None, Some(_)) => false,
            (None, None) => !model.access.is_empty() && model.access_in(region).is_none(),
        }
    }
}

fn named_profile(model_id: &str) -> Option<&'static catalogue::Profile> {
    let id = ModelId::parse(model_id);
    let (geography, base) = (id.geography?, id.base?);
    catalogue::profile(&format!("{geography}.{base}"))
}

fn on_demand(model: &Model) -> Vec<&'static str> {
    let mut regions: Vec<&str> = model
        .access
        .iter()
        .filter(|access| matches!(access.way, Way::OnDemand | Way::Both))
        .flat_map(|access| access.regions.names())
        .collect();
    regions.sort_unstable();
    regions
}
