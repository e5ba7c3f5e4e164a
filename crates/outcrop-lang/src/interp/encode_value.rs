//! Converse to native: values by type.

use outcrop_runtime::{Code, Error, Kind, Tree};

use super::at::At;
use super::node::{Node, Value};
use super::patch::Patch;
use super::{Cx, scalar};
use crate::ir::{Range, TextOrList, Ty, TypeKind};

impl<'a> Cx<'a> {
    /// The native value of a façade value; none if nothing is written for it.
    pub(crate) fn encode_value(
        &mut self,
        ty: &'a Ty,
        node: &mut Node,
        patch: &mut Patch,
        at: &At<'_>,
    ) -> Result<Option<Tree>, Error> {
        match ty {
            Ty::Named(id) => return self.encode_named(*id, node, patch, at),
            Ty::List(item, range) => {
                let items = self.encode_items(item, node, patch, at)?;
                if items.is_empty() && range.min.is_some_and(|m| m >= 1.0) {
                    return Ok(None);
                }
                self.in_range(range, length(items.len()), &node.at, at)?;
                return Ok(Some(Tree::list(items)));
            }
            Ty::OneOrList(item) => return self.encode_items(item, node, patch, at).map(|i| Some(Tree::list(i))),
            Ty::Only { item, optional, more } => {
                let mut part = patch.element(0);
                let value = self.encode_value(item, node, &mut part, &at.index(0))?;
                self.no_rest(&mut part, &at.index(0))?;
                let further = if *more && value.is_some() { patch.further() } else { Vec::new() };
                return Ok(match value {
                    Some(value) => Some(Tree::list(std::iter::once(value).chain(further).collect())),
                    None => optional.then(|| Tree::list(Vec::new())),
                });
            }
            Ty::Map(item) => {
                // In any JSON, a member that is null is there.
                let nulls = node.json && matches!(**item, Ty::Json);
                node.open();
                let Value::Object(members) = &mut node.value else { return Err(wrong(&node.at, "an object", at)) };
                let is_there = |n: &Node| n.is_present() || nulls && matches!(n.value, Value::Leaf(Tree::Null));
                let mut out = Vec::new();
                for (name, n) in members.iter_mut().filter(|(_, n)| is_there(n)) {
                    let mut part = patch.member(name);
                    if let Some(value) = self.encode_value(item, n, &mut part, &at.member(name))? {
                        out.push((name.clone(), value));
                    }
                }
                out.extend(self.rest_of(patch, at)?);
                return Ok(Some(Tree::object(out)));
            }
            Ty::Prompt => return self.encode_prompt(node, at),
            Ty::DataUrl(media) => return self.encode_data_url(media, node, at),
            Ty::Media(media) => return self.encode_media(media, node, at),
            Ty::Json if node.text => {
                let text = node.as_str().unwrap_or_default();
                let tree = Tree::parse_text(text).map_err(|e| {
                    let message = format!("Converse has JSON in this text, and {}", e.message);
                    let code = if e.code == Code::MalformedJson { Code::WrongType } else { e.code };
                    Error::new(code, message).at(node.at.clone()).native(at.path())
                })?;
                node.value = Value::Taken;
                return Ok(Some(tree));
            }
            Ty::Json => return Ok(Some(node.take())),
            _ => {}
        }
        let Value::Leaf(tree) = &node.value else { return Err(wrong(&node.at, scalar::name(ty), at)) };
        let native = scalar::to_native(ty, tree).map_err(|e| e.at(node.at.clone()).native(at.path()))?;
        match (ty, &native) {
            (Ty::Str(range) | Ty::Spelt(range, _), Tree::Str(s)) => {
                self.in_range(range, length(s.chars().count()), &node.at, at)?;
            }
            (Ty::Int(range) | Ty::Float(range), n) => {
                self.in_range(range, n.as_f64().unwrap_or(f64::NAN), &node.at, at)?;
            }
            _ => {}
        }
        node.value = Value::Taken;
        Ok(Some(native))
    }

    fn encode_named(
        &mut self,
        id: usize,
        node: &mut Node,
        patch: &mut Patch,
        at: &At<'_>,
    ) -> Result<Option<Tree>, Error> {
        let Some(def) = self.family.types.get(id) else { return Ok(None) };
        match &def.kind {
            TypeKind::Struct(s) => {
                // JSON that is no object has no member that a field could take. It is one value, so that an empty list, an empty
                // text or a null, which reads back as an object, is not lost without a word.
                let is_other = match &node.value {
                    Value::Leaf(Tree::Arr(_)) => true,
                    Value::Leaf(Tree::Obj(_)) => false,
                    Value::Leaf(_) => node.json,
                    _ => false,
                };
                if is_other {
                    node.value = Value::Leaf(Tree::Bool(true));
                } else if !matches!(node.value, Value::Object(_) | Value::List(_)) {
                    node.open();
                }
                let members = self.encode_object(s, &[], node, patch, at)?;
                node.settle();
                Ok(Some(Tree::object(members)))
            }
            TypeKind::Union(u) => self.encode_union(u, node, patch, at),
            TypeKind::TextOrList(t) => self.encode_text_or_list(t, node, patch, at).map(Some),
            TypeKind::Regions(regions) if self.kind == Kind::Stream => self.encode_fragment(id, regions, node, at),
            TypeKind::Regions(regions) => self.encode_regions(regions, node, at),
            TypeKind::Map(map) => match super::values::to_native(map, &node.tree()) {
                Some((row, value)) => {
                    self.cover(map.row_spans.get(row).copied());
                    node.take();
                    Ok(Some(value))
                }
                None if map.open => Ok(Some(node.take())),
                None => Err(Error::new(
                    Code::UnknownValue,
                    format!(
                        "the format has no word for this; send one of {}",
                        super::encode::words(map.rows.iter().map(|(_, f)| f))
                    ),
                )
                .at(node.at.clone())
                .native(at.path())),
            },
        }
    }

    /// The elements of a list.
    fn encode_items(
        &mut self,
        item: &'a Ty,
        node: &mut Node,
        patch: &mut Patch,
        at: &At<'_>,
    ) -> Result<Vec<Tree>, Error> {
        let place = node.at.clone();
        let Some(nodes) = node.items_mut() else {
            return Err(wrong(&place, "a list", at));
        };
        let out = if let Some(u) = self.union_of(item) {
            self.encode_arms(u, nodes, patch, at)?
        } else {
            let mut out = Vec::new();
            for n in nodes.iter_mut() {
                let place = at.index(out.len());
                let mut part = patch.element(out.len());
                if let Some(value) = self.encode_value(item, n, &mut part, &place)? {
                    self.no_rest(&mut part, &place)?;
                    out.push(value);
                }
            }
            out
        };
        if patch.has_parts() {
            self.no_rest(patch, at)?;
        }
        if nodes.is_empty() {
            node.value = Value::Taken;
        }
        Ok(out)
    }

    fn encode_text_or_list(
        &mut self,
        t: &'a TextOrList,
        node: &mut Node,
        patch: &mut Patch,
        at: &At<'_>,
    ) -> Result<Tree, Error> {
        let reaches_in = patch.has_parts();
        let place = node.at.clone();
        let Some(nodes) = node.items_mut() else { return Err(wrong(&place, "a list", at)) };
        let Some(TypeKind::Union(u)) = self.family.types.get(t.item).map(|d| &d.kind) else { return Ok(Tree::Null) };
        let out = self.encode_arms(u, nodes, patch, at)?;
        if t.text_if_single && !reaches_in {
            match out.as_slice() {
                [] => return Ok(Tree::str("")),
                [one] => {
                    if let Some(text) = self.bare_text(t, one) {
                        return Ok(Tree::Str(text));
                    }
                }
                _ => {}
            }
        }
        if patch.has_parts() {
            self.no_rest(patch, at)?;
        }
        Ok(Tree::list(out))
    }

    /// Enforces a range when a request is encoded.
    pub(crate) fn in_range(&self, range: &Range, value: f64, path: &str, at: &At<'_>) -> Result<(), Error> {
        if self.kind != Kind::Request
            || (range.min.is_none_or(|m| value >= m) && range.max.is_none_or(|m| value <= m) && !value.is_nan())
        {
            return Ok(());
        }
        let bound = |b: Option<f64>| b.map(|b| b.to_string()).unwrap_or_default();
        Err(Error::new(
            Code::OutOfRange,
            format!(
                "{value} is outside the range {}..{} of the format; send a value inside it",
                bound(range.min),
                bound(range.max)
            ),
        )
        .at(path)
        .native(at.path()))
    }
}

fn wrong(path: &str, wanted: &str, at: &At<'_>) -> Error {
    Error::new(Code::WrongType, format!("the format has {wanted} here; send {wanted}")).at(path).native(at.path())
}

/// A length as the number that ranges are made of; lengths of texts in memory are exact.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn length(n: usize) -> f64 {
    n as f64
}
