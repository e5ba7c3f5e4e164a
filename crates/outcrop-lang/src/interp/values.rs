//! Literals and value tables.

use outcrop_runtime::Tree;

use crate::ir::{Literal, ValueMap, When};

/// A literal as a tree.
#[must_use]
pub(crate) fn tree(literal: &Literal) -> Tree {
    match literal {
        Literal::Null => Tree::Null,
        Literal::Bool(b) => Tree::Bool(*b),
        Literal::Num(n) => Tree::Num(n.clone()),
        Literal::Str(s) => Tree::Str(s.clone()),
        Literal::List(items) => Tree::list(items.iter().map(tree).collect()),
        Literal::Object(members) => Tree::object(members.iter().map(|(n, v)| (n.clone(), tree(v))).collect()),
    }
}

/// Whether a tree means a literal.
#[must_use]
pub(crate) fn is(value: &Tree, literal: &Literal) -> bool {
    match (value, literal) {
        (Tree::Str(a), Literal::Str(b)) => a == b,
        (Tree::Bool(a), Literal::Bool(b)) => a == b,
        (Tree::Str(_) | Tree::Bool(_), _) => false,
        _ => *value == tree(literal),
    }
}

/// The native value of a façade value: rows first, then those that depend on a sibling. The row's position is given too.
#[must_use]
pub(crate) fn to_native(map: &ValueMap, facade: &Tree) -> Option<(usize, Tree)> {
    let whens = map.when.iter().flat_map(|w| &w.rows);
    let skip = map.rows.len() + map.reads.len();
    let rows = map.rows.iter().enumerate().chain(whens.enumerate().map(|(i, r)| (i + skip, r)));
    rows.into_iter().find(|(_, (_, f))| is(facade, f)).map(|(i, (n, _))| (i, tree(n)))
}

/// The façade value of a native value; `holds` says which sibling conditions are true. The row's position is given too.
#[must_use]
pub(crate) fn to_facade(map: &ValueMap, holds: &[bool], native: &Tree) -> Option<(usize, Tree)> {
    let mut skip = map.rows.len() + map.reads.len();
    for (when, holds) in map.when.iter().zip(holds) {
        if *holds && let Some((i, (_, f))) = when.rows.iter().enumerate().find(|(_, (n, _))| is(native, n)) {
            return Some((skip + i, tree(f)));
        }
        skip += when.rows.len();
    }
    map.rows.iter().chain(&map.reads).enumerate().find(|(_, (n, _))| is(native, n)).map(|(i, (_, f))| (i, tree(f)))
}

/// What a table has in its native column, if a value of this kind cannot be there.
#[must_use]
pub(crate) fn wrong_kind(map: &ValueMap, native: &Tree) -> Option<&'static str> {
    match (&map.rows.first()?.0, native) {
        (Literal::Str(_), Tree::Str(_))
        | (Literal::Num(_), Tree::Num(_))
        | (Literal::Bool(_), Tree::Bool(_))
        | (Literal::Null | Literal::List(_) | Literal::Object(_), _) => None,
        (Literal::Str(_), _) => Some("a string"),
        (Literal::Num(_), _) => Some("a number"),
        (Literal::Bool(_), _) => Some("a boolean"),
    }
}

/// Whether a sibling condition is true of a native object.
#[must_use]
pub(crate) fn holds(when: &When, object: &outcrop_runtime::tree::Object) -> bool {
    match (object.get(&when.field), &when.is) {
        (None, _) => false,
        (Some(value), None) => !value.is_empty(),
        (Some(value), Some(literal)) => is(value, literal),
    }
}
