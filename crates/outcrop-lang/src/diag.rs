//! Diagnostics: what is wrong in a spec, where, and what to do; rendered with the lines of the file.

use crate::codes::Code;
use crate::ir::Span;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::cmp::Reverse;

/// One fault of a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code.
    pub code: Code,
    /// One lower-case sentence, without a full stop.
    pub message: String,
    /// Where the fault is.
    pub span: Span,
    /// Further places, each with a few words.
    pub labels: Vec<(Span, String)>,
    /// What to do.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A diagnostic at a place.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), span, labels: Vec::new(), help: Vec::new() }
    }

    /// Adds a further place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push((span, text.into()));
        self
    }

    /// Adds a line of help.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds ``did you mean `x`?`` when one of the candidates is close to the word.
    #[must_use]
    pub fn suggest<'a>(self, word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        match did_you_mean(word, candidates) {
            Some(close) => self.help(format!("did you mean `{close}`?")),
            None => self,
        }
    }
}

/// A file that was read. [`Span::file`] is an index into a list of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Path as it was given.
    pub path: String,
    /// Whole text.
    pub text: String,
}

/// How diagnostics are rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Text only: files, tests, compiler messages.
    #[default]
    Plain,
    /// With terminal colours.
    Coloured,
}

/// Renders diagnostics as a compiler would, with an empty line between them.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &[Source], style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    let reports: Vec<String> =
        diagnostics.iter().map(|diagnostic| render_one(diagnostic, sources, &renderer)).collect();
    reports.join("\n\n")
}

fn render_one(diagnostic: &Diagnostic, sources: &[Source], renderer: &Renderer) -> String {
    let title = Level::ERROR.primary_title(diagnostic.message.as_str()).id(diagnostic.code.to_string());
    let mut group = Group::with_title(title);
    let mut files = vec![diagnostic.span.file];
    files.extend(diagnostic.labels.iter().map(|(span, _)| span.file));
    files.dedup();
    for (position, file) in files.iter().enumerate() {
        if files.iter().position(|other| other == file) != Some(position) {
            continue;
        }
        let Some(source) = sources.get(*file as usize) else { continue };
        let mut snippet = Snippet::source(source.text.as_str()).path(source.path.as_str());
        if diagnostic.span.file == *file {
            snippet = snippet.annotation(AnnotationKind::Primary.span(clamp(diagnostic.span, &source.text)));
        }
        for (span, text) in diagnostic.labels.iter().filter(|(span, _)| span.file == *file) {
            snippet = snippet.annotation(AnnotationKind::Context.span(clamp(*span, &source.text)).label(text.as_str()));
        }
        group = group.element(snippet);
    }
    for line in &diagnostic.help {
        group = group.element(Level::HELP.message(line.as_str()));
    }
    renderer.render(&[group])
}

/// The span as a range that surely lies on character boundaries of the text.
fn clamp(span: Span, text: &str) -> std::ops::Range<usize> {
    let floor = |at: u32| {
        let mut at = (at as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

/// The candidate that a misspelt word most likely stands for. Case and separators weigh less than letters.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = fold(candidate);
            let distance = edit_distance(&folded, &other);
            let longest = folded.len().max(other.len());
            (candidate != word && distance <= longest.div_ceil(3).min(3) && distance < longest)
                .then_some((distance, candidate))
        })
        .max_by_key(|(distance, candidate)| {
            (Reverse(*distance), Reverse(edit_distance(&chars(word), &chars(candidate))))
        })
        .map(|(_, candidate)| candidate)
}

fn chars(word: &str) -> Vec<char> {
    word.chars().collect()
}

/// `tool_use`, `toolUse` and `ToolUse` are one word to a hurried reader.
fn fold(word: &str) -> Vec<char> {
    word.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// Insertions, deletions, substitutions and swaps of neighbours, each 1.
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == &b[j - 1] && y == &a[i - 1] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Vec<Source> {
        vec![
            Source { path: "a.yaml".into(), text: "spec: 1\nfamly: x\n".into() },
            Source { path: "b.yaml".into(), text: "dialect: größe\n".into() },
        ]
    }

    #[test]
    fn a_rendering_names_code_place_and_help() {
        let span = Span { file: 0, start: 8, end: 13 };
        let fault =
            Diagnostic::new(Code::UnknownKey, span, "unknown key `famly`").suggest("famly", ["family", "title"]);
        let text = render(&[fault], &sources(), Style::Plain);
        assert_eq!(
            text,
            "error[E103]: unknown key `famly`\n --> a.yaml:2:1\n  |\n2 | famly: x\n  | ^^^^^\n  |\n  = help: did you mean `family`?"
        );
    }

    #[test]
    fn labels_in_other_files_show_those_files() {
        let span = Span { file: 0, start: 8, end: 13 };
        let there = Span { file: 1, start: 9, end: 16 };
        let text = render(
            &[Diagnostic::new(Code::UnknownKey, span, "m").label(there, "declared here")],
            &sources(),
            Style::Plain,
        );
        assert!(text.contains("::: b.yaml:1:10"), "{text}");
        assert!(text.contains("declared here"), "{text}");
    }

    #[test]
    fn coloured_rendering_differs_only_in_escapes() {
        let fault = [Diagnostic::new(Code::UnknownKey, Span { file: 0, start: 0, end: 4 }, "m")];
        let coloured = render(&fault, &sources(), Style::Coloured);
        assert!(coloured.contains("\u{1b}["));
        assert_ne!(coloured, render(&fault, &sources(), Style::Plain));
    }

    #[test]
    fn spans_outside_the_text_do_no_harm() {
        for (start, end) in [(0, 0), (11, 12), (900, 901), (5, 2)] {
            let fault = Diagnostic::new(Code::UnknownKey, Span { file: 1, start, end }, "m");
            assert!(render(&[fault], &sources(), Style::Plain).contains("b.yaml:1"));
        }
        let fault = Diagnostic::new(Code::UnknownKey, Span { file: 7, start: 0, end: 1 }, "m");
        assert_eq!(render(&[fault], &sources(), Style::Plain), "error[E103]: m");
    }

    #[test]
    fn near_misses_are_suggested_and_strangers_are_not() {
        assert_eq!(did_you_mean("conten", ["content", "contexts"]), Some("content"));
        assert_eq!(did_you_mean("tool_use_id", ["toolUseId", "name"]), Some("toolUseId"));
        assert_eq!(did_you_mean("nmae", ["name", "same"]), Some("name"));
        assert_eq!(did_you_mean("zebra", ["content", "name"]), None);
        assert_eq!(did_you_mean("a", ["b"]), None);
    }
}
