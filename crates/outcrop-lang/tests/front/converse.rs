//! The specs of the repository: they read without faults, and Converse is whole.

use crate::common::messages;
use outcrop_lang::ir::{Facade, FacadeTy, Path, Step};
use outcrop_lang::{Sources, family_names, flatten, load_family, path};
use std::sync::Arc;

fn specs() -> Sources {
    outcrop_specs::FILES.iter().copied().collect()
}

fn facade() -> Arc<Facade> {
    let mut sources = specs();
    sources.add("t.yaml", "spec: 1\nfamily: t\noperations: { chat: { request: R } }\ntypes: { R: { fields: {} } }\n");
    let loaded = load_family(&sources, "t.yaml");
    assert_eq!(messages(&loaded), Vec::<String>::new());
    loaded.family.unwrap().facade
}

#[test]
fn every_family_reads_without_faults() {
    let sources = specs();
    for name in family_names(&sources) {
        assert_eq!(messages(&load_family(&sources, &name)), Vec::<String>::new(), "{name}");
    }
}

/// The whole IR as text, without places.
fn shown(sources: &Sources, name: &str) -> String {
    let loaded = load_family(sources, name);
    assert_eq!(messages(&loaded), Vec::<String>::new());
    let mut family = loaded.family.unwrap();
    // A flattened spec stands on its own.
    family.dialect = None;
    let text = format!("{family:#?}");
    let is_place = |line: &&str| ["file: ", "start: ", "end: "].iter().any(|word| line.trim_start().starts_with(word));
    text.lines().filter(|line| !is_place(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_family_is_the_same_when_flattened() {
    let sources = specs();
    for name in family_names(&sources) {
        let mut flat = specs();
        flat.add("flat.yaml", flatten(&sources, &name).unwrap());
        assert!(shown(&sources, &name) == shown(&flat, "flat.yaml"), "{name}");
    }
}

/// Paths of all leaves that are in the JSON.
fn leaves(facade: &Facade, ty: &FacadeTy, path: &str, open: &mut Vec<String>, out: &mut Vec<String>) {
    match ty {
        FacadeTy::List(item) | FacadeTy::Map(item) => leaves(facade, item, &format!("{path}[]"), open, out),
        FacadeTy::Named(name) if open.contains(name) => {}
        FacadeTy::Named(name) => {
            open.push(name.clone());
            let members =
                facade.types[name].members.iter().filter(|member| !member.is_virtual && member.name != "native");
            let before = out.len();
            for member in members {
                leaves(facade, &member.ty, &format!("{path}.{}", member.name), open, out);
            }
            // An object without members is a value itself.
            if out.len() == before {
                out.push(path.to_owned());
            }
            open.pop();
        }
        _ => out.push(path.to_owned()),
    }
}

#[test]
fn the_request_has_every_leaf_of_the_service_model() {
    let facade = facade();
    let mut paths = Vec::new();
    leaves(&facade, &FacadeTy::Named("ConverseRequest".into()), "", &mut Vec::new(), &mut paths);
    assert_eq!(paths.len(), 129);
    assert!(paths.contains(&".messages[].content[].toolResult.content[].searchResult.content[].text".to_owned()));
}

#[test]
fn streams_say_what_responses_say() {
    let facade = facade();
    let of = |root: &str, under: &str| {
        let mut paths = Vec::new();
        leaves(&facade, &FacadeTy::Named(root.into()), "", &mut Vec::new(), &mut paths);
        paths.retain(|path| path.starts_with(under));
        paths
    };
    for member in [".usage", ".trace", ".serviceTier", ".performanceConfig"] {
        assert_eq!(of("ConverseResponse", member), of("Signal", member), "{member}");
        assert_eq!(of("ConverseResponse", member).len(), of("ConverseStreamMetadataEvent", member).len(), "{member}");
    }
}

#[test]
fn paths_lead_through_views_and_virtual_members() {
    let facade = facade();
    for (view, place, leads_to) in [
        ("ConverseRequest", "turns", "list<Turn>"),
        ("ConverseRequest", "messages", "list<Message>"),
        ("ConverseRequest", "messages.last", "Turn"),
        ("ConverseRequest", "messages.last.content", "list<ContentBlock>"),
        ("ConverseRequest", "messages.rest", "list<Turn>"),
        ("ConverseRequest", "messages[only].content", "list<ContentBlock>"),
        ("ConverseRequest", ".", "ConverseRequest"),
        ("ConverseResponse", "output.message.user.content", "list<ContentBlock>"),
        ("ConverseResponse", "usage.cacheDetails[ttl=1h].inputTokens", "int"),
        ("ToolResultBlock", "call.input", "json"),
        ("ToolSpecification", "inputSchema.json.properties", "map<SchemaProperty>"),
        ("SchemaProperty", "required", "bool"),
        ("Signal", "open.block.reasoningContent.signature", "string"),
        ("Signal", "parts", "list<Signal>"),
    ] {
        let from = FacadeTy::of_view(view).unwrap();
        assert_eq!(
            facade.walk(&from, &path::parse_text(place).unwrap()).unwrap().to_string(),
            leads_to,
            "{view} {place}"
        );
    }
    let from = FacadeTy::Named("ConverseRequest".into());
    for (place, step, at) in [
        ("messages.first", 1, "list<Message>"),
        ("system[only].txt", 2, "SystemContentBlock"),
        ("inferenceConfig[only]", 1, "InferenceConfiguration"),
        ("requestMetadata.team", 1, "map<string>"),
    ] {
        let (index, ty) = facade.walk(&from, &path::parse_text(place).unwrap()).unwrap_err();
        assert_eq!((index, ty.to_string().as_str()), (step, at), "{place}");
    }
}

#[test]
fn views_fit_what_they_are_views_of() {
    let facade = facade();
    let named = |name: &str| FacadeTy::Named(name.to_owned());
    assert!(facade.fits(&named("Message"), "Message") && facade.fits(&named("Message"), "Turn"));
    assert!(facade.fits(&FacadeTy::Json, "SchemaObject") && !facade.fits(&named("Message"), "ContentBlock"));
    assert!(facade.fits(&FacadeTy::Str, "string") && !facade.fits(&FacadeTy::Str, ""));
}

#[test]
fn headers_and_side_keys_lead_to_converse_members() {
    let facade = facade();
    let request = FacadeTy::Named("ConverseRequest".into());
    let response = FacadeTy::Named("ConverseResponse".into());
    assert!(facade.request_headers.iter().all(|header| facade.walk(&request, &header.path).is_ok()));
    assert!(facade.response_headers.iter().all(|header| facade.walk(&response, &header.path).is_ok()));
    let trace = facade.request_headers.iter().find(|header| header.name == "x-amzn-bedrock-trace").unwrap();
    assert_eq!(trace.map.as_ref().unwrap().rows.len(), 3);
    let wins = |keys: &[outcrop_lang::ir::SideKey]| -> Vec<String> {
        keys.iter().filter(|key| key.wins).map(|key| key.field.key.clone()).collect()
    };
    assert_eq!(wins(&facade.side_keys.response), ["amazon-bedrock-guardrailAction"]);
    assert_eq!(wins(&facade.side_keys.stream), ["amazon-bedrock-guardrailAction"]);
    assert!(facade.side_keys.stream.iter().any(|key| key.field.key == "amazon-bedrock-invocationMetrics"));
}

#[test]
fn paths_print_as_they_are_written() {
    for text in [".", "a", "a.b-c.d_e", "a[only].b", "a[ttl=1h].n"] {
        assert_eq!(path::parse_text(text).unwrap().to_string(), text);
    }
    let picked = Path(vec![Step::Member("a".into()), Step::Pick { member: "m".into(), value: "v".into() }]);
    assert_eq!(path::parse_text("a[m=v]").unwrap(), picked);
}
