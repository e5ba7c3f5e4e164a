//! `request`, `response`, `stream` and `prompt`: one translation, standard input to standard output.

use std::io::Write as _;

use anyhow::Context as _;
use outcrop_runtime::{Call, Error, Kind, Report};

use crate::args::{self, Side, Translate};
use crate::frames::Frames;
use crate::input;
use crate::job::{self, Job};

pub(crate) fn body(a: &Translate, kind: Kind) -> anyhow::Result<()> {
    one(a, kind, &[])
}

pub(crate) fn response(a: &args::Response) -> anyhow::Result<()> {
    let headers = match &a.headers {
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
            let map: std::collections::BTreeMap<String, String> = serde_json::from_str(&text)
                .with_context(|| format!("{} must be a JSON object of strings", file.display()))?;
            map.into_iter().collect()
        }
        None => Vec::new(),
    };
    one(&a.translate, Kind::Response, &headers)
}

fn one(a: &Translate, kind: Kind, headers: &[(String, String)]) -> anyhow::Result<()> {
    let text = input::text(std::io::stdin().lock())?;
    let mut catalog = a.family.map.catalog()?;
    let (from, to) = sides(a, if kind == Kind::Request { Side::Converse } else { Side::Native });
    let native = (from == Side::Native).then_some((kind, text.as_bytes()));
    let (codec, model) = catalog.codec(&a.family.asked(native))?;
    let call = call(a, &model, headers);
    let out = job::run(&Job { kind, from, to, call, body: &text }, codec.as_ref(), &catalog)?;
    print(&out.body)?;
    for (name, value) in &out.headers {
        eprintln!("header {name}: {value}");
    }
    warn(&out.report);
    Ok(())
}

pub(crate) fn stream(a: &args::Stream) -> anyhow::Result<()> {
    let t = &a.translate;
    let mut catalog = t.family.map.catalog()?;
    let (from, to) = sides(t, Side::Native);
    let (stdin, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let items: Box<dyn Iterator<Item = Result<Vec<u8>, Error>>> =
        if a.frames { Box::new(Frames::new(stdin)) } else { Box::new(input::lines(stdin)) };
    let mut items = items.peekable();
    // Formats that share an id are told by the first chunk; nothing is read before it is needed.
    let shared = from == Side::Native && t.family.name.is_none() && t.family.spec.is_none() && {
        let id = t.family.model.as_deref().unwrap_or_default();
        catalog.resolve(id).is_ok_and(|found| found.formats.len() > 1)
    };
    let first = if shared { items.peek().and_then(|item| item.as_ref().ok()).cloned() } else { None };
    let native = (from == Side::Native).then(|| (Kind::Stream, first.as_deref().unwrap_or(b"{}")));
    let (codec, model) = catalog.codec(&t.family.asked(native))?;
    let job = Job { kind: Kind::Stream, from, to, call: call(t, &model, &[]), body: "" };
    let mut failed = None;
    let report = job::items_through(&job, codec.as_ref(), &catalog, items, &mut |item| {
        // The consumer may be a person watching a live stream: each item is out before the next is read.
        if failed.is_none() {
            failed = output.write_all(item).and_then(|()| output.write_all(b"\n")).and_then(|()| output.flush()).err();
        }
    });
    if let Some(e) = failed {
        return Err(e.into());
    }
    let report = report?;
    if t.strict {
        report.strict()?;
    }
    warn(&report);
    Ok(())
}

pub(crate) fn prompt(a: &args::Prompt) -> anyhow::Result<()> {
    let mut catalog = a.family.map.catalog()?;
    let (codec, model) = catalog.codec(&a.family.asked(None))?;
    let call = Call { model: &model, ..Call::default() };
    let out = outcrop::prompt_with(codec.as_ref(), &call, &a.text)?;
    print(&out.body)?;
    warn(&out.report);
    Ok(())
}

fn sides(a: &Translate, from: Side) -> (Side, Side) {
    let other = |s| if s == Side::Native { Side::Converse } else { Side::Native };
    match (a.from, a.to) {
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from, other(from)),
        (None, Some(to)) => (other(to), to),
        (None, None) => (from, other(from)),
    }
}

fn call<'a>(a: &Translate, model: &'a str, headers: &'a [(String, String)]) -> Call<'a> {
    Call { model, headers, strict: a.strict, escape: a.escape }
}

fn print(body: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(body)?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
}

/// The loss report, on standard error.
fn warn(report: &Report) {
    for loss in &report.losses {
        eprintln!("{}: `{}`: {}", loss.fate.as_str(), loss.path, loss.why);
    }
}
