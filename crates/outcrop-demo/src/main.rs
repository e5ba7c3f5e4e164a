//! One conversation with a tool call, held with one model of each family: through the unmodified AWS SDK, the interceptor
//! that makes it speak InvokeModel, and the local endpoint. `cargo xtask demo` runs it.

mod call;
mod conversation;
mod frames;
mod models;
mod outcome;
mod page;
// The same for a terminal and a page.
#[path = "../../../xtask/src/pretty.rs"]
mod pretty;
mod show;
mod tap;
mod tool;
mod wire;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;
use outcrop_server::{Config, Text};

use crate::outcome::Outcome;
use crate::show::Show;

/// Holds one conversation with a tool call with one model of each family, streaming, and says what went over the wire.
///
/// Nothing leaves this machine: the models are the echo of a local endpoint, which answers in each family's own format.
#[derive(Parser)]
#[command(
    name = "cargo xtask demo",
    after_help = "Examples:\n  cargo xtask demo\n  cargo xtask demo --html demo.html\n  outcrop families   # the names that --family takes"
)]
struct Args {
    /// Also write a page that shows each conversation in Converse and in the family's own format, side by side.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Only this family; may be given several times.
    #[arg(long, value_name = "NAME")]
    family: Vec<String>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let models = models::chosen(&args.family)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let outcomes = runtime.block_on(hold_all(&models))?;
    if let Some(file) = &args.html {
        std::fs::write(file, page::render(&outcomes)?).with_context(|| format!("writing {}", file.display()))?;
        println!("\nThe conversations, side by side: {}", file.display());
    }
    let failed: Vec<&str> = outcomes.iter().filter(|o| o.fault.is_some()).map(|o| o.family).collect();
    anyhow::ensure!(failed.is_empty(), "the conversation broke off with {}", failed.join(", "));
    Ok(())
}

async fn hold_all(models: &[models::Model]) -> anyhow::Result<Vec<Outcome>> {
    let map = models::map(models).map(Text::Inline);
    let server = outcrop_server::serve(Config { map, ..Config::default() }).await?;
    let mut show = Show::start(models, &server.url());
    let mut outcomes = Vec::new();
    for model in models {
        show.begin(model);
        let outcome = conversation::hold(&server.url(), model, &mut show).await;
        show.end(&outcome);
        outcomes.push(outcome);
    }
    server.stop().await;
    show.table(&outcomes);
    Ok(outcomes)
}
