//! The language reference is executed: every example of its pages is cut out, checked and run in the directions that it shows.
//! [`pages`] says how they are written.

#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::Path;

use outcrop_lang::keys::FORMS;
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Code, Error};
use outcrop_tests::families::Loaded;
use outcrop_tests::pages::{self, Example, examples};
use outcrop_tests::snippets::{Translated, decode, encode};

fn pages() -> Vec<(String, String)> {
    pages::reference(Path::new(env!("CARGO_MANIFEST_DIR")))
}

/// One example being run.
struct Run<'a> {
    example: &'a Example,
    family: Loaded,
    headers: Vec<(String, String)>,
    native: Tree,
    converse: Tree,
    /// Paths of losses that no line has named yet.
    reported: BTreeSet<String>,
    error: Option<Error>,
}

impl Run<'_> {
    fn all(example: &Example) {
        let family = example.snippet.load();
        let (native, converse) = (Tree::Null, Tree::Null);
        let mut run =
            Run { example, family, headers: vec![], native, converse, reported: BTreeSet::new(), error: None };
        for (word, rest) in &example.lines {
            run.line(word, rest);
        }
        run.settled();
    }

    fn line(&mut self, word: &str, rest: &str) {
        if !matches!(word, "reports" | "with") {
            self.settled();
        }
        match word {
            "headers" => self.headers = pairs(&self.tree(rest)),
            "native" | "from-native" => self.native = self.tree(rest),
            "from-converse" => self.converse = self.tree(rest),
            "converse" | "to-converse" => {
                self.converse = self.tree(rest);
                self.reads(&self.native.clone());
                if word == "converse" {
                    self.writes(&self.converse.clone());
                }
            }
            "to-native" => {
                self.native = self.tree(rest);
                self.writes(&self.converse.clone());
            }
            "reads" => self.reads(&self.tree(rest)),
            "writes" => self.writes(&self.tree(rest)),
            "reports" => assert!(self.reported.remove(rest), "{} {rest}: {:?}", self.example.at, self.reported),
            "refuses" => self.error = Some(self.encoded(&self.tree(rest)).expect_err(&self.example.at)),
            "rejects" => self.error = Some(self.decoded(&self.tree(rest)).expect_err(&self.example.at)),
            "with" => {
                let error = self.error.take().expect("an error");
                let (code, at) = rest.split_once(" at ").unwrap_or((rest, ""));
                assert_eq!(error.code.as_str(), code, "{}: {error}", self.example.at);
                assert!(
                    [&error.path, &error.native_path].iter().any(|path| *path == at),
                    "{}: {error}",
                    self.example.at
                );
            }
            _ => panic!("{}: nobody knows `{word}`", self.example.at),
        }
    }

    /// Nothing is left that the page keeps quiet about.
    fn settled(&self) {
        assert!(self.reported.is_empty(), "{} does not show the report {:?}", self.example.at, self.reported);
        assert!(self.error.is_none(), "{} does not show the error {:?}", self.example.at, self.error);
    }

    fn tree(&self, text: &str) -> Tree {
        Tree::parse(text.as_bytes()).unwrap_or_else(|e| panic!("{}: {e}\n{text}", self.example.at))
    }

    fn decoded(&self, native: &Tree) -> Result<Translated, Error> {
        let call = Call { model: &self.family.model, headers: &self.headers, ..Call::default() };
        decode(&self.family, self.example.snippet.kind(), &call, native)
    }

    fn encoded(&self, converse: &Tree) -> Result<Translated, Error> {
        let call = Call { model: &self.family.model, ..Call::default() };
        encode(&self.family, self.example.snippet.kind(), &call, converse)
    }

    fn reads(&mut self, native: &Tree) {
        let got = self.decoded(native).unwrap_or_else(|e| panic!("{}: {native}\n{e}", self.example.at));
        self.same(&self.converse, &got.body);
        self.reported.extend(got.report.losses.into_iter().map(|loss| loss.path.into()));
    }

    fn writes(&mut self, converse: &Tree) {
        let got = self.encoded(converse).unwrap_or_else(|e| panic!("{}: {converse}\n{e}", self.example.at));
        self.same(&self.native, &got.body);
        assert_eq!(got.headers, self.headers, "{} writes other headers", self.example.at);
        self.reported.extend(got.report.losses.into_iter().map(|loss| loss.path.into()));
    }

    fn same(&self, wanted: &Tree, got: &Tree) {
        let at = &self.example.at;
        assert!(wanted.difference(got).is_none(), "{at} differs\nwanted {wanted}\ngot    {got}");
    }
}

fn pairs(tree: &Tree) -> Vec<(String, String)> {
    let members = tree.as_object().expect("headers").members();
    members.iter().map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned())).collect()
}

#[test]
fn every_example_of_the_reference_runs_as_it_says() {
    let mut failures = Vec::new();
    let mut count = 0;
    let small = pages::small(Path::new(env!("CARGO_MANIFEST_DIR")));
    for (page, text) in pages().into_iter().chain(small) {
        for example in examples(&page, &text) {
            count += 1;
            if let Err(fault) = std::panic::catch_unwind(|| Run::all(&example)) {
                let text = fault.downcast_ref::<String>().cloned();
                failures.push(text.unwrap_or_else(|| format!("{} fails", example.at)));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count} examples fail:\n\n{}", failures.len(), failures.join("\n\n"));
    assert!(count > 35, "the examples are found");
}

#[test]
fn every_key_of_the_language_stands_in_a_table_of_the_reference() {
    let text: String = pages().into_iter().map(|(_, text)| text).collect();
    for form in FORMS {
        let open = format!("<!-- keys of {}: generated", form.name);
        let close = format!("<!-- /keys of {} -->", form.name);
        let (Some(from), Some(to)) = (text.find(&open), text.find(&close)) else {
            panic!("no page has the table of the form `{}`", form.name)
        };
        let table = &text[from..to];
        assert!(!text[from + 1..].contains(&open), "`{}` has two tables", form.name);
        for key in form.keys {
            assert!(table.contains(&format!("| `{}`", key.name)), "`{}` of `{}`", key.name, form.name);
        }
    }
}

#[test]
fn every_error_of_a_translation_is_in_the_reference() {
    let text: String = pages().into_iter().map(|(_, text)| text).collect();
    for code in Code::ALL {
        assert!(text.contains(&format!("| `{}` |", code.as_str())), "`{}` is not explained", code.as_str());
    }
}

/// What a heading is called in links: lower case, blanks as dashes, without punctuation.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[test]
fn links_between_pages_lead_somewhere() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for (page, text) in pages() {
        let folder = if page == "spec-language.md" { docs.clone() } else { docs.join("spec-language") };
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { folder.join(&page) } else { folder.join(file) };
            let there = std::fs::read_to_string(&target).unwrap_or_else(|_| panic!("{page}: no file at `{link}`"));
            let headings = there
                .lines()
                .filter(|line| line.starts_with('#'))
                .map(|line| anchor(line.trim_start_matches('#').trim()));
            assert!(heading.is_empty() || headings.into_iter().any(|h| h == heading), "{page}: no heading at `{link}`");
        }
    }
}
