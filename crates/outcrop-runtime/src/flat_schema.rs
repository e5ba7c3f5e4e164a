//! JSON Schemas of flat objects, as formats see them that have a table of parameters instead: each property says itself whether it is required.

use crate::Tree;
use crate::tree::Object;

/// The flag of a property that stands for its place in the list of the same name.
pub const REQUIRED: &str = "required";

/// Whether a member of a schema is the word that flat schemas always say.
#[must_use]
pub fn is_object(value: &str) -> bool {
    value == "\"object\""
}

/// Names in the list of required properties.
#[must_use]
pub fn required(schema: &Object) -> Vec<&str> {
    let list = schema.get(REQUIRED).and_then(Tree::as_list).unwrap_or_default();
    list.iter().filter_map(Tree::as_str).collect()
}

/// Gives each property a first member: whether the schema requires it.
pub fn open(schema: &mut Object) {
    let names: Vec<String> = required(schema).into_iter().map(str::to_owned).collect();
    let Some(Tree::Obj(properties)) = schema.get_mut("properties") else { return };
    for (name, property) in properties.members_mut() {
        if let Tree::Obj(property) = property {
            property.members_mut().insert(0, (REQUIRED.to_owned(), Tree::Bool(names.contains(name))));
        }
    }
}

/// The reverse of [`open`]: an object's schema whose properties say themselves whether they are required.
#[must_use]
pub fn close(schema: Object) -> Object {
    let mut whole = Object::default();
    if schema.get("type").is_none() {
        whole.set("type", Tree::str("object"));
    }
    for (name, mut value) in schema.into_members() {
        let list = if name == "properties" { take_flags(&mut value) } else { Vec::new() };
        whole.set(name, value);
        if !list.is_empty() {
            whole.set(REQUIRED, Tree::list(list));
        }
    }
    whole
}

fn take_flags(properties: &mut Tree) -> Vec<Tree> {
    let mut list = Vec::new();
    let Tree::Obj(properties) = properties else { return list };
    for (name, property) in properties.members_mut() {
        let Tree::Obj(property) = property else { continue };
        // A list of that name is the property's own: it is an object with required properties itself.
        if let Some(Tree::Bool(flag)) = property.get(REQUIRED) {
            if *flag {
                list.push(Tree::str(name.as_str()));
            }
            property.remove(REQUIRED);
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::{close, open};
    use crate::Tree;

    fn object(text: &str) -> crate::tree::Object {
        match Tree::parse_text(text) {
            Ok(Tree::Obj(object)) => object,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_list_of_required_properties_becomes_flags_and_a_list_again() {
        let text = r#"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"object","required":["c"]},"d":true},"required":["b"]}"#;
        let mut schema = object(text);
        open(&mut schema);
        let opened = r#"{"a":{"required":false,"type":"string"},"b":{"required":true,"type":"object","required":["c"]},"d":true}"#;
        assert_eq!(schema.get("properties").map(Tree::to_string).as_deref(), Some(opened));
        schema.remove("required");
        assert_eq!(Tree::Obj(close(schema)).to_string(), text);
    }
}
