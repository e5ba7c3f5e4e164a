//! `outcrop serve`: the local endpoint.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args as ClapArgs, ValueEnum};
use outcrop_server::{Backend, Config, Limits, Rules, Server, Speak, Stop, Text, Unknown, Upstream};
use tracing_subscriber::EnvFilter;

use crate::args;

pub(crate) const EXAMPLES: &str = "\
Examples:
  outcrop serve                                                # an echo on http://127.0.0.1:8080
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:8080 AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x \\
    AWS_REGION=us-east-1 python my_program.py                  # any AWS SDK speaks to it
  outcrop serve --script answers.yaml --faults faults.yaml     # written answers, faults by chance
  outcrop serve --replay recorded.jsonl                        # recorded answers
  outcrop serve --upstream https://bedrock-runtime.us-east-1.amazonaws.com --map models.yaml   # a gateway
  curl -H 'x-outcrop-fault: throttle;once' …                   # a fault on request

Standard output has one line, when the endpoint is ready: `listening on http://ADDRESS:PORT`. The log goes to
standard error. The first interrupt lets answers that have begun come to their end, the second does not.";

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// What callers must show, as bearer token or as access key id; needed for addresses that others can reach
    /// [env: `OUTCROP_API_KEY`]
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,
    /// Refuse requests that carry neither a bearer token nor a signature
    #[arg(long)]
    require_auth: bool,
    #[command(flatten)]
    backend: Answering,
    #[command(flatten)]
    judging: Judging,
    /// What ids and ARNs stand for: `ID: { family: …, model: …, to: …, speak: native|converse }`, in YAML or JSON
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Faults that come by chance, in YAML
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// The same seed gives the same padding, ids and faults
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Largest request body, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().body)]
    body_limit: usize,
    /// Most connections at once; further ones wait
    #[arg(long, value_name = "N", default_value_t = Limits::default().connections)]
    connections: usize,
    /// How long a connection may stand idle
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().idle.as_secs())]
    idle: u64,
    /// How long answers may go on after an interrupt
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().grace.as_secs())]
    grace: u64,
    /// How the log is written
    #[arg(long, value_enum, default_value_t = Log::Text)]
    log: Log,
    /// What is logged: off, error, warn, info, debug, or a filter of tracing's [env: `OUTCROP_LOG`]
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Log the bodies of requests and answers as well, at level debug
    #[arg(long)]
    log_bodies: bool,
}

/// Who answers; the echo, if nothing is said.
#[derive(ClapArgs)]
struct Answering {
    /// Answers and faults that are written down, in YAML
    #[arg(long, value_name = "FILE", group = "backend")]
    script: Option<PathBuf>,
    /// Recorded exchanges, one JSON object a line
    #[arg(long, value_name = "FILE", group = "backend")]
    replay: Option<PathBuf>,
    /// Another endpoint, which answers in our stead: a gateway
    #[arg(long, value_name = "URL", group = "backend")]
    upstream: Option<String>,
    /// Time between two events of the echo
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pace: u64,
    /// The environment variable with the bearer key for the other endpoint; without it the caller's is passed on
    #[arg(long, value_name = "VARIABLE", requires = "upstream")]
    upstream_key_env: Option<String>,
    /// How the other endpoint is spoken to, where the map does not say
    #[arg(long, value_enum, default_value_t = Side::Native, requires = "upstream")]
    upstream_speak: Side,
    /// How long the head of its answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, requires = "upstream")]
    upstream_timeout: u64,
    /// How long it may be silent within an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 600, requires = "upstream")]
    upstream_idle: u64,
}

/// How strictly requests are judged.
#[derive(ClapArgs)]
struct Judging {
    /// The region that the endpoint pretends to be in
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// Refuse ids that the region does not have, and plain ids that need an inference profile
    #[arg(long)]
    strict_regions: bool,
    /// Refuse two turns of one role in a row
    #[arg(long)]
    strict_turns: bool,
    /// Take members of native bodies that no spec knows
    #[arg(long)]
    take_unknown: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Side {
    /// InvokeModel, in the format of the model
    Native,
    /// Converse
    Converse,
}

#[derive(Clone, Copy, ValueEnum)]
enum Log {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
}

pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    log(&args)?;
    let config = config(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")?;
    let done = runtime.block_on(async {
        let server = outcrop_server::serve(config).await?;
        announce(&server)?;
        let stop = server.handle();
        tokio::select! {
            () = server.wait() => {}
            () = interrupts(stop) => {}
        }
        Ok(())
    });
    // What did not end by itself is not waited for.
    runtime.shutdown_background();
    done
}

/// The line that programs wait for.
fn announce(server: &Server) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on {}", server.url())?;
    out.flush().context("saying where it listens")
}

fn log(args: &Args) -> anyhow::Result<()> {
    let named = args.log_level.clone().or_else(|| std::env::var("OUTCROP_LOG").ok());
    let level = named.unwrap_or_else(|| if args.log_bodies { "debug,hyper=info,h2=info" } else { "info" }.to_owned());
    let filter = EnvFilter::try_new(&level).with_context(|| format!("`{level}` says nothing about what to log"))?;
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(args::is_coloured());
    match args.log {
        Log::Text => lines.init(),
        Log::Json => lines.json().init(),
    }
    Ok(())
}

fn config(args: Args) -> anyhow::Result<Config> {
    let Answering { script, replay, upstream, pace, upstream_key_env, upstream_speak, upstream_timeout, upstream_idle } =
        args.backend;
    let backend = match (script, replay, upstream) {
        (Some(file), ..) => Backend::Script(Text::File(file)),
        (_, Some(file), _) => Backend::Replay(file),
        (.., Some(url)) => {
            let key = upstream_key_env.map(|name| {
                std::env::var(&name).with_context(|| format!("the environment variable {name} has no key; set it"))
            });
            Backend::Upstream(Upstream {
                url,
                key: key.transpose()?,
                speak: match upstream_speak {
                    Side::Native => Speak::Native,
                    Side::Converse => Speak::Converse,
                },
                timeout: Duration::from_secs(upstream_timeout),
                idle: Duration::from_secs(upstream_idle),
            })
        }
        _ => Backend::Echo { pace: Duration::from_millis(pace) },
    };
    let Judging { region, strict_regions, strict_turns, take_unknown } = args.judging;
    Ok(Config {
        listen: args.listen,
        api_key: args.api_key.or_else(|| std::env::var("OUTCROP_API_KEY").ok()),
        require_auth: args.require_auth,
        region,
        rules: Rules {
            regions: strict_regions,
            turns: strict_turns,
            unknown: if take_unknown { Unknown::Take } else { Unknown::Refuse },
        },
        map: args.map.map(Text::File),
        backend,
        faults: args.faults.map(Text::File),
        seed: args.seed,
        log_bodies: args.log_bodies,
        limits: Limits {
            body: args.body_limit,
            connections: args.connections.max(1),
            idle: Duration::from_secs(args.idle.max(1)),
            grace: Duration::from_secs(args.grace),
            ..Limits::default()
        },
    })
}

/// Stops the endpoint at the first interrupt; comes back at the second.
async fn interrupts(stop: Stop) {
    interrupt().await;
    stop.stop();
    interrupt().await;
}

async fn interrupt() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // Nobody can interrupt it so; it goes on.
        std::future::pending::<()>().await;
    }
}
