//! From the id of a call's model to the codecs that translate it, or to nothing: then the call stays as it is.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use outcrop::registry::{self, Entry};
use outcrop::runtime::resolve::{Families, Map, Resolution, Resolve, Target};
use outcrop::runtime::{Code, Error};

use crate::usage::Rates;

/// A resolver that tasks share.
type Resolver = dyn Resolve + Send + Sync;
/// Chooses ids.
type Chooser = dyn Fn(&str) -> bool + Send + Sync;

/// So many ids are remembered.
const REMEMBERED: usize = 256;

/// What knows the formats of model ids.
#[derive(Clone)]
pub(crate) struct Select {
    lines: Map<Known>,
    families: Vec<&'static Entry>,
    found: Found,
    resolver: Option<Arc<Resolver>>,
    only: Option<Arc<Chooser>>,
}

/// The codecs of a call.
#[derive(Clone)]
pub(crate) struct Format {
    /// The family.
    pub(crate) entry: &'static Entry,
    /// What the codecs are told of the model: its base model, where the caller named one.
    pub(crate) model: Arc<str>,
    rates: Arc<OnceLock<Priced>>,
}

/// What a model costs in a region.
#[derive(Debug)]
struct Priced {
    region: Option<Box<str>>,
    rates: Option<Rates>,
}

impl Format {
    /// What a call by this id costs, which is the id that led here; looked up once if the region stays the same.
    pub(crate) fn rates(&self, id: &str, region: Option<&str>) -> Option<Rates> {
        let look = || Priced { region: region.map(Into::into), rates: Rates::of(id, region) };
        let priced = self.rates.get_or_init(look);
        if priced.region.as_deref() == region { priced.rates } else { Rates::of(id, region) }
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as {}", self.model, self.entry.spec.family)
    }
}

/// The patterns of families: the caller's own before those that are compiled in.
#[derive(Clone, Default)]
struct Known(Vec<Families<'static>>);

impl Resolve for Known {
    fn resolve<'r>(&'r self, id: &'r str) -> Result<Resolution<'r>, Error> {
        let own = self.0.iter().find_map(|family| family.resolve(id).ok());
        own.map_or_else(|| registry::resolve(id), Ok)
    }
}

impl Default for Select {
    fn default() -> Self {
        let (lines, families) = (Map::before(Known::default()), Vec::new());
        Self { lines, families, found: Found::default(), resolver: None, only: None }
    }
}

/// No line and no pattern knows the id, or one does, whose family may not be there.
type Outcome = Result<Result<Format, Error>, Error>;

/// What lines and patterns said of ids: a program asks for few, and again and again.
#[derive(Default)]
struct Found(Mutex<BTreeMap<Box<str>, Outcome>>);

impl Found {
    fn or_find(&self, id: &str, find: impl FnOnce() -> Outcome) -> Outcome {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(id) {
            return found.clone();
        }
        let found = find();
        // Ids may be made up without end by whoever calls a gateway.
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(id.into(), found.clone());
        found
    }
}

impl Clone for Found {
    /// Who copies means to change lines or families.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Select {
    pub(crate) fn family(&mut self, entry: &'static Entry) {
        self.families.push(entry);
        let specs = |entry: &'static Entry| Families(std::slice::from_ref(&entry.spec));
        let mut lines = Map::before(Known(self.families.iter().copied().map(specs).collect()));
        for (id, target) in self.lines.entries() {
            lines.insert(id, target.clone());
        }
        self.lines = lines;
        self.found = Found::default();
    }

    pub(crate) fn target(&mut self, id: &str, target: Target) {
        self.lines.insert(id, target);
        self.found = Found::default();
    }

    pub(crate) fn resolver(&mut self, resolver: impl Resolve + Send + Sync + 'static) {
        self.resolver = Some(Arc::new(resolver));
    }

    pub(crate) fn only(&mut self, chosen: impl Fn(&str) -> bool + Send + Sync + 'static) {
        self.only = Some(Arc::new(chosen));
    }

    /// The codecs for an id; none if the call is to stay as it is. An error if the caller chose the id and nothing knows
    /// it, or named a family that is not there.
    pub(crate) fn format(&self, id: &str) -> Result<Option<Format>, Error> {
        if self.only.as_ref().is_some_and(|only| !only(id)) {
            return Ok(None);
        }
        // A resolver may learn: it is asked each time.
        let found = match self.resolver.as_ref().and_then(|resolver| resolver.resolve(id).ok()) {
            Some(asked) => self.entry(&asked)?,
            None => match self.found.or_find(id, || self.lines.resolve(id).map(|found| self.entry(&found))) {
                Ok(found) => found?,
                Err(e) if self.only.is_some() => return Err(e),
                Err(_) => return Ok(None),
            },
        };
        Ok(Some(found))
    }

    fn entry(&self, found: &Resolution<'_>) -> Result<Format, Error> {
        let family = found.to_write()?.family;
        let own = self.families.iter().copied().find(|entry| entry.spec.family == family);
        let entry = own.or_else(|| registry::by_name(family)).ok_or_else(|| {
            let why = format!("the family `{family}` is not compiled in; enable its feature, or add it as your own");
            Error::new(Code::Unresolved, why)
        })?;
        Ok(Format { entry, model: found.model.into(), rates: Arc::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::{Count, Tier, Usage};
    use outcrop::runtime::usage::Source;

    const OPAQUE: &str = "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghijkl";
    const LLAMA: &str = "meta.llama3-8b-instruct-v1:0";

    fn family(select: &Select, id: &str) -> Option<&'static str> {
        select.format(id).unwrap().map(|format| format.entry.spec.family)
    }

    #[test]
    fn an_id_that_no_family_knows_stays_as_it_is_unless_it_was_chosen() {
        let mut select = Select::default();
        assert_eq!(family(&select, LLAMA), Some("meta-llama"));
        assert_eq!(family(&select, OPAQUE), None);
        select.only(|id| id == OPAQUE);
        assert_eq!(family(&select, LLAMA), None);
        assert_eq!(select.format(OPAQUE).unwrap_err().code, Code::Unresolved);
    }

    #[test]
    fn a_line_of_the_caller_says_what_an_opaque_id_is() {
        let mut select = Select::default();
        select.target(OPAQUE, Target::model(LLAMA));
        let format = select.format(OPAQUE).unwrap().unwrap();
        assert_eq!((format.entry.spec.family, &*format.model), ("meta-llama", LLAMA));
        select.target("my-*", Target::family("no-such-family", None));
        assert_eq!(select.format("my-model").unwrap_err().code, Code::Unresolved);
    }

    #[test]
    fn a_family_of_the_callers_own_comes_before_the_others() {
        let mut select = Select::default();
        select.target("mine", Target::model(LLAMA));
        let entry: &'static Entry =
            Box::leak(Box::new(Entry { streams: None, ..*registry::by_name("meta-llama").unwrap() }));
        select.family(entry);
        for id in [LLAMA, "mine"] {
            let found = select.format(id).unwrap().unwrap();
            assert!(std::ptr::eq(found.entry, entry), "{id}");
        }
        select.resolver(Map::before(registry::RESOLVER));
        assert_eq!(family(&select, LLAMA), Some("meta-llama"), "a resolver is asked first");
        assert_eq!(family(&select, "mine"), Some("meta-llama"), "and the lines after it");
    }

    #[test]
    fn prices_are_those_of_the_region_that_is_asked_for() {
        let select = Select::default();
        let rates = |region| select.format(LLAMA).unwrap().unwrap().rates(LLAMA, region);
        let told = |region| format!("{:?}", rates(region).map(|rates| rates.cost(&tokens(), Tier::Default)));
        for region in ["us-east-1", "ap-south-1", "us-east-1"] {
            let wanted = Rates::of(LLAMA, Some(region)).map(|rates| rates.cost(&tokens(), Tier::Default));
            assert_eq!(told(Some(region)), format!("{wanted:?}"), "{region}");
        }
        assert_ne!(told(Some("us-east-1")), told(Some("ap-south-1")), "and these differ");
    }

    fn tokens() -> Usage {
        let count = Some(Count { tokens: 1000, source: Source::Body });
        Usage { input: count, output: count, ..Usage::default() }
    }

    #[test]
    fn what_is_remembered_is_forgotten_with_a_new_line_and_does_not_grow_without_end() {
        let mut select = Select::default();
        assert_eq!((family(&select, OPAQUE), family(&select, OPAQUE)), (None, None));
        select.target(OPAQUE, Target::model(LLAMA));
        assert_eq!((family(&select, OPAQUE), family(&select, OPAQUE)), (Some("meta-llama"), Some("meta-llama")));
        for n in 0..3 * REMEMBERED {
            assert_eq!(family(&select, &format!("nobody.{n}")), None);
        }
        assert!(select.found.0.lock().unwrap().len() <= REMEMBERED);
        assert_eq!(family(&select, LLAMA), Some("meta-llama"));
    }
}
