//! The `outcrop` program: bodies in on standard input, bodies out on standard output, diagnostics on standard error.

mod args;
mod catalog;
mod explain;
mod frames;
mod input;
mod job;
mod map;
mod pipe;
#[cfg(feature = "serve")]
mod serve;
mod single;
mod table;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let done = match args.command {
        args::Command::Request(a) => single::body(&a, outcrop_runtime::Kind::Request),
        args::Command::Response(a) => single::response(&a),
        args::Command::Stream(a) => single::stream(&a),
        args::Command::Prompt(a) => single::prompt(&a),
        args::Command::Pipe(a) => pipe::run(&a),
        args::Command::Explain(a) => explain::run(&a),
        args::Command::Families(a) => table::run(&a),
        #[cfg(feature = "serve")]
        args::Command::Serve(a) => serve::run(*a),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) if closed(&e) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{} {e:#}", args::error_label());
            ExitCode::from(2)
        }
    }
}

/// Whether the reader of our output went away (`outcrop families | head -1`), which is its good right.
fn closed(e: &anyhow::Error) -> bool {
    e.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}
