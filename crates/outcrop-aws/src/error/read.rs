//! What an error's code and text say: its class, the violations of a schema, who was denied what.

use std::borrow::Cow;

use super::class::Class;
use super::patterns::{LOCAL, ROWS, STATUSES};

/// Something in a body that the model's schema does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where in the native body: a JSON pointer (`/texts/0`; empty for the whole body) or a dotted path
    /// (`messages.0.content`), as the model's own check spells it.
    pub path: String,
    /// What is wrong there, in the service's words.
    pub message: String,
}

/// What a policy does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// The action: `bedrock:InvokeModel`.
    pub action: String,
    /// ARN of the resource; none if the message does not name it.
    pub resource: Option<String>,
}

/// What Converse, and sometimes InvokeModel, writes before the words of a model's own check.
const FROM_MODEL: &str = "the model returned the following errors: ";

/// Lower case, with `'` for the typographic apostrophe that the service writes.
fn plain(text: &str) -> String {
    text.replace('\u{2019}', "'").to_lowercase()
}

/// Leaves out what stands before the words of a model's own check.
fn unprefixed(text: &str) -> &str {
    let text = text.trim();
    match text.get(..FROM_MODEL.len()) {
        Some(start) if start.eq_ignore_ascii_case(FROM_MODEL) => text.get(FROM_MODEL.len()..).unwrap_or(text).trim(),
        _ => text,
    }
}

/// The status that an exception has outside of streams.
pub(crate) fn status_of(code: &str) -> Option<u16> {
    STATUSES.iter().find(|(known, _)| *known == code).map(|(_, status)| *status)
}

/// The class of what a server said, and the remedy if there is a special one. `status` is that of the answer; an
/// exception in a stream has none but that of its code.
pub(crate) fn class_of(code: Option<&str>, status: Option<u16>, text: &str) -> (Class, Option<&'static str>) {
    let text = plain(unprefixed(text));
    let status = code.and_then(status_of).or(status);
    let fits = |row: &&super::patterns::Row| {
        (row.codes.is_empty() || code.is_some_and(|code| row.codes.contains(&code)))
            && (row.statuses.is_empty() || status.is_some_and(|status| row.statuses.contains(&status)))
            && text.starts_with(row.starts)
            && row.has.iter().all(|part| text.contains(part))
    };
    match ROWS.iter().find(fits) {
        Some(row) => (row.class, row.remedy),
        None if status.is_some_and(|status| status >= 500) => (Class::Internal, None),
        None => (Class::Other, None),
    }
}

/// The class of a failure on this side, if its text tells.
pub(crate) fn local_class_of(text: &str) -> Option<(Class, Option<&'static str>)> {
    let text = plain(text);
    LOCAL.iter().find(|(part, ..)| text.contains(part)).map(|(_, class, remedy)| (*class, *remedy))
}

/// The violations that a text lists. Empty if it lists none.
pub(crate) fn violations_of(text: &str) -> Vec<Violation> {
    let text = unprefixed(text);
    let violation = |path: &str, message: &str| Violation { path: path.to_owned(), message: message.trim().to_owned() };
    if let Some(rest) = strip_start(text, "Malformed input request: ") {
        let list = rest.strip_suffix(", please reformat your input and try again.").unwrap_or(rest);
        if !list.starts_with('#') {
            return vec![violation("", list)];
        }
        return pointers(list)
            .into_iter()
            .filter_map(|one| {
                let (pointer, message) = one.split_once(": ")?;
                Some(violation(pointer.strip_prefix('#').unwrap_or(pointer), message))
            })
            .collect();
    }
    // `messages.0.content: Field required`: a path of names and indexes, then a sentence.
    match text.split_once(": ") {
        Some((path, message)) if is_path(path) => vec![violation(path, message)],
        _ => Vec::new(),
    }
}

/// Cuts before every `#:` and `#/`: nothing else separates the violations.
fn pointers(list: &str) -> Vec<&str> {
    let starts = |at: usize| list.get(at + 1..).is_some_and(|rest| rest.starts_with([':', '/']));
    let mut at: Vec<usize> = list.match_indices('#').map(|(at, _)| at).filter(|at| starts(*at)).collect();
    at.push(list.len());
    at.windows(2).filter_map(|ends| list.get(*ends.first()?..*ends.last()?)).collect()
}

fn is_path(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

fn strip_start<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    text.get(..start.len()).filter(|s| s.eq_ignore_ascii_case(start)).and_then(|_| text.get(start.len()..))
}

/// The action and the resource of `… is not authorized to perform: ACTION on resource: RESOURCE because …`.
pub(crate) fn denied_of(text: &str) -> Option<Denied> {
    let (_, rest) = text.split_once("is not authorized to perform:")?;
    let action = word(rest)?;
    let resource = rest.split_once("on resource:").and_then(|(_, rest)| word(rest));
    Some(Denied { action: action.into_owned(), resource: resource.map(Cow::into_owned) })
}

fn word(text: &str) -> Option<Cow<'_, str>> {
    text.split_whitespace().next().map(|word| Cow::Borrowed(word.trim_end_matches([',', '.'])))
}
