//! Converse to native: fields of objects.

use outcrop_runtime::{Code, Error, Fate, Kind, Tree};

use super::at::At;
use super::node::{Node, Rest, Value};
use super::patch::Patch;
use super::{Cx, place, values};
use crate::ir::{Default_, Field, Lens, Path, SideKey, Step, Struct, Ty, TypeKind, Unknown, Way};

/// A native object as far as it could be built.
pub(crate) struct Built {
    /// Its members.
    pub members: Vec<(String, Tree)>,
    /// Whether the façade or the additional fields gave any of them.
    pub given: bool,
    /// What is wrong if it has to be written.
    pub missing: Option<Error>,
}

impl Built {
    fn done(self) -> Result<Vec<(String, Tree)>, Error> {
        match self.missing {
            Some(e) => Err(e),
            None => Ok(self.members),
        }
    }
}

impl<'a> Cx<'a> {
    /// The native object of a façade value; an error if a required member cannot be written.
    pub(crate) fn encode_object(
        &mut self,
        s: &'a Struct,
        side: &'a [SideKey],
        node: &mut Node,
        patch: &mut Patch,
        at: &At<'_>,
    ) -> Result<Vec<(String, Tree)>, Error> {
        self.encode_struct(s, side, node, patch, at)?.done()
    }

    /// The members of a native object. `side` are further fields over the same view.
    pub(crate) fn encode_struct(
        &mut self,
        s: &'a Struct,
        side: &'a [SideKey],
        node: &mut Node,
        patch: &mut Patch,
        at: &At<'_>,
    ) -> Result<Built, Error> {
        let side = side.iter().map(|k| &k.field).filter(|f| !s.fields.iter().any(|own| own.key == f.key));
        let fields: Vec<&'a Field> = s.fields.iter().chain(side).filter(|f| f.way != Way::Decode).collect();
        let mut written: Vec<Option<Tree>> = vec![None; fields.len()];
        let mut from_extras = vec![false; fields.len()];
        let mut given = false;
        let mut missing = None;
        let mut orders: Vec<(Path, Vec<usize>)> = Vec::new();
        let mut mapped: Vec<(&'a Field, String, Tree)> = Vec::new();
        let mut order: Vec<usize> = (0..fields.len()).collect();
        order.sort_by_key(|i| fields.get(*i).map(|field| self.turn_of(field, &fields)));
        for i in order {
            let (Some(field), Some(slot)) = (fields.get(i), written.get_mut(i)) else { continue };
            let at = at.member(&field.key);
            let mut part = self.part_for(s, field, patch);
            let extra = !part.is_empty();
            if let Some(given) = from_extras.get_mut(i) {
                *given = extra;
            }
            if let (Some(map), Lens::Path(path)) = (self.map_of(field), &field.lens)
                && !map.when.is_empty()
            {
                mapped.extend(node.find(&path.0)?.map(|n| (*field, n.at.clone(), n.tree())));
            }
            let mut again = self.said_before(s, field, node)?;
            let unsaid = left_out(field, again.as_mut().unwrap_or(node))?;
            let value = self.encode_field(field, again.as_mut().unwrap_or(node), &mut part, &at, &mut orders)?;
            if value.is_some() {
                self.cover(Some(field.span));
            }
            given |= value.is_some() && !matches!(field.lens, Lens::Group) || extra;
            given |= value.is_some()
                && matches!(field.lens, Lens::Group)
                && !(field.required || self.family.is_constant(field));
            let value = match value {
                Some(value) => Some(value),
                None if unsaid => None,
                None => {
                    let default = self.default(field, node);
                    // Leaving it out would say something else.
                    given |= default.is_some() && field.absent.is_some();
                    default
                }
            };
            *slot = value.or_else(|| (field.required && field.nullable).then_some(Tree::Null));
            if !self.images.is_empty() {
                let images = std::mem::take(&mut self.images);
                node.insert("images", Node::list(node.at.clone(), images));
            }
            if slot.is_none() && field.required && missing.is_none() {
                missing = Some(self.missing(field, node, &at));
            }
        }
        for (path, order) in &orders {
            if !order.is_sorted() {
                let place = node.find(&path.0)?.map(|n| n.at.clone()).unwrap_or_default();
                self.lose(
                    Fate::Approximated,
                    &place,
                    "the format groups blocks by kind; they read back in another order",
                );
            }
        }
        self.assumed(s, node)?;
        let keys: Vec<&str> =
            fields.iter().zip(&written).filter(|(_, w)| w.is_some()).map(|(f, _)| f.key.as_str()).collect();
        let mut members: Vec<(String, Tree)> = Vec::new();
        for ((field, value), given) in fields.iter().zip(written.iter_mut()).zip(from_extras) {
            if given || field.with.as_ref().is_none_or(|with| keys.contains(&with.as_str())) {
                members.extend(value.take().map(|v| (field.key.clone(), v)));
            }
        }
        let rest = self.rest_of(patch, at)?;
        given |= !rest.is_empty();
        members.extend(rest);
        self.reads_back(&mapped, &members);
        Ok(Built { members, given, missing })
    }

    /// Values that mean something else beside the members that were written.
    fn reads_back(&mut self, mapped: &[(&'a Field, String, Tree)], members: &[(String, Tree)]) {
        if mapped.is_empty() {
            return;
        }
        let object = members.to_vec().into();
        for (field, place, value) in mapped {
            let Some(map) = self.map_of(field) else { continue };
            let holds: Vec<bool> = map.when.iter().map(|w| values::holds(w, &object)).collect();
            let read = object.get(&field.key).and_then(|native| values::to_facade(map, &holds, native));
            if read.is_some_and(|(_, read)| read != *value) {
                self.lose(Fate::Approximated, place, "beside the other members it reads back as another value");
            }
        }
    }

    pub(crate) fn encode_field(
        &mut self,
        field: &'a Field,
        node: &mut Node,
        part: &mut Patch,
        at: &At<'_>,
        orders: &mut Vec<(Path, Vec<usize>)>,
    ) -> Result<Option<Tree>, Error> {
        let value = match &field.lens {
            Lens::Extra => {
                let value = part.take();
                if let Some(value) = value.as_ref().filter(|v| !matches!(v, Tree::Null)) {
                    self.check_native(&field.ty, value, at).map_err(|e| match e.path.as_str() {
                        "" => e.at(self.extra_path()),
                        _ => e,
                    })?;
                }
                return Ok(value);
            }
            Lens::Group => return self.encode_group(field, node, part, at),
            Lens::Path(path) if path.0.is_empty() && self.struct_of(&field.ty).is_some() => {
                return self.encode_group(field, node, part, at);
            }
            // One of several shapes that only part of the view decides: the rest is for other members.
            Lens::Path(path) if path.0.is_empty() && !field.required && self.says_nothing(&field.ty, node) => None,
            Lens::Path(path) => match node.find(&path.0)? {
                Some(n) if field.absent.as_ref().is_some_and(|a| values::is(&n.tree(), a)) => {
                    n.value = Value::Taken;
                    None
                }
                Some(n) if matches!(field.ty, Ty::Json) || n.is_present() => self.encode_mapped(field, n, part, at)?,
                // Where the format has a member of a type, null is as good as absent.
                Some(n) => {
                    n.value = Value::Taken;
                    None
                }
                None => None,
            },
            Lens::Take { path, arms, join } => self.encode_take(field, (path, arms, join), node, part, at, orders)?,
        };
        let mut value = value;
        if matches!(value, Some(Tree::Null)) && (field.nullable || field.absent.is_some()) {
            let place = place_of(node, &field.lens);
            self.lose(Fate::Approximated, &place, "null is the same as absent here");
            value = None;
        }
        if part.dangles() {
            let must = field.required && !field.nullable && field.constant.is_none() && field.default.is_none();
            if must && value.is_none() {
                // That the list is missing says more than that a pointer leads into it.
                return Ok(None);
            }
            self.no_rest(part, at)?;
        }
        match (value, part.take()) {
            (value, None) => Ok(value),
            (None, extra) => Ok(extra),
            (Some(value), Some(extra)) if value == extra => Ok(Some(value)),
            (Some(_), Some(_)) => Err(Error::new(
                Code::ConflictingField,
                "an additional field contradicts the value that Converse has for this member; leave one of them out",
            )
            .at(self.extra_path())
            .native(at.path())),
        }
    }

    /// When a field is written. Prompts first: what they leave as holes is a view for the other fields. Last a union with words
    /// for arms, where a sibling says another arm of the same place.
    fn turn_of(&self, field: &Field, siblings: &[&Field]) -> u8 {
        let (Lens::Path(path), Ty::Named(id)) = (&field.lens, &field.ty) else {
            return u8::from(!matches!(field.ty, Ty::Prompt));
        };
        let words =
            matches!(self.family.types.get(*id).map(|t| &t.kind), Some(TypeKind::Union(u)) if !u.words.is_empty());
        let below =
            |f: &&Field| matches!(&f.lens, Lens::Path(p) if p.0.len() > path.0.len() && p.0.starts_with(&path.0));
        if words && siblings.iter().any(below) { 2 } else { 1 }
    }

    /// Whether the type is a union of which no case stands for the value.
    fn says_nothing(&self, ty: &'a Ty, node: &Node) -> bool {
        let Ty::Named(id) = ty else { return false };
        let Some(TypeKind::Union(u)) = self.family.types.get(*id).map(|t| &t.kind) else { return false };
        let kept = u.unknown == Unknown::Keep && node.member("native").is_some_and(Node::is_present);
        let said = kept
            || u.words.iter().any(|(_, arm)| node.has(&arm.0))
            || u.cases.iter().any(|c| c.way != Way::Decode && self.matches(c, node));
        u.view != "Turn" && !said
    }

    /// A value at a path, through the value map if the field has one.
    fn encode_mapped(
        &mut self,
        field: &'a Field,
        node: &mut Node,
        part: &mut Patch,
        at: &At<'_>,
    ) -> Result<Option<Tree>, Error> {
        let Some(map) = self.map_of(field) else { return self.encode_value(&field.ty, node, part, at) };
        if let Some((row, value)) = values::to_native(map, &node.tree()) {
            node.take();
            self.cover(map.row_spans.get(row).copied());
            return Ok(Some(value));
        }
        if map.open {
            return match &field.ty {
                Ty::Named(_) => Ok(Some(node.take())),
                ty => self.encode_value(ty, node, part, at),
            };
        }
        let tree = node.tree();
        let text = tree.as_str().map_or_else(|| tree.to_string(), str::to_owned);
        let known = words(map.rows.iter().map(|(_, f)| f));
        Err(Error::new(Code::UnknownValue, format!("the format has no word for `{text}`; send one of {known}"))
            .at(node.at.clone())
            .native(at.path()))
    }

    fn encode_group(
        &mut self,
        field: &'a Field,
        node: &mut Node,
        part: &mut Patch,
        at: &At<'_>,
    ) -> Result<Option<Tree>, Error> {
        let (ty, only, optional, more) = match &field.ty {
            Ty::Only { item, optional, more } => (item.as_ref(), true, *optional, *more),
            ty => (ty, false, false, false),
        };
        let Some(s) = self.struct_of(ty) else { return Ok(None) };
        if let Some(own) = part.own().filter(|own| !only && !matches!(own, Tree::Obj(_) | Tree::Null)) {
            return Err(super::decode::wrong(own, "an object", at).at(self.extra_path()));
        }
        // An empty object says something, too.
        let empty = !only && matches!(part.own(), Some(Tree::Obj(own)) if own.is_empty());
        let built = if only {
            let mut first = part.element(0);
            self.encode_struct(s, &[], node, &mut first, &at.index(0))?
        } else {
            self.encode_struct(s, &[], node, part, at)?
        };
        let given = built.given || empty || field.required && !optional || self.family.is_constant(field);
        let object = if given { Some(Tree::object(built.done()?)) } else { None };
        if !only {
            return Ok(object);
        }
        let further = if more && (given || !optional) { part.further() } else { Vec::new() };
        // Further elements need a first one, be it one that says nothing.
        let object = object.or_else(|| further.first().map(|_| Tree::object(Vec::new())));
        let is_written = object.is_some() || field.required || optional;
        let list = is_written.then(|| Tree::list(object.into_iter().chain(further).collect()));
        // In a stream, additional fields go by shorter names.
        if self.kind != Kind::Stream
            && let Some(own) = part.take()
            && list.as_ref() != Some(&own)
        {
            return Err(super::encode_union::misplaced(at).at(self.extra_path()));
        }
        Ok(list)
    }

    /// What a field that got nothing writes.
    fn default(&mut self, field: &Field, node: &Node) -> Option<Tree> {
        if let Some(constant) = &field.constant {
            return Some(values::tree(constant));
        }
        match field.default.as_ref()? {
            Default_::Literal(literal) => {
                let reads_back = field.reads_back(literal) && self.kind != Kind::Stream;
                if reads_back {
                    let place = place_of(node, &field.lens);
                    self.lose(Fate::Synthesised, &place, "the default of the format");
                }
                Some(values::tree(literal))
            }
            Default_::ModelId => Some(Tree::str(self.call.model)),
            Default_::Limit(name) => {
                let limit = self.model.and_then(|m| m.limits.get(name))?;
                let place = place_of(node, &field.lens);
                self.lose(Fate::Synthesised, &place, "the limit of the model");
                Some(Tree::Num(limit.to_string()))
            }
        }
    }

    fn missing(&self, field: &Field, node: &Node, at: &At<'_>) -> Error {
        let path = match &field.lens {
            Lens::Path(_) | Lens::Take { .. } => place_of(node, &field.lens),
            Lens::Extra | Lens::Group => self.extra_path().to_owned(),
        };
        let remedy = format!("give it in `{path}`");
        Error::new(Code::MissingMember, format!("the format requires `{}`; {remedy}", field.key))
            .at(path)
            .native(at.path())
    }

    /// Façade values that the wire never says: equal ones are no loss, others are dropped.
    fn assumed(&mut self, s: &Struct, node: &mut Node) -> Result<(), Error> {
        for (path, literal) in &s.assume {
            if let Some(n) = node.find(&path.0)? {
                let same = values::is(&n.tree(), literal);
                if !same {
                    let why = format!("the format always means {}", values::tree(literal));
                    let place = n.at.clone();
                    self.lose(Fate::Dropped, &place, &why);
                }
                n.value = Value::Taken;
            }
        }
        Ok(())
    }

    /// The path of the additional fields in this kind of body.
    pub(crate) fn extra_path(&self) -> &'static str {
        match self.kind {
            Kind::Request => "additionalModelRequestFields",
            Kind::Response | Kind::Stream => "additionalModelResponseFields",
        }
    }
}

/// Whether the façade has just what an absent member reads as: leaving the member out says it, and no default may.
fn left_out(field: &Field, node: &mut Node) -> Result<bool, Error> {
    let (Some(absent), Lens::Path(path), false) = (&field.absent, &field.lens, field.required) else {
        return Ok(false);
    };
    Ok(node.find(&path.0)?.is_some_and(|n| values::is(&n.tree(), absent)))
}

/// The façade path of a field.
fn place_of(node: &Node, lens: &Lens) -> String {
    let mut path = node.at.clone();
    let steps: &[Step] = match lens {
        Lens::Path(p) | Lens::Take { path: p, .. } => &p.0,
        Lens::Extra | Lens::Group => &[],
    };
    for step in steps {
        match step {
            Step::Member(name) => super::at::member(&mut path, name),
            Step::Only => path.push_str("[0]"),
            Step::Pick { member, value } => path.extend(["[", member, "=", value, "]"]),
        }
    }
    path
}

/// A list of values for messages.
pub(crate) fn words<'l>(literals: impl Iterator<Item = &'l crate::ir::Literal>) -> String {
    literals.map(|l| format!("`{}`", values::tree(l).to_string().trim_matches('"'))).collect::<Vec<_>>().join(", ")
}

impl Node {
    /// Whether a block has an arm.
    pub(crate) fn has_arm(&self, arm: &Path) -> bool {
        self.has(&arm.0)
    }

    /// Marks a value without content as consumed.
    pub(crate) fn settle(&mut self) {
        if place::is_empty_value(self) || self.is_spent() || self.rest == Rest::Silent {
            self.value = Value::Taken;
        }
    }
}
