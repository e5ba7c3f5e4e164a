//! The other round-trip law: a random native body that the spec describes goes to Converse and back without losing a value,
//! up to the declared canonical forms, or is refused with a code. What was decoded encodes, and reads the same again.
//!
//! `OUTCROP_LAWS=100000 cargo test --release -p outcrop-tests --test native_laws` runs that many per family and body; `OUTCROP_FAMILY` and
//! `OUTCROP_SEED` run one (`tests/src/side_by_side.rs`).

#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use outcrop_lang::ir::TypeId;
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Code, Kind};
use outcrop_tests::families::Loaded;
use outcrop_tests::leaves;
use outcrop_tests::random_native::Native;
use outcrop_tests::side_by_side::{self, side_by_side, wanted_families, wanted_seeds};

/// Refusals to write what was read.
const LENIENT: &[Code] = &[Code::OutOfRange, Code::Unsupported, Code::TurnOrder, Code::MissingMember];

#[derive(Default)]
struct Tally {
    exact: u64,
    canonical: u64,
    reported: u64,
    refused: BTreeMap<&'static str, u64>,
    unwritten: BTreeMap<&'static str, u64>,
    unexplained: Vec<String>,
}

impl side_by_side::Tally for Tally {
    fn add(&mut self, more: Self) {
        self.exact += more.exact;
        self.canonical += more.canonical;
        self.reported += more.reported;
        more.refused.into_iter().for_each(|(code, count)| *self.refused.entry(code).or_default() += count);
        more.unwritten.into_iter().for_each(|(code, count)| *self.unwritten.entry(code).or_default() += count);
        self.unexplained.extend(more.unexplained);
    }
}

/// A body of a family.
type Body<'f> = (&'f Loaded, Kind, TypeId);

#[test]
fn random_native_bodies_come_back_or_are_refused_with_a_code() {
    let families = wanted_families();
    let mut bodies: Vec<Body<'_>> = Vec::new();
    for family in &families {
        let chat = &family.family.chat;
        bodies.extend(chat.request.map(|root| (family, Kind::Request, root)));
        bodies.extend(chat.response.map(|root| (family, Kind::Response, root)));
    }
    let try_one = |(family, kind, root): &Body<'_>, seed, tally: &mut Tally| {
        let body = Native::new(&family.family, seed).body(*root);
        if let Err(why) = one(family, *kind, &body, tally) {
            tally.unexplained.push(format!("{} {kind:?} seed {seed}: {why}\n  {body}", family.name));
        }
    };
    let row = |(family, kind, _): &Body<'_>, tally: &Tally| {
        let Tally { exact, canonical, reported, refused, unwritten, .. } = tally;
        println!(
            "{:<20} {kind:?}: {exact} exact, {canonical} canonical, {reported} reported, refused {refused:?}, \
             read but not written {unwritten:?}",
            family.name
        );
    };
    let name = |(family, kind, _): &Body<'_>| format!("{} {kind:?}", family.name);
    let tallies = side_by_side(&bodies, &wanted_seeds(600), name, try_one, row);
    let failures: Vec<String> = tallies.into_iter().flat_map(|tally| tally.unexplained.into_iter().take(3)).collect();
    assert!(failures.is_empty(), "unexplained:\n{}", failures.join("\n"));
}

fn one(family: &Loaded, kind: Kind, body: &Tree, tally: &mut Tally) -> Result<(), String> {
    let listed;
    let body = if kind == Kind::Response && family.family.chat.listed {
        listed = Tree::list(vec![body.clone()]);
        &listed
    } else {
        body
    };
    let call = Call { model: &family.model, ..Call::default() };
    let decode = |body: &Tree| family.codec.decode(kind, &call, body.to_string().as_bytes());
    let converse = match decode(body) {
        Ok(out) => out,
        Err(e) => {
            *tally.refused.entry(e.code.as_str()).or_default() += 1;
            return Ok(());
        }
    };
    let text = String::from_utf8_lossy(&converse.body).into_owned();
    let native = match family.codec.encode(kind, &call, &converse.body) {
        Ok(out) => out,
        // Reading is lenient where writing is not: ranges, the last turn, blocks in places where Converse has none for them.
        Err(e) if LENIENT.contains(&e.code) => {
            *tally.unwritten.entry(e.code.as_str()).or_default() += 1;
            return Ok(());
        }
        Err(e) if e.code == Code::ConflictingField && lenient(family, kind, &call, &text) => {
            *tally.unwritten.entry(e.code.as_str()).or_default() += 1;
            return Ok(());
        }
        Err(_) if !converse.report.losses.is_empty() => {
            tally.reported += 1;
            return Ok(());
        }
        Err(e) => return Err(format!("what was decoded is refused: {e}\n  {text}")),
    };
    let got = Tree::parse(&native.body).expect("encoding writes JSON");
    if got.difference(body).is_none() {
        tally.exact += 1;
        return Ok(());
    }
    let again = decode(&got).map_err(|e| format!("own body not read: {e}\n  {text}\n  {got}"))?;
    let (a, b) = (Tree::parse(&again.body).expect("JSON"), Tree::parse(&converse.body).expect("JSON"));
    if !converse.report.losses.is_empty() || !native.report.losses.is_empty() {
        tally.reported += 1;
        return Ok(());
    }
    if let Some(path) = a.difference(&b) {
        return Err(format!("reads back differently at {path}\n  {text}\n  {got}\n  {a}"));
    }
    if let Some(leaf) = leaves::lost(&family.family, body, &got, &[]) {
        return Err(format!("`{leaf}` is lost without a word\n  {text}\n  {got}"));
    }
    tally.canonical += 1;
    Ok(())
}

/// Whether a Converse body would not be written without its additional fields either.
fn lenient(family: &Loaded, kind: Kind, call: &Call<'_>, text: &str) -> bool {
    let mut body = Tree::parse_text(text).expect("decoding writes JSON");
    if let Tree::Obj(o) = &mut body {
        o.members_mut().retain(|(name, _)| !name.starts_with("additionalModel"));
    }
    let refusal = family.codec.encode(kind, call, body.to_string().as_bytes()).err();
    refusal.is_some_and(|e| LENIENT.contains(&e.code))
}
