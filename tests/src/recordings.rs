//! Recorded traffic, where it is at hand.
//!
//! The recordings are not part of the repository. `OUTCROP_CORPUS` names their directory (`../shared/corpus` beside the
//! repository otherwise).

use std::path::PathBuf;

use outcrop_runtime::tree::Object;
use outcrop_runtime::{Tree, base64, event_stream};

/// Label of a recorded chat format and the family that reads it. Labels that are not here are of embeddings or of models
/// that their ids do not tell.
pub const FORMATS: &[(&str, &str)] = &[
    ("ai21-j2", "ai21-jurassic2"),
    ("ai21-jamba", "ai21-jamba"),
    ("amazon-nova", "amazon-nova"),
    ("amazon-titan-text", "amazon-titan-text"),
    ("anthropic-messages", "anthropic-messages"),
    ("anthropic-text", "anthropic-text-completion"),
    ("cohere-command", "cohere-command"),
    ("cohere-command-r", "cohere-command-r"),
    ("deepseek", "deepseek-r1"),
    ("meta-llama2", "meta-llama"),
    ("meta-llama3", "meta-llama"),
    ("meta-llama4", "meta-llama"),
    ("mistral-chat", "mistral-chat"),
    ("mistral-text", "mistral-text"),
    ("moonshot-kimi", "moonshot-kimi"),
    ("openai-chat", "openai-gpt-oss"),
    ("qwen", "qwen3"),
];

/// One recorded exchange.
pub struct Exchange {
    tree: Tree,
}

/// All recorded exchanges, or nothing (said aloud) where the recordings are not at hand.
#[must_use]
pub fn all() -> Option<Vec<Exchange>> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let folder = std::env::var_os("OUTCROP_CORPUS").map_or_else(beside, PathBuf::from);
    let path = folder.join("recorded.jsonl");
    if !path.is_file() {
        println!("no recordings at hand (set OUTCROP_CORPUS); nothing to compare");
        return None;
    }
    let text = std::fs::read_to_string(&path).expect("the recordings are UTF-8");
    let exchange = |line| Exchange { tree: Tree::parse_text(line).expect("a recording is JSON") };
    Some(text.lines().map(exchange).collect())
}

impl Exchange {
    fn text(&self, name: &str) -> &str {
        self.tree.get(name).and_then(Tree::as_str).unwrap_or_default()
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// The operation: `invoke`, `invoke_stream`, `converse`, `converse_stream`.
    #[must_use]
    pub fn api(&self) -> &str {
        self.text("api")
    }

    /// The model id of the URL.
    #[must_use]
    pub fn model(&self) -> &str {
        self.text("model_id")
    }

    /// The label of its format.
    #[must_use]
    pub fn label(&self) -> &str {
        self.text("family_guess")
    }

    /// The family that reads its format, if it is a chat format.
    #[must_use]
    pub fn family(&self) -> Option<&'static str> {
        FORMATS.iter().find(|(label, _)| *label == self.label()).map(|(_, family)| *family)
    }

    /// Whether the service answered it.
    #[must_use]
    pub fn answered(&self) -> bool {
        self.tree.get("status").and_then(Tree::as_int) == Some(200)
    }

    /// A body: `request` or `response`.
    #[must_use]
    pub fn body(&self, member: &str) -> Option<&Tree> {
        self.tree.get(member).filter(|body| matches!(body, Tree::Obj(_)))
    }

    /// The headers of a body.
    #[must_use]
    pub fn headers(&self, member: &str) -> Vec<(String, String)> {
        let headers = self.tree.get(&format!("{member}_headers")).and_then(Tree::as_object);
        let text = |v: &Tree| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        headers.map(Object::members).unwrap_or_default().iter().map(|(name, v)| (name.clone(), text(v))).collect()
    }

    /// The frames of a stream, byte by byte as they came.
    #[must_use]
    pub fn stream_frames(&self) -> Vec<Vec<u8>> {
        let bytes = base64::decode(self.text("stream_frames_b64")).expect("the frames are base64");
        let (mut rest, mut frames) = (bytes.as_slice(), Vec::new());
        while let Some((_, behind)) = event_stream::first(rest).expect("recorded frames are sound") {
            frames.push(rest[..rest.len() - behind.len()].to_vec());
            rest = behind;
        }
        frames
    }

    fn frames(&self) -> &[Tree] {
        self.tree.get("stream_events").and_then(Tree::as_list).unwrap_or_default()
    }

    /// The chunks of a native stream.
    #[must_use]
    pub fn chunks(&self) -> Vec<Tree> {
        self.frames().iter().filter_map(|frame| frame.get("chunk").cloned()).collect()
    }

    /// The events of a Converse stream, each an object with one member; the padding of the frames is among the members of that.
    #[must_use]
    pub fn events(&self) -> Vec<Tree> {
        let event = |frame: &Tree| {
            let headers = frame.get("headers")?;
            let name = headers.get(":event-type").or_else(|| headers.get(":exception-type"))?.as_str()?;
            Some(Tree::arm(name, frame.get("payload")?.clone()))
        };
        let events = self.frames().iter().filter(|_| self.api() == "converse_stream");
        events.map(|frame| event(frame).expect("a frame names its event")).collect()
    }
}
