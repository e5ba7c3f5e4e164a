//! Random tests of many subjects on all cores.
//!
//! - `OUTCROP_FAMILY=name` runs one family.
//! - `OUTCROP_LAWS=100000` runs so many seeds of each subject.
//! - `OUTCROP_SEED=7` runs that seed alone.

use std::fmt::Display;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::families::{self, Loaded};

/// What came of some seeds.
pub trait Tally: Default + Send {
    /// Adds what came of the seeds after them.
    fn add(&mut self, more: Self);
}

/// The families that are wanted.
///
/// # Panics
///
/// If there is none of the wanted name.
#[must_use]
pub fn wanted_families() -> Vec<Loaded> {
    let Ok(only) = std::env::var("OUTCROP_FAMILY") else { return families::all() };
    let sources = families::sources();
    let names = outcrop_lang::family_names(&sources);
    assert!(names.contains(&only), "OUTCROP_FAMILY={only}, which is none of {names:?}");
    vec![families::load(&sources, &only)]
}

/// The seeds that are wanted; so many if nothing is said.
#[must_use]
pub fn wanted_seeds(usually: u64) -> Range<u64> {
    let said = |name| std::env::var(name).ok().map(|n| n.parse().expect("a number of seeds, or a seed"));
    match said("OUTCROP_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..said("OUTCROP_LAWS").unwrap_or(usually),
    }
}

/// A piece of work: the first of the seeds, and what came of them.
type Part<T> = (u64, T);

/// The work that is under way, by subject.
struct Board<T, D> {
    parts: Vec<Vec<Part<T>>>,
    finished: Vec<T>,
    done: D,
}

/// Runs `one` with each subject and each seed; the seeds of a subject are divided too, so that no core waits for a slow
/// subject. `done` hears of each subject when it and all before it are through, so that tables are in order.
pub fn side_by_side<S: Sync, T: Tally>(
    subjects: &[S],
    seeds: &Range<u64>,
    name: impl Fn(&S) -> String + Sync,
    one: impl Fn(&S, u64, &mut T) + Sync,
    done: impl FnMut(&S, &T) + Send,
) -> Vec<T> {
    let count = seeds.end - seeds.start;
    let size = (count / 50).clamp(1, 200);
    let pieces = usize::try_from(count.div_ceil(size)).expect("fewer pieces than memory");
    let next = AtomicUsize::new(0);
    let parts = subjects.iter().map(|_| Vec::new()).collect();
    let board = Mutex::new(Board { parts, finished: Vec::new(), done });
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(subject) = at.checked_div(pieces).and_then(|n| subjects.get(n)) else { return };
            let first = seeds.start + (at % pieces) as u64 * size;
            let mut tally = T::default();
            for seed in first..(first + size).min(seeds.end) {
                let told = Told { name: &|| name(subject), seed: &seed };
                one(subject, seed, &mut tally);
                drop(told);
            }
            let mut board = board.lock().expect("nobody panicked");
            board.parts[at / pieces].push((first, tally));
            let Board { parts, finished, done } = &mut *board;
            while let Some(whole) = parts.get_mut(finished.len()).filter(|parts| parts.len() == pieces) {
                whole.sort_by_key(|(first, _)| *first);
                let mut sum = T::default();
                whole.drain(..).for_each(|(_, tally)| sum.add(tally));
                done(&subjects[finished.len()], &sum);
                finished.push(sum);
            }
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
    board.into_inner().expect("nobody panicked").finished
}

/// Tells which seed it was, if there was a panic.
struct Told<'t> {
    name: &'t dyn Fn() -> String,
    seed: &'t dyn Display,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("this was {} with seed {}", (self.name)(), self.seed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Tally, side_by_side};

    #[derive(Default)]
    struct Seen(Vec<(char, u64)>);

    impl Tally for Seen {
        fn add(&mut self, more: Self) {
            self.0.extend(more.0);
        }
    }

    #[test]
    fn every_seed_is_run_once_and_results_are_in_order() {
        for seeds in [0..0, 3..4, 0..7, 10..1_234] {
            let mut rows = Vec::new();
            let one = |subject: &char, seed, seen: &mut Seen| {
                if *subject == 'a' && seed % 100 == 0 {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
                seen.0.push((*subject, seed));
            };
            let seen = side_by_side(&['a', 'b', 'c'], &seeds, char::to_string, one, |c, _: &Seen| rows.push(*c));
            let all: Vec<(char, u64)> = seen.into_iter().flat_map(|s| s.0).collect();
            let wanted: Vec<_> = ['a', 'b', 'c'].iter().flat_map(|c| seeds.clone().map(move |s| (*c, s))).collect();
            assert_eq!(all, wanted);
            assert_eq!(rows.len(), if seeds.is_empty() { 0 } else { 3 });
        }
    }
}
