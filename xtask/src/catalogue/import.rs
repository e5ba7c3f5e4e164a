//! From price lists and lists of regions, a line for each id and place, to the compact tables of this repository.
//!
//! `own.tsv`, written by hand, has the last word: on ids that no list has, and on those that are in a list though
//! InvokeModel does not serve them.

use std::collections::{BTreeMap, BTreeSet};

use outcrop_codegen::catalogue::{MODELS, PRICES, PROFILES, REGIONS, Row, Table};

/// The lists that are given; none keeps what there is.
#[derive(Default)]
pub(super) struct Given {
    pub(super) models: Option<String>,
    pub(super) regions: Option<String>,
    pub(super) profiles: Option<String>,
}

/// Columns of `own.tsv`.
const OWN: &[&str] = &["id", "served", "mode", "context", "output", "capabilities", "why"];
/// Columns of a price list that become those of `prices.tsv`, in their order.
const USD: [&str; 11] = [
    "usd_in_per_1M",
    "usd_out_per_1M",
    "usd_cache_read_per_1M",
    "usd_cache_write_5m_per_1M",
    "usd_cache_write_1h_per_1M",
    "usd_batch_in",
    "usd_batch_out",
    "usd_flex_in",
    "usd_flex_out",
    "usd_priority_in",
    "usd_priority_out",
];
/// Modes of a price list, and ours. All others are for other operations.
const MODES: [(&str, &str); 5] = [
    ("chat", "chat"),
    ("embedding", "embedding"),
    ("image_generation", "image"),
    ("image_edit", "image"),
    ("rerank", "rerank"),
];
/// A host that does not know InvokeModel, as the lists call it.
const OTHER_HOST: [&str; 2] = ["bedrock_mantle", "mantle_only"];

/// Lines of a table, to be sorted and printed.
type Lines = BTreeSet<Vec<String>>;

/// The texts of the four tables.
pub(super) fn tables(given: &Given, own: &str, now: [String; 4]) -> Result<[String; 4], String> {
    let [models, prices, regions, profiles] = now;
    let own = Table::parse("own.tsv", own, OWN)?;
    let (mut elsewhere, mut of_regions) = (BTreeSet::new(), None);
    if let Some(list) = &given.regions {
        let table = Table::any("the list of regions", list)?;
        elsewhere = only_elsewhere(&table);
        of_regions = Some(in_regions(&table)?);
    }
    let (mut model_lines, mut price_lines) = (lines(&models, MODELS)?, lines(&prices, PRICES)?);
    if let Some(list) = &given.models {
        let table = Table::any("the price list", list)?;
        let wanted = own.rows().filter(|row| row.get("served") == "yes").map(|row| row.get("id")).collect();
        let by_id = by_id(&table, &elsewhere, &wanted);
        model_lines = by_id.iter().map(|(id, rows)| line(id, rows)).collect();
        price_lines = by_id.iter().flat_map(|(id, rows)| costs(id, rows)).collect();
    }
    for row in own.rows() {
        let id = row.need("id")?;
        let old = model_lines.iter().find(|line| line.first().is_some_and(|first| first == id)).cloned();
        model_lines.retain(|line| old.as_ref() != Some(line));
        match row.need("served")? {
            "no" => {}
            "yes" => {
                let mut line = old.unwrap_or_else(|| vec![String::new(); MODELS.len()]);
                let cells = [("id", 0), ("mode", 1), ("context", 2), ("output", 3), ("capabilities", 6)];
                for (column, at) in cells {
                    if let (text @ [_, ..], Some(cell)) = (row.get(column).as_bytes(), line.get_mut(at)) {
                        *cell = String::from_utf8_lossy(text).into_owned();
                    }
                }
                model_lines.insert(line);
            }
            _ => return Err(row.fault("`served` is `yes` or `no`")),
        }
    }
    let ids: BTreeSet<String> = model_lines.iter().filter_map(|line| line.first().cloned()).collect();
    let of_regions = of_regions.map_or_else(|| lines(&regions, REGIONS), Ok)?;
    let of_profiles = match &given.profiles {
        Some(list) => routes(&Table::any("the list of profiles", list)?)?,
        None => lines(&profiles, PROFILES)?,
    };
    let known = |lines: Lines, base: fn(&str) -> &str| -> Lines {
        lines.into_iter().filter(|line| line.first().is_some_and(|id| ids.contains(base(id)))).collect()
    };
    let plain: fn(&str) -> &str = |id| id;
    Ok([
        print(MODELS, &model_lines),
        print(PRICES, &known(price_lines, plain)),
        print(REGIONS, &known(of_regions, plain)),
        print(PROFILES, &known(of_profiles, |id| id.split_once('.').map_or("", |(_, base)| base))),
    ])
}

/// The lines of a table as there is; none at all reads as empty.
fn lines(text: &str, columns: &[&str]) -> Result<Lines, String> {
    if text.is_empty() {
        return Ok(Lines::new());
    }
    let table = Table::parse(columns.first().copied().unwrap_or_default(), text, columns)?;
    Ok(table.rows().map(|row| columns.iter().map(|column| row.get(column).to_owned()).collect()).collect())
}

fn print(columns: &[&str], lines: &Lines) -> String {
    let mut out = String::from("# Made by `cargo xtask catalogue import`; what lists do not say stands in own.tsv.\n");
    out.extend([&columns.join("\t"), "\n"]);
    for line in lines {
        out.extend([&line.join("\t"), "\n"]);
    }
    out
}

/// Ids that are nowhere on the host of InvokeModel.
fn only_elsewhere(table: &Table<'_>) -> BTreeSet<String> {
    let id = |row: &Row<'_>| row.get("model_id").to_owned();
    let here: BTreeSet<String> =
        table.rows().filter(|row| !OTHER_HOST.contains(&row.get("endpoint"))).map(|row| id(&row)).collect();
    table.rows().map(|row| id(&row)).filter(|id| !here.contains(id)).collect()
}

/// The lines of a price list by model, if InvokeModel serves that.
fn by_id<'t>(
    table: &'t Table<'t>,
    elsewhere: &BTreeSet<String>,
    wanted: &BTreeSet<&str>,
) -> BTreeMap<&'t str, Vec<Row<'t>>> {
    let mut all: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for row in table.rows() {
        let id = row.get("base_model_id");
        let form = id.contains('.') && id.chars().all(|c| c.is_ascii_alphanumeric() || ".:-".contains(c));
        // A chat model without the name of a format is for another operation.
        let other = row.get("mode") == "chat" && row.get("family").starts_with('—');
        let ours = MODES.iter().any(|(mode, _)| *mode == row.get("mode")) && !OTHER_HOST.contains(&row.get("api"));
        if form && ours && (wanted.contains(id) || !other && !elsewhere.contains(id)) {
            all.entry(id).or_default().push(row);
        }
    }
    all
}

/// Where the price of a line holds: `-` for the plain id, a geography, a region; none for what has no price of tokens.
fn scope<'t>(row: &Row<'t>) -> Option<&'t str> {
    let place = match row.get("path") {
        "" | "bedrock" => "",
        path => path.strip_prefix("bedrock/").filter(|rest| !rest.contains('/') && rest.contains('-'))?,
    };
    let named = |text: &'t str| Some(text).filter(|text| !text.is_empty());
    named(place).or_else(|| named(row.get("prefix"))).or(Some("-"))
}

/// The line of a model: the limits of the plain id, else of the widest profile.
fn line(id: &str, rows: &[Row<'_>]) -> Vec<String> {
    let rank = |row: &&Row<'_>| match (row.get("key"), scope(row)) {
        (key, _) if key == id => 0,
        (_, Some("-")) => 1,
        (_, Some("us")) => 2,
        (_, Some("global")) => 3,
        _ => 4,
    };
    let Some(row) = rows.iter().min_by_key(rank) else { return Vec::new() };
    let mode = MODES.iter().find(|(mode, _)| *mode == row.get("mode")).map_or("", |(_, ours)| ours);
    let ends = rows.iter().map(|row| row.get("deprecation_date")).max().unwrap_or_default();
    let (context, output) = (row.get("max_input_tokens"), row.get("max_output_tokens"));
    let cells = [id, mode, context, output, row.get("prompt_cache_min_tokens"), ends, row.get("features")];
    cells.map(str::to_owned).to_vec()
}

/// The prices of a model, a line for all scopes that cost the same.
fn costs(id: &str, rows: &[Row<'_>]) -> Vec<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut by_rates: BTreeMap<[&str; 11], BTreeSet<&str>> = BTreeMap::new();
    // Of two lines for a place, the one with the full id is meant.
    let (full, short): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.get("key").ends_with(id));
    for row in full.into_iter().chain(short) {
        let rates = USD.map(|column| row.get(column));
        if let Some(scope) = scope(row)
            && rates.iter().any(|rate| !rate.is_empty())
            && seen.insert(scope)
        {
            by_rates.entry(rates).or_default().insert(scope);
        }
    }
    let line = |(rates, scopes): ([&str; 11], BTreeSet<&str>)| {
        let scopes = scopes.into_iter().collect::<Vec<_>>().join(",");
        [id.to_owned(), scopes].into_iter().chain(rates.iter().map(|rate| (*rate).to_owned())).collect()
    };
    by_rates.into_iter().map(line).collect()
}

/// Where models can be called, a line for all regions alike.
fn in_regions(table: &Table<'_>) -> Result<Lines, String> {
    let mut all: BTreeMap<[&str; 3], BTreeSet<&str>> = BTreeMap::new();
    for row in table.rows().filter(|row| !OTHER_HOST.contains(&row.get("endpoint"))) {
        let access = match row.need("access")? {
            "on_demand" => "on-demand",
            "profile_only" => "profile",
            "on_demand+profile" => "both",
            other => return Err(row.fault(&format!("nobody knows the access `{other}`"))),
        };
        all.entry([row.need("model_id")?, access, row.need("lifecycle")?]).or_default().insert(row.need("region")?);
    }
    let line = |(head, regions): ([&str; 3], BTreeSet<&str>)| {
        let regions = regions.into_iter().collect::<Vec<_>>().join(",");
        head.map(str::to_owned).into_iter().chain([regions]).collect()
    };
    Ok(all.into_iter().map(line).collect())
}

/// The routes of inference profiles, a line for all sources with the same destinations.
fn routes(table: &Table<'_>) -> Result<Lines, String> {
    let mut all: BTreeMap<(&str, BTreeSet<String>), BTreeSet<&str>> = BTreeMap::new();
    for row in table.rows() {
        let destinations = row.list("destination_regions").into_iter().collect();
        all.entry((row.need("profile_id")?, destinations)).or_default().insert(row.need("source_region")?);
    }
    let line = |((id, destinations), sources): ((&str, BTreeSet<String>), BTreeSet<&str>)| {
        let destinations = destinations.into_iter().collect::<Vec<_>>().join(",");
        vec![id.to_owned(), sources.into_iter().collect::<Vec<_>>().join(","), destinations]
    };
    Ok(all.into_iter().map(line).collect())
}

#[cfg(test)]
mod tests;
