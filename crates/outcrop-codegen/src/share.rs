//! Families on one dialect say mostly the same: code that several of them would have is emitted once, beside them.
//!
//! Two pieces are the same if their text is, and if every piece that they mention by name is the same too. The pieces that
//! the same families have in common stand together, as a group.

mod classes;
mod mentions;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::emit::split::with_visibility;
use classes::classes;
pub(crate) use mentions::mention;

/// Where a piece stands in its family: the module, or none for the outermost, and its name there.
pub(crate) type Place = (Option<String>, String);

/// Something that a module defines: a function, or a type with all that belongs to it.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// The module that it is in.
    pub(crate) module: Option<String>,
    /// Name.
    pub(crate) ident: Ident,
    /// Its text.
    pub(crate) tokens: TokenStream,
    /// The names in it.
    pub(crate) mentions: BTreeSet<String>,
    /// It is a function, whose text is without the visibility.
    pub(crate) is_function: bool,
    /// Others see the function.
    pub(crate) shown: bool,
    /// It names what is the family's own.
    pub(crate) pinned: bool,
}

impl Piece {
    /// A type, with all that belongs to it.
    pub(crate) fn of_type(ident: Ident, tokens: TokenStream) -> Self {
        let mut mentions = BTreeSet::new();
        mention(tokens.clone(), &mut mentions);
        Self { module: None, ident, tokens, mentions, is_function: false, shown: false, pinned: false }
    }

    /// A function of a module.
    pub(crate) fn function(module: &str, ident: Ident, shown: bool, tokens: TokenStream) -> Self {
        Self { module: Some(module.to_owned()), is_function: true, shown, ..Self::of_type(ident, tokens) }
    }

    /// Whether it is in that module.
    pub(crate) fn is_in(&self, module: Option<&Ident>) -> bool {
        match (&self.module, module) {
            (Some(own), Some(module)) => module == own,
            (own, module) => own.is_none() && module.is_none(),
        }
    }

    /// Its text in its family.
    pub(crate) fn in_place(&self) -> TokenStream {
        if self.shown { with_visibility(&self.tokens, &quote!(pub(super))) } else { self.tokens.clone() }
    }

    /// Its text where families share it.
    pub(crate) fn in_common(&self) -> TokenStream {
        if self.is_function { with_visibility(&self.tokens, &quote!(pub(crate))) } else { self.tokens.clone() }
    }

    /// Where it stands.
    pub(crate) fn place(&self) -> Place {
        (self.module.clone(), self.ident.to_string())
    }

    /// The place that a mentioned name means: the nearest that exists.
    fn means(&self, name: &str, exists: impl Fn(&Place) -> bool) -> Option<Place> {
        let near = self.module.iter().map(|module| (Some(module.clone()), name.to_owned()));
        near.chain([(None, name.to_owned())]).find(|place| exists(place))
    }
}

/// What the same families have in common.
#[derive(Debug)]
pub(crate) struct Group {
    /// The families, as indices.
    pub(crate) users: BTreeSet<usize>,
    /// The pieces by their place.
    pub(crate) pieces: BTreeMap<Place, Piece>,
}

impl Group {
    /// The pieces of a module.
    pub(crate) fn in_module(&self, module: Option<&Ident>) -> impl Iterator<Item = &Piece> {
        self.pieces.values().filter(move |piece| piece.is_in(module))
    }
}

/// What families have in common.
#[derive(Debug, Default)]
pub(crate) struct Common {
    /// The groups: those of most families first.
    pub(crate) groups: Vec<Group>,
    /// For each family the group of each of its pieces; none of those that are its own.
    places: Vec<BTreeMap<Place, Option<usize>>>,
}

impl Common {
    /// The group that a family's piece is in, unless it is its own.
    pub(crate) fn group_of(&self, family: usize, place: &Place) -> Option<usize> {
        self.places.get(family)?.get(place).copied().flatten()
    }

    /// The places outside of `own` that pieces of a family mention, with their groups.
    pub(crate) fn needed<'p>(
        &self,
        family: usize,
        pieces: impl Iterator<Item = &'p Piece>,
        own: Option<usize>,
    ) -> BTreeMap<Place, usize> {
        let Some(places) = self.places.get(family) else { return BTreeMap::new() };
        let mentioned =
            pieces.flat_map(|p| p.mentions.iter().filter_map(|name| p.means(name, |at| places.contains_key(at))));
        mentioned
            .filter_map(|place| Some((places.get(&place).copied()??, place)))
            .filter(|(group, _)| Some(*group) != own)
            .map(|(group, place)| (place, group))
            .collect()
    }
}

/// A class of pieces: where they stand, and which.
type Which = (Place, usize);

/// Finds what at least two of the families have in common.
pub(crate) fn common(families: &[&[Piece]]) -> Common {
    let classes = classes(families);
    let mut users: BTreeMap<Which, BTreeSet<usize>> = BTreeMap::new();
    for (i, classes) in classes.iter().enumerate() {
        for (place, class) in classes {
            users.entry((place.clone(), *class)).or_default().insert(i);
        }
    }
    users.retain(|_, users| users.len() > 1);
    let piece_of = |which: &Which, users: &BTreeSet<usize>| -> Option<&Piece> {
        families.get(*users.first()?)?.iter().find(|piece| piece.place() == which.0)
    };
    // A piece is common only where all that it mentions is.
    loop {
        let is_lone = |which: &Which, of: &BTreeSet<usize>| {
            let (Some(piece), Some(classes)) = (piece_of(which, of), of.first().and_then(|i| classes.get(*i))) else {
                return true;
            };
            let mut meant = piece.mentions.iter().filter_map(|name| piece.means(name, |at| classes.contains_key(at)));
            piece.pinned
                || meant.any(|place| classes.get(&place).is_none_or(|class| !users.contains_key(&(place, *class))))
        };
        let lone: Vec<Which> = users.iter().filter(|(which, of)| is_lone(which, of)).map(|(w, _)| w.clone()).collect();
        if lone.is_empty() {
            break;
        }
        for which in &lone {
            users.remove(which);
        }
    }
    let mut groups: BTreeMap<&BTreeSet<usize>, BTreeMap<Place, Piece>> = BTreeMap::new();
    for (which, users) in &users {
        if let Some(piece) = piece_of(which, users) {
            groups.entry(users).or_default().insert(which.0.clone(), piece.clone());
        }
    }
    let mut groups: Vec<Group> =
        groups.into_iter().map(|(users, pieces)| Group { users: users.clone(), pieces }).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.users.len()));
    let group_of = |family: usize, place: &Place| {
        groups.iter().position(|group| group.users.contains(&family) && group.pieces.contains_key(place))
    };
    let places = classes
        .iter()
        .enumerate()
        .map(|(i, classes)| classes.keys().map(|place| (place.clone(), group_of(i, place))).collect());
    let places = places.collect();
    Common { groups, places }
}
