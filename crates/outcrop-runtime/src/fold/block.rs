//! The start and the deltas of a block to the block.

use crate::Tree;
use crate::tree::Object;

/// A block that grows.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    /// Arm and payload of its start.
    start: Option<(String, Tree)>,
    text: Option<String>,
    citations: Vec<Tree>,
    reasoning: Object,
    redacted: Option<String>,
    input: String,
    results: Vec<Tree>,
    image: Object,
    native: Vec<Tree>,
}

impl Block {
    pub(super) fn start(&mut self, start: Option<&Tree>) {
        self.start = one_member(start).map(|(arm, payload)| (arm.to_owned(), payload.clone()));
    }

    pub(super) fn delta(&mut self, delta: Option<&Tree>) {
        let Some((arm, payload)) = one_member(delta) else { return };
        match (arm, payload) {
            ("text", Tree::Str(text)) => self.text.get_or_insert_default().push_str(text),
            ("citation", citation) => self.citations.push(citation.clone()),
            ("toolUse", call) => self.input.push_str(call.get("input").and_then(Tree::as_str).unwrap_or_default()),
            ("toolResult", Tree::Arr(items)) => items.items().iter().for_each(|item| self.result(item)),
            ("image", Tree::Obj(image)) => copy(image, &mut self.image),
            ("reasoningContent", reasoning) => self.reason(reasoning),
            (_, payload) => self.native.push(payload.clone()),
        }
    }

    fn reason(&mut self, delta: &Tree) {
        match one_member(Some(delta)) {
            Some(("redactedContent", Tree::Str(bytes))) => {
                let bytes = joined(self.redacted.take().unwrap_or_default(), bytes);
                self.redacted = Some(bytes);
            }
            Some((name, Tree::Str(text))) => match self.reasoning.get_mut(name) {
                Some(Tree::Str(all)) => all.push_str(text),
                _ => self.reasoning.set(name, Tree::str(text.as_str())),
            },
            _ => {}
        }
    }

    fn result(&mut self, delta: &Tree) {
        let last = self.results.last_mut().and_then(|r| if let Tree::Obj(o) = r { o.get_mut("text") } else { None });
        match (last, delta.get("text")) {
            (Some(Tree::Str(all)), Some(Tree::Str(more))) => all.push_str(more),
            _ => self.results.push(delta.clone()),
        }
    }

    pub(super) fn finish(self) -> Tree {
        let Some((arm, payload)) = self.start else { return self.unannounced() };
        let Tree::Obj(mut payload) = payload else { return Tree::arm(arm, payload) };
        match arm.as_str() {
            "toolUse" => payload.set("input", arguments(&self.input)),
            "toolResult" => payload.set("content", Tree::list(self.results)),
            "image" => copy(&self.image, &mut payload),
            _ => {}
        }
        Tree::arm(arm, Tree::Obj(payload))
    }

    /// A block without a start: text, reasoning, or something kept whole.
    fn unannounced(self) -> Tree {
        if let Some(bytes) = self.redacted {
            return Tree::arm("reasoningContent", Tree::arm("redactedContent", Tree::Str(bytes)));
        }
        if !self.reasoning.is_empty() {
            let mut reasoning = self.reasoning;
            if reasoning.get("text").is_none() {
                reasoning.members_mut().insert(0, ("text".to_owned(), Tree::str("")));
            }
            return Tree::arm("reasoningContent", Tree::arm("reasoningText", Tree::Obj(reasoning)));
        }
        if !self.citations.is_empty() {
            let content = self.text.map(|t| Tree::arm("text", Tree::Str(t)));
            return Tree::arm(
                "citationsContent",
                Tree::object(vec![
                    ("content".to_owned(), Tree::list(content.into_iter().collect())),
                    ("citations".to_owned(), Tree::list(self.citations)),
                ]),
            );
        }
        match (self.text, self.native.is_empty()) {
            (None, false) => Tree::arm("native", Tree::list(self.native)),
            (text, _) => Tree::arm("text", Tree::Str(text.unwrap_or_default())),
        }
    }
}

fn one_member(tree: Option<&Tree>) -> Option<(&str, &Tree)> {
    tree?.as_object()?.members().first().map(|(name, value)| (name.as_str(), value))
}

fn copy(from: &Object, to: &mut Object) {
    for (name, value) in from.members() {
        to.set(name.as_str(), value.clone());
    }
}

/// The input of a tool whose text came in pieces: JSON if it is, else its text; nothing at all is an empty object.
#[must_use]
pub fn arguments(text: &str) -> Tree {
    if text.trim().is_empty() {
        return Tree::object(Vec::new());
    }
    Tree::parse_text(text).unwrap_or_else(|_| Tree::str(text))
}

/// The base64 of two stretches of bytes, one after the other.
fn joined(mut first: String, second: &str) -> String {
    let decode = |text: &str| base64_simd::STANDARD.decode_to_vec(text).unwrap_or_default();
    if !first.ends_with('=') {
        first.push_str(second);
        return first;
    }
    let mut bytes = decode(&first);
    bytes.extend(decode(second));
    base64_simd::STANDARD.encode_to_string(bytes)
}
