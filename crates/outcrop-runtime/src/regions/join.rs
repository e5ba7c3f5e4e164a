//! Parts to one whole string.

use super::{Part, Region, split};

/// A joined string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The string.
    pub text: String,
    /// Whether parts changed their order, ran together or vanished: those whose region stands at the start alone come
    /// first, neighbours of the same region become one, empty ones are none.
    pub approximated: bool,
}

/// Joins parts, each with the index of its region. Gives the index of the part that would read back otherwise.
pub fn join(regions: &[Region<'_>], parts: &[(usize, &str)]) -> Result<Joined, usize> {
    // Ordinal of the first part, region, text.
    let mut runs: Vec<(usize, usize, String)> = Vec::new();
    let late = |region: usize| !regions.get(region).is_some_and(|r| r.at_start || r.implied);
    let mut ordered: Vec<(usize, usize, &str)> = Vec::with_capacity(parts.len());
    ordered.extend(parts.iter().enumerate().map(|(ordinal, (region, text))| (ordinal, *region, *text)));
    ordered.retain(|(_, _, text)| !text.is_empty());
    ordered.sort_by_key(|(_, region, _)| late(*region));
    let moved = !ordered.is_sorted_by_key(|(ordinal, ..)| *ordinal);
    for (ordinal, region, text) in ordered {
        match runs.last_mut() {
            Some((_, last, all)) if *last == region => all.push_str(text),
            _ => runs.push((ordinal, region, text.to_owned())),
        }
    }
    let mut text = String::new();
    let mut inside = regions.iter().find(|r| r.implied);
    let mut lead = super::lead(regions);
    for (n, (_, index, content)) in runs.iter().enumerate() {
        let region = regions.get(*index).copied().unwrap_or_default();
        match inside.take() {
            Some(_) if n == 0 && region.implied => {
                text.push_str(content);
                // Left open at the end: so an answer that was cut off inside reads.
                if runs.len() > 1 {
                    text.push_str(region.close);
                }
                continue;
            }
            Some(implied) => text.push_str(implied.close),
            None => {}
        }
        if index + 1 == regions.len() {
            text.push_str(std::mem::take(&mut lead));
        }
        text.push_str(region.open);
        text.push_str(content);
        text.push_str(region.close);
    }
    let read = split(regions, &text);
    if runs.iter().map(|(_, region, text)| (*region, text.as_str())).eq(read.iter().map(|(r, t)| (*r, &**t))) {
        return Ok(Joined { text, approximated: moved || runs.len() != parts.len() });
    }
    Err(culprit(&runs, &read))
}

/// The part that reads otherwise. If a part reads on past its end, the one after it does.
fn culprit(runs: &[(usize, usize, String)], read: &[Part<'_>]) -> usize {
    let same = |((_, region, text), (r, t)): &(&(usize, usize, String), &Part<'_>)| region == r && text == t;
    let first = runs.iter().zip(read).take_while(same).count();
    let swallows = |(_, region, text): &&(usize, usize, String)| {
        read.get(first).is_some_and(|(r, t)| r == region && t.starts_with(text.as_str()))
    };
    let at = first + usize::from(runs.get(first).as_ref().is_some_and(swallows));
    runs.get(at).or(runs.last()).map_or(0, |(ordinal, ..)| *ordinal)
}
