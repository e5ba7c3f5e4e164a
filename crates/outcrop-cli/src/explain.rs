//! `outcrop explain ID`: what kind of id this is, which formats it leads to and which rule decided, and what the catalogue
//! knows of its model.

use std::io::Write as _;

use outcrop::catalogue::{self, Lifecycle, Mode, Price, Regions, Tokens, Way};
use outcrop_runtime::cx::{Keys, Model};
use outcrop_runtime::model_id::ModelId;
use outcrop_runtime::resolve::{Found, Resolution, Rule};
use outcrop_runtime::tree::Tree;

use crate::args;
use crate::catalog::told;

pub(crate) fn run(a: &args::Explain) -> anyhow::Result<()> {
    let catalog = a.map.catalog()?;
    let id = ModelId::parse(&a.id);
    let found = catalog.resolve(&a.id).map_err(told);
    let mut facts = of_id(&id);
    if let Ok(found) = &found {
        facts.extend(of_formats(&a.id, found));
    }
    // What the map says is behind an id is what the catalogue is asked for.
    let model = found.as_ref().map_or(a.id.as_str(), |found| found.model);
    facts.extend(of_model(&ModelId::parse(model)));
    let mut out = std::io::stdout().lock();
    if a.json {
        if let Err(e) = &found {
            facts.push((
                "error",
                object(vec![("code", Tree::str(e.code.as_str())), ("message", Tree::str(&e.message))]),
            ));
        }
        writeln!(out, "{}", object(facts))?;
    } else {
        for (name, value) in &facts {
            print(&mut out, name, value)?;
        }
    }
    out.flush()?;
    found.map(drop).map_err(Into::into)
}

/// Facts by name, in the order of their telling.
type Facts = Vec<(&'static str, Tree)>;

fn object(facts: Facts) -> Tree {
    Tree::object(facts.into_iter().map(|(name, value)| (name.replace(' ', "_"), value)).collect())
}

fn texts<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> Tree {
    Tree::list(items.into_iter().map(|item| Tree::str(item.as_ref())).collect())
}

/// A line for each fact, and for each element of a list of facts.
fn print(out: &mut impl std::io::Write, name: &str, value: &Tree) -> std::io::Result<()> {
    match value {
        Tree::Arr(list) if list.items().iter().any(|item| item.as_object().is_some()) => {
            list.items().iter().try_for_each(|item| print(out, name, item))
        }
        // A family says several things at length.
        Tree::Obj(parts) if name == "family" => parts.members().iter().try_for_each(|(part, value)| {
            let name = if part == "name" { name } else { part };
            print(out, name, value)
        }),
        value => writeln!(out, "{name:<18} {}", text(value)),
    }
}

/// A fact in words: parts with semicolons between, lists with commas.
fn text(value: &Tree) -> String {
    match value {
        Tree::Str(text) => text.clone(),
        Tree::Arr(list) => list.items().iter().map(text).collect::<Vec<_>>().join(", "),
        Tree::Obj(parts) => {
            let part = |(name, value): &(String, Tree)| format!("{} {}", name.replace('_', " "), text(value));
            parts.members().iter().map(part).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

fn of_id(id: &ModelId) -> Facts {
    let mut facts: Facts = vec![("id", Tree::str(&id.id)), ("kind", Tree::str(id.resource.as_str()))];
    let parts = [
        ("geography", &id.geography),
        ("partition", &id.partition),
        ("region", &id.region),
        ("base id", &id.base),
        ("suffix", &id.suffix),
    ];
    facts.extend(parts.into_iter().filter_map(|(name, part)| Some((name, Tree::str(part.as_ref()?)))));
    facts
}

/// The families, each with its rule and what its spec says of the model.
fn of_formats(id: &str, found: &Resolution<'_>) -> Facts {
    let mut facts = Facts::new();
    if found.model != id {
        facts.push(("stands for", Tree::str(found.model)));
    }
    let several = found.formats.len() > 1;
    facts.push(("family", Tree::list(found.formats.iter().map(|format| of_format(format, several)).collect())));
    if several && let Ok(written) = found.to_write() {
        facts.push(("written as", Tree::str(written.family)));
    }
    facts
}

fn of_format(format: &Found<'_>, several: bool) -> Tree {
    let rule = match format.rule {
        Rule::Map(line) => format!("the line `{line}` of the map"),
        Rule::Pattern(pattern) => format!("`match: {pattern}`, the most specific pattern that fits"),
        Rule::Kind(kind) => format!("`resource: {}`, the kind of ARN", kind.as_str()),
        _ => String::new(),
    };
    let mut facts: Facts = vec![("name", Tree::str(format.family)), ("rule", Tree::str(rule))];
    if let Some(Model { name, prompt, limits, capabilities, bodies, .. }) = format.model {
        if several {
            let keys = bodies.map(|bodies| bodies.request);
            facts.push(("bodies", Tree::str(keys.map_or_else(|| "all others".to_owned(), condition))));
        }
        facts.push(("model", Tree::str(*name)));
        facts.extend(prompt.map(|prompt| ("prompt", Tree::str(prompt))));
        let limits = limits.iter().map(|(name, limit)| ((*name).to_owned(), Tree::Num(limit.to_string())));
        facts.push(("limits", Tree::object(limits.collect())));
        facts.push(("can", texts(*capabilities)));
    }
    object(facts)
}

/// Which requests are meant.
fn condition(keys: Keys) -> String {
    let list = |word: &str, keys: &[&str]| (!keys.is_empty()).then(|| format!("{word} `{}`", keys.join("`, `")));
    let parts: Vec<String> = [list("with", keys.has), list("without", keys.lacks)].into_iter().flatten().collect();
    format!("requests {}", parts.join(" "))
}

/// What the catalogue knows: of the model, and of the way to it that the id is.
fn of_model(id: &ModelId) -> Facts {
    let Some(model) = catalogue::model(&id.id) else { return Facts::new() };
    let mut facts: Facts = vec![("mode", Tree::str(mode(model.mode)))];
    let limits = [
        ("context tokens", model.context_tokens),
        ("max output tokens", model.max_output_tokens),
        ("cache min tokens", model.cache_min_tokens),
    ];
    facts.extend(limits.into_iter().filter_map(|(name, limit)| Some((name, Tree::int(limit?.into())))));
    facts.push(("features", texts(model.capabilities)));
    facts.extend(model.lifecycle().map(|life| ("lifecycle", Tree::str(lifecycle(life)))));
    facts.extend(model.ends.map(|day| ("ends", Tree::str(day))));
    let (geography, region) = (id.geography.as_deref(), id.region.as_deref());
    facts.extend(model.price(geography, region).map(|price| ("usd per million", rates(price))));
    facts.push(("prices", Tree::list(model.prices.iter().map(of_price).collect())));
    let access = model.access.iter().map(|access| {
        let life = Tree::str(lifecycle(access.lifecycle));
        object(vec![("by", Tree::str(way(access.way))), ("lifecycle", life), ("in", names(access.regions))])
    });
    facts.push(("access", Tree::list(access.collect())));
    facts.push(("profiles", texts(model.profiles().map(|profile| profile.id))));
    let profile = geography.and_then(|geography| catalogue::profile(&format!("{geography}.{}", model.id)));
    let routes = profile.iter().flat_map(|profile| profile.routes);
    let routes = routes.map(|(from, to)| object(vec![("from", names(*from)), ("to", names(*to))]));
    facts.push(("routes", Tree::list(routes.collect())));
    facts.retain(|(_, value)| value.as_list().is_none_or(|list| !list.is_empty()));
    facts
}

fn of_price(price: &Price) -> Tree {
    let places = price.scopes.iter().map(|scope| if *scope == "-" { "plain id" } else { scope });
    object(vec![("for", texts(places)), ("usd per million", rates(price))])
}

fn rates(price: &Price) -> Tree {
    let rate = |tokens: Tokens| Some((tokens.as_str(), Tree::Num(price.usd_per_million(tokens)?.to_string())));
    object(Tokens::ALL.into_iter().filter_map(rate).collect())
}

fn names(regions: Regions) -> Tree {
    if regions == Regions::ALL { texts(["all regions"]) } else { texts(regions.names()) }
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Chat => "chat",
        Mode::Embedding => "embedding",
        Mode::Image => "image",
        Mode::Rerank => "rerank",
        _ => "other",
    }
}

fn way(way: Way) -> &'static str {
    match way {
        Way::OnDemand => "plain id",
        Way::Profile => "profile",
        Way::Both => "plain id or profile",
    }
}

fn lifecycle(lifecycle: Lifecycle) -> &'static str {
    match lifecycle {
        Lifecycle::Active => "active",
        Lifecycle::Legacy => "legacy",
    }
}
