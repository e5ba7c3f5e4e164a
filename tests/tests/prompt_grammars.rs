//! The checker's promise about prompt grammars: a grammar in which it finds no fault writes every conversation whose
//! texts are free of markers, and reads it back as it was.
#![allow(clippy::indexing_slicing)]

use outcrop_lang::check::prompt;
use outcrop_lang::ir::{Grammar, TurnGrammar};
use outcrop_runtime::Report;
use outcrop_runtime::prompt as runtime;

fn is_sound(grammar: &Grammar) -> bool {
    let mut faults = Vec::new();
    prompt::grammar(grammar, &mut faults);
    faults.is_empty()
}

/// What goes wrong with a conversation, if anything.
fn trip(grammar: &Grammar, conversation: &[(String, String)]) -> Result<(), String> {
    let after: Vec<Vec<(&str, &str)>> = grammar
        .turns
        .iter()
        .map(|turn| turn.open_after.iter().map(|(role, open)| (role.as_str(), open.as_str())).collect())
        .collect();
    let turns: Vec<runtime::TurnGrammar<'_>> = grammar
        .turns
        .iter()
        .zip(&after)
        .map(|(turn, after)| runtime::TurnGrammar {
            role: &turn.role,
            open: &turn.open,
            bare: turn.bare.as_deref(),
            open_after: after,
            close: &turn.close,
            place: if turn.at_start { runtime::TurnPlace::Start } else { runtime::TurnPlace::Any },
        })
        .collect();
    let markers: Vec<&str> = grammar.markers.iter().map(String::as_str).collect();
    let table = runtime::Grammar {
        name: &grammar.name,
        begin: &grammar.begin,
        elide: &grammar.elide,
        turns: &turns,
        cue: &grammar.cue,
        markers: &markers,
        image: grammar.image.as_deref(),
        ..runtime::Grammar::default()
    };
    let (plan, mut written) = (runtime::Plan::new(&table), Vec::new());
    let mut out = runtime::Renderer::new(&plan, false, &mut written);
    for (role, text) in conversation {
        out.turn(role);
        out.text(text);
    }
    out.finish(&mut Report::default(), &|_, _| String::new()).map_err(|error| error.to_string())?;
    let text =
        runtime::json_text(std::str::from_utf8(&written).unwrap_or_default()).map_err(|error| error.to_string())?;
    let reading = runtime::read(&plan, &[], &text, false);
    let read: Vec<(String, String)> = reading
        .turns
        .iter()
        .map(|turn| {
            let texts = turn.pieces.iter().map(|piece| match piece {
                runtime::Piece::Text(text) => text.to_string(),
                runtime::Piece::Image => "(image)".to_owned(),
            });
            (turn.role.to_owned(), texts.collect())
        })
        .collect();
    if reading.exact && read == *conversation { Ok(()) } else { Err(format!("{text:?} reads as {read:?}")) }
}

/// Small tags from a small alphabet, so that literals and texts run into each other often.
fn tag(rng: &mut fastrand::Rng) -> String {
    const TAGS: [&str; 9] = ["<u>", "<b>", "<e>", "<s>", "<", ">", "u", "\n", "<u"];
    let length = rng.usize(0..3);
    (0..length).map(|_| TAGS[rng.usize(0..TAGS.len())]).collect()
}

fn random_grammar(rng: &mut fastrand::Rng) -> Grammar {
    let mut turns = Vec::new();
    for role in ["system", "user", "assistant"] {
        if role == "system" && rng.bool() {
            continue;
        }
        let bare = rng.u8(0..6) == 0;
        let at_start = role == "system" && rng.bool();
        turns.push(TurnGrammar {
            role: role.to_owned(),
            open: if at_start && rng.bool() { String::new() } else { tag(rng) },
            at_start,
            bare: bare.then(|| tag(rng)),
            close: tag(rng),
            ..TurnGrammar::default()
        });
    }
    if turns.len() == 3 && rng.u8(0..3) == 0 {
        turns[1].open_after.push(("system".to_owned(), tag(rng)));
    }
    // Most markers are among the literals, as they are in real grammars.
    let literals: Vec<String> = turns.iter().flat_map(|turn| [turn.open.clone(), turn.close.clone()]).collect();
    let mut markers: Vec<String> = literals.into_iter().filter(|text| !text.is_empty() && rng.u8(0..4) > 0).collect();
    if rng.u8(0..4) == 0 {
        markers.push(tag(rng));
    }
    markers.sort();
    markers.dedup();
    let begin = if rng.u8(0..3) == 0 { tag(rng) } else { String::new() };
    let elide = if rng.u8(0..4) == 0 { "\n".to_owned() } else { String::new() };
    Grammar { begin, elide, turns, cue: "assistant".to_owned(), markers, ..Grammar::default() }
}

/// Whether a turn of one role can follow another at all: an opening that the grammar names for this neighbour wins over
/// longer ones that it does not name.
fn can_follow(grammar: &Grammar, before: &str, role: &str) -> bool {
    let named = |turn: &TurnGrammar| {
        turn.open_after.iter().find(|(neighbour, _)| neighbour == before).map(|(_, open)| open.clone())
    };
    let Some(turn) = grammar.turns.iter().find(|turn| turn.role == role) else { return false };
    !turn.at_start
        && (named(turn).is_some() || !grammar.turns.iter().filter_map(named).any(|open| turn.open.starts_with(&open)))
}

fn random_conversation(grammar: &Grammar, rng: &mut fastrand::Rng) -> Vec<(String, String)> {
    const PARTS: [&str; 10] = ["<", ">", "u", "b", "e", "s", "\n", "x", "<u>", "<e"];
    let length = rng.usize(1..4);
    let mut turns = Vec::new();
    for _ in 0..length {
        let role = &grammar.turns[rng.usize(0..grammar.turns.len())].role;
        let parts = rng.usize(1..5);
        let text: String = (0..parts).map(|_| PARTS[rng.usize(0..PARTS.len())]).collect();
        // What stands at position 0 is looked at as if the elided literal stood before it.
        let elided = if turns.is_empty() { grammar.elide.as_str() } else { "" };
        let is_free = !grammar.markers.iter().any(|marker| format!("{elided}{text}").contains(marker.as_str()));
        let can_follow = turns.last().is_none_or(|(before, _): &(String, String)| can_follow(grammar, before, role));
        if is_free && can_follow && !text.trim().is_empty() {
            turns.push((role.clone(), text));
        }
    }
    // The open turn at the end is a turn, too.
    while turns.last().is_some_and(|(role, _)| *role != grammar.cue && !can_follow(grammar, role, &grammar.cue)) {
        turns.pop();
    }
    turns
}

/// Enough to find every hole that a hundred times as many find.
const ROUNDS: usize = 15_000;

#[test]
fn a_grammar_without_faults_reads_back_what_it_writes() {
    let mut rng = fastrand::Rng::with_seed(7);
    let (mut sound, mut trips) = (0, 0);
    let mut wrong = Vec::new();
    for _ in 0..ROUNDS {
        let grammar = random_grammar(&mut rng);
        if !is_sound(&grammar) {
            continue;
        }
        sound += 1;
        for _ in 0..30 {
            let conversation = random_conversation(&grammar, &mut rng);
            if conversation.is_empty() {
                continue;
            }
            trips += 1;
            if let Err(why) = trip(&grammar, &conversation) {
                wrong.push(format!("{grammar:?}\n{conversation:?}\n{why}"));
                break;
            }
        }
    }
    assert!(sound > 300 && trips > 5_000, "the generator finds grammars: {sound} sound, {trips} conversations");
    assert!(wrong.is_empty(), "{} of {sound} grammars:\n{}", wrong.len(), wrong[..wrong.len().min(5)].join("\n\n"));
}
