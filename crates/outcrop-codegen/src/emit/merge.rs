//! One struct out of the members of several cases that look the same on the wire.

use super::shape::{Member, RustTy, Shape};

/// Members of all; required only if all require it. Where the types differ, any JSON is taken.
pub(super) fn merge(shapes: Vec<Shape>) -> Shape {
    let mut shapes = shapes.into_iter();
    let Some(mut merged) = shapes.next() else { return Shape::default() };
    for other in shapes {
        for member in &mut merged.members {
            match other.members.iter().find(|m| m.key == member.key) {
                Some(same) => widen(member, same),
                None => member.required = false,
            }
        }
        for mut member in other.members {
            if merged.members.iter().all(|m| m.key != member.key) {
                member.required = false;
                merged.members.push(member);
            }
        }
    }
    merged
}

fn widen(member: &mut Member, other: &Member) {
    if member.ty != other.ty {
        member.ty = RustTy::Json;
    }
    member.required &= other.required;
    member.nullable |= other.nullable;
    for alias in &other.aliases {
        if !member.aliases.contains(alias) {
            member.aliases.push(alias.clone());
        }
    }
}
