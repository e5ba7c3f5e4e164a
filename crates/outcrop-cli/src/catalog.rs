//! The families that the program knows, and which one a call means.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::map;
use anyhow::Context as _;
use outcrop::registry;
use outcrop_lang::interp::{self, Interp};
use outcrop_lang::{Sources, check, diag, family_names, ir, load_family};
use outcrop_runtime::resolve::{Families, Map, Resolution, Resolve as _};
use outcrop_runtime::{Code, Codec, Error, Kind, Output, tree::Tree};

/// Families by name, read when they are first asked for.
pub(crate) struct Catalog {
    sources: Sources,
    families: OnceLock<Vec<ir::Family>>,
    codecs: BTreeMap<String, Arc<dyn Codec>>,
    specs: BTreeMap<PathBuf, Arc<dyn Codec>>,
    map: Map<Families<'static>>,
}

/// What a call says of its format.
pub(crate) struct Asked<'a> {
    /// Model id, inference profile or ARN.
    pub(crate) model: Option<&'a str>,
    /// Family name.
    pub(crate) family: Option<&'a str>,
    /// A spec file.
    pub(crate) spec: Option<&'a Path>,
    /// The native body, or the first chunk of a stream, if the call reads one.
    pub(crate) native: Option<(Kind, &'a [u8])>,
}

/// The same error, with the options of this program that tell what it asks for.
pub(crate) fn told(mut e: Error) -> Error {
    if e.code == Code::Unresolved {
        e.message.push_str(" (`--family NAME`, `--map FILE.json`, `--spec FILE.yaml`)");
    }
    e
}

impl Catalog {
    /// The embedded specs.
    pub(crate) fn new() -> Self {
        let sources = outcrop_specs::FILES.iter().map(|(path, text)| (*path, *text)).collect();
        let (codecs, specs) = (BTreeMap::new(), BTreeMap::new());
        Self { sources, families: OnceLock::new(), codecs, specs, map: Map::before(Families(registry::SPECS)) }
    }

    /// All embedded families, by name.
    pub(crate) fn families(&self) -> &[ir::Family] {
        self.families.get_or_init(|| {
            let names = family_names(&self.sources);
            names.iter().filter_map(|name| load_family(&self.sources, name).family).collect()
        })
    }

    /// What a model id leads to, the lines of the map first.
    pub(crate) fn resolve<'r>(&'r self, id: &'r str) -> Result<Resolution<'r>, Error> {
        self.map.resolve(id)
    }

    /// Adds the lines of a map: model ids or ARNs to families and base models.
    pub(crate) fn add_map(&mut self, file: &Path) -> anyhow::Result<()> {
        for (id, line) in map::read(file)? {
            if let Some(family) = &line.family {
                self.known(family).with_context(|| format!("{}: `{id}`", file.display()))?;
            }
            self.map.insert(id, line);
        }
        Ok(())
    }

    /// The codec that a call means: its spec file, its family, or the family of its model id, in this order. With it
    /// comes the model id for the call: the base model, where the map names one.
    pub(crate) fn codec(&mut self, asked: &Asked<'_>) -> Result<(Arc<dyn Codec>, String), Error> {
        let id = asked.model.unwrap_or_default();
        if let Some(path) = asked.spec {
            return Ok((self.spec(path)?, id.to_owned()));
        }
        let (name, model) = match (asked.family, asked.model) {
            (Some(name), _) => {
                // The map may know the base model of an id all the same.
                let model = self.resolve(id).ok().filter(|r| r.formats.iter().any(|f| f.family == name));
                (name.to_owned(), model.map_or(id, |r| r.model).to_owned())
            }
            (None, Some(id)) => {
                let found = self.resolve(id).map_err(told)?;
                let format = match asked.native {
                    Some((kind, body)) => found.of_body(kind, body)?,
                    None => found.to_write()?,
                };
                (format.family.to_owned(), found.model.to_owned())
            }
            (None, None) => {
                return Err(Error::new(
                    Code::Unresolved,
                    "nothing says which family this is; give `model`, `family` or `spec`",
                ));
            }
        };
        if let Some(codec) = self.codecs.get(&name) {
            return Ok((Arc::clone(codec), model));
        }
        let found = self.known(&name)?;
        // Compiled where that is complete, interpreted otherwise; both mean the same.
        let compiled = registry::FAMILIES.iter().find(|e| e.codec.family() == name && e.unsupported.is_empty());
        let codec: Arc<dyn Codec> = match compiled {
            Some(entry) => Arc::new(entry.codec),
            None => Arc::new(Interp::new(found.clone())),
        };
        self.codecs.insert(name, Arc::clone(&codec));
        Ok((codec, model))
    }

    /// The family of a name.
    fn known(&self, name: &str) -> Result<&ir::Family, Error> {
        self.families().iter().find(|f| f.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.families().iter().map(|f| f.name.as_str()).collect();
            let hint = diag::did_you_mean(name, names.iter().copied()).map(|n| format!("did you mean `{n}`? "));
            let why = format!("there is no family `{name}`; {}`outcrop families` lists them", hint.unwrap_or_default());
            Error::new(Code::Unresolved, why)
        })
    }

    fn spec(&mut self, path: &Path) -> Result<Arc<dyn Codec>, Error> {
        if let Some(codec) = self.specs.get(path) {
            return Ok(Arc::clone(codec));
        }
        let shown = path.display().to_string();
        let bad = |why: String| Error::new(Code::Unresolved, why);
        let text = std::fs::read_to_string(path).map_err(|e| bad(format!("reading the spec {shown}: {e}")))?;
        let mut sources = self.sources.clone();
        // Dialects of the author's own stand beside the family or in a folder `dialects` near it.
        for folder in [path.parent(), path.parent().and_then(Path::parent).map(|p| p.join("dialects")).as_deref()] {
            for (name, text) in folder.into_iter().flat_map(dialects) {
                sources.add(name, text);
            }
        }
        sources.add(shown.clone(), text);
        let mut loaded = load_family(&sources, &shown);
        if let (true, Some(family)) = (loaded.diagnostics.is_empty(), &loaded.family) {
            // What would make it run wrongly; that it is not complete yet is no reason not to try it.
            loaded.diagnostics = check::local(family);
        }
        if !loaded.diagnostics.is_empty() {
            let text = diag::render(&loaded.diagnostics, &loaded.files_read, diag::Style::Plain);
            return Err(bad(format!("the spec {shown} has faults; mend them:\n{text}")));
        }
        let Some(family) = loaded.family else { return Err(bad(format!("{shown} is not a family spec"))) };
        let codec: Arc<dyn Codec> = Arc::new(Interp::new(family));
        self.specs.insert(path.to_path_buf(), Arc::clone(&codec));
        Ok(codec)
    }

    /// A Converse body, checked against the façade and printed; members and arms that it does not know are kept.
    pub(crate) fn check_converse(&self, kind: Kind, body: &[u8]) -> Result<Output, Error> {
        let Some(family) = self.families().first() else {
            return Err(Error::new(Code::Unresolved, "no specs are embedded; build with the specs package"));
        };
        let tree = Tree::parse(body)?;
        let tree = interp::facade::check(kind, &tree, &family.facade)?;
        Ok(Output { body: tree.to_string().into_bytes(), ..Output::default() })
    }
}

/// YAML files of a folder that are dialects, path and text.
fn dialects(folder: &Path) -> Vec<(String, String)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for path in entries.filter_map(|e| e.ok().map(|e| e.path())) {
        if path.extension().is_some_and(|e| e == "yaml" || e == "yml")
            && let Ok(text) = std::fs::read_to_string(&path)
            && text.lines().any(|l| l.starts_with("dialect:"))
        {
            found.push((path.display().to_string(), text));
        }
    }
    found.sort();
    found
}
