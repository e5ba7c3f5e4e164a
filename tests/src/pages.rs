//! Small specs with examples, cut out of Markdown pages. Only the standard library is used, because build scripts include this file.
//!
//! An example is some YAML blocks and one `text` block after them. The YAML blocks say by a second word what they hold: `request`,
//! `response` and `chunk` are members of the root types, `types` named types, `top` top-level keys, `dialect` a file. The lines of the text
//! block begin with a word; lines that begin with blanks continue it. `docs/spec-language.md` tells readers what the words mean.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Parts of a small spec; what is left out is made up.
#[derive(Debug, Clone, Default)]
pub struct Snippet {
    /// A dialect to extend; then nothing is made up.
    pub dialect: String,
    /// Top-level keys.
    pub top: String,
    /// Named types.
    pub types: String,
    /// Members of a request, over `ConverseRequest`.
    pub request: String,
    /// Members of a response, over `ConverseResponse`.
    pub response: String,
    /// Members of a chunk, over `Signal`.
    pub chunk: String,
}

/// A small spec and what its page says of it.
#[derive(Debug, Clone, Default)]
pub struct Example {
    /// Page and line.
    pub at: String,
    /// The spec.
    pub snippet: Snippet,
    /// Words with what follows them.
    pub lines: Vec<(String, String)>,
}

impl Snippet {
    /// The whole spec.
    #[must_use]
    pub fn spec(&self) -> String {
        let roots = [
            ("request", "Request", "ConverseRequest", &self.request),
            ("response", "Response", "ConverseResponse", &self.response),
            ("stream", "Chunk", "Signal", &self.chunk),
        ];
        let mut spec = format!("spec: 1\nfamily: snippet\n{}\ntypes:\n{}", self.top, indented(&self.types, 2));
        let mut operations = Vec::new();
        for (operation, name, view, fields) in roots {
            let is_declared = self.declares(name);
            if (is_declared || !fields.is_empty() || operation == "request") && self.dialect.is_empty() {
                operations.push(format!("{operation}: {name}"));
            }
            if !is_declared && !fields.is_empty() {
                // Writing to a String cannot fail.
                let _ = write!(spec, "  {name}:\n    view: {view}\n    fields:\n{}", indented(fields, 6));
            } else if !is_declared && operation == "request" && self.dialect.is_empty() {
                let _ = writeln!(spec, "  {name}: {{ view: {view}, fields: {{}} }}");
            }
        }
        if !operations.is_empty() {
            let _ = writeln!(spec, "operations: {{ chat: {{ {} }} }}", operations.join(", "));
        }
        spec
    }

    /// Whether a named type is among its types.
    #[must_use]
    pub fn declares(&self, name: &str) -> bool {
        self.types.lines().any(|line| line.starts_with(&format!("{name}:")))
    }
}

fn indented(text: &str, by: usize) -> String {
    text.lines().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "{:by$}{line}", "");
        out
    })
}

/// The pages of the language reference: name and text. `tests` is the folder of the tests.
#[must_use]
pub fn reference(tests: &Path) -> Vec<(String, String)> {
    let docs = tests.join("../docs");
    let mut all = read(&docs.join("spec-language"));
    all.push(page(&docs.join("spec-language.md")));
    all
}

/// The pages with small specs that the reference has no room for.
#[must_use]
pub fn small(tests: &Path) -> Vec<(String, String)> {
    read(&tests.join("small"))
}

/// The Markdown files of a folder.
fn read(folder: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder).expect("the pages");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "md"));
    paths.sort();
    paths.iter().map(|path| page(path)).collect()
}

fn page(path: &Path) -> (String, String) {
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    (name, std::fs::read_to_string(path).expect("UTF-8").replace("\r\n", "\n"))
}

/// The examples of a page.
#[must_use]
pub fn examples(page: &str, text: &str) -> Vec<Example> {
    let mut found = Vec::new();
    let mut open = Example::default();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else { continue };
        let block: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let body = block.join("\n") + "\n";
        match info {
            "yaml request" => open.snippet.request.push_str(&body),
            "yaml response" => open.snippet.response.push_str(&body),
            "yaml chunk" => open.snippet.chunk.push_str(&body),
            "yaml types" => open.snippet.types.push_str(&body),
            "yaml dialect" => open.snippet.dialect.push_str(&body),
            "yaml top" => open.snippet.top.push_str(&body),
            "text" => {
                open.at = format!("{page}:{}", number + 1);
                open.lines = statements(&block);
                found.push(std::mem::take(&mut open));
            }
            "yaml" | "console" => {}
            other => panic!("{page}:{}: nobody knows blocks of `{other}`", number + 1),
        }
    }
    found
}

/// Words with what follows them.
fn statements(block: &[&str]) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for line in block {
        if let (Some(rest), Some((_, text))) = (line.strip_prefix(' '), out.last_mut()) {
            text.push_str(rest);
        } else {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            out.push((word.to_owned(), rest.trim().to_owned()));
        }
    }
    out
}
