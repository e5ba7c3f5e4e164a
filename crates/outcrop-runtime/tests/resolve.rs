//! From ids to families: patterns, kinds of ARN, bodies that decide, and the caller's map.

#![allow(clippy::unwrap_used)]

use outcrop_runtime::Kind::{Request, Response, Stream};
use outcrop_runtime::cx::{Bodies, Keys, Model, Prompts, Spec, Validator};
use outcrop_runtime::model_id::Resource;
use outcrop_runtime::resolve::{Families, Map, Resolution, Resolve, Rule, Target};
use outcrop_runtime::{Code, Error};

const fn model(pattern: &'static str, bodies: Option<Bodies>, preferred: bool) -> Model {
    Model {
        pattern,
        resource: None,
        bodies,
        preferred,
        name: "",
        prompt: None,
        limits: &[],
        capabilities: &[],
        rules: &[],
    }
}

const fn spec(family: &'static str, models: &'static [Model]) -> Spec {
    Spec {
        family,
        fates: &[],
        grows: &[],
        models,
        rules: &[],
        watches: &[],
        unwatched: 0,
        prompts: Prompts::new(&[]),
        validator: Validator::Schema,
    }
}

const HAS: Keys = Keys { has: &["turns"], lacks: &[] };
const LACKS: Keys = Keys { has: &[], lacks: &["text", "list[last].text"] };
const TURNS: Bodies = Bodies { request: HAS, response: LACKS, stream: LACKS };
const PROMPT: Bodies = Bodies {
    request: Keys { has: &["prompt"], lacks: &["turns"] },
    response: Keys { has: &["text"], lacks: &[] },
    stream: Keys { has: &["text"], lacks: &[] },
};

static TALK: Spec = spec("talk", &[model("acme.*", None, false), model("acme.old-*", Some(TURNS), false)]);
static WRITE: Spec = spec("write", &[model("acme.old-*", None, false), model("zig.both-*", Some(PROMPT), false)]);
static OTHER: Spec = spec("other", &[model("zig.both-*", Some(TURNS), true), model("zig.tie*", None, false)]);
static TIE: Spec = spec("tie", &[model("zig.*tie", None, false)]);
static IMPORTED: Spec =
    spec("imported", &[Model { resource: Some(Resource::ImportedModel), ..model("", None, false) }]);
static SPECS: [&Spec; 5] = [&TALK, &WRITE, &OTHER, &TIE, &IMPORTED];
static ALL: Families<'static> = Families(&SPECS);

fn names(found: &Resolution<'_>) -> Vec<String> {
    found.formats.iter().map(|f| f.family.to_owned()).collect()
}

fn refused(found: Result<impl Sized, Error>, what: &str) {
    let e = found.err().unwrap();
    assert_eq!(e.code, Code::Unresolved);
    assert!(e.message.contains(what), "{e}");
}

#[test]
fn the_most_specific_pattern_decides() {
    let found = ALL.resolve("us.acme.new-1").unwrap();
    assert_eq!((names(&found), found.formats[0].rule), (vec!["talk".to_owned()], Rule::Pattern("acme.*")));
    assert_eq!(found.model, "us.acme.new-1", "the call goes by the id as it was given");
    let arn = "arn:aws-cn:bedrock:cn-north-1::foundation-model/acme.new-1:0:18k";
    assert_eq!(names(&ALL.resolve(arn).unwrap()), ["talk"]);
}

#[test]
fn a_body_decides_between_formats_of_one_id() {
    let found = ALL.resolve("acme.old-1").unwrap();
    assert_eq!(names(&found), ["talk", "write"]);
    let of = |kind, body: &str| found.of_body(kind, body.as_bytes()).unwrap().family.to_owned();
    assert_eq!(of(Request, r#"{"turns":[],"x":{"deep":[1]}}"#), "talk");
    assert_eq!(of(Request, r#"{"prompt":"p"}"#), "write", "what is not claimed goes to the one without conditions");
    assert_eq!(of(Request, r#"{"turns":null,"prompt":"p"}"#), "write", "null is not there");
    assert_eq!(of(Request, r#"{"t\u0075rns":[]}"#), "talk", "however it is spelt");
    assert_eq!(of(Response, r#"{"text":"t"}"#), "write");
    assert_eq!(of(Response, r#"{"content":[]}"#), "talk");
    assert_eq!(of(Stream, r#"{"text":"t"}"#), "write");
    assert_eq!(of(Stream, r#"{"list":[{},{"text":"t"}]}"#), "write", "deep in the body, too");
    assert_eq!(of(Stream, r#"{"list":[{"text":"t"},{}]}"#), "talk");
    assert_eq!(of(Stream, "[]"), "talk", "a body that is no object has no members");
    assert_eq!(found.to_write().unwrap().family, "write", "nothing is preferred");
    let broken = found.of_body(Request, br#"{"turns":"#).unwrap_err();
    assert_eq!(broken.code, Code::MalformedJson);
}

#[test]
fn several_rules_name_the_body_that_none_of_them_takes() {
    let found = ALL.resolve("zig.both-1").unwrap();
    assert_eq!(found.formats.len(), 2);
    assert_eq!(found.of_body(Request, br#"{"prompt":"p"}"#).unwrap().family, "write");
    assert_eq!(found.of_body(Request, br#"{"prompt":"p","turns":[]}"#).unwrap().family, "other");
    refused(found.of_body(Request, b"{}"), "requests with `turns`");
    assert_eq!(found.to_write().unwrap().family, "other", "it is preferred");
}

#[test]
fn patterns_alike_are_no_answer() {
    refused(ALL.resolve("zig.tie-tie"), "other and to tie alike");
    assert_eq!(names(&ALL.resolve("zig.tie-x").unwrap()), ["other"]);
}

#[test]
fn what_names_no_model_is_unresolved_with_what_to_do() {
    refused(ALL.resolve("nobody.knows-1"), "no family knows `nobody.knows-1`");
    for (kind, what) in [
        ("application-inference-profile/acme.new", "GetInferenceProfile"),
        ("provisioned-model/acme.new", "GetProvisionedModelThroughput"),
        ("custom-model-deployment/acme.new", "GetCustomModelDeployment"),
        ("prompt/ACME:1", "GetPrompt"),
        ("prompt-router/acme.new", "GetPromptRouter"),
        ("default-prompt-router/acme.new:1", "GetPromptRouter"),
        ("custom-model/imported/abc", "GetCustomModel"),
    ] {
        let arn = format!("arn:aws:bedrock:us-east-1:111122223333:{kind}");
        refused(ALL.resolve(&arn), what);
        let word = kind.split('/').next().unwrap();
        refused(ALL.resolve(&arn), &format!("({word})"));
    }
    refused(ALL.resolve("arn:aws:sagemaker:us-east-1:111122223333:endpoint/acme.new"), "container");
    refused(ALL.resolve("my-throughput"), "control plane");
}

#[test]
fn a_kind_of_arn_may_speak_one_format() {
    let found = ALL.resolve("arn:aws:bedrock:us-east-1:111122223333:imported-model/acme.old-1").unwrap();
    assert_eq!(
        (names(&found), found.formats[0].rule),
        (vec!["imported".to_owned()], Rule::Kind(Resource::ImportedModel))
    );
}

#[test]
fn the_callers_map_comes_first() {
    let mut map = Map::before(ALL);
    let arn = |id: &str| format!("arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/{id}");
    map.insert(arn("one"), Target::model("acme.new-1"));
    map.insert(arn("two"), Target::family("write", Some("acme.old-1")));
    map.insert("arn:aws:bedrock:*:111122223333:provisioned-model/*", Target::family("custom", None));
    map.insert("acme.new-9", Target::family("other", None));
    let found = |id: &str| {
        let found = map.resolve(id).unwrap();
        (found.formats[0].family.to_owned(), found.model.to_owned(), found.formats[0].model.map(|m| m.pattern))
    };
    let text = |s: &str| s.to_owned();
    assert_eq!(found(&arn("one")), (text("talk"), text("acme.new-1"), Some("acme.*")));
    assert_eq!(found(&arn("two")), (text("write"), text("acme.old-1"), Some("acme.old-*")));
    assert_eq!(found(&arn("one").replace(':', "%3A")).1, "acme.new-1", "however the key is spelt");
    let provisioned = "arn:aws:bedrock:eu-west-1:111122223333:provisioned-model/abc";
    assert_eq!(found(provisioned), (text("custom"), text(provisioned), None));
    assert_eq!(found("acme.new-9").0, "other", "also for ids that are known");
    assert_eq!(found("acme.new-8").0, "talk", "all others as before");
    let two = arn("two");
    assert_eq!(map.resolve(&two).unwrap().formats[0].rule, Rule::Map(&two));
    map.insert(arn("two"), Target::model("acme.old-2"));
    assert_eq!(names(&map.resolve(&two).unwrap()), ["talk", "write"], "the body decides there, too");
    refused(map.resolve(&arn("three")), "GetInferenceProfile");
}
