//! What an endpoint is made of.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// How an endpoint listens, judges and answers. The default listens on a free port of the loopback interface and echoes.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// The key that callers must have, as a bearer token or as the access key id of a signature. Needed for any address
    /// that others can reach.
    pub api_key: Option<String>,
    /// Refuse requests that carry neither a bearer token nor a signature, as the service does.
    pub require_auth: bool,
    /// The region that the endpoint pretends to be in.
    pub region: String,
    /// How strictly requests are judged.
    pub rules: Rules,
    /// What ids and ARNs stand for.
    pub map: Option<Text>,
    /// Who answers.
    pub backend: Backend,
    /// Faults that nobody asked for.
    pub faults: Option<Text>,
    /// Of what is random (padding, faults, made ids) the same comes again for the same seed.
    pub seed: u64,
    /// Whether bodies go into the log, at level `debug`.
    pub log_bodies: bool,
    /// How much is taken.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            api_key: None,
            require_auth: false,
            region: "us-east-1".to_owned(),
            rules: Rules::default(),
            map: None,
            backend: Backend::default(),
            faults: None,
            seed: 0,
            log_bodies: false,
            limits: Limits::default(),
        }
    }
}

/// How strictly requests are judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    /// Refuse ids that the catalogue does not have in the region, and plain ids that need an inference profile.
    pub regions: bool,
    /// Refuse two turns of one role in a row, and a first turn that is not the user's. The documentation says so; the
    /// service has been seen to take both.
    pub turns: bool,
    /// What becomes of members that no spec knows, in native bodies.
    pub unknown: Unknown,
}

/// What becomes of members that no spec knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unknown {
    /// `extraneous key [x] is not permitted`, as the service says.
    #[default]
    Refuse,
    /// They are taken, for models that are newer than their spec.
    Take,
}

/// A YAML or JSON text: in a file, or here.
#[derive(Debug, Clone)]
pub enum Text {
    /// In a file.
    File(PathBuf),
    /// Here.
    Inline(String),
}

/// Who answers.
#[derive(Debug, Clone)]
pub enum Backend {
    /// A model of our own, which says what it was told.
    Echo {
        /// Time between two events of a stream, and once before an answer that is none.
        pace: Duration,
    },
    /// Answers and faults written down.
    Script(Text),
    /// Recorded exchanges, one JSON object a line.
    Replay(PathBuf),
    /// Another endpoint.
    Upstream(Upstream),
}

impl Default for Backend {
    fn default() -> Self {
        Self::Echo { pace: Duration::ZERO }
    }
}

/// Another endpoint, which answers in our stead.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// `http://` or `https://`, host and port.
    pub url: String,
    /// A bearer key to send; without one the caller's is passed on.
    pub key: Option<String>,
    /// How it is spoken to, where the map does not say.
    pub speak: Speak,
    /// How long the head of an answer may take.
    pub timeout: Duration,
    /// How long it may be silent within an answer.
    pub idle: Duration,
}

/// Which operations another endpoint is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Speak {
    /// InvokeModel, in the format of the model.
    #[default]
    Native,
    /// Converse.
    Converse,
}

/// How much an endpoint takes, and how long it waits.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a request body; the service takes 25,000,000.
    pub body: usize,
    /// Bytes of all request bodies that are being read or answered.
    pub body_memory: usize,
    /// Connections at once; further ones wait.
    pub connections: usize,
    /// Bytes of the head of a request.
    pub head: usize,
    /// How long the head of a request may take, and how long a connection may stand idle.
    pub idle: Duration,
    /// How long a body may pause.
    pub body_pause: Duration,
    /// How long a caller may leave an answer unread.
    pub unread: Duration,
    /// How long answers may go on when the endpoint is told to stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 25_000_000,
            body_memory: 512 << 20,
            connections: 1024,
            head: 64 << 10,
            idle: Duration::from_secs(75),
            body_pause: Duration::from_secs(30),
            unread: Duration::from_mins(5),
            grace: Duration::from_secs(30),
        }
    }
}
