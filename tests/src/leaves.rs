//! Whether a rewritten native body still holds every value of the original.

use outcrop_lang::ir::{self, Literal};
use outcrop_runtime::tree::Tree;

/// A value of `before` that `after` does not hold any more. Null, empty text, what stands at the paths in `without`, and
/// values that the spec reads as others do not count, nor do the tags of regions.
#[must_use]
pub fn lost(family: &ir::Family, before: &Tree, after: &Tree, without: &[&str]) -> Option<String> {
    let mut kept = leaves(after, "", &[]);
    kept.sort();
    let mut wanted = leaves(before, "", without);
    wanted.sort();
    let known = readings(family);
    let tags: Vec<&str> = family.types.iter().flat_map(region_tags).collect();
    let untagged = |text: &str| tags.iter().fold(text.to_owned(), |text, tag| text.replace(tag, ""));
    let texts = untagged(&after.to_string());
    let mut kept = kept.into_iter().peekable();
    for leaf in wanted {
        while kept.next_if(|k| *k < leaf).is_some() {}
        // A text may have become a part of another.
        let part = || leaf.starts_with('"') && texts.contains(untagged(&leaf).trim_matches('"'));
        if kept.next_if(|k| *k == leaf).is_none() && !known.contains(&leaf) && !part() {
            return Some(leaf);
        }
    }
    None
}

/// What stands around the regions of a text. Where one is left open at the end, or said to be open already, it reads the same.
fn region_tags(def: &ir::TypeDef) -> Vec<&str> {
    match &def.kind {
        ir::TypeKind::Regions(regions) => {
            let tags = regions.iter().flat_map(|r| [r.open.as_str(), r.close.as_str()]);
            tags.filter(|tag| !tag.is_empty()).collect()
        }
        _ => Vec::new(),
    }
}

/// All scalars of a value, as text.
fn leaves(tree: &Tree, path: &str, without: &[&str]) -> Vec<String> {
    if without.contains(&path) {
        return Vec::new();
    }
    match tree {
        Tree::Obj(o) => {
            let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            o.members().iter().flat_map(|(name, v)| leaves(v, &below(name), without)).collect()
        }
        Tree::Arr(a) => {
            a.items().iter().enumerate().flat_map(|(i, v)| leaves(v, &format!("{path}[{i}]"), without)).collect()
        }
        Tree::Null => Vec::new(),
        Tree::Num(_) => vec![tree.as_f64().unwrap_or_default().to_string()],
        // JSON in text may be spelt otherwise.
        Tree::Str(text) => match Tree::parse_text(text) {
            Ok(inner @ (Tree::Obj(_) | Tree::Arr(_) | Tree::Num(_))) => leaves(&inner, "", &[]),
            _ if text.is_empty() || text == "null" => Vec::new(),
            _ => vec![tree.to_string()],
        },
        leaf @ Tree::Bool(_) => vec![leaf.to_string()],
    }
}

/// Values that are read and written as others.
fn readings(family: &ir::Family) -> Vec<String> {
    let tables = family.types.iter().flat_map(|t| match &t.kind {
        ir::TypeKind::Map(map) => vec![map],
        ir::TypeKind::Struct(s) => s.fields.iter().filter_map(|f| f.map.as_ref()).collect(),
        ir::TypeKind::Union(u) => {
            let bodies = u.cases.iter().filter_map(|c| match &c.body {
                ir::CaseBody::Struct(s) => Some(s),
                ir::CaseBody::Value(_) => None,
            });
            bodies.flat_map(|s| s.fields.iter().filter_map(|f| f.map.as_ref())).collect()
        }
        _ => Vec::new(),
    });
    let reads = tables.flat_map(|map| map.reads.iter().chain(map.when.iter().flat_map(|w| &w.rows)));
    let text = |literal: &Literal| match literal {
        Literal::Str(s) => Tree::str(s.as_str()).to_string(),
        _ => String::new(),
    };
    // Tags are structure, not values: a case that is only read is written as another.
    let tags = family.types.iter().flat_map(|t| match &t.kind {
        ir::TypeKind::Union(u) => u.cases.iter().map(|c| Tree::str(c.value.as_str()).to_string()).collect(),
        _ => Vec::new(),
    });
    reads.map(|(native, _)| text(native)).chain(tags).collect()
}
