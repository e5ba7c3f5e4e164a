//! `cargo xtask catalogue`: the tables below `specs/catalogue`, and where they come from.

mod import;

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use clap::Subcommand;
use outcrop_codegen::catalogue::Catalogue;

use crate::files::{Plan, root};

/// What can be done with the tables.
#[derive(Subcommand)]
pub(crate) enum Task {
    /// Make the tables from price lists and lists of regions; what is not given stays as it is
    Import {
        /// Price list: a line for each id and place (tab-separated, `base_model_id`, `mode`, `usd_in_per_1M` …)
        #[arg(long, value_name = "FILE.tsv")]
        models: Option<PathBuf>,
        /// Where each model can be called (`model_id`, `region`, `access`, `endpoint`, `lifecycle`)
        #[arg(long, value_name = "FILE.tsv")]
        regions: Option<PathBuf>,
        /// Inference profiles (`profile_id`, `source_region`, `destination_regions`)
        #[arg(long, value_name = "FILE.tsv")]
        profiles: Option<PathBuf>,
        /// Only say what would change; fail if anything would
        #[arg(long)]
        check: bool,
    },
}

/// The folder of the tables.
const FOLDER: &str = "specs/catalogue";
/// The tables, in the order of their reading.
const TABLES: [&str; 4] = ["models.tsv", "prices.tsv", "regions.tsv", "profiles.tsv"];

pub(crate) fn run(task: &Task) -> Result<()> {
    let Task::Import { models, regions, profiles, check } = task;
    let given = |file: &Option<PathBuf>| file.as_ref().map(text).transpose();
    let given = import::Given { models: given(models)?, regions: given(regions)?, profiles: given(profiles)? };
    let now = |name: &str| std::fs::read_to_string(root().join(FOLDER).join(name)).unwrap_or_default();
    let tables = import::tables(&given, &now("own.tsv"), TABLES.map(now)).map_err(|e| anyhow!(e))?;
    // What cannot be read again must not be written.
    catalogue(&tables)?;
    let files = TABLES.iter().zip(tables).map(|(name, text)| (PathBuf::from(FOLDER).join(name), text)).collect();
    Plan { files, ..Plan::default() }.apply(*check)
}

/// The catalogue as it stands in the tables.
pub(crate) fn read() -> Result<Catalogue> {
    let text = |name: &str| text(&root().join(FOLDER).join(name));
    let [models, prices, regions, profiles] = TABLES.map(text);
    catalogue(&[models?, prices?, regions?, profiles?])
}

fn catalogue(texts: &[String; 4]) -> Result<Catalogue> {
    let [models, prices, regions, profiles] = TABLES;
    let [a, b, c, d] = texts;
    Catalogue::read([(models, a), (prices, b), (regions, c), (profiles, d)]).map_err(|e| anyhow!("{FOLDER}/{e}"))
}

fn text(path: &PathBuf) -> Result<String> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(text.replace("\r\n", "\n"))
}
