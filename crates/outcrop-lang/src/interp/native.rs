//! Checking a native value against its type, without translating it.

use outcrop_runtime::{Code, Error, Kind, Tree};

use super::at::At;
use super::decode::{single, wrong};
use super::decode_value::bare;
use super::encode_value::length;
use super::{Cx, scalar};
use crate::ir::{CaseBody, Range, SideKey, Struct, Tag, Ty, TypeKind, Union, Unknown};

impl<'a> Cx<'a> {
    /// Whether a native value has the shape of its type. Ranges are enforced on what goes into a request.
    pub(crate) fn check_native(&mut self, ty: &'a Ty, value: &Tree, at: &At<'_>) -> Result<(), Error> {
        match ty {
            Ty::Named(id) => match self.family.types.get(*id).map(|d| &d.kind) {
                Some(TypeKind::Struct(s)) => self.check_struct(s, &[], value, at),
                Some(TypeKind::Union(u)) => self.check_union(u, value, at),
                Some(TypeKind::TextOrList(t)) => match value {
                    Tree::Str(_) => Ok(()),
                    Tree::Arr(_) | Tree::Obj(_) => {
                        let Some(TypeKind::Union(u)) = self.family.types.get(t.item).map(|d| &d.kind) else {
                            return Ok(());
                        };
                        let Some(items) = value.as_list() else {
                            return self.check_union(u, value, &at.index(0)).map_err(|e| bare(e, at));
                        };
                        items.iter().enumerate().try_for_each(|(i, v)| self.check_union(u, v, &at.index(i)))
                    }
                    other => Err(wrong(other, "a string or a list", at)),
                },
                Some(TypeKind::Regions(_)) => kind(value, matches!(value, Tree::Str(_)), "a string", at),
                Some(TypeKind::Map(map)) => {
                    let known = map.open || super::values::to_facade(map, &vec![true; map.when.len()], value).is_some();
                    if known { Ok(()) } else { self.decode_mapped(map, &[], value.clone(), at).map(|_| ()) }
                }
                None => Ok(()),
            },
            Ty::List(item, range) => {
                let items = value.as_list().ok_or_else(|| wrong(value, "a list", at))?;
                self.encoded_range(range, length(items.len()), at)?;
                items.iter().enumerate().try_for_each(|(i, v)| self.check_native(item, v, &at.index(i)))
            }
            Ty::OneOrList(item) => match value.as_list() {
                Some(items) => items.iter().enumerate().try_for_each(|(i, v)| self.check_native(item, v, &at.index(i))),
                None => self.check_native(item, value, at),
            },
            Ty::Only { item, more: true, .. } => match value.as_list() {
                Some([first, ..]) => self.check_native(item, first, &at.index(0)),
                _ => Err(wrong(value, "a list with an element", at)),
            },
            Ty::Only { item, optional, .. } => match single(value.clone(), *optional, at)? {
                Some(one) => self.check_native(item, &one, &at.index(0)),
                None => Ok(()),
            },
            Ty::Map(item) => {
                let o = value.as_object().ok_or_else(|| wrong(value, "an object", at))?;
                o.members().iter().try_for_each(|(name, v)| self.check_native(item, v, &at.member(name)))
            }
            ty => {
                let checked = scalar::checked(ty, value).map_err(|e| e.native(at.path()))?;
                match (ty, &checked) {
                    (Ty::Str(range) | Ty::Spelt(range, _), Tree::Str(s)) => {
                        self.encoded_range(range, length(s.chars().count()), at)
                    }
                    (Ty::Int(range) | Ty::Float(range), n) => {
                        self.encoded_range(range, n.as_f64().unwrap_or(f64::NAN), at)
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    fn encoded_range(&self, range: &Range, value: f64, at: &At<'_>) -> Result<(), Error> {
        if self.encoding && self.kind == Kind::Request {
            self.in_range(range, value, self.extra_path(), at)
        } else {
            Ok(())
        }
    }

    /// Checks the members of an object that fields name.
    pub(crate) fn check_struct(
        &mut self,
        s: &'a Struct,
        side: &'a [SideKey],
        value: &Tree,
        at: &At<'_>,
    ) -> Result<(), Error> {
        let o = value.as_object().ok_or_else(|| wrong(value, "an object", at))?;
        for field in s.fields.iter().chain(side.iter().map(|k| &k.field)) {
            let at = at.member(&field.key);
            match std::iter::once(&field.key).chain(&field.aliases).find_map(|k| o.get(k)) {
                Some(Tree::Null) if field.nullable => {}
                Some(value) if field.map.as_ref().is_some_and(|m| !m.open) => {
                    if let Some(map) = &field.map {
                        let holds: Vec<bool> = map.when.iter().map(|w| super::values::holds(w, o)).collect();
                        self.decode_mapped(map, &holds, value.clone(), &at)?;
                    }
                }
                Some(value) => self.check_native(&field.ty, value, &at)?,
                None if field.required && (field.default.is_none() || field.constant.is_some()) => {
                    return Err(Error::new(
                        Code::MissingMember,
                        format!("the format requires `{}`; add it", field.key),
                    )
                    .native(at.path()));
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Checks one value of a union.
    pub(crate) fn check_union(&mut self, u: &'a Union, value: &Tree, at: &At<'_>) -> Result<(), Error> {
        if let Tree::Str(word) = value
            && u.words.iter().any(|(w, _)| w == word)
        {
            return Ok(());
        }
        let Some((_, case)) = self.case_for(u, value) else {
            return match u.unknown {
                Unknown::Refuse => self.decode_union(u, value.clone(), at).map(|_| ()),
                Unknown::Keep | Unknown::Skip => Ok(()),
            };
        };
        let external = u.tag == Tag::External;
        let inner_at = at.member(&case.value);
        let (inner, at) = if external { (value.get(&case.value).unwrap_or(value), &inner_at) } else { (value, at) };
        match (self.case_struct(case), &case.body) {
            (Some(s), _) => self.check_struct(s, &[], inner, at),
            (None, CaseBody::Value(ty)) => self.check_native(ty, inner, at),
            (None, CaseBody::Struct(_)) => Ok(()),
        }
    }

    /// Whether a value is of the JSON kind of a type.
    pub(crate) fn kind_fits(&self, ty: &Ty, value: &Tree) -> bool {
        match (ty, value) {
            (text, Tree::Str(_)) if text.is_text() => true,
            (Ty::Json, _)
            | (Ty::Int(_) | Ty::Float(_), Tree::Num(_))
            | (Ty::Bool, Tree::Bool(_))
            | (Ty::List(..) | Ty::Only { .. } | Ty::OneOrList(_), Tree::Arr(_))
            | (Ty::Map(_), Tree::Obj(_)) => true,
            (Ty::Named(id), value) => match (self.family.types.get(*id).map(|d| &d.kind), value) {
                (Some(TypeKind::Struct(_)), Tree::Obj(_))
                | (Some(TypeKind::Union(_)), Tree::Obj(_) | Tree::Str(_))
                | (Some(TypeKind::TextOrList(_)), Tree::Arr(_) | Tree::Str(_))
                | (Some(TypeKind::Regions(_)), Tree::Str(_)) => true,
                (Some(TypeKind::Map(_)), v) => !matches!(v, Tree::Obj(_) | Tree::Arr(_)),
                _ => false,
            },
            _ => false,
        }
    }
}

fn kind(value: &Tree, fits: bool, wanted: &str, at: &At<'_>) -> Result<(), Error> {
    if fits { Ok(()) } else { Err(wrong(value, wanted, at)) }
}
