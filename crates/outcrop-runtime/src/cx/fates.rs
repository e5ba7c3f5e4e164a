//! What becomes of façade leaves that no field maps.

use std::cell::RefCell;
use std::ptr;

use arrayvec::ArrayString;
use smallvec::SmallVec;

use super::Spec;

/// The fate that was found for a path: the byte of the path where its names end, and why such leaves are dropped.
pub(super) type Met = (usize, Option<&'static str>);

/// A path that a thread looked up: callers mostly lose the same again and again.
#[derive(Default, Clone, Copy)]
struct Known {
    spec: Option<&'static Spec>,
    path: ArrayString<62>,
    met: Option<Met>,
}

/// So many paths are remembered, by their lengths.
const KNOWN: usize = 4;

thread_local! {
    static LATELY: RefCell<[Known; KNOWN]> = RefCell::default();
}

impl Spec {
    /// The fate of a path: the one that is declared for the longest, and then the last, run of its names.
    pub(super) fn fate_of(&'static self, path: &str) -> Option<Met> {
        let known = LATELY.try_with(|lately| {
            let mut lately = lately.try_borrow_mut().ok()?;
            let known = lately.get_mut(path.len() % KNOWN)?;
            if known.spec.is_none_or(|spec| !ptr::eq(spec, self)) || known.path.as_str() != path {
                // A path that is too long to keep is looked up each time.
                *known = Known { spec: Some(self), path: ArrayString::from(path).ok()?, met: self.look_up(path) };
            }
            Some(known.met)
        });
        known.ok().flatten().unwrap_or_else(|| self.look_up(path))
    }

    fn look_up(&self, path: &str) -> Option<Met> {
        let names = names(path);
        let bit = |name: &str| 1_u64 << (name.len() % 64);
        let lengths = names.iter().fold(0, |bits, (name, _)| bits | bit(name));
        let mut best: Option<(usize, usize, usize, Option<&'static str>)> = None;
        for fate in self.fates {
            let ([first, ..], n) = (fate.pattern, fate.pattern.len()) else { continue };
            // Most rules are about a name of a length that the path has nowhere.
            if lengths & bit(first) == 0 {
                continue;
            }
            let same = |run: &[(&str, usize)]| run.iter().map(|(name, _)| name).eq(fate.pattern);
            let found = match n {
                1 => names.iter().rposition(|(name, _)| name == first),
                _ => names.windows(n).rposition(same),
            };
            if let Some(at) = found
                && best.is_none_or(|(length, last, ..)| (n, at + n) > (length, last))
                && let Some((_, end)) = names.get(at + n - 1)
            {
                best = Some((n, at + n, *end, fate.dropped));
            }
        }
        best.map(|(.., end, dropped)| (end, dropped))
    }
}

/// The member names of a path and where each ends.
fn names(path: &str) -> SmallVec<[(&str, usize); 8]> {
    let (mut names, mut start, mut end) = (SmallVec::new(), 0, None);
    for (i, b) in path.bytes().enumerate() {
        match b {
            b'[' if end.is_none() => end = Some(i),
            b'.' => {
                let end = end.take().unwrap_or(i);
                names.push((path.get(start..end).unwrap_or_default(), end));
                start = i + 1;
            }
            _ => {}
        }
    }
    let end = end.unwrap_or(path.len());
    names.push((path.get(start..end).unwrap_or_default(), end));
    names
}

#[cfg(test)]
mod tests {
    use crate::cx::{FateRule, Prompts, Spec, Validator};

    static SPEC: Spec = Spec {
        family: "any",
        fates: &[
            FateRule { pattern: &["image"], dropped: None },
            FateRule { pattern: &["image", "source"], dropped: Some("longer") },
            FateRule { pattern: &["source"], dropped: Some("short") },
        ],
        models: &[],
        rules: &[],
        watches: &[],
        unwatched: 0,
        prompts: Prompts::new(&[]),
        grows: &[],
        validator: Validator::Schema,
    };
    static OTHER: Spec = Spec { fates: &[], prompts: Prompts::new(&[]), ..SPEC };

    #[test]
    fn the_longest_and_then_the_last_run_of_names_decides_each_time() {
        let cases = [
            ("a[0].image.source.bytes", Some((17, Some("longer")))),
            ("source[3].image[2].b", Some((18 - 3, None))),
            ("image.source.image", Some((12, Some("longer")))),
            ("imagesource", None),
            ("b.image.c.source", Some((16, Some("short")))),
        ];
        for _ in 0..3 {
            for (path, met) in cases {
                assert_eq!(SPEC.fate_of(path), met, "{path}");
                assert_eq!(OTHER.fate_of(path), None, "{path}");
            }
            let long = format!("{}.source", "x".repeat(80));
            assert_eq!(SPEC.fate_of(&long), Some((87, Some("short"))));
        }
    }
}
