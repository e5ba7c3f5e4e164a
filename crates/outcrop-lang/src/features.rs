//! What a family can carry, found out by trying: each feature is a Converse body that the interpreter writes for every model
//! of the family. What the spec maps goes through, what it refuses is refused, what it drops is in the report.

mod probes;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use outcrop_runtime::{Call, Codec as _, Fate, Kind, Output};

use crate::interp::Interp;
use crate::ir::{Family, Model};
use probes::{Probe, Trial};

/// A column of the tables of features.
#[derive(Debug)]
pub struct Feature {
    /// Its name in JSON.
    pub name: &'static str,
    /// The head of its column.
    pub head: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// The word for it among a model's capabilities; empty if there is none.
    word: &'static str,
    probe: Probe,
}

/// How far a family has a feature, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Support {
    /// The format has no place for it, and a request for it is refused.
    Refused,
    /// The format has no place for it; it is left out, and the report says so.
    Dropped,
    /// The format has a place for it, but the catalogue names no model that has it.
    Format,
    /// Some of its models have it, some of its forms go through, or it reads back as something else.
    Some,
    /// All models have it.
    All,
}

impl Support {
    /// The word for JSON and terminals.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "no",
            Self::Dropped => "dropped",
            Self::Format => "format",
            Self::Some => "some",
            Self::All => "yes",
        }
    }
}

/// What is known of one family.
#[derive(Debug)]
pub struct Features {
    /// Each of [`FEATURES`], in that order.
    pub support: Vec<(&'static Feature, Support)>,
    /// Where token counts are said, the most trusted place first.
    pub usage: Vec<&'static str>,
    /// The prompt grammars that are written.
    pub grammars: Vec<String>,
}

/// All features, in the order of the columns.
pub static FEATURES: &[Feature] = probes::FEATURES;

/// How many of them, from the first, stand in short tables.
pub const SHORT: usize = 13;

/// Finds out what a family can carry.
#[must_use]
pub fn features(family: &Family) -> Features {
    let interp = Interp::new(family.clone());
    let ids: Vec<(Written, &Model)> =
        family.models.iter().map(|model| (Written::of(&interp, sample(model)), model)).collect();
    let support = FEATURES.iter().map(|feature| (feature, support(&interp, feature, &ids))).collect();
    let grammars = family.prompts.iter().filter(|grammar| !grammar.decode_only).map(|grammar| grammar.name.clone());
    Features { support, usage: usage(&interp, &ids), grammars: grammars.collect() }
}

/// The capability words of a model that its format cannot carry: faults of the catalogue or of the mapping.
#[must_use]
pub fn unfounded(family: &Family) -> Vec<(&str, &'static str)> {
    let interp = Interp::new(family.clone());
    let mut found = Vec::new();
    for model in &family.models {
        let written = Written::of(&interp, sample(model));
        let has = |feature: &&Feature| model.capabilities.iter().any(|word| word == feature.word);
        for feature in FEATURES.iter().filter(|feature| feature.word == feature.name).filter(has) {
            if tried(&written, feature.probe) < Support::Some {
                found.push((model.subject(), feature.word));
            }
        }
    }
    found
}

/// An id that a catalogue entry is for.
fn sample(model: &Model) -> String {
    match &model.resource {
        Some(kind) => format!("arn:aws:bedrock:us-east-1:111122223333:{kind}/a"),
        None => model.pattern.replace('*', "0"),
    }
}

/// Outputs by body; none of those that are refused.
type Outputs = BTreeMap<(Kind, String), Option<Rc<Output>>>;

/// What the interpreter writes for a model: the same bodies are tried beside many features.
struct Written<'i> {
    interp: &'i Interp,
    model: String,
    outputs: RefCell<Outputs>,
}

impl<'i> Written<'i> {
    fn of(interp: &'i Interp, model: String) -> Self {
        Self { interp, model, outputs: RefCell::default() }
    }

    /// None if it is refused.
    fn write(&self, kind: Kind, body: String) -> Option<Rc<Output>> {
        let key = (kind, body);
        if let Some(known) = self.outputs.borrow().get(&key) {
            return known.clone();
        }
        let call = Call { model: &self.model, ..Call::default() };
        let output = self.interp.encode(kind, &call, key.1.as_bytes()).ok().map(Rc::new);
        self.outputs.borrow_mut().insert(key, output.clone());
        output
    }
}

fn support(interp: &Interp, feature: &Feature, ids: &[(Written<'_>, &Model)]) -> Support {
    if ids.is_empty() {
        return tried(&Written::of(interp, String::new()), feature.probe);
    }
    let each = ids.iter().map(|(written, model)| {
        let is_told = feature.word.is_empty() || model.capabilities.iter().any(|word| word == feature.word);
        let found = tried(written, feature.probe);
        if is_told { found } else { found.min(Support::Format) }
    });
    let each: Vec<Support> = each.collect();
    all(&each)
}

/// Several findings as one.
fn all(each: &[Support]) -> Support {
    let most = each.iter().copied().max().unwrap_or(Support::Refused);
    let least = each.iter().copied().min().unwrap_or(Support::Refused);
    // Less than all is some; what no part has, the best part tells.
    if most >= Support::Some { least.max(Support::Some) } else { most }
}

/// What becomes of a probe: each part counts, and of a part the form that fares best.
fn tried(written: &Written<'_>, probe: Probe) -> Support {
    match probe {
        Probe::Stream => {
            if written.interp.family().chat.stream.is_some() {
                Support::All
            } else {
                Support::Refused
            }
        }
        Probe::Bodies(parts) => {
            let part = |forms: &&[Trial]| forms.iter().map(|form| one(written, form)).max();
            let parts: Vec<Support> = parts.iter().filter_map(part).collect();
            all(&parts)
        }
    }
}

fn one(written: &Written<'_>, trial: &Trial) -> Support {
    let write = |body: String| written.write(trial.kind(), body);
    // Some formats do not do without a picture or a film. It may be what is tried; anything else is tried beside it.
    if write(trial.without("")).is_none() && write(trial.with("")).is_some() {
        return Support::All;
    }
    let Some((beside, plain)) = probes::BESIDE.iter().find_map(|beside| Some((beside, write(trial.without(beside))?)))
    else {
        return Support::Refused;
    };
    match write(trial.with(beside)) {
        None => Support::Refused,
        Some(output) if lost(&output, Fate::Dropped) > lost(&plain, Fate::Dropped) => Support::Dropped,
        Some(output) if output.body == plain.body => Support::Dropped,
        Some(output) if lost(&output, Fate::Approximated) > lost(&plain, Fate::Approximated) => Support::Some,
        Some(_) => Support::All,
    }
}

fn lost(output: &Output, fate: Fate) -> usize {
    output.report.losses.iter().filter(|loss| loss.fate == fate).count()
}

/// Where a family's formats say counts; the façade has the places of the service.
fn usage(interp: &Interp, ids: &[(Written<'_>, &Model)]) -> Vec<&'static str> {
    let none = Written::of(interp, String::new());
    let written = ids.first().map_or(&none, |(written, _)| written);
    let mut places = Vec::new();
    let body = |counts: &str| {
        let output = written.write(Kind::Response, probes::answer("", "", "end_turn", counts));
        output.map(|output| output.body.clone())
    };
    if interp.family().chat.response.is_some() && body(probes::COUNTS) != body("") {
        places.push("body");
    }
    if crate::check::coverage::says_usage(interp.family()) {
        places.push("chunks");
    }
    let facade = &interp.family().facade;
    let is_count = |steps: &[crate::ir::Step]| matches!(steps, [crate::ir::Step::Member(name), ..] if name == "usage");
    if interp.family().chat.stream.is_some() && !facade.side_keys.stream.is_empty() {
        places.push("metrics");
    }
    if facade.response_headers.iter().any(|header| is_count(&header.path.0)) {
        places.push("headers");
    }
    places
}
