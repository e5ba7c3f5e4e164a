//! Places on the way down from a root, and the leaves of the plain façade that they stand for.

use super::leaves::Leaf;

/// Façade member names, virtual ones too.
pub(super) type Place = Vec<String>;

/// A place in the words of the plain façade: where the virtual members of the language get their values from.
pub(super) fn plain(place: &Place) -> Option<Leaf> {
    let mut found: Leaf = Vec::new();
    let mut rest = place.as_slice();
    while let [name, after @ ..] = rest {
        rest = after;
        match (name.as_str(), after) {
            ("turns", [role, more @ ..]) if role == "system" => {
                found.push("system".to_owned());
                // Blocks of the system turn are the elements of `system` themselves.
                rest = if more.first().is_some_and(|name| name == "content") { more.get(1..)? } else { more };
            }
            ("turns", _) => found.push("messages".to_owned()),
            ("images", _) if found.is_empty() => found.extend(["messages", "content", "image"].map(str::to_owned)),
            ("last" | "rest", _) if found == ["messages"] => {}
            ("system" | "user" | "assistant", _) if !found.is_empty() => {}
            // What a part of a chunk says, the chunk says.
            ("parts", _) if found.is_empty() => {}
            // Looked up, not written.
            ("call", _) => return None,
            _ => found.push(name.clone()),
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain_text(place: &str) -> Option<String> {
        let place: Place = place.split('.').map(str::to_owned).collect();
        plain(&place).map(|leaf| leaf.join("."))
    }

    #[test]
    fn virtual_members_stand_for_the_plain_ones() {
        assert_eq!(plain_text("turns.system.content.text").as_deref(), Some("system.text"));
        assert_eq!(
            plain_text("turns.user.content.toolResult.status").as_deref(),
            Some("messages.content.toolResult.status")
        );
        assert_eq!(plain_text("messages.last.user.content.text").as_deref(), Some("messages.content.text"));
        assert_eq!(plain_text("output.message.assistant.content.text").as_deref(), Some("output.message.content.text"));
        assert_eq!(plain_text("images.format").as_deref(), Some("messages.content.image.format"));
        assert_eq!(plain_text("messages.content.toolResult.call.name"), None);
        assert_eq!(plain_text("parts.delta.value.text").as_deref(), Some("delta.value.text"));
        assert_eq!(plain_text("system.text").as_deref(), Some("system.text"));
    }
}
