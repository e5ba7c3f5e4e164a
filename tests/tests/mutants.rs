//! The checks and examples prove the mappings: take any one away, and `check` says so.
//!
//! `OUTCROP_MUTANTS=all cargo test -p outcrop-tests --test mutants` tries every mapping; otherwise a few of each file.

use std::collections::BTreeSet;

use outcrop_lang::diag::{Style, render};
use outcrop_lang::{Loaded, check_family, family_names};
use outcrop_tests::families;

/// What a checker says, in a form that can be compared.
fn faults(loaded: &Loaded) -> BTreeSet<String> {
    loaded.diagnostics.iter().map(|fault| format!("{} {}", fault.code, fault.message)).collect()
}

/// Ranges of `, as: PATH` in a spec, examples excepted.
fn mappings(text: &str) -> Vec<(usize, usize)> {
    let end = text.find("\nexamples:").unwrap_or(text.len());
    let mut found = Vec::new();
    for (start, key) in text[..end].match_indices(", as: ") {
        let value = &text[start + key.len()..end];
        let length = match value.strip_prefix('"') {
            Some(quoted) => quoted.find('"').map(|close| close + 2),
            None => value.find([',', '}']),
        };
        let Some(stop) = length.map(|length| start + key.len() + length) else { continue };
        // `content` is where blocks are taken from anyway.
        let is_default = &text[start..stop] == ", as: content" && text[stop..].starts_with(", take:");
        if !is_default {
            found.push((start, stop));
        }
    }
    found
}

#[test]
fn a_mapping_that_is_taken_away_is_missed() {
    let step = if std::env::var("OUTCROP_MUTANTS").is_ok_and(|value| value == "all") { 1 } else { 13 };
    let sources = families::sources();
    let names = family_names(&sources);
    let sound: Vec<Loaded> = names.iter().map(|name| check_family(&sources, name)).collect();
    let mut tried = 0;
    let mut survivors = Vec::new();
    for file in sources.files().iter().filter(|file| !file.path.contains("facade")) {
        let users: Vec<&Loaded> =
            sound.iter().filter(|loaded| loaded.files_read.iter().any(|read| read.path == file.path)).collect();
        for (start, stop) in mappings(&file.text).into_iter().step_by(step) {
            let mutant = format!("{}{}", &file.text[..start], &file.text[stop..]);
            let mut mutated = sources.clone();
            mutated.add(file.path.clone(), mutant);
            tried += 1;
            // One family with the dialect that complains is enough.
            let is_missed = |sound: &&Loaded| {
                let name = sound.family.as_ref().map_or("", |family| family.name.as_str());
                !faults(&check_family(&mutated, name)).is_subset(&faults(sound))
            };
            if !users.iter().any(is_missed) {
                let line = file.text[..start].matches('\n').count() + 1;
                survivors.push(format!("{}:{line}: `{}`", file.path, &file.text[start + 2..stop]));
            }
        }
    }
    assert!(tried > 15, "the specs have mappings: {tried}");
    assert!(survivors.is_empty(), "nothing misses these mappings, of {tried}:\n{}", survivors.join("\n"));
}

/// A spec with a few bytes or lines gone, doubled or exchanged.
fn damaged(text: &str, rng: &mut fastrand::Rng) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..rng.usize(1..4) {
        let at = rng.usize(0..lines.len());
        match rng.u8(0..5) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at].clone()),
            2 => {
                let other = lines[rng.usize(0..lines.len())].clone();
                lines[at] = other;
            }
            3 => {
                let place = rng.usize(0..=lines[at].chars().count());
                let bad = ["{", "}", "[", ":", " ", "!", "\"", ".", "é", "0"][rng.usize(0..10)];
                let (head, tail): (String, String) =
                    (lines[at].chars().take(place).collect(), lines[at].chars().skip(place).collect());
                lines[at] = head + bad + &tail;
            }
            _ => {
                let place = rng.usize(0..=lines[at].chars().count());
                lines[at] =
                    lines[at].chars().enumerate().filter(|(index, _)| *index != place).map(|(_, c)| c).collect();
            }
        }
    }
    lines.join("\n")
}

#[test]
fn no_damage_makes_the_checker_panic_and_every_diagnostic_can_be_shown() {
    let rounds = std::env::var("OUTCROP_DAMAGE").ok().and_then(|value| value.parse().ok()).unwrap_or(60);
    let sources = families::sources();
    let names = family_names(&sources);
    let mut rng = fastrand::Rng::with_seed(11);
    for _ in 0..rounds {
        let files = sources.files();
        let file = &files[rng.usize(0..files.len())];
        let mut broken = sources.clone();
        broken.add(file.path.clone(), damaged(&file.text, &mut rng));
        let loaded = check_family(&broken, &names[rng.usize(0..names.len())]);
        let text = render(&loaded.diagnostics, &loaded.files_read, Style::Plain);
        assert_eq!(text.is_empty(), loaded.diagnostics.is_empty());
    }
}
