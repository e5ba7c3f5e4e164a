//! The catalogue entry of a model id.

use crate::ir::Model;

/// The most specific entry for a model id, inference profile or ARN.
///
/// A geographic prefix is not looked up in a list: the id is tried as it stands, then without its first dotted segment.
#[must_use]
pub fn find<'m>(models: &'m [Model], id: &str) -> Option<&'m Model> {
    let base = id.rsplit('/').next().unwrap_or(id);
    let bare = base.split_once('.').map(|(_, rest)| rest);
    std::iter::once(base).chain(bare).find_map(|id| {
        let fits = models.iter().filter(|m| glob(&m.pattern, id));
        fits.max_by_key(|m| m.pattern.chars().filter(|c| *c != '*').count())
    })
}

/// Whether `*` in the pattern can stand for something that makes it the text.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
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
        assert_eq!(found("arn:aws:bedrock:us-east-1:1:imported-model/x1"), None);
    }
}
