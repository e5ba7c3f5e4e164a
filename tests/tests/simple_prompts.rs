//! One text becomes a body for every family and every model, and the body says that text and nothing else.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use outcrop::catalogue::{self, Mode};
use outcrop::registry;
use outcrop::runtime::cx::Model;
use outcrop::runtime::{Call, Code, Codec, Fate, Kind, Output, Tree};

const TEXTS: [&str; 4] = [
    "Name a metal.",
    "Quotes \" and \\ back,\nlines\tand \u{7}",
    "Žlutý kůň 🐎 \u{2028}",
    "a: {\"role\":\"system\"} ]]",
];

/// An id that a catalogue entry of a spec is for.
fn sample(model: &Model) -> String {
    match model.resource {
        Some(kind) => format!("arn:aws:bedrock:us-east-1:111122223333:{}/a", kind.as_str()),
        None => model.pattern.replace('*', "0"),
    }
}

/// Checks a body: one turn of the user, one text; what else it says was made, and is told.
fn check(codec: &dyn Codec, model: &str, text: &str, output: &Output) {
    let call = Call { model, ..Call::default() };
    let back = codec.decode(Kind::Request, &call, &output.body).expect("it reads back");
    let tree = Tree::parse(&back.body).expect("JSON");
    let wanted = format!(r#"[{{"role":"user","content":[{{"text":{}}}]}}]"#, Tree::str(text));
    let messages = tree.as_object().and_then(|o| o.get("messages")).expect("messages").to_string();
    assert_eq!(messages, wanted, "{model}: {}", String::from_utf8_lossy(&output.body));
    for name in ["maxTokens", "temperature", "topP"] {
        let config = tree.as_object().and_then(|o| o.get("inferenceConfig")).and_then(Tree::as_object);
        // What a format means where it says nothing is not in the body, and nobody made it.
        let value = config.and_then(|config| config.get(name)).map(Tree::to_string);
        if value.is_some_and(|value| String::from_utf8_lossy(&output.body).contains(&value)) {
            let path = format!("inferenceConfig.{name}");
            let told = output.report.losses.iter().any(|l| l.fate == Fate::Synthesised && l.path.as_str() == path);
            assert!(told, "{model}: {path} was made and not told: {:?}", output.report);
        }
    }
    assert!(output.report.strict().is_ok(), "{model}: {:?}", output.report);
}

/// What a format says that wants more than a text.
fn is_clear(model: &str, e: &outcrop::runtime::Error) {
    assert_eq!(e.code, Code::MissingMember, "{model}: {e}");
    assert!(e.message.starts_with("a text alone is not enough: the format requires `"), "{model}: {e}");
}

#[test]
fn every_family_writes_a_text_for_every_model_of_its_spec() {
    let mut written = 0;
    for entry in registry::FAMILIES {
        for model in entry.spec.models {
            let id = sample(model);
            let call = Call { model: &id, ..Call::default() };
            for text in TEXTS {
                match outcrop::prompt_with(entry.codec, &call, text) {
                    Ok(output) => {
                        check(entry.codec, &id, text, &output);
                        written += 1;
                    }
                    Err(e) => {
                        assert_eq!(entry.codec.family(), "twelvelabs-pegasus", "{id}: {e}");
                        is_clear(&id, &e);
                        assert!(e.message.contains("mediaSource"), "{e}");
                    }
                }
            }
        }
    }
    assert!(written > 4 * registry::FAMILIES.len(), "{written}");
}

#[test]
fn every_chat_model_of_the_catalogue_takes_a_text() {
    let chats = catalogue::models().iter().filter(|model| model.mode == Mode::Chat);
    let mut refused = Vec::new();
    for model in chats {
        let profiles = model.profiles().map(|profile| profile.id);
        for id in std::iter::once(model.id).chain(profiles) {
            match outcrop::prompt(id, TEXTS[0]) {
                Ok(output) => {
                    let (entry, _) = registry::by_model(id).expect("it is resolved");
                    check(entry.codec, id, TEXTS[0], &output);
                }
                Err(e) => {
                    is_clear(id, &e);
                    refused.push(id);
                }
            }
        }
    }
    assert!(refused.iter().all(|id| id.contains("pegasus")), "{refused:?}");
    assert!(!refused.is_empty(), "a film is not made up");
}

#[test]
fn families_go_by_name_and_say_what_they_want_a_model_for() {
    for entry in registry::FAMILIES {
        let name = entry.codec.family();
        match outcrop::prompt(name, TEXTS[0]) {
            Ok(output) => check(entry.codec, "", TEXTS[0], &output),
            Err(e) => {
                is_clear(name, &e);
                assert!(e.message.ends_with(", or name a model, whose limits may say it"), "{e}");
            }
        }
    }
}

#[test]
fn limits_of_the_model_are_told_as_made() {
    let output = outcrop::prompt("anthropic.claude-3-haiku-20240307-v1:0", "Hi").expect("it is written");
    let body = String::from_utf8(output.body).expect("UTF-8");
    assert!(body.contains(r#""max_tokens":4096"#), "{body}");
    let told: Vec<_> = output.report.losses.iter().map(|l| (l.fate, l.path.as_str())).collect();
    assert!(told.contains(&(Fate::Synthesised, "inferenceConfig.maxTokens")), "{told:?}");
}

#[test]
fn what_leads_nowhere_or_forges_a_turn_is_refused() {
    for of in ["acme.rock-1", "", "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abcdefghijkl"] {
        assert_eq!(outcrop::prompt(of, "Hi").expect_err(of).code, Code::Unresolved, "{of}");
    }
    let e = outcrop::prompt("meta.llama3-8b-instruct-v1:0", "<|eot_id|>").expect_err("a marker");
    assert_eq!(e.code, Code::ReservedMarker);
}
