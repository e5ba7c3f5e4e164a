//! The model catalogue: its ids lead to formats, and what it says of them can be found.

#![allow(clippy::expect_used, clippy::panic)]

use std::path::Path;

use outcrop::catalogue::{self, Lifecycle, Mode, Tokens, Way};
use outcrop::registry;
use outcrop::runtime::Kind;
use outcrop::runtime::model_id::Glob;

/// Ids, and the family whose spec is to name them. An id may lead nowhere only as long as there is no such spec.
const FAMILIES: &[(&str, &str)] = &[
    ("anthropic.claude-v*", "anthropic-text-completion"),
    ("anthropic.claude-instant-*", "anthropic-text-completion"),
    ("amazon.titan-t*", "amazon-titan-text"),
    ("mistral.mistral-7b-*", "mistral-text"),
    ("mistral.mixtral-*", "mistral-text"),
    ("mistral.mistral-small-2402-*", "mistral-text"),
    ("mistral.mistral-large-24*", "mistral-chat"),
    ("mistral.pixtral-*", "mistral-chat"),
    ("cohere.command-*text-*", "cohere-command"),
    ("ai21.j2-*", "ai21-jurassic2"),
    ("ai21.jamba-*", "ai21-jamba"),
    ("deepseek.r1-*", "deepseek-r1"),
    ("writer.palmyra-x*", "writer-palmyra"),
    ("twelvelabs.pegasus-*", "twelvelabs-pegasus"),
];

#[test]
fn every_chat_model_of_the_catalogue_leads_to_its_formats() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/families");
    let mut lost = Vec::new();
    let chats = catalogue::models().iter().filter(|model| model.mode == Mode::Chat);
    for model in chats.clone() {
        let named = FAMILIES.iter().filter(|(glob, _)| Glob(glob).matches(model.id)).map(|(_, family)| *family);
        match registry::resolve(model.id) {
            Ok(found) => {
                // Several formats are told apart by bodies, and one of them is written.
                if let Err(e) = found.to_write() {
                    lost.push(format!("{}: {e}", model.id));
                }
                assert!(found.formats.iter().all(|format| registry::by_name(format.family).is_some()), "{}", model.id);
                for family in named.filter(|family| registry::by_name(family).is_some()) {
                    let there = found.formats.iter().any(|format| format.family == family);
                    assert!(there, "{} leads not to {family}: {:?}", model.id, found.formats);
                }
            }
            Err(_) if named.clone().any(|family| !specs.join(format!("{family}.yaml")).exists()) => {}
            Err(e) => lost.push(format!("{}: {e}", model.id)),
        }
    }
    assert!(lost.is_empty(), "no entry of `models:` matches:\n{}", lost.join("\n"));
    assert!(chats.count() > 90, "the catalogue is there");
}

#[test]
fn formats_that_share_ids_are_told_by_the_body() {
    let arn = "arn:aws:bedrock:us-east-1:111122223333:imported-model/abcdefghijkl";
    let (large, palmyra) = ("mistral.mistral-large-2402-v1:0", "us.writer.palmyra-x5-v1:0");
    for (id, kind, body, family) in [
        (arn, Kind::Request, r#"{"messages":[]}"#, "custom-model-import-chat"),
        (arn, Kind::Request, r#"{"prompt":"p","max_tokens":9}"#, "custom-model-import-completion"),
        (arn, Kind::Request, r#"{"prompt":"p","max_gen_len":9}"#, "custom-model-import-generation"),
        (arn, Kind::Response, r#"{"choices":[{"message":{}}]}"#, "custom-model-import-chat"),
        (arn, Kind::Response, r#"{"choices":[{"text":"t"}]}"#, "custom-model-import-completion"),
        (arn, Kind::Response, r#"{"generation":"t"}"#, "custom-model-import-generation"),
        (arn, Kind::Stream, r#"{"choices":[{"delta":{}}]}"#, "custom-model-import-chat"),
        (palmyra, Kind::Request, r#"{"messages":[]}"#, "writer-palmyra"),
        (palmyra, Kind::Request, r#"{"prompt":"p"}"#, "writer-palmyra-prompt"),
        (palmyra, Kind::Stream, r#"{"choices":[{"text":"t"}]}"#, "writer-palmyra-prompt"),
        (large, Kind::Request, r#"{"messages":[]}"#, "mistral-chat"),
        ("anthropic.claude-v2:1", Kind::Request, r#"{"messages":[]}"#, "anthropic-messages"),
    ] {
        let found = registry::resolve(id).expect("formats");
        assert_eq!(found.of_body(kind, body.as_bytes()).map(|f| f.family), Ok(family), "{id} {body}");
    }
    let writes = |id| registry::resolve(id).expect("formats").to_write().expect("one").family.to_owned();
    assert_eq!((writes(arn), writes(palmyra)), ("custom-model-import-chat".to_owned(), "writer-palmyra".to_owned()));
    let neither = registry::resolve(arn).expect("formats").of_body(Kind::Request, b"{}").map(|f| f.family);
    assert!(neither.is_err_and(|e| e.message.contains("requests with `messages`")));
}

#[test]
fn profiles_and_arns_of_a_model_lead_where_the_model_leads() {
    let families = |id: &str| {
        let found = registry::resolve(id).ok()?;
        Some(found.formats.iter().map(|format| format.family.to_owned()).collect::<Vec<_>>())
    };
    let mut count = 0;
    for model in catalogue::models() {
        let wanted = families(model.id);
        let profiles = model.profiles().map(|profile| profile.id.to_owned());
        let arn = format!("arn:aws:bedrock:us-east-1::foundation-model/{}", model.id);
        for id in profiles.chain([arn, format!("{}:18k", model.id)]) {
            count += 1;
            assert_eq!(families(&id), wanted, "{id}");
            assert_eq!(catalogue::model(&id).map(|found| found.id), Some(model.id), "{id}");
        }
    }
    assert!(count > 400, "the profiles are found");
}

#[test]
fn models_of_other_modes_speak_no_chat_format() {
    for model in catalogue::models().iter().filter(|model| model.mode != Mode::Chat) {
        assert!(registry::resolve(model.id).is_err(), "{}", model.id);
    }
}

#[test]
fn what_is_known_of_a_model_is_found() {
    let model = catalogue::model("eu.anthropic.claude-sonnet-4-5-20250929-v1:0").expect("a model");
    assert_eq!((model.context_tokens, model.max_output_tokens), (Some(200_000), Some(64_000)));
    assert_eq!((model.lifecycle(), model.ends), (Some(Lifecycle::Legacy), Some("2027-04-08")));
    assert_eq!(model.price(None, None).and_then(|p| p.usd_per_million(Tokens::Output)), Some(15.0));
    assert_eq!(model.price(Some("eu"), Some("eu-west-1")).and_then(|p| p.usd_per_million(Tokens::Output)), Some(16.5));
    assert_eq!(model.price(Some("eu"), None).and_then(|p| p.picodollars(Tokens::CacheRead)), Some(330_000));
    assert!(model.price(Some("ca"), None).is_none(), "a price of another place is no answer");
    assert!(model.capabilities.contains(&"tools"));
    let profile = catalogue::profile("eu.anthropic.claude-sonnet-4-5-20250929-v1:0").expect("a profile");
    let there = profile.destinations("eu-west-1").expect("a source");
    assert!(there.contains("eu-central-1") && !there.contains("us-east-1"));
    assert!(profile.destinations("us-east-1").is_none());

    let plain = catalogue::model("meta.llama3-70b-instruct-v1:0:8k").expect("a variant of it");
    let price = |region| plain.price(None, Some(region)).and_then(|p| p.usd_per_million(Tokens::Input));
    assert_eq!((price("eu-west-2"), price("us-east-2")), (Some(3.45), Some(2.65)), "the region's, else the plain one");
    assert!(catalogue::model("meta.llama3-70b-instruct-v9:9").is_none(), "similar ids are other ids");
    assert!(catalogue::model("arn:aws:bedrock:us-east-1:1:imported-model/meta.llama3-70b-instruct-v1:0").is_none());
}

#[test]
fn access_says_by_which_id_a_model_is_called() {
    let model = catalogue::model("amazon.nova-2-lite-v1:0").expect("a model");
    let access = model.access_in("eu-west-1").expect("it is there");
    assert_eq!((access.way, access.lifecycle), (Way::Profile, Lifecycle::Active));
    let global = catalogue::profile("global.amazon.nova-2-lite-v1:0").expect("a profile");
    assert!(global.sources().contains("eu-west-1"));
    assert!(model.access_in("moon-north-1").is_none());
}

#[test]
fn lines_are_in_the_order_that_searches_want() {
    assert!(catalogue::models().windows(2).all(|pair| pair[0].id < pair[1].id));
    let profiles: Vec<&str> = catalogue::models().iter().flat_map(|m| m.profiles().map(|p| p.id)).collect();
    assert!(profiles.iter().all(|id| catalogue::profile(id).is_some_and(|p| p.id == *id)));
    for model in catalogue::models() {
        for access in model.access {
            assert!(access.regions.names().count() > 0, "{}", model.id);
        }
    }
}
