//! Model ids, profiles and ARNs.

use outcrop_runtime::model_id::{Glob, ModelId, Resource, most_specific};

fn parts(id: &str) -> (&'static str, Option<String>, Option<String>, Option<String>) {
    let id = ModelId::parse(id);
    (id.resource.as_str(), id.geography, id.base, id.suffix)
}

#[allow(clippy::unnecessary_wraps)]
fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn plain_ids_are_their_own_base() {
    for id in [
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "anthropic.claude-v2:1",
        "ai21.j2-ultra-v1",
        "deepseek.v3.2",
        "deepseek.v3-v1:0",
        "moonshotai.kimi-k2.5",
        "minimax.minimax-m2.1",
        "zai.glm-4.7-flash",
        "xai.grok-4.6",
        "openai.gpt-6.1-sol",
    ] {
        assert_eq!(parts(id), ("model", None, some(id), None));
    }
}

#[test]
fn geographies_are_told_by_their_place() {
    for geo in ["us", "us-gov", "eu", "apac", "global", "jp", "ca", "sa", "newland"] {
        for base in ["anthropic.claude-opus-4-7", "deepseek.v3.2", "ai21.jamba-1-5-large-v1:0", "zai.glm-4.7"] {
            assert_eq!(parts(&format!("{geo}.{base}")), ("inference-profile", some(geo), some(base), None));
        }
    }
}

#[test]
fn suffixes_of_provisioned_throughput_come_off() {
    for (id, base, suffix) in [
        ("anthropic.claude-v2:1:18k", "anthropic.claude-v2:1", "18k"),
        ("anthropic.claude-v2:100k", "anthropic.claude-v2", "100k"),
        ("cohere.command-text-v14:7:4k", "cohere.command-text-v14:7", "4k"),
        ("amazon.nova-pro-v1:0:300k", "amazon.nova-pro-v1:0", "300k"),
        ("amazon.nova-lite-v1:0:mm", "amazon.nova-lite-v1:0", "mm"),
    ] {
        assert_eq!(parts(id), ("model", None, some(base), some(suffix)));
    }
}

#[test]
fn arns_with_a_model_id_in_them_lead_to_a_base() {
    let model = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v2:1";
    assert_eq!(parts(model), ("foundation-model", None, some("anthropic.claude-v2:1"), None));
    assert_eq!(ModelId::parse(model).region, some("us-east-1"));
    let profile =
        "arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov.meta.llama3-8b-instruct-v1:0";
    assert_eq!(parts(profile), ("inference-profile", some("us-gov"), some("meta.llama3-8b-instruct-v1:0"), None));
}

#[test]
fn all_other_arns_are_opaque_whatever_their_name_says() {
    for (name, word) in [
        ("bedrock:us-east-1:123456789012:application-inference-profile/abc", "application-inference-profile"),
        ("bedrock:us-east-1:123456789012:provisioned-model/abc", "provisioned-model"),
        ("bedrock:us-east-1:123456789012:custom-model/imported/abcdefghijkl", "custom-model"),
        ("bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0", "custom-model"),
        ("bedrock:us-east-1:123456789012:custom-model-deployment/abc", "custom-model-deployment"),
        ("bedrock:us-east-1:123456789012:imported-model/my-llama-by-nova-team", "imported-model"),
        ("bedrock:us-east-1:123456789012:prompt/PROMPT1234:1", "prompt"),
        ("bedrock:us-east-1:123456789012:prompt-router/abc", "prompt-router"),
        ("bedrock:us-east-1:123456789012:default-prompt-router/anthropic.claude:1", "default-prompt-router"),
        ("sagemaker:us-east-1:123456789012:endpoint/my-nova-llama-ep", "endpoint"),
        ("sagemaker:us-east-1:aws:hub-content/SomeHub/Model/meta.llama3/1.0.0", "hub-content"),
        ("bedrock:us-east-1:123456789012:marketplace/model-endpoint/meta.llama3", "marketplace"),
        ("s3:::bucket/anthropic.claude-v2", "other"),
        ("sagemaker:us-east-1:123456789012:foundation-model/anthropic.claude-v2", "other"),
    ] {
        let id = ModelId::parse(&format!("arn:aws:{name}"));
        assert!(id.is_opaque(), "{name}");
        assert_eq!(id.resource.as_str(), word);
    }
}

#[test]
fn custom_models_name_what_was_customised() {
    let arn = "arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0:300k/abcdefghijkl";
    assert_eq!(parts(arn), ("custom-model", None, some("amazon.nova-lite-v1:0"), some("300k")));
}

#[test]
fn partitions_are_those_of_aws() {
    for partition in ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-f", "aws-eusc"] {
        let id = ModelId::parse(&format!("arn:{partition}:bedrock:r-1::foundation-model/meta.llama3-8b-instruct-v1:0"));
        assert_eq!((id.partition.as_deref(), id.region.as_deref()), (Some(partition), Some("r-1")));
        assert_eq!(id.base.as_deref(), Some("meta.llama3-8b-instruct-v1:0"));
    }
    for partition in ["", "gcp", "awsome", "AWS"] {
        let id = ModelId::parse(&format!("arn:{partition}:bedrock:r-1::foundation-model/meta.llama3-8b-instruct-v1:0"));
        assert_eq!((id.resource, id.base), (Resource::Other, None), "{partition}");
    }
}

#[test]
fn every_kind_of_arn_has_a_word_and_says_how_to_learn_more() {
    for word in Resource::words() {
        let kind = Resource::from_word(word).unwrap();
        assert_eq!(kind.as_str(), word);
        assert!(!kind.remedy().is_empty());
    }
    assert_eq!(Resource::from_word("model"), None);
}

#[test]
fn text_that_is_no_id_is_opaque() {
    for id in ["", "claude", ".", "arn:", "arn:aws", "a.b", "..", "Anthropic.x", "us."] {
        assert!(ModelId::parse(id).is_opaque(), "{id:?}");
        assert_eq!(ModelId::parse(id).resource, Resource::Other, "{id:?}");
    }
}

#[test]
fn percent_encoding_is_undone_once() {
    let plain = "us.anthropic.claude-v2:1";
    assert_eq!(ModelId::parse("us.anthropic.claude-v2%3A1"), ModelId::parse(plain));
    assert_eq!(ModelId::parse("us.anthropic.claude-v2%3a1"), ModelId::parse(plain));
    let arn = "arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-8b-instruct-v1:0";
    assert_eq!(ModelId::parse(&arn.replace(':', "%3A").replace('/', "%2F")), ModelId::parse(arn));
    assert_eq!(ModelId::parse("100%").id, "100%");
}

#[test]
fn the_most_specific_glob_wins() {
    let globs = ["anthropic.*", "anthropic.claude-v2*", "anthropic.claude-*", "*"];
    let entries = || globs.iter().map(|g| (Glob(g), *g));
    assert_eq!(most_specific(entries(), "anthropic.claude-v2:1"), Some("anthropic.claude-v2*"));
    assert_eq!(most_specific(entries(), "anthropic.claude-3"), Some("anthropic.claude-*"));
    assert_eq!(most_specific(entries(), "meta.x"), Some("*"));
    assert_eq!(most_specific(entries().take(3), "meta.x"), None);
}

#[test]
fn globs_match_whole_ids() {
    for (glob, id, wanted) in [
        ("a.b", "a.b", true),
        ("a.b", "a.bc", false),
        ("a.*-v1:0", "a.x-v1:0", true),
        ("a.*-v1:0", "a.x-v1:0:1", false),
        ("a.*x*y", "a.xxy", true),
        ("a.*x*y", "a.yx", false),
        ("*", "", true),
        ("a*a", "a", false),
    ] {
        assert_eq!(Glob(glob).matches(id), wanted, "{glob} {id}");
    }
}
