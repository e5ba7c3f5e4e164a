//! The catalogue entry of a model id.

use outcrop_runtime::model_id::{Glob, Resource, look_up, most_specific};

use crate::ir::Model;

/// The most specific entry for a model id, inference profile or ARN; ids of no known form are looked up as they stand,
/// and then by the kind of ARN that they are.
#[must_use]
pub fn find<'m>(models: &'m [Model], id: &str) -> Option<&'m Model> {
    let by_kind = |kind: Resource| models.iter().find(|m| m.resource.as_deref() == Some(kind.as_str()));
    let by_name =
        |id: &str| most_specific(models.iter().filter(|m| m.resource.is_none()).map(|m| (Glob(&m.pattern), m)), id);
    look_up(id, by_name, by_kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_structure_and_the_longest_pattern_wins() {
        let model = |p: &str| Model { pattern: p.to_owned(), ..Model::default() };
        let all = [model("acme.*"), model("acme.big-*"), model("acme.big-1"), model("zig.one-4.7")];
        let found = |id: &str| find(&all, id).map(|m| m.pattern.as_str());
        assert_eq!(found("acme.big-1"), Some("acme.big-1"));
        assert_eq!(found("moon.acme.big-2"), Some("acme.big-*"));
        assert_eq!(found("arn:aws:bedrock:us-east-1::foundation-model/acme.tiny"), Some("acme.*"));
        assert_eq!(found("zig.one-4.7"), Some("zig.one-4.7"));
        assert_eq!(found("acme.big-1:18k"), Some("acme.big-1"));
        assert_eq!(found("arn:aws:bedrock:us-east-1:1:prompt-router/acme.big-1"), None);
        assert_eq!(found("arn:aws:bedrock:us-east-1:1:imported-model/x1"), None);
    }

    #[test]
    fn kinds_of_arns_are_the_words_of_the_language() {
        let routed = ["foundation-model", "inference-profile"];
        let words: Vec<&str> = Resource::words().filter(|word| !routed.contains(word)).collect();
        assert_eq!(words, crate::keys::RESOURCES);
        let of_kind = Model { resource: Some("imported-model".to_owned()), ..Model::default() };
        let find = |id: &str| find(std::slice::from_ref(&of_kind), id).is_some();
        assert!(find("arn:aws:bedrock:us-east-1:1:imported-model/x1"));
        assert!(!find("arn:aws:bedrock:us-east-1:1:custom-model-deployment/x1"));
        assert!(!find("imported-model"));
    }
}
