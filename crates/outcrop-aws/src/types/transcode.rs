//! JSON text as serde sees it: any format can be written from it, and it can be made of any that tells its values.
//!
//! This is the way of generality, not of speed: those in a hurry use `to_json` and `from_json`.

use std::fmt;

use outcrop_runtime::Tree;
use outcrop_runtime::json::write;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeMap as _, SerializeSeq as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Document;

/// How `serde_json` tells numbers whose digits it keeps: an object with this one member.
const NUMBER: &str = "$serde_json::private::Number";

/// Writes the value of a JSON text.
pub(crate) fn serialize<S: Serializer>(json: &[u8], to: S) -> Result<S::Ok, S::Error> {
    Wire(&Tree::parse(json).map_err(S::Error::custom)?).serialize(to)
}

/// The JSON text of a value.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    let mut out = Vec::new();
    Text(&mut out).deserialize(from)?;
    Ok(out)
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Wire(&self.tree()).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::from_utf8(deserialize(from)?).map_err(D::Error::custom)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

/// A tree as serde sees it.
struct Wire<'t>(&'t Tree);

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Tree::Null => to.serialize_unit(),
            Tree::Bool(value) => to.serialize_bool(*value),
            Tree::Num(text) => number(text, to),
            Tree::Str(text) => to.serialize_str(text),
            list @ Tree::Arr(_) => {
                let items = list.as_list().unwrap_or_default();
                let mut seq = to.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| seq.serialize_element(&Wire(item)))?;
                seq.end()
            }
            Tree::Obj(object) => {
                let members = object.members();
                let mut map = to.serialize_map(Some(members.len()))?;
                members.iter().try_for_each(|(name, value)| map.serialize_entry(name, &Wire(value)))?;
                map.end()
            }
        }
    }
}

/// A number as the simplest type that is written with the same digits.
fn number<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    if let Some(n) = text.parse::<i64>().ok().filter(|n| n.to_string() == text) {
        return to.serialize_i64(n);
    }
    if let Some(n) = text.parse::<f64>().ok().filter(|n| format!("{n:?}") == text) {
        return to.serialize_f64(n);
    }
    text.parse::<serde_json::Number>().map_err(S::Error::custom)?.serialize(to)
}

/// Appends the JSON text of the value that is told.
struct Text<'o>(&'o mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Text<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON can say")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        write::raw(self.0, "null");
        Ok(())
    }
    fn visit_none<E>(self) -> Result<(), E> {
        write::raw(self.0, "null");
        Ok(())
    }
    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        write::raw(self.0, if value { "true" } else { "false" });
        Ok(())
    }
    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        write::int(self.0, value);
        Ok(())
    }
    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        write::raw(self.0, &value.to_string());
        Ok(())
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        if !value.is_finite() {
            return Err(E::custom("JSON has no number that is not finite; leave it out"));
        }
        write::raw(self.0, &format!("{value:?}"));
        Ok(())
    }
    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        write::string(self.0, value);
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.0.push(b'[');
        while seq.next_element_seed(Text(self.0))?.is_some() {
            self.0.push(b',');
        }
        close(self.0, b']');
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.push(b'{');
        while let Some(name) = map.next_key::<String>()? {
            if name == NUMBER {
                self.0.pop();
                let digits = map.next_value::<String>()?.parse::<serde_json::Number>().map_err(A::Error::custom)?;
                write::raw(self.0, &digits.to_string());
                return Ok(());
            }
            write::string(self.0, &name);
            self.0.push(b':');
            map.next_value_seed(Text(self.0))?;
            self.0.push(b',');
        }
        close(self.0, b'}');
        Ok(())
    }
}

/// Ends a list or an object, in which a comma follows every value so far.
fn close(out: &mut Vec<u8>, end: u8) {
    if out.last() == Some(&b',') {
        out.pop();
    }
    out.push(end);
}
