//! The catalogue entry of a model id.

use outcrop_runtime::model_id::{Glob, ModelId, most_specific};

use crate::ir::Model;

/// The most specific entry for a model id, inference profile or ARN; ids of no known form are looked up as they stand.
#[must_use]
pub fn find<'m>(models: &'m [Model], id: &str) -> Option<&'m Model> {
    let id = ModelId::parse(id);
    let entry = |id: &str| most_specific(models.iter().map(|m| (Glob(&m.pattern), m)), id);
    id.base.as_deref().and_then(entry).or_else(|| entry(&id.id))
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
}
