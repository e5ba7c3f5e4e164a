//! Converse to native: fields that take the blocks of some arms out of a list.

use outcrop_runtime::{Code, Error, Fate, Tree};

use super::Cx;
use super::at::At;
use super::encode_value::length;
use super::node::{Node, Value};
use super::patch::Patch;
use crate::ir::{Field, Path, Ty, TypeKind};

impl<'a> Cx<'a> {
    pub(crate) fn encode_take(
        &mut self,
        field: &'a Field,
        (path, arms, join): (&Path, &'a [Path], &str),
        node: &mut Node,
        part: &mut Patch,
        at: &At<'_>,
        orders: &mut Vec<(Path, Vec<usize>)>,
    ) -> Result<Option<Tree>, Error> {
        let mut taken = Vec::new();
        let mut place = node.at.clone();
        let mut there = false;
        if let Some(list) = node.find(&path.0)? {
            there = true;
            place.clone_from(&list.at);
            if let Some(items) = list.items_mut() {
                let (mine, others) = std::mem::take(items).into_iter().partition(|n| self.takes(&field.ty, arms, n));
                *items = others;
                taken = mine;
            }
        }
        let order = taken.iter().map(|n| n.order);
        match orders.iter_mut().find(|(p, _)| p == path) {
            Some((_, all)) => all.extend(order),
            None => orders.push((path.clone(), order.collect())),
        }
        if self.is_single(&field.ty) {
            return self.encode_single(field, arms, (taken, &place), part, at);
        }
        if taken.is_empty() && (!there || !field.required || field.default.is_some()) {
            return Ok(None);
        }
        let mut list = Node::list(place, taken);
        let value = match &field.ty {
            Ty::Str(range) => {
                let mut text = String::new();
                let items = list.items_mut().map(std::mem::take).unwrap_or_default();
                if items.len() > 1 {
                    self.lose(Fate::Approximated, &list.at, "several texts become one");
                }
                for (i, mut item) in items.into_iter().enumerate() {
                    if i > 0 {
                        text.push_str(join);
                    }
                    let arm = arms.iter().find(|a| item.has_arm(a));
                    if let Some(leaf) = arm.map(|a| item.find(&a.0)).transpose()?.flatten() {
                        text.push_str(leaf.as_str().unwrap_or_default());
                        leaf.value = Value::Taken;
                    }
                    self.left.push(item);
                }
                self.in_range(range, length(text.chars().count()), &list.at, at)?;
                (!text.is_empty() || field.required).then_some(Tree::Str(text))
            }
            ty => {
                // A type over the payload of the one arm rather than over the whole block.
                let item = self.item_type(ty);
                if let (Some(arm), true) = (arms.first(), item.is_some_and(|t| !self.views_block(&t, arms))) {
                    let mut payloads = Vec::new();
                    for mut block in list.items_mut().map(std::mem::take).unwrap_or_default() {
                        if let Some(payload) = block.find(&arm.0)? {
                            let order = payload.order;
                            let blank = Node { order, value: Value::Taken, ..Node::leaf(String::new(), Tree::Null) };
                            payloads.push(std::mem::replace(payload, blank));
                        }
                        self.left.push(block);
                    }
                    list = Node::list(list.at, payloads);
                }
                let value = self.encode_value(ty, &mut list, part, at)?;
                value.filter(|v| field.required || !matches!(v, Tree::Str(text) if text.is_empty()))
            }
        };
        self.left.push(list);
        Ok(value)
    }

    /// Whether a type that takes blocks has room for one alone.
    fn is_single(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Str(_) | Ty::List(..) | Ty::OneOrList(_) | Ty::Only { .. } => false,
            Ty::Named(id) => {
                let kind = self.family.types.get(*id).map(|t| &t.kind);
                !matches!(kind, Some(TypeKind::TextOrList(_) | TypeKind::Regions(_)))
            }
            _ => true,
        }
    }

    /// The one block of an arm; several are an error.
    fn encode_single(
        &mut self,
        field: &'a Field,
        arms: &'a [Path],
        (blocks, place): (Vec<Node>, &str),
        part: &mut Patch,
        at: &At<'_>,
    ) -> Result<Option<Tree>, Error> {
        let mut blocks = blocks.into_iter();
        let Some(mut block) = blocks.next() else { return Ok(None) };
        if blocks.next().is_some() {
            let message = "the format has room for one element and there are several; send one";
            return Err(Error::new(Code::NotSingle, message).at(place).native(at.path()));
        }
        let mut value = None;
        if let Some(arm) = arms.first()
            && let Some(payload) = block.find(&arm.0)?
        {
            value = self.encode_value(&field.ty, payload, part, at)?;
        }
        self.left.push(block);
        Ok(value)
    }
}
