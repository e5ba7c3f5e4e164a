//! One translation: which codec, which direction, what comes out. `pipe` and the single commands share it.

use outcrop_runtime::{Call, Code, Codec, Error, Kind, Output, Report};
use serde_json::value::RawValue;

use crate::args::Side;
use crate::catalog::Catalog;

/// What to translate, and how.
pub(crate) struct Job<'a> {
    pub(crate) kind: Kind,
    pub(crate) from: Side,
    pub(crate) to: Side,
    pub(crate) call: Call<'a>,
    /// JSON text: a body, or for streams a list of chunks or events.
    pub(crate) body: &'a str,
}

/// Translates; streams come out as a JSON list.
pub(crate) fn run(job: &Job<'_>, codec: &dyn Codec, catalog: &Catalog) -> Result<Output, Error> {
    let mut out = match job.kind {
        Kind::Stream => stream(job, codec, catalog)?,
        kind => match (job.from, job.to) {
            (Side::Converse, Side::Native) => codec.encode(kind, &job.call, job.body.as_bytes())?,
            (Side::Native, Side::Converse) => codec.decode(kind, &job.call, job.body.as_bytes())?,
            (Side::Native, Side::Native) => codec.check(kind, &job.call, job.body.as_bytes())?,
            (Side::Converse, Side::Converse) => catalog.check_converse(kind, job.body.as_bytes())?,
        },
    };
    if job.call.strict {
        out.report.strict()?;
    }
    out.body.shrink_to_fit();
    Ok(out)
}

/// The body that tells the format: for streams, the first of the list.
pub(crate) fn first(kind: Kind, body: &str) -> &[u8] {
    let text = match kind {
        // Whatever is wrong with the list is said when it is translated.
        Kind::Stream => serde_json::from_str::<Vec<&RawValue>>(body).ok().and_then(|items| Some(items.first()?.get())),
        _ => Some(body),
    };
    text.unwrap_or("{}").as_bytes()
}

fn stream(job: &Job<'_>, codec: &dyn Codec, catalog: &Catalog) -> Result<Output, Error> {
    let items: Vec<&RawValue> = serde_json::from_str(job.body).map_err(|e| {
        Error::new(
            Code::MalformedJson,
            format!("a stream is a JSON list of chunks or events ({e}); wrap them in `[…]`"),
        )
    })?;
    let mut body = vec![b'['];
    let report =
        items_through(job, codec, catalog, items.iter().map(|i| Ok(i.get().as_bytes().to_vec())), &mut |item| {
            if body.len() > 1 {
                body.push(b',');
            }
            body.extend_from_slice(item);
        })?;
    body.push(b']');
    Ok(Output { body, headers: Vec::new(), report })
}

/// Sends items through the right stream codec, one at a time.
pub(crate) fn items_through(
    job: &Job<'_>,
    codec: &dyn Codec,
    catalog: &Catalog,
    items: impl Iterator<Item = Result<Vec<u8>, Error>>,
    out: &mut dyn FnMut(&[u8]),
) -> Result<Report, Error> {
    let mut through = match (job.from, job.to) {
        (Side::Native, Side::Converse) => codec.stream_decoder(&job.call)?,
        (Side::Converse, Side::Native) => codec.stream_encoder(&job.call)?,
        (from, _) => {
            let mut report = Report::default();
            for (i, item) in items.enumerate() {
                let item = item?;
                let done = match from {
                    Side::Native => codec.check(Kind::Stream, &job.call, &item),
                    Side::Converse => catalog.check_converse(Kind::Stream, &item),
                };
                let done = done.map_err(|e| numbered(e, i))?;
                out(&done.body);
                report.losses.extend(done.report.losses);
            }
            return Ok(report);
        }
    };
    for (i, item) in items.enumerate() {
        through.push(&item?, out).map_err(|e| numbered(e, i))?;
    }
    through.finish(out)
}

/// Names the chunk or event an error is about, unless the codec did.
fn numbered(mut e: Error, index: usize) -> Error {
    if !e.native_path.starts_with('[') && !e.path.starts_with('[') {
        e.message = format!("item {index} of the stream: {}", e.message);
    }
    e
}
