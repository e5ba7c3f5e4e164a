//! The façade view of a flat JSON Schema: its properties, each with a flag in place of the schema's `required` list.

use outcrop_runtime::{Tree, flat_schema};

use super::node::{Node, Rest, Value};
use super::place;
use crate::ir::Step;

/// Opens a JSON Schema of an object: its `required` list becomes a flag of each property, and what the other notation
/// has no place for is approximated.
pub(crate) fn open(schema: &mut Node) {
    if schema.rest != Rest::Fates || matches!(schema.value, Value::Object(_)) && !schema.json {
        return;
    }
    schema.open();
    schema.rest = Rest::Approximated;
    let Value::Object(members) = &mut schema.value else { return };
    for (_, node) in members.iter_mut() {
        node.rest = Rest::Approximated;
    }
    let is_object = schema.member_mut("type").filter(|t| t.as_str() == Some("object"));
    let says_it = is_object.map(|ty| ty.rest = Rest::Silent).is_some();
    let without = schema.member("properties").is_none_or(|p| matches!(p.value, Value::Leaf(Tree::Null)));
    if !says_it || without {
        // It reads back with both.
        let whole = Node { rest: Rest::Approximated, ..Node::leaf(schema.at.clone(), Tree::Bool(true)) };
        schema.insert("", whole);
    }
    let list = schema.member_mut(flat_schema::REQUIRED).and_then(Node::items_mut);
    let required: Vec<String> = list.into_iter().flatten().filter_map(|n| n.as_str().map(str::to_owned)).collect();
    let Some(properties) = schema.member_mut("properties") else { return };
    properties.open();
    let Value::Object(members) = &mut properties.value else { return };
    for (name, property) in members {
        property.json = true;
        property.open();
        let Value::Object(parts) = &mut property.value else { continue };
        let path = format!("{}.{}", property.at, flat_schema::REQUIRED);
        let flag = Node::leaf(path, Tree::Bool(required.contains(name)));
        parts.insert(0, (flat_schema::REQUIRED.to_owned(), Node { rest: Rest::Silent, made: true, ..flag }));
    }
}

/// Before what is left of a schema is judged: a name in its `required` list has gone through if the property's flag has.
pub(crate) fn settle(schema: &mut Node) {
    let Some(properties) = schema.member("properties") else { return };
    let Value::Object(members) = &properties.value else { return };
    let taken = |property: &Node| match &property.value {
        Value::Object(parts) => parts.iter().any(|(_, n)| n.made && matches!(n.value, Value::Taken)),
        // With nothing left of it.
        Value::Taken => true,
        _ => false,
    };
    let known: Vec<String> = members.iter().filter(|(_, p)| taken(p)).map(|(name, _)| name.clone()).collect();
    for item in schema.member_mut(flat_schema::REQUIRED).and_then(Node::items_mut).into_iter().flatten() {
        if item.as_str().is_some_and(|name| known.iter().any(|k| k == name)) {
            item.rest = Rest::Silent;
        }
    }
}

/// The JSON Schema of a decoded view.
pub(crate) fn close(tree: Tree) -> Tree {
    match tree {
        Tree::Obj(schema) => Tree::Obj(flat_schema::close(schema)),
        other => other,
    }
}

/// Puts the properties of a schema at their façade path; the schema becomes whole.
pub(crate) fn put(out: &mut Tree, path: &[Step], front: &[Step], properties: Tree) {
    place::put(out, path, properties);
    if let Some(schema) = place::at_mut(out, front) {
        *schema = close(std::mem::take(schema));
    }
}
