//! What to ask each family, made from the registry: a new family is asked without a line here.

use outcrop::catalogue::{self, Mode};
use outcrop::registry::{self, Entry};
use outcrop_lang::ir::{ExampleKind, Way};
use outcrop_lang::{Sources, load_family};
use outcrop_runtime::cx::Model;
use outcrop_runtime::{Call, Code, Kind, Tree};
use outcrop_server::Text;
use serde_json::{Value, json};

/// A family, an id that leads to it, and one question in both forms.
pub(crate) struct Case {
    pub(crate) entry: &'static Entry,
    pub(crate) id: String,
    /// The Converse request.
    pub(crate) converse: Value,
    /// The same as a native body.
    pub(crate) native: String,
    /// What an echo says.
    pub(crate) told: String,
}

/// One case for each family.
pub(crate) fn all() -> Vec<Case> {
    let cases: Vec<Case> = registry::FAMILIES.iter().map(case).collect();
    assert!(cases.len() >= 30, "the registry has the families");
    cases
}

fn case(entry: &'static Entry) -> Case {
    let name = entry.codec.family();
    let leads = |id: &String| {
        registry::resolve(id).is_ok_and(|found| found.to_write().is_ok_and(|format| format.family == name))
    };
    let chats = catalogue::models().iter().filter(|model| model.mode == Mode::Chat).map(|model| model.id.to_owned());
    let id = chats.chain(entry.spec.models.iter().map(sample)).find(leads).unwrap_or_else(|| opaque(name));
    let text = format!("Of {name}: quartz, \"opal\" \\ and pyrite.\nK\u{159}emen, 石英, \u{1f48e}.");
    match outcrop::prompt_with(entry.codec, &Call { model: &id, ..Call::default() }, &text) {
        Ok(output) => {
            Case { entry, id, converse: ask(&text), native: String::from_utf8(output.body).expect("UTF-8"), told: text }
        }
        Err(e) => {
            assert_eq!(e.code, Code::MissingMember, "{name}: {e}");
            example(entry, id)
        }
    }
}

/// A Converse request with one turn.
pub(crate) fn ask(text: &str) -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": text}]}]})
}

/// An id that a catalogue entry of a spec is for.
fn sample(model: &Model) -> String {
    match model.resource {
        Some(kind) => format!("arn:aws:bedrock:us-east-1:111122223333:{}/a", kind.as_str()),
        None => model.pattern.replace('*', "0"),
    }
}

/// An ARN that says nothing of its model; [`map`] does.
fn opaque(family: &str) -> String {
    format!("arn:aws:bedrock:us-east-1:111122223333:imported-model/{family}")
}

/// The map for endpoints: what the opaque ARNs stand for.
pub(crate) fn map() -> Text {
    let lines = registry::FAMILIES.iter().map(|entry| entry.codec.family());
    let lines = lines.map(|family| format!("\"{}\": {family}\n", opaque(family)));
    Text::Inline(lines.collect())
}

/// A family that needs more than a text: the first request of its spec that is shown in both forms.
fn example(entry: &'static Entry, id: String) -> Case {
    let sources: Sources = outcrop_specs::FILES.iter().copied().collect();
    let family = load_family(&sources, entry.codec.family()).family.expect("a family");
    let mut shown =
        family.examples.iter().filter(|e| e.kind == ExampleKind::Request && e.error.is_none() && e.way == Way::Both);
    let (native, converse) = shown.find_map(|e| e.native.clone().zip(e.converse.clone())).expect("an example");
    let converse: Value = serde_json::from_str(&converse).expect("JSON");
    let told = converse["messages"][0]["content"].as_array().expect("content").iter();
    let told = told.filter_map(|block| block["text"].as_str()).collect::<Vec<_>>().join("\n");
    Case { entry, id, converse, native, told }
}

impl Case {
    /// Whether the family speaks of tools, both when asked and when it answers.
    pub(crate) fn has_tools(&self) -> bool {
        let call = json!({"toolUse": {"toolUseId": "t", "name": "t", "input": {}}});
        let message = json!({"role": "assistant", "content": [call]});
        let response = json!({"output": {"message": message}, "stopReason": "tool_use"});
        let says = |kind, body: Value| {
            let body = body.to_string();
            let said = self.entry.codec.encode(kind, &Call { model: &self.id, ..Call::default() }, body.as_bytes());
            said.is_ok_and(|said| said.report.strict().is_ok())
        };
        says(Kind::Request, super::tools::request(json!([]))) && says(Kind::Response, response)
    }

    /// The result of a native call, as the family's codec reads body and headers.
    pub(crate) fn read(&self, result: &Value) -> Result<Value, String> {
        let headers = result["headers"].as_object().into_iter().flatten();
        let headers: Vec<(String, String)> =
            headers.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
        let call = Call { model: &self.id, headers: &headers, ..Call::default() };
        let body = result["body"].as_str().ok_or_else(|| format!("there is no body: {result}"))?;
        let read = self.entry.codec.decode(Kind::Response, &call, body.as_bytes()).map_err(|e| e.to_string())?;
        serde_json::from_slice(&read.body).map_err(|e| e.to_string())
    }

    /// A native stream as the family's codec reads it, added up.
    pub(crate) fn read_stream(&self, chunks: &[&str]) -> Result<Value, String> {
        let call = Call { model: &self.id, ..Call::default() };
        let mut events = Vec::new();
        let mut decoder = self.entry.codec.stream_decoder(&call).map_err(|e| e.to_string())?;
        let mut take = |event: &[u8]| events.push(Tree::parse(event).expect("an event of JSON"));
        chunks.iter().try_for_each(|chunk| decoder.push(chunk.as_bytes(), &mut take)).map_err(|e| e.to_string())?;
        decoder.finish(&mut take).map_err(|e| e.to_string())?;
        added_up(&events)
    }

    /// A Converse request in the family's own form.
    pub(crate) fn write(&self, request: &Value) -> Result<String, String> {
        let call = Call { model: &self.id, ..Call::default() };
        let body = request.to_string();
        let said = self.entry.codec.encode(Kind::Request, &call, body.as_bytes()).map_err(|e| e.to_string())?;
        String::from_utf8(said.body).map_err(|e| e.to_string())
    }
}

/// Events as the answer that they add up to.
pub(crate) fn added_up(events: &[Tree]) -> Result<Value, String> {
    let whole = outcrop_runtime::fold::fold(events).map_err(|e| e.to_string())?;
    serde_json::from_str(&whole.to_string()).map_err(|e| e.to_string())
}
