//! The public entry: texts in, a family and diagnostics out.

use std::collections::BTreeMap;

use crate::check;
use crate::codes::Code;
use crate::diag::{Diagnostic, Source};
use crate::ir::{Family, Span};
use crate::keys::FAMILY;
use crate::lower::{lower_facade, lower_family};
use crate::node::{Node, NodeKind};
use crate::resolve::Reading;

/// Spec files by path: façades, dialects and families, in any order. Later files win over earlier ones of the same name.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
    /// By path, the last of each.
    paths: BTreeMap<String, usize>,
    /// By kind and name, the last of each.
    names: BTreeMap<&'static str, BTreeMap<String, usize>>,
    /// Those of the façade.
    facades: Vec<usize>,
}

/// What a file can be. Its first line that begins so names it.
const KINDS: [&str; 3] = ["family", "dialect", FACADE];
const FACADE: &str = "facade";

impl Sources {
    /// An empty collection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) {
        let (path, text) = (path.into(), text.into());
        let number = self.files.len();
        for kind in KINDS {
            if let Some(name) = header(&text, kind) {
                self.names.entry(kind).or_default().insert(name.to_owned(), number);
                if kind == FACADE {
                    self.facades.push(number);
                }
            }
        }
        self.paths.insert(path.clone(), number);
        self.files.push(Source { path, text });
    }

    /// All files.
    #[must_use]
    pub fn files(&self) -> &[Source] {
        &self.files
    }

    /// Names of all files of a kind (`family`, `dialect`, `facade`), sorted.
    pub fn names<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s str> {
        self.names.get(kind).into_iter().flat_map(|names| names.keys().map(String::as_str))
    }

    /// The file of that kind and name.
    #[must_use]
    pub fn named(&self, kind: &str, name: &str) -> Option<&Source> {
        self.files.get(*self.names.get(kind)?.get(name)?)
    }

    fn family(&self, path_or_name: &str) -> Option<&Source> {
        let by_path = self.paths.get(path_or_name).and_then(|number| self.files.get(*number));
        by_path.or_else(|| self.named("family", path_or_name))
    }
}

impl<P: Into<String>, T: Into<String>> FromIterator<(P, T)> for Sources {
    fn from_iter<I: IntoIterator<Item = (P, T)>>(files: I) -> Self {
        let mut sources = Self::new();
        for (path, text) in files {
            sources.add(path, text);
        }
        sources
    }
}

/// A family that was read, with everything that is wrong with it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The family; present whenever its files are YAML, faults or not. Run it only if there are no diagnostics.
    pub family: Option<Family>,
    /// All faults, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that were read; [`Span::file`] is an index into them.
    pub files_read: Vec<Source>,
}

/// Names of all families, sorted.
#[must_use]
pub fn family_names(sources: &Sources) -> Vec<String> {
    sources.names("family").map(str::to_owned).collect()
}

/// Reads the family with that name, or in the file with that path.
#[must_use]
pub fn load_family(sources: &Sources, path_or_name: &str) -> Loaded {
    let mut reading = Reading { sources, files: Vec::new(), faults: Vec::new() };
    let tree = tree_of(&mut reading, path_or_name);
    let family = tree.and_then(|tree| family_of(&mut reading, &tree));
    let mut diagnostics = reading.faults;
    diagnostics.sort_by_key(|fault| (fault.span.file, fault.span.start));
    diagnostics.dedup();
    Loaded { family, diagnostics, files_read: reading.files }
}

/// Lowers a family over the façade files.
fn family_of(reading: &mut Reading<'_>, tree: &Node) -> Option<Family> {
    let sources = reading.sources;
    let files = sources.facades.iter().filter_map(|number| sources.files.get(*number));
    let facades: Vec<Node> = files.filter_map(|file| reading.file(file)).collect();
    if facades.is_empty() {
        let message = "no façade is among the files that were given, so that no path leads anywhere";
        let start = Span { end: tree.span.start, ..tree.span };
        let fault = Diagnostic::new(Code::UnknownView, start, message).help("add the files of `specs/facade/`");
        reading.faults.push(fault);
        return None;
    }
    let (facade, mut faults) = lower_facade(&facades);
    reading.faults.append(&mut faults);
    let transports: Vec<&Node> = facades.iter().filter_map(|root| root.get("transport")).collect();
    let (family, faults) = lower_family(tree, facade, &transports, std::mem::take(&mut reading.faults));
    reading.faults = faults;
    family
}

/// Reads a family as [`load_family`] does, and checks it.
#[must_use]
pub fn check_family(sources: &Sources, path_or_name: &str) -> Loaded {
    let mut loaded = load_family(sources, path_or_name);
    if let Some(family) = &loaded.family {
        let is_whole = loaded.diagnostics.is_empty();
        loaded.diagnostics.extend(if is_whole { check::all(family) } else { check::local(family) });
        loaded.diagnostics.sort_by_key(|fault| (fault.span.file, fault.span.start));
    }
    loaded
}

/// A family's YAML after `extends` and `patch`, or why there is none.
pub fn flatten(sources: &Sources, path_or_name: &str) -> Result<String, Box<Loaded>> {
    let mut reading = Reading { sources, files: Vec::new(), faults: Vec::new() };
    let tree = tree_of(&mut reading, path_or_name);
    match tree {
        Some(mut tree) if reading.faults.is_empty() => {
            if let NodeKind::Map(entries) = &mut tree.kind {
                entries.retain(|(key, _)| !matches!(key.text.as_str(), "extends" | "patch"));
                entries.sort_by_key(|(key, _)| FAMILY.keys.iter().position(|known| known.name == key.text));
            }
            Ok(crate::print::to_yaml(&tree))
        }
        _ => Err(Box::new(Loaded { family: None, diagnostics: reading.faults, files_read: reading.files })),
    }
}

fn tree_of(reading: &mut Reading<'_>, path_or_name: &str) -> Option<Node> {
    let sources = reading.sources;
    if let Some(source) = sources.family(path_or_name) {
        return reading.tree(source);
    }
    let known = family_names(sources);
    let fault = Diagnostic::new(Code::UnknownFamily, Span::default(), format!("there is no family `{path_or_name}`"))
        .suggest(path_or_name, known.iter().map(String::as_str));
    reading.faults.push(fault);
    None
}

/// The name in a file's `KIND: NAME` line. Only finds files; their content is read as YAML afterwards.
fn header<'t>(text: &'t str, kind: &str) -> Option<&'t str> {
    text.lines().find_map(|line| {
        let value = line.strip_prefix(kind)?.strip_prefix(':')?;
        let value = value.split(" #").next().unwrap_or(value).trim();
        let value = value.strip_prefix(['"', '\'']).and_then(|v| v.strip_suffix(['"', '\''])).unwrap_or(value);
        (!value.is_empty()).then_some(value)
    })
}
