//! `cargo xtask demo`: from the specs to a conversation with one model of each family.

use std::io::{IsTerminal as _, Write as _};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::files::root;
use crate::{bodies, check, generate};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only show the bodies: a conversation in every family's own JSON, and back again; no endpoint, no SDK to compile
    #[arg(long)]
    bodies: bool,
    /// Also write a page that shows each conversation in Converse and in the family's format, side by side
    #[arg(long, value_name = "FILE", conflicts_with = "bodies")]
    html: Option<std::path::PathBuf>,
    /// Only this family; may be given several times
    #[arg(long, value_name = "NAME", conflicts_with = "bodies")]
    family: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    step("checking the specs")?;
    check::run(&[])?;
    if options.bodies {
        return bodies::run();
    }
    step("generating from them")?;
    generate::run(false)?;
    step("compiling the endpoint and the AWS SDK (minutes, the first time)")?;
    // The SDK stays out of this program, so that the other tasks need not wait for it.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--package", "outcrop-demo"]).current_dir(root());
    if !std::io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    command.arg("--");
    for family in &options.family {
        command.args(["--family", family]);
    }
    if let Some(file) = &options.html {
        let file = std::path::absolute(file).with_context(|| format!("finding {}", file.display()))?;
        command.arg("--html").arg(file);
    }
    let status = command.status().context("starting cargo")?;
    ensure!(status.success(), "the demo did not go through; what it said above tells why");
    Ok(())
}

/// Says what comes next, where somebody may be waiting for it.
fn step(what: &str) -> Result<()> {
    let mut out = std::io::stderr().lock();
    writeln!(out, "── {what}")?;
    Ok(out.flush()?)
}
