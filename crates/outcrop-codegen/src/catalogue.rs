//! The model catalogue: what is known of each model id beside its format. Tables of text in, a Rust module out.
//!
//! The tables are tab-separated, with a line of column names; lines that begin with `#` are comments. Their columns are
//! [`MODELS`], [`PRICES`], [`REGIONS`] and [`PROFILES`]; lists have commas between.

mod emit;
mod table;

use std::collections::{BTreeMap, BTreeSet};

pub use emit::module;
pub use table::{Row, Table};

/// Columns of `models.tsv`.
pub const MODELS: &[&str] = &["id", "mode", "context", "output", "cache_min", "ends", "capabilities"];
/// Columns of `prices.tsv`: scopes are `-` for the plain id, geographies and regions; prices are US dollars for a million
/// tokens.
pub const PRICES: &[&str] = &[
    "id",
    "scopes",
    "input",
    "output",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "batch_input",
    "batch_output",
    "flex_input",
    "flex_output",
    "priority_input",
    "priority_output",
];
/// Columns of `regions.tsv`.
pub const REGIONS: &[&str] = &["id", "access", "lifecycle", "regions"];
/// Columns of `profiles.tsv`: from which regions an inference profile may be called, and where such a call may be answered.
pub const PROFILES: &[&str] = &["id", "sources", "destinations"];

/// Words of `mode`, and the variants of `catalogue::Mode`.
const MODES: &[(&str, &str)] =
    &[("chat", "Chat"), ("embedding", "Embedding"), ("image", "Image"), ("rerank", "Rerank")];
/// Words of `access`, and the variants of `catalogue::Way`.
const ACCESS: &[(&str, &str)] = &[("on-demand", "OnDemand"), ("profile", "Profile"), ("both", "Both")];
/// Words of `lifecycle`, and the variants of `catalogue::Lifecycle`.
const LIFECYCLES: &[(&str, &str)] = &[("active", "Active"), ("legacy", "Legacy")];

/// The catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    models: BTreeMap<String, Model>,
    profiles: BTreeMap<String, Vec<Route>>,
}

/// From which regions, and where to.
type Route = (BTreeSet<String>, BTreeSet<String>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Model {
    mode: &'static str,
    context: Option<u32>,
    output: Option<u32>,
    cache_min: Option<u32>,
    ends: Option<String>,
    capabilities: Vec<String>,
    prices: Vec<(Vec<String>, Vec<Option<u32>>)>,
    access: Vec<(&'static str, &'static str, BTreeSet<String>)>,
}

impl Catalogue {
    /// Reads the four tables, each by name and text, in the order models, prices, regions, profiles.
    ///
    /// # Errors
    ///
    /// The first fault, with the table, the line and what is wrong with it.
    pub fn read(tables: [(&str, &str); 4]) -> Result<Self, String> {
        let [models, prices, regions, profiles] = tables;
        let mut all = Self::default();
        for row in Table::parse(models.0, models.1, MODELS)?.rows() {
            let model = Model {
                mode: row.word("mode", MODES)?,
                context: row.number("context")?,
                output: row.number("output")?,
                cache_min: row.number("cache_min")?,
                ends: row.date("ends")?,
                capabilities: row.list("capabilities"),
                prices: Vec::new(),
                access: Vec::new(),
            };
            if all.models.insert(row.need("id")?.to_owned(), model).is_some() {
                return Err(row.fault("this id has a line already"));
            }
        }
        for row in Table::parse(prices.0, prices.1, PRICES)?.rows() {
            let rates = PRICES.iter().skip(2).map(|column| row.rate(column)).collect::<Result<Vec<_>, _>>()?;
            let (model, scopes) = (all.model(row.need("id")?, &row)?, row.list("scopes"));
            if scopes.is_empty() || model.prices.iter().any(|(others, _)| others.iter().any(|s| scopes.contains(s))) {
                return Err(row.fault("a price has scopes, each of which has one price"));
            }
            model.prices.push((scopes, rates));
        }
        for row in Table::parse(regions.0, regions.1, REGIONS)?.rows() {
            let (access, lifecycle) = (row.word("access", ACCESS)?, row.word("lifecycle", LIFECYCLES)?);
            let names: BTreeSet<String> = row.list("regions").into_iter().collect();
            let model = all.model(row.need("id")?, &row)?;
            if model.access.iter().any(|(.., others)| !others.is_disjoint(&names)) {
                return Err(row.fault("a region of this id has a line already"));
            }
            model.access.push((access, lifecycle, names));
        }
        for row in Table::parse(profiles.0, profiles.1, PROFILES)?.rows() {
            let id = row.need("id")?;
            let base = id.split_once('.').map_or("", |(_, base)| base);
            all.model(base, &row)?;
            let (sources, destinations) = (row.list("sources"), row.list("destinations"));
            let routes = all.profiles.entry(id.to_owned()).or_default();
            routes.push((sources.into_iter().collect(), destinations.into_iter().collect()));
        }
        if all.regions().len() >= 63 {
            return Err("there are more regions than a set of the generated tables can hold".to_owned());
        }
        Ok(all)
    }

    fn model(&mut self, id: &str, row: &table::Row<'_>) -> Result<&mut Model, String> {
        self.models.get_mut(id).ok_or_else(|| row.fault("this model has no line in the table of models"))
    }

    /// The ids of a mode.
    pub fn ids<'c>(&'c self, mode: &str) -> impl Iterator<Item = &'c str> {
        let variant = MODES.iter().find(|(word, _)| *word == mode).map(|(_, variant)| *variant);
        self.models.iter().filter(move |(_, model)| Some(model.mode) == variant).map(|(id, _)| id.as_str())
    }

    /// The names of all regions.
    fn regions(&self) -> Vec<&str> {
        let of_models = self.models.values().flat_map(|model| model.access.iter().flat_map(|(.., names)| names));
        let routes = self.profiles.values().flatten();
        let of_profiles = routes.flat_map(|(sources, destinations)| sources.iter().chain(destinations));
        let names: BTreeSet<&str> =
            of_models.chain(of_profiles).map(String::as_str).filter(|name| *name != "*").collect();
        names.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADS: [&[&str]; 4] = [MODELS, PRICES, REGIONS, PROFILES];

    fn read(lines: [&str; 4]) -> Result<Catalogue, String> {
        let texts: Vec<String> =
            HEADS.iter().zip(lines).map(|(head, rows)| format!("# Made up.\n{}\n{rows}", head.join("\t"))).collect();
        let text = |index: usize| texts.get(index).map_or("", String::as_str);
        Catalogue::read([("models", text(0)), ("prices", text(1)), ("regions", text(2)), ("profiles", text(3))])
    }

    const MODEL: &str = "acme.one\tchat\t1000\t\t\t2031-02-03\ttools,image\n";

    #[test]
    fn tables_become_one_table() {
        let prices = "acme.one\t-,us\t0.5\t2\t\t\t\t\t\t\t\t\t\nacme.one\teu\t0.0088\t0\t\t\t\t\t\t\t\t\t\n";
        let regions = "acme.one\ton-demand\tactive\tb-1,a-1\n";
        let all = read([MODEL, prices, regions, "us.acme.one\ta-1\ta-1,c-1\nus.acme.one\tb-1\t*\n"]).unwrap();
        assert_eq!(all.regions(), ["a-1", "b-1", "c-1"]);
        assert_eq!(all.ids("chat").collect::<Vec<_>>(), ["acme.one"]);
        let code = module(&all);
        assert!(code.contains("context_tokens: Some(1000), max_output_tokens: None"), "{code}");
        assert!(code.contains(r#"scopes: &["-", "us"], rates: [500000, 2000000, N"#), "{code}");
        assert!(code.contains(r#"scopes: &["eu"], rates: [8800, 0, N"#), "{code}");
        assert!(code.contains("(Regions(0x1), Regions(0x5)), (Regions(0x2), Regions::ALL)"), "{code}");
    }

    #[test]
    fn faults_name_table_and_line() {
        let fault = |lines: [&str; 4]| read(lines).unwrap_err();
        assert_eq!(
            fault(["acme.one\tchat\tmany\t\t\t\t\n", "", "", ""]),
            "models:3: `context` is `many`, no whole number"
        );
        assert_eq!(
            fault(["acme.one\tsong\t\t\t\t\t\n", "", "", ""]),
            "models:3: `mode` is `song`; it must be chat, embedding, image, rerank"
        );
        assert_eq!(fault(["acme.one\tchat\n", "", "", ""]), "models:3: 2 columns, not 7");
        assert_eq!(fault([&MODEL.repeat(2), "", "", ""]), "models:4: this id has a line already");
        assert!(fault(["", "acme.two\t-\t1\t\t\t\t\t\t\t\t\t\t\n", "", ""]).contains("no line in the table of models"));
        assert!(fault([MODEL, "acme.one\t-\t1.1234567\t\t\t\t\t\t\t\t\t\t\n", "", ""]).contains("no price"));
        assert!(
            fault([MODEL, "", "acme.one\tboth\tactive\ta\nacme.one\tprofile\tactive\ta\n", ""]).contains("already")
        );
        let head = Catalogue::read([("models", "id\tmode\n"), ("", ""), ("", ""), ("", "")]).unwrap_err();
        assert!(head.contains("columns must be id, mode, context"), "{head}");
    }
}
