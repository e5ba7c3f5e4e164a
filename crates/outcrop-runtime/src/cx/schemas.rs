//! Flat JSON Schemas as the tables of parameters that some formats have in their place. Such formats are rare, so this works on trees.

use super::{At, Encode, lose, read_back};
use crate::flat_schema::{self, REQUIRED, is_object};
use crate::json::{Arena, Cursor, Json, Map, Value, View};
use crate::{Error, Fate, Tree};

const NO_PLACE: &str = "the format has no place for it";

/// A schema member by member; each property has its flag. None if it is no object.
pub fn open_schema<'v>(json: &Json<'_>, arena: &'v Arena, at: &At<'_>) -> Result<Option<View<'v>>, Error> {
    let mut tree = Tree::parse_text(json.as_str()).map_err(|e| e.at(at.to_string()))?;
    let Tree::Obj(schema) = &mut tree else { return Ok(None) };
    flat_schema::open(schema);
    read_back(arena.str(&tree.to_string()), arena, at).map(Some)
}

/// As [`open_schema`]; what is no object is one member without a name.
pub fn view<'v>(json: &'v Json<'_>, arena: &'v Arena, at: &At<'_>) -> Result<View<'v>, Error> {
    match open_schema(json, arena, at)? {
        Some(view) => Ok(view),
        None => read_back(json.as_str(), arena, at),
    }
}

/// The schema that a view of it means.
#[must_use]
pub fn close_schema<'a>(c: &Cursor<'a>, view: &View<'a>) -> Json<'a> {
    let text = String::from_utf8(view.to_json()).unwrap_or_default();
    let text = match Tree::parse_text(&text) {
        Ok(Tree::Obj(schema)) => Tree::Obj(flat_schema::close(schema)).to_string(),
        _ => text,
    };
    Json::checked(c.arena().str(&text))
}

/// As [`close_schema`], of a view that members of a native value gave: without properties it is no schema of an object.
#[must_use]
pub fn close_view<'a>(c: &Cursor<'a>, view: &View<'a>) -> Json<'a> {
    if view.extra.get("properties").is_some() { close_schema(c, view) } else { super::as_json(c, view) }
}

/// Writes a property as it stands, without its flag.
pub fn write_view(o: &mut Vec<u8>, view: &View<'_>) {
    let mut plain = view.clone();
    if plain.extra.0.first().is_some_and(is_flag) {
        plain.extra.0.to_mut().remove(0);
    }
    plain.write(o);
}

/// Whether a value is this JSON.
#[must_use]
pub fn is_json(value: &Json<'_>, text: &str) -> bool {
    crate::json::same(value.as_str(), text)
}

/// Whether a member is there at all: null is as good as absent.
#[must_use]
pub fn is_null(json: &Json<'_>) -> bool {
    json.as_str() == "null"
}

fn is_flag((name, value): &(crate::json::Str<'_>, Json<'_>)) -> bool {
    *name == *REQUIRED && matches!(value.as_str(), "true" | "false")
}

impl Encode<'_> {
    fn no_place(&mut self, at: &At<'_>) {
        lose(&mut self.report, Fate::Approximated, at.to_string(), NO_PLACE);
    }

    /// What is left of a schema whose `mapped` members fields look at; `flags`: the format says of each property whether it is required.
    pub fn left_of_schema(&mut self, at: &At<'_>, view: &View<'_>, mapped: &[&str], flags: bool) -> Result<(), Error> {
        let extra = &view.extra;
        if let [(name, _)] = &*extra.0
            && name.is_empty()
        {
            return self.unmapped_leaf(at);
        }
        if !mapped.contains(&"properties") {
            return self.unknown_but(at, extra, mapped);
        }
        let says_it = extra.get("type").is_some_and(|t| is_object(t.as_str()));
        if !says_it || extra.get("properties").is_none_or(is_null) {
            // It reads back with both.
            self.no_place(at);
        }
        for (name, value) in extra {
            let name = name.text();
            let settled = mapped.contains(&&*name) || &*name == "type" && says_it;
            if &*name == REQUIRED && !settled {
                let properties = extra.get("properties").filter(|_| flags);
                self.left_of_required(&at.key(&name), value, properties);
            } else if !settled {
                self.no_place(&at.key(&name));
            }
        }
        Ok(())
    }

    /// Names in the list of required properties that no flag says.
    fn left_of_required(&mut self, at: &At<'_>, list: &Json<'_>, properties: Option<&Json<'_>>) {
        let arena = Arena::new();
        let properties = properties.and_then(|p| read_back::<Map<'_, View<'_>>>(p.as_str(), &arena, at).ok());
        let properties = properties.unwrap_or_default();
        let is_known = |name: &str| properties.get(name).is_some_and(|p| p.extra.0.first().is_some_and(is_flag));
        match Tree::parse_text(list.as_str()).unwrap_or_default() {
            Tree::Arr(items) => {
                for (i, item) in items.items().iter().enumerate() {
                    let known = item.as_str().is_some_and(is_known);
                    if !known {
                        self.no_place(&at.index(i));
                    }
                }
            }
            Tree::Obj(members) => {
                for (name, _) in members.members() {
                    self.no_place(&at.key(name));
                }
            }
            _ => self.no_place(at),
        }
    }

    /// What is left of a property whose `mapped` members fields look at.
    pub fn left_of_property(&mut self, at: &At<'_>, view: &View<'_>, mapped: &[&str]) {
        let (flag, rest) = match &*view.extra.0 {
            [first, rest @ ..] if is_flag(first) => (true, rest),
            all => (false, all),
        };
        for (name, _) in rest {
            let name = name.text();
            // Behind the flag, a member of that name is the property's own.
            let settled = mapped.contains(&&*name) && !(flag && &*name == REQUIRED);
            if !settled {
                self.no_place(&at.key(&name));
            }
        }
    }
}
