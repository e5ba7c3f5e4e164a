//! Native to Converse: members of objects. Every member is taken by the field that reads it; what nobody took is kept in
//! the additional fields.

use outcrop_runtime::tree::Object;
use outcrop_runtime::{Code, Error, Kind, Tree};

use super::at::At;
use super::stream::SIGNAL;
use super::{Cx, place, schemas, values};
use crate::ir::{FacadeTy, Field, Lens, Path, SideKey, Step, Struct, Ty, TypeKind, ValueMap, Way};

impl<'a> Cx<'a> {
    /// Reads a native object into the façade value of its view.
    pub(crate) fn decode_struct(
        &mut self,
        s: &'a Struct,
        side: &'a [SideKey],
        mut object: Object,
        out: &mut Tree,
        at: &At<'_>,
    ) -> Result<(), Error> {
        let outer = self.extras.base;
        if s.view == SIGNAL && !self.extras.absolute {
            self.extras.base = at.keys().len();
        }
        let fields: Vec<&'a Field> = s.fields.iter().filter(|f| f.way != Way::Encode).collect();
        let whens: Vec<Vec<bool>> = fields
            .iter()
            .map(|f| {
                self.map_of(f).map_or_else(Vec::new, |m| m.when.iter().map(|w| values::holds(w, &object)).collect())
            })
            .collect();
        let alone: Vec<bool> =
            fields.iter().map(|f| self.kind != Kind::Stream && is_alone(f, &fields, &object)).collect();
        for i in self.reading_order(s, &fields, &object) {
            let (Some(field), Some(holds)) = (fields.get(i), whens.get(i)) else { continue };
            let key = std::iter::once(&field.key).chain(&field.aliases).find(|k| object.get(k).is_some());
            let value = key.and_then(|k| object.remove(k));
            let name = key.unwrap_or(&field.key).clone();
            let at = at.member(&name);
            if matches!(value, None | Some(Tree::Null)) && matches!(field.lens, Lens::Group) {
                self.absent_group(field, out);
            }
            if let (None | Some(Tree::Null), Some(absent), Lens::Path(path)) = (&value, &field.absent, &field.lens) {
                self.cover(Some(field.span));
                place(path, values::tree(absent), out);
            } else if let Some(value) = value {
                self.cover(Some(field.span));
                if matches!(value, Tree::Null) && field.nullable {
                    continue;
                }
                if alone.get(i) == Some(&true) {
                    // Written again, its companion would be missed, so it would not be.
                    self.check_native(&field.ty, &value, &at)?;
                    if let At::Member(up, _) = &at {
                        self.extras.put(up, &field.key, value);
                    }
                } else if self.is_second(s, field) {
                    self.decode_second(field, (&s.view, holds), value, out, &at)?;
                } else {
                    self.decode_field(field, &s.view, holds, value, out, &at)?;
                }
            } else if field.required && (field.default.is_none() || field.constant.is_some()) {
                return Err(Error::new(Code::MissingMember, format!("the format requires `{}`; add it", field.key))
                    .native(at.path()));
            }
        }
        for key in side.iter().filter(|k| k.field.way != Way::Encode) {
            let Some(value) = object.remove(&key.field.key) else { continue };
            let mut said = Tree::object(Vec::new());
            self.cover(Some(key.field.span));
            self.decode_field(&key.field, &s.view, &[], value, &mut said, &at.member(&key.field.key))?;
            fill(out, said, key.wins);
        }
        for (name, value) in object.into_members() {
            self.extras.put(at, &name, value);
        }
        self.extras.base = outer;
        // That a stream ended is known at its end.
        let goes_on = s.view == SIGNAL && matches!(at, At::Root) && self.is_whole_chunk(s);
        for (path, literal) in &s.assume {
            // What is assumed of an object makes none.
            let holder = self.family.facade.optional_steps(&s.view, path);
            let held = path.0.get(..holder).is_none_or(|steps| steps.is_empty() || place::has(out, steps));
            if held && !(goes_on && path.is_stop()) && !place::has(out, &path.0) {
                place::put(out, &path.0, values::tree(literal));
            }
        }
        if s.view == "SchemaObject" {
            *out = schemas::close(std::mem::take(out));
        }
        Ok(())
    }

    /// Whether a struct is the type of all chunks.
    fn is_whole_chunk(&self, s: &Struct) -> bool {
        let root = self.family.chat.stream.and_then(|id| self.family.types.get(id));
        matches!(root.map(|def| &def.kind), Some(TypeKind::Struct(root)) if std::ptr::eq(root, s))
    }

    /// The table of a field.
    pub(crate) fn map_of(&self, field: &'a Field) -> Option<&'a ValueMap> {
        match (&field.map, &field.ty) {
            (Some(map), _) => Some(map),
            (None, Ty::Named(id)) => match self.family.types.get(*id).map(|t| &t.kind) {
                Some(TypeKind::Map(map)) => Some(map),
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn decode_field(
        &mut self,
        field: &'a Field,
        view: &str,
        holds: &[bool],
        value: Tree,
        out: &mut Tree,
        at: &At<'_>,
    ) -> Result<(), Error> {
        match &field.lens {
            Lens::Extra => {
                if field.constant.as_ref().is_some_and(|c| values::is(&value, c)) {
                    return Ok(());
                }
                // A chunk names members that are not known yet.
                if self.kind == Kind::Stream && matches!(value, Tree::Null) {
                    return Ok(());
                }
                if !matches!(value, Tree::Null) {
                    self.check_native(&field.ty, &value, at)?;
                }
                if let At::Member(up, _) = at {
                    self.extras.put(up, &field.key, value);
                }
                Ok(())
            }
            Lens::Group => self.decode_group(field, value, out, at),
            Lens::Path(path) => {
                let value = match self.map_of(field) {
                    Some(map) => Some(self.decode_mapped(map, holds, value, at)?),
                    None if matches!(field.ty, Ty::Json) && self.is_text(view, path) => {
                        Some(Tree::Str(value.to_string()))
                    }
                    None => self.decode_value(&field.ty, field.empty.as_ref().map(values::tree), value, at)?,
                };
                // A row to null: the value is known and says nothing.
                if let Some(value) = value.filter(|v| !matches!(v, Tree::Null) || self.map_of(field).is_none()) {
                    place(path, value, out);
                }
                Ok(())
            }
            Lens::Take { path, arms, .. } => {
                let blocks = self.decode_take(&field.ty, arms, value, at)?;
                place::put(out, &path.0, Tree::list(blocks));
                Ok(())
            }
        }
    }

    /// What the members of an object that is not there read as: it was left out because they were.
    fn absent_group(&mut self, group: &'a Field, out: &mut Tree) {
        let Some(s) = self.group_struct(group) else { return };
        for field in s.fields.iter().filter(|f| f.way != Way::Encode) {
            match (&field.lens, &field.absent) {
                (Lens::Group, _) => self.absent_group(field, out),
                (Lens::Path(path), Some(absent)) => place(path, values::tree(absent), out),
                _ => {}
            }
        }
    }

    fn decode_group(&mut self, field: &'a Field, value: Tree, out: &mut Tree, at: &At<'_>) -> Result<(), Error> {
        let (ty, only) = match &field.ty {
            Ty::Only { item, optional, more } => (item.as_ref(), Some((*optional, *more))),
            ty => (ty, None),
        };
        let Some(s) = self.struct_of(ty) else { return Ok(()) };
        if let Some((optional, more)) = only {
            let absolute = self.extras.absolute;
            // Beside others, the members of the first have their full place.
            self.extras.absolute |= more;
            let done = match self.single(value, (optional, more), at)? {
                Some(Tree::Obj(object)) => self.decode_struct(s, &[], object, out, &at.index(0)),
                Some(other) => Err(wrong(&other, "an object", &at.index(0))),
                None => {
                    self.absent_group(field, out);
                    Ok(())
                }
            };
            self.extras.absolute = absolute;
            done
        } else {
            match value {
                Tree::Obj(object) => self.decode_struct(s, &[], object, out, at),
                other => Err(wrong(&other, "an object", at)),
            }
        }
    }

    /// The façade value of a native one by a table.
    pub(crate) fn decode_mapped(
        &mut self,
        map: &ValueMap,
        holds: &[bool],
        value: Tree,
        at: &At<'_>,
    ) -> Result<Tree, Error> {
        if let Some((row, facade)) = values::to_facade(map, holds, &value) {
            self.cover(map.row_spans.get(row).copied());
            return Ok(facade);
        }
        if let Some(wanted) = values::wrong_kind(map, &value) {
            return Err(wrong(&value, wanted, at));
        }
        if map.open {
            return Ok(value);
        }
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let known = super::encode::words(map.rows.iter().map(|(n, _)| n));
        Err(Error::new(Code::UnknownValue, format!("the format has no value `{text}` here; send one of {known}"))
            .native(at.path()))
    }

    /// The one element of a list; of several, the first, if the others may be kept.
    pub(crate) fn single(
        &mut self,
        value: Tree,
        (optional, more): (bool, bool),
        at: &At<'_>,
    ) -> Result<Option<Tree>, Error> {
        match value {
            Tree::Arr(a) if more && a.items().len() > 1 => {
                let mut items = a.into_items().into_iter().enumerate();
                let first = items.next().map(|(_, item)| item);
                for (index, item) in items {
                    self.extras.put_element(at, index, item);
                }
                Ok(first)
            }
            value => single(value, optional, at),
        }
    }

    /// The blocks that a taken member stands for.
    fn decode_take(&mut self, ty: &'a Ty, arms: &'a [Path], value: Tree, at: &At<'_>) -> Result<Vec<Tree>, Error> {
        let Some(arm) = arms.first() else { return Ok(Vec::new()) };
        if let Ty::Str(_) = ty {
            return match value {
                Tree::Str(text) if text.is_empty() => Ok(Vec::new()),
                Tree::Str(text) => Ok(vec![wrap(arm, Tree::Str(text))]),
                other => Err(wrong(&other, "a string", at)),
            };
        }
        let whole = self.item_type(ty).is_none_or(|t| self.views_block(&t, arms));
        let blocks = match self.decode_value(ty, None, value, at)? {
            Some(Tree::Arr(a)) => a.into_items(),
            Some(one) => vec![one],
            None => Vec::new(),
        };
        Ok(if whole { blocks } else { blocks.into_iter().map(|b| wrap_kept(arm, b)).collect() })
    }

    fn is_text(&self, view: &str, path: &Path) -> bool {
        let view = FacadeTy::Named(view.to_owned());
        matches!(place::type_at(&self.family.facade, &view, path), Some(FacadeTy::Str))
    }

    /// Reads a whole body.
    pub(crate) fn decode_root(&mut self, id: usize, native: Tree, side: &'a [SideKey]) -> Result<Tree, Error> {
        let mut out = Tree::object(Vec::new());
        let at = At::Root;
        match self.family.types.get(id).map(|t| &t.kind) {
            Some(TypeKind::Struct(s)) => match native {
                Tree::Obj(object) => self.decode_struct(s, side, object, &mut out, &at)?,
                other => return Err(wrong(&other, "an object", &at)),
            },
            Some(TypeKind::Union(u)) => {
                if let Some((_, value)) = self.decode_union(u, native, &at)? {
                    out = value;
                }
            }
            _ => {}
        }
        self.fill_holes(&mut out);
        self.settle_turns(&mut out);
        let moved = self.settle_calls(&mut out);
        if let Tree::Obj(o) = &mut out {
            let name = self.extra_path();
            let mut extras = std::mem::take(&mut self.extras).into_tree();
            if moved {
                self.displace(&mut extras);
            }
            if extras.as_object().is_some_and(|extras| !extras.is_empty()) {
                o.set(name, extras);
            }
        }
        Ok(out)
    }
}

/// Whether a constant stands without the sibling that it is written with.
fn is_alone(field: &Field, fields: &[&Field], object: &Object) -> bool {
    let Some(with) = field.with.as_ref().filter(|_| field.constant.is_some()) else { return false };
    let sibling = fields.iter().find(|f| f.key == *with);
    let keys = std::iter::once(with).chain(sibling.into_iter().flat_map(|f| &f.aliases));
    let nullable = sibling.is_some_and(|sibling| sibling.nullable);
    !keys.filter_map(|key| object.get(key)).any(|value| !nullable || !matches!(value, Tree::Null))
}

/// Puts a value at a façade path; schemas that are given by their properties become whole.
fn place(path: &Path, value: Tree, out: &mut Tree) {
    match path.0.split_last() {
        Some((Step::Member(last), front)) if last == "properties" => {
            schemas::put(out, &path.0, front, value);
        }
        _ => place::put(out, &path.0, value),
    }
}

/// Fills what is not there yet, or replaces what is.
fn fill(out: &mut Tree, said: Tree, wins: bool) {
    match (out, said) {
        (Tree::Obj(o), Tree::Obj(said)) => {
            for (name, value) in said.into_members() {
                match o.get_mut(&name) {
                    Some(old) => fill(old, value, wins),
                    None => o.set(name, value),
                }
            }
        }
        (out, said) if wins => *out = said,
        _ => {}
    }
}

/// A payload under its arm.
pub(crate) fn wrap(arm: &Path, payload: Tree) -> Tree {
    arm.0.iter().rev().fold(payload, |tree, step| match step {
        Step::Member(name) => Tree::arm(name.as_str(), tree),
        Step::Only | Step::Pick { .. } => Tree::list(vec![tree]),
    })
}

/// As [`wrap`], but what was kept whole stays an arm of its own.
fn wrap_kept(arm: &Path, payload: Tree) -> Tree {
    match &payload {
        Tree::Obj(o) if o.len() == 1 && o.get("native").is_some() => payload,
        _ => wrap(arm, payload),
    }
}

/// A native value of the wrong JSON type.
pub(crate) fn wrong(value: &Tree, wanted: &str, at: &At<'_>) -> Error {
    Error::new(Code::WrongType, format!("the format has {wanted} here, not {}; send {wanted}", value.kind()))
        .native(at.path())
}

/// The one element of a list.
pub(crate) fn single(value: Tree, optional: bool, at: &At<'_>) -> Result<Option<Tree>, Error> {
    let Tree::Arr(a) = value else { return Err(wrong(&value, "a list", at)) };
    let mut items = a.into_items();
    match items.len() {
        0 if optional => Ok(None),
        1 => Ok(items.pop()),
        n => Err(Error::new(
            Code::NotSingle,
            format!("there are {n} elements where exactly one can be translated; send one"),
        )
        .native(at.path())),
    }
}
