//! Every bad spec below `tests/diagnostics` is refused with exactly the text in its header comment.
//!
//! `BLESS=1 cargo test -p outcrop-tests --test diagnostics` writes the headers anew; read the difference.
#![allow(clippy::expect_used)]

use outcrop_lang::codes::Code;
use outcrop_lang::diag::{Style, render};
use outcrop_lang::{Sources, check_family};
use std::fs;
use std::path::{Path, PathBuf};

/// The line that the expected rendering follows.
const EXPECT: &str = "# expect:";
/// A line that names a family to read instead of the file itself.
const LOAD: &str = "# load: ";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("diagnostics")
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a readable folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("UTF-8 text").replace("\r\n", "\n")
}

fn name(path: &Path) -> String {
    path.file_name().and_then(|name| name.to_str()).expect("a UTF-8 name").to_owned()
}

/// What the checker says about a spec.
fn verdict(name: &str, text: &str) -> String {
    let facade = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/facade/converse.yaml");
    let mut sources = Sources::new();
    sources.add("converse.yaml", read(&facade));
    for dialect in yaml_files(&folder().join("dialects")) {
        sources.add(format!("dialects/{}", self::name(&dialect)), read(&dialect));
    }
    sources.add(name, text);
    let wanted = text.lines().find_map(|line| line.strip_prefix(LOAD)).unwrap_or(name);
    let loaded = check_family(&sources, wanted);
    // What the checker accepts and the generator has no code for.
    let sound = loaded.family.as_ref().filter(|_| loaded.diagnostics.is_empty());
    let diagnostics = sound.map_or_else(|| loaded.diagnostics.clone(), outcrop_codegen::faults);
    let text = render(&diagnostics, &loaded.files_read, Style::Plain);
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The header without its expectation, the expectation, and the spec.
fn parts(text: &str) -> (String, String, String) {
    let lines: Vec<&str> = text.lines().collect();
    let body = lines.iter().position(|line| !line.starts_with('#')).unwrap_or(lines.len());
    let (header, body) = lines.split_at(body);
    let at = header.iter().position(|line| *line == EXPECT).unwrap_or(header.len());
    let (intro, expect) = header.split_at(at);
    let expect = expect.iter().skip(1).map(|line| line.strip_prefix("# ").unwrap_or(line.trim_start_matches('#')));
    (intro.join("\n"), expect.collect::<Vec<_>>().join("\n"), body.join("\n") + "\n")
}

/// The file with the verdict in its header. Line numbers depend on the length of the header, so it takes two turns.
fn blessed(name: &str, text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..3 {
        let (intro, _, body) = parts(&text);
        let verdict = verdict(name, &text);
        let comment: Vec<String> = verdict.lines().map(|line| format!("# {line}").trim_end().to_owned()).collect();
        text = format!("{intro}\n{EXPECT}\n{}\n{body}", comment.join("\n"));
    }
    text
}

#[test]
fn every_bad_spec_is_refused_as_its_header_says() {
    let mut wrong = Vec::new();
    for path in yaml_files(&folder()) {
        let (name, text) = (name(&path), read(&path));
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, blessed(&name, &text)).expect("a writable file");
            continue;
        }
        let (_, expected, _) = parts(&text);
        let got = verdict(&name, &text);
        if got.is_empty() || got != expected {
            wrong.push(format!("{name}\nexpected\n{expected}\ngot\n{got}\n"));
        }
    }
    assert!(wrong.is_empty(), "run with BLESS=1 and read the difference:\n{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_bad_spec() {
    let headers: Vec<String> = yaml_files(&folder()).iter().map(|path| parts(&read(path)).1).collect();
    let raised = |code: &&Code| headers.iter().any(|header| header.contains(&format!("error[{code}]: ")));
    let missing: Vec<String> =
        Code::ALL.iter().filter(|code| !raised(code)).map(|code| format!("{code} {code:?}")).collect();
    assert!(missing.is_empty(), "add the smallest spec that raises each: {missing:?}");
}

#[test]
fn every_bad_spec_shows_one_kind_of_mistake_or_says_that_it_shows_several() {
    for path in yaml_files(&folder()) {
        let (intro, expected, _) = parts(&read(&path));
        let mut codes: Vec<&str> =
            expected.lines().filter_map(|line| line.strip_prefix("error[")?.split(']').next()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert!(codes.len() == 1 || intro.contains("several"), "{}: {codes:?}", name(&path));
    }
}
