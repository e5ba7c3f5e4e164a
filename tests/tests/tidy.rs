//! Project rules as tests, each failure with its reason.

#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests package is below the root").to_path_buf()
}

/// Hand-written Rust files below `folders`, with paths relative to the root.
fn sources(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let found = files(folders, &["rs"]);
    assert!(found.len() > 3, "the walk finds the sources");
    found
}

/// Hand-written files of these kinds below `folders`, with paths relative to the root.
fn files(folders: &[&str], kinds: &[&str]) -> Vec<(PathBuf, String)> {
    let root = root();
    let mut open: Vec<PathBuf> = folders.iter().map(|f| root.join(f)).collect();
    let mut found = Vec::new();
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(&at).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "generated" | "target" | ".git") {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|e| kinds.iter().any(|kind| e == *kind)) && name != "generated.rs" {
                let text = fs::read_to_string(&path).expect("UTF-8 source");
                found.push((path.strip_prefix(&root).expect("below the root").to_path_buf(), text));
            }
        }
    }
    found.sort();
    found
}

/// Words that name a family, a dialect or a vendor, collected from the specs.
fn family_words() -> BTreeSet<String> {
    // Parts of family names that are ordinary words of the field.
    let ordinary = [
        "chat",
        "text",
        "messages",
        "command",
        "custom",
        "model",
        "import",
        "completion",
        "generation",
        "imported",
        "prompt",
        "r",
        "amazon",
        "oss",
        "writer",
    ];
    let mut words = BTreeSet::new();
    for folder in ["specs/families", "specs/dialects"] {
        for entry in fs::read_dir(root().join(folder)).expect("specs") {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
            words.extend(name.split(['-', '_']).map(str::to_owned));
            let text = fs::read_to_string(&path).expect("UTF-8 spec");
            for glob in text.split("match:").skip(1) {
                let id = glob.trim_start().trim_matches('"');
                words.extend(id.split('.').next().filter(|v| v.chars().all(char::is_alphanumeric)).map(str::to_owned));
            }
        }
    }
    words.extend(["claude", "gpt"].map(str::to_owned));
    words.retain(|w| !ordinary.contains(&w.as_str()) && w.len() > 2);
    words
}

#[test]
fn no_family_vendor_or_dialect_word_occurs_in_hand_written_code() {
    let words = family_words();
    let mut found = Vec::new();
    // What a program reads beside its code is no better place for it than the code.
    for (path, text) in files(&["crates", "xtask"], &["rs", "yaml", "tsv", "json"]) {
        let inside_tests = path
            .components()
            .any(|c| matches!(c.as_os_str().to_str(), Some("tests" | "examples" | "benches" | "outcrop-bench")));
        if inside_tests || path.file_stem().is_some_and(|s| s == "tests") {
            continue;
        }
        for (n, line) in text.lines().enumerate() {
            // Unit tests stand at the end of their file and may use real formats.
            if line.contains("#[cfg(test)]") {
                break;
            }
            // Where the SDK says which release it is: a word of the SDK's.
            let lower = line.to_lowercase().replace("aws_sdk_bedrockruntime::meta::pkg_version", "");
            let hits = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| words.contains(*w));
            found.extend(hits.map(|w| format!("{}:{}: `{w}`", path.display(), n + 1)));
        }
    }
    assert!(
        found.is_empty(),
        "what one format needs must be sayable in its spec; generalise the mechanism instead:\n{}",
        found.join("\n")
    );
}

#[test]
fn hand_written_files_stay_under_five_hundred_lines() {
    let long: Vec<String> = sources(&["crates", "xtask", "tests", "specs"])
        .iter()
        .filter(|(_, text)| text.lines().count() > 500)
        .map(|(path, text)| format!("{}: {} lines", path.display(), text.lines().count()))
        .collect();
    assert!(long.is_empty(), "one concept a file; split:\n{}", long.join("\n"));
}

#[test]
fn no_unfinished_work_is_left_in_the_code() {
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("#[ig", "nore"),
    ];
    let mut found = Vec::new();
    for (path, text) in sources(&["crates", "xtask", "tests", "specs"]) {
        for (n, line) in text.lines().enumerate() {
            if marks.iter().any(|m| line.contains(m)) {
                found.push(format!("{}:{}: {}", path.display(), n + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "finish it or leave it out:\n{}", found.join("\n"));
}

/// `[dependencies]` of a workspace package, names only.
fn dependencies(package: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join(package).join("Cargo.toml")).expect("a manifest");
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    section
        .lines()
        .filter_map(|l| l.split(['.', ' ', '=']).next())
        .filter(|n| !n.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn dependency_arrows_point_one_way() {
    let forbidden = [
        (
            "crates/outcrop-runtime",
            &["outcrop", "outcrop-lang", "outcrop-codegen", "serde", "serde_yaml", "serde_json", "tokio"][..],
        ),
        ("crates/outcrop-lang", &["outcrop", "outcrop-codegen", "quote", "proc-macro2", "syn", "tokio"]),
        ("crates/outcrop-codegen", &["outcrop", "outcrop-runtime", "serde_yaml", "serde_json", "tokio"]),
        ("crates/outcrop-converse", &["outcrop", "outcrop-families", "outcrop-dialects", "serde_json", "tokio"]),
        ("crates/outcrop-dialects", &["outcrop", "outcrop-families", "serde_json", "tokio"]),
        ("crates/outcrop-families", &["outcrop", "outcrop-dialects", "serde_json", "tokio"]),
        ("crates/outcrop", &["outcrop-lang", "outcrop-codegen", "serde_json", "tokio", "aws-sdk-bedrockruntime"]),
    ];
    for (package, names) in forbidden {
        let has = dependencies(package);
        for name in names {
            assert!(!has.contains(*name), "{package} must not depend on {name}: see ARCHITECTURE.md, invariants");
        }
    }
}

#[test]
fn only_one_file_names_the_yaml_crate() {
    let users: Vec<String> = sources(&["crates", "xtask"])
        .iter()
        .filter(|(_, text)| text.contains("serde_yaml::") || text.contains("use serde_yaml"))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(users.len() <= 1, "the YAML crate is behind one module: {users:?}");
}
