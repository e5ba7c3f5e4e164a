//! `outcrop families`: the families and what they can carry, as a table or as JSON.

use std::io::{IsTerminal as _, Write as _};

use outcrop::{catalogue, registry};
use outcrop_lang::features::{FEATURES, Features, Support, features};
use outcrop_lang::ir::{Family, Model};
use outcrop_runtime::tree::Tree;

use crate::args;
use crate::catalog::Catalog;

/// A cell: what it says, and how far that is a yes.
type Cell = (String, Option<Support>);

/// A column: its head and its cells.
struct Column {
    head: &'static str,
    cells: Vec<Cell>,
}

pub(crate) fn run(a: &args::Families) -> anyhow::Result<()> {
    let catalog = Catalog::new();
    let families: Vec<_> = catalog.families().iter().map(|family| (family, features(family))).collect();
    let mut out = std::io::stdout().lock();
    if a.json {
        let list = families.iter().map(|(family, found)| json(family, found)).collect();
        writeln!(out, "{}", Tree::list(list))?;
    } else {
        let is_colourful = out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        print(&mut out, &columns(&families), a.width.or_else(width), is_colourful)?;
    }
    out.flush()?;
    Ok(())
}

/// The width of the terminal: what the environment says, or the terminal itself. A pipe or a file has none.
fn width() -> Option<usize> {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    said.or_else(|| terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0.into()))
        .filter(|width| *width > 0)
}

fn columns(families: &[(&Family, Features)]) -> Vec<Column> {
    let plain = |head, cell: &dyn Fn(&Family, &Features) -> String| Column {
        head,
        cells: families.iter().map(|(family, found)| (cell(family, found), None)).collect(),
    };
    let mut columns = vec![plain("family", &|family, _| family.name.clone())];
    for (at, feature) in FEATURES.iter().enumerate() {
        let cell = |found: &Features| found.support.get(at).map(|(_, support)| *support);
        let cells = families.iter().map(|(_, found)| cell(found));
        let cells = cells.map(|support| (support.map_or("", Support::as_str).to_owned(), support));
        columns.push(Column { head: feature.head, cells: cells.collect() });
    }
    columns.push(plain("usage", &|_, found| found.usage.join(",")));
    columns.push(plain("grammars", &|_, found| found.grammars.len().to_string()));
    columns.push(plain("ids", &|family, _| ids(family).count().to_string()));
    columns.push(plain("such as", &|family, _| {
        let pattern = || family.models.first().map(Model::subject);
        ids(family).next().or_else(pattern).unwrap_or("-").to_owned()
    }));
    columns
}

/// The columns in as many blocks as the width asks for, each of which begins with the first column.
fn print(
    out: &mut impl std::io::Write,
    columns: &[Column],
    width: Option<usize>,
    is_colourful: bool,
) -> std::io::Result<()> {
    let Some((first, mut rest)) = columns.split_first() else { return Ok(()) };
    let mut is_first = true;
    while !rest.is_empty() {
        let mut used = wide(first);
        let fits = |column: &&Column| {
            used += 2 + wide(column);
            width.is_none_or(|width| used <= width)
        };
        // One column at least, however narrow the terminal is.
        let count = rest.iter().take_while(fits).count().max(1);
        let (block, more) = rest.split_at(count.min(rest.len()));
        if !is_first {
            writeln!(out)?;
        }
        (rest, is_first) = (more, false);
        block_of(out, first, block, is_colourful)?;
    }
    Ok(())
}

fn block_of(
    out: &mut impl std::io::Write,
    first: &Column,
    block: &[Column],
    is_colourful: bool,
) -> std::io::Result<()> {
    let all = || std::iter::once(first).chain(block);
    let mut line = String::new();
    for column in all() {
        pad(&mut line, column.head, wide(column));
    }
    writeln!(out, "{}", line.trim_end())?;
    for row in 0..first.cells.len() {
        line.clear();
        for column in all() {
            let Some((text, support)) = column.cells.get(row) else { continue };
            match support.filter(|_| is_colourful) {
                Some(support) => {
                    line.extend(["\u{1b}[", colour(support), "m"]);
                    pad(&mut line, text, wide(column));
                    line.push_str("\u{1b}[0m");
                }
                None => pad(&mut line, text, wide(column)),
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The text and spaces up to the next column.
fn pad(line: &mut String, text: &str, width: usize) {
    line.push_str(text);
    line.extend(std::iter::repeat_n(' ', (width + 2).saturating_sub(text.chars().count())));
}

fn wide(column: &Column) -> usize {
    let cells = column.cells.iter().map(|(text, _)| text.chars().count());
    cells.chain([column.head.len()]).max().unwrap_or_default()
}

fn colour(support: Support) -> &'static str {
    match support {
        Support::All => "32",
        Support::Some => "33",
        Support::Format => "36",
        Support::Dropped => "35",
        Support::Refused => "2",
    }
}

fn json(family: &Family, found: &Features) -> Tree {
    let text = |text: &str| Tree::str(text);
    let texts = |list: &[String]| Tree::list(list.iter().map(|item| text(item)).collect());
    let features = found.support.iter().map(|(feature, support)| (feature.name.to_owned(), text(support.as_str())));
    Tree::object(vec![
        ("family".to_owned(), text(&family.name)),
        ("title".to_owned(), text(&family.title)),
        ("source".to_owned(), text(&family.source)),
        ("features".to_owned(), Tree::object(features.collect())),
        ("usage".to_owned(), Tree::list(found.usage.iter().map(|place| text(place)).collect())),
        ("grammars".to_owned(), texts(&found.grammars)),
        ("patterns".to_owned(), Tree::list(family.models.iter().map(|model| text(model.subject())).collect())),
        ("ids".to_owned(), Tree::list(ids(family).map(text).collect())),
    ])
}

/// The ids of the catalogue that a family is a format of.
fn ids(family: &Family) -> impl Iterator<Item = &'static str> {
    let leads =
        |id: &str| registry::resolve(id).is_ok_and(|found| found.formats.iter().any(|f| f.family == family.name));
    catalogue::models().iter().map(|model| model.id).filter(move |id| leads(id))
}
