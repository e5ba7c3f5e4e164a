//! The only place that makes Rust identifiers out of names in specs.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span};

/// `ConverseRequest`, `StopReason`, `V5m`: a type, variant or trait.
#[must_use]
pub fn type_ident(name: &str) -> Ident {
    ident(&pascal(name))
}

/// `max_tokens`, `r#type`: a field, variable or function.
#[must_use]
pub fn field_ident(name: &str) -> Ident {
    ident(&snake(name))
}

/// A local variable for a field, other than those that the emitted function has already.
#[must_use]
pub fn local_ident(field: &Ident, taken: &[&str]) -> Ident {
    let text = field.to_string();
    // No field ends like this, but for a few keywords, which no emitter uses.
    if taken.contains(&text.as_str()) { Ident::new(&format!("{text}_"), field.span()) } else { field.clone() }
}

/// `acme_chat`: a module, also as a file name.
#[must_use]
pub fn module_name(name: &str) -> String {
    snake(name)
}

/// An identifier for text that is one already, raw if it is a keyword.
#[must_use]
pub fn ident(text: &str) -> Ident {
    match text {
        // The keywords that cannot be raw, as in `r#self`.
        "self" | "Self" | "super" | "crate" | "_" => Ident::new(&format!("{text}_"), Span::call_site()),
        _ if is_keyword(text) => Ident::new_raw(text, Span::call_site()),
        _ => Ident::new(text, Span::call_site()),
    }
}

/// The names taken in one namespace. A name that is taken gets a suffix, then numbers: never an error, always the same.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    taken: BTreeSet<String>,
}

impl Scope {
    /// A scope in which these names are taken.
    #[must_use]
    pub fn with(taken: &[&str]) -> Self {
        Self { taken: taken.iter().map(|name| (*name).to_owned()).collect() }
    }
    /// A new type or variant; `suffix` tells it from one of the same name.
    pub fn type_ident(&mut self, name: &str, suffix: &str) -> Ident {
        self.free(&pascal(name), &pascal_or_empty(suffix))
    }
    /// A new field or function; `suffix` tells it from one of the same name.
    pub fn field_ident(&mut self, name: &str, suffix: &str) -> Ident {
        self.free(&snake(name), &format!("_{suffix}"))
    }
    fn free(&mut self, name: &str, suffix: &str) -> Ident {
        let numbered = (2..).map(|n| format!("{name}{suffix}{n}"));
        let candidates = [name.to_owned(), format!("{name}{suffix}")].into_iter().chain(numbered);
        let free = candidates.into_iter().find(|c| !self.taken.contains(c)).unwrap_or_default();
        self.taken.insert(free.clone());
        ident(&free)
    }
}

fn pascal_or_empty(name: &str) -> String {
    if name.is_empty() { String::new() } else { pascal(name) }
}

fn pascal(name: &str) -> String {
    let mut out = String::new();
    for word in words(name) {
        let mut chars = word.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(&chars.as_str().to_ascii_lowercase());
    }
    // Names such as `5m` and `*` are no identifiers by themselves.
    if !out.starts_with(|c: char| c.is_ascii_alphabetic()) {
        out.insert(0, 'V');
    }
    out
}

fn snake(name: &str) -> String {
    let mut out = words(name).join("_").to_ascii_lowercase();
    if !out.starts_with(|c: char| c.is_ascii_alphabetic()) {
        out.insert_str(0, "v_");
    }
    out
}

/// Words end where the case rises (`maxTokens`), before the last capital of a run (`JSONSchema`), and at anything that
/// is neither a letter nor a digit.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    let mut previous = ' ';
    for (i, &c) in chars.iter().enumerate() {
        let next_is_lower = chars.get(i + 1).is_some_and(char::is_ascii_lowercase);
        let rises = c.is_ascii_uppercase()
            && (previous.is_ascii_lowercase()
                || previous.is_ascii_digit()
                || (previous.is_ascii_uppercase() && next_is_lower));
        if !c.is_ascii_alphanumeric() || rises {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.push(c));
        }
        previous = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

fn is_keyword(text: &str) -> bool {
    // Strict and reserved keywords of all editions, without those that cannot be raw.
    const KEYWORDS: &[&str] = &[
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
        "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
        "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type",
        "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
    ];
    KEYWORDS.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_every_spelling() {
        for (name, types, fields) in [
            ("maxTokens", "MaxTokens", "max_tokens"),
            ("max_tokens", "MaxTokens", "max_tokens"),
            ("acme-chat", "AcmeChat", "acme_chat"),
            ("JSONSchema", "JsonSchema", "json_schema"),
            ("Request.thinking", "RequestThinking", "request_thinking"),
            ("topP", "TopP", "top_p"),
            ("s3Location", "S3Location", "s3_location"),
            ("5m", "V5m", "v_5m"),
            ("end_turn", "EndTurn", "end_turn"),
            ("type", "Type", "r#type"),
            ("self", "Self_", "self_"),
            ("image/png", "ImagePng", "image_png"),
        ] {
            assert_eq!((type_ident(name).to_string(), field_ident(name).to_string()), (types.into(), fields.into()));
        }
    }

    #[test]
    fn a_taken_name_gets_its_suffix_and_then_numbers() {
        let mut scope = Scope::with(&["Other"]);
        let names: Vec<_> = ["other", "a", "a", "A", "_a"].map(|n| scope.type_ident(n, "word").to_string()).into();
        assert_eq!(names, ["OtherWord", "A", "AWord", "AWord2", "AWord3"]);
    }
}
