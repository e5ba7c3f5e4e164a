//! The tables of features say what the specs say.

#![allow(clippy::expect_used)]

use outcrop_lang::features::{FEATURES, Features, Support, features, unfounded};
use outcrop_lang::ir::Family;
use outcrop_lang::{Sources, family_names, load_family};

fn families() -> Vec<Family> {
    let sources: Sources = outcrop_specs::FILES.iter().map(|(path, text)| (*path, *text)).collect();
    let load = |name: &String| load_family(&sources, name).family.expect("the spec is sound");
    family_names(&sources).iter().map(load).collect()
}

fn of(families: &[Family], name: &str) -> Features {
    features(families.iter().find(|family| family.name == name).expect("there is such a family"))
}

fn support(found: &Features, name: &str) -> Support {
    found.support.iter().find(|(feature, _)| feature.name == name).expect("there is such a feature").1
}

#[test]
fn what_a_model_is_said_to_have_its_format_can_carry() {
    let families = families();
    let lost: Vec<String> = families
        .iter()
        .flat_map(|family| {
            unfounded(family).into_iter().map(|(model, word)| format!("{}: {model}: {word}", family.name))
        })
        .collect();
    assert!(lost.is_empty(), "`capabilities:` that the format has no place for:\n{}", lost.join("\n"));
}

#[test]
fn each_answer_is_found_where_the_spec_gives_it() {
    let families = families();
    let cases = [
        // Mapped for all models, for some, refused as a pattern, dropped with a reason, mapped but in no entry.
        ("amazon-nova", "tools", Support::All),
        ("amazon-nova", "prompt_caching", Support::All),
        ("anthropic-messages", "tools", Support::Some),
        ("meta-llama", "images", Support::Some),
        ("cohere-command-r", "tool_choice", Support::Refused),
        ("cohere-command-r", "parallel_tools", Support::All),
        ("meta-llama", "stop_sequences", Support::Dropped),
        ("mistral-text", "system", Support::Some),
        ("twelvelabs-pegasus", "video", Support::All),
        ("ai21-jurassic2", "streaming", Support::Refused),
        ("xai-grok", "images", Support::Format),
    ];
    for (family, feature, wanted) in cases {
        assert_eq!(support(&of(&families, family), feature), wanted, "{feature} of {family}");
    }
}

#[test]
fn each_column_tells_families_apart() {
    let all: Vec<Features> = families().iter().map(features).collect();
    for feature in FEATURES.iter().filter(|feature| feature.name != "sampling") {
        let has = |wanted: fn(Support) -> bool| all.iter().any(|found| wanted(support(found, feature.name)));
        assert!(has(|s| s >= Support::Some), "no family has {}", feature.name);
        assert!(has(|s| s < Support::Some), "every family has {}", feature.name);
    }
}

#[test]
fn places_of_counts_are_found() {
    let families = families();
    assert_eq!(of(&families, "meta-llama").usage, ["body", "chunks", "metrics", "headers"]);
    assert_eq!(of(&families, "cohere-command").usage, ["metrics", "headers"]);
    assert_eq!(of(&families, "ai21-jurassic2").usage, ["headers"], "it has no streams");
    assert_eq!(of(&families, "meta-llama").grammars.first().map(String::as_str), Some("llama-3"));
}
