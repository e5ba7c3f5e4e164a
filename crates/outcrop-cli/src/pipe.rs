//! `outcrop pipe`: a job a line in, an answer a line out, in order, flushed. Holds one job at a time.

use std::collections::BTreeMap;
use std::io::Write as _;

use outcrop_runtime::{Call, Code, Error, Kind, Output};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::args::{self, Side};
use crate::catalog::{Asked, Catalog};
use crate::input;
use crate::job::{self, Job};

#[derive(Deserialize)]
#[serde(expecting = "a JSON object")]
struct Line<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    kind: String,
    from: String,
    to: String,
    model: Option<String>,
    family: Option<String>,
    spec: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    strict: Option<bool>,
    escape: Option<bool>,
    #[serde(borrow)]
    body: &'a RawValue,
}

pub(crate) fn run(a: &args::Pipe) -> anyhow::Result<()> {
    let mut catalog = a.map.catalog()?;
    let (mut stdin, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        if !input::line(&mut stdin, &mut line)? {
            return Ok(());
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answer = answer(&line, &mut catalog);
        output.write_all(&answer)?;
        output.flush()?;
        // One huge job must not leave its memory behind for the rest of the run.
        line.shrink_to(1 << 20);
    }
}

fn answer(line: &[u8], catalog: &mut Catalog) -> Vec<u8> {
    if line.len() > input::LIMIT {
        return failed(None, &input::too_large("the line"));
    }
    // Serde would take a list for the members in their order.
    let list = line.trim_ascii_start().starts_with(b"[");
    let job: Line<'_> = match serde_json::from_slice(line) {
        Ok(job) if !list => job,
        Ok(_) => {
            let what = "the line is a list, not a job; see `outcrop pipe --help` for its members";
            return failed(None, &Error::new(Code::MalformedJson, what));
        }
        Err(e) => {
            let what = format!("the line is not a job ({e}); see `outcrop pipe --help` for its members");
            return failed(id_of(line), &Error::new(Code::MalformedJson, what));
        }
    };
    match translate(&job, catalog) {
        Ok(out) => passed(job.id, &out),
        Err(e) => failed(job.id, &e),
    }
}

/// The id of a line that is no job, where one can be read.
fn id_of(line: &[u8]) -> Option<&RawValue> {
    #[derive(Deserialize)]
    struct Id<'a> {
        #[serde(borrow)]
        id: &'a RawValue,
    }
    // A list is no object with an id.
    let object = line.trim_ascii_start().starts_with(b"{");
    serde_json::from_slice::<Id<'_>>(line).ok().filter(|_| object).map(|i| i.id)
}

fn translate(line: &Line<'_>, catalog: &mut Catalog) -> Result<Output, Error> {
    let kind = match line.kind.as_str() {
        "request" => Kind::Request,
        "response" => Kind::Response,
        "stream" => Kind::Stream,
        other => return Err(unknown("kind", other, "`request`, `response` or `stream`")),
    };
    let side = |name: &str, text: &str| match text {
        "native" => Ok(Side::Native),
        "converse" => Ok(Side::Converse),
        other => Err(unknown(name, other, "`native` or `converse`")),
    };
    let (from, to) = (side("from", &line.from)?, side("to", &line.to)?);
    let headers: Vec<(String, String)> = line.headers.iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect();
    let body = line.body.get();
    let native = (from == Side::Native).then(|| (kind, job::first(kind, body)));
    let (family, spec) = (line.family.as_deref(), line.spec.as_ref().map(AsRef::as_ref));
    let (codec, model) = catalog.codec(&Asked { model: line.model.as_deref(), family, spec, native })?;
    let (strict, escape) = (line.strict.unwrap_or(false), line.escape.unwrap_or(false));
    let call = Call { model: &model, headers: &headers, strict, escape };
    job::run(&Job { kind, from, to, call, body }, codec.as_ref(), catalog)
}

fn unknown(member: &str, value: &str, known: &str) -> Error {
    Error::new(Code::UnknownValue, format!("`{member}` is `{value}`; it must be {known}"))
}

fn passed(id: Option<&RawValue>, out: &Output) -> Vec<u8> {
    let mut o = start(id, true);
    o.extend_from_slice(b",\"body\":");
    one_line(&out.body, &mut o);
    if !out.headers.is_empty() {
        o.extend_from_slice(b",\"headers\":{");
        for (i, (name, value)) in out.headers.iter().enumerate() {
            if i > 0 {
                o.push(b',');
            }
            string(name, &mut o);
            o.push(b':');
            string(value, &mut o);
        }
        o.push(b'}');
    }
    o.extend_from_slice(b",\"report\":[");
    for (i, loss) in out.report.losses.iter().enumerate() {
        o.extend_from_slice(if i > 0 { b",{\"fate\":" } else { b"{\"fate\":" });
        string(loss.fate.as_str(), &mut o);
        o.extend_from_slice(b",\"path\":");
        string(&loss.path, &mut o);
        o.extend_from_slice(b",\"why\":");
        string(&loss.why, &mut o);
        o.push(b'}');
    }
    o.extend_from_slice(b"]}\n");
    o
}

fn failed(id: Option<&RawValue>, e: &Error) -> Vec<u8> {
    let mut o = start(id, false);
    o.extend_from_slice(b",\"error\":{\"code\":");
    string(e.code.as_str(), &mut o);
    o.extend_from_slice(b",\"path\":");
    string(&e.path, &mut o);
    if !e.native_path.is_empty() {
        o.extend_from_slice(b",\"native_path\":");
        string(&e.native_path, &mut o);
    }
    o.extend_from_slice(b",\"message\":");
    string(&e.message, &mut o);
    o.extend_from_slice(b"}}\n");
    o
}

fn start(id: Option<&RawValue>, ok: bool) -> Vec<u8> {
    let mut o = b"{\"id\":".to_vec();
    one_line(id.map_or("null", RawValue::get).as_bytes(), &mut o);
    o.extend_from_slice(if ok { b",\"ok\":true" } else { b",\"ok\":false" });
    o
}

fn string(text: &str, o: &mut Vec<u8>) {
    // Writing a string to memory cannot fail.
    let _ = serde_json::to_writer(o, text);
}

/// JSON kept byte for byte may hold line breaks between its tokens (never inside strings); an answer is one line.
fn one_line(body: &[u8], o: &mut Vec<u8>) {
    o.extend(body.iter().map(|&b| if b == b'\n' || b == b'\r' { b' ' } else { b }));
}
