//! The command line.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use outcrop_runtime::Kind;

use crate::catalog::{Asked, Catalog};

/// Translate Bedrock bodies between Converse and each model family's own InvokeModel format.
///
/// JSON goes to standard output only, diagnostics to standard error. Exit status 0, or 2 with a diagnostic.
#[derive(Parser)]
#[command(name = "outcrop", version, max_term_width = 110)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Translate a request body
    #[command(after_help = "Example:\n  outcrop request --model $MODEL_ID < converse.json")]
    Request(Translate),
    /// Translate a response body
    #[command(after_help = "Example:\n  outcrop response --model $MODEL_ID < invoke-response.json")]
    Response(Response),
    /// Translate the chunks of a stream, one JSON value a line
    #[command(after_help = "Example:\n  outcrop stream --model $MODEL_ID --frames < events.bin")]
    Stream(Stream),
    /// Print the InvokeModel body for a simple prompt
    #[command(after_help = "Example:\n  outcrop prompt --model $MODEL_ID \"Name a spice.\"")]
    Prompt(Prompt),
    /// Answer translation jobs, one JSON object a line, in order (a co-process for other programs)
    #[command(
        after_help = "A job:\n  {\"id\":\"1\",\"kind\":\"request\",\"from\":\"converse\",\"to\":\"native\",\"model\":\"…\",\"body\":{…}}\n\
                            Its answer:\n  {\"id\":\"1\",\"ok\":true,\"body\":{…},\"report\":[]}"
    )]
    Pipe(Pipe),
    /// Say which family a model id leads to, and why
    #[command(after_help = "Example:\n  outcrop explain arn:aws:bedrock:us-east-1:111122223333:imported-model/abc123")]
    Explain(Explain),
    /// List the families and what they can carry
    #[command(
        after_help = "yes: goes through, both ways; some: for some of its models, in some of its forms, or one way;\n\
                      format: the format has a place for it, but no model is known to have it; dropped: left out, and\n\
                      reported; no: refused, with a code and a path"
    )]
    Families(Families),
    /// Serve a local Bedrock Runtime endpoint, for programs under test and as a gateway
    #[cfg(feature = "serve")]
    #[command(after_help = crate::serve::EXAMPLES)]
    Serve(Box<crate::serve::Args>),
}

/// Which family.
#[derive(ClapArgs, Default)]
pub(crate) struct Family {
    /// Model id, inference profile or ARN
    #[arg(long, value_name = "ID")]
    pub(crate) model: Option<String>,
    /// Family name, where the id cannot say it
    #[arg(long = "family", value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// A family spec, run by the interpreter
    #[arg(long, value_name = "FILE.yaml")]
    pub(crate) spec: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) map: Map,
}

/// What the caller knows of ids.
#[derive(ClapArgs, Default)]
pub(crate) struct Map {
    /// JSON object from ids and ARNs (`*` stands for any text) to `{"family": …, "model": …}`, one or both
    #[arg(long = "map", value_name = "FILE.json")]
    pub(crate) file: Option<PathBuf>,
}

impl Map {
    /// The built-in families, and the lines of the map before them.
    pub(crate) fn catalog(&self) -> anyhow::Result<Catalog> {
        let mut catalog = Catalog::new();
        if let Some(file) = &self.file {
            catalog.add_map(file)?;
        }
        Ok(catalog)
    }
}

impl Family {
    /// What the options say, for a native body that is read or none.
    pub(crate) fn asked<'a>(&'a self, native: Option<(Kind, &'a [u8])>) -> Asked<'a> {
        Asked { model: self.model.as_deref(), family: self.name.as_deref(), spec: self.spec.as_deref(), native }
    }
}

/// A side of the translation.
#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub(crate) enum Side {
    /// The InvokeModel format of the family
    Native,
    /// Converse
    Converse,
}

#[derive(ClapArgs)]
pub(crate) struct Translate {
    #[command(flatten)]
    pub(crate) family: Family,
    /// What standard input holds
    #[arg(long, value_enum)]
    pub(crate) from: Option<Side>,
    /// What to print
    #[arg(long, value_enum)]
    pub(crate) to: Option<Side>,
    /// Refuse what would otherwise be dropped with a warning
    #[arg(long)]
    pub(crate) strict: bool,
    /// Escape prompt markers in content instead of refusing them
    #[arg(long)]
    pub(crate) escape: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Response {
    #[command(flatten)]
    pub(crate) translate: Translate,
    /// JSON object of the HTTP response headers, for usage that is nowhere else
    #[arg(long, value_name = "FILE.json")]
    pub(crate) headers: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(crate) struct Stream {
    #[command(flatten)]
    pub(crate) translate: Translate,
    /// Standard input holds raw application/vnd.amazon.eventstream bytes
    #[arg(long)]
    pub(crate) frames: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Prompt {
    #[command(flatten)]
    pub(crate) family: Family,
    /// The user's text
    pub(crate) text: String,
}

#[derive(ClapArgs)]
pub(crate) struct Pipe {
    #[command(flatten)]
    pub(crate) map: Map,
}

#[derive(ClapArgs)]
pub(crate) struct Explain {
    /// Model id, inference profile or ARN
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) map: Map,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(ClapArgs)]
pub(crate) struct Families {
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
    /// Characters in a line; that of the terminal if not given, without end into a pipe
    #[arg(long, value_name = "N")]
    pub(crate) width: Option<usize>,
}

/// `error:` in red where that is welcome.
pub(crate) fn error_label() -> &'static str {
    if is_coloured() { "\u{1b}[1;31merror:\u{1b}[0m" } else { "error:" }
}

/// Whether standard error takes colours.
pub(crate) fn is_coloured() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}
