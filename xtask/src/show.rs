//! `cargo xtask show FAMILY`: the spec as it is after its dialect and patches.

use anyhow::{Result, bail};
use outcrop_lang::{diag, flatten};

use crate::specs;

pub(crate) fn run(family: &str) -> Result<()> {
    let sources = specs::read()?;
    match flatten(&sources, family) {
        Ok(yaml) => {
            print!("{yaml}");
            Ok(())
        }
        Err(loaded) => bail!("{}", diag::render(&loaded.diagnostics, &loaded.files_read, diag::Style::Plain)),
    }
}
