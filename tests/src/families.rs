//! The families under test: every spec in the repository, run by the interpreter.

use std::path::Path;
use std::sync::Arc;

use outcrop_lang::interp::Interp;
use outcrop_lang::{Sources, diag, family_names, ir, load_family};
use outcrop_runtime::{Call, Codec, Error, Kind};

/// A family, ready to run.
pub struct Loaded {
    /// Its name.
    pub name: String,
    /// A model id that leads to it.
    pub model: String,
    /// The façade.
    pub facade: Arc<ir::Facade>,
    /// The IR.
    pub family: ir::Family,
    /// Its codec.
    pub codec: Box<dyn Codec>,
}

/// The spec files of the repository, the invented ones too.
#[must_use]
pub fn sources() -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["../specs/facade", "../specs/dialects", "../specs/families", "heldout"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("the specs are beside the tests") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            files.push((format!("{folder}/{name}"), text));
        }
    }
    files.sort();
    files.into_iter().collect()
}

/// A family out of `sources`; a spec with faults fails the test with its diagnostics.
#[must_use]
pub fn load(sources: &Sources, name: &str) -> Loaded {
    let loaded = load_family(sources, name);
    let faults = diag::render(&loaded.diagnostics, &loaded.files_read, diag::Style::Plain);
    assert!(loaded.diagnostics.is_empty(), "{name} has faults:\n{faults}");
    let family = loaded.family.expect("a family without faults");
    let model = family.examples.first().map(|e| e.model.clone()).unwrap_or_default();
    Loaded {
        name: family.name.clone(),
        model,
        facade: Arc::clone(&family.facade),
        codec: Box::new(Interp::new(family.clone())),
        family,
    }
}

/// Every family of the repository.
#[must_use]
pub fn all() -> Vec<Loaded> {
    let sources = sources();
    let names = family_names(&sources);
    assert!(names.len() >= 5, "the specs are found");
    names.iter().map(|name| load(&sources, name)).collect()
}

impl Loaded {
    /// Bodies of the examples: kind, native text, Converse text.
    #[must_use]
    pub fn bodies(&self) -> Vec<(Kind, Option<String>, Option<String>)> {
        let kind = |k| match k {
            ir::ExampleKind::Request => Kind::Request,
            ir::ExampleKind::Response => Kind::Response,
            ir::ExampleKind::Stream => Kind::Stream,
        };
        self.family.examples.iter().map(|e| (kind(e.kind), e.native.clone(), e.converse.clone())).collect()
    }

    /// Chunks to events.
    pub fn stream_decode(&self, call: &Call<'_>, chunks: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, Error> {
        let mut through = self.codec.stream_decoder(call)?;
        let mut events = Vec::new();
        for chunk in chunks {
            through.push(chunk, &mut |e| events.push(e.to_vec()))?;
        }
        through.finish(&mut |e| events.push(e.to_vec()))?;
        Ok(events)
    }

    /// Events to chunks.
    pub fn stream_encode(&self, call: &Call<'_>, events: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, Error> {
        let mut through = self.codec.stream_encoder(call)?;
        let mut chunks = Vec::new();
        for event in events {
            through.push(event, &mut |c| chunks.push(c.to_vec()))?;
        }
        through.finish(&mut |c| chunks.push(c.to_vec()))?;
        Ok(chunks)
    }
}
