//! From the id of a request to the format behind it, and what the endpoint pretends to know of the model.

use std::sync::OnceLock;

use outcrop::catalogue::{self, Mode, Way};
use outcrop::registry::{self, Entry};
use outcrop_lang::ir::{self, TypeKind};
use outcrop_lang::{Sources, load_family};
use outcrop_runtime::cx::Model;
use outcrop_runtime::model_id::{Glob, ModelId, most_specific};
use outcrop_runtime::resolve::{Families, Found, Map, Resolution, Resolve, Target};
use outcrop_runtime::{Call, Code, Error, Kind};

use crate::config::{Config, Speak, Text};
use crate::failure::{Failure, Kind as Exception};
use crate::files::File;
use crate::server::StartError;

/// All that is known of ids.
pub(crate) struct Models {
    map: Map<Families<'static>>,
    routes: Vec<(String, Route)>,
    families: Vec<OnceLock<Family>>,
    region: String,
    strict: bool,
}

/// Where a gateway sends what is asked of an id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Route {
    /// The id to ask; none: the same.
    pub(crate) to: Option<String>,
    /// How.
    pub(crate) speak: Option<Speak>,
}

/// A family with what its spec says beyond its codecs.
pub(crate) struct Family {
    pub(crate) entry: &'static Entry,
    /// Its types, for judging bodies; none if its spec is not at hand.
    pub(crate) ir: Option<ir::Family>,
    pub(crate) can: Abilities,
}

/// What the answers of a format can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // Each is there or not, whatever the others are.
pub(crate) struct Abilities {
    /// Calls of tools.
    pub(crate) tools: bool,
    /// Reasoning.
    pub(crate) reasoning: bool,
    /// Reasoning with a signature.
    pub(crate) signature: bool,
    /// That a stop sequence ended it.
    pub(crate) stop_sequence: bool,
}

/// The format of a request.
pub(crate) struct Format<'m> {
    pub(crate) family: &'m Family,
    /// The id for [`Call::model`].
    pub(crate) model: String,
    /// What the spec says of the model.
    pub(crate) known: Option<&'static Model>,
}

impl Format<'_> {
    /// Whether the model is said to have an ability.
    pub(crate) fn has(&self, ability: &str) -> bool {
        self.known.is_some_and(|model| model.capabilities.contains(&ability))
    }

    /// A limit of the model.
    pub(crate) fn limit(&self, name: &str) -> Option<u64> {
        self.known?.limits.iter().find(|(limit, _)| *limit == name).map(|(_, value)| *value)
    }
}

const INVALID: &str = "The provided model identifier is invalid.";

impl Models {
    pub(crate) fn new(config: &Config) -> Result<Self, StartError> {
        let mut map = Map::before(Families(registry::SPECS));
        let mut routes = Vec::new();
        if let Some(text) = &config.map {
            read_map(text, &mut map, &mut routes)?;
        }
        let families = registry::FAMILIES.iter().map(|_| OnceLock::new()).collect();
        Ok(Self { map, routes, families, region: config.region.clone(), strict: config.rules.regions })
    }

    /// Refuses what the service refuses for the id alone.
    pub(crate) fn admit(&self, id: &str) -> Result<(), Failure> {
        if !self.strict {
            return Ok(());
        }
        let parsed = ModelId::parse(id);
        let invalid = || Failure::invalid(INVALID);
        if parsed.region.as_ref().is_some_and(|region| *region != self.region) {
            return Err(invalid());
        }
        let (Some(base), Some(model)) = (&parsed.base, catalogue::model(id)) else { return Ok(()) };
        if let Some(geography) = &parsed.geography {
            let profile = catalogue::profile(&format!("{geography}.{}", model.id)).ok_or_else(invalid)?;
            return profile.destinations(&self.region).map(drop).ok_or_else(invalid);
        }
        match model.access_in(&self.region).map(|access| access.way) {
            None => Err(invalid()),
            Some(Way::Profile) => Err(Failure::invalid(format!(
                "Invocation of model ID {base} with on-demand throughput isn\u{2019}t supported. Retry your request \
                 with the ID or ARN of an inference profile that contains this model."
            ))),
            Some(_) => Ok(()),
        }
    }

    /// The formats of an id.
    pub(crate) fn resolve<'r>(&'r self, id: &'r str) -> Result<Resolution<'r>, Error> {
        self.map.resolve(id)
    }

    /// The refusal of an id without a format, in the words of the service where it has any.
    pub(crate) fn unresolved(id: &str, native: bool, e: &Error) -> Failure {
        match catalogue::model(id).map(|model| model.mode) {
            Some(mode) if mode != Mode::Chat && !native => Failure::invalid(
                "This action doesn't support the model that you provided. Try again with a supported text or chat model.",
            ),
            Some(_) => Failure::invalid(format!("this endpoint has no format of the model: {}", e.message)),
            // An id that hides its model is no invalid one; what helps is said.
            None if id.contains("arn:") => Failure::invalid(format!("{INVALID} {}", e.message)),
            None => Failure::invalid(INVALID),
        }
    }

    /// The format of a native body.
    pub(crate) fn of_body(&self, id: &str, kind: Kind, body: &[u8]) -> Result<Format<'_>, Failure> {
        let found = self.resolve(id).map_err(|e| Self::unresolved(id, true, &e))?;
        let format = found.of_body(kind, body).map_err(|e| Failure::malformed(&format!("#: {}", e.message)))?;
        self.format(&found, format).ok_or_else(|| Failure::invalid(INVALID))
    }

    /// The format to write for an id.
    pub(crate) fn to_write(&self, id: &str) -> Result<Format<'_>, Failure> {
        let found = self.resolve(id).map_err(|e| Self::unresolved(id, false, &e))?;
        let format = found.to_write().map_err(|e| Failure::invalid(format!("{INVALID} {}", e.message)))?;
        self.format(&found, format).ok_or_else(|| Failure::invalid(INVALID))
    }

    fn format(&self, found: &Resolution<'_>, format: &Found<'_>) -> Option<Format<'_>> {
        let at = registry::FAMILIES.iter().position(|entry| entry.codec.family() == format.family)?;
        let entry = registry::FAMILIES.get(at)?;
        let family = self.families.get(at)?.get_or_init(|| Family::of(entry));
        Some(Format { family, model: found.model.to_owned(), known: format.model })
    }

    /// Where a gateway sends what is asked of an id.
    pub(crate) fn route(&self, id: &str) -> Route {
        let lines = self.routes.iter().map(|(key, route)| (Glob(key), route));
        most_specific(lines, id).cloned().unwrap_or_default()
    }
}

impl Family {
    fn of(entry: &'static Entry) -> Self {
        let sources: Sources = outcrop_specs::FILES.iter().copied().collect();
        let loaded = load_family(&sources, entry.codec.family());
        let ir = loaded.family.filter(|_| loaded.diagnostics.is_empty());
        let stop_sequence = ir.as_ref().is_none_or(|ir| has_stop(ir, "stop_sequence"));
        let says = |content: &str, stop: &str| {
            let body = format!(
                r#"{{"output":{{"message":{{"role":"assistant","content":[{content}]}}}},"stopReason":"{stop}"}}"#
            );
            let said = entry.codec.encode(Kind::Response, &Call::default(), body.as_bytes());
            said.is_ok_and(|said| said.report.strict().is_ok())
        };
        let reasoning = |members: &str| {
            let content =
                format!(r#"{{"reasoningContent":{{"reasoningText":{{"text":"t"{members}}}}}}},{{"text":"t"}}"#);
            says(&content, "end_turn")
        };
        let can = Abilities {
            tools: says(r#"{"toolUse":{"toolUseId":"t","name":"t","input":{}}}"#, "tool_use"),
            reasoning: reasoning(""),
            signature: reasoning(r#","signature":"dA==""#),
            stop_sequence,
        };
        Self { entry, ir, can }
    }
}

/// Whether the format has a word for a reason to stop. Formats whose reasons are open would take ours as well, but no
/// model of theirs says it.
fn has_stop(family: &ir::Family, reason: &str) -> bool {
    let is = |value: &ir::Literal, word: &str| matches!(value, ir::Literal::Str(text) if text == word);
    family.types.iter().any(|ty| match &ty.kind {
        TypeKind::Map(map) => {
            let has = |word: &str| map.rows.iter().any(|(_, facade)| is(facade, word));
            has("end_turn") && has(reason)
        }
        _ => false,
    })
}

/// A map: ids or ARNs (`*` stands for any text) to a family's name or `{family, model, to, speak}`.
fn read_map(
    text: &Text,
    map: &mut Map<Families<'static>>,
    routes: &mut Vec<(String, Route)>,
) -> Result<(), StartError> {
    let (file, node) = File::read(text, "map")?;
    let lines = node.as_map().ok_or_else(|| file.fault(&node, "expected a mapping from ids to what they stand for"))?;
    for (key, line) in lines {
        let id = ModelId::parse(&key.text).id;
        if routes.iter().any(|(known, _)| *known == id) {
            return Err(file.fault(line, format!("`{id}` is there twice, in two spellings; keep one of them")));
        }
        let (target, route) = match line.as_str() {
            Some(family) => (Target::family(family, None), Route::default()),
            None => {
                let line = file.members(line, &["family", "model", "to", "speak"])?;
                let owned = |text: Option<&str>| text.map(str::to_owned);
                let speak = line.word("speak", &["native", "converse"])?;
                let speak = speak.map(|word| if word == "converse" { Speak::Converse } else { Speak::Native });
                let target = Target { family: owned(line.text("family")?), model: owned(line.text("model")?) };
                (target, Route { to: owned(line.text("to")?), speak })
            }
        };
        if let Some(family) = target.family.as_deref().filter(|family| registry::by_name(family).is_none()) {
            let names = registry::FAMILIES.iter().map(|entry| entry.codec.family());
            let hint = outcrop_lang::diag::did_you_mean(family, names).map(|n| format!("; did you mean `{n}`?"));
            let hint = hint.unwrap_or_else(|| "; `outcrop families` lists them".to_owned());
            return Err(file.fault(line, format!("there is no family `{family}`{hint}")));
        }
        if let (None, Some(model)) = (&target.family, &target.model)
            && let Err(e) = Families(registry::SPECS).resolve(model)
        {
            return Err(file.fault(line, e.message));
        }
        if target.family.is_some() || target.model.is_some() {
            map.insert(&key.text, target);
        } else if route.to.is_none() && route.speak.is_none() {
            return Err(file.fault(line, format!("nothing is said of `{id}`; give `family`, `model`, `to` or `speak`")));
        }
        routes.push((id, route));
    }
    Ok(())
}

/// A refusal of a codec as the service would put it: what the caller sent in Converse. The text about blocks and that of the
/// model's errors were recorded; those about tools and instructions are known by hearsay.
pub(crate) fn refused(e: &Error) -> Failure {
    let arm = e.path.rsplit('.').next().unwrap_or_default();
    let place = |name: &str| {
        e.path == name || e.path.starts_with(&format!("{name}[")) || e.path.starts_with(&format!("{name}."))
    };
    match e.code {
        Code::Unsupported if place("toolConfig") || matches!(arm, "toolUse" | "toolResult") => {
            Failure::invalid("This model doesn't support tool use.")
        }
        Code::Unsupported if place("system") => Failure::invalid(
            "This model doesn't support system messages. Try again without system messages or use a model that supports \
             system messages.",
        ),
        Code::Unsupported if matches!(arm, "image" | "document" | "video" | "audio") => Failure::invalid(format!(
            "This model doesn't support the {arm} content block that you provided. Update the content block and try again."
        )),
        _ => Failure::invalid(format!("The model returned the following errors: {e}")),
    }
}

/// What failed between two formats although nobody sent anything wrong.
pub(crate) fn broken(e: &Error) -> Failure {
    Failure::new(Exception::ModelError, format!("the answer cannot be put into the format that was asked for: {e}"))
}
