//! Small specs for tests and for the pages of the reference: a few lines become a family that runs.

use std::sync::Arc;

use outcrop_lang::interp::Interp;
use outcrop_lang::{check, diag, ir, load_family};
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Error, Kind, Report};

use crate::families::{self, Loaded};

pub use crate::pages::Snippet;

impl Snippet {
    /// The body that the snippet is about: a stream before a response before a request.
    #[must_use]
    pub fn kind(&self) -> Kind {
        if !self.chunk.is_empty() || self.declares("Chunk") {
            Kind::Stream
        } else if !self.response.is_empty() || self.declares("Response") {
            Kind::Response
        } else {
            Kind::Request
        }
    }

    /// The family. Every check of single declarations must pass; a snippet need not cover all of Converse.
    #[must_use]
    pub fn load(&self) -> Loaded {
        let spec = self.spec();
        let mut sources = families::sources();
        sources.add("families/snippet.yaml", &spec);
        if !self.dialect.is_empty() {
            sources.add("dialects/snippet.yaml", &self.dialect);
        }
        let loaded = load_family(&sources, "snippet");
        let mut faults = loaded.diagnostics;
        faults.extend(loaded.family.iter().flat_map(check::local));
        let text = diag::render(&faults, &loaded.files_read, diag::Style::Plain);
        assert!(faults.is_empty(), "the snippet has faults:\n{text}\n{spec}");
        let family: ir::Family = loaded.family.expect("a family without faults");
        Loaded {
            name: family.name.clone(),
            model: "example.one".to_owned(),
            facade: Arc::clone(&family.facade),
            codec: Box::new(Interp::new(family.clone())),
            family,
        }
    }
}

/// What a translation gave.
#[derive(Debug)]
pub struct Translated {
    /// The other side; a list for streams.
    pub body: Tree,
    /// Headers that go with it.
    pub headers: Vec<(String, String)>,
    /// What did not go through unchanged.
    pub report: Report,
}

/// Native to Converse.
pub fn decode(family: &Loaded, kind: Kind, call: &Call<'_>, native: &Tree) -> Result<Translated, Error> {
    if kind != Kind::Stream {
        let out = family.codec.decode(kind, call, native.to_string().as_bytes())?;
        return Ok(Translated { body: Tree::parse(&out.body)?, headers: out.headers, report: out.report });
    }
    let mut through = family.codec.stream_decoder(call)?;
    let mut events = Vec::new();
    for chunk in native.as_list().unwrap_or_default() {
        through.push(chunk.to_string().as_bytes(), &mut |e| events.push(Tree::parse(e)))?;
    }
    let report = through.finish(&mut |e| events.push(Tree::parse(e)))?;
    Ok(Translated { body: Tree::list(events.into_iter().collect::<Result<_, _>>()?), headers: Vec::new(), report })
}

/// Converse to native.
pub fn encode(family: &Loaded, kind: Kind, call: &Call<'_>, converse: &Tree) -> Result<Translated, Error> {
    if kind != Kind::Stream {
        let out = family.codec.encode(kind, call, converse.to_string().as_bytes())?;
        return Ok(Translated { body: Tree::parse(&out.body)?, headers: out.headers, report: out.report });
    }
    let mut through = family.codec.stream_encoder(call)?;
    let mut chunks = Vec::new();
    for event in converse.as_list().unwrap_or_default() {
        through.push(event.to_string().as_bytes(), &mut |c| chunks.push(Tree::parse(c)))?;
    }
    let report = through.finish(&mut |c| chunks.push(Tree::parse(c)))?;
    Ok(Translated { body: Tree::list(chunks.into_iter().collect::<Result<_, _>>()?), headers: Vec::new(), report })
}
