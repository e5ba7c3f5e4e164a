//! Which pieces of different families are the same.

use std::collections::BTreeMap;

use super::{Piece, Place};

/// A class, and the classes of what its pieces mention by name.
type Finer<'p> = (usize, Vec<(&'p str, usize)>);

/// For each family the class of each of its pieces: pieces of one class are the same.
pub(super) fn classes(families: &[&[Piece]]) -> Vec<BTreeMap<Place, usize>> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut classes: Vec<BTreeMap<Place, usize>> = Vec::new();
    for pieces in families {
        let mut own = BTreeMap::new();
        for piece in *pieces {
            let next = known.len();
            own.insert(piece.place(), *known.entry(piece.tokens.to_string()).or_insert(next));
        }
        classes.push(own);
    }
    // Classes are divided by what their pieces mention, until no more are: then the same names mean the same.
    let mut count = known.len();
    loop {
        let mut known: BTreeMap<Finer<'_>, usize> = BTreeMap::new();
        let mut finer = Vec::new();
        for (pieces, classes) in families.iter().zip(&classes) {
            let mut own = BTreeMap::new();
            for piece in *pieces {
                let Some(class) = classes.get(&piece.place()) else { continue };
                let meant = piece.mentions.iter().filter_map(|name| {
                    let place = piece.means(name, |place| classes.contains_key(place))?;
                    Some((name.as_str(), *classes.get(&place)?))
                });
                let next = known.len();
                own.insert(piece.place(), *known.entry((*class, meant.collect())).or_insert(next));
            }
            finer.push(own);
        }
        let now = known.len();
        classes = finer;
        if now == count {
            return classes;
        }
        count = now;
    }
}
