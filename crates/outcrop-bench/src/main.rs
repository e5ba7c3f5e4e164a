//! `outcrop-bench [--only TEXT] [--ms N] [--count N] [FOLDER]`: what the generated codecs cost.
//!
//! With a folder of workloads it prints one line for each case (`row`, case, implementation, nanoseconds, bytes,
//! units, allocations, allocated bytes; tab-separated), and nothing else. Without one it makes small workloads of its
//! own and measures copying them and passing over them with `serde_json` beside. Before anything is measured, the
//! outputs are compared with those of the interpreter. Times are CPU times of this thread. With `--count` every operation
//! runs so many times and nothing is timed: the difference of two counts is what `perf stat` or callgrind should see.

mod cases;
mod families;
mod measure;
mod streams;
mod workloads;

use std::path::PathBuf;

use anyhow::{Context, Result};

fn main() -> Result<()> {
    let (mut only, mut ms, mut count, mut folder) = (String::new(), 3, None, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--only" => only = args.next().context("--only TEXT")?,
            "--ms" => ms = args.next().context("--ms N")?.parse()?,
            "--count" => count = Some(args.next().context("--count N")?.parse()?),
            _ => folder = Some(PathBuf::from(arg)),
        }
    }
    let works = match &folder {
        Some(folder) => workloads::read(folder)?,
        None => workloads::made()?,
    };
    let families = families::all()?;
    let mut cases = Vec::new();
    for work in &works {
        let family = families.iter().find(|f| f.format == work.format).context("a family of the format")?;
        if work.cases().any(|name| name.starts_with(&only)) {
            cases.extend(cases::of(family, work, folder.is_none())?);
        }
    }
    cases.retain(|case| case.name.starts_with(&only));
    for case in &mut cases {
        match count {
            Some(n) => measure::repeat(case, n),
            None => measure::run(case, ms),
        }
    }
    Ok(())
}
