//! A process that makes calls with a client: one line of JSON for each call, one for what the client made of it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;

/// No call takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// A client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// boto3.
    Python,
    /// The AWS SDK for JavaScript.
    JavaScript,
}

impl Kind {
    /// What is so for the one, or for the other.
    pub(crate) fn of<T>(self, python: T, javascript: T) -> T {
        match self {
            Self::Python => python,
            Self::JavaScript => javascript,
        }
    }
}

pub(crate) const KINDS: [Kind; 2] = [Kind::Python, Kind::JavaScript];

type Waiting = Arc<Mutex<(u64, BTreeMap<u64, oneshot::Sender<Value>>)>>;

/// A running process. It ends when this is dropped.
pub(crate) struct Client {
    pub(crate) kind: Kind,
    child: Child,
    stdin: Mutex<Option<ChildStdin>>,
    waiting: Waiting,
}

static SAID: Once = Once::new();

/// Where `install.sh` puts the clients, if it has run.
pub(crate) fn installed() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../clients");
    if folder.join("installed").is_file() {
        return Some(folder);
    }
    let why = "boto3 and the AWS SDK for JavaScript are not installed; tests/clients/install.sh installs them";
    assert!(std::env::var("OUTCROP_CLIENTS").as_deref() != Ok("required"), "{why}");
    // Past what the test runner captures, so that it is seen; and once.
    SAID.call_once(|| {
        let _ = writeln!(std::io::stderr(), "passing over real clients: {why}");
    });
    None
}

/// A command of a client's language on a file of this package, with nothing in its environment but what points it at an
/// endpoint.
pub(crate) fn command(kind: Kind, file: &str, url: &str) -> Option<Command> {
    let folder = installed()?;
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file);
    let mut command = match kind {
        Kind::Python => {
            let mut command = Command::new(folder.join("python/bin/python"));
            command.arg(here);
            command
        }
        // Modules are looked for from the file upwards.
        Kind::JavaScript => {
            let copy = folder.join(file);
            let text = std::fs::read(here).expect("the file is there");
            if std::fs::read(&copy).ok().as_ref() != Some(&text) {
                std::fs::write(&copy, text).expect("it is copied");
            }
            let mut command = Command::new("node");
            command.arg(copy);
            command
        }
    };
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", env!("CARGO_TARGET_TMPDIR"));
    // What it says of coming years is no news in every run.
    command.env("AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED", "true");
    command.env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url);
    // boto3 reads the one, everybody else the other.
    command.env("AWS_DEFAULT_REGION", "us-east-1").env("AWS_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", "any").env("AWS_SECRET_ACCESS_KEY", "any");
    Some(command)
}

/// One process of each client, before an endpoint; none where they are not installed.
pub(crate) fn start(url: &str) -> Option<[Client; 2]> {
    let [python, javascript] = KINDS.map(|kind| Client::start(kind, url));
    Some([python?, javascript?])
}

impl Client {
    fn start(kind: Kind, url: &str) -> Option<Self> {
        let file = match kind {
            Kind::Python => "client.py",
            Kind::JavaScript => "client.mjs",
        };
        let mut command = command(kind, file, url)?;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the client starts");
        let stdin = Mutex::new(child.stdin.take());
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let waiting = Waiting::default();
        let answered = Arc::clone(&waiting);
        std::thread::spawn(move || {
            for line in stdout.lines() {
                let line = line.expect("lines of UTF-8");
                let result: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
                let id = result["id"].as_u64().expect("an id");
                let told = answered.lock().expect("a lock").1.remove(&id).expect("a call that waits");
                let _ = told.send(result);
            }
            // Whoever still waits learns that the process has ended.
            answered.lock().expect("a lock").1.clear();
        });
        Some(Self { kind, child, stdin, waiting })
    }

    /// Makes a call; see `client.py` for what it and its result consist of.
    pub(crate) async fn call(&self, mut call: Value) -> Value {
        let (tell, told) = oneshot::channel();
        {
            let mut waiting = self.waiting.lock().expect("a lock");
            let id = waiting.0;
            waiting.0 += 1;
            waiting.1.insert(id, tell);
            call["id"] = json!(id);
        }
        {
            let mut stdin = self.stdin.lock().expect("a lock");
            writeln!(stdin.as_mut().expect("it is open"), "{call}").expect("the client reads");
        }
        let told = tokio::time::timeout(PATIENCE, told).await;
        told.unwrap_or_else(|_| panic!("{:?} hangs at {call}", self.kind)).expect("the client lives")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.stdin.lock().map(|mut stdin| stdin.take()));
        // It may wait for an answer that never comes.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
