//! Developer tasks: `cargo xtask help`.

mod bodies;
mod catalogue;
mod check;
mod demo;
mod files;
mod generate;
mod matrix;
mod new;
mod pretty;
mod show;
mod specs;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Generating makes and drops millions of small tokens: a third of its time goes to the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Developer tasks of Outcrop.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 110)]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Check every spec and run its examples, without compiling anything
    Check {
        /// Only these families: their names, or paths of files anywhere
        families: Vec<String>,
    },
    /// Write everything that is generated from the specs
    Gen {
        /// Only say what would change; fail if anything would
        #[arg(long)]
        check: bool,
    },
    /// The tables of model ids: limits, prices, regions, profiles
    Catalogue {
        #[command(subcommand)]
        task: catalogue::Task,
    },
    /// Print a family with its dialect and patches applied
    Show {
        /// Family name
        family: String,
    },
    /// Write a commented skeleton of a new family
    New {
        /// Family name, kebab-case
        family: String,
    },
    /// One conversation with a tool call with one model of each family: the AWS SDK, the interceptor, the local endpoint
    #[command(
        after_help = "Examples:\n  cargo xtask demo\n  cargo xtask demo --html demo.html\n  cargo xtask demo --bodies"
    )]
    Demo(demo::Options),
}

fn main() -> ExitCode {
    match run(Args::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Check { families } => check::run(&families),
        Task::Gen { check } => generate::run(check),
        Task::Catalogue { task } => catalogue::run(&task),
        Task::Show { family } => show::run(&family),
        Task::New { family } => new::run(&family),
        Task::Demo(options) => demo::run(&options),
    }
}
