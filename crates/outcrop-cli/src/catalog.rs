//! The families that the program knows, and which one a call means.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use outcrop_lang::interp::{self, Interp};
use outcrop_lang::{Sources, check, diag, family_names, ir, load_family};
use outcrop_runtime::model_id::{Glob, ModelId, most_specific};
use outcrop_runtime::{Code, Codec, Error, Kind, Output, tree::Tree};

/// Families by name, read when they are first asked for.
pub(crate) struct Catalog {
    sources: Sources,
    families: OnceLock<Vec<ir::Family>>,
    codecs: BTreeMap<String, Arc<dyn Codec>>,
    specs: BTreeMap<PathBuf, Arc<dyn Codec>>,
}

impl Catalog {
    /// The embedded specs.
    pub(crate) fn new() -> Self {
        let sources = outcrop_specs::FILES.iter().map(|(path, text)| (*path, *text)).collect();
        Self { sources, families: OnceLock::new(), codecs: BTreeMap::new(), specs: BTreeMap::new() }
    }

    /// All embedded families, by name.
    pub(crate) fn families(&self) -> &[ir::Family] {
        self.families.get_or_init(|| {
            let names = family_names(&self.sources);
            names.iter().filter_map(|name| load_family(&self.sources, name).family).collect()
        })
    }

    /// The family that a model id leads to, and the catalogue entry that decided.
    pub(crate) fn resolve(&self, id: &str) -> Result<(&str, &ir::Model), Error> {
        let parsed = ModelId::parse(id);
        let Some(base) = &parsed.base else {
            let kind = parsed.resource.as_str();
            let why = format!("`{id}` ({kind}) does not say which model is behind it; name the family with `--family`");
            return Err(Error::new(Code::Unresolved, why));
        };
        let entries =
            self.families().iter().flat_map(|f| f.models.iter().map(move |m| (Glob(&m.pattern), (f.name.as_str(), m))));
        most_specific(entries, base).ok_or_else(|| {
            let why = format!(
                "no family knows `{base}`; name one with `--family` (`outcrop families` lists them) or give a `--spec`"
            );
            Error::new(Code::Unresolved, why)
        })
    }

    /// The codec that a call means: its spec file, its family, or the family of its model id, in this order.
    pub(crate) fn codec(
        &mut self,
        model: Option<&str>,
        family: Option<&str>,
        spec: Option<&Path>,
    ) -> Result<Arc<dyn Codec>, Error> {
        if let Some(path) = spec {
            return self.spec(path);
        }
        let name = match (family, model) {
            (Some(name), _) => name.to_owned(),
            (None, Some(id)) => self.resolve(id)?.0.to_owned(),
            (None, None) => {
                return Err(Error::new(
                    Code::Unresolved,
                    "nothing says which family this is; give `model`, `family` or `spec`",
                ));
            }
        };
        if let Some(codec) = self.codecs.get(&name) {
            return Ok(Arc::clone(codec));
        }
        let Some(found) = self.families().iter().find(|f| f.name == name) else {
            let names: Vec<&str> = self.families().iter().map(|f| f.name.as_str()).collect();
            let hint = diag::did_you_mean(&name, names.iter().copied()).map(|n| format!("did you mean `{n}`? "));
            let why = format!("there is no family `{name}`; {}`outcrop families` lists them", hint.unwrap_or_default());
            return Err(Error::new(Code::Unresolved, why));
        };
        // Compiled where that is complete, interpreted otherwise; both mean the same.
        let compiled =
            outcrop::registry::FAMILIES.iter().find(|e| e.codec.family() == name && e.unsupported.is_empty());
        let codec: Arc<dyn Codec> = match compiled {
            Some(entry) => Arc::new(entry.codec),
            None => Arc::new(Interp::new(found.clone())),
        };
        self.codecs.insert(name, Arc::clone(&codec));
        Ok(codec)
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
